"""Instructors named for a cohort and removed, and what they see of it, until ninety days after its last day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account, Cohort
from app.core import clock
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.classes import CohortInstructor
from app.core.db import begin
from app.enrolment import service
from app.people import service as people_service

MODULE = "measure-to-manage"
# Noon of the last day in Peshawar on which a cohort that ended on the 30th of June is open to its instructors.
LAST_DAY, LAST_NOON = date(2027, 6, 30), datetime(2027, 9, 28, 7, tzinfo=UTC)


@pytest.fixture
def dania(add_instructor: Callable[..., Account]) -> Account:
    """Another instructor of the academy, who teaches nothing yet."""
    return add_instructor("dania", teaches=False)


def end(database: Engine, cohort: Cohort, day: date | None) -> None:
    with begin(database) as session:
        session.get_one(Cohort, cohort.id).ends_on = day


def pages_of(cohort: Cohort, person: Account) -> list[str]:
    """Pages that name a person, or are about one."""
    return [
        f"/cohorts/{cohort.id}",
        f"/cohorts/{cohort.id}/members",
        f"/cohorts/{cohort.id}/progress",
        f"/cohorts/{cohort.id}/nudge",
        f"/cohorts/{cohort.id}/labs/grievances",
        f"/people/{person.id}",
        f"/record/{person.id}",
        f"/accounts/{person.id}/password-code",
    ]


def statuses(client: FlaskClient, addresses: list[str]) -> set[int]:
    return {client.get(address).status_code for address in addresses}


def test_an_administrator_names_instructors_and_removes_them(
    people: SimpleNamespace, cohort: Cohort, dania: Account, sign_in: Callable, database: Engine
) -> None:
    farid, visitor = sign_in(people.farid), sign_in(dania)
    assert statuses(visitor, pages_of(cohort, people.amina)) == {404}
    answer = farid.post(f"/cohorts/{cohort.id}/instructors", data={"usernames": " Dania,\nbilal"})
    assert answer.status_code == 303
    assert "Dania" in farid.get(answer.location).text
    assert "Bilal, Dania" in " ".join(farid.get("/administration").text.split())
    assert statuses(visitor, pages_of(cohort, people.amina)) == {200}
    with begin(database, read_only=True) as session:
        row = session.get_one(CohortInstructor, (cohort.id, dania.id))
        assert (row.named_by_id, len(session.scalars(select(CohortInstructor)).all())) == (people.farid.id, 2)
    answer = farid.post(f"/cohorts/{cohort.id}/instructors/{dania.id}/remove", follow_redirects=True)
    assert "Dania does not teach this cohort any more" in answer.text
    assert statuses(visitor, pages_of(cohort, people.amina)) == {404}
    assert farid.post(f"/cohorts/{cohort.id}/instructors/{dania.id}/remove").status_code == 404
    with begin(database, read_only=True) as session:
        of_cohort = select(AuditEntry).where(AuditEntry.thing == f"cohort:{cohort.id}").order_by(AuditEntry.id)
        said = [(each.verb, each.actor_id, each.detail) for each in session.scalars(of_cohort)][-2:]
    named = {"instructor": dania.id}
    assert said == [("instructor_named", people.farid.id, named), ("instructor_removed", people.farid.id, named)]


@pytest.mark.parametrize("typed", ["amina", "zahid", "nobody", "dania nobody"])
def test_who_is_no_instructor_of_the_academy_is_not_named(
    people: SimpleNamespace, cohort: Cohort, dania: Account, sign_in: Callable, database: Engine, typed: str
) -> None:
    answer = sign_in(people.farid).post(f"/cohorts/{cohort.id}/instructors", data={"usernames": typed})
    assert answer.status_code == 422
    assert f"these user names: {typed.rsplit(maxsplit=1)[-1]}." in answer.text
    assert f">\r\n{typed}</textarea>" in answer.text
    with begin(database, read_only=True) as session:
        assert session.scalars(select(CohortInstructor.instructor_id)).all() == [people.bilal.id]


def test_nothing_typed_names_nobody(people: SimpleNamespace, cohort: Cohort, sign_in: Callable) -> None:
    answer = sign_in(people.farid).post(f"/cohorts/{cohort.id}/instructors", data={"usernames": "  "})
    assert (answer.status_code, "Type or paste at least one user name." in answer.text) == (422, True)


def test_an_instructor_names_nobody(people: SimpleNamespace, cohort: Cohort, dania: Account, sign_in: Callable) -> None:
    bilal, address = sign_in(people.bilal), f"/cohorts/{cohort.id}/instructors"
    assert bilal.get(address).status_code == 403
    assert bilal.post(address, data={"usernames": "dania"}).status_code == 403
    assert bilal.post(f"{address}/{people.bilal.id}/remove").status_code == 403


def test_whoever_makes_a_cohort_teaches_it_at_once(dania: Account, sign_in: Callable) -> None:
    client = sign_in(dania)
    assert "You teach no cohort yet" in client.get("/teaching").text
    answer = client.post("/cohorts/new", data={"name": "Autumn 2027", "module": MODULE})
    assert client.get(answer.location).status_code == 200
    page = client.get("/teaching").text
    assert ("Autumn 2027" in page, "Spring 2027" in page) == (True, False)


def test_the_first_page_lists_only_the_own_cohorts(people: SimpleNamespace, dania: Account, sign_in: Callable) -> None:
    assert "Spring 2027" in sign_in(people.bilal).get("/teaching").text
    page = sign_in(dania).get("/teaching")
    assert ("Spring 2027" in page.text, page.status_code) == (False, 200)


def test_figures_of_groups_are_for_every_instructor_and_lead_to_no_name(
    people: SimpleNamespace, cohort: Cohort, dania: Account, sign_in: Callable
) -> None:
    client = sign_in(dania)
    assert statuses(client, ["/skills", "/skills/compare", f"/cohorts/{cohort.id}/report"]) == {200}
    report = client.get(f"/cohorts/{cohort.id}/report").text
    assert ("with names" in report, f'href="/cohorts/{cohort.id}"' in report) == (False, False)
    wanted = {"content": "records", "format": "csv"}
    assert client.post(f"/cohorts/{cohort.id}/records", data=wanted).status_code == 422
    assert client.post(f"/cohorts/{cohort.id}/records", data=wanted | {"content": "groups"}).status_code == 200
    assert "with names" in sign_in(people.bilal).get(f"/cohorts/{cohort.id}/report").text


def test_a_class_is_open_until_ninety_days_after_its_last_day(
    people: SimpleNamespace,
    cohort: Cohort,
    database: Engine,
    sign_in: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    end(database, cohort, LAST_DAY)
    monkeypatch.setattr(clock, "now", lambda: LAST_NOON)
    bilal = sign_in(people.bilal)
    assert statuses(bilal, pages_of(cohort, people.amina)) == {200}
    # The day ends in Peshawar, five hours before it does in Greenwich.
    monkeypatch.setattr(clock, "now", lambda: LAST_NOON.replace(hour=18, minute=59))
    assert statuses(bilal, pages_of(cohort, people.amina)) == {200}
    monkeypatch.setattr(clock, "now", lambda: LAST_NOON.replace(hour=19))
    for address in pages_of(cohort, people.amina):
        answer = bilal.get(address)
        assert (answer.status_code, "This course is over" in answer.text) == (403, True), address
        assert ("Amina" in answer.text, "/opening" in answer.text) == (False, False), address
    # The cohort is listed, with what is left of it.
    page = bilal.get("/teaching").text
    assert ("over since 30 Jun 2027" in page, f"/cohorts/{cohort.id}/report" in page) == (True, True)
    assert statuses(bilal, [f"/cohorts/{cohort.id}/report", f"/cohorts/{cohort.id}/survey"]) == {200}
    assert statuses(sign_in(people.farid), [f"/cohorts/{cohort.id}", f"/people/{people.amina.id}"]) == {200}


def test_an_instructor_cannot_open_a_class_again_that_is_over(
    people: SimpleNamespace, cohort: Cohort, database: Engine, sign_in: Callable
) -> None:
    end(database, cohort, clock.now().date() - timedelta(days=92))
    address = f"/cohorts/{cohort.id}/change"
    assert sign_in(people.bilal).post(address, data={"name": "Spring 2027", "ends_on": ""}).status_code == 403
    assert sign_in(people.farid).post(address, data={"name": "Spring 2027", "ends_on": ""}).status_code == 303
    assert sign_in(people.bilal).get(f"/cohorts/{cohort.id}").status_code == 200


def test_who_is_withdrawn_is_seen_for_ninety_days_more(
    people: SimpleNamespace,
    cohort: Cohort,
    database: Engine,
    sign_in: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = clock.now()
    with begin(database) as session:
        service.withdraw(session, people.bilal, cohort.id, people.amina.id)
    bilal, address = sign_in(people.bilal), f"/record/{people.amina.id}"
    assert bilal.get(address).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=91))
    answer = bilal.get(address)
    assert (answer.status_code, "This course is over" in answer.text) == (403, True)
    assert bilal.get(f"/record/{people.bushra.id}").status_code == 200


def test_whoever_is_no_instructor_any_more_teaches_nothing_when_made_one_again(
    people: SimpleNamespace, cohort: Cohort, database: Engine, sign_in: Callable
) -> None:
    farid = sign_in(people.farid)
    for role in ("auditor", "instructor"):
        answer = farid.post(
            f"/administration/accounts/{people.bilal.id}/role", data={f"account{people.bilal.id}-role": role}
        )
        assert answer.status_code == 303
    assert sign_in(people.bilal).get(f"/cohorts/{cohort.id}").status_code == 404
    assert "Cohorts without an instructor" in farid.get("/administration").text


def test_a_file_that_gives_another_role_ends_the_teaching_too(
    app: Flask, people: SimpleNamespace, cohort: Cohort, database: Engine
) -> None:
    table = b"username,full_name,role\nbilal,Bilal,auditor\n"
    with begin(database) as session, app.test_request_context():
        made = people_service.preview(session, people.farid, table, file_name="a.csv", gives_roles=True)
        people_service.apply(session, people.farid, made.id)
    with begin(database, read_only=True) as session:
        assert session.get_one(Account, people.bilal.id).role is Role.AUDITOR
        assert session.scalars(select(CohortInstructor)).all() == []


def test_a_trainee_reads_who_teaches_and_until_when(
    people: SimpleNamespace, cohort: Cohort, database: Engine, sign_in: Callable
) -> None:
    amina = sign_in(people.amina)
    for address in ("/learn", "/account/data"):
        page = amina.get(address).text
        assert ("Bilal" in page, "until 90 days after the last day of the cohort" in page) == (True, True)
    end(database, cohort, date(2099, 6, 30))
    assert "until 28 Sep 2099" in amina.get("/account/data").text
    end(database, cohort, date(2020, 6, 30))
    assert "sees your record no more" in amina.get("/learn").text
    with begin(database) as session:
        session.delete(session.get_one(CohortInstructor, (cohort.id, people.bilal.id)))
    assert "no instructor is named yet" in amina.get("/learn").text
    assert "Your instructors" not in sign_in(people.farid).get("/account/data").text
