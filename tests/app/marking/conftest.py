"""A submission with one tested and one written cell."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.accounts.models import Account
from app.core import clock
from app.core.db import begin
from app.gradebook.models import CellGrade, Grade
from app.notebooks import service

MODULE, LAB, CELL = "measure-to-manage", "grievances", "answer"


@pytest.fixture
def source(app: Flask) -> bytes:
    return bytes(app.extensions["catalogue"].module(MODULE).activity(LAB).source)


@pytest.fixture
def answered(app: Flask, database: Engine, source: bytes) -> Callable[..., int]:
    """A graded submission of the author's notebook, whose written answer waits; the id of that cell's grade."""

    def make(trainee: Account, *, key: str = "first", status: str = "graded") -> int:
        blobs = app.extensions["blobs"]
        with begin(database) as session:
            handed_in = service.submit(session, blobs, trainee, MODULE, LAB, source, key=key)
            grade = Grade(
                submission_id=handed_in.id,
                status=status,
                problem=None,
                points=2,
                max_points=6,
                feedback_sha256=None,
                autograded_sha256=blobs.put(source),
                graded_at=clock.now(),
                seconds=1,
            )
            session.add(grade)
            session.flush()
            tested = CellGrade(
                grade_id=grade.id, cell="look-check", score=2, max_score=2, needs_manual_grade=False, message=""
            )
            written = CellGrade(
                grade_id=grade.id, cell=CELL, score=None, max_score=4, needs_manual_grade=True, message=""
            )
            session.add_all([tested, written])
            session.flush()
            return written.id

    return make
