"""A trainee's calendar is read by other calendars at a secret address that they can withdraw."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar, Event
from sqlalchemy import Engine, select

from app.accounts import progress
from app.accounts.models import Account, Cohort
from app.core import clock
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.db import begin
from app.progress.models import CalendarAddress, PlannedActivity
from app.sims.models import SimulationExercise

MODULE, QUIZ, LAB = "measure-to-manage", "quiz", "grievances"
DAY = date(2027, 3, 12)
# Half past eight in the evening of Pakistan.
DEADLINE = datetime(2027, 3, 20, 15, 30, tzinfo=UTC)


@pytest.fixture
def planned(database: Engine, cohort: Cohort, give_terms: Callable) -> None:
    give_terms(due_at=DEADLINE)
    with begin(database) as session:
        session.add(PlannedActivity(academy_id=cohort.academy_id, cohort_id=cohort.id, activity_id=QUIZ, due_on=DAY))


@pytest.fixture
def amina(amina: FlaskClient, planned: None) -> FlaskClient:
    """With something in her calendar."""
    return amina


def address(client: FlaskClient) -> str:
    """Path of a new address of a calendar."""
    page = client.post("/calendar/address")
    assert page.status_code == 200
    found = re.search(r"<code>http://[^/]+(/calendar/[^<]+\.ics)</code>", page.text)
    assert found, page.text
    return html.unescape(found[1])


def entries(client: FlaskClient, path: str) -> dict[str, Event]:
    """By the activity of each entry, as the library reads it back."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    calendar = Calendar.from_ical(answer.data)
    assert calendar["version"] == "2.0"
    assert calendar["prodid"]
    found = {str(event["uid"]).split(".")[1].partition("@")[0]: event for event in calendar.walk("VEVENT")}
    assert all(event.errors == [] and event["dtstamp"] for event in found.values())
    return found


def test_a_calendar_without_signing_in_says_what_is_due_and_when(app: Flask, amina: FlaskClient) -> None:
    found = entries(app.test_client(), address(amina))
    assert set(found) == {QUIZ, LAB}
    assert str(found[QUIZ]["summary"]) == "Due: Check your understanding"
    assert found[QUIZ].decoded("dtstart") == DAY
    assert found[QUIZ].decoded("dtend") == DAY + timedelta(days=1)
    begins = found[LAB].decoded("dtstart")
    assert begins == DEADLINE
    assert str(found[LAB]["dtstart"].params["TZID"]) == "Asia/Karachi"
    assert (begins.hour, begins.utcoffset()) == (20, timedelta(hours=5))


def test_the_zone_of_its_times_is_described(app: Flask, amina: FlaskClient) -> None:
    calendar = Calendar.from_ical(app.test_client().get(address(amina)).data)
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Karachi"]


def test_it_is_in_the_owners_language_whoever_reads_it(
    app: Flask, people: SimpleNamespace, sign_in: Callable, planned: None
) -> None:
    path = address(sign_in(people.bushra))
    assert "اپنی سمجھ پرکھیں" in str(entries(app.test_client(), path)[QUIZ]["summary"])


def test_what_is_done_leaves_it(app: Flask, amina: FlaskClient, database: Engine, people: SimpleNamespace) -> None:
    path = address(amina)
    with begin(database) as session:
        progress.mark(session, people.amina, MODULE, QUIZ, done=True)
    assert set(entries(app.test_client(), path)) == {LAB}


def test_a_plan_that_is_empty_is_still_a_calendar(app: Flask, people: SimpleNamespace, sign_in: Callable) -> None:
    assert entries(app.test_client(), address(sign_in(people.amina))) == {}


def test_a_new_address_ends_the_former_and_withdrawing_ends_all(
    app: Flask, amina: FlaskClient, database: Engine
) -> None:
    stranger, first = app.test_client(), address(amina)
    assert first not in amina.get("/calendar").text
    second = address(amina)
    assert stranger.get(first).status_code == 404
    assert stranger.get(second).status_code == 200
    for _twice in range(2):
        assert amina.post("/calendar/address/withdraw").status_code == 303
    assert stranger.get(second).status_code == 404
    with begin(database, read_only=True) as session:
        verbs = list(session.scalars(select(AuditEntry.verb).where(AuditEntry.verb.startswith("calendar_"))))
    assert verbs == ["calendar_address_made", "calendar_address_made", "calendar_address_withdrawn"]


def test_the_database_does_not_tell_the_address(amina: FlaskClient, database: Engine) -> None:
    token = address(amina).removeprefix("/calendar/").removesuffix(".ics")
    assert len(token) >= 43
    with begin(database, read_only=True) as session:
        kept = session.scalars(select(CalendarAddress)).one()
    assert token not in (kept.token_hash, str(kept.account_id))


@pytest.mark.parametrize("token", ["x", "0" * 64, "%00", "1"])
def test_a_guess_reaches_nothing(app: Flask, amina: FlaskClient, token: str) -> None:
    address(amina)
    assert app.test_client().get(f"/calendar/{token}.ics").status_code == 404


def test_who_is_no_trainee_any_more_has_no_calendar(
    app: Flask, amina: FlaskClient, database: Engine, people: SimpleNamespace
) -> None:
    path = address(amina)
    with begin(database) as session:
        session.get_one(Account, people.amina.id).role = Role.INSTRUCTOR
    assert app.test_client().get(path).status_code == 404


def test_open_exercises_stand_in_the_calendar_until_they_are_closed(
    amina: FlaskClient, database: Engine, people: SimpleNamespace, cohort: Cohort
) -> None:
    with begin(database) as session:
        exercise = SimulationExercise(
            academy_id=cohort.academy_id,
            cohort_id=cohort.id,
            module_id=MODULE,
            activity_id="grievance",
            title="Grievances of Mardan",
            seed=7,
            attempts=2,
            created_by=people.bilal.id,
            created_at=clock.now(),
        )
        session.add(exercise)
    assert "Grievances of Mardan" in amina.get("/calendar").text
    with begin(database) as session:
        session.get_one(SimulationExercise, exercise.id).closed_at = clock.now()
    assert "Grievances of Mardan" not in amina.get("/calendar").text
