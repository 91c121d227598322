"""Somebody comes from a platform while another request writes of the same course or the same person."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts import service as accounts
from app.accounts.models import Account, Cohort
from app.core.access import Role
from app.core.db import begin
from app.enrolment import service as enrolment
from app.lti import arrivals
from app.lti.models import PlatformPerson
from app.rights import erasure
from tests.app.conftest import Meanwhile
from tests.app.lti.conftest import QUIZ, Person
from tests.app.lti.test_launches import cohorts_of, count
from tests.app.rights.test_erasure import ask, decide
from tests.conftest import PASSWORD

pytestmark = pytest.mark.on_postgresql
COURSE = "AI for officers"


def names(database: Engine) -> list[str]:
    with begin(database, read_only=True) as session:
        return sorted(session.scalars(select(Cohort.name).where(Cohort.name.startswith(COURSE))))


@pytest.fixture
def amina_arrives(register: Callable, person: Person) -> Person:
    """She is about to link her account."""
    register(makes_accounts="y")
    person.client.post("/sign-in", data={"username": "amina", "password": PASSWORD})
    person.arrive()
    return person


def test_the_cohort_of_a_course_gets_no_name_that_somebody_gives_another_meanwhile(
    amina_arrives: Person, farid: FlaskClient, database: Engine, meanwhile: Meanwhile
) -> None:
    linked = meanwhile(enrolment, "_note", lambda: amina_arrives.go_on("link"))
    assert farid.post("/cohorts/new", data={"name": COURSE, "module": "measure-to-manage"}).status_code == 303
    assert linked.result().location == QUIZ
    assert names(database) == [COURSE, f"{COURSE} (2)"]


def test_whoever_comes_twice_at_once_for_the_first_time_gets_one_account(
    register: Callable, person: Person, app: Flask, database: Engine, meanwhile: Meanwhile
) -> None:
    register(makes_accounts="y")
    other = Person(app.test_client(), person.lms)
    person.arrive()
    other.arrive()
    came = meanwhile(arrivals, "link", lambda: other.go_on("new"))
    before = count(database, Account)
    assert person.go_on("new").location == QUIZ
    assert came.result().location == QUIZ
    assert (count(database, Account), count(database, PlatformPerson)) == (before + 1, 1)


def test_whoever_is_no_trainee_any_more_comes_into_no_cohort(
    amina_arrives: Person, people: SimpleNamespace, farid: FlaskClient, database: Engine, meanwhile: Meanwhile
) -> None:
    address = f"/administration/accounts/{people.amina.id}/role"
    role = {f"account{people.amina.id}-role": Role.INSTRUCTOR.value}
    linked = meanwhile(accounts, "follow_roles", lambda: amina_arrives.go_on("link"))
    assert farid.post(address, data=role).status_code == 303
    assert linked.result().status_code == 422
    assert cohorts_of(database, people.amina.id) == []


def test_an_erasure_and_an_arrival_of_the_same_person_do_not_wait_for_each_other(
    amina_arrives: Person, people: SimpleNamespace, farid: FlaskClient, database: Engine, meanwhile: Meanwhile
) -> None:
    amina_arrives.go_on("link")
    ask(amina_arrives.client)
    amina_arrives.arrive()
    came = meanwhile(erasure, "_deal_with_rows", amina_arrives.go_on)
    assert decide(farid, database).status_code == 303
    assert came.result().status_code < 500
    with begin(database, read_only=True) as session:
        assert session.get_one(Account, people.amina.id).erased_at is not None
        assert list(erasure.faults(session)) == []
