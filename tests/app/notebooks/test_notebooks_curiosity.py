"""The curiosity log: with consent, for its owner alone, once, and gone when its owner says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts import consent
from app.content.data import write_lab_files
from app.core import clock
from app.core.db import begin
from app.notebooks import contact, curiosity
from app.notebooks.datasets import Column
from app.notebooks.models import NotebookInquiry

LAB = "/notebooks/measure-to-manage/grievances"
LOG = f"{LAB}/questions"
GROUPING = "clean.groupby('language')['severity'].mean()"
SignIn = Callable[..., FlaskClient]


@pytest.fixture(autouse=True)
def lab_files(app: Flask) -> None:
    settings = app.extensions["settings"]
    write_lab_files(app.extensions["catalogue"], settings.lab_files_folder)


def answer(client: FlaskClient, said: str) -> int:
    return client.post(f"{LOG}/consent", data={"answer": said}).status_code


@pytest.fixture
def word(app: Flask) -> Callable[..., str]:
    """What a page got from the academy for this person."""

    def give(trainee) -> str:
        with app.app_context():
            return contact.word(trainee.id)

    return give


def send(client: FlaskClient, *codes: str, said: str = "", elapsed: str = "0") -> int:
    cells = [{"code": code, "contact": said, "elapsed": elapsed} for code in codes]
    return client.post(LOG, json={"cells": cells}).status_code


def kept(database: Engine) -> list[tuple[str, tuple[str, ...]]]:
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(NotebookInquiry).order_by(NotebookInquiry.id))
        return [(row.kind, tuple(json.loads(row.column_names))) for row in rows]


@pytest.mark.both_databases
def test_with_consent_questions_are_kept_once_with_columns_and_without_code(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    client = sign_in(people.amina)
    assert answer(client, "yes") == 303
    for _time in range(2):
        assert send(client, GROUPING, "clean[clean['of my own'] == 'Secret Name']") == 204
    assert kept(database) == [("group", ("language",)), ("summary", ("severity",)), ("filter", ())]
    page = client.get(LOG).text
    assert "Compared groups" in page
    assert "Secret Name" not in page
    not_compared = page[page.index("not compared groups") :]
    assert "channel" in not_compared
    assert '<code dir="ltr">language' not in not_compared


@pytest.mark.parametrize("said", [None, "no"])
def test_without_consent_nothing_is_kept_even_when_it_is_sent(
    people: SimpleNamespace, sign_in: SignIn, database: Engine, said: str | None
) -> None:
    client = sign_in(people.amina)
    if said:
        assert answer(client, said) == 303
    assert send(client, GROUPING) == 409
    assert kept(database) == []
    assert "data-noted" not in client.get(LAB).text


def test_what_the_author_gave_is_no_question_of_the_trainee(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    client = sign_in(people.amina)
    answer(client, "yes")
    given = json.loads(client.get(f"{LAB}/notebook.ipynb").data)["cells"]
    sources = ["".join(cell["source"]) for cell in given if cell["cell_type"] == "code"]
    assert send(client, *sources) == 204
    assert kept(database) == []


def test_withdrawal_stops_at_once_and_keeps_what_was_there_until_it_is_deleted(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    client = sign_in(people.amina)
    answer(client, "yes")
    send(client, GROUPING)
    answer(client, "no")
    assert send(client, "clean.sort_values('filed_on')") == 409
    assert len(kept(database)) == 2
    assert "Compared groups" in client.get(LOG).text
    assert answer(client, "forget") == 303
    assert kept(database) == []
    assert send(client, GROUPING) == 409


def test_what_was_run_before_the_consent_is_not_kept_and_what_waited_since_then_is(
    people: SimpleNamespace,
    sign_in: SignIn,
    database: Engine,
    word: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = sign_in(people.amina)
    now = clock.now()
    before = word(people.amina)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=5))
    answer(client, "yes")
    send(client, GROUPING, said=before, elapsed="10")
    assert kept(database) == []
    send(client, GROUPING, said=before, elapsed="290")
    assert kept(database) == []
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=20))
    send(client, GROUPING, said=before, elapsed="400")
    assert len(kept(database)) == 2


def test_after_twelve_months_questions_are_not_shown(
    people: SimpleNamespace, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(people.amina)
    answer(client, "yes")
    send(client, GROUPING)
    assert "By kind of question" in client.get(LOG).text
    later = clock.now() + timedelta(days=366)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "By kind of question" not in sign_in(people.amina).get(LOG).text


def test_a_question_of_more_than_twelve_months_ago_can_be_asked_anew(
    people: SimpleNamespace, sign_in: SignIn, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(sign_in(people.amina), "yes")
    send(sign_in(people.amina), GROUPING)
    later = clock.now() + timedelta(days=366)
    monkeypatch.setattr(clock, "now", lambda: later)
    client = sign_in(people.amina)
    assert send(client, GROUPING) == 204
    assert len(kept(database)) == 2
    assert "By kind of question" in client.get(LOG).text


def test_a_question_of_many_columns_with_long_urdu_names_has_room(
    app: Flask, people: SimpleNamespace, database: Engine
) -> None:
    columns = [Column("ضلع" * 19 + f"_{number:02}", has_groups=True) for number in range(curiosity.MOST_COLUMNS)]
    cell = curiosity.RunCell(code=f"clean[{[column.name for column in columns]}]", contact="", elapsed="0")
    with app.app_context(), begin(database) as session:
        consent.answer(session, people.amina.id, curiosity.PURPOSE, is_given=True)
        curiosity.note(session, people.amina, "measure-to-manage", "grievances", [cell], columns=columns, given=())
    [(_kind, names)] = kept(database)
    assert names == tuple(column.name for column in columns)
    with begin(database, read_only=True) as session:
        room = NotebookInquiry.__table__.c.column_names.type.length
        assert len(session.scalars(select(NotebookInquiry.column_names)).one()) <= room


def test_the_log_is_seen_by_its_owner_alone(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amina)
    answer(client, "yes")
    send(client, GROUPING)
    assert "By kind of question" in client.get(LOG).text
    for other in (people.bushra, people.zara):
        page = sign_in(other).get(LOG)
        assert page.status_code == 200
        assert "<table" not in page.text
    for staff in (people.bilal, people.farid):
        assert sign_in(staff).get(LOG).status_code == 403
        assert send(sign_in(staff), GROUPING) == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"no json", 422),
        (b'{"cells": 3}', 422),
        (json.dumps({"cells": [{"code": "x" * 10_001, "contact": "", "elapsed": ""}]}).encode(), 422),
        (json.dumps({"cells": [{"code": "x", "contact": "", "elapsed": ""}] * 51}).encode(), 422),
        (b" " * 1_048_577, 413),
    ],
)
def test_what_is_too_much_or_no_list_of_cells_is_refused(
    people: SimpleNamespace, sign_in: SignIn, database: Engine, body: bytes, status: int
) -> None:
    client = sign_in(people.amina)
    answer(client, "yes")
    assert client.post(LOG, data=body).status_code == status
    assert kept(database) == []


def test_no_more_than_a_thousand_questions_of_a_lab_are_kept(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    client = sign_in(people.amina)
    answer(client, "yes")
    for batch in range(21):
        assert send(client, *(f"clean['status'] # {batch} {number}" for number in range(50))) == 204
    assert len(kept(database)) == 1_000


def test_an_answer_that_is_none_is_refused_and_one_by_script_gets_the_part_of_the_page(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    client = sign_in(people.amina)
    assert answer(client, "maybe") == 422
    part = client.post(f"{LOG}/consent", data={"answer": "yes"}, headers={"HX-Request": "true"}).text
    assert "data-noted" in part
    assert "<html" not in part
    assert "data-noted" in client.get(LAB).text
