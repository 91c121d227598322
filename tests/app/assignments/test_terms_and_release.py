"""The terms of a cohort's lab: deadline, late days, attempts, which counts, and results shown to all at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text

from app.accounts.models import Account, Cohort
from app.assignments import service as assignments
from app.competencies.models import Evidence
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import begin
from app.gradebook.models import CellGrade, Grade
from app.gradebook.service import settle
from app.marking import service as marking
from app.notebooks.models import LabTerms, Submission
from app.notebooks.terms import Counts, Terms
from tests.app.conftest import LAB, MODULE, STAYS_IN_LOG, by_rubric
from tests.pages import Page

SignIn = Callable[[Account], FlaskClient]
STANDARD = {
    "counts": "last",
    "attempts": "",
    "due_at": "",
    "late_days": "0",
    "late_percent": "0",
}


@pytest.fixture
def lab_page(cohort: Cohort) -> str:
    return f"/cohorts/{cohort.id}/labs/{LAB}"


def opened(client: FlaskClient, lab_page: str) -> dict[str, str]:
    """What the form sends that tells which terms it was opened with."""
    return {"seen": Page(client.get(f"{lab_page}/terms").text).form("/terms")["seen"]}


def set_terms(client: FlaskClient, lab_page: str, **changes: str):
    return client.post(f"{lab_page}/terms", data=STANDARD | opened(client, lab_page) | changes)


def hand_in(client: FlaskClient, key: str = "again"):
    client.post(f"/notebooks/{MODULE}/{LAB}/reset")
    return client.post(f"/notebooks/{MODULE}/{LAB}/submit", data={"key": key, "saved": "yes"})


def move_deadline(database: Engine, **delta: float) -> None:
    with begin(database) as session:
        session.scalars(select(LabTerms)).one().due_at = clock.now() + timedelta(**delta)


def test_the_page_of_a_lab_lists_every_trainee_with_what_counts(
    people: SimpleNamespace, sign_in: SignIn, answered: Callable[..., str], lab_page: str
) -> None:
    answered(people.amina)
    listed = sign_in(people.bilal).get(lab_page).text
    assert "Amina" in listed
    assert "2 of 6 points so far" in listed
    assert "nothing handed in" in listed
    assert "No deadline." in listed


@pytest.mark.both_databases
def test_terms_are_set_shown_to_the_trainee_and_noted(
    people: SimpleNamespace, sign_in: SignIn, lab_page: str, database: Engine
) -> None:
    bilal = sign_in(people.bilal)
    changes = {"counts": "best", "attempts": "۳", "due_at": "2030-03-01T17:30", "late_days": "2", "late_percent": "10"}
    assert set_terms(bilal, lab_page, **changes).status_code == 303
    assert "Deadline: 1 Mar 2030 17:30." in bilal.get(lab_page).text
    lab = sign_in(people.amina).get(f"/notebooks/{MODULE}/{LAB}").text
    for words in (
        "Deadline: 1 Mar 2030 17:30.",
        "Each late day takes 10 % off the points.",
        "3 of 3 attempts are left.",
        "the best counts",
    ):
        assert words in lab
    assert 'value="2030-03-01T17:30"' in bilal.get(f"{lab_page}/terms").text
    set_terms(bilal, lab_page, **changes)
    with begin(database, read_only=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "terms_set")).one()
    assert entry.detail["changes"]["due_at"] == [None, "2030-03-01T12:30:00+00:00"]
    assert entry.actor_id == people.bilal.id


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"attempts": "0"}, "Type a number from 1 to 50"),
        ({"attempts": "many"}, "Type a whole number."),
        ({"attempts": "1.5"}, "Type a whole number."),
        ({"late_days": "3"}, "Late days need a deadline."),
        ({"late_days": "99", "due_at": "2030-03-01T17:30"}, "Type a number from 0 to 60."),
        ({"due_at": "9999-12-01T00:00", "late_days": "60"}, "The year must lie between 1900 and 2999."),
        ({"due_at": "0001-01-01T00:00"}, "The year must lie between 1900 and 2999."),
        ({"offline_hours": "337"}, "Type a number from 0 to 336."),
        ({"late_percent": "120"}, "Type a number from 0 to 100."),
        ({"counts": "worst"}, "Choose which attempt counts."),
        ({"due_at": "soon"}, "Choose a day and a time"),
    ],
)
def test_wrong_terms_are_refused_with_what_was_typed(
    people: SimpleNamespace, sign_in: SignIn, lab_page: str, database: Engine, changes: dict[str, str], says: str
) -> None:
    refused = set_terms(sign_in(people.bilal), lab_page, **changes)
    assert refused.status_code == 422
    assert says in refused.text
    with begin(database, read_only=True) as session:
        assert session.scalars(select(LabTerms)).all() == []


@pytest.mark.parametrize(("typed", "hours"), [("", 48), ("0", 0), ("24", 24)])
def test_hours_without_a_link_that_are_left_empty_are_the_standard_ones(
    people: SimpleNamespace, sign_in: SignIn, lab_page: str, database: Engine, typed: str, hours: int
) -> None:
    bilal = sign_in(people.bilal)
    assert "left empty, it is 48" in bilal.get(f"{lab_page}/terms").text
    assert set_terms(bilal, lab_page, counts="best", offline_hours=typed).status_code == 303
    with begin(database, read_only=True) as session:
        assert session.scalars(select(LabTerms)).one().offline_hours == hours


def test_terms_of_begun_work_change_only_with_a_reason(
    people: SimpleNamespace, sign_in: SignIn, lab_page: str, answered: Callable[..., str], database: Engine
) -> None:
    answered(people.amina)
    bilal = sign_in(people.bilal)
    asked = set_terms(bilal, lab_page, counts="best").text
    assert "say why the terms change" in asked
    assert STAYS_IN_LOG in asked
    assert set_terms(bilal, lab_page, counts="best", reason="The first week was hard.").status_code == 303
    with begin(database, read_only=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "terms_set")).one()
    assert entry.detail["reason"] == "The first week was hard."


@pytest.mark.parametrize("already_set", [False, True])
def test_terms_that_somebody_else_set_meanwhile_are_shown_and_not_overwritten(
    people: SimpleNamespace, sign_in: SignIn, lab_page: str, add_instructor: Callable[..., Account], already_set: bool
) -> None:
    bilal, other = sign_in(people.bilal), sign_in(add_instructor("nadia", "Nadia Gul"))
    if already_set:
        set_terms(bilal, lab_page, attempts="3")
    seen = opened(bilal, lab_page)
    assert set_terms(other, lab_page, due_at="2030-03-01T17:30").status_code == 303
    refused = bilal.post(f"{lab_page}/terms", data=STANDARD | seen | {"attempts": "7"})
    assert refused.status_code == 409
    assert "Nadia Gul has set other terms" in refused.text
    assert "Deadline: 1 Mar 2030 17:30." in refused.text
    kept = Page(refused.text).form("/terms")
    assert kept["attempts"] == "7"
    assert "Deadline: 1 Mar 2030 17:30." in bilal.get(lab_page).text
    assert bilal.post(f"{lab_page}/terms", data=STANDARD | {"attempts": "7", "seen": kept["seen"]}).status_code == 303
    assert "No deadline." in bilal.get(lab_page).text
    assert "Each trainee has 7 attempts." in bilal.get(lab_page).text


def test_a_form_that_says_nothing_sensible_of_what_it_was_opened_with_is_one_that_saw_no_change(
    people: SimpleNamespace, sign_in: SignIn, lab_page: str
) -> None:
    bilal = sign_in(people.bilal)
    for nonsense in ("9" * 5000, "x", ""):
        assert set_terms(bilal, lab_page, attempts="3", seen=nonsense).status_code == 303
        assert set_terms(bilal, lab_page, attempts="4", seen=nonsense).status_code == 409


def test_work_that_was_handed_in_tells_how_its_points_followed_changed_terms(
    people: SimpleNamespace, sign_in: SignIn, lab_page: str, answered: Callable[..., str]
) -> None:
    bilal, amina = sign_in(people.bilal), sign_in(people.amina)
    set_terms(bilal, lab_page, attempts="3")
    answered(people.amina)
    assert "How these points came about" not in amina.get("/results/submissions/1").text
    late = {"due_at": "2020-01-01T10:00", "late_days": "60", "late_percent": "50"}
    set_terms(bilal, lab_page, attempts="4", reason="One more for all.")
    set_terms(bilal, lab_page, **late, reason="It was due in 2020.")
    set_terms(bilal, lab_page, counts="best", reason="That was a mistake.")
    shown = Page(amina.get("/results/submissions/1").text).text
    first, second = shown.split("Bilal changed the terms of the lab.")[1:]
    assert "Taken off for lateness: 100 %." in first
    assert "It was due in 2020." in first
    assert "attempts the" not in first
    assert "Taken off for lateness: 0 %. Of several attempts the best counts." in second
    assert "That was a mistake." in second
    assert "One more for all." not in shown
    answered(people.amina, key="later")
    assert "changed the terms" not in amina.get("/results/submissions/2").text


def test_after_the_last_day_nothing_is_taken_and_the_draft_is_kept(
    people: SimpleNamespace, sign_in: SignIn, lab_page: str, database: Engine
) -> None:
    set_terms(sign_in(people.bilal), lab_page, due_at="2030-03-01T17:30", late_days="1")
    amina = sign_in(people.amina)
    move_deadline(database, hours=-23)
    assert hand_in(amina).status_code == 303
    move_deadline(database, hours=-25)
    refused = hand_in(amina, "too late")
    assert refused.status_code == 409
    assert "Nothing has been taken in this lab since" in refused.text
    assert "Your draft is kept" in refused.text
    assert "disabled" in amina.get(f"/notebooks/{MODULE}/{LAB}").text
    assert hand_in(amina).status_code == 303
    with begin(database, read_only=True) as session:
        assert [row.idempotency_key for row in session.scalars(select(Submission))] == ["again"]


def test_attempts_run_out(people: SimpleNamespace, sign_in: SignIn, lab_page: str) -> None:
    set_terms(sign_in(people.bilal), lab_page, attempts="1")
    amina = sign_in(people.amina)
    assert hand_in(amina, "first").status_code == 303
    refused = hand_in(amina, "second")
    assert refused.status_code == 409
    assert "You have used all 1 attempts" in refused.text


def test_late_work_loses_its_share_and_says_so(
    people: SimpleNamespace, sign_in: SignIn, lab_page: str, answered: Callable[..., str], database: Engine
) -> None:
    set_terms(sign_in(people.bilal), lab_page, due_at="2030-03-01T17:30", late_days="5", late_percent="10")
    move_deadline(database, hours=-30)
    answered(people.amina)
    shown = sign_in(people.amina).get("/results/submissions/1").text
    assert "1.6 of 6 points so far (2 days late, 20 % taken off)" in shown
    assert "1.6 of 6 points so far" in sign_in(people.bilal).get(lab_page).text


@pytest.mark.both_databases
def test_the_best_or_the_last_attempt_counts(
    people: SimpleNamespace, sign_in: SignIn, lab_page: str, answered: Callable[..., str], database: Engine
) -> None:
    answered(people.amina, key="first")
    answered(people.amina, key="second")
    with begin(database) as session:
        worse = session.scalars(select(CellGrade).join(Grade).where(Grade.submission_id == 2)).first()
        worse.score = 0.0
        session.get_one(Grade, worse.grade_id).points = 0.0
    amina, bilal = sign_in(people.amina), sign_in(people.bilal)
    assert 'href="/results/submissions/2"' in bilal.get(lab_page).text
    assert 'href="/marking/submission/2/answer"' in bilal.get("/marking").text
    set_terms(bilal, lab_page, counts="best", reason="As agreed.")
    assert 'href="/results/submissions/1"' in bilal.get(lab_page).text
    listed = bilal.get("/marking").text
    assert 'href="/marking/submission/1/answer"' in listed
    assert 'href="/marking/submission/2/answer"' in listed, "it may still become the best"
    bilal.post("/marking/submission/1/answer", data=by_rubric(4))
    assert 'href="/marking/submission/2/answer"' not in bilal.get("/marking").text
    assert amina.get("/results").text.count('mark-done">counts') == 1


@pytest.mark.both_databases
def test_results_are_held_until_the_instructor_releases_them_to_all(
    people: SimpleNamespace, sign_in: SignIn, lab_page: str, answered: Callable[..., str], database: Engine, app: Flask
) -> None:
    bilal, amina = sign_in(people.bilal), sign_in(people.amina)
    set_terms(bilal, lab_page, holds_results="y")
    answer = answered(people.amina)
    catalogue = app.extensions["catalogue"]
    with begin(database) as session:
        settle(session, catalogue, session.get_one(Submission, 1), session.scalars(select(Grade)).one())
    bilal.post(f"/marking/{answer}", data=by_rubric(4, comment="All is there."))
    for address in ("/results/submissions/1", "/results", "/results/submissions/1/status"):
        shown = amina.get(address).text
        assert "to the whole cohort at once" in shown or "to all at once" in shown
        assert "6 of 6" not in shown
        assert "All is there." not in shown
    assert amina.get("/results/submissions/1/feedback").status_code == 404
    assert amina.get("/results/submissions/1/look-check/regrade").status_code == 404
    assert "6 of 6 points" in bilal.get("/results/submissions/1").text
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Evidence)).all() == []
    assert bilal.post(f"{lab_page}/release").status_code == 303
    assert bilal.post(f"{lab_page}/release").status_code == 303
    assert "6 of 6 points" in amina.get("/results/submissions/1").text
    assert "Results were released on" in bilal.get(lab_page).text
    with begin(database, read_only=True) as session:
        assert sorted(session.scalars(select(Evidence.part))) == ["answer", "look-check"]
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.verb == "results_released")).all()) == 1


def test_terms_that_hold_no_more_release_the_results(
    people: SimpleNamespace, sign_in: SignIn, lab_page: str, answered: Callable[..., str], database: Engine
) -> None:
    bilal = sign_in(people.bilal)
    set_terms(bilal, lab_page, holds_results="y")
    answered(people.amina)
    set_terms(bilal, lab_page, reason="Everybody is ready.")
    with begin(database, read_only=True) as session:
        assert list(session.scalars(select(Evidence.part))) == ["look-check"]
    assert "2 of 6 points so far" in sign_in(people.amina).get("/results/submissions/1").text


def until_it_waits(database: Engine, other: Future[Any]) -> None:
    """Go on once another request is held up by a lock, or is over already."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while not other.done():
        with begin(database, read_only=True) as session:
            if session.scalar(waiting):
                return
        time.sleep(0.05)


@pytest.mark.on_postgresql
@pytest.mark.parametrize("first", ["mark", "release"])
def test_results_released_while_a_mark_is_stored_are_evidence_with_that_mark(
    people: SimpleNamespace,
    sign_in: SignIn,
    lab_page: str,
    answered: Callable[..., str],
    database: Engine,
    monkeypatch: pytest.MonkeyPatch,
    first: str,
) -> None:
    bilal, other = sign_in(people.bilal), sign_in(people.bilal)
    set_terms(bilal, lab_page, holds_results="y")
    answer = answered(people.amina)
    requests = {
        "mark": lambda: bilal.post(f"/marking/{answer}", data=by_rubric(4)).status_code,
        "release": lambda: other.post(f"{lab_page}/release").status_code,
    }
    module, name = {"mark": (marking, "settle"), "release": (assignments, "_tell")}[first]
    settled, second, later = getattr(module, name), requests.pop("release" if first == "mark" else "mark"), []

    def settle_while_another_request_comes(*arguments: Any) -> None:
        settled(*arguments)
        if not later:
            later.append(pool.submit(second))
            until_it_waits(database, later[0])

    monkeypatch.setattr(module, name, settle_while_another_request_comes)
    with ThreadPoolExecutor(1) as pool:
        assert requests[first]() == 303
        assert later[0].result() == 303
    with begin(database, read_only=True) as session:
        assert sorted(session.scalars(select(Evidence.part))) == ["answer", "look-check"]


def test_another_academy_and_other_roles_reach_no_lab_of_a_cohort(
    people: SimpleNamespace, sign_in: SignIn, lab_page: str
) -> None:
    for person in (people.amina, people.farid):
        assert sign_in(person).get(lab_page).status_code == 403
    other = lab_page.replace(lab_page.split("/")[2], "2")
    for address in (other, f"{other}/terms", f"{other}/alike", lab_page.replace(LAB, "quiz")):
        assert sign_in(people.bilal).get(address).status_code == 404


def test_the_pages_of_a_lab_speak_urdu(
    people: SimpleNamespace, sign_in: SignIn, lab_page: str, answered: Callable[..., str]
) -> None:
    answered(people.amina)
    bilal = sign_in(people.bilal)
    bilal.post("/language", data={"language": "ur", "next": "/"})
    for address in (lab_page, f"{lab_page}/terms", f"{lab_page}/alike"):
        shown = bilal.get(address).text
        assert 'dir="rtl"' in shown
        assert "Deadline" not in shown


@given(st.floats(-10, 30), st.integers(0, 10), st.floats(0, 100))
def test_lateness_takes_a_share_for_each_day_begun_and_never_more_than_all(
    days: float, late_days: int, percent: float
) -> None:
    due = clock.now()
    terms = Terms(counts=Counts.LAST, due_at=due, late_days=late_days, late_percent=percent)
    submitted = due + timedelta(days=days)
    late = terms.days_late(submitted)
    assert (late == 0) == (submitted <= due)
    assert late - 1 < max(days, 0) + 1e-6
    assert 0 <= terms.share_left(submitted) <= 1
    assert terms.share_left(due) == 1
