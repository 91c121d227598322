"""Tasks, whose answers stand in cells below them, and cells that their trainee deleted, for whoever marks them."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account
from app.core.db import begin
from app.gradebook.models import Grade
from tests.app.conftest import CELL, by_rubric

SignIn = Callable[[Account], FlaskClient]

TASK = """### What a chart should say
Make a chart below, and say what it shows.
### BEGIN MARK SCHEME
## Two points for the axis
### END MARK SCHEME"""
ROLE = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}


def cell(kind: str, text: str, grade_id: str = "", **role: Any) -> dict[str, Any]:
    marking = {"nbgrader": {**ROLE, **role, "grade_id": grade_id}} if grade_id else {}
    tags = {"hunar": {"competencies": ["D2.2"], "level": 3}} if "points" in role else {}
    ran = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {**marking, **tags}, "source": text, **ran}


def notebook(*answer: dict[str, Any]) -> bytes:
    """A notebook with a task, what stands below it, and a test with an answer of its own."""
    cells = [
        cell("markdown", "# Complaints"),
        cell("markdown", TASK, CELL, task=True, locked=True, points=4),
        *answer,
        cell("markdown", "Read only.", "note", locked=True),
        cell("code", "assert True", "look-check", grade=True, locked=True, points=2),
        cell("code", "AFTER_THE_TEST = 1"),
    ]
    numbered = [{**each, "id": f"cell-{number}"} for number, each in enumerate(cells)]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": numbered}).encode()


@pytest.fixture
def answered_task(
    app: Flask, database: Engine, answered: Callable[..., str], change_lab: Callable[..., None]
) -> Callable[..., str]:
    """A graded submission of a lab whose written answer is one to a task, with these cells below that."""

    def make(trainee: Account, *answer: dict[str, Any]) -> str:
        change_lab(source=notebook(), rubrics={})
        made = answered(trainee)
        with begin(database) as session:
            session.scalars(select(Grade)).one().autograded_sha256 = app.extensions["blobs"].put(notebook(*answer))
        return made

    return make


@pytest.fixture
def outsider(add_instructor: Callable[..., Account], sign_in: SignIn) -> FlaskClient:
    """An instructor of the academy who does not teach the class."""
    return sign_in(add_instructor("nadia", "Nadia Gul", teaches=False))


def parts(client: FlaskClient, address: str) -> tuple[str, str]:
    """What the page says before and after it comes to the answer."""
    page = client.get(address)
    assert page.status_code == 200
    before, _heading, after = page.text.partition("<h2>The answer</h2>")
    return before, after.partition("<h2>Your mark</h2>")[0]


def test_both_markers_of_a_task_read_what_was_written_below_it_beside_its_scheme(
    people: SimpleNamespace,
    bilal: FlaskClient,
    outsider: FlaskClient,
    answered_task: Callable[..., str],
    mark_twice: Callable[[int], None],
) -> None:
    mark_twice(100)
    written = cell("code", "draw(shares)"), cell("markdown", "*Half* came back."), cell("code", " ")
    work = answered_task(people.amina, *written)
    first = parts(bilal, f"/marking/{work}")
    assert bilal.post(f"/marking/{work}", data={"points": "3", "comment": ""}).status_code == 303
    for task, answer in (first, parts(outsider, f"/marking/{work}/second")):
        assert "Make a chart below" in task
        assert "Two points for the axis" in task
        assert "MARK SCHEME" not in task
        assert "draw(shares)" in answer
        assert "<em>Half</em> came back." in answer
        assert answer.count("<pre") == 1
        for other in ("Make a chart below", "Two points", "Read only.", "assert True", "AFTER_THE_TEST"):
            assert other not in answer


def test_a_task_is_named_by_its_heading_and_no_trainee_reads_its_scheme(
    people: SimpleNamespace, sign_in: SignIn, answered_task: Callable[..., str]
) -> None:
    answered_task(people.amina)
    page = sign_in(people.amina).get("/results/submissions/1").text
    assert "What a chart should say" in page
    assert "MARK SCHEME" not in page
    assert "Two points" not in page


def test_a_task_below_which_nothing_stands_says_so(
    people: SimpleNamespace, bilal: FlaskClient, answered_task: Callable[..., str]
) -> None:
    _task, answer = parts(bilal, f"/marking/{answered_task(people.amina, cell('code', ''))}")
    assert "Nothing was written." in answer


def test_both_markers_of_a_deleted_cell_read_the_others_that_its_trainee_wrote_in(
    app: Flask,
    database: Engine,
    source: bytes,
    people: SimpleNamespace,
    bilal: FlaskClient,
    outsider: FlaskClient,
    answered: Callable[..., str],
    mark_twice: Callable[[int], None],
) -> None:
    mark_twice(100)
    work = answered(people.amina)
    document = json.loads(source)
    document["cells"] = [
        cell("code", "mine = 'a figure'") if role.get("grade_id") == CELL else each
        for each in document["cells"]
        for role in [each["metadata"].get("nbgrader", {})]
    ]
    with begin(database) as session:
        session.scalars(select(Grade)).one().autograded_sha256 = app.extensions["blobs"].put(
            json.dumps(document).encode()
        )
    first = parts(bilal, f"/marking/{work}")
    assert bilal.post(f"/marking/{work}", data=by_rubric(2)).status_code == 303
    for _task, answer in (first, parts(outsider, f"/marking/{work}/second")):
        assert "has no such cell" in answer
        assert "a figure" in answer
        assert "assert " not in answer
