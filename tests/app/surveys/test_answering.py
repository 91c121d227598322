"""Answers come in without a name: no table, no order, no moment and no log leads from a person to what they said."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import DateTime, Engine, delete, insert, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.accounts.models import Cohort, Enrolment
from app.accounts.service import change_role
from app.competencies.models import Evidence
from app.content.schemas import Instrument
from app.core import audit
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.db import Base, begin
from app.core.sealing import Seal
from app.rights import erasure
from app.surveys.models import SurveyKey, SurveyParticipation, SurveyResponse
from tests.app.conftest import Meanwhile
from tests.app.rights.test_erasure import ask, decide
from tests.app.test_academies_apart import everything
from tests.pages import Page, send, without_tokens

FIRST, SECOND = "item_time-for-citizens", "item_unfair-to-areas"
UNUSED = "2345-6789-ABCD"


def responses(database: Engine) -> list[tuple[str, str | None, dict[str, int]]]:
    with begin(database, read_only=True) as session:
        found = session.scalars(select(SurveyResponse).order_by(SurveyResponse.wave_id, SurveyResponse.number))
        return [(each.number, each.mark, each.answers) for each in found]


def pairs(database: Engine) -> dict[int, str | None]:
    """The pair of each response, by what it answered to the first item."""
    with begin(database, read_only=True) as session:
        return {each.answers["time-for-citizens"]: each.pair for each in session.scalars(select(SurveyResponse))}


def participants(database: Engine) -> set[int]:
    with begin(database, read_only=True) as session:
        return set(session.scalars(select(SurveyParticipation.trainee_id)))


def shown_code(client: FlaskClient, wave_id: int) -> str:
    """The code that the page before the course proposes."""
    return Page(client.get(f"/surveys/waves/{wave_id}").text).form(f"/surveys/waves/{wave_id}")["code"]


@pytest.fixture
def open_before(steer: Callable, wave_of: Callable) -> int:
    assert steer("open", "before") == 303
    return wave_of("before")


def test_a_trainee_reads_what_is_asked_and_answers(
    amina: FlaskClient, open_before: int, database: Engine, people: SimpleNamespace
) -> None:
    assert f"/surveys/waves/{open_before}" in amina.get("/surveys").text
    page = amina.get(f"/surveys/waves/{open_before}").text
    for promise in ("Nobody has to answer", "without your name", "at least 15 people", "destroyed"):
        assert (promise in page) == (promise != "destroyed")
    answer = amina.post(f"/surveys/waves/{open_before}", data={FIRST: "4", SECOND: ""}, follow_redirects=True)
    assert "stored without your name" in answer.text
    assert "You have answered" in answer.text
    [(_number, mark, answers)] = responses(database)
    assert (mark, answers) == (None, {"time-for-citizens": 4})
    assert participants(database) == {people.amina.id}
    assert "You have answered this survey." in amina.get(f"/surveys/waves/{open_before}").text


def test_the_tables_of_answers_hold_neither_a_person_nor_a_moment() -> None:
    table = Base.metadata.tables["survey_response"]
    assert set(table.columns.keys()) == {"number", "wave_id", "mark", "pair", "answers"}
    assert {key.target_fullname for key in table.foreign_keys} == {"survey_wave.id"}
    assert not {"survey_response.number"} & {
        key.target_fullname for each in Base.metadata.tables.values() for key in each.foreign_keys
    }
    for name in ("survey_response", "survey_participation"):
        columns = Base.metadata.tables[name].columns
        assert not any(isinstance(getattr(each.type, "impl_instance", each.type), DateTime) for each in columns)


@pytest.mark.both_databases
def test_no_order_number_or_note_of_the_database_leads_from_who_answered_to_what(
    database: Engine, open_before: int, enrolled: Callable, answer: Callable
) -> None:
    people = enrolled(12)
    seen: set[str] = set()
    orders = set()
    for place, person in enumerate(people):
        answer(person, {"overtaken": 1 + place % 5, "time-for-citizens": 1 + place // 5})
        numbers = {number for number, _mark, _answers in responses(database)}
        assert len(numbers) == place + 1
        assert not numbers & seen, "a number that stays tells which response is new"
        seen |= numbers
        orders.add(order_of_answering(database))
    assert len(orders) == len(people)
    assert tuple(range(12)) not in orders
    with begin(database, read_only=True) as session:
        if database.dialect.name == "postgresql":
            assert len(session.scalars(text("SELECT DISTINCT xmin::text FROM survey_response")).all()) == 1
            physical = session.scalars(text("SELECT number FROM survey_response ORDER BY ctid")).all()
            assert sorted(physical) == sorted(number for number, _mark, _answers in responses(database))
        else:
            for table in ("survey_response", "survey_participation"):
                with pytest.raises(OperationalError, match="no such column: rowid"):
                    session.execute(text(f"SELECT rowid FROM {table}"))


def order_of_answering(database: Engine) -> tuple[int, ...]:
    """In which place everybody answered, in the order in which the database keeps the answers."""
    statement = "SELECT answers FROM survey_response"
    if database.dialect.name == "postgresql":
        statement += " ORDER BY ctid"
    with begin(database, read_only=True) as session:
        rows = session.execute(text(statement)).scalars().all()
    found = [row if isinstance(row, dict) else json.loads(row) for row in rows]
    return tuple((each["time-for-citizens"] - 1) * 5 + each["overtaken"] - 1 for each in found)


def test_nothing_else_in_the_database_changes_when_somebody_answers(
    app: Flask, database: Engine, open_before: int, amina: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    code = shown_code(amina, open_before)
    before = everything(database, but=("survey_response", "survey_participation"))
    with caplog.at_level(logging.DEBUG):
        sent = {FIRST: "4", "item_overtaken": "1", "code": code, "link": "y"}
        assert amina.post(f"/surveys/waves/{open_before}", data=sent).status_code == 303
    assert everything(database, but=("survey_response", "survey_participation")) == before
    assert code not in str(everything(database))
    assert code not in caplog.text
    assert "time-for-citizens" not in caplog.text
    with begin(database, read_only=True) as session:
        assert audit.verify(session).broken_id is None


@pytest.mark.both_databases
def test_an_error_of_the_database_does_not_tell_what_was_answered(database: Engine) -> None:
    row = {"number": "x", "wave_id": 999_999, "mark": None, "answers": {"overtaken": 5}}
    with pytest.raises(DBAPIError) as caught, begin(database) as session:
        session.execute(insert(SurveyResponse), [row])
    assert "overtaken" not in str(caught.value)
    assert "[SQL parameters hidden" in str(caught.value)


@pytest.mark.both_databases
def test_only_the_code_finds_answers_and_takes_them_back(
    amina: FlaskClient, open_before: int, database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    survey = f"/surveys/{survey_of(database)}/mine"
    code = shown_code(amina, open_before)
    amina.post(f"/surveys/waves/{open_before}", data={FIRST: "5", "code": code, "link": "y"})
    [(_number, mark, _answers)] = responses(database)
    assert mark is not None
    assert code not in mark
    shown = amina.post(survey, data={"code": f"{code[:4]}-{code[4:8]} {code[8:].lower()}"})
    assert shown.status_code == 200
    assert "Strongly agree" in shown.text
    for wrong in (UNUSED, ""):
        refused = amina.post(survey, data={"code": wrong})
        assert refused.status_code == 422
        assert "Strongly agree" not in refused.text
    assert amina.post(f"/surveys/waves/{open_before}/take-back", data={"code": UNUSED}).status_code == 422
    gone = amina.post(f"/surveys/waves/{open_before}/take-back", data={"code": code}, follow_redirects=True)
    assert "Your answers are deleted." in gone.text
    assert responses(database) == []
    assert participants(database) == {people.amina.id}


def survey_of(database: Engine) -> int:
    with begin(database, read_only=True) as session:
        return session.execute(text("SELECT id FROM survey")).scalar_one()


def test_after_the_close_only_the_link_can_be_taken_back(
    amina: FlaskClient, open_before: int, database: Engine, steer: Callable
) -> None:
    code = shown_code(amina, open_before)
    amina.post(f"/surveys/waves/{open_before}", data={FIRST: "5", "code": code, "link": "y"})
    steer("close", "before")
    assert participants(database) == set()
    stored = responses(database)
    late = amina.post(f"/surveys/waves/{open_before}/take-back", data={"code": code, "step": "delete"})
    assert (late.status_code, "This survey was closed meanwhile" in late.text) == (409, True)
    assert responses(database) == stored
    shown = Page(amina.post(f"/surveys/{survey_of(database)}/mine", data={"code": code}).text)
    said = Page(amina.get(send(amina, shown.form("/take-back")).location).text)
    assert "The link is gone" in said.text
    assert [(mark, answers) for _number, mark, answers in responses(database)] == [(None, {"time-for-citizens": 5})]
    assert amina.post(f"/surveys/{survey_of(database)}/mine", data={"code": code}).status_code == 422


@pytest.mark.both_databases
def test_with_the_last_close_the_key_goes_and_pairs_stay(
    amina: FlaskClient,
    open_before: int,
    database: Engine,
    people: SimpleNamespace,
    sign_in: Callable,
    steer: Callable,
    wave_of: Callable,
    open_later: Callable,
) -> None:
    bushra = sign_in(people.bushra)
    code, unpaired = shown_code(amina, open_before), shown_code(bushra, open_before)
    amina.post(f"/surveys/waves/{open_before}", data={FIRST: "5", "code": code, "link": "y"})
    bushra.post(f"/surveys/waves/{open_before}", data={FIRST: "1", "code": unpaired, "link": "y"})
    steer("close", "before")
    steer("open", "after")
    former = {mark for _number, mark, _answers in responses(database)}
    after = wave_of("after")
    assert amina.post(f"/surveys/waves/{after}", data={FIRST: "3", "code": code}).status_code == 303
    assert bushra.post(f"/surveys/waves/{after}", data={FIRST: "2"}).status_code == 303
    assert amina.post(f"/surveys/{survey_of(database)}/mine", data={"code": code}).text.count("<caption>") == 2
    steer("close", "after")
    paired = pairs(database)
    assert paired[5] == paired[3] is not None
    assert paired[1] is paired[2] is None
    assert paired[5] not in former
    later = open_later()
    assert amina.post(f"/surveys/waves/{later}", data={FIRST: "4", "code": code}).status_code == 303
    assert amina.post(f"/surveys/{survey_of(database)}/mine", data={"code": code}).text.count("<caption>") == 3
    steer("close", "later")
    assert pairs(database)[4] == paired[5] == pairs(database)[3]
    assert {mark for _number, mark, _answers in responses(database)} == {None}
    assert participants(database) == set()
    with begin(database, read_only=True) as session:
        assert session.scalars(select(SurveyKey)).all() == []
    assert amina.post(f"/surveys/{survey_of(database)}/mine", data={"code": code}).status_code == 422
    assert "is destroyed" in amina.get(f"/surveys/{survey_of(database)}/mine").text


def test_nobody_answers_twice_or_late(amina: FlaskClient, open_before: int, database: Engine, steer: Callable) -> None:
    address = f"/surveys/waves/{open_before}"
    assert amina.post(address, data={FIRST: "5"}).status_code == 303
    again = amina.post(address, data={FIRST: "1"})
    assert (again.status_code, "answered this survey already" in again.text) == (409, True)
    steer("close", "before")
    late = amina.post(address, data={FIRST: "1"})
    assert (late.status_code, "is closed" in late.text) == (409, True)
    assert "This survey is closed." in amina.get(address).text
    assert [answers for _number, _mark, answers in responses(database)] == [{"time-for-citizens": 5}]


def test_what_cannot_be_stored_is_said_and_what_was_chosen_is_kept(
    amina: FlaskClient, open_before: int, database: Engine
) -> None:
    address = f"/surveys/waves/{open_before}"
    for sent, message in (
        ({}, "Answer at least one question"),
        ({FIRST: "", SECOND: ""}, "Answer at least one question"),
        ({FIRST: "6"}, "Not a valid choice"),
        ({FIRST: "4", "link": "y"}, "The code was lost on the way"),
        ({FIRST: "4", "link": "y", "code": "short"}, "The code was lost on the way"),
    ):
        answer = amina.post(address, data=sent)
        assert (answer.status_code, message in answer.text) == (422, True), sent
    chosen = amina.post(address, data={FIRST: "4", "link": "y"}).text
    assert 'checked id="item_time-for-citizens-3"' in chosen
    assert len(Page(chosen).form(address)["code"]) == 12
    assert responses(database) == []
    assert participants(database) == set()


def test_a_code_links_two_waves_and_no_more(
    amina: FlaskClient,
    open_before: int,
    database: Engine,
    people: SimpleNamespace,
    sign_in: Callable,
    steer: Callable,
    wave_of: Callable,
) -> None:
    bushra = sign_in(people.bushra)
    bushra.post("/language", data={"language": "en"})
    code = shown_code(amina, open_before)
    amina.post(f"/surveys/waves/{open_before}", data={FIRST: "5", "code": code, "link": "y"})
    same = bushra.post(f"/surveys/waves/{open_before}", data={FIRST: "5", "code": code, "link": "y"})
    assert (same.status_code, "are there already" in same.text) == (422, True)
    steer("close", "before")
    steer("open", "after")
    after = f"/surveys/waves/{wave_of('after')}"
    wrong = amina.post(after, data={FIRST: "2", "code": UNUSED})
    assert (wrong.status_code, "No answers were given with this code" in wrong.text) == (422, True)
    assert UNUSED in wrong.text
    assert amina.post(after, data={FIRST: "2", "code": code}).status_code == 303
    taken = bushra.post(after, data={FIRST: "2", "code": code})
    assert (taken.status_code, "are there already" in taken.text) == (422, True)


def test_under_another_secret_of_the_portal_answers_come_in_without_a_link(
    app: Flask, amina: FlaskClient, open_before: int, database: Engine
) -> None:
    code = shown_code(amina, open_before)
    app.extensions["survey_seal"] = Seal("another secret", "survey keys")
    linked = amina.post(f"/surveys/waves/{open_before}", data={FIRST: "5", "code": code, "link": "y"})
    assert linked.status_code == 422
    assert amina.post(f"/surveys/waves/{open_before}", data={FIRST: "5"}).status_code == 303


def test_who_is_of_no_such_cohort_finds_no_survey(
    amina: FlaskClient, open_before: int, database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    number = survey_of(database)
    zara = sign_in(people.zara)
    with begin(database) as session:
        session.execute(delete(Enrolment).where(Enrolment.trainee_id == people.amina.id))
    for client in (amina, zara):
        assert "There is no survey for your cohorts." in client.get("/surveys").text
        assert client.get(f"/surveys/waves/{open_before}").status_code == 404
        assert client.get(f"/surveys/{number}/mine").status_code == 404
        assert client.post(f"/surveys/waves/{open_before}/take-back", data={"code": UNUSED}).status_code == 404
    assert amina.post(f"/surveys/waves/{open_before}", data={FIRST: "5"}).status_code == 404


@pytest.mark.both_databases
def test_who_is_withdrawn_takes_back_by_the_code_and_answers_no_more(
    amina: FlaskClient,
    open_before: int,
    database: Engine,
    people: SimpleNamespace,
    sign_in: Callable,
    cohort: Cohort,
) -> None:
    code, mine = shown_code(amina, open_before), f"/surveys/{survey_of(database)}/mine"
    amina.post(f"/surveys/waves/{open_before}", data={FIRST: "5", "code": code, "link": "y"})
    withdrawn = sign_in(people.bilal).post(f"/cohorts/{cohort.id}/members/{people.amina.id}/withdraw")
    assert withdrawn.status_code == 303
    page = amina.get("/surveys").text
    assert "There is no survey for your cohorts." in page
    assert mine in page
    assert amina.get(f"/surveys/waves/{open_before}").status_code == 404
    assert amina.post(f"/surveys/waves/{open_before}", data={FIRST: "1"}).status_code == 404
    assert "Strongly agree" in amina.post(mine, data={"code": code}).text
    gone = amina.post(f"/surveys/waves/{open_before}/take-back", data={"code": code}, follow_redirects=True)
    assert "Your answers are deleted." in gone.text
    assert responses(database) == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.TRAINEE])
def test_who_is_staff_by_now_finds_and_takes_back_what_they_answered(
    amina: FlaskClient,
    open_before: int,
    database: Engine,
    people: SimpleNamespace,
    sign_in: Callable,
    role: Role,
) -> None:
    code, mine = shown_code(amina, open_before), f"/surveys/{survey_of(database)}/mine"
    amina.post(f"/surveys/waves/{open_before}", data={FIRST: "5", "code": code, "link": "y"})
    assert 'href="/surveys">My answers' not in amina.get("/account/data").text
    with begin(database) as session:
        change_role(session, people.farid, people.amina.id, role)
    staff = sign_in(people.amina)
    assert 'href="/surveys">My answers' in staff.get("/account/data").text
    assert mine in staff.get("/surveys").text
    assert staff.get(f"/surveys/waves/{open_before}").status_code == 403
    assert staff.get(mine).status_code == 200
    assert "Strongly agree" in staff.post(mine, data={"code": code}).text
    gone = staff.post(f"/surveys/waves/{open_before}/take-back", data={"code": code}, follow_redirects=True)
    assert "Your answers are deleted." in gone.text
    assert responses(database) == []


def test_an_answer_or_none_changes_no_skill_record(
    amina: FlaskClient, open_before: int, database: Engine, people: SimpleNamespace
) -> None:
    def pages() -> list[str]:
        """Without what the navigation counts."""
        found = [amina.get(address, follow_redirects=True) for address in ("/record", "/learn")]
        assert [each.status_code for each in found] == [200, 200]
        return [without_tokens(each.text.partition("<main")[2]) for each in found]

    record = pages()
    amina.post(f"/surveys/waves/{open_before}", data={FIRST: "1"})
    amina.get("/surveys")
    assert pages() == record
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Evidence)).all() == []


def test_the_waves_follow_one_another(
    bilal: FlaskClient, steer: Callable, cohort: Cohort, database: Engine, instrument: Instrument
) -> None:
    turns = [("open", "before"), ("close", "before"), ("open", "after"), ("close", "after")]
    for number, turn in enumerate(turns):
        for other in turns:
            if other != turn:
                assert steer(*other) == 409
        assert steer(*turn) == 303, number
    assert [steer(*turn) for turn in turns] == [409] * 4
    assert steer("open", "later") == 409
    for step, wave in (("", ""), ("open", "someday"), ("reopen", "after")):
        assert steer(step, wave) == 404
    assert bilal.get("/cohorts/999999/survey").status_code == 404
    with begin(database, read_only=True) as session:
        verbs = session.execute(select(AuditEntry.verb, AuditEntry.detail).where(AuditEntry.verb.like("survey%")))
        assert [(verb, detail) for verb, detail in verbs] == [
            ("survey_opened", {"wave": "before"}),
            ("survey_closed", {"wave": "before"}),
            ("survey_opened", {"wave": "after"}),
            ("survey_closed", {"wave": "after"}),
        ]
    assert f"Version {instrument.version} of the questions" in bilal.get(f"/cohorts/{cohort.id}/survey").text


def test_a_survey_keeps_the_questions_that_it_began_with(
    app: Flask, amina: FlaskClient, open_before: int, instrument: Instrument
) -> None:
    from dataclasses import replace

    changed = instrument.model_copy(update={"version": 2, "items": instrument.items[1:]})
    app.extensions["catalogue"] = replace(app.extensions["catalogue"], instrument=changed)
    assert instrument.items[0].text.en in amina.get(f"/surveys/waves/{open_before}").text


@pytest.mark.on_postgresql
def test_whoever_is_erased_meanwhile_has_not_answered(
    amina: FlaskClient,
    farid: FlaskClient,
    people: SimpleNamespace,
    open_before: int,
    database: Engine,
    meanwhile: Meanwhile,
) -> None:
    ask(amina)
    answered = meanwhile(erasure, "said_in_log", lambda: amina.post(f"/surveys/waves/{open_before}", data={FIRST: "4"}))
    assert decide(farid, database).status_code == 303
    assert answered.result().status_code == 404
    assert (participants(database), responses(database)) == (set(), [])
    with begin(database, read_only=True) as session:
        assert list(erasure.faults(session)) == []
