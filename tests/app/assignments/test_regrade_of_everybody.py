"""Tests or a rubric change: everybody is graded anew, looked at first, then applied or dropped; nothing is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

import grading
from app.accounts.models import Account, Cohort
from app.competencies.models import Evidence, SchemeReliability
from app.content.graded_cells import graded_cells
from app.content.schemas import Rubric, RubricLevel
from app.core import audit
from app.core.audit import AuditEntry
from app.core.db import begin
from app.core.jobs import Job, JobKind
from app.gradebook.models import CellMark, Grade, RegradeItem
from app.gradebook.regrades import regrade_submission
from app.gradebook.service import Grader, grade_submission
from app.notebooks import service
from app.worker import Workshop
from config import Settings
from tests.app.conftest import LAB, MODULE, STAYS_IN_LOG, by_rubric
from tests.pages import Page

SignIn = Callable[[Account], FlaskClient]
REASON = {"reason": "The first test asked for the wrong number of rows."}

pytestmark = [pytest.mark.sandbox, pytest.mark.on_postgresql]


@pytest.fixture
def grader(app: Flask, settings: Settings, warm_sandboxes: grading.WarmSandboxes) -> Callable[[], Grader]:
    """As a worker that was started now: it knows the lab as it is."""
    return lambda: Grader(
        app.extensions["blobs"], app.extensions["catalogue"], settings.lab_files_folder, warm_sandboxes
    )


@pytest.fixture
def graded(database: Engine, app: Flask, source: bytes, grader: Callable[[], Grader]) -> Callable[[Account], int]:
    """The author's notebook handed in by somebody and graded; the number of the submission."""

    def hand_in(trainee: Account) -> int:
        with begin(database) as session:
            blobs = app.extensions["blobs"]
            number = service.submit(session, blobs, trainee, MODULE, LAB, source, key=trainee.username).id
        grade_submission(database, grader(), number)
        return number

    return hand_in


@pytest.fixture
def grade_anew(database: Engine, grader: Callable[[], Grader]) -> Callable[[], None]:
    def run() -> None:
        with begin(database, read_only=True) as session:
            items = list(session.scalars(select(RegradeItem.id)))
        for item in items * 2:
            regrade_submission(database, grader(), item)

    return run


@pytest.fixture
def lab_page(cohort: Cohort) -> str:
    return f"/cohorts/{cohort.id}/labs/{LAB}"


@pytest.fixture
def hall(
    people: SimpleNamespace,
    sign_in: SignIn,
    graded: Callable[[Account], int],
    grade_anew: Callable[[], None],
    change_lab: Callable[..., None],
    lab_page: str,
) -> SimpleNamespace:
    """Where every story plays: amina's graded submission, bilal at the page of the lab, and what changes the lab."""
    graded(people.amina)
    bilal = sign_in(people.bilal)

    def propose() -> str:
        return bilal.post(f"{lab_page}/regrade", data=REASON).location

    return SimpleNamespace(
        bilal=bilal, page=lab_page, propose=propose, graded=graded, grade_anew=grade_anew, change_lab=change_lab
    )


@pytest.fixture
def milder(app: Flask) -> Rubric:
    """The rubric of the answer, with more points for the middle level of its last row."""
    *others, last = app.extensions["catalogue"].module(MODULE).activity(LAB).rubrics["answer"]
    none, vague, clear = last.levels
    return (*others, last.model_copy(update={"levels": (none, vague.model_copy(update={"points": 0.75}), clear)}))


@pytest.fixture
def renamed(app: Flask) -> Rubric:
    """The same rubric, whose last row has another best level."""
    *others, last = app.extensions["catalogue"].module(MODULE).activity(LAB).rubrics["answer"]
    none, vague, clear = last.levels
    return (*others, last.model_copy(update={"levels": (none, vague, clear.model_copy(update={"id": "certain"}))}))


def harder(source: bytes) -> bytes:
    """The lab whose first test wants one row fewer, so that the right answer fails it."""
    return source.replace(b"assert row_count == len(fresh), (", b"assert row_count == len(fresh) - 1, (")


def statuses(database: Engine) -> list[tuple[int, bool, float]]:
    with begin(database, read_only=True) as session:
        return [(row.number, row.is_current, row.points) for row in session.scalars(select(Grade).order_by(Grade.id))]


def test_a_changed_test_is_previewed_then_applied_and_the_former_grade_is_kept(
    people: SimpleNamespace,
    sign_in: SignIn,
    hall: SimpleNamespace,
    database: Engine,
    source: bytes,
) -> None:
    bilal, amina = hall.bilal, sign_in(people.amina)
    bilal.post("/marking/submission/1/answer", data=by_rubric(4, comment="All is there."))
    assert "The lab has changed" not in bilal.get(hall.page).text
    hall.change_lab(source=harder(source))
    page = bilal.get(hall.page).text
    assert "1 submission of your academy was graded by an older version" in page
    assert STAYS_IN_LOG in page
    assert "Say what was changed and why" in bilal.post(f"{hall.page}/regrade", data={"reason": ""}).text
    address = hall.propose()
    assert address == hall.propose()
    waiting = bilal.get(address).text
    assert "0 of 1 submissions are graded anew" in waiting
    assert "/apply" not in waiting
    assert bilal.post(f"{address}/apply").status_code == 409
    hall.grade_anew()
    preview = bilal.get(address).text
    assert "Amina" in preview
    assert "22 of 22 points" in preview
    assert "20 of 22 points" in preview
    assert "22 of 22 points" in amina.get("/results/submissions/1").text
    assert statuses(database) == [(1, True, 18.0), (2, False, 16.0)]
    assert bilal.post(f"{address}/apply").status_code == 303
    assert bilal.post(f"{address}/apply").status_code == 409
    assert bilal.post(f"{address}/drop").status_code == 409
    shown = amina.get("/results/submissions/1").text
    assert "20 of 22 points" in shown
    assert "All is there." in shown
    assert REASON["reason"] in shown
    assert "How these points came about" in shown
    assert "Applied by Bilal:" in shown
    assert statuses(database) == [(1, False, 18.0), (2, True, 16.0)]
    assert "The lab has changed" not in bilal.get(hall.page).text
    with begin(database, read_only=True) as session:
        look = session.scalars(select(Evidence).where(Evidence.part == "look-check").order_by(Evidence.id)).all()
        assert [(row.outcome, row.superseded_at is None) for row in look] == [(1.0, False), (0.0, True)]
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "regraded")).one()
        assert entry.detail == {"regrade": 1, "from": "grade:1", "to": "grade:2", "cells": ["look-check"]}
        assert entry.actor_id == people.bilal.id
        jobs = session.scalars(select(Job).where(Job.kind == JobKind.REGRADE_SUBMISSION)).all()
        assert [job.finished_at is not None for job in jobs] == [True]
        assert audit.verify(session).broken_id is None


def test_a_changed_rubric_moves_the_points_of_its_levels_and_a_missing_level_waits_again(
    people: SimpleNamespace,
    sign_in: SignIn,
    hall: SimpleNamespace,
    database: Engine,
    milder: Rubric,
    renamed: Rubric,
) -> None:
    hall.graded(people.bushra)
    bilal = hall.bilal
    bilal.post("/marking/submission/1/answer", data=by_rubric(3.5))
    bilal.post("/marking/submission/2/answer", data=by_rubric(4))
    hall.change_lab(rubrics={"answer": milder})
    address = hall.propose()
    hall.grade_anew()
    preview = bilal.get(address).text
    assert "the points of 1 change" in preview
    assert "21.75 of 22 points" in preview
    bilal.post(f"{address}/apply")
    assert "21.75 of 22 points" in sign_in(people.amina).get("/results/submissions/1").text
    hall.change_lab(rubrics={"answer": renamed})
    second = hall.propose()
    hall.grade_anew()
    assert "waits for a mark" in bilal.get(second).text
    bilal.post(f"{second}/apply")
    assert "18 of 22 points so far" in bilal.get("/results/submissions/2").text
    assert "the cell or its rubric changed since" in bilal.get("/marking/submission/2/answer").text
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(CellMark).order_by(CellMark.submission_id, CellMark.number))
        assert [(row.submission_id, row.points) for row in rows] == [(1, 3.5), (1, 3.75), (1, 3.5), (2, 4.0), (2, None)]


@pytest.mark.parametrize("falls", [False, True])
def test_a_request_goes_on_waiting_when_a_regrade_moves_the_mark_or_has_it_fall(
    people: SimpleNamespace, sign_in: SignIn, hall: SimpleNamespace, milder: Rubric, renamed: Rubric, falls: bool
) -> None:
    bilal, amina, answer = hall.bilal, sign_in(people.amina), "/marking/submission/1/answer"
    bilal.post(answer, data=by_rubric(4 if falls else 3.5, comment="First words."))
    asked = {"reason": "Please read line three again."}
    assert amina.post("/results/submissions/1/answer/regrade", data=asked).status_code == 303
    hall.change_lab(rubrics={"answer": renamed if falls else milder})
    address = hall.propose()
    hall.grade_anew()
    assert bilal.post(f"{address}/apply").status_code == 303
    shown = amina.get("/results/submissions/1").text
    assert ("18 of 22 points so far" if falls else "21.75 of 22 points") in shown
    assert "it waits for an instructor" in shown
    assert "was answered" not in shown
    assert "1 request for a re-grade waits" in bilal.get("/marking").text
    page = bilal.get(answer).text
    assert asked["reason"] in page
    assert ("Before the mark fell" in page) == falls
    level = {"row_mind": "certain" if falls else "clear", "seen": "2"}
    refused = bilal.post(answer, data=by_rubric(4, comment="") | level)
    assert refused.status_code == 422
    assert "Answer the trainee&#39;s reason in words." in refused.text
    assert bilal.post(answer, data=by_rubric(4, comment="Line three says it.") | level).status_code == 303
    shown = amina.get("/results/submissions/1").text
    assert "was answered" in shown
    assert "Line three says it." in shown
    assert "request for a re-grade waits" not in bilal.get("/marking").text


def test_a_tested_cell_whose_mark_fell_is_listed_until_it_has_another(
    people: SimpleNamespace, sign_in: SignIn, hall: SimpleNamespace, source: bytes
) -> None:
    """The mark answered a request, and no test takes the place of what a person decided."""
    bilal, amina, tested = hall.bilal, sign_in(people.amina), "/marking/submission/1/look-check"
    bilal.post("/marking/submission/1/answer", data=by_rubric(4))
    asked = "/results/submissions/1/look-check/regrade"
    assert amina.post(asked, data={"reason": "Read line three."}).status_code == 303
    answer = {"points": "1", "comment": "Half of it.", "seen": "0"}
    assert bilal.post(tested, data=answer).status_code == 303
    assert "No answer waits for a mark." in bilal.get("/marking").text
    notebook = json.loads(source)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "look-check":
            cell["metadata"]["nbgrader"]["points"] = 3
    changed = json.dumps(notebook).encode()
    hall.change_lab(source=changed, graded_cells=graded_cells(changed))
    address = hall.propose()
    hall.grade_anew()
    assert bilal.post(f"{address}/apply").status_code == 303
    assert "waits for your instructor" in Page(amina.get("/results/submissions/1").text).text
    assert amina.post(asked, data={"reason": "And now?"}).status_code == 409
    listed = bilal.get("/marking").text
    assert "1 answer waits" in listed
    assert f'href="{tested}"' in listed
    assert bilal.post("/marking/next").location == tested
    assert "it waits for a new mark" in bilal.get(tested).text
    anew = {"points": "2", "comment": "Two thirds of it.", "seen": "2"}
    for _again in range(2):
        assert bilal.post(tested, data=anew).status_code == 303
    assert "No answer waits for a mark." in bilal.get("/marking").text
    shown = Page(amina.get("/results/submissions/1").text).text
    assert "Two thirds of it." in shown
    assert "waits for your instructor" not in shown


def test_a_mark_that_a_regrade_moved_is_still_of_whoever_gave_it(
    people: SimpleNamespace,
    sign_in: SignIn,
    hall: SimpleNamespace,
    milder: Rubric,
    add_instructor: Callable[..., Account],
    mark_twice: Callable[[int], None],
    settings: Settings,
    database: Engine,
) -> None:
    mark_twice(100)
    hall.graded(people.bushra)
    bilal, nadia = hall.bilal, sign_in(add_instructor("nadia", "Nadia Gul"))
    first, other = "/marking/submission/1/answer", "/marking/submission/2/answer"
    bilal.post(first, data=by_rubric(3.5))
    bilal.post(other, data=by_rubric(3.5))
    nadia.post(f"{other}/second", data=by_rubric(2))
    hall.change_lab(rubrics={"answer": milder})
    address = hall.propose()
    hall.grade_anew()
    assert nadia.post(f"{address}/apply").status_code == 303
    assert "with 3.75 points" in bilal.get(first).text
    assert bilal.get(f"{first}/second").status_code == 404
    assert bilal.post(f"{first}/second", data=by_rubric(2)).status_code == 404
    assert "1 answer waits for your second mark" in nadia.get("/marking").text
    assert nadia.post(f"{first}/second", data=by_rubric(3.5)).status_code == 303
    told = Page(bilal.get("/results/submissions/1").text).text
    assert "Applied by Nadia Gul:" in told
    assert "by the changed rubric: 3.75." in told
    Workshop.of(settings).settle_reliability()
    with begin(database, read_only=True) as session:
        assert [row.pairs for row in session.scalars(select(SchemeReliability))] == [2]
    assert bilal.post(first, data=by_rubric(4, comment="Better than I thought.", seen="2")).status_code == 303
    page = Page(bilal.get(first).text).text
    assert "Marker: Bilal. Points: 3.5." in page
    assert "by the changed rubric: 3.75." in page


def test_marks_of_the_same_levels_still_agree_after_a_regrade_moved_the_first_ones(
    people: SimpleNamespace,
    sign_in: SignIn,
    hall: SimpleNamespace,
    milder: Rubric,
    renamed: Rubric,
    add_instructor: Callable[..., Account],
    mark_twice: Callable[[int], None],
) -> None:
    """Both are worth 3.5 and 2 points; then the rubric says 3.75 for the former."""
    mark_twice(100)
    hall.graded(people.bushra)
    bilal, nadia = hall.bilal, sign_in(add_instructor("nadia"))
    for number, points in enumerate((3.5, 2), 1):
        bilal.post(f"/marking/submission/{number}/answer", data=by_rubric(points))
        nadia.post(f"/marking/submission/{number}/answer/second", data=by_rubric(points))
    for rubric in (milder, renamed):
        hall.change_lab(rubrics={"answer": rubric})
        address = hall.propose()
        hall.grade_anew()
        assert bilal.post(f"{address}/apply").status_code == 303
        page = Page(bilal.get("/marking/agreement").text).text
        assert "Points 2 100% 1.00 1.00" in page
        assert "Answers to talk about" not in page


def test_a_second_mark_by_levels_that_are_gone_is_compared_with_the_mark_that_stood(
    people: SimpleNamespace,
    sign_in: SignIn,
    hall: SimpleNamespace,
    renamed: Rubric,
    add_instructor: Callable[..., Account],
    mark_twice: Callable[[int], None],
) -> None:
    mark_twice(100)
    bilal, nadia, answer = hall.bilal, sign_in(add_instructor("nadia")), "/marking/submission/1/answer"
    bilal.post(answer, data=by_rubric(4))
    nadia.post(f"{answer}/second", data=by_rubric(4))
    hall.change_lab(rubrics={"answer": renamed})
    address = hall.propose()
    hall.grade_anew()
    bilal.post(f"{address}/apply")
    for _ in range(2):
        page = Page(bilal.get("/marking/agreement").text).text
        assert "Points 1 100%" in page
        assert "Answers to talk about" not in page
        anew = by_rubric(3, comment="Read anew by the new rubric.", row_mind="none", seen="2")
        assert bilal.post(answer, data=anew).status_code == 303


def test_an_answer_whose_full_marks_changed_is_marked_once_the_lab_is_graded_anew(
    people: SimpleNamespace,
    sign_in: SignIn,
    hall: SimpleNamespace,
    source: bytes,
    app: Flask,
    add_instructor: Callable[..., Account],
    mark_twice: Callable[[int], None],
) -> None:
    """Else a mark by the present rubric would be worth 12 of 4 points."""
    mark_twice(100)
    hall.graded(people.bushra)
    bilal, nadia, amina = hall.bilal, sign_in(add_instructor("nadia")), sign_in(people.amina)
    bilal.post("/marking/submission/2/answer", data=by_rubric(4))
    hall.change_lab(**of_twelve_points(app, source))
    first, second = "/marking/submission/1/answer", "/marking/submission/2/answer/second"
    for client, address in ((bilal, first), (nadia, second)):
        page = client.get(address).text
        assert "Until the lab is graded anew, it cannot be marked" in page
        assert "row_mind" not in page
        refused = client.post(address, data=by_rubric(4, comment="All is there."))
        assert refused.status_code == 409
        assert "Have the lab graded anew first." in refused.text
        assert "All is there." in refused.text
        unread = client.post(address, data={"comment": "A row is not answered."})
        assert unread.status_code == 422
        assert "A row is not answered." in unread.text
    # It is passed over by whoever asks for the next, until it can be marked.
    assert bilal.post("/marking/next").location == "/marking"
    assert "18 of 22 points so far" in amina.get("/results/submissions/1").text
    address = hall.propose()
    hall.grade_anew()
    assert bilal.post(f"{address}/apply").status_code == 303
    assert bilal.post(first, data=by_rubric(4)).status_code == 303
    assert nadia.post(second, data=by_rubric(4)).status_code == 303
    assert "30 of 30 points" in amina.get("/results/submissions/1").text


def three_times(level: RubricLevel) -> RubricLevel:
    return level.model_copy(update={"points": 3 * level.points})


def of_twelve_points(app: Flask, source: bytes) -> dict[str, object]:
    """What is other in a version of the lab whose written answer is worth 12 points and not 4."""
    notebook = json.loads(source)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "answer":
            cell["metadata"]["nbgrader"]["points"] = 12
    changed = json.dumps(notebook).encode()
    rubric = tuple(
        row.model_copy(update={"levels": tuple(three_times(level) for level in row.levels)})
        for row in app.extensions["catalogue"].module(MODULE).activity(LAB).rubrics["answer"]
    )
    return {"source": changed, "graded_cells": graded_cells(changed), "rubrics": {"answer": rubric}}


def test_a_mark_that_waits_for_its_second_one_is_in_no_preview_of_whoever_may_give_that(
    people: SimpleNamespace,
    sign_in: SignIn,
    hall: SimpleNamespace,
    milder: Rubric,
    add_instructor: Callable[..., Account],
    mark_twice: Callable[[int], None],
) -> None:
    mark_twice(100)
    bilal, nadia = hall.bilal, sign_in(add_instructor("nadia"))
    bilal.post("/marking/submission/1/answer", data=by_rubric(3.5))
    hall.change_lab(rubrics={"answer": milder})
    address = hall.propose()
    hall.grade_anew()
    for _ in range(2):
        assert "21.75 of 22 points" in bilal.get(address).text
        hidden = nadia.get(address).text
        assert "18 of 22 points so far; a mark is shown after the second marking" in hidden
        assert not [points for points in ("21.75", "21.5", "3.75", "3.5") if points in hidden]
        bilal.post(f"{address}/apply")
    nadia.post("/marking/submission/1/answer/second", data=by_rubric(2))
    assert "21.75 of 22 points" in nadia.get(address).text


def test_what_an_applied_regrade_did_can_be_read_later_whatever_was_marked_since(
    people: SimpleNamespace, hall: SimpleNamespace, source: bytes, milder: Rubric
) -> None:
    hall.graded(people.bushra)
    bilal = hall.bilal
    bilal.post("/marking/submission/1/answer", data=by_rubric(3.5))
    hall.change_lab(source=harder(source), rubrics={"answer": milder})
    address = hall.propose()
    hall.grade_anew()
    previewed = rows_of(bilal.get(address).text)
    bilal.post(f"{address}/apply")
    applied = bilal.get(address).text
    assert "2 submissions got other points." in applied
    assert "By Bilal." in applied
    assert rows_of(applied) == previewed
    bilal.post("/marking/submission/1/answer", data=by_rubric(4, seen="2", comment="Better than I thought."))
    bilal.post("/marking/submission/2/answer", data=by_rubric(4))
    assert "20 of 22 points" in bilal.get("/results/submissions/1").text
    assert rows_of(bilal.get(address).text) == previewed


def test_what_an_applied_regrade_did_stays_when_the_terms_become_others(
    people: SimpleNamespace, sign_in: SignIn, hall: SimpleNamespace, source: bytes
) -> None:
    hall.graded(people.bushra)
    bilal, page = hall.bilal, f"{hall.page}/terms"

    def set_terms(late_percent: int) -> None:
        late = {"due_at": "2020-01-01T10:00", "late_days": "60", "late_percent": str(late_percent), "reason": "Late."}
        seen = Page(bilal.get(page).text).form("/terms")["seen"]
        given = {"counts": "last", "attempts": "", "seen": seen} | late
        assert bilal.post(page, data=given).status_code == 303

    set_terms(0)
    hall.change_lab(source=harder(source))
    address = hall.propose()
    hall.grade_anew()
    bilal.post(f"{address}/apply")
    applied = bilal.get(address).text
    assert "2 submissions got other points." in applied
    for late_percent in (100, 50):
        set_terms(late_percent)
        later = bilal.get(address).text
        assert "2 submissions got other points." in later
        assert rows_of(later) == rows_of(applied)
    assert "100 % taken off" in sign_in(people.amina).get("/results/submissions/1").text


def rows_of(page: str) -> list[str]:
    """The table of whose points change, row by row."""
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page, re.DOTALL)
    assert len(rows) == 2
    return rows


def test_a_dropped_regrade_changes_nothing_and_another_can_begin(
    people: SimpleNamespace,
    sign_in: SignIn,
    hall: SimpleNamespace,
    database: Engine,
    source: bytes,
) -> None:
    bilal = hall.bilal
    hall.change_lab(source=harder(source))
    address = hall.propose()
    hall.grade_anew()
    assert bilal.post(f"{address}/drop").status_code == 303
    assert "nobody&#39;s points changed" in bilal.get(address).text
    assert "18 of 22 points" in sign_in(people.amina).get("/results/submissions/1").text
    assert "How these points came about" not in sign_in(people.amina).get("/results/submissions/1").text
    assert "By Bilal." in bilal.get(address).text
    assert hall.propose() != address
    hall.grade_anew()
    assert [number for number, _current, _points in statuses(database)] == [1, 2, 3]


def test_a_lab_that_changes_again_is_not_applied(
    people: SimpleNamespace,
    sign_in: SignIn,
    hall: SimpleNamespace,
    source: bytes,
    database: Engine,
    grader: Callable[[], Grader],
) -> None:
    bilal = hall.bilal
    hall.change_lab(source=harder(source))
    address = hall.propose()
    hall.grade_anew()
    hall.change_lab(source=source.replace(b"row_count > 24_000", b"row_count > 23_000"))
    refused = bilal.post(f"{address}/apply")
    assert refused.status_code == 409
    assert "The lab has changed again" in refused.text
    bilal.post(f"{address}/drop")
    bilal.post(f"{hall.page}/regrade", data=REASON)
    hall.change_lab(source=source)
    with begin(database, read_only=True) as session:
        newest = session.scalars(select(RegradeItem.id).order_by(RegradeItem.id.desc())).first()
    with pytest.raises(RuntimeError, match="restart it"):
        regrade_submission(database, grader(), newest)


def test_without_a_change_there_is_nothing_to_regrade_and_strangers_reach_none(
    people: SimpleNamespace,
    sign_in: SignIn,
    hall: SimpleNamespace,
    source: bytes,
) -> None:
    bilal = hall.bilal
    refused = bilal.post(f"{hall.page}/regrade", data=REASON)
    assert refused.status_code == 422
    assert "there is nothing to re-grade" in refused.text
    hall.change_lab(source=harder(source))
    address = hall.propose()
    for person in (people.amina, people.farid, people.zahid):
        assert sign_in(person).get(address).status_code == 403
    assert bilal.get("/regrades/999").status_code == 404


def test_the_preview_speaks_urdu(
    people: SimpleNamespace,
    sign_in: SignIn,
    hall: SimpleNamespace,
    source: bytes,
) -> None:
    bilal = hall.bilal
    bilal.post("/language", data={"language": "ur", "next": "/"})
    hall.change_lab(source=harder(source))
    address = hall.propose()
    hall.grade_anew()
    shown = bilal.get(f"{address}/preview").text
    assert "Whose points" not in shown
    assert "1۔ دیکھیں اور گنیں" in shown


def with_roles(source: bytes, grade_id: str, /, **roles: object) -> dict[str, object]:
    """A version of the lab in which one cell is something else."""
    document = json.loads(source)
    for cell in document["cells"]:
        if (meta := cell["metadata"].get("nbgrader", {})).get("grade_id") == grade_id:
            meta.update(roles)
            cell["metadata"].setdefault("hunar", {"competencies": ["D1.2"], "level": 2})
        if not meta.get("grade"):
            cell["source"] = "".join(cell["source"]).partition("### BEGIN HIDDEN TESTS")[0]
    changed = json.dumps(document).encode()
    return {"source": changed, "graded_cells": graded_cells(changed)}


@pytest.mark.parametrize(
    ("grade_id", "roles"),
    [
        ("look-check", {"grade_id": "look-test"}),
        ("look-check", {"grade": False}),
        ("look", {"grade": True, "points": 1}),
    ],
    ids=["renamed", "no test any more", "marked by a person"],
)
def test_a_cell_that_is_another_in_the_new_version_costs_nobody_the_other_points(
    hall: SimpleNamespace, database: Engine, source: bytes, grade_id: str, roles: dict[str, object]
) -> None:
    whole = statuses(database)[0][2]
    hall.change_lab(**with_roles(source, grade_id, **roles))
    address = hall.propose()
    hall.grade_anew()
    assert hall.bilal.post(f"{address}/apply").status_code == 303
    lost = 0 if grade_id == "look" else 2
    assert statuses(database) == [(1, False, whole), (2, True, whole - lost)]


def test_whoever_stays_with_the_old_version_has_the_points_of_the_cells_that_both_have(
    people: SimpleNamespace,
    sign_in: SignIn,
    database: Engine,
    source: bytes,
    change_lab: Callable[..., None],
    grader: Callable[[], Grader],
) -> None:
    amina, lab = sign_in(people.amina), f"/notebooks/{MODULE}/{LAB}"
    amina.post(f"{lab}/draft", data=source, headers={"Content-Type": "application/x-ipynb+json"})
    change_lab(**with_roles(source, "look-check", grade=False))
    assert "Stay with the old version" in amina.get(f"{lab}/changes").text
    amina.post(f"{lab}/submit", data={"key": "k", "saved": "yes"})
    grade_submission(database, grader(), 1)
    page = Page(amina.get("/results/submissions/1").text).text
    assert "16 of 20 points" in page
    assert "was changed" not in page


@pytest.mark.parametrize("is_refused", [False, True])
def test_a_request_about_a_cell_that_has_no_points_any_more_is_closed_with_the_reason_of_the_regrade(
    people: SimpleNamespace,
    sign_in: SignIn,
    hall: SimpleNamespace,
    database: Engine,
    source: bytes,
    is_refused: bool,
) -> None:
    bilal, amina = hall.bilal, sign_in(people.amina)
    bilal.post("/marking/submission/1/answer", data=by_rubric(3.5, comment="First words."))
    for cell in ("answer", "look-check"):
        asked = amina.post(f"/results/submissions/1/{cell}/regrade", data={"reason": f"Read {cell} again."})
        assert asked.status_code == 303
    hall.change_lab(**without_answer(source))
    address = hall.propose()
    hall.grade_anew()
    if is_refused:
        with begin(database) as session:
            session.execute(update(Grade).where(Grade.number == 2).values(status="refused"))
    lost = "2 requests of trainees" if is_refused else "1 trainee's request"
    assert f"{lost} for a re-grade wait" in Page(bilal.get(address).text).text
    assert bilal.post(f"{address}/apply").status_code == 303
    waiting = bilal.get("/marking").text
    assert ("1 request for a re-grade waits" in waiting) != is_refused
    assert "2 requests for a re-grade wait" not in waiting
    shown = Page(amina.get("/results/submissions/1").text).text
    assert shown.count("Nobody looks at it any more") == (2 if is_refused else 1)
    assert "The reason: The first test asked for the wrong number of rows." in shown
    assert ("it waits for an instructor" in shown) != is_refused
    assert "Your request for a re-grade is answered" in amina.get("/notices").text
    amina.post("/language", data={"language": "ur", "next": "/"})
    assert "اب اسے کوئی نہیں دیکھتا" in amina.get("/results/submissions/1").text


def without_answer(source: bytes) -> dict[str, object]:
    """A version of the lab in which nothing is written for a person."""
    document = json.loads(source)
    document["cells"] = [
        cell for cell in document["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") != "answer"
    ]
    changed = json.dumps(document).encode()
    return {"source": changed, "graded_cells": graded_cells(changed), "rubrics": {}, "hints": {}}


def test_a_request_that_a_mark_answered_before_the_regrade_is_not_told_as_closed(
    people: SimpleNamespace, sign_in: SignIn, hall: SimpleNamespace, source: bytes
) -> None:
    bilal, amina = hall.bilal, sign_in(people.amina)
    bilal.post("/marking/submission/1/answer", data=by_rubric(3.5, comment="First words."))
    amina.post("/results/submissions/1/answer/regrade", data={"reason": "Read it again."})
    bilal.post("/marking/submission/1/answer", data=by_rubric(4, comment="Read again.") | {"seen": "1"})
    hall.change_lab(**without_answer(source))
    address = hall.propose()
    hall.grade_anew()
    assert "request" not in Page(bilal.get(address).text).text
    assert bilal.post(f"{address}/apply").status_code == 303
    assert "Nobody looks at it any more" not in amina.get("/results/submissions/1").text
