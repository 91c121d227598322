"""What the pages of a result say of it: only what holds, and what may be done next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

from app.core import clock
from app.core.db import begin
from app.gradebook.models import CellGrade, Grade
from tests.pages import Page

Answered = Callable[..., str]
SignIn = Callable[..., FlaskClient]
PAGE = "/results/submissions/1"


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
