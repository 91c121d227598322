"""Earlier versions of a notebook: none is lost, each can be looked at beside the present one and be gone on from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account
from app.core import clock
from app.core.db import begin
from app.notebooks import history
from app.notebooks.models import NotebookDraft, Submission
from tests.pages import Page, send

LAB = "/notebooks/measure-to-manage/grievances"
SignIn = Callable[[Account], FlaskClient]
Wait = Callable[..., None]


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Wait:
    """Let this much time pass; the day begins at nine."""
    moments = [datetime(2026, 11, 2, 4, 0, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: moments[-1])
    return lambda **values: moments.append(moments[-1] + timedelta(**values))


def cell(source: object, **others: object) -> dict[str, object]:
    return {"cell_type": "code", "id": "a", "metadata": {}, "source": source, **others}


def notebook(*cells: object) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def save(client: FlaskClient, *cells: object, window: str = "one") -> str:
    answer = client.post(f"{LAB}/draft", data=notebook(*cells), headers={"X-Draft-Writers": window})
    assert answer.status_code == 200, answer.text
    return str(answer.json["version"])


def keep_aside(client: FlaskClient, *cells: object) -> Any:
    return client.post(f"{LAB}/draft?aside=yes", data=notebook(*cells))


def opened(client: FlaskClient) -> Any:
    return json.loads(client.get(f"{LAB}/notebook.ipynb").data)["cells"]


def listed(client: FlaskClient, page: str = f"{LAB}/history") -> list[str]:
    """The versions that a page lists, by the ends of their addresses; the present one has none."""
    return re.findall(r'<a href="[^"]*/history/(\w+)"', client.get(page).text)


def rows(database: Engine) -> list[NotebookDraft]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(NotebookDraft).order_by(NotebookDraft.id)))


def own_lines(page: str, tag: str) -> list[str]:
    """What a comparison marks as being in one of the two alone, without the words for screen readers."""
    return [re.sub(r"<span.*?</span>", "", each) for each in re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)]


@pytest.mark.both_databases
def test_of_ten_minutes_the_last_version_is_listed_newest_first_and_the_original_at_the_end(
    people: SimpleNamespace, sign_in: SignIn, wait: Wait
) -> None:
    client = sign_in(people.amina)
    for text in ("one", "two", "three"):
        newest_of_stretch = save(client, cell(text))
        wait(seconds=5)
    wait(minutes=10)
    another = save(client, cell("four"))
    wait(minutes=10)
    save(client, cell("five"))
    assert listed(client) == [another, newest_of_stretch, "original"]


@pytest.mark.both_databases
@pytest.mark.parametrize("choice", ["reset", "renew", "restore", "mine"])
def test_work_that_a_choice_replaced_within_the_same_minutes_is_listed(
    people: SimpleNamespace, sign_in: SignIn, wait: Wait, change_lab: Callable[..., None], app: Flask, choice: str
) -> None:
    client = sign_in(people.amina)
    given_out = opened(client)
    earlier = save(client, *given_out, cell("begun", id="mine"))
    wait(minutes=10)
    save(client, *given_out, cell("an hour of", id="mine"))
    work = save(client, *given_out, cell("an hour of work", id="mine"))
    wait(seconds=5)
    if choice == "reset":
        client.post(f"{LAB}/reset")
    elif choice == "renew":
        document = json.loads(app.extensions["catalogue"].find("measure-to-manage", "grievances").source)
        document["cells"][0]["source"] = "# Corrected"
        change_lab(source=json.dumps(document).encode())
        client.post(f"{LAB}/renew")
    elif choice == "restore":
        client.post(f"{LAB}/history/{earlier}/restore")
    else:
        save(client, *given_out, cell("what the other window had", id="mine"), window="other")
    assert listed(client) == [work, earlier, "original"]
    wait(minutes=30)
    save(client, *given_out, cell("later", id="mine"), window="third")
    assert {work, earlier} < set(listed(client))


@pytest.mark.both_databases
def test_what_was_submitted_or_kept_aside_is_always_listed(
    people: SimpleNamespace, sign_in: SignIn, wait: Wait
) -> None:
    client = sign_in(people.amina)
    submitted = save(client, cell("handed in", outputs=[], execution_count=None))
    answer = client.post(f"{LAB}/submit", data={"key": "k", "saved": "yes"})
    save(client, cell("later"))
    aside = keep_aside(client, cell("elsewhere")).json["aside"]
    save(client, cell("latest"))
    assert listed(client) == [aside, submitted, "original"]
    page = client.get(f"{LAB}/history").text
    assert f'href="{answer.location}">submitted as attempt 1</a>' in page
    assert Page(page).text.count("from another window or computer") == 2  # the sentence above the list, and one mark


def test_a_cell_that_became_text_differs_though_its_lines_are_the_same(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    client = sign_in(people.amina)
    aside = keep_aside(client, cell("# Findings")).json["aside"]
    save(client, {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Findings"})
    page = client.get(f"{LAB}/history/{aside}").text
    assert (own_lines(page, "del"), own_lines(page, "ins")) == (["Code"], ["Text"])


def test_every_version_can_be_reached_page_by_page(
    people: SimpleNamespace, sign_in: SignIn, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PAGE_SIZE", 2)
    client = sign_in(people.amina)
    saved = []
    for number in range(4):
        saved.append(save(client, cell(f"{number}")))
        wait(minutes=10)
    assert listed(client) == [saved[2]]
    [older] = re.findall(r'href="([^"]*\?page=2)#[^"]*" rel="next"', client.get(f"{LAB}/history").text)
    assert listed(client, older) == [saved[1], saved[0], "original"]


def test_before_anything_is_saved_the_original_is_all_there_is(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amina)
    assert listed(client) == ["original"]
    assert "It is the same as the present version." in client.get(f"{LAB}/history/original").text


def test_the_list_says_how_many_cells_differ_from_the_present_version(
    people: SimpleNamespace, sign_in: SignIn, wait: Wait
) -> None:
    client = sign_in(people.amina)
    save(client, cell("a = 1"), cell("b = 1", id="b"), cell("c", id="c"))
    wait(minutes=10)
    save(client, cell("a = 2"), cell("b = 1", id="b"))
    assert "2 cells differ from the present version." in Page(client.get(f"{LAB}/history").text).text


@pytest.mark.both_databases
def test_what_is_kept_aside_is_never_the_newest_and_nothing_is_overwritten(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    client = sign_in(people.amina)
    newest = save(client, cell("at home"))
    answer = keep_aside(client, cell("at the office"))
    assert answer.status_code == 200
    assert answer.json["version"] == newest
    assert answer.json["aside"] != newest
    assert opened(client)[0]["source"] == "at home"
    assert [(row.aside, str(row.id)) for row in rows(database)] == [(False, newest), (True, answer.json["aside"])]
    handed_in = cell("at home again", outputs=[], execution_count=None)
    later = client.post(f"{LAB}/draft", data=notebook(handed_in), headers={"If-Match": f'"{newest}"'})
    assert later.status_code == 200
    keep_aside(client, cell("at the office again"))
    client.post(f"{LAB}/submit", data={"key": "k", "saved": "yes"})
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Submission.sha256)).all() == [rows(database)[2].sha256]


@pytest.mark.both_databases
def test_the_same_content_is_kept_aside_once(people: SimpleNamespace, sign_in: SignIn, database: Engine) -> None:
    client = sign_in(people.amina)
    newest = save(client, cell("at home"))
    first, again = keep_aside(client, cell("at the office")), keep_aside(client, cell("at the office"))
    assert again.json["aside"] == first.json["aside"]
    assert keep_aside(client, cell("at home")).json["aside"] == newest
    assert len(rows(database)) == 2


@pytest.mark.both_databases
def test_a_state_that_was_saved_before_is_kept_aside_and_told_when_it_comes_beside_a_newer_one(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    """Typed and undone again; and once more, after the trainee had chosen."""
    client = sign_in(people.amina)

    def keep_from_home(number: int) -> str:
        headers = {"X-Draft-Writers": "home", "X-Draft-Number": str(number)}
        answer = client.post(f"{LAB}/draft?aside=yes", data=notebook(cell("at home")), headers=headers)
        return str(answer.json["aside"])

    for window, text in (("home", "at home"), ("home", "on at home"), ("office", "at the office")):
        save(client, cell(text), window=window)
    first = keep_from_home(3)
    assert keep_from_home(3) == first
    assert f'data-version="{first}"' in client.get(LAB).text
    assert first in listed(client)
    send(client, Page(client.get(f"{LAB}/history/{rows(database)[1].id}").text).form("/restore"))
    assert keep_from_home(3) == first
    second = keep_from_home(5)
    assert second != first
    assert f'data-version="{second}"' in client.get(LAB).text


@pytest.mark.both_databases
def test_what_went_aside_is_told_in_the_lab_until_a_version_is_chosen(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amina)

    def send_from(window: str, text: str, address: str = "draft") -> str:
        headers = {"X-Draft-Writers": window, "X-Draft-Number": "1"}
        answer = client.post(f"{LAB}/{address}", data=notebook(cell(text)), headers=headers)
        return str(answer.json.get("aside", answer.json["version"]))

    def told() -> list[str]:
        return re.findall(r'id="lab-aside"[^>]* data-version="(\d+)"', client.get(LAB).text)

    send_from("office", "at the office")
    first = send_from("home", "at home", "draft?aside=yes")
    assert told() == [first]
    send_from("office", "on at the office")
    assert told() == [first]
    send_from("home", "at home, for which the trainee decided")
    assert told() == []
    second = send_from("travels", "on the way", "draft?aside=yes")
    assert told() == [second]
    send(client, Page(client.get(f"{LAB}/history/{first}").text).form("/restore"))
    assert told() == []
    assert "another window or computer" not in Page(sign_in(people.bushra).get(LAB).text).text


def test_where_nothing_was_saved_what_is_kept_aside_becomes_the_draft(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amina)
    answer = keep_aside(client, cell("mine"))
    assert answer.json["aside"] == answer.json["version"]
    assert opened(client)[0]["source"] == "mine"


def test_what_would_not_open_again_is_not_kept_aside(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    answer = sign_in(people.amina).post(f"{LAB}/draft?aside=yes", data=b"[]")
    assert (answer.status_code, rows(database)) == (422, [])


def test_a_comparison_marks_the_lines_that_one_version_alone_has_and_folds_equal_cells(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    client = sign_in(people.amina)
    same = [cell("kept", id="b"), cell("kept too", id="c")]
    save(client, cell("x = 1\nx < 2 & x"), *same, cell("new here", id="d"))
    compare = keep_aside(client, cell("gone", id="z"), cell("x = 9\nx < 2 & x"), *same).json["compare"]
    page = client.get(compare).text
    assert own_lines(page, "del") == ["gone\n", "x = 9\n"]
    assert own_lines(page, "ins") == ["x = 1\n", "new here\n"]
    assert "x &lt; 2 &amp; x" in page
    assert "2 cells are the same" in Page(page).text
    assert page.count("Only here:") == 4


def test_cells_are_matched_by_the_name_for_grading_before_their_id(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amina)
    graded = {"nbgrader": {"grade_id": "answer"}}
    save(client, cell("mine", id="other", metadata=graded), cell("moved up", id="m"))
    compare = keep_aside(client, cell("moved up", id="m"), cell("mine", id="a", metadata=graded)).json["compare"]
    assert "It is the same as the present version." in client.get(compare).text


def test_code_is_read_from_the_left_and_prose_as_its_letters_are(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amina)
    save(client, cell("1"), cell("جواب", id="b", cell_type="markdown"))
    page = client.get(keep_aside(client, cell("2")).json["compare"]).text
    assert re.findall(r'<pre class="answer" dir="(\w+)"', page) == ["ltr", "ltr", "auto"]


def test_the_original_is_shown_beside_the_present_version(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amina)
    cells = opened(client)
    cells[-1]["source"] = "mine alone"
    save(client, *cells)
    page = client.get(f"{LAB}/history/original").text
    assert own_lines(page, "ins") == ["mine alone\n"]
    assert Page(page).form("/reset")


@pytest.mark.both_databases
def test_going_on_from_a_version_makes_it_the_newest_and_loses_nothing(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    client = sign_in(people.amina)
    save(client, cell("at home"))
    compare = keep_aside(client, cell("at the office")).json["compare"]
    answer = send(client, Page(client.get(compare).text).form("/restore"))
    assert (answer.status_code, answer.location) == (303, LAB)
    assert "You go on from the version of" in client.get(answer.location).text
    assert opened(client)[0]["source"] == "at the office"
    before, aside, restored = rows(database)
    assert (restored.sha256, restored.aside) == (aside.sha256, False)
    assert before.sha256 != restored.sha256


def test_versions_are_their_owners_alone(people: SimpleNamespace, sign_in: SignIn) -> None:
    own = sign_in(people.amina)
    version = save(own, cell("of Amina"))
    for other in (people.bushra, people.zara):
        stranger = sign_in(other)
        assert stranger.get(f"{LAB}/history/{version}").status_code == 404
        assert stranger.post(f"{LAB}/history/{version}/restore").status_code == 404
        assert listed(stranger) == ["original"]
    assert own.get(f"/notebooks/measure-to-manage/none/history/{version}").status_code == 404


def test_the_pages_are_in_urdu_for_who_reads_urdu(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.bushra)
    save(client, cell("1"))
    compare = keep_aside(client, cell("2")).json["compare"]
    assert "پہلے کے نسخے" in client.get(f"{LAB}/history").text
    page = client.get(compare).text
    assert 'dir="rtl"' in page
    assert "اس نسخے سے آگے کام کریں" in page
    assert "Only here" not in page


ODD_CELLS = [
    "no cell at all",
    None,
    ["a", ["b"]],
    {},
    {"cell_type": "code", "source": ["x = 1\n", "y = 2"]},
    {"cell_type": "code", "source": {"x": 1}, "metadata": [], "id": 5},
    {"cell_type": "markdown", "source": [1, None, "end"], "metadata": {"nbgrader": "none"}},
    {"source": "copied", "id": "twin", "metadata": {"nbgrader": {"grade_id": ["list"]}}},
    {"source": "copied again", "id": "twin"},
    {"source": "<script>alert(1)</script>", "id": "late"},
]


def test_a_notebook_of_odd_cells_is_shown_as_it_is(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amina)
    save(client, cell("1"))
    compare = keep_aside(client, *ODD_CELLS).json["compare"]
    page = client.get(compare)
    assert page.status_code == 200
    shown = own_lines(page.text, "del")
    assert len(shown) == len(ODD_CELLS)
    assert "x = 1\ny = 2\n" in shown
    assert {"copied\n", "copied again\n", "1nullend\n"} <= set(shown)
    assert "<script>alert" not in page.text
    assert client.get(f"{LAB}/history").status_code == 200


def test_cells_without_a_name_are_matched_by_their_place(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amina)
    save(client, {"source": "one"}, {"source": ["t", "wo"]})
    page = client.get(keep_aside(client, {"source": ["one"]}, {"source": "three"}).json["compare"]).text
    assert (own_lines(page, "del"), own_lines(page, "ins")) == (["three\n"], ["two\n"])


def test_very_long_cells_are_shown_whole_instead_of_line_by_line(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amina)
    save(client, cell("same\n" * 1500 + "mine"))
    page = client.get(keep_aside(client, cell("same\n" * 1500 + "other")).json["compare"]).text
    assert own_lines(page, "del") == ["same\n" * 1500 + "other\n"]


def test_the_lab_leads_to_the_earlier_versions(people: SimpleNamespace, sign_in: SignIn) -> None:
    assert f'href="{LAB}/history"' in sign_in(people.amina).get(LAB).text


def test_a_file_that_was_submitted_and_never_saved_is_no_version(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amina)
    upload = (BytesIO(notebook({**cell("sent"), "outputs": [], "execution_count": None})), "work.ipynb")
    assert client.post(f"{LAB}/submit", data={"key": "k", "notebook": upload}).status_code == 303
    assert listed(client) == ["original"]
