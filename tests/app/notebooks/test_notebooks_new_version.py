"""A lab changes after somebody began: they are told what changed, and may move their answers into the new version."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.notebooks.comparison import by_key, source_of
from app.notebooks.renewal import renewed

LAB = "/notebooks/measure-to-manage/grievances"
SignIn = Callable[..., FlaskClient]
ChangeLab = Callable[..., None]


def cell(name: str, source: str, *, answer: bool = False, own: bool = False) -> dict[str, Any]:
    """A cell of the lab, or one that a trainee added."""
    nbgrader = {"grade_id": name, "solution": answer, "grade": False, "locked": not answer, "schema_version": 3}
    metadata = {} if own else {"nbgrader": nbgrader}
    made = {"cell_type": "code", "id": name, "metadata": metadata, "source": source, "outputs": []}
    return {**made, "execution_count": None}


def notebook(*cells: dict[str, Any], minor: int = 5) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": minor, "metadata": {}, "cells": list(cells)}).encode()


def sources(content: bytes) -> list[str]:
    return [source_of(each) for each in by_key(content).values()]


OLD = (cell("load", "read()"), cell("ask", "YOUR CODE", answer=True), cell("test", "assert x == 1"))


def test_answers_own_cells_and_changed_lines_move_and_the_authors_changes_hold() -> None:
    mine = notebook(
        cell("load", "read()  # mine"),
        cell("ask", "x = 1", answer=True),
        cell("try", "look at x", own=True),
        cell("test", "assert True"),
    )
    new = notebook(
        OLD[0], cell("ask", "YOUR CODE HERE", answer=True), cell("test", "assert x == 2"), cell("end", "bye")
    )
    moved = renewed(mine, notebook(*OLD), new)
    assert sources(moved) == ["read()  # mine", "x = 1", "look at x", "assert x == 2", "bye"]
    nbformat.validate(nbformat.reads(moved.decode(), as_version=4))


def test_an_untouched_answer_takes_the_new_ones_words_and_its_results_go() -> None:
    mine = notebook(*({**each, "outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}]} for each in OLD))
    new = notebook(OLD[0], cell("ask", "WRITE HERE", answer=True), OLD[2])
    assert renewed(mine, notebook(*OLD), new) == new


def test_an_answer_whose_cell_the_author_took_out_stays_as_an_ordinary_cell() -> None:
    mine = notebook(OLD[0], cell("ask", "x = 1", answer=True), OLD[2])
    moved = json.loads(renewed(mine, notebook(*OLD), notebook(OLD[0])))
    assert [each["source"] for each in moved["cells"]] == ["read()", "x = 1"]
    assert moved["cells"][1]["metadata"] == {}


def markdown(name: str, source: str, *, answer: bool = False, own: bool = False, **others: Any) -> dict[str, Any]:
    made = cell(name, source, answer=answer, own=own)
    return {**{key: made[key] for key in ("id", "metadata", "source")}, "cell_type": "markdown", **others}


def renamed(made: dict[str, Any], name: str) -> dict[str, Any]:
    """The same cell under another nbgrader id."""
    return {**made, "metadata": {"nbgrader": {**made["metadata"]["nbgrader"], "grade_id": name}}}


PICTURE = {"image.png": {"image/png": "iVBORw0KGgo="}}


def test_pictures_in_written_answers_and_own_cells_move_along() -> None:
    own, answer = markdown("own", "![](attachment:image.png)", own=True), markdown("ask", "See ![]", answer=True)
    mine = notebook(*({**each, "attachments": PICTURE} for each in (answer, own)))
    old = notebook(markdown("ask", "WRITE", answer=True))
    moved = renewed(mine, old, notebook(markdown("ask", "WRITE", answer=True), cell("end", "bye")))
    assert [each.get("attachments") for each in json.loads(moved)["cells"]] == [PICTURE, PICTURE, None]
    nbformat.validate(nbformat.reads(moved.decode(), as_version=4))


@pytest.mark.parametrize(
    ("older", "work", "newer"),
    [
        (cell("ask", "YOUR CODE", answer=True), cell("ask", "x = 1", answer=True), cell("ask", "x = 2  # given")),
        (cell("ask", "HERE", answer=True), cell("ask", "x = 1", answer=True), markdown("ask", "HERE", answer=True)),
        (markdown("ask", "HERE", answer=True), markdown("ask", "Many.", answer=True), cell("ask", "HERE", answer=True)),
        (cell("ask", "# try", own=True), cell("ask", "df.head()", own=True), cell("ask", "# try here", own=True)),
    ],
)
def test_what_finds_no_place_in_the_new_cell_stands_beside_it_as_an_ordinary_cell(
    older: dict[str, Any], work: dict[str, Any], newer: dict[str, Any]
) -> None:
    moved = renewed(notebook(work), notebook(older), notebook(newer))
    theirs, beside = json.loads(moved)["cells"]
    assert theirs == newer
    assert (beside["cell_type"], beside["source"], beside["metadata"]) == (work["cell_type"], work["source"], {})
    nbformat.validate(nbformat.reads(moved.decode(), as_version=4))


def test_a_cell_that_got_an_nbgrader_id_or_another_one_is_matched_by_its_cell_id() -> None:
    old, mine = cell("ask", "YOUR CODE", answer=True), cell("ask", "x = 1", answer=True)
    moved = json.loads(renewed(notebook(mine), notebook(old), notebook(renamed(old, "ask-mean"))))["cells"]
    assert moved == [renamed(mine, "ask-mean")]
    ordinary, filled = cell("ask", "YOUR CODE", own=True), cell("ask", "x = 1", own=True)
    assert json.loads(renewed(notebook(filled), notebook(ordinary), notebook(old)))["cells"] == [mine]


def test_two_cells_that_would_match_one_are_both_kept() -> None:
    twin = {**cell("ask", "in the copy", answer=True), "id": "twin"}
    mine = notebook(cell("ask", "x = 1", answer=True), twin)
    newer = {**renamed(cell("ask", "YOUR CODE", answer=True), "mean"), "id": "twin"}
    assert set(sources(renewed(mine, notebook(OLD[1]), notebook(newer)))) == {"x = 1", "in the copy"}


def test_cells_that_moved_before_keep_ids_of_their_own_when_more_move() -> None:
    mine = notebook(cell("moved-3", "moved before", own=True), cell("text", "mine", own=True))
    moved = renewed(mine, notebook(cell("text", "old", own=True)), notebook(cell("text", "new", own=True)))
    assert sources(moved) == ["moved before", "new", "mine"]
    assert len({each["id"] for each in json.loads(moved)["cells"]}) == 3
    nbformat.validate(nbformat.reads(moved.decode(), as_version=4))


def test_a_notebook_of_an_older_format_gets_no_ids() -> None:
    without_id = {name: value for name, value in OLD[1].items() if name != "id"}
    mine = notebook(cell("ask", "x = 1", answer=True), cell("try", "more", own=True))
    moved = renewed(mine, notebook(without_id, minor=4), notebook(without_id, minor=4))
    assert sources(moved) == ["x = 1", "more"]
    nbformat.validate(nbformat.reads(moved.decode(), as_version=4))


@pytest.mark.parametrize("work", [b"[]", b"{}", b'{"cells": [1, "a", null, {"source": 3}]}', b"\xff"])
def test_odd_work_moves_as_far_as_it_can_be_read(work: bytes) -> None:
    moved = renewed(work, notebook(*OLD), notebook(*OLD))
    assert set(sources(notebook(*OLD))) <= set(sources(moved))
    nbformat.validate(nbformat.reads(moved.decode(), as_version=4))


NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)
TEXTS = st.text("xy\n", max_size=6)


@st.composite
def labs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Cells whose kind, marking and nbgrader id differ from one draw to the next; those of a to d are never locked."""
    made = []
    for name in draw(NAMES):
        make = draw(st.sampled_from([cell, markdown]))
        if name in "ab":
            made.append(make(name, draw(TEXTS), own=True))
        else:
            marked = make(name, draw(TEXTS), answer=name in "cd")
            made.append(renamed(marked, draw(st.sampled_from([name, f"{name}-other"]))))
    return made


@given(labs(), labs(), st.data())
def test_nothing_that_was_written_outside_locked_cells_is_ever_left_behind(
    older: list[dict[str, Any]], newer: list[dict[str, Any]], data: st.DataObject
) -> None:
    work = [{**each, "source": data.draw(TEXTS)} for each in older if data.draw(st.booleans())]
    for name in data.draw(st.lists(st.sampled_from("own"), unique=True)):
        work.insert(data.draw(st.integers(0, len(work))), cell(name, f"# {name}", own=True))
    moved = json.loads(renewed(notebook(*work), notebook(*older), notebook(*newer)))["cells"]
    left = [(each["cell_type"], each["source"]) for each in moved]
    before = {each["id"]: each["source"] for each in older}
    for each in work:
        if each["id"] not in "efgh" and each["source"] != before.get(each["id"]):
            left.remove((each["cell_type"], each["source"]))
    assert {each["id"] for each in newer} <= {each["id"] for each in moved}
    names = [each["metadata"]["nbgrader"]["grade_id"] for each in moved if each["metadata"]]
    assert names == [each["metadata"]["nbgrader"]["grade_id"] for each in newer if each["metadata"]]


@pytest.fixture
def corrected(app: Flask, change_lab: ChangeLab) -> Callable[[], None]:
    """Publishes the lab with another first sentence and a cell more."""

    def publish() -> None:
        source = app.extensions["catalogue"].find("measure-to-manage", "grievances").source
        document = json.loads(source)
        document["cells"][0]["source"] = "# A corrected lab"
        more = {"cell_type": "markdown", "id": "more", "metadata": {}, "source": "One thing more."}
        change_lab(source=json.dumps({**document, "cells": [*document["cells"], more]}).encode())

    return publish


def begin_work(client: FlaskClient, text: str) -> None:
    """Answer the first task and save."""
    work = client.get(f"{LAB}/notebook.ipynb").json
    task = next(each for each in work["cells"] if each["metadata"].get("nbgrader", {}).get("solution"))
    task["source"] = text
    assert client.post(f"{LAB}/draft", data=json.dumps(work).encode(), headers={"If-Match": '"0"'}).status_code == 200


def opened(client: FlaskClient) -> str:
    return client.get(f"{LAB}/notebook.ipynb").text


@pytest.mark.both_databases
def test_who_began_is_told_sees_what_changed_and_moves(
    people: SimpleNamespace, sign_in: SignIn, corrected: Callable[[], None]
) -> None:
    client = sign_in(people.amina)
    begin_work(client, "my_answer = 41")
    assert "was changed since you began" not in client.get(LAB).text
    corrected()
    assert "was changed since you began" in client.get(LAB).text
    assert "A corrected lab" not in opened(client)
    changes = client.get(f"{LAB}/changes").text
    assert "A corrected lab" in changes
    assert "One thing more." in changes
    assert "my_answer" not in changes
    assert client.post(f"{LAB}/renew").location == LAB
    assert "A corrected lab" in opened(client)
    assert "my_answer = 41" in opened(client)
    page = client.get(LAB).text
    assert "Your answers stand in the new version now." in page
    assert "was changed since you began" not in page
    assert client.get(f"{LAB}/changes").status_code == 404


def test_who_stays_with_the_old_version_keeps_it_and_can_come_back_to_it(
    people: SimpleNamespace, sign_in: SignIn, corrected: Callable[[], None]
) -> None:
    client = sign_in(people.amina)
    begin_work(client, "my_answer = 41")
    corrected()
    work = json.loads(opened(client))
    work["cells"].append(cell("later", "still here", own=True))
    client.post(f"{LAB}/draft", data=json.dumps(work).encode())
    assert "was changed since you began" in client.get(LAB).text
    client.post(f"{LAB}/renew")
    client.post(f"{LAB}/history/2/restore")
    assert "was changed since you began" in client.get(LAB).text
    assert "A corrected lab" not in opened(client)
    client.post(f"{LAB}/reset")
    assert "was changed since you began" not in client.get(LAB).text


def test_who_began_nothing_gets_the_new_version_and_hears_nothing_of_it(
    people: SimpleNamespace, sign_in: SignIn, corrected: Callable[[], None]
) -> None:
    client = sign_in(people.amina)
    corrected()
    assert "was changed since you began" not in client.get(LAB).text
    assert "A corrected lab" in opened(client)
    assert client.get(f"{LAB}/changes").status_code == 404
    client.post(f"{LAB}/renew")
    assert "A corrected lab" in opened(client)


def test_the_page_of_changes_speaks_urdu(
    people: SimpleNamespace, sign_in: SignIn, corrected: Callable[[], None]
) -> None:
    client = sign_in(people.bushra)
    begin_work(client, "my_answer = 41")
    corrected()
    page = client.get(f"{LAB}/changes").text
    assert 'dir="rtl"' in page
    assert "What changed" not in page
