"""A cohort gets a plan; its page says who is on track, behind, silent or finished, and opens to what is not done."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

from app.accounts import progress
from app.accounts import service as accounts
from app.accounts.models import Account, Cohort, Enrolment
from app.accounts.progress import ActivityProgress
from app.core import clock
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.db import begin
from app.core.locale import today
from app.progress.models import PlannedActivity

MODULE, LAB, QUIZ = "measure-to-manage", "grievances", "quiz"
PASSWORD = "a long password"


@pytest.fixture
def activities(app: Flask) -> list[str]:
    return [each.id for each in app.extensions["catalogue"].module(MODULE).activities]


@pytest.fixture
def this_day(app: Flask) -> date:
    with app.test_request_context():
        return today()


@pytest.fixture
def plan(database: Engine, cohort: Cohort) -> Callable[..., None]:
    """Make activities due on these days: plan(quiz=...), without a page."""

    def give(**due_on: date) -> None:
        with begin(database) as session:
            for activity_id, day in due_on.items():
                session.add(
                    PlannedActivity(
                        academy_id=cohort.academy_id, cohort_id=cohort.id, activity_id=activity_id, due_on=day
                    )
                )

    return give


@pytest.fixture
def joined_long_ago(database: Engine) -> None:
    with begin(database) as session:
        session.execute(update(Enrolment).values(enrolled_at=clock.now() - timedelta(days=90)))


def did(database: Engine, trainee: Account, *activity_ids: str, days_ago: int = 0) -> None:
    with begin(database) as session:
        for activity_id in activity_ids:
            row = progress.mark(session, trainee, MODULE, activity_id, done=True)
            row.started_at = row.done_at = clock.now() - timedelta(days=days_ago)


def statuses(page: str) -> dict[str, str]:
    """By name the status in the table of trainees."""
    rows = re.findall(
        r'<th scope="row"><a href="[^"]*/progress/\d+"><bdi>(.*?)</bdi>.*?<span class="mark[^>]*>(.*?)<', page
    )
    return {html.unescape(name): status for name, status in rows}


def counts(page: str) -> dict[str, str]:
    return dict(re.findall(r"<div><dt>(.*?)</dt><dd>(\d+ \(.*?\))</dd>", page))


def test_all_four_statuses_with_counts_and_shares(
    bilal: FlaskClient,
    database: Engine,
    people: SimpleNamespace,
    cohort: Cohort,
    plan: Callable,
    joined_long_ago: None,
    activities: list[str],
    this_day: date,
) -> None:
    plan(quiz=this_day - timedelta(days=1))
    with begin(database) as session:
        academy = session.get_one(Account, people.amina.id).academy
        for name in ("dawood", "eman"):
            account = accounts.add_account(
                session, academy, username=name, full_name=name.title(), role=Role.TRAINEE, password=PASSWORD
            )
            accounts.enrol(session, session.get_one(Cohort, cohort.id), account)
            setattr(people, name, account)
    did(database, people.amina, *activities)
    did(database, people.bushra, activities[0], days_ago=8)
    did(database, people.dawood, activities[0], days_ago=6)
    did(database, people.eman, QUIZ)
    page = bilal.get(f"/cohorts/{cohort.id}/progress").text
    assert statuses(page) == {"Amina": "Finished", "Bushra": "Silent", "Dawood": "Behind", "Eman": "On track"}
    assert counts(page) == dict.fromkeys(("On track", "Behind", "Silent", "Finished"), "1 (25%)")
    only = bilal.get(f"/cohorts/{cohort.id}/progress?status=silent").text
    assert statuses(only) == {"Bushra": "Silent"}
    assert counts(only) == counts(page)


def test_the_order_is_of_work_and_not_of_people(
    bilal: FlaskClient, database: Engine, people: SimpleNamespace, cohort: Cohort, plan: Callable, this_day: date
) -> None:
    plan(quiz=this_day - timedelta(days=1))
    did(database, people.bushra, QUIZ, days_ago=3)
    did(database, people.amina, LAB)
    path = f"/cohorts/{cohort.id}/progress?order="
    assert list(statuses(bilal.get(path + "name").text)) == ["Amina", "Bushra"]
    assert list(statuses(bilal.get(path + "last_active").text)) == ["Bushra", "Amina"]
    assert list(statuses(bilal.get(path + "waiting").text)) == ["Amina", "Bushra"]
    assert list(statuses(bilal.get(path + "points&status=best").text)) == ["Amina", "Bushra"]


def test_who_joined_lately_is_behind_and_not_silent(
    bilal: FlaskClient, cohort: Cohort, plan: Callable, this_day: date
) -> None:
    plan(quiz=this_day - timedelta(days=30))
    assert statuses(bilal.get(f"/cohorts/{cohort.id}/progress").text) == {"Amina": "Behind", "Bushra": "Behind"}


def test_what_is_due_today_is_not_overdue(bilal: FlaskClient, cohort: Cohort, plan: Callable, this_day: date) -> None:
    plan(quiz=this_day)
    assert set(statuses(bilal.get(f"/cohorts/{cohort.id}/progress").text).values()) == {"On track"}


def test_a_lab_is_due_by_its_terms(
    bilal: FlaskClient, cohort: Cohort, give_terms: Callable, people: SimpleNamespace
) -> None:
    give_terms(due_at=clock.now() - timedelta(minutes=1))
    assert set(statuses(bilal.get(f"/cohorts/{cohort.id}/progress").text).values()) == {"Behind"}
    page = bilal.get(f"/cohorts/{cohort.id}/progress/{people.amina.id}").text
    assert page.count("Overdue") == 1
    assert "not started" in page


def test_any_trace_of_work_breaks_the_silence(
    bilal: FlaskClient,
    database: Engine,
    people: SimpleNamespace,
    cohort: Cohort,
    plan: Callable,
    joined_long_ago: None,
    finish_a_run: Callable,
    this_day: date,
) -> None:
    plan(quiz=this_day - timedelta(days=1))
    finish_a_run(people.amina)
    with begin(database) as session:
        old = clock.now() - timedelta(days=60)
        session.execute(update(ActivityProgress).values(started_at=old, done_at=old))
    page = bilal.get(f"/cohorts/{cohort.id}/progress").text
    assert statuses(page) == {"Amina": "Behind", "Bushra": "Silent"}


def test_without_a_plan_nobody_is_behind_and_the_page_says_why(
    bilal: FlaskClient, cohort: Cohort, joined_long_ago: None
) -> None:
    page = bilal.get(f"/cohorts/{cohort.id}/progress").text
    assert "This cohort has no plan yet" in page
    assert set(statuses(page).values()) == {"On track"}


def test_a_cohort_whose_content_is_gone_still_has_a_page(
    bilal: FlaskClient, database: Engine, cohort: Cohort, people: SimpleNamespace
) -> None:
    with begin(database) as session:
        session.get_one(Cohort, cohort.id).module_id = "gone"
    assert "not installed" in bilal.get(f"/cohorts/{cohort.id}/progress").text
    assert "not installed" in bilal.get(f"/cohorts/{cohort.id}/progress/{people.amina.id}").text
    assert bilal.get(f"/cohorts/{cohort.id}/plan").status_code == 404


def test_only_who_is_enrolled_is_opened(bilal: FlaskClient, cohort: Cohort, people: SimpleNamespace) -> None:
    assert bilal.get(f"/cohorts/{cohort.id}/progress/{people.bilal.id}").status_code == 404
    assert bilal.get(f"/cohorts/{cohort.id}/progress/{people.zara.id}").status_code == 404


def filled(page: str) -> dict[str, str]:
    """The days that the fields of the plan hold."""
    fields = re.findall(r"<input[^>]* type=\"date\"[^>]*>", page)
    named = [(re.search(r'name="([^"]+)"', each), re.search(r'value="([^"]*)"', each)) for each in fields]
    return {name[1]: value[1] for name, value in named if name and value and name[1] != "first_day"}


def test_a_proposal_is_shown_kept_and_seen_by_the_trainee(
    bilal: FlaskClient,
    database: Engine,
    people: SimpleNamespace,
    cohort: Cohort,
    sign_in: Callable,
    activities: list[str],
    this_day: date,
) -> None:
    path = f"/cohorts/{cohort.id}/plan"
    proposed = bilal.get(path, query_string={"first_day": this_day.isoformat(), "weeks": "۴"}).text
    assert "This is a proposal" in proposed
    days = filled(proposed)
    assert days[f"{activities[0]}-begins_on"] == this_day.isoformat()
    assert days[f"{activities[-1]}-due_on" if activities[-1] != LAB else f"{LAB}-begins_on"]
    assert f"{LAB}-due_on" not in days
    assert filled(bilal.get(path).text) == dict.fromkeys(days, "")
    answer = bilal.post(path, data=days)
    assert answer.status_code == 303
    assert filled(bilal.get(path).text) == days
    amina = sign_in(people.amina)
    assert "Calendar" in amina.get("/learn").text
    page = amina.get("/calendar").text
    assert page.count("due by the end of") == len(activities) - 1
    assert bilal.post(path, data=days).status_code == 303
    with begin(database, read_only=True) as session:
        kept = list(session.scalars(select(AuditEntry).where(AuditEntry.verb == "plan_set")))
    assert len(kept) == 1
    assert set(kept[0].detail["changes"]) == set(activities)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"quiz-begins_on": "2027-03-05", "quiz-due_on": "2027-03-04"}, "It is due before it begins."),
        ({"quiz-begins_on": "2027-03-05"}, "Say by which day it is due as well"),
        ({"quiz-due_on": "tomorrow"}, "Choose a day, for example 2027-03-01."),
        ({"quiz-due_on": "2027-02-28"}, "The cohort begins on 1 Mar 2027."),
        ({"quiz-due_on": "2027-05-01"}, "The cohort ends on 30 Apr 2027."),
        ({f"{LAB}-begins_on": "2027-05-01"}, "The cohort ends on 30 Apr 2027."),
    ],
)
def test_bad_days_are_told_in_words_and_keep_what_was_typed(
    bilal: FlaskClient, database: Engine, cohort: Cohort, typed: dict[str, str], said: str
) -> None:
    with begin(database) as session:
        found = session.get_one(Cohort, cohort.id)
        found.begins_on, found.ends_on = date(2027, 3, 1), date(2027, 4, 30)
    answer = bilal.post(f"/cohorts/{cohort.id}/plan", data=typed)
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)
    assert filled(answer.text) | typed == filled(answer.text)
    with begin(database, read_only=True) as session:
        assert list(session.scalars(select(PlannedActivity))) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"first_day": "2027-03-01", "weeks": "0"}, "Type a number from 1 to 52."),
        ({"first_day": "2027-03-01", "weeks": ""}, "Type a number from 1 to 52."),
        ({"first_day": "2027-03-01", "weeks": "many"}, "Type a whole number."),
        ({"first_day": "", "weeks": "4"}, "Choose the first day."),
        ({"first_day": "soon", "weeks": "4"}, "Choose a day, for example 2027-03-01."),
    ],
)
def test_a_proposal_from_nonsense_is_refused_in_words(
    bilal: FlaskClient, cohort: Cohort, typed: dict[str, Any], said: str
) -> None:
    answer = bilal.get(f"/cohorts/{cohort.id}/plan", query_string=typed)
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)
    assert "This is a proposal" not in answer.text


def test_the_calendar_tells_overdue_from_done(
    database: Engine, people: SimpleNamespace, sign_in: Callable, plan: Callable, this_day: date, activities: list[str]
) -> None:
    amina = sign_in(people.amina)
    assert "Nothing is due." in amina.get("/calendar").text
    plan(quiz=this_day - timedelta(days=20))
    page = amina.get("/calendar").text
    assert "Overdue" in page
    did(database, people.amina, QUIZ)
    page = amina.get("/calendar").text
    assert "Overdue" not in page
    assert "Nothing is due." in page


def test_urdu_readers_get_the_pages_in_urdu(
    people: SimpleNamespace, sign_in: Callable, plan: Callable, this_day: date
) -> None:
    plan(quiz=this_day)
    page = sign_in(people.bushra).get("/calendar").text
    assert 'dir="rtl"' in page
    assert "<h1>Calendar" not in page
