"""Only a source whose check passed, of exactly these bytes, is given out; trainees then get it and are graded by it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account, Cohort
from app.authoring.checking import check_lab
from app.authoring.models import LabCheck
from app.content.publications import LabPublication
from app.core import jobs
from app.core.audit import AuditEntry
from app.core.db import begin
from app.gradebook.models import Grade
from tests.app.authoring.conftest import DESK, SOLUTION, TESTS, saved, small
from tests.app.conftest import LAB, MODULE, STAYS_IN_LOG
from tests.pages import Page

TRAINEE_LAB = f"/notebooks/{MODULE}/{LAB}"
REASON = {"reason": "A clearer question."}
LONG_TEXT = (
    "Officials of a district read what its citizens have to say, and count how many of those who waited for an answer "
    "got one in time; what such a count leaves out is whoever never wrote, because nobody in the village could write."
)
SignIn = Callable[[Account], FlaskClient]
Check = Callable[[bytes], str]
Publish = Callable[[bytes], None]

pytestmark = pytest.mark.sandbox


def given_out(client: FlaskClient) -> str:
    return client.get(f"{TRAINEE_LAB}/notebook.ipynb").text


def hand_in(client: FlaskClient, answer: str, *, key: str = "one") -> None:
    """Answer the small lab and submit it."""
    work = client.get(f"{TRAINEE_LAB}/notebook.ipynb").json
    work["cells"][1]["source"] = answer
    client.post(f"{TRAINEE_LAB}/draft", data=json.dumps(work).encode())
    assert client.post(f"{TRAINEE_LAB}/submit", data={"key": key, "saved": "yes"}).status_code == 303


def grades(database: Engine) -> list[tuple[float, float]]:
    with begin(database, read_only=True) as session:
        return [(row.points, row.max_points) for row in session.scalars(select(Grade).order_by(Grade.id))]


def test_a_version_that_passed_is_published_and_graded_by(
    author: FlaskClient,
    check: Check,
    work_off: Callable[[], None],
    database: Engine,
    people: SimpleNamespace,
    sign_in: SignIn,
    cohort: Cohort,
) -> None:
    amina = sign_in(people.amina)
    assert "A small lab" not in given_out(amina)
    address = check(small())
    page = Page(author.get(address).text).text
    assert "Passed: the solution gets full marks and the untouched release none." in page
    assert STAYS_IN_LOG in page
    assert "A small lab" not in given_out(amina)
    assert author.post(f"{address}/publish", data={"reason": " "}).status_code == 422
    assert author.post(f"{address}/publish", data=REASON).location == f"{DESK}/versions"
    assert "A clearer question." in author.get(f"{DESK}/versions").text
    given = given_out(amina)
    assert "A small lab" in given
    assert "two = 2" not in given
    assert "assert two == 2" not in given
    hand_in(amina, "two = 2")
    hand_in(amina, "two = 1", key="two")
    work_off()
    assert grades(database) == [(3, 3), (0, 3)]
    with begin(database, read_only=True) as session:
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.verb == "lab_published"))
        assert (entry.actor_id, entry.detail["reason"]) == (people.bilal.id, "A clearer question.")
    assert author.get(f"/cohorts/{cohort.id}/labs/{LAB}").status_code == 200


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (small(solution=SOLUTION.replace("two = 2", "two = 1")), "Your own solution does not pass these tests."),
        (
            small(solution=SOLUTION.replace("two = 2", "two = 1"), points=0),
            "Your own solution does not pass these tests.",
        ),
        (small(tests="assert 1 < 3"), "The release earns points before anybody wrote an answer."),
        (small(solution=SOLUTION.replace("two = 2", "import os; os._exit(1)")), "Python ended while it ran"),
    ],
    ids=["solution", "solution of what is worth nothing", "release", "stopped"],
)
def test_what_did_not_pass_says_what_to_do_and_is_not_published(
    author: FlaskClient, check: Check, people: SimpleNamespace, sign_in: SignIn, content: bytes, words: str
) -> None:
    address = check(content)
    page = Page(author.get(address).text)
    assert "Not passed, so this version cannot be published." in page.text
    assert words in page.text
    assert not [form for form in page.forms if form["action"].endswith("/publish")]
    refused = author.post(f"{address}/publish", data=REASON)
    assert refused.status_code == 409
    assert "Only a version that passed its check can be published." in refused.text
    assert "A small lab" not in given_out(sign_in(people.amina))


def test_a_check_of_other_bytes_does_not_count(
    author: FlaskClient, check: Check, people: SimpleNamespace, sign_in: SignIn
) -> None:
    address = check(small())
    saved(author, small(points=9))
    assert "The lab was changed since this check" in author.get(address).text
    refused = author.post(f"{address}/publish", data=REASON)
    assert refused.status_code == 409
    assert "A small lab" not in given_out(sign_in(people.amina))


def test_a_check_that_is_not_done_publishes_nothing_and_one_that_could_not_run_says_so(
    author: FlaskClient, database: Engine, people: SimpleNamespace, sign_in: SignIn
) -> None:
    version = saved(author, small()).json["version"]
    stale = author.post(f"{DESK}/check", data={"version": "0"})
    assert stale.status_code == 409
    address = author.post(f"{DESK}/check", data={"version": version}).location
    assert author.post(f"{DESK}/check", data={"version": version}).location == address
    assert "This page shows by itself" in author.get(address).text
    assert author.get(f"{address}/status").status_code == 204
    assert author.post(f"{address}/publish", data=REASON).status_code == 409
    with begin(database) as session:
        [job] = jobs.waiting(session)
        jobs.give_up(session, job.id, "no sandbox")
    assert "it waits for an administrator" in author.get(f"{address}/status").text
    assert "Check a lab before it is published" in sign_in(people.farid).get("/administration/queue").text


def test_the_data_or_a_rubric_that_changed_since_needs_a_new_check(
    author: FlaskClient, check: Check, change_lab: Callable[..., None], app: Flask
) -> None:
    address = check(small())
    digests = app.extensions["catalogue"].module(MODULE).activity(LAB).data_sha256
    change_lab(data_sha256=dict(digests) | {"complaints.csv": "0" * 64})
    assert author.post(f"{address}/publish", data=REASON).status_code == 409
    assert "was changed since this check" in author.get(address).text


def test_a_check_counts_for_its_academy_only(
    author: FlaskClient, check: Check, publish: Publish, people: SimpleNamespace, sign_in: SignIn
) -> None:
    publish(small())
    assert "A small lab" in given_out(sign_in(people.amina))
    assert "A small lab" not in given_out(sign_in(people.zara))


def test_who_has_begun_is_told_and_moves_and_results_are_graded_anew_with_a_preview(
    author: FlaskClient,
    publish: Publish,
    work_off: Callable[[], None],
    people: SimpleNamespace,
    sign_in: SignIn,
    database: Engine,
    cohort: Cohort,
) -> None:
    publish(small())
    amina = sign_in(people.amina)
    hand_in(amina, "two = 2")
    work_off()
    publish(small(points=5))
    assert "was changed since you began" in amina.get(TRAINEE_LAB).text
    assert amina.post(f"{TRAINEE_LAB}/renew").status_code == 303
    assert "was changed since you began" not in amina.get(TRAINEE_LAB).text
    assert "two = 2" in given_out(amina)
    page = author.get(f"/cohorts/{cohort.id}/labs/{LAB}").text
    assert "The lab has changed" in page
    assert grades(database) == [(3, 3)]
    assert author.post(f"/cohorts/{cohort.id}/labs/{LAB}/regrade", data=REASON).status_code == 303


def test_what_was_handed_in_before_is_graded_by_the_version_of_then(
    author: FlaskClient,
    publish: Publish,
    check: Check,
    work_off: Callable[[], None],
    people: SimpleNamespace,
    sign_in: SignIn,
    database: Engine,
) -> None:
    publish(small())
    later = check(small(points=5))
    hand_in(sign_in(people.amina), "two = 2")
    assert author.post(f"{later}/publish", data=REASON).status_code == 303
    hand_in(sign_in(people.bushra), "two = 2")
    work_off()
    assert grades(database) == [(3, 3), (5, 5)]


def test_the_text_of_a_former_version_is_no_sign_of_copying_in_a_file_without_a_draft(
    publish: Publish, work_off: Callable[[], None], people: SimpleNamespace, sign_in: SignIn, cohort: Cohort
) -> None:
    """Two hand in the file as they downloaded it, of the version before, and of the content pack's."""
    of_pack = given_out(sign_in(people.amina)).encode()
    publish(small().replace(b"# A small lab", b"# A small lab " + LONG_TEXT.encode()))
    former = given_out(sign_in(people.amina)).encode()
    publish(small())
    page = f"/cohorts/{cohort.id}/labs/{LAB}/alike"
    for key, file in (("one", former), ("two", of_pack)):
        for person in (people.amina, people.bushra):
            sent = {"key": key, "notebook": (io.BytesIO(file), "lab.ipynb")}
            assert sign_in(person).post(f"{TRAINEE_LAB}/submit", data=sent).status_code == 303
        work_off()
        assert "No two submissions share more than the task asks for." in sign_in(people.bilal).get(page).text


def test_a_file_of_an_older_version_without_a_draft_is_graded_where_a_cell_had_another_role(
    app: Flask,
    publish: Publish,
    work_off: Callable[[], None],
    people: SimpleNamespace,
    sign_in: SignIn,
    database: Engine,
) -> None:
    """One handed in the version before, one the lab as its content pack has it."""

    def with_marked(content: bytes, grade_id: str) -> bytes:
        """The notebook, of which a person marks this answer now."""
        changed = json.loads(content)
        skills = next((each["metadata"]["hunar"] for each in changed["cells"] if "hunar" in each["metadata"]), {})
        for cell in changed["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
                cell["metadata"]["nbgrader"].update(grade=True, points=2)
                cell["metadata"]["hunar"] = skills
        return json.dumps(changed).encode()

    amina, bushra = sign_in(people.amina), sign_in(people.bushra)
    lab = app.extensions["catalogue"].find_lab(MODULE, LAB)
    answer = next(
        said["grade_id"]
        for said in (cell["metadata"].get("nbgrader", {}) for cell in json.loads(lab.source)["cells"])
        if said.get("solution") and not said.get("grade")
    )
    of_pack = given_out(bushra).encode()
    publish(with_marked(lab.source, answer))
    sent = {"key": "one", "notebook": (io.BytesIO(of_pack), "lab.ipynb")}
    assert bushra.post(f"{TRAINEE_LAB}/submit", data=sent).status_code == 303
    work_off()
    publish(small())
    former = given_out(amina).encode()
    publish(with_marked(small(), "two"))
    sent = {"key": "one", "notebook": (io.BytesIO(former), "lab.ipynb")}
    assert amina.post(f"{TRAINEE_LAB}/submit", data=sent).status_code == 303
    work_off()
    with begin(database, read_only=True) as session:
        assert [row.status for row in session.scalars(select(Grade))] == ["graded", "graded"]


def test_an_earlier_version_is_published_again(
    author: FlaskClient, publish: Publish, work_off: Callable[[], None], people: SimpleNamespace, sign_in: SignIn
) -> None:
    publish(small())
    publish(small(tests=TESTS + "\n# newer"))
    amina = sign_in(people.amina)
    assert "# newer" in given_out(amina)
    address = author.post(f"{DESK}/versions/1/check").location
    work_off()
    assert author.post(f"{address}/publish", data=REASON).status_code == 303
    assert "# newer" not in given_out(amina)
    again = author.post(f"{address}/publish", data=REASON)
    assert "This is what trainees get already" in again.text
    assert "Version 3" in author.get(f"{DESK}/versions").text
    assert "# newer" in author.get(f"{DESK}/versions/2").text


@pytest.mark.on_postgresql
def test_a_job_that_comes_twice_is_one_check_and_versions_are_numbered(
    author: FlaskClient, check: Check, database: Engine, grader: Any
) -> None:
    address = check(small())
    check_lab(database, grader, int(address.rsplit("/", 1)[1]))
    assert author.post(f"{address}/publish", data=REASON).status_code == 303
    second = check(small(points=5))
    assert author.post(f"{second}/publish", data=REASON).status_code == 303
    with begin(database, read_only=True) as session:
        assert [row.is_sound for row in session.scalars(select(LabCheck))] == [True, True]
        assert [row.number for row in session.scalars(select(LabPublication))] == [1, 2]
        checked = session.scalars(select(AuditEntry).where(AuditEntry.verb == "lab_checked")).all()
    assert len(checked) == 2
