"""Who was a trainee and has another role now: what is theirs they read, dispute and take back as before."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from werkzeug.test import TestResponse

from app.accounts.consent import Purpose, agreeing, standing
from app.accounts.models import Cohort
from app.accounts.service import change_role
from app.appeals.models import Appeal, State
from app.attestations.models import Attestation, Seen
from app.attestations.models import State as Asked
from app.competencies.models import Evidence, EvidenceKind
from app.competencies.service import record_evidence
from app.completions.models import Completion
from app.completions.models import State as Reported
from app.content.data import write_lab_files
from app.content.schemas import Numeric
from app.core import clock
from app.core.access import Role
from app.core.db import begin
from app.gradebook.models import CellMark
from app.learning.service import submit_quiz
from app.marking.models import SecondMark
from app.notebooks.models import NotebookInquiry
from tests.app.conftest import COURSE, LAB, MODULE, TASK, by_memo_rubric, by_rubric

STAFF = [role for role in Role if role is not Role.TRAINEE]
LEFT = 'id="left"'


@pytest.fixture
def becomes(database: Engine, people: SimpleNamespace, sign_in: Callable) -> Callable[[Role], FlaskClient]:
    """Give amina another role; her client after it."""

    def change(role: Role) -> FlaskClient:
        with begin(database) as session:
            change_role(session, people.farid, people.amina.id, role)
        client: FlaskClient = sign_in(people.amina)
        return client

    return change


@pytest.fixture
def piece(database: Engine, people: SimpleNamespace) -> int:
    """A quiz answer of amina that counts; its number."""
    with begin(database) as session:
        said = {"competency": "D2.1", "level": 1, "kind": EvidenceKind.QUIZ_ITEM, "outcome": 0.0}
        return record_evidence(session, people.amina, source="quiz_attempt:1", part="item-1", **said).id


def number_of(answer: TestResponse) -> int:
    """The number at the end of the address that an answer leads to."""
    assert answer.location is not None
    return int(answer.location.rpartition("/")[2])


def agrees(database: Engine, academy_id: int) -> list[int]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(agreeing(academy_id, Purpose.RESEARCH)))


@pytest.mark.parametrize("role", STAFF)
def test_a_consent_is_withdrawn_whatever_the_role_and_no_role_given_back_brings_it_back(
    amina: FlaskClient, database: Engine, people: SimpleNamespace, becomes: Callable, role: Role
) -> None:
    amina.post("/account/choices", data={"purpose": "research", "answer": "yes"})
    assert agrees(database, people.amina.academy_id) == [people.amina.id]
    staff = becomes(role)
    assert 'href="/account/choices"' in staff.get("/account").text
    assert "Withdraw my consent" in staff.get("/account/choices").text
    assert staff.post("/account/choices", data={"purpose": "research", "answer": "no"}).status_code == 303
    assert agrees(database, people.amina.academy_id) == []
    becomes(Role.TRAINEE)
    assert agrees(database, people.amina.academy_id) == []


@pytest.fixture
def has_noted(app: Flask, amina: FlaskClient) -> None:
    """Let amina agree to the curiosity log and ask something of the lab's data."""
    write_lab_files(app.extensions["catalogue"], app.extensions["settings"].lab_files_folder)
    questions = f"/notebooks/{MODULE}/{LAB}/questions"
    assert amina.post(f"{questions}/consent", data={"answer": "yes"}).status_code == 303
    cell = {"code": "clean.groupby('language')['severity'].mean()", "contact": "", "elapsed": "0"}
    assert amina.post(questions, json={"cells": [cell]}).status_code == 204


def noted(database: Engine, person_id: int) -> tuple[bool, int]:
    """Whether questions of somebody are noted, and how many are kept."""
    with begin(database, read_only=True) as session:
        agreed = standing(session, person_id, Purpose.CURIOSITY_LOG)
        kept = select(func.count(NotebookInquiry.id)).where(NotebookInquiry.trainee_id == person_id)
        return agreed is not None and agreed.is_given, session.scalar(kept) or 0


@pytest.mark.usefixtures("has_noted")
@pytest.mark.parametrize("role", STAFF)
def test_the_curiosity_log_is_stopped_and_forgotten_whatever_the_role(
    people: SimpleNamespace, database: Engine, becomes: Callable, role: Role
) -> None:
    staff = becomes(role)
    log = "/account/choices/curiosity-log"
    assert "Stop noting" in staff.get("/account/choices").text
    assert staff.post(log, data={"answer": "no"}).status_code == 303
    is_noted, kept = noted(database, people.amina.id)
    assert (is_noted, kept > 0) == (False, True)
    assert "delete everything noted" in staff.get("/account/choices").text
    assert staff.post(log, data={"answer": "yes"}).status_code == 422
    assert staff.post(log, data={"answer": "forget"}).status_code == 303
    assert noted(database, people.amina.id) == (False, 0)
    assert "Curiosity log" not in staff.get("/account/choices").text


@pytest.mark.parametrize("role", STAFF)
def test_a_review_is_asked_for_and_a_decision_accepted(
    amina: FlaskClient, farid: FlaskClient, database: Engine, piece: int, becomes: Callable, role: Role
) -> None:
    disputed = number_of(amina.post(f"/appeals/evidence/{piece}", data={"text": "Both options are right."}))
    complained = number_of(amina.post("/appeals", data={"text": "I was not told of the new timetable."}))
    for number in (disputed, complained):
        data = {"decision": "refused:nothing", "reason": "It is right."}
        assert farid.post(f"/appeals/{number}/decide", data=data).status_code == 303
    staff = becomes(role)
    assert f'href="/appeals/{disputed}"' in staff.get("/appeals").text
    assert "Ask for a review" in staff.get(f"/appeals/{disputed}").text
    assert staff.post(f"/appeals/{disputed}/review", data={"text": "Read it again."}).status_code == 303
    assert staff.post(f"/appeals/{complained}/accept").status_code == 303
    with begin(database, read_only=True) as session:
        found = [session.get_one(Appeal, number).state for number in (disputed, complained)]
    assert found == [State.IN_REVIEW, State.CLOSED]


@pytest.mark.parametrize("role", STAFF)
def test_a_record_is_read_printed_and_disputed(
    piece: int, people: SimpleNamespace, becomes: Callable, role: Role
) -> None:
    staff, number = becomes(role), people.amina.id
    known = staff.get("/account/data").text
    for page in ("/record", "/passport", "/appeals", "/account/choices"):
        assert f'href="{page}"' in known, page
        assert staff.get(page).status_code == 200, page
    for page in (f"/record/{number}", f"/record/{number}/estimates.csv", f"/passport/{number}/passport.pdf"):
        assert staff.get(page).status_code == 200, page
    assert f'href="/appeals/evidence/{piece}"' in staff.get(f"/record/{number}/D2.1").text
    assert staff.post(f"/appeals/evidence/{piece}", data={"text": "Both options are right."}).status_code == 303
    # New work is a trainee's.
    record, passport = staff.get("/record").text, staff.get("/passport").text
    assert not any(page in record + passport for page in ('"/completions"', '"/attestations"'))


@pytest.mark.parametrize("role", STAFF)
def test_a_link_for_a_supervisor_is_revoked_and_no_other_is_asked_for(
    amina: FlaskClient, database: Engine, becomes: Callable, role: Role
) -> None:
    number = number_of(amina.post("/attestations/new", data=TASK))
    assert amina.post(f"/attestations/{number}/link").status_code == 200
    staff = becomes(role)
    assert 'href="/attestations"' in staff.get("/account/data").text
    own = staff.get("/attestations").text
    assert f'href="/attestations/{number}"' in own
    assert "Describe a task" not in own
    assert "Make a new link" not in staff.get(f"/attestations/{number}").text
    assert staff.post(f"/attestations/{number}/link").status_code == 403
    assert staff.post("/attestations/new", data=TASK).status_code == 403
    assert staff.post(f"/attestations/{number}/revoke").status_code == 303
    with begin(database, read_only=True) as session:
        assert session.get_one(Attestation, number).state is Asked.REVOKED


@pytest.mark.parametrize("role", STAFF)
def test_a_course_elsewhere_is_read_and_withdrawn_and_no_other_is_reported(
    amina: FlaskClient, farid: FlaskClient, database: Engine, becomes: Callable, role: Role
) -> None:
    number = number_of(amina.post("/completions", data=COURSE))
    data = {"completions": [str(number)], "decision": "approve", "reason": ""}
    assert farid.post("/completions/decide", data=data).status_code == 303
    staff = becomes(role)
    assert 'href="/completions"' in staff.get("/account/data").text
    own = staff.get("/completions").text
    assert f'href="/completions/{number}"' in own
    assert "Report it" not in own
    assert "Withdraw it" in staff.get(f"/completions/{number}").text
    assert staff.post("/completions", data=COURSE | {"title": "Data for All"}).status_code == 403
    assert staff.post(f"/completions/{number}/withdraw").status_code == 303
    with begin(database, read_only=True) as session:
        assert session.get_one(Completion, number).state is Reported.WITHDRAWN
        assert session.scalars(select(Evidence).where(Evidence.superseded_at.is_(None))).all() == []


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.ADMINISTRATOR])
def test_nobody_decides_about_themselves(
    amina: FlaskClient, database: Engine, piece: int, becomes: Callable, role: Role
) -> None:
    course = number_of(amina.post("/completions", data=COURSE))
    task = number_of(amina.post("/attestations/new", data=TASK))
    disputed = number_of(amina.post(f"/appeals/evidence/{piece}", data={"text": "Both options are right."}))
    with begin(database) as session:
        seen = session.get_one(Attestation, task)
        seen.state, seen.seen, seen.answered_at, seen.expires_at = Asked.ANSWERED, Seen.ALONE, clock.now(), None
    staff = becomes(role)
    for page in (f"/completions/{course}", f"/attestations/{task}", f"/appeals/{disputed}"):
        answer = staff.get(page)
        assert (answer.status_code, ">Decide<" in answer.text) == (200, False), page
    for page, own in (("completions", course), ("attestations", task), ("appeals", disputed)):
        assert f'href="/{page}/{own}"' not in staff.get(f"/{page}/waiting").text
    upheld = {"decision": "upheld:withdrawn", "reason": "I am right."}
    approved = {"completions": [str(course)], "decision": "approve", "reason": ""}
    assert staff.post("/completions/decide", data=approved).status_code == 409
    sure = {"decision": "confirm", "reason": "I know them."}
    assert staff.post(f"/attestations/{task}/decide", data=sure).status_code == 404
    assert staff.post(f"/appeals/{disputed}/decide", data=upheld).status_code == 404
    waiting = {page: staff.get(f"/{page}/waiting").text for page in ("appeals", "completions")}
    assert "Both options are right." not in waiting["appeals"]
    assert COURSE["title"] not in waiting["completions"]
    with begin(database, read_only=True) as session:
        assert session.get_one(Appeal, disputed).state is State.WAITING
        assert session.get_one(Completion, course).state is Reported.REPORTED
        assert session.scalars(select(Evidence.outcome)).all() == [0.0]


def test_an_instructor_is_handed_no_work_of_their_own_and_cannot_mark_it(
    people: SimpleNamespace,
    bilal: FlaskClient,
    cohort: Cohort,
    answered: Callable[..., str],
    written: Callable[..., str],
    mark_twice: Callable[[int], None],
    becomes: Callable[[Role], FlaskClient],
    database: Engine,
) -> None:
    answer, memo = answered(people.amina), written(people.amina)
    mark_twice(100)
    bilal.post(f"/marking/{memo}", data=by_memo_rubric(2, 2, 2))
    staff = becomes(Role.INSTRUCTOR)
    assert "No answer waits for a mark" in staff.get("/marking").text
    assert staff.post("/marking/next").location == "/marking"
    for address, data in (
        (f"/marking/{answer}", by_rubric(4)),
        (f"/marking/{memo}", by_memo_rubric(4, 4, 4, seen="1")),
        (f"/marking/{memo}/second", by_memo_rubric(4, 4, 4)),
    ):
        assert staff.get(address).status_code == 404
        assert staff.post(address, data=data).status_code == 404
    with begin(database, read_only=True) as session:
        assert session.scalars(select(CellMark)).all() == []
        assert session.scalars(select(SecondMark)).all() == []


@pytest.mark.parametrize("role", STAFF)
def test_results_are_read_without_ways_into_work(
    app: Flask,
    database: Engine,
    answered: Callable,
    written: Callable,
    people: SimpleNamespace,
    becomes: Callable,
    role: Role,
) -> None:
    module = app.extensions["catalogue"].module(MODULE)
    quiz = module.activity("quiz")
    answers = {
        item.id: item.answer if isinstance(item, Numeric) else sorted(item.correct_option_ids) for item in quiz.items
    }
    with begin(database) as session:
        attempt = submit_quiz(session, people.amina, module, quiz, answers, key="first")
    submission, run = (int(work(people.amina).split("/")[1]) for work in (answered, written))
    staff = becomes(role)
    for page in (f"/quiz-attempts/{attempt.id}", f"/results/submissions/{submission}", f"/runs/{run}"):
        answer = staff.get(page)
        assert answer.status_code == 200, page
        assert not any(way in answer.text for way in ('href="/learn', 'href="/modules', 'href="/results"')), page


@pytest.mark.parametrize("name", ["bilal", "farid"])
def test_who_never_was_a_trainee_sees_none_of_it(people: SimpleNamespace, sign_in: Callable, name: str) -> None:
    staff = sign_in(getattr(people, name))
    assert LEFT not in staff.get("/account/data").text
    assert "/account/choices" not in staff.get("/account").text
    assert 'href="/appeals"' not in staff.get("/algorithms").text
    for page in ("/account/choices", "/appeals", "/completions", "/attestations", "/record", "/passport"):
        assert staff.get(page).status_code == 404, page
    assert staff.post("/account/choices", data={"purpose": "research", "answer": "yes"}).status_code == 404
    assert staff.post("/appeals", data={"text": "Something is wrong."}).status_code == 404


def test_trainees_are_led_by_the_navigation_and_not_by_what_they_left(amina: FlaskClient, piece: int) -> None:
    assert LEFT not in amina.get("/account/data").text
    assert 'href="/account/choices"' in amina.get("/account").text


def test_nobody_else_reaches_it(
    amina: FlaskClient, piece: int, people: SimpleNamespace, sign_in: Callable, becomes: Callable
) -> None:
    number = number_of(amina.post("/completions", data=COURSE))
    becomes(Role.AUDITOR)
    bushra = sign_in(people.bushra)
    for page in (f"/record/{people.amina.id}", f"/passport/{people.amina.id}", f"/completions/{number}"):
        assert bushra.get(page).status_code == 404, page
    assert bushra.post(f"/completions/{number}/withdraw").status_code == 404
