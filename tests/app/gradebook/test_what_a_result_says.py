"""What the pages of a result say of it: only what holds, and what may be done next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

from app.accounts.models import Account
from app.core import clock
from app.core.db import begin
from app.gradebook.models import CellGrade, Grade
from app.notebooks.terms import Counts
from tests.app.conftest import CELL, by_rubric
from tests.pages import Page

Answered = Callable[..., str]
SignIn = Callable[..., FlaskClient]
PAGE = "/results/submissions/1"
LOOKS = "A person will look at your notebook before it gets points."


def read(client: FlaskClient, address: str = PAGE) -> str:
    return Page(client.get(address).text).text


@pytest.mark.parametrize("status", ["refused", "stopped"])
def test_a_notebook_without_points_says_why_at_once_though_results_are_held(
    answered: Answered,
    give_terms: Callable[..., None],
    sign_in: SignIn,
    people: SimpleNamespace,
    database: Engine,
    status: str,
) -> None:
    give_terms(holds_results=True, due_at=clock.now() + timedelta(days=3))
    answered(people.amina, status=status)
    problem = {"code": "cell_duplicated", "values": {"cell": "look-check", "title": "Look"}}
    with begin(database) as session:
        session.execute(update(Grade).values(problem=problem))
    amina = sign_in(people.amina)
    page = read(amina)
    assert "is there twice" in page
    assert "You may submit again." in page
    assert "nothing for you to do" not in page
    listed = read(amina, "/results")
    assert "not graded: open it to see why" in listed
    assert "your instructor shows the results" not in listed


def test_points_that_a_notebook_had_before_it_was_refused_wait_with_the_results(
    answered: Answered,
    give_terms: Callable[..., None],
    sign_in: SignIn,
    people: SimpleNamespace,
    database: Engine,
) -> None:
    answered(people.amina)
    with begin(database) as session:
        former = session.scalars(select(Grade)).one()
        former.is_current = False
        session.flush()
        kept = {name: getattr(former, name) for name in {*Grade.__table__.columns.keys()} - {"id"}}
        session.add(Grade(**kept | {"number": 2, "is_current": True, "status": "refused"}))
    amina = sign_in(people.amina)
    assert "Points from the tests" in read(amina)
    give_terms(holds_results=True)
    assert "Points from the tests" not in read(amina)
    assert "Points from the tests" in read(sign_in(people.bilal))


def test_a_failed_test_that_is_worth_nothing_is_not_said_to_be_passed(
    answered: Answered, sign_in: SignIn, people: SimpleNamespace, database: Engine
) -> None:
    answered(people.amina)
    amina = sign_in(people.amina)
    with begin(database) as session:
        session.execute(update(CellGrade).where(CellGrade.cell == "look-check").values(score=0, max_score=0))
    page = read(amina)
    assert ("passed" in page, "not right yet" in page) == (True, False)
    with begin(database) as session:
        told = {"message": "AssertionError: Count every row."}
        session.execute(update(CellGrade).where(CellGrade.cell == "look-check").values(told))
    page = read(amina)
    assert ("passed" in page, "not right yet. Count every row." in page) == (False, True)


def put_in_doubt(database: Engine) -> None:
    """Hold what was handed in for a person, as the engine does."""
    problem = {"code": "wrong_expectation_met", "values": {"cell": "look-check", "title": "Look"}}
    with begin(database) as session:
        session.execute(update(Grade).values(problem=problem))
        session.execute(
            update(CellGrade).where(CellGrade.cell == "look-check").values(score=None, needs_manual_grade=True)
        )


def test_a_held_notebook_waits_for_a_person_only_until_all_of_it_is_marked(
    answered: Answered, sign_in: SignIn, people: SimpleNamespace, database: Engine
) -> None:
    written = answered(people.amina, status="held")
    put_in_doubt(database)
    amina, bilal = sign_in(people.amina), sign_in(people.bilal)
    assert LOOKS in read(amina)
    assert bilal.post(f"/marking/{written}", data=by_rubric(4, comment="Clear.")).status_code == 303
    assert LOOKS in read(amina)
    given = {"points": "2", "comment": "Nothing was bent."}
    assert bilal.post("/marking/submission/1/look-check", data=given).status_code == 303
    page = read(amina)
    assert LOOKS not in page
    assert "A person has looked at the notebook since and decided on its points. 6 of 6 points" in page


def test_who_reads_a_held_notebook_before_its_second_mark_is_not_told_that_it_waits(
    answered: Answered,
    mark_twice: Callable[[int], None],
    add_instructor: Callable[..., Account],
    sign_in: SignIn,
    people: SimpleNamespace,
    database: Engine,
) -> None:
    mark_twice(100)
    written = answered(people.amina, status="held")
    put_in_doubt(database)
    bilal, nadia = sign_in(people.bilal), sign_in(add_instructor("nadia"))
    bilal.post(f"/marking/{written}", data=by_rubric(4, comment="Clear."))
    bilal.post("/marking/submission/1/look-check", data={"points": "2", "comment": "Nothing was bent."})
    page = read(nadia)
    assert "the mark is shown after the second marking" in page
    assert LOOKS not in page


@pytest.mark.parametrize("status", ["graded", "held"])
def test_an_attempt_that_nobody_marks_since_another_counts_is_not_said_to_wait(
    answered: Answered, sign_in: SignIn, people: SimpleNamespace, database: Engine, status: str
) -> None:
    former = answered(people.amina, key="1", status=status)
    amina = sign_in(people.amina)
    assert "waits for your instructor" in read(amina)
    newer = answered(people.amina, key="2", status=status)
    if status == "held":
        put_in_doubt(database)
    marking = sign_in(people.bilal).get("/marking").text
    assert (former in marking, newer in marking) == (False, True)
    page = read(amina)
    assert "not marked: another attempt counts" in page
    assert "waits for your instructor" not in page
    assert "so far" not in page
    assert LOOKS not in page
    assert "waits for your instructor" in read(amina, "/results/submissions/2")
    listed = read(amina, "/results")
    assert listed.count("what is not marked stays so, since another attempt counts") == 1
    assert listed.count("so far") == 1
    asked = amina.post(f"/results/submissions/1/{CELL}/regrade", data={"reason": "Nobody marked it."})
    assert asked.status_code == 409
    assert "This cell is not marked, since another attempt of yours counts." in asked.text


def test_an_attempt_that_may_still_become_the_best_waits(
    answered: Answered, give_terms: Callable[..., None], sign_in: SignIn, people: SimpleNamespace
) -> None:
    give_terms(counts=Counts.BEST)
    answered(people.amina, key="1")
    written = answered(people.amina, key="2")
    amina = sign_in(people.amina)
    assert "waits for your instructor" in read(amina)
    sign_in(people.bilal).post(f"/marking/{written}", data=by_rubric(4, comment="Clear."))
    assert "not marked: another attempt counts" in read(amina)


def test_a_request_about_an_attempt_that_counts_no_more_still_waits(
    answered: Answered, sign_in: SignIn, people: SimpleNamespace
) -> None:
    answered(people.amina, key="1")
    amina = sign_in(people.amina)
    reason = {"reason": "I counted every row."}
    assert amina.post("/results/submissions/1/look-check/regrade", data=reason).status_code == 303
    answered(people.amina, key="2")
    page = read(amina)
    assert "it waits for an instructor" in page
    again = amina.post("/results/submissions/1/look-check/regrade", data={"reason": "Another."})
    assert "This cell waits for an instructor already" in again.text
