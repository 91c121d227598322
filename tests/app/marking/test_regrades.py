"""A trainee asks for another look at the points of a cell, and an instructor answers in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete, select

from app.accounts.models import Cohort
from app.competencies.models import Evidence
from app.core import clock
from app.core.audit import AuditEntry
from app.core.classes import CohortInstructor
from app.core.db import begin
from app.gradebook.models import CellGrade, Grade, RegradeRequest

pytestmark = pytest.mark.both_databases

REASON = "I counted the rows of the file, see line 2."
CellOfAmina = SimpleNamespace


@pytest.fixture
def tested(answered: Callable[..., int], people: SimpleNamespace, database: Engine) -> CellOfAmina:
    """amina's tested cell (2 of 2 points) and the submission that it belongs to."""
    answered(people.amina)
    with begin(database, read_only=True) as session:
        cell = session.scalars(select(CellGrade).where(CellGrade.cell == "look-check")).one()
        grade = session.get_one(Grade, cell.grade_id)
        number = grade.submission_id
        ask = f"/results/submissions/{number}/look-check/regrade"
        return SimpleNamespace(id=f"submission/{number}/look-check", ask=ask, submission=number)


def ask(client: FlaskClient, tested: CellOfAmina, reason: str = REASON) -> int:
    return client.post(tested.ask, data={"reason": reason}).status_code


def requests(database: Engine) -> list[tuple[int, str, int]]:
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(RegradeRequest).order_by(RegradeRequest.id))
        return [(row.number, row.reason, row.mark_seen) for row in rows]


def test_a_request_waits_for_an_instructor_without_a_name(
    people: SimpleNamespace, sign_in: Callable, tested: CellOfAmina, database: Engine
) -> None:
    amina = sign_in(people.amina)
    assert tested.ask in amina.get(f"/results/submissions/{tested.submission}").text
    assert "2 of 2 points" in amina.get(tested.ask).text
    assert ask(amina, tested) == 303
    page = amina.get(f"/results/submissions/{tested.submission}").text
    assert "it waits for an instructor" in page
    assert REASON in page
    bilal = sign_in(people.bilal)
    listed = bilal.get("/marking").text
    assert "1 request for a re-grade waits" in listed
    answer = bilal.get(f"/marking/{tested.id}").text
    assert REASON in answer
    assert "row_count = len(complaints)" in answer
    assert "Count the rows whose status is open." in answer
    assert "Amina" not in listed + answer
    with begin(database, read_only=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "regrade_asked")).one()
        assert entry.detail == {"cell": "look-check", "request": 1}


def test_the_answer_is_a_mark_with_words_and_counts(
    people: SimpleNamespace, sign_in: Callable, tested: CellOfAmina, database: Engine
) -> None:
    amina, bilal = sign_in(people.amina), sign_in(people.bilal)
    ask(amina, tested)
    refused = bilal.post(f"/marking/{tested.id}", data={"points": "1", "comment": " ", "seen": "0"})
    assert refused.status_code == 422
    assert "Answer the trainee&#39;s reason in words." in refused.text
    given = {"points": "1", "comment": "Line 2 counts the open ones too.", "seen": "0"}
    assert bilal.post(f"/marking/{tested.id}", data=given).status_code == 303
    page = amina.get(f"/results/submissions/{tested.submission}").text
    assert "was answered" in page
    assert "Line 2 counts the open ones too." in page
    assert "request for a re-grade waits" not in bilal.get("/marking").text
    with begin(database, read_only=True) as session:
        outcomes = session.scalars(select(Evidence.outcome).where(Evidence.part == "look-check")).all()
        assert set(outcomes) == {0.5}


def test_points_that_were_right_are_kept_and_that_answers_a_second_request_too(
    people: SimpleNamespace, sign_in: Callable, tested: CellOfAmina, database: Engine
) -> None:
    amina, bilal = sign_in(people.amina), sign_in(people.bilal)
    for number in range(2):
        assert ask(amina, tested) == 303
        given = {"points": "2", "comment": "They are right.", "seen": str(number)}
        assert bilal.post(f"/marking/{tested.id}", data=given).status_code == 303
        assert "request for a re-grade waits" not in bilal.get("/marking").text
    assert requests(database) == [(1, REASON, 0), (2, REASON, 1)]


def test_one_request_at_a_time_and_the_same_again_is_one(
    people: SimpleNamespace, sign_in: Callable, tested: CellOfAmina, database: Engine
) -> None:
    amina = sign_in(people.amina)
    assert [ask(amina, tested), ask(amina, tested)] == [303, 303]
    refused = amina.post(tested.ask, data={"reason": "And another thing."})
    assert refused.status_code == 409
    assert "waits for an instructor already" in refused.text
    assert "And another thing." in refused.text
    assert requests(database) == [(1, REASON, 0)]


@pytest.mark.parametrize(("reason", "says"), [("  ", "Write what you think"), ("x" * 1_001, "Shorten your reason")])
def test_a_request_without_a_reason_or_too_long_is_refused_and_kept(
    people: SimpleNamespace, sign_in: Callable, tested: CellOfAmina, database: Engine, reason: str, says: str
) -> None:
    refused = sign_in(people.amina).post(tested.ask, data={"reason": reason})
    assert refused.status_code == 422
    assert says in refused.text
    assert reason.strip() in refused.text
    assert requests(database) == []


def test_what_waits_for_its_first_mark_cannot_be_asked_about(
    people: SimpleNamespace, sign_in: Callable, answered: Callable
) -> None:
    answered(people.amina)
    amina = sign_in(people.amina)
    assert amina.post("/results/submissions/1/answer/regrade", data={"reason": REASON}).status_code == 409


def test_only_the_trainee_asks_and_only_the_own_academy_answers(
    people: SimpleNamespace, sign_in: Callable, tested: CellOfAmina
) -> None:
    for stranger in (people.bushra, people.zara, people.bilal, people.farid):
        assert ask(sign_in(stranger), tested) == 404
    assert ask(sign_in(people.amina), tested) == 303
    assert sign_in(people.zahid).get(f"/marking/{tested.id}").status_code == 403


def test_a_stopped_submission_has_no_points_to_ask_about(
    people: SimpleNamespace, sign_in: Callable, answered: Callable, database: Engine
) -> None:
    answered(people.amina, status="stopped")
    assert sign_in(people.amina).get("/results/submissions/1/look-check/regrade").status_code == 404


def test_the_pages_speak_urdu(people: SimpleNamespace, sign_in: Callable, answered: Callable, database: Engine) -> None:
    answered(people.bushra)
    page = sign_in(people.bushra).get("/results/submissions/1/look-check/regrade").text
    assert 'dir="rtl"' in page
    assert "دوبارہ جانچ کی درخواست کریں" in page


def test_a_sign_that_no_database_keeps_is_left_out_of_the_reason(
    people: SimpleNamespace, sign_in: Callable, tested: CellOfAmina, database: Engine
) -> None:
    assert ask(sign_in(people.amina), tested, "Line\0 two.") == 303
    assert requests(database) == [(1, "Line two.", 0)]


@pytest.mark.parametrize("number", [2**31 - 1, 2**31, 2**63, 10**20])
def test_a_number_beyond_all_rows_is_a_page_that_is_not_there(
    people: SimpleNamespace, sign_in: Callable, number: int
) -> None:
    bilal = sign_in(people.bilal)
    assert bilal.get(f"/results/submissions/{number}").status_code == 404
    assert bilal.get(f"/marking/submission/{number}/answer").status_code == 404


@pytest.mark.parametrize("has_asked", [False, True])
def test_once_no_instructor_reaches_the_class_nobody_asks_and_who_did_is_led_to_a_complaint(
    people: SimpleNamespace,
    sign_in: Callable,
    tested: CellOfAmina,
    database: Engine,
    cohort: Cohort,
    has_asked: bool,
) -> None:
    amina, page = sign_in(people.amina), f"/results/submissions/{tested.submission}"
    if has_asked:
        assert ask(amina, tested) == 303
    for days, is_over in ((89, False), (92, True)):
        with begin(database) as session:
            session.get_one(Cohort, cohort.id).ends_on = clock.now().date() - timedelta(days=days)
        shown = amina.get(page).text
        assert ("Complaints and disputes" in shown) == is_over
        assert (f'href="{tested.ask}"' in shown) == (not is_over and not has_asked)
        assert ("it waits for an instructor" in shown) == (not is_over and has_asked)
        assert ("nobody has answered it" in shown) == (is_over and has_asked)
    form = amina.get(tested.ask).text
    assert "you may still complain" in form
    assert "<textarea" not in form
    refused = amina.post(tested.ask, data={"reason": "And another thing."})
    assert refused.status_code == 409
    assert "And another thing." in refused.text
    assert requests(database) == ([(1, REASON, 0)] if has_asked else [])


def test_without_any_instructor_nobody_asks(
    people: SimpleNamespace, sign_in: Callable, tested: CellOfAmina, database: Engine
) -> None:
    with begin(database) as session:
        session.execute(delete(CohortInstructor))
    assert ask(sign_in(people.amina), tested) == 409
    assert requests(database) == []


def test_requests_stand_by_when_they_were_asked_the_oldest_first(
    people: SimpleNamespace, sign_in: Callable, answered: Callable, database: Engine
) -> None:
    answered(people.amina)
    answered(people.bushra)
    for number, trainee in ((2, people.bushra), (1, people.amina)):
        address = f"/results/submissions/{number}/look-check/regrade"
        assert sign_in(trainee).post(address, data={"reason": REASON}).status_code == 303
    with begin(database) as session:
        session.get_one(RegradeRequest, 1).asked_at = datetime(2001, 2, 3, 4, 5, tzinfo=UTC)
    listed, _heading, _waiting = sign_in(people.bilal).get("/marking").text.partition("Mark the next answer")
    assert re.findall(r'href="/marking/submission/(\d)/look-check"', listed) == ["2", "1"]
    assert '<th scope="col">Asked on</th>' in listed
    assert "3 Feb 2001 09:05" in listed
