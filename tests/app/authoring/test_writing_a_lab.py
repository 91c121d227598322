"""An instructor writes the source of a lab: saved, never overwritten unseen, and told in words what to mend."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app.accounts.models import Account
from app.core.access import Role
from app.core.db import begin
from tests.app.authoring.conftest import DESK, SOLUTION, TESTS, cell, notebook, saved, small
from tests.pages import Page

SignIn = Callable[[Account], FlaskClient]
ASIDE = '<span class="mark">kept beside another</span>'


def opened(client: FlaskClient) -> dict[str, Any]:
    return dict(client.get(f"{DESK}/source.ipynb").json)


def texts(document: dict[str, Any]) -> list[str]:
    return [each["source"] for each in document["cells"]]


def said(client: FlaskClient, *cells: dict[str, Any]) -> str:
    """What the academy says of a source with these cells."""
    return " ".join(each["sentence"] for each in saved(client, notebook(*cells)).json["problems"])


def test_the_page_opens_the_present_source_and_later_what_was_saved(author: FlaskClient) -> None:
    assert any("BEGIN SOLUTION" in text for text in texts(opened(author)))
    answer = saved(author, small(), base=0)
    assert (answer.status_code, answer.json["problems"]) == (200, [])
    assert texts(opened(author))[0] == "# A small lab"
    page = author.get(DESK).text
    assert "Last saved by Bilal" in page
    assert "Bilal" in author.get(f"{DESK}/versions").text


def test_running_cells_makes_no_other_version(author: FlaskClient) -> None:
    first = saved(author, small()).json["version"]
    document = json.loads(small())
    document["cells"][1] |= {
        "execution_count": 4,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "2"}],
    }
    assert saved(author, json.dumps(document).encode()).json["version"] == first
    assert opened(author)["cells"][1]["outputs"] == []


@pytest.mark.both_databases
def test_two_who_write_at_once_keep_both_and_both_are_told(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    with begin(database) as session:
        session.get_one(Account, people.farid.id).role = Role.INSTRUCTOR
    bilal, farid = sign_in(people.bilal), sign_in(people.farid)
    theirs, mine = small(points=4), small(points=5)
    assert saved(bilal, theirs, base=0, writer="one").status_code == 200
    answer = saved(farid, mine, base=0, writer="two")
    assert (answer.status_code, answer.json["author"]) == (412, "Bilal")
    aside = farid.post(f"{DESK}/draft?aside=yes", data=mine)
    assert "points" not in aside.json["compare"]
    assert opened(bilal)["cells"][2]["metadata"]["nbgrader"]["points"] == 4
    assert ASIDE in bilal.get(f"{DESK}/versions").text
    # Farid takes his own all the same; Bilal hears of it without having changed anything.
    assert bilal.get(f"{DESK}/newest", headers={"X-Draft-Writers": "one"}).status_code == 204
    saved(farid, mine, base=answer.json["version"], writer="two")
    heard = bilal.get(f"{DESK}/newest", headers={"X-Draft-Writers": "one"})
    assert (heard.status_code, heard.json["author"]) == (200, "Farid")
    listed = [f'href="{DESK}/states/{number}"' in bilal.get(f"{DESK}/versions").text for number in (1, 2, 3)]
    assert listed == [True, True, True]
    assert saved(bilal, small(points=6), base=1, writer="one").status_code == 412


def test_a_state_that_was_saved_before_is_listed_when_it_goes_aside(author: FlaskClient) -> None:
    for points in (4, 5):
        saved(author, small(points=points), base=0, writer="one", number=points)
    assert ASIDE not in author.get(f"{DESK}/versions").text
    for _sending in ("first", "again"):
        assert author.post(f"{DESK}/draft?aside=yes", data=small(points=4)).status_code == 200
        assert author.get(f"{DESK}/versions").text.count(ASIDE) == 1


def test_a_saving_whose_answer_was_lost_is_no_change_from_elsewhere(author: FlaskClient) -> None:
    saved(author, small(points=4), base=0, writer="one", number=1)
    assert saved(author, small(points=5), base=0, writer="one", number=2).status_code == 200
    assert saved(author, small(points=4), base=0, writer="one", number=1).status_code == 200
    assert opened(author)["cells"][2]["metadata"]["nbgrader"]["points"] == 5


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ([cell("# Only text", kind="markdown")], "No cell has points yet."),
        ([cell(TESTS, "a", grade=True, locked=True)], "Cell 1 needs points"),
        ([cell(TESTS, "a", grade=True, locked=True, points=-1)], "Cell 1 needs points"),
        (
            [cell(SOLUTION, "same", solution=True), cell(TESTS, "same", grade=True, locked=True, points=1)],
            "Cells 1 and 2 have the same name, “same”.",
        ),
        ([cell(SOLUTION)], "Cell 1 holds a solution, but it is not marked as an answer"),
        ([cell(TESTS, "a", solution=True)], "Cell 1 holds hidden tests, but it is not marked as tests"),
        ([cell("### BEGIN SOLUTION\nx = 1", "a", solution=True)], "needs its “### END SOLUTION” below it"),
        ([cell("text", "a", kind="markdown", grade=True, locked=True, points=1)], "a cell of its type cannot be"),
        ([cell(TESTS, "two words", grade=True, locked=True, points=1)], "Cell 1 needs a name of letters"),
        ([cell(TESTS, "a", grade=True, task=True, points=1)], "The marking of cell 1 is not one that nbgrader has"),
        ([cell(TESTS, "a", grade=True, points=1, schema_version=2)], "The marking of cell 1 is not one"),
        ([cell("### AUTOTEST x", "a", grade=True, locked=True, points=1)], "Cell 1 holds a line with AUTOTEST"),
        (
            [cell("why", "answer", kind="markdown", grade=True, solution=True, points=9)],
            "marked by a rubric whose best levels add up to 4 points",
        ),
    ],
)
def test_what_is_wrong_is_said_in_words_and_saved_all_the_same(
    author: FlaskClient, cells: list[dict[str, Any]], sentence: str
) -> None:
    assert sentence in said(author, *cells)
    assert len(opened(author)["cells"]) == len(cells)
    assert sentence in Page(author.get(DESK).text).text
    answer = author.post(f"{DESK}/check", data={"version": "1"})
    assert answer.status_code == 422
    assert "Mend what is listed below first" in answer.text
    assert author.get(f"{DESK}/preview").status_code == 422


def test_a_graded_cell_must_say_which_skill_it_shows(author: FlaskClient) -> None:
    tests = cell(TESTS, "a", grade=True, locked=True, points=1)
    tests["metadata"]["hunar"] = {"competencies": ["D9.9"], "level": 7}
    words = said(author, tests)
    assert "Choose at least one skill that cell 1 shows." in words
    assert "Choose the level of the skill that cell 1 shows." in words


INSIDE = "def share(x):\n### BEGIN SOLUTION\n    y = x / 2\n    return y\n### END SOLUTION"


def test_skills_in_another_form_and_what_only_nbgrader_finds_are_refused_before_the_check(author: FlaskClient) -> None:
    odd = json.loads(small())
    odd["cells"][2]["metadata"]["hunar"]["note"] = "?"
    strange = json.loads(small())
    strange["cells"][2]["metadata"]["nbgrader"]["colour"] = "red"
    for document, words in (
        (odd, "The skills of a cell cannot be read."),
        (strange, "nbgrader refuses this notebook."),
        (json.loads(small(INSIDE)), "Cell 2 is Python as you wrote it, and no longer once the solution is taken out."),
    ):
        version = saved(author, json.dumps(document).encode()).json["version"]
        answer = author.post(f"{DESK}/check", data={"version": version})
        assert answer.status_code == 422
        assert words in answer.text


@pytest.mark.parametrize(
    "content",
    [
        b"not a notebook",
        b"[]",
        b'{"nbformat": 4, "cells": 7}',
        b'{"nbformat": 4, "cells": [' + b"[" * 500_000,
    ],
    ids=["words", "list", "cells", "brackets"],
)
def test_what_would_not_open_again_is_refused_in_words_and_changes_nothing(author: FlaskClient, content: bytes) -> None:
    saved(author, small())
    answer = saved(author, content)
    assert answer.status_code == 422
    assert "This file is not a notebook" in answer.json["message"]
    assert texts(opened(author))[0] == "# A small lab"


def test_what_is_too_large_is_refused_and_changes_nothing(author: FlaskClient) -> None:
    saved(author, small())
    assert saved(author, small(solution="x" * 9_000_000)).status_code == 413
    assert texts(opened(author))[0] == "# A small lab"


@pytest.mark.parametrize(
    "broken",
    [5, {"cell_type": "code"}, {"cell_type": "code", "metadata": {"nbgrader": 5}, "source": ""}, {"cell_type": 1}],
)
def test_a_cell_of_another_shape_is_named(author: FlaskClient, broken: object) -> None:
    document = json.loads(small())
    document["cells"].append(broken)
    answer = saved(author, json.dumps(document).encode())
    assert "Cell 4 cannot be read" in answer.json["problems"][0]["sentence"]
    assert author.get(DESK).status_code == 200


def test_a_file_is_gone_on_with_or_refused_in_words(author: FlaskClient) -> None:
    def send(content: bytes) -> Any:
        return author.post(f"{DESK}/upload", data={"notebook": (io.BytesIO(content), "source.ipynb")})

    assert send(small()).status_code == 303
    assert texts(opened(author))[0] == "# A small lab"
    refused = send(b"no notebook")
    assert refused.status_code == 422
    assert "This file is not a notebook" in refused.text
    assert texts(opened(author))[0] == "# A small lab"


def test_the_preview_is_the_release_and_keeps_nothing(author: FlaskClient) -> None:
    saved(author, small())
    assert "nothing of it is kept" in author.get(f"{DESK}/preview").text
    given = author.get(f"{DESK}/preview.ipynb").text
    assert "YOUR CODE HERE" in given
    assert "two = 2" not in given
    assert "assert two == 2" not in given
    assert "Nothing has been saved" not in author.get(DESK).text


def test_an_earlier_state_is_compared_and_gone_on_from(author: FlaskClient) -> None:
    saved(author, small())
    saved(author, small(solution=SOLUTION.replace("two = 2", "two = 1 + 1")))
    page = author.get(f"{DESK}/states/1").text
    assert "two = 1 + 1" in page
    assert author.post(f"{DESK}/states/1/restore").location == DESK
    assert "two = 2" in texts(opened(author))[1]
    assert author.post(f"{DESK}/versions/0/restore").status_code == 303
    assert any("row_count" in text for text in texts(opened(author)))


def test_other_points_and_another_kind_of_a_cell_stand_in_the_comparison(author: FlaskClient) -> None:
    first = notebook(
        cell("# Same text", "same", kind="markdown", locked=True),
        cell("two = 2", "two", grade=True, locked=True, points=3),
        cell("Write.", "essay", kind="markdown", grade=True, solution=True, points=2),
        cell("assert two == 2", "gone", grade=True, locked=True, points=1.5),
    )
    second = notebook(
        cell("# Same text", "same", kind="markdown", locked=True),
        cell("two = 2", "two", grade=True, locked=True, points=4),
        cell("Write.", "essay", kind="markdown", task=True, points=2),
        cell("new = 1", "new", solution=True, grade=True, task=True),
    )
    saved(author, first)
    saved(author, second)
    page = author.get(f"{DESK}/states/1").text
    for there in (
        "<del>Tests with points (points: 3)</del>",
        "<ins>Tests with points (points: 4)</ins>",
        "<del>Written answer with points (points: 2)</del>",
        "<ins>Task with points (points: 2)</ins>",
        "<del>Tests with points (points: 1.5)</del>",
        "<ins>Marked as nothing that nbgrader knows</ins>",
    ):
        assert page.count(there) == 1, there
    assert "Read-only" not in page
    assert "1 cell is the same" in page


def test_a_comparison_of_cells_that_are_the_same_to_nbgrader_speaks_of_their_text_alone(author: FlaskClient) -> None:
    saved(author, small())
    saved(author, small(solution=SOLUTION.replace("two = 2", "two = 1 + 1")))
    assert "What the cell is" not in author.get(f"{DESK}/states/1").text


@pytest.mark.parametrize("marking", [3, {"points": "many", "grade": True}, {"points": True, "task": True}])
def test_a_marking_that_is_none_is_compared_all_the_same(author: FlaskClient, marking: object) -> None:
    strange = cell("x = 1", "x", solution=True)
    saved(author, notebook(strange))
    strange["metadata"]["nbgrader"] = marking
    saved(author, notebook(strange))
    page = author.get(f"{DESK}/states/1")
    assert page.status_code == 200
    assert "Answer that tests grade" in page.text
    assert "(points:" not in page.text


@pytest.mark.parametrize("text", ["\n", "# a" + " " * 300_000 + "b\n", "BEGIN MARK SCHEME\n", "# a\n"])
def test_a_text_without_end_is_shown_all_the_same(author: FlaskClient, text: str) -> None:
    endless = text * (300_000 // len(text))
    answer = saved(author, notebook(cell(endless, kind="markdown"), cell(endless, "long", solution=True)))
    for page in ("", "/words", f"/states/{answer.json['version']}"):
        assert author.get(f"{DESK}{page}").status_code == 200


@pytest.mark.parametrize("name", [["two"], {"name": "two"}, 2])
def test_a_name_that_is_no_text_is_told_of_on_every_page(author: FlaskClient, name: object) -> None:
    written = json.loads(small())
    written["cells"][1]["metadata"]["nbgrader"]["grade_id"] = name
    answer = saved(author, json.dumps(written).encode())
    assert "Cell 2 needs a name" in answer.json["problems"][0]["sentence"]
    for page in ("", "/words", "/versions", f"/states/{answer.json['version']}"):
        assert author.get(f"{DESK}{page}").status_code == 200


def test_no_trainee_and_no_stranger_sees_a_source(
    people: SimpleNamespace, sign_in: SignIn, author: FlaskClient, database: Engine
) -> None:
    saved(author, small())
    amina = sign_in(people.amina)
    for page in ("", "/source.ipynb", "/preview.ipynb", "/states/1", "/versions", "/newest"):
        assert amina.get(DESK + page).status_code == 403
    with begin(database) as session:
        session.get_one(Account, people.zahid.id).role = Role.INSTRUCTOR
    stranger = sign_in(people.zahid)
    assert stranger.get(f"{DESK}/states/1").status_code == 404
    assert "# A small lab" not in stranger.get(f"{DESK}/source.ipynb").text


def test_the_pages_of_an_author_speak_urdu(author: FlaskClient) -> None:
    author.post("/language", data={"language": "ur", "next": "/"})
    saved(author, notebook(cell("# x", kind="markdown")))
    for page in (DESK, f"{DESK}/versions", "/authoring"):
        text = author.get(page).text
        assert 'dir="rtl"' in text
        assert "Versions" not in text
        assert "To mend before" not in text
