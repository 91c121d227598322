"""The real worker grades real submissions: killed in between, beside notebooks that crash or never end."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from flask import Flask
from sqlalchemy import Engine, func, select

from app.competencies.models import Evidence
from app.content.releases import released
from app.core import audit, jobs
from app.core.db import begin
from app.gradebook.models import Grade
from app.notebooks import service
from config import Settings
from tests.app.worker.process import wait_for, worker

pytestmark = pytest.mark.sandbox
MODULE, LAB = "measure-to-manage", "grievances"
# Deaf to the interrupt that ends a slow cell, so that the whole run must be stopped.
ENDLESS = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"


def with_first_answer(app: Flask, code: str) -> bytes:
    """The released lab with this code as the answer to its first task."""
    source = app.extensions["catalogue"].module(MODULE).activity(LAB).source
    notebook = nbformat.reads(released(source).decode(), as_version=4)
    cell = next(each for each in notebook.cells if each.metadata.get("nbgrader", {}).get("grade_id") == "look")
    cell.source = code
    return nbformat.writes(notebook).encode()


@pytest.fixture
def hand_in(app: Flask, database: Engine, people: SimpleNamespace) -> Callable[[bytes], int]:
    keys = iter(range(100))

    def submit(content: bytes) -> int:
        with begin(database) as session:
            blobs, key = app.extensions["blobs"], f"key-{next(keys)}"
            return service.submit(session, blobs, people.amina, MODULE, LAB, content, key=key).id

    return submit


def grades(database: Engine) -> dict[int, Grade]:
    with begin(database, read_only=True) as session:
        return {grade.submission_id: grade for grade in session.scalars(select(Grade))}


def test_a_worker_killed_while_it_grades_grades_once_after_its_next_start(
    app: Flask, settings: Settings, database: Engine, hand_in: Callable[[bytes], int], tmp_path: Path
) -> None:
    source = app.extensions["catalogue"].module(MODULE).activity(LAB).source
    submission_id = hand_in(source)
    log = tmp_path / "worker.log"
    with worker(settings, log) as process:
        wait_for(lambda: f"grade_submission {submission_id}) begins" in log.read_text(), log)
        assert grades(database) == {}
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert grades(database) == {}
    with worker(settings, log):
        wait_for(lambda: submission_id in grades(database), log)
    assert grades(database)[submission_id].points == 18.0
    with begin(database, read_only=True) as session:
        assert jobs.waiting(session) == []
        assert audit.verify(session).broken_id is None
        repeated = (
            select(Evidence.part, Evidence.competency)
            .group_by(Evidence.part, Evidence.competency)
            .having(func.count() > 1)
        )
        assert session.execute(repeated).all() == []


def test_notebooks_that_crash_or_never_end_are_stopped_and_leave_the_others_unharmed(
    app: Flask, settings: Settings, database: Engine, hand_in: Callable[[bytes], int], tmp_path: Path
) -> None:
    source = app.extensions["catalogue"].module(MODULE).activity(LAB).source
    endless = hand_in(with_first_answer(app, ENDLESS))
    crashing = hand_in(with_first_answer(app, "import os; os._exit(1)"))
    no_notebook = hand_in(b"not a notebook")
    honest = hand_in(source)
    log = tmp_path / "worker.log"
    with worker(settings, log):
        wait_for(lambda: honest in grades(database), log)
        assert endless not in grades(database)
        wait_for(lambda: len(grades(database)) == 4, log)
    found = grades(database)
    problems = {key: (grade.problem or {}).get("code") for key, grade in found.items()}
    assert problems == {endless: "timed_out", crashing: "kernel_died", no_notebook: "not_json", honest: None}
    assert found[endless].status == found[crashing].status == "stopped"
    assert found[honest].points == 18.0


def test_a_worker_told_to_stop_stops_at_once_and_leaves_its_work_for_the_next(
    app: Flask, settings: Settings, database: Engine, hand_in: Callable[[bytes], int], tmp_path: Path
) -> None:
    submission_id = hand_in(with_first_answer(app, ENDLESS))
    log = tmp_path / "worker.log"
    with worker(settings, log) as process:
        wait_for(lambda: f"grade_submission {submission_id}) begins" in log.read_text(), log)
        process.terminate()
        assert process.wait(timeout=90) == 0
    with begin(database, read_only=True) as session:
        assert [job.thing_id for job in jobs.waiting(session)] == [submission_id]
