"""The wave half a year after the course: by plan, by the same code, and seen where trainees look for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import Engine, select

from app.accounts import service as accounts
from app.accounts.models import Account, Cohort, Enrolment
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import begin
from app.core.jobs import Job, JobKind
from app.notices.models import MailAddress, Notice
from app.surveys import queries, service
from app.surveys.models import Survey, SurveyKey, SurveyResponse
from app.worker import Workshop
from config import Settings
from tests.pages import Page

FIRST = "item_time-for-citizens"


@pytest.fixture
def codes(amina: FlaskClient, steer: Callable, wave_of: Callable) -> str:
    """Amina answered before and after the course with this code; the last wave waits for its day."""
    steer("open", "before")
    before = f"/surveys/waves/{wave_of('before')}"
    code = Page(amina.get(before).text).form(before)["code"]
    amina.post(before, data={FIRST: "5", "code": code, "link": "y"})
    steer("close", "before")
    steer("open", "after")
    amina.post(f"/surveys/waves/{wave_of('after')}", data={FIRST: "3", "code": code})
    steer("close", "after")
    return code


def survey(database: Engine) -> Survey:
    with begin(database, read_only=True) as session:
        return session.scalars(select(Survey)).one()


def sheets(database: Engine) -> dict[int, tuple[str | None, str | None]]:
    with begin(database, read_only=True) as session:
        return {
            each.answers["time-for-citizens"]: (each.mark, each.pair)
            for each in session.scalars(select(SurveyResponse))
        }


def follow(database: Engine) -> service.Followed:
    with begin(database) as session:
        return service.follow_plans(session)


def at(database: Engine, *, opens: timedelta, closes: timedelta) -> None:
    """Put the plan so far from now."""
    with begin(database) as session:
        found = session.scalars(select(Survey)).one()
        found.later_opens_at, found.later_closes_at = clock.now() + opens, clock.now() + closes


def test_half_a_year_after_the_close_the_last_wave_opens_by_itself_and_closes_again(
    codes: str, database: Engine, cohort: Cohort, bilal: FlaskClient
) -> None:
    planned = survey(database)
    assert planned.later_opens_at is not None
    assert abs(planned.later_opens_at - clock.now() - timedelta(days=183)) < timedelta(minutes=5)
    assert planned.later_closes_at == planned.later_opens_at + timedelta(days=28)
    assert follow(database) == service.Followed(0, 0)
    at(database, opens=-timedelta(hours=1), closes=timedelta(days=1))
    assert follow(database) == service.Followed(1, 0)
    assert follow(database) == service.Followed(0, 0)
    assert "Six months after the course: open" in bilal.get(f"/cohorts/{cohort.id}/survey").text
    at(database, opens=-timedelta(days=2), closes=-timedelta(hours=1))
    assert follow(database) == service.Followed(0, 1)
    assert follow(database) == service.Followed(0, 0)
    with begin(database, read_only=True) as session:
        assert session.scalars(select(SurveyKey)).all() == []
        entries = session.execute(
            select(AuditEntry.verb, AuditEntry.actor_id, AuditEntry.detail).where(AuditEntry.verb.like("survey%"))
        ).all()
    assert [tuple(each) for each in entries[-2:]] == [
        ("survey_opened", None, {"wave": "later"}),
        ("survey_closed", None, {"wave": "later"}),
    ]


def test_the_worker_follows_the_plan(codes: str, database: Engine, settings: Settings) -> None:
    at(database, opens=-timedelta(hours=1), closes=timedelta(days=1))
    workshop = Workshop.of(settings)
    for _again in range(2):
        workshop.follow_survey_plans()
    with begin(database, read_only=True) as session:
        assert [wave.is_open for wave in session.scalars(select(Survey)).one().waves] == [False, False, True]


def test_who_was_not_served_on_the_days_of_the_plan_still_has_time(codes: str, database: Engine) -> None:
    at(database, opens=-timedelta(days=40), closes=-timedelta(days=12))
    assert follow(database) == service.Followed(1, 0)
    closes_at = survey(database).later_closes_at
    assert closes_at is not None
    assert closes_at > clock.now() + timedelta(days=27)
    assert follow(database) == service.Followed(0, 0)


def test_a_trainee_sees_the_day_and_then_the_questions(
    app: Flask, codes: str, amina: FlaskClient, open_later: Callable, wave_of: Callable
) -> None:
    own, calendar = amina.get("/surveys").text, amina.get("/calendar").text
    assert "You are asked once more from" in own
    assert "opens on" in calendar
    assert "Surveys (" not in own
    later = open_later()
    assert "Surveys (1)" in amina.get("/surveys").text
    assert "You can answer until" in amina.get(f"/surveys/waves/{later}").text
    assert "to answer is up to you" in amina.get("/calendar").text
    assert "the key behind all codes is destroyed" in amina.get(f"/surveys/waves/{later}").text
    amina.post(f"/surveys/waves/{later}", data={FIRST: "1"})
    assert "Surveys (" not in amina.get("/surveys").text
    assert "to answer is up to you" not in amina.get("/calendar").text


def test_other_calendars_know_the_days_and_not_whether_somebody_answered(
    app: Flask, codes: str, amina: FlaskClient, open_later: Callable
) -> None:
    [path] = re.findall(r"<code>http://[^/]+(/calendar/[^<]+\.ics)</code>", amina.post("/calendar/address").text)

    def entry() -> tuple[str, date, date]:
        [found] = Calendar.from_ical(app.test_client().get(path).data).walk("VEVENT")
        return str(found["summary"]), found.decoded("dtstart"), found.decoded("dtend")

    title, begins, ends = entry()
    assert title == "Survey: AI and my work"
    assert 182 <= (begins - clock.now().date()).days <= 184
    assert 27 <= (ends - begins).days <= 29
    later = open_later()
    before = entry()
    amina.post(f"/surveys/waves/{later}", data={FIRST: "1"})
    assert entry() == before


def test_the_code_links_the_third_answers_too(
    codes: str, amina: FlaskClient, database: Engine, open_later: Callable, steer: Callable
) -> None:
    later = open_later()
    unknown = amina.post(f"/surveys/waves/{later}", data={FIRST: "1", "code": "2345-6789-ABCD"})
    assert (unknown.status_code, "No answers were given with this code" in unknown.text) == (422, True)
    assert amina.post(f"/surveys/waves/{later}", data={FIRST: "1", "code": codes}).status_code == 303
    assert sheets(database)[1][1] is None
    steer("close", "later")
    found = sheets(database)
    assert {mark for mark, _pair in found.values()} == {None}
    assert len({pair for _mark, pair in found.values()}) == 1


def test_a_link_that_is_taken_back_leads_to_no_later_answer_and_changes_no_figure_that_is_out(
    codes: str, amina: FlaskClient, database: Engine, open_later: Callable, wave_of: Callable
) -> None:
    before = sheets(database)
    said = amina.post(f"/surveys/waves/{wave_of('before')}/take-back", data={"code": codes}, follow_redirects=True).text
    assert "The link is gone" in said
    found = sheets(database)
    assert {mark for mark, _pair in found.values()} == {None}
    assert {number: pair for number, (_mark, pair) in found.items()} == {
        number: pair for number, (_mark, pair) in before.items()
    }
    later = open_later()
    refused = amina.post(f"/surveys/waves/{later}", data={FIRST: "1", "code": codes})
    assert refused.status_code == 422
    assert amina.post(f"/surveys/waves/{later}", data={FIRST: "1"}).status_code == 303


def test_answers_of_the_open_wave_go_by_the_code_and_the_others_stay(
    codes: str, amina: FlaskClient, database: Engine, open_later: Callable
) -> None:
    later = open_later()
    amina.post(f"/surveys/waves/{later}", data={FIRST: "1", "code": codes})
    said = amina.post(f"/surveys/waves/{later}/take-back", data={"code": codes}, follow_redirects=True).text
    assert "Your answers are deleted." in said
    found = sheets(database)
    assert set(found) == {5, 3}
    assert all(mark for mark, _pair in found.values())


def test_an_instructor_changes_the_plan_or_ends_the_survey(
    codes: str, bilal: FlaskClient, cohort: Cohort, database: Engine, amina: FlaskClient
) -> None:
    address = f"/cohorts/{cohort.id}/survey/later"
    first, last = clock.now().date() + timedelta(days=90), clock.now().date() + timedelta(days=100)
    assert bilal.post(address, data={"opens_on": first.isoformat(), "last_day": last.isoformat()}).status_code == 303
    shown = Page(bilal.get(f"/cohorts/{cohort.id}/survey").text).form(address)
    assert (shown["opens_on"], shown["last_day"]) == (first.isoformat(), last.isoformat())
    for sent, message in (
        ({"opens_on": "", "last_day": last.isoformat()}, "Choose a day, for example"),
        ({"opens_on": "soon", "last_day": last.isoformat()}, "Choose a day, for example"),
        ({"opens_on": "2020-01-01", "last_day": last.isoformat()}, "Choose a day from today on, within two years."),
        ({"opens_on": last.isoformat(), "last_day": first.isoformat()}, "Choose a day from the first day on"),
        ({"opens_on": "2099-01-01", "last_day": "2099-02-01"}, "within two years"),
    ):
        refused = bilal.post(address, data=sent)
        assert (refused.status_code, message in refused.text) == (422, True), sent
    ended = bilal.post(address, data={"step": "end"}, follow_redirects=True)
    assert "The survey is ended." in ended.text
    assert {mark for mark, _pair in sheets(database).values()} == {None}
    with begin(database, read_only=True) as session:
        assert session.scalars(select(SurveyKey)).all() == []
    for again in ({"step": "end"}, {"opens_on": first.isoformat(), "last_day": last.isoformat()}):
        assert bilal.post(address, data=again).status_code == 409
    assert "Nothing is asked at present." in amina.get("/surveys").text
    assert follow(database) == service.Followed(0, 0)


def test_before_its_turn_and_of_an_open_wave_the_plan_is_what_it_can_be(
    bilal: FlaskClient, cohort: Cohort, codes: str, open_later: Callable, database: Engine
) -> None:
    open_later()
    address = f"/cohorts/{cohort.id}/survey/later"
    before = survey(database).later_opens_at
    last = clock.now().date() + timedelta(days=9)
    assert bilal.post(address, data={"last_day": last.isoformat()}).status_code == 303
    assert survey(database).later_opens_at == before
    assert bilal.post(address, data={"last_day": "2020-01-01"}).status_code == 422
    assert bilal.post(address, data={"step": "end"}).status_code == 409


def test_nothing_is_planned_before_the_course_is_over(bilal: FlaskClient, cohort: Cohort, steer: Callable) -> None:
    address = f"/cohorts/{cohort.id}/survey/later"
    days = {"opens_on": "2099-01-01", "last_day": "2099-02-01"}
    assert bilal.post(address, data=days).status_code == 409
    steer("open", "before")
    assert bilal.post(address, data=days).status_code == 409


def order(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'name="item_([a-z-]+)"', page)))


def test_items_come_in_an_order_of_this_sheet_alone_and_keep_it_while_errors_are_corrected(
    amina: FlaskClient, steer: Callable, wave_of: Callable, app: Flask, database: Engine
) -> None:
    instrument = app.extensions["catalogue"].instrument
    steer("open", "before")
    address = f"/surveys/waves/{wave_of('before')}"
    seen = [order(amina.get(address).text) for _each in range(6)]
    assert len({tuple(each) for each in seen}) > 1
    for each in seen:
        assert sorted(each) == sorted(item.id for item in instrument.items)
        scales = [next(item.scale for item in instrument.items if item.id == item_id) for item_id in each]
        assert scales == sorted(scales, key=[scale.id for scale in instrument.scales].index), "blocks stay together"
    page = amina.get(address).text
    sent = Page(page).form(address)
    refused = amina.post(address, data={"order": sent["order"]})
    assert refused.status_code == 422
    assert order(refused.text) == order(page)
    assert Page(refused.text).form(address)["order"] == sent["order"]
    strange = amina.post(address, data={"order": "<b>1</b>"})
    assert sorted(order(strange.text)) == sorted(order(page))
    assert "<b>1</b>" not in strange.text
    assert amina.post(address, data={"order": sent["order"], FIRST: "2"}).status_code == 303
    with begin(database, read_only=True) as session:
        stored = session.scalars(select(SurveyResponse)).one()
    assert sent["order"] not in str((stored.number, stored.mark, stored.pair, stored.answers))


def test_not_to_say_is_an_answer_of_every_item_and_stored_as_none(
    amina: FlaskClient, steer: Callable, wave_of: Callable, app: Flask, database: Engine
) -> None:
    steer("open", "before")
    address = f"/surveys/waves/{wave_of('before')}"
    assert amina.get(address).text.count("Prefer not to say") == len(app.extensions["catalogue"].instrument.items)
    amina.post(address, data={FIRST: "2", "item_overtaken": ""})
    with begin(database, read_only=True) as session:
        assert session.scalars(select(SurveyResponse)).one().answers == {"time-for-citizens": 2}


def test_plans_of_others_are_out_of_reach(
    sign_in: Callable, people: SimpleNamespace, cohort: Cohort, codes: str
) -> None:
    assert sign_in(people.amina).post(f"/cohorts/{cohort.id}/survey/later", data={"step": "end"}).status_code == 403


def test_whoever_follows_plans_does_not_open_a_survey_that_was_never_planned(
    steer: Callable, database: Engine, cohort: Cohort
) -> None:
    steer("open", "before")
    assert follow(database) == service.Followed(0, 0)
    with begin(database, read_only=True) as session:
        found = queries.survey_of_cohort(session, cohort.id)
        assert found is not None
        assert len(found.waves) == 1


def test_everybody_of_the_course_is_told_once_that_it_is_open_in_their_language(
    codes: str, database: Engine, cohort: Cohort, people: SimpleNamespace, sign_in: Callable, settings: Settings
) -> None:
    with begin(database) as session:
        if session.scalar(select(Enrolment.id).where(Enrolment.trainee_id == people.bushra.id)) is None:
            accounts.enrol(session, cohort, session.get_one(Account, people.bushra.id))
    at(database, opens=timedelta(hours=1), closes=timedelta(days=1))
    workshop = Workshop.of(settings)
    workshop.follow_survey_plans()
    amina, bushra, bilal = (sign_in(each) for each in (people.amina, people.bushra, people.bilal))
    assert "You have no notices." in amina.get("/notices").text
    at(database, opens=-timedelta(hours=1), closes=timedelta(days=1))
    for _again in range(2):
        workshop.follow_survey_plans()
    told = amina.get("/notices").text
    assert told.count("<h2 lang=") == 1
    assert "You are asked once more: the last survey of your course is open" in told
    assert "from the portal itself" in told
    [page] = re.findall(r'href="(/surveys/waves/\d+)"', told)
    assert "You can answer until" in amina.get(page).text
    in_urdu = bushra.get("/notices").text
    assert '<h2 lang="ur"' in in_urdu
    assert "آپ سے ایک بار پھر پوچھا جا رہا ہے" in in_urdu
    assert "You have no notices." in bilal.get("/notices").text
    # Whoever answers first is told nothing else than who never does.
    amina.post(page, data={FIRST: "1"})
    at(database, opens=-timedelta(days=2), closes=-timedelta(hours=1))
    workshop.follow_survey_plans()
    assert amina.get("/notices").text.count("<h2 lang=") == 1


def test_who_asked_for_e_mails_gets_this_one_too(
    codes: str, database: Engine, people: SimpleNamespace, settings: Settings
) -> None:
    with begin(database) as session:
        session.add(MailAddress(account_id=people.amina.id, address="amina@example.org", set_at=clock.now()))
    at(database, opens=-timedelta(hours=1), closes=timedelta(days=1))
    Workshop.of(settings).follow_survey_plans()
    with begin(database, read_only=True) as session:
        [notice] = session.scalars(select(Notice).where(Notice.trainee_id == people.amina.id))
        jobs = session.scalars(select(Job.thing_id).where(Job.kind == JobKind.SEND_NOTICE)).all()
    assert jobs == [notice.id]
    assert notice.sender_id is None
