"""Who teaches a course on a platform teaches its cohort here, with the right account and where that is allowed."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from app.accounts.models import Account, Cohort
from app.core.audit import AuditEntry
from app.core.classes import CohortInstructor
from app.core.db import begin
from app.lti.models import Platform, PlatformPerson
from tests.app.lti.conftest import QUIZ, Person, typed
from tests.app.lti.learning_platform import ADMINISTRATOR, CLAIM, INSTRUCTOR, LEARNER, choosing
from tests.app.lti.test_choosing import CHOOSE, choose
from tests.conftest import PASSWORD

TEACHES = {CLAIM + "roles": [INSTRUCTOR], "sub": "teacher-1"}
MENTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"
OF_THE_INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"


def taught_by(database: Engine, account: Account) -> list[str]:
    """Names of the cohorts that somebody teaches."""
    with begin(database, read_only=True) as session:
        named = select(Cohort.name).join(CohortInstructor, CohortInstructor.cohort_id == Cohort.id)
        return list(session.scalars(named.where(CohortInstructor.instructor_id == account.id).order_by(Cohort.id)))


def of_course(database: Engine) -> int:
    with begin(database, read_only=True) as session:
        return session.scalars(select(Cohort.id).where(Cohort.name == "AI for officers")).one()


@pytest.fixture
def linked(register: Callable, person: Person, app: Flask) -> Person:
    """bilal, who has linked his account and teaches the cohort of the course; amina has come in before."""
    register(names_instructors="y")
    amina = Person(app.test_client(), person.lms)
    amina.client.post("/sign-in", data={"username": "amina", "password": PASSWORD})
    amina.arrive()
    assert amina.go_on("link").location == QUIZ
    page = person.arrive(**TEACHES)
    assert "sign in with it once to teach the cohort" in page.text
    person.client.post("/sign-in", data={"username": "bilal", "password": PASSWORD})
    assert "If you link your account Bilal, you teach its cohort here" in person.client.get(person.here).text
    return person


@pytest.mark.both_databases
def test_an_instructor_who_links_the_own_account_teaches_the_cohort_and_its_trainees_are_told(
    linked: Person, people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    answer = linked.go_on("link")
    number = of_course(database)
    assert answer.location == f"/cohorts/{number}"
    assert linked.client.get(answer.location).status_code == 200
    assert taught_by(database, people.bilal) == ["Spring 2027", "AI for officers"]
    with begin(database, read_only=True) as session:
        of_cohort = select(AuditEntry).where(AuditEntry.thing == f"cohort:{number}").order_by(AuditEntry.id.desc())
        entry = session.scalars(of_cohort.limit(1)).one()
        assert (entry.verb, entry.actor_id) == ("instructor_named", people.bilal.id)
        assert entry.detail == {"instructor": people.bilal.id, "platform": "Moodle of Peshawar"}
    amina = sign_in(people.amina)
    assert "Somebody more teaches a cohort of yours" in amina.get("/notices").text
    assert amina.get("/account/data").text.count("Bilal") == 2
    # Who comes in later is told as well, since there is somebody to see it.
    assert "You came into a cohort by a link of your course" not in amina.get("/notices").text
    bushra = Person(linked.client.application.test_client(), linked.lms)
    bushra.client.post("/sign-in", data={"username": "bushra", "password": PASSWORD})
    bushra.arrive(sub="person-2")
    bushra.go_on("link")
    assert 'lang="ur"' in bushra.client.get("/notices").text
    assert "/account/data#instructors" in bushra.client.get("/notices").text


def test_a_link_names_and_signs_no_instructor_in(
    linked: Person, people: SimpleNamespace, database: Engine, app: Flask
) -> None:
    linked.go_on("link")
    elsewhere = Person(app.test_client(), linked.lms)
    page = elsewhere.arrive(**TEACHES, **{CLAIM + "context": {"id": "course-10", "title": "Second course"}})
    assert ("You come from Moodle of Peshawar as Bilal" in page.text, "data-at-once" in page.text) == (True, False)
    answer = elsewhere.go_on()
    assert answer.location.startswith("/sign-in?next=")
    assert elsewhere.client.get("/account").status_code == 302
    assert taught_by(database, people.bilal) == ["Spring 2027", "AI for officers", "Second course"]


def test_who_chooses_a_part_for_a_course_teaches_its_cohort(
    linked: Person, people: SimpleNamespace, database: Engine
) -> None:
    linked.go_on("link")
    context = {CLAIM + "context": {"id": "course-11", "title": "Third course"}}
    page = linked.come(CHOOSE, **choosing(linked.lms), sub="teacher-1", **context)
    assert choose(linked, page, part=QUIZ).status_code == 200
    assert taught_by(database, people.bilal)[-1] == "Third course"


def test_whom_an_administrator_removed_stays_removed_until_named_again(
    linked: Person, people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    linked.go_on("link")
    farid, instructors = sign_in(people.farid), f"/cohorts/{of_course(database)}/instructors"
    assert farid.post(f"{instructors}/{people.bilal.id}/remove").status_code == 303
    linked.arrive(**TEACHES)
    answer = linked.go_on()
    assert (answer.status_code, "has removed you from the instructors" in answer.text) == (409, True)
    assert taught_by(database, people.bilal) == ["Spring 2027"]
    farid.post(instructors, data={"usernames": "bilal"})
    linked.arrive(**TEACHES)
    assert linked.go_on().status_code == 303


@pytest.mark.parametrize("roles", [[LEARNER], [ADMINISTRATOR], [MENTOR], [OF_THE_INSTITUTION], []])
def test_only_who_teaches_this_very_course_there_is_named(
    register: Callable, person: Person, people: SimpleNamespace, database: Engine, roles: list[str]
) -> None:
    register(names_instructors="y")
    person.client.post("/sign-in", data={"username": "bilal", "password": PASSWORD})
    person.arrive(**{CLAIM + "roles": roles})
    assert person.go_on("link").status_code == 422
    assert taught_by(database, people.bilal) == ["Spring 2027"]


@pytest.mark.parametrize(("name", "allowed"), [("bilal", ""), ("farid", "y"), ("zahid", "y")])
def test_nobody_is_named_where_it_is_not_allowed_and_no_administrator_nor_stranger(
    register: Callable, person: Person, people: SimpleNamespace, database: Engine, name: str, allowed: str
) -> None:
    register(names_instructors=allowed)
    person.client.post("/sign-in", data={"username": name, "password": PASSWORD})
    person.arrive(**TEACHES)
    assert person.go_on("link").status_code == 422
    with begin(database, read_only=True) as session:
        assert session.scalars(select(PlatformPerson)).all() == []
        assert session.scalars(select(CohortInstructor.instructor_id)).all() == [people.bilal.id]


def test_a_registration_that_names_nobody_any_more_names_nobody(
    linked: Person, people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    linked.go_on("link")
    with begin(database, read_only=True) as session:
        number = session.scalars(select(Platform.id)).one()
    farid = sign_in(people.farid)
    assert farid.post(f"/administration/platforms/{number}/change", data=typed(linked.lms)).status_code == 303
    linked.arrive(**TEACHES, **{CLAIM + "context": {"id": "course-10", "title": "Second course"}})
    answer = linked.go_on()
    assert (answer.status_code, "may not name instructors" in answer.text) == (422, True)
    assert taught_by(database, people.bilal) == ["Spring 2027", "AI for officers"]
