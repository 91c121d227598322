"""Drafts of a notebook lab: kept while the trainee works, never overwritten unseen, never anybody else's."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.core.db import begin
from app.notebooks.models import NotebookDraft
from config import Settings

pytestmark = pytest.mark.both_databases

LAB = "/notebooks/measure-to-manage/grievances"
SignIn = Callable[..., FlaskClient]


def notebook(text: str = "first") -> dict[str, Any]:
    cell = {"cell_type": "code", "id": "a", "metadata": {"trusted": True}, "source": text, "outputs": []}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{**cell, "execution_count": None}]}


def save(
    client: FlaskClient, content: object, *, base: str | None = None, writers: str = "", number: object = 0
) -> Any:
    headers = {} if base is None else {"If-Match": f'"{base}"'}
    headers |= {"X-Draft-Writers": writers, "X-Draft-Number": f"{number}"}
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return client.post(f"{LAB}/draft", data=data, headers=headers)


def opened(client: FlaskClient) -> dict[str, Any]:
    answer = client.get(f"{LAB}/notebook.ipynb")
    return {"notebook": json.loads(answer.data), "version": answer.headers["ETag"].strip('"')}


def test_the_first_opening_shows_the_released_version_without_solutions(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    first = opened(sign_in(people.amina))
    assert first["version"] == "0"
    assert "BEGIN SOLUTION" not in json.dumps(first["notebook"])
    assert "BEGIN HIDDEN TESTS" not in json.dumps(first["notebook"])
    assert len(first["notebook"]["cells"]) > 5


def test_a_saved_draft_is_back_in_another_browser(people: SimpleNamespace, sign_in: SignIn) -> None:
    answer = save(sign_in(people.amina), notebook("mine"), base="0")
    again = opened(sign_in(people.amina))
    assert again["notebook"]["cells"][0]["source"] == "mine"
    assert again["version"] == answer.json["version"]


def test_half_a_character_is_no_reason_to_lose_a_draft(people: SimpleNamespace, sign_in: SignIn) -> None:
    """A browser that cuts a long output in the middle of an emoji leaves one."""
    client = sign_in(people.amina)
    answer = save(client, notebook("print('cut \ud83d')"), base="0")
    assert answer.status_code == 200
    assert opened(client)["notebook"]["cells"][0]["source"].startswith("print('cut ")


def test_the_mark_of_trust_that_the_browser_adds_is_not_kept(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amina)
    save(client, notebook(), base="0")
    assert opened(client)["notebook"]["cells"][0]["metadata"] == {}


def test_a_draft_changed_elsewhere_is_not_overwritten_until_the_trainee_says_so(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    client = sign_in(people.amina)
    save(client, notebook("at home"), base="0")
    refused = save(client, notebook("at the office"), base="0")
    assert refused.status_code == 412
    assert opened(client)["notebook"]["cells"][0]["source"] == "at home"
    assert save(client, notebook("at the office"), base=refused.json["version"]).status_code == 200
    assert opened(client)["notebook"]["cells"][0]["source"] == "at the office"
    with begin(database, read_only=True) as session:
        assert len(session.scalars(select(NotebookDraft)).all()) == 2


def test_a_saving_whose_answer_was_lost_can_be_sent_again(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    client = sign_in(people.amina)
    first = save(client, notebook("once"), base="0")
    again = save(client, notebook("once"), base="0")
    assert (again.status_code, again.json["version"]) == (200, first.json["version"])
    with begin(database, read_only=True) as session:
        assert len(session.scalars(select(NotebookDraft)).all()) == 1


def test_starting_again_brings_the_original_and_keeps_what_was_there(
    people: SimpleNamespace, sign_in: SignIn, app: Flask, database: Engine
) -> None:
    client = sign_in(people.amina)
    original = opened(client)["notebook"]
    save(client, notebook("mine"), base="0")
    assert client.post(f"{LAB}/reset").status_code == 303
    assert opened(client)["notebook"] == original
    with begin(database, read_only=True) as session:
        former = session.scalars(select(NotebookDraft).order_by(NotebookDraft.id)).first()
    assert former is not None
    assert b"mine" in app.extensions["blobs"].get(former.sha256)


def test_drafts_are_seen_by_their_owner_alone(people: SimpleNamespace, sign_in: SignIn) -> None:
    save(sign_in(people.amina), notebook("of Amina"), base="0")
    for other in (people.bushra, people.zara):
        assert opened(sign_in(other))["version"] == "0"
    for other in (people.bilal, people.farid):
        assert sign_in(other).get(f"{LAB}/notebook.ipynb").status_code == 403


@pytest.mark.parametrize("address", ["/notebooks/measure-to-manage/quiz", "/notebooks/measure-to-manage/none"])
def test_what_is_no_lab_is_not_found(people: SimpleNamespace, sign_in: SignIn, address: str) -> None:
    assert sign_in(people.amina).get(address).status_code == 404


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"nbformat": 3, "cells": []}', b'{"nbformat": 4}', b"[" * 5000, b"\xff\xfe"],
)
def test_what_would_not_open_again_is_refused_with_a_reason(
    people: SimpleNamespace, sign_in: SignIn, content: bytes
) -> None:
    client = sign_in(people.amina)
    answer = save(client, content, base="0")
    assert answer.status_code == 422
    assert "notebook" in answer.json["message"]
    assert opened(client)["version"] == "0"


def test_a_draft_beyond_the_limit_is_refused(people: SimpleNamespace, sign_in: SignIn, settings: Settings) -> None:
    content = notebook("x" * settings.upload_megabytes * 1024 * 1024)
    assert save(sign_in(people.amina), content, base="0").status_code == 413


def test_data_files_of_the_lab_and_nothing_else_can_be_downloaded(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amina)
    assert client.get(f"{LAB}/files/districts.csv").data.startswith(b"district")
    for name in ("data.py", "..%2f..%2fsource.ipynb", "source.ipynb"):
        assert client.get(f"{LAB}/files/{name}").status_code == 404


def test_a_saving_whose_confirmation_was_lost_is_no_change_from_elsewhere(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    client = sign_in(people.amina)
    save(client, notebook("first"), base="0", writers="window", number=1)
    assert save(client, notebook("second"), base="0", writers="window", number=2).status_code == 200
    assert save(client, notebook("third"), base="0", writers="next-window window", number=1).status_code == 200
    assert opened(client)["notebook"]["cells"][0]["source"] == "third"
    assert save(client, notebook("fourth"), base="0", writers="window", number=3).status_code == 412
    assert save(client, notebook("fifth"), base="0").status_code == 412


def test_a_saving_that_was_overtaken_on_the_way_changes_nothing(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    client = sign_in(people.amina)
    later = save(client, notebook("later"), base="0", writers="window", number=2)
    earlier = save(client, notebook("earlier"), base="0", writers="window", number=1)
    assert (earlier.status_code, earlier.json["version"]) == (200, later.json["version"])
    assert opened(client)["notebook"]["cells"][0]["source"] == "later"
    with begin(database, read_only=True) as session:
        assert len(session.scalars(select(NotebookDraft)).all()) == 1


@pytest.mark.parametrize("number", ["many", "-1", "99999999999999999999"])
def test_a_number_that_no_window_sends_is_no_reason_to_lose_a_draft(
    people: SimpleNamespace, sign_in: SignIn, number: str
) -> None:
    client = sign_in(people.amina)
    assert save(client, notebook("kept"), base="0", writers="w" * 500, number=number).status_code == 200
    assert opened(client)["notebook"]["cells"][0]["source"] == "kept"
