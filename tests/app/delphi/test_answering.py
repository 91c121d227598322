"""Experts answer: bad numbers are refused in words, and no table leads from a person to what they said."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text

from app.core.db import Base, begin
from app.delphi import service
from app.delphi.models import DelphiOpinion, DelphiParticipation
from app.rights import erasure
from tests.app.conftest import Meanwhile
from tests.app.delphi.conftest import said
from tests.app.rights.test_erasure import ask, decide
from tests.app.test_academies_apart import everything
from tests.pages import Page, send

RIGHT = said(0, 40, 60, 80) | said(1, 2027, 2029, 2035)


def opinions(database: Engine) -> list[DelphiOpinion]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(DelphiOpinion).order_by(DelphiOpinion.number)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"q0_low": "70"}, "must lie between the least and the largest"),
        ({"q0_high": "140"}, "from 0 to 100"),
        ({"q0_likely": "much"}, "from 0 to 100"),
        ({"q0_low": ""}, "from 0 to 100"),
        ({"q1_low": "27"}, "from 2000 to 2100"),
        ({"q1_reason": "  "}, "Give a reason in words"),
        ({"q1_reason": "x" * 1001}, "Shorten this to 1000"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    experts: dict[str, FlaskClient],
    database: Engine,
    open_panel: Callable,
    round_of: Callable,
    change: dict[str, str],
    words: str,
) -> None:
    address = f"/panels/rounds/{round_of(open_panel())}"
    answer = send(experts["amina"], Page(experts["amina"].get(address).text).form(address), **(RIGHT | change))
    assert answer.status_code == 422
    page = Page(answer.text)
    assert words in page.text
    kept = page.form(address)
    assert {name: kept[name].lstrip("\r\n") for name in RIGHT} == RIGHT | change
    assert opinions(database) == []


def test_numbers_and_reasons_in_urdu_are_taken_and_shown_once(
    experts: dict[str, FlaskClient], database: Engine, open_panel: Callable, round_of: Callable
) -> None:
    address = f"/panels/rounds/{round_of(open_panel())}"
    words = "پچھلے سال کا تجربہ"
    answer = experts["bushra"].post(address, data=RIGHT | said(0, "۴۰", "۶۰٫۵", "۸۰", reason=words))
    assert answer.status_code == 200
    assert words in answer.text
    assert "60.5" in answer.text
    found = next(each for each in opinions(database) if each.question == 0)
    assert (found.low, found.likely, found.high, found.reason) == (0.4, 0.605, 0.8, words)
    again = experts["bushra"].get(address).text
    assert words not in again
    assert '<form method="post" action="' + address not in again


def test_nobody_answers_twice_in_a_round(
    experts: dict[str, FlaskClient], database: Engine, open_panel: Callable, round_of: Callable
) -> None:
    address = f"/panels/rounds/{round_of(open_panel())}"
    assert experts["amina"].post(address, data=RIGHT).status_code == 200
    before = [(each.number, each.reason) for each in opinions(database)]
    again = experts["amina"].post(address, data=RIGHT | said(0, 1, 2, 3, reason="Otherwise."))
    assert again.status_code == 409
    assert "You have answered in this round already" in again.text
    assert "Otherwise." in again.text
    assert [(each.number, each.reason) for each in opinions(database)] == before


@pytest.mark.both_databases
def test_each_answer_writes_all_opinions_anew_and_leaves_no_trace_but_who_has_answered(
    experts: dict[str, FlaskClient],
    database: Engine,
    open_panel: Callable,
    round_of: Callable,
    people: SimpleNamespace,
) -> None:
    round_id = round_of(open_panel())
    address = f"/panels/rounds/{round_id}"
    assert experts["amina"].post(address, data=RIGHT).status_code == 200
    first = {each.number for each in opinions(database)}
    tables = everything(database, but=("delphi_opinion",))
    assert experts["bilal"].post(address, data=RIGHT | said(0, 1, 2, 3, reason="Other.")).status_code == 200
    assert not first & {each.number for each in opinions(database)}
    assert len(opinions(database)) == 4
    after = everything(database, but=("delphi_opinion",))
    assert [name for name in after if after[name] != tables[name]] == ["delphi_participation"]
    with begin(database, read_only=True) as session:
        found = set(session.scalars(select(DelphiParticipation.account_id)))
    assert found == {people.amina.id, people.bilal.id}


def test_no_column_of_an_opinion_names_a_person_a_moment_or_another_opinion(database: Engine) -> None:
    table = Base.metadata.tables["delphi_opinion"]
    assert set(table.columns.keys()) == {"number", "round_id", "question", "low", "likely", "high", "reason"}
    assert {key.target_fullname for key in table.foreign_keys} == {"delphi_round.id"}
    assert set(Base.metadata.tables["delphi_participation"].columns.keys()) == {"round_id", "account_id"}
    if database.dialect.name == "sqlite":
        with begin(database, read_only=True) as session:
            made = session.scalars(text("SELECT sql FROM sqlite_master WHERE name LIKE 'delphi\\_%' ESCAPE '\\'"))
            without = [each for each in made if each and "WITHOUT ROWID" in each]
        assert len(without) == 2


def test_an_expert_reads_what_all_said_once_a_round_is_closed(
    experts: dict[str, FlaskClient], finished: str, round_of: Callable
) -> None:
    page = Page(experts["nadia"].get("/panels").text)
    assert "What all said" in page.text
    text_of_round = Page(experts["nadia"].get(f"/panels/rounds/{round_of(finished)}").text).text
    assert "54%" in text_of_round
    assert "Second of years 4." in text_of_round


@pytest.mark.on_postgresql
def test_whoever_is_erased_meanwhile_has_not_answered(
    experts: dict[str, FlaskClient],
    farid: FlaskClient,
    database: Engine,
    open_panel: Callable,
    round_of: Callable,
    meanwhile: Meanwhile,
) -> None:
    address = f"/panels/rounds/{round_of(open_panel())}"
    ask(experts["amina"])
    answered = meanwhile(erasure, "said_in_log", lambda: experts["amina"].post(address, data=RIGHT))
    assert decide(farid, database).status_code == 303
    assert answered.result().status_code == 404
    assert opinions(database) == []
    with begin(database, read_only=True) as session:
        assert list(erasure.faults(session)) == []


@pytest.mark.on_postgresql
def test_whoever_is_erased_meanwhile_is_no_expert(
    experts: dict[str, FlaskClient], farid: FlaskClient, database: Engine, open_panel: Callable, meanwhile: Meanwhile
) -> None:
    ask(experts["amina"])
    opened = meanwhile(service, "_open_round", lambda: decide(farid, database))
    open_panel()
    assert opened.result().status_code == 303
    with begin(database, read_only=True) as session:
        assert list(erasure.faults(session)) == []
