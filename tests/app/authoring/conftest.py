"""An author at a lab, and a worker that checks it."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

import grading
from app.authoring.checking import check_lab
from app.core import jobs
from app.core.db import begin
from app.gradebook.service import Grader, grade_submission
from config import Settings
from tests.app.conftest import LAB, MODULE

DESK = f"/authoring/{MODULE}/{LAB}"


def nbgrader(name: str, **flags: Any) -> dict[str, Any]:
    """Marking of schema 3, every flag off but those given."""
    blank = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {**blank, "grade_id": name, **flags}


def cell(text: str, name: str = "", *, kind: str = "code", points: float | None = None, **flags: Any) -> dict[str, Any]:
    """A cell of a source; one with points shows a skill of the lab."""
    metadata: dict[str, Any] = {}
    if name:
        worth = {} if points is None else {"points": points}
        metadata["nbgrader"] = nbgrader(name, **flags) | worth
    if points is not None:
        metadata["hunar"] = {"competencies": ["D2.2"], "level": 1}
    made = {"cell_type": kind, "id": name or f"c{abs(hash(text)) % 9999}", "metadata": metadata, "source": text}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def notebook(*cells: dict[str, Any]) -> bytes:
    python = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": python, "cells": list(cells)}).encode()


SOLUTION = "### BEGIN SOLUTION\ntwo = 2\n### END SOLUTION"
TESTS = "assert two < 3\n### BEGIN HIDDEN TESTS\nassert two == 2\n### END HIDDEN TESTS"


def small(solution: str = SOLUTION, tests: str = TESTS, *, points: float = 3) -> bytes:
    """A lab of one question."""
    return notebook(
        cell("# A small lab", kind="markdown"),
        cell(solution, "two", solution=True),
        cell(tests, "two-check", grade=True, locked=True, points=points),
    )


Save = Callable[..., Any]


def saved(client: FlaskClient, content: bytes, *, base: int | None = None, writer: str = "", number: int = 1) -> Any:
    """What the page's script sends after a change, and the answer."""
    headers = {"X-Draft-Writers": writer, "X-Draft-Number": str(number)}
    if base is not None:
        headers["If-Match"] = f'"{base}"'
    return client.post(f"{DESK}/draft", data=content, headers=headers)


@pytest.fixture
def author(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.bilal)


@pytest.fixture
def grader(app: Flask, settings: Settings, warm_sandboxes: grading.WarmSandboxes) -> Grader:
    blobs, catalogue = app.extensions["blobs"], app.extensions["catalogue"]
    return Grader(blobs, catalogue, settings.lab_files_folder, warm_sandboxes)


@pytest.fixture
def work_off(database: Engine, grader: Grader) -> Callable[[], None]:
    """Do every waiting job, as the worker does."""

    def run() -> None:
        with begin(database, read_only=True) as session:
            waiting = jobs.waiting(session)
        for job in waiting:
            act = check_lab if job.kind == jobs.JobKind.CHECK_LAB else grade_submission
            act(database, grader, job.thing_id)

    return run


@pytest.fixture
def check(author: FlaskClient, work_off: Callable[[], None]) -> Callable[[bytes], str]:
    """Save a source and have it checked; the address of the check."""

    def run(content: bytes) -> str:
        version = saved(author, content).json["version"]
        answer = author.post(f"{DESK}/check", data={"version": version})
        assert answer.status_code == 303, answer.text
        work_off()
        return str(answer.location)

    return run


@pytest.fixture
def publish(author: FlaskClient, check: Callable[[bytes], str]) -> Callable[[bytes], None]:
    def run(content: bytes) -> None:
        answer = author.post(f"{check(content)}/publish", data={"reason": "A clearer question."})
        assert answer.status_code == 303, answer.text

    return run
