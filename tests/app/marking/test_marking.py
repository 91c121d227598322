"""Written answers are marked by a person: without names, by the rules, each mark kept, and told to the trainee."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from app.competencies.models import Evidence
from app.core.audit import AuditEntry
from app.core.db import begin
from app.gradebook.models import CellMark, Grade
from app.gradebook.service import Grader, grade_submission
from app.notebooks import service
from config import Settings
from grading import WarmSandboxes, feedback
from tests.app.conftest import CELL, LAB, MODULE, by_rubric

FORGED = """class Agrees(int):
    def __eq__(self, other): return True
row_count, open_count = Agrees(25_000), Agrees(5)"""
MODEL_ANSWER = "I would show the share of citizens who confirm"


def marks(database: Engine) -> list[tuple[int, float, str]]:
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(CellMark).order_by(CellMark.id))
        return [(row.number, row.points, row.comment) for row in rows]


def test_answers_wait_without_names_and_are_read_with_their_task(
    people: SimpleNamespace, sign_in: Callable, answered: Callable
) -> None:
    cell, client = answered(people.amina), sign_in(people.bilal)
    listed = client.get("/marking").text
    assert "1 answer waits" in listed
    assert f'href="/marking/{cell}"' in listed
    page = client.get(f"/marking/{cell}").text
    assert MODEL_ANSWER in page
    assert "1 for a figure with its denominator" in page
    assert "Is there a figure with its denominator?" in page
    assert "Amina" not in listed + page


@pytest.mark.both_databases
def test_a_mark_counts_for_the_trainee_with_its_comment_and_is_evidence(
    people: SimpleNamespace, sign_in: Callable, answered: Callable, database: Engine
) -> None:
    cell = answered(people.amina)
    trainee = sign_in(people.amina)
    assert "2 of 6 points so far" in trainee.get("/results/submissions/1").text
    saved = sign_in(people.bilal).post(f"/marking/{cell}", data=by_rubric(3.5, comment="Name the denominator."))
    assert (saved.status_code, saved.location) == (303, "/marking")
    page = trainee.get("/results/submissions/1").text
    assert "5.5 of 6 points<" in page
    assert "Name the denominator." in page
    assert "waits for your instructor" not in page
    assert "5.5 of 6 points" in trainee.get("/results").text
    with begin(database, read_only=True) as session:
        evidence = session.scalars(select(Evidence).where(Evidence.part == CELL)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "marked")).one()
    assert (evidence.competency, evidence.level, evidence.outcome) == ("D2.2", 3, 0.875)
    assert evidence.trainee_id == people.amina.id
    assert (entry.actor_id, entry.detail) == (people.bilal.id, {"cell": CELL, "mark": 1})


@pytest.mark.parametrize("typed", ["", "five", "-1", "4.5", "nan", "1e9"])
def test_points_outside_the_task_are_refused_and_the_comment_stays(
    people: SimpleNamespace,
    sign_in: Callable,
    answered: Callable,
    database: Engine,
    typed: str,
    change_lab: Callable,
) -> None:
    change_lab(rubrics={})
    cell = answered(people.amina)
    answer = sign_in(people.bilal).post(f"/marking/{cell}", data={"points": typed, "comment": "kept words"})
    assert answer.status_code == 422
    assert "Type a number from 0 to 4." in answer.text
    assert "kept words" in answer.text
    assert marks(database) == []


def test_a_comment_that_is_too_long_is_refused(
    people: SimpleNamespace, sign_in: Callable, answered: Callable, database: Engine
) -> None:
    cell = answered(people.amina)
    answer = sign_in(people.bilal).post(f"/marking/{cell}", data=by_rubric(2, comment="x" * 2001))
    assert answer.status_code == 422
    assert "too long" in answer.text
    assert marks(database) == []


@pytest.mark.both_databases
def test_another_mark_replaces_the_former_which_is_kept(
    people: SimpleNamespace, sign_in: Callable, answered: Callable, database: Engine
) -> None:
    cell, client = answered(people.amina), sign_in(people.bilal)
    client.post(f"/marking/{cell}", data=by_rubric(1, comment="first"))
    client.post(f"/marking/{cell}", data=by_rubric(1, comment="first"))
    assert marks(database) == [(1, 1.0, "first")]
    assert client.post(f"/marking/{cell}", data=by_rubric(3, comment="second", seen="1")).status_code == 303
    assert marks(database) == [(1, 1.0, "first"), (2, 3.0, "second")]
    with begin(database, read_only=True) as session:
        evidence = session.scalars(select(Evidence).where(Evidence.part == CELL).order_by(Evidence.id)).all()
    assert [(row.outcome, row.superseded_at is None) for row in evidence] == [(0.25, False), (0.75, True)]


def test_a_mark_that_takes_the_place_of_another_says_why_and_when(
    people: SimpleNamespace, sign_in: Callable, answered: Callable, database: Engine
) -> None:
    cell, client = answered(people.amina), sign_in(people.bilal)
    client.post(f"/marking/{cell}", data=by_rubric(1))
    refused = client.post(f"/marking/{cell}", data=by_rubric(3, comment=" ", seen="1"))
    assert refused.status_code == 422
    assert "This takes the place of another mark. Say why" in refused.text
    assert marks(database) == [(1, 1.0, "")]
    assert client.post(f"/marking/{cell}", data=by_rubric(3, comment="I misread it.", seen="1")).status_code == 303
    page = sign_in(people.amina).get("/results/submissions/1").text
    assert re.search(r"marked by your instructor on \d+ \w+ \d{4}", page)
    assert "I misread it." in page


@pytest.mark.both_databases
def test_two_markers_at_once_do_not_overwrite_each_other_unseen(
    people: SimpleNamespace, sign_in: Callable, answered: Callable, database: Engine, add_instructor: Callable
) -> None:
    cell = answered(people.amina)
    one, other = sign_in(people.bilal), sign_in(add_instructor("nadia"))
    assert one.post(f"/marking/{cell}", data=by_rubric(1, comment="", seen="0")).status_code == 303
    refused = other.post(f"/marking/{cell}", data=by_rubric(4, comment="mine", seen="0"))
    assert refused.status_code == 409
    assert "Another person marked this answer" in refused.text
    assert "mine" in refused.text
    assert 'name="seen" type="hidden" value="1"' in refused.text
    assert marks(database) == [(1, 1.0, "")]
    assert other.post(f"/marking/{cell}", data=by_rubric(4, comment="mine", seen="1")).status_code == 303


def test_a_number_of_the_mark_seen_that_no_form_sends_is_read_as_none(
    people: SimpleNamespace, sign_in: Callable, answered: Callable
) -> None:
    cell, client = answered(people.amina), sign_in(people.bilal)
    assert client.post(f"/marking/{cell}", data=by_rubric(1, seen="9" * 5000)).status_code == 303
    assert client.post(f"/marking/{cell}", data=by_rubric(2, seen="9" * 5000)).status_code == 409


def test_after_a_mark_the_next_waiting_answer_comes(
    people: SimpleNamespace, sign_in: Callable, answered: Callable
) -> None:
    first, second = answered(people.amina), answered(people.bushra)
    client = sign_in(people.bilal)
    assert f'href="/marking/{second}" rel="next"' in client.get(f"/marking/{first}").text
    assert client.post(f"/marking/{first}", data=by_rubric(2)).location == f"/marking/{second}"
    assert client.post(f"/marking/{second}", data=by_rubric(2)).location == "/marking"
    listed = client.get("/marking").text
    assert "No answer waits for a mark." in listed
    assert "2 answers are marked" in listed


def test_only_the_latest_attempt_is_listed_but_an_older_one_keeps_its_mark(
    people: SimpleNamespace, sign_in: Callable, answered: Callable
) -> None:
    client = sign_in(people.bilal)
    older = answered(people.amina)
    client.post(f"/marking/{older}", data=by_rubric(2))
    newer = answered(people.amina, key="second")
    listed = client.get("/marking").text
    assert f'href="/marking/{newer}"' in listed
    assert f'href="/marking/{older}"' not in listed
    assert client.get(f"/marking/{older}").status_code == 200


def test_another_academy_and_other_roles_reach_no_answer(
    people: SimpleNamespace, sign_in: Callable, answered: Callable, database: Engine
) -> None:
    cell = answered(people.zara)
    client = sign_in(people.bilal)
    assert "No answer waits" in client.get("/marking").text
    assert client.get(f"/marking/{cell}").status_code == 404
    assert client.post(f"/marking/{cell}", data=by_rubric(2)).status_code == 404
    for person in (people.amina, people.farid):
        assert sign_in(person).get("/marking").status_code == 403
    assert marks(database) == []


def test_a_stopped_submission_has_nothing_to_mark(
    people: SimpleNamespace, sign_in: Callable, answered: Callable
) -> None:
    cell = answered(people.amina, status="stopped")
    client = sign_in(people.bilal)
    assert "No answer waits" in client.get("/marking").text
    assert client.get(f"/marking/{cell}").status_code == 404


def test_the_pages_speak_urdu_and_show_the_task_in_urdu(
    people: SimpleNamespace, sign_in: Callable, answered: Callable
) -> None:
    cell, client = answered(people.amina), sign_in(people.bilal)
    client.post("/language", data={"language": "ur", "next": "/"})
    page = client.get(f"/marking/{cell}").text
    assert 'dir="rtl"' in page
    assert "آپ آگے کیا پوچھیں گے" in page
    assert "What would you ask next" not in page


@pytest.fixture
def really_graded(
    app: Flask, people: SimpleNamespace, database: Engine, settings: Settings, warm_sandboxes: WarmSandboxes
) -> Callable[[bytes], int]:
    """A submission of amina's, graded in the sandbox; its number."""

    def grade(content: bytes) -> int:
        blobs, catalogue = app.extensions["blobs"], app.extensions["catalogue"]
        with begin(database) as session:
            number = service.submit(session, blobs, people.amina, MODULE, LAB, content, key="real").id
        grade_submission(database, Grader(blobs, catalogue, settings.lab_files_folder, warm_sandboxes), number)
        return number

    return grade


@pytest.mark.sandbox
def test_a_really_graded_notebook_waits_with_its_written_answer(
    people: SimpleNamespace, sign_in: Callable, database: Engine, source: bytes, really_graded: Callable[[bytes], int]
) -> None:
    number = really_graded(source)
    client = sign_in(people.bilal)
    assert "1 answer waits" in client.get("/marking").text
    assert MODEL_ANSWER in client.get(f"/marking/submission/{number}/{CELL}").text
    assert client.post(f"/marking/submission/{number}/{CELL}", data=by_rubric(4)).status_code == 303
    assert "22 of 22 points" in sign_in(people.amina).get(f"/results/submissions/{number}").text


@pytest.mark.sandbox
def test_a_notebook_that_agrees_with_every_test_is_decided_by_a_person(
    people: SimpleNamespace, sign_in: Callable, database: Engine, source: bytes, really_graded: Callable[[bytes], int]
) -> None:
    notebook = json.loads(source)
    look = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == "look")
    look["source"] = FORGED
    number = really_graded(json.dumps(notebook).encode())
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Evidence)).all() == []
    results = sign_in(people.amina).get(f"/results/submissions/{number}").text
    assert "passed even with a wrong expectation" in results
    assert "waits for your instructor" in results
    client = sign_in(people.bilal)
    assert "Tests in doubt" in client.get("/marking").text
    page = client.get(f"/marking/submission/{number}/look-check").text
    assert "class Agrees(int)" in page
    assert "passed even with a wrong expectation" in page
    given = {"points": "0", "comment": "Let us talk."}
    assert client.post(f"/marking/submission/{number}/look-check", data=given).status_code == 303
    assert "Let us talk." in sign_in(people.amina).get(f"/results/submissions/{number}").text


def test_an_answer_whose_cell_was_deleted_is_marked_like_the_others(
    people: SimpleNamespace, sign_in: Callable, answered: Callable, app: Flask, database: Engine
) -> None:
    cell, bilal = answered(people.amina), sign_in(people.bilal)
    with begin(database) as session:
        grade = session.scalars(select(Grade)).one()
        document = json.loads(app.extensions["blobs"].get(grade.autograded_sha256))
        left = [each for each in document["cells"] if each["metadata"].get("nbgrader", {}).get("grade_id") != CELL]
        assert len(left) == len(document["cells"]) - 1
        notebook = json.dumps(document | {"cells": left}).encode()
        grade.autograded_sha256 = app.extensions["blobs"].put(notebook)
        grade.feedback_sha256 = app.extensions["blobs"].put(feedback(notebook, scores=False))
    given = bilal.post("/marking/next", follow_redirects=True)
    assert (given.status_code, given.request.path) == (200, f"/marking/{cell}")
    assert "has no such cell" in given.text
    assert re.search(r"<details[^>]* open>", given.text)
    assert bilal.post(f"/marking/{cell}", data=by_rubric(0)).status_code == 303
    assert marks(database) == [(1, 0.0, "")]
