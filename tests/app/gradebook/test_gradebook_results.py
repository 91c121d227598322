"""Results of submissions: who sees them, what they say while they wait, and that feedback can do nothing."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.competencies.models import Evidence
from app.content.graded_cells import graded_cells
from app.content.releases import released
from app.core import clock, jobs
from app.core.audit import AuditEntry
from app.core.db import begin
from app.gradebook.models import CellGrade, Grade
from app.gradebook.problems import sentence
from app.gradebook.service import Grader, grade_submission
from app.gradebook.wording import said_by_test
from app.notebooks import service
from config import Settings
from grading import ProblemCode, WarmSandboxes
from tests.pages import Page

MODULE, LAB = "measure-to-manage", "grievances"
SignIn = Callable[..., FlaskClient]
GradeIt = Callable[[int], None]


@pytest.fixture
def source(app: Flask) -> bytes:
    return bytes(app.extensions["catalogue"].module(MODULE).activity(LAB).source)


@pytest.fixture
def hand_in(app: Flask, database: Engine, people: SimpleNamespace) -> Callable[[bytes], int]:
    """Submit these bytes as amina; the submission's id."""
    keys = iter(range(100))

    def submit(content: bytes) -> int:
        blobs = app.extensions["blobs"]
        with begin(database) as session:
            key = f"key-{next(keys)}"
            return service.submit(session, blobs, people.amina, MODULE, LAB, content, key=key).id

    return submit


@pytest.fixture
def grade(app: Flask, database: Engine, settings: Settings, warm_sandboxes: WarmSandboxes) -> GradeIt:
    def run(submission_id: int) -> None:
        catalogue, blobs = app.extensions["catalogue"], app.extensions["blobs"]
        grade_submission(database, Grader(blobs, catalogue, settings.lab_files_folder, warm_sandboxes), submission_id)

    return run


@pytest.mark.sandbox
def test_the_solution_earns_every_automatic_point_and_evidence_for_each_tested_cell(
    source: bytes,
    hand_in: Callable[[bytes], int],
    grade: GradeIt,
    database: Engine,
    sign_in: SignIn,
    people: SimpleNamespace,
) -> None:
    submission_id = hand_in(source)
    grade(submission_id)
    grade(submission_id)
    with begin(database, read_only=True) as session:
        found = session.scalars(select(Grade)).one()
        evidence = session.scalars(select(Evidence).where(Evidence.source == f"submission:{submission_id}")).all()
        entries = session.scalars(select(AuditEntry).where(AuditEntry.verb == "graded")).all()
        assert jobs.waiting(session) == []
    assert (found.status, found.points) == ("graded", 18.0)
    assert [entry.detail for entry in entries] == [{"grade": found.id}]
    assert {row.part for row in evidence} >= {"look-check", "chart-check"}
    assert "answer" not in {row.part for row in evidence}
    assert {row.outcome for row in evidence} == {1.0}
    assert len(entries) == 1
    page = sign_in(people.amina).get(f"/results/submissions/{submission_id}").text
    assert "1. Look and count" in page
    assert "waits for your instructor" in page
    assert "hx-trigger" not in page


@pytest.mark.sandbox
def test_the_untouched_original_earns_nothing_and_is_told_that_its_tests_could_not_run(
    source: bytes,
    hand_in: Callable[[bytes], int],
    grade: GradeIt,
    database: Engine,
    sign_in: SignIn,
    people: SimpleNamespace,
) -> None:
    submission_id = hand_in(released(source))
    grade(submission_id)
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Grade)).one().points == 0
    page = sign_in(people.amina).get(f"/results/submissions/{submission_id}").text
    # The chart's test finds an empty drawing area, so that one does run.
    assert page.count("The test could not run") == 7
    assert page.count("The answer is not right yet.") == 1
    assert page.count("nothing was written") == 1


@pytest.mark.sandbox
def test_a_wrong_answer_is_told_from_a_test_that_could_not_run(
    source: bytes, hand_in: Callable[[bytes], int], grade: GradeIt, sign_in: SignIn, people: SimpleNamespace
) -> None:
    wrong = source.replace(b"row_count = len(complaints)", b"row_count = len(complaints) - 1")
    submission_id = hand_in(wrong)
    grade(submission_id)
    page = sign_in(people.amina).get(f"/results/submissions/{submission_id}").text
    assert page.count("The answer is not right yet.") == 1
    assert "The test could not run" not in page
    # A hidden test says nothing, and the name of Python's exception is nothing to a trainee.
    assert "AssertionError" not in page


@pytest.mark.sandbox
def test_a_test_that_ran_and_printed_a_warning_is_told_from_one_that_could_not_run(
    source: bytes, hand_in: Callable[[bytes], int], grade: GradeIt, sign_in: SignIn, people: SimpleNamespace
) -> None:
    warns = (
        r"import warnings\nclass Old(int):\n    def __gt__(self, other):\n        warnings.warn('old style')\n"
        r"        return int(self) > other\nrow_count = Old(len(complaints))"
    )
    changed = source.replace(b"row_count = len(complaints)", warns.encode())
    assert changed != source
    submission_id = hand_in(changed)
    grade(submission_id)
    client = sign_in(people.amina)
    page = Page(client.get(f"/results/submissions/{submission_id}").text).text
    assert "printed a warning; by nbgrader’s rule that takes its points" in page
    assert "warnings.warn('old style')" in page
    assert "stderr" not in page
    assert "The test could not run" not in page
    client.post("/language", data={"language": "ur"})
    assert "تنبیہ" in client.get(f"/results/submissions/{submission_id}").text


@pytest.mark.sandbox
def test_what_a_test_says_is_read_in_the_readers_language(
    source: bytes, hand_in: Callable[[bytes], int], grade: GradeIt, sign_in: SignIn, people: SimpleNamespace
) -> None:
    wrong = source.replace(b'open_count = (complaints[\\"status\\"] == \\"open\\").sum()', b"open_count = 0")
    assert wrong != source
    submission_id = hand_in(wrong)
    grade(submission_id)
    client = sign_in(people.amina)
    english, urdu = "open_count counts only the open complaints.", "open_count میں صرف کھلی شکایات گنیں۔"
    page = client.get(f"/results/submissions/{submission_id}").text
    assert (english in page, urdu in page) == (True, False)
    client.post("/language", data={"language": "ur"})
    page = client.get(f"/results/submissions/{submission_id}").text
    assert (english in page, urdu in page) == (False, True)


def test_a_part_of_the_points_is_not_called_a_failure(
    answered: Callable[..., str], sign_in: SignIn, people: SimpleNamespace, database: Engine
) -> None:
    answered(people.amina)
    with begin(database) as session:
        session.scalars(select(CellGrade).where(CellGrade.cell == "look-check")).one().score = 1.5
    page = sign_in(people.amina).get("/results/submissions/1").text
    assert "passed in part" in page
    assert "not right" not in page


@pytest.mark.parametrize(
    ("message", "english", "urdu"),
    [
        (
            "NameError: name 'row_count' is not defined",
            'does not know <code dir="ltr">row_count</code> yet',
            'پائتھن ابھی <code dir="ltr">row_count</code> کو نہیں جانتی',
        ),
        (
            "ValueError: could not convert string to float: '<b>'",
            'The text <code dir="ltr">&#39;&lt;b&gt;&#39;</code> is no number',
            '<code dir="ltr">errors=&#34;coerce&#34;</code>',
        ),
        ("ZeroDivisionError: division by zero", "Something is divided by zero", "صفر سے تقسیم"),
    ],
)
def test_why_a_test_could_not_run_is_said_in_the_readers_language(
    answered: Callable[..., str],
    sign_in: SignIn,
    people: SimpleNamespace,
    database: Engine,
    message: str,
    english: str,
    urdu: str,
) -> None:
    answered(people.amina)
    fail_first_test(database, message)
    client = sign_in(people.amina)
    page = client.get("/results/submissions/1").text
    assert "The test could not run" in page
    assert english in page
    client.post("/language", data={"language": "ur"})
    assert urdu in client.get("/results/submissions/1").text


@pytest.mark.parametrize("message", ["KeyError: 'district'", "NobodysError: what is this", "Timeout"])
def test_nothing_is_made_up_where_the_message_alone_does_not_tell(
    answered: Callable[..., str], sign_in: SignIn, people: SimpleNamespace, database: Engine, message: str
) -> None:
    answered(people.amina)
    fail_first_test(database, message)
    page = sign_in(people.amina).get("/results/submissions/1").text
    assert "The test could not run" in page
    assert '<span class="cell-meaning"></span>' in page


def fail_first_test(database: Engine, message: str) -> None:
    with begin(database) as session:
        cell = session.scalars(select(CellGrade).where(CellGrade.cell == "look-check")).one()
        cell.score, cell.message = 0, message


@pytest.mark.parametrize(
    ("message", "english", "urdu"),
    [
        ("AssertionError: Count rows. | سطریں گنیں۔", "Count rows.", "سطریں گنیں۔"),
        ("AssertionError: سطریں گنیں۔ | Count rows.", "Count rows.", "سطریں گنیں۔"),
        ("AssertionError: a | b", "a | b", "a | b"),
        ("AssertionError: a | b | گنیں", "a | b | گنیں", "a | b | گنیں"),
        ("AssertionError", "", ""),
        ("", "", ""),
    ],
)
def test_only_a_text_in_both_languages_is_parted(message: str, english: str, urdu: str) -> None:
    assert (said_by_test(message, "en"), said_by_test(message, "ur")) == (english, urdu)


@pytest.mark.sandbox
def test_feedback_is_shown_where_it_can_neither_act_nor_load(
    source: bytes, hand_in: Callable[[bytes], int], grade: GradeIt, sign_in: SignIn, people: SimpleNamespace
) -> None:
    submission_id = hand_in(source)
    grade(submission_id)
    answer = sign_in(people.amina).get(f"/results/submissions/{submission_id}/feedback")
    directives = [part.strip() for part in answer.headers["Content-Security-Policy"].split(";")]
    assert "default-src 'none'" in directives
    [font] = [part.removeprefix("font-src ") for part in directives if part.startswith("font-src ")]
    assert font == "http://localhost/static/vendor/fonts/noto-naskh-arabic-arabic-400-normal.woff2"
    assert "sandbox" in directives
    assert not any(part.startswith("script-src") for part in directives)
    assert "<script" not in answer.text
    # The page around it tells the points: with marks and lateness, and in the reader's language.
    assert "duplicated" in answer.text
    assert "Score" not in answer.text


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("broken", "english", "urdu"),
    [
        ("rowcount", "does not know <code", "پائتھن ابھی"),
        ("complaints['<b>']", "no column or row called <code", "نام کا"),
        ("next(iter([]))", "Python stopped with <code", "رک گئی"),
        ("f'{complaints['sex']}'", "In a text with <code", "جس متن سے پہلے"),
    ],
)
def test_under_each_error_of_the_feedback_stands_what_it_means_in_the_readers_language(
    source: bytes,
    hand_in: Callable[[bytes], int],
    grade: GradeIt,
    sign_in: SignIn,
    people: SimpleNamespace,
    broken: str,
    english: str,
    urdu: str,
) -> None:
    wrong = source.replace(b"row_count = len(complaints)", f"row_count = {broken}".encode())
    assert wrong != source
    submission_id = hand_in(wrong)
    grade(submission_id)
    client, address = sign_in(people.amina), f"/results/submissions/{submission_id}/feedback"
    page = client.get(address).text
    assert english in page
    assert '<p class="meaning" lang="en" dir="ltr">' in page
    client.post("/language", data={"language": "ur"})
    page = client.get(address).text
    assert urdu in page
    assert english not in page
    assert '<p class="meaning" lang="ur" dir="rtl">' in page


def test_a_notebook_that_cannot_be_graded_says_why_and_gives_no_evidence(
    hand_in: Callable[[bytes], int], grade: GradeIt, sign_in: SignIn, people: SimpleNamespace, database: Engine
) -> None:
    submission_id = hand_in(b'{"nbformat": 4, "cells": 7}')
    grade(submission_id)
    page = sign_in(people.amina).get(f"/results/submissions/{submission_id}").text
    assert "This file is not a notebook" in page
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Evidence)).all() == []


@pytest.mark.parametrize(
    ("status", "terms", "why"),
    [
        ("refused", {"attempts": 1}, "You have used all 1 attempts of this lab"),
        ("stopped", {"due_at": clock.now() - timedelta(days=1)}, "Nothing has been taken in this lab since"),
    ],
    ids=["no attempt left", "too late"],
)
def test_only_where_another_attempt_is_taken_is_one_offered(
    answered: Callable[..., str],
    give_terms: Callable[..., None],
    sign_in: SignIn,
    people: SimpleNamespace,
    status: str,
    terms: dict[str, object],
    why: str,
) -> None:
    answered(people.amina, status=status)
    amina, bilal = sign_in(people.amina), sign_in(people.bilal)
    assert "You may submit again." in amina.get("/results/submissions/1").text
    assert "You may submit again." not in bilal.get("/results/submissions/1").text
    give_terms(**terms)
    page = amina.get("/results/submissions/1").text
    assert "You may submit again." not in page
    assert why in page


def test_a_submission_is_seen_by_its_owner_and_those_who_teach_there_alone(
    hand_in: Callable[[bytes], int], sign_in: SignIn, people: SimpleNamespace
) -> None:
    address = f"/results/submissions/{hand_in(b'{}')}"
    codes = {
        name: sign_in(getattr(people, name)).get(address).status_code
        for name in ("amina", "bushra", "bilal", "farid", "zara", "zahid")
    }
    assert codes == {"amina": 200, "bushra": 404, "bilal": 200, "farid": 403, "zara": 404, "zahid": 404}


def test_a_waiting_submission_tells_its_place_and_asks_again_only_for_news(
    hand_in: Callable[[bytes], int], sign_in: SignIn, people: SimpleNamespace, database: Engine
) -> None:
    hand_in(b"{}")
    status = f"/results/submissions/{hand_in(b'[]')}/status"
    client = sign_in(people.amina)
    page = client.get(status.removesuffix("/status")).text
    assert "submissions before it: 1" in page
    assert "No grading is running" in page
    assert f'hx-get="{status}?shown=1-at-rest"' in page
    assert client.get(f"{status}?shown=1-at-rest").status_code == 204
    assert "submissions before it: 1" in client.get(f"{status}?shown=2").text
    with begin(database) as session:
        jobs.report_worker(session, "server:12", started_at=clock.now())
    news = client.get(f"{status}?shown=1-at-rest").text
    assert "submissions before it: 1" in news
    assert "No grading is running" not in news
    assert client.get(f"{status}?shown=1").status_code == 204


def test_a_submission_set_aside_says_so_and_stops_asking(
    hand_in: Callable[[bytes], int], sign_in: SignIn, people: SimpleNamespace, database: Engine
) -> None:
    submission_id = hand_in(b"{}")
    with begin(database) as session:
        (job,) = jobs.waiting(session)
        jobs.give_up(session, job.id, "no disk")
    client = sign_in(people.amina)
    for address in (f"/results/submissions/{submission_id}", f"/results/submissions/{submission_id}/status?shown=0"):
        page = client.get(address).text
        assert "set aside for a person" in page
        assert "hx-trigger" not in page
        assert "no disk" not in page
    page = sign_in(people.bilal).get(f"/results/submissions/{submission_id}").text
    assert "an administrator of the academy has it tried again" in page
    assert "no disk" in page


def test_my_results_lists_my_submissions_alone(
    hand_in: Callable[[bytes], int], sign_in: SignIn, people: SimpleNamespace
) -> None:
    submission_id = hand_in(b"{}")
    link = f"/results/submissions/{submission_id}"
    assert link in sign_in(people.amina).get("/results").text
    assert link not in sign_in(people.bushra).get("/results").text


@pytest.mark.parametrize("code", list(ProblemCode))
def test_every_problem_of_the_grader_has_a_sentence(app: Flask, code: ProblemCode) -> None:
    values = {"title": "Mean", "cell": "mean", "seconds": 30.0, "limit_bytes": 2**20}
    with app.test_request_context():
        text = sentence({"code": code.value, "values": values})
    assert text.endswith(".")
    assert "%(" not in text


def test_the_notebook_of_a_held_submission_is_for_those_who_decide_on_it(
    source: bytes,
    hand_in: Callable[[bytes], int],
    grade: GradeIt,
    sign_in: SignIn,
    people: SimpleNamespace,
) -> None:
    forgery = b"import builtins\\nbuiltins.AssertionError = type('Quiet', (Warning,), {})"
    forged = source.replace(b"row_count = len(complaints)", forgery)
    assert forged != source
    submission_id = hand_in(forged)
    grade(submission_id)
    amina, bilal = sign_in(people.amina), sign_in(people.bilal)
    assert "A person will look at your notebook" in amina.get(f"/results/submissions/{submission_id}").text
    assert "feedback-frame" not in amina.get(f"/results/submissions/{submission_id}").text
    assert amina.get(f"/results/submissions/{submission_id}/feedback").status_code == 404
    assert "feedback-frame" in bilal.get(f"/marking/submission/{submission_id}/look-check").text
    assert "Quiet" in bilal.get(f"/results/submissions/{submission_id}/feedback").text
    with zipfile.ZipFile(io.BytesIO(amina.post("/account/data.zip").data)) as archive:
        assert [name for name in archive.namelist() if name.startswith("feedback/")] == []


def test_a_test_that_gives_no_score_waits_for_a_person_as_its_page_says(
    source: bytes,
    change_lab: Callable[..., None],
    hand_in: Callable[[bytes], int],
    grade: GradeIt,
    sign_in: SignIn,
    people: SimpleNamespace,
) -> None:
    document = json.loads(source)
    test = next(cell for cell in document["cells"] if cell["id"] == "look-check")
    test["source"] = "sum([row_count > 0]) * points"
    answer = next(cell for cell in document["cells"] if cell["id"] == "look")
    answer["source"] = [*answer["source"], "\npoints = 99"]
    changed = json.dumps(document).encode()
    change_lab(source=changed, graded_cells=graded_cells(changed))
    submission_id = hand_in(changed)
    grade(submission_id)
    amina, bilal = sign_in(people.amina), sign_in(people.bilal)
    page = Page(amina.get(f"/results/submissions/{submission_id}").text).text
    assert "gave something that is no score of it. A person will look at your notebook" in page
    assert f"/marking/submission/{submission_id}/look-check" in bilal.get("/marking").text
    assert "gave something that is no score of it" in bilal.get(f"/marking/submission/{submission_id}/look-check").text


def test_how_points_came_about_is_told_with_who_when_and_why(
    answered: Callable[..., str], sign_in: SignIn, people: SimpleNamespace
) -> None:
    answered(people.amina)
    amina, bilal = sign_in(people.amina), sign_in(people.bilal)
    assert "How these points came about" not in amina.get("/results/submissions/1").text
    amina.post("/results/submissions/1/look-check/regrade", data={"reason": "I counted every row."})
    for number, (points, comment) in enumerate([("1", "Two rows are missing."), ("2", "You were right.")]):
        given = {"points": points, "comment": comment, "seen": str(number)}
        assert bilal.post("/marking/submission/1/look-check", data=given).status_code == 303
    page = amina.get("/results/submissions/1").text
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>|[\u2068\u2069]", " ", page.partition("How these points came about")[2]))
    wanted = [
        "Points from the tests: 2.",
        "A re-grade of “1. Look and count (2 points)” was asked for: I counted every row.",
        "Bilal marked “1. Look and count (2 points)”. Points: 1. Two rows are missing.",
        "Bilal marked “1. Look and count (2 points)”. Points: 2. You were right.",
    ]
    places = [told.index(each) for each in wanted]
    assert places == sorted(places)
    marking = bilal.get("/marking/submission/1/look-check").text
    assert "Former marks" in marking
    assert "Two rows are missing." in marking
