"""Two real workers on one PostgreSQL share what waits, and what one leaves when it is killed the other finishes."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select

from app.competencies.models import Evidence
from app.core import audit, jobs
from app.core.db import begin
from app.gradebook.models import Grade
from app.notebooks import service
from app.worker import ATTEMPTS
from config import Settings
from tests.app.worker.process import IMPATIENT, POISONED, wait_for, worker
from tests.app.worker.test_worker_grades_submissions import ENDLESS, with_first_answer
from tools import postgresql

MODULE, LAB = "measure-to-manage", "grievances"
LEAST_CUTS = 5
on_postgresql = pytest.mark.on_postgresql


@pytest.fixture
def hand_in(app: Flask, database: Engine, people: SimpleNamespace) -> Callable[..., list[int]]:
    def submit(content: bytes, *, times: int = 1) -> list[int]:
        with begin(database) as session:
            blobs = app.extensions["blobs"]
            return [
                service.submit(session, blobs, people.amina, MODULE, LAB, content, key=f"{len(content)}-{n}").id
                for n in range(times)
            ]

    return submit


@pytest.fixture
def logs(tmp_path: Path) -> tuple[Path, Path]:
    found = tmp_path / "first.log", tmp_path / "second.log"
    for log in found:
        log.touch()
    return found


def count(database: Engine, table: type[Grade | Evidence | jobs.Worker]) -> int:
    with begin(database, read_only=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def ready(*logs: Path) -> bool:
    return all("worker is ready" in log.read_text() for log in logs)


def nothing_waits(database: Engine) -> bool:
    with begin(database, read_only=True) as session:
        return jobs.waiting(session) == []


@on_postgresql
def test_two_workers_share_what_waits_and_do_each_job_once(
    settings: Settings, database: Engine, hand_in: Callable[..., list[int]], logs: tuple[Path, Path]
) -> None:
    with worker(settings, logs[0]), worker(settings, logs[1]):
        wait_for(lambda: ready(*logs), logs[0])
        ids = hand_in(b"not a notebook", times=60)
        wait_for(lambda: nothing_waits(database), logs[0])
    begun = [re.findall(r"grade_submission (\d+)\) begins", log.read_text()) for log in logs]
    assert all(begun)
    assert sorted(map(int, [*begun[0], *begun[1]])) == ids
    assert count(database, Grade) == len(ids)


@on_postgresql
def test_a_worker_that_loses_the_database_while_it_starts_goes_on_starting(
    settings: Settings,
    database: Engine,
    server: postgresql.Server,
    hand_in: Callable[..., list[int]],
    logs: tuple[Path, Path],
) -> None:
    hand_in(b"not a notebook")
    database.dispose()
    with worker(settings, logs[0]) as starting:
        cuts = 0
        while cuts < LEAST_CUTS and not ready(logs[0]):
            cuts += server.cut_connections()
        assert cuts
        # A cut between two statements is mended without a word; that nobody answers is not.
        with server.closed(settings.database_url):
            wait_for(lambda: "the database does not answer; trying again" in logs[0].read_text(), logs[0])
        wait_for(lambda: starting.poll() is not None or ready(logs[0]), logs[0])
        assert starting.poll() is None, logs[0].read_text()
        wait_for(lambda: nothing_waits(database), logs[0])
    assert count(database, Grade) == 1


@on_postgresql
@pytest.mark.sandbox
def test_what_a_killed_worker_had_begun_the_other_finishes(
    app: Flask, settings: Settings, database: Engine, hand_in: Callable[..., list[int]], logs: tuple[Path, Path]
) -> None:
    [submission_id] = hand_in(app.extensions["catalogue"].module(MODULE).activity(LAB).source)
    with worker(settings, logs[0]) as first:
        wait_for(lambda: f"grade_submission {submission_id}) begins" in logs[0].read_text(), logs[0])
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert count(database, Grade) == 0
        with worker(settings, logs[1], code=IMPATIENT):
            wait_for(lambda: nothing_waits(database), logs[1])
    assert "taking up what was left by" in logs[1].read_text()
    with begin(database, read_only=True) as session:
        assert [grade.points for grade in session.scalars(select(Grade))] == [18.0]
        verbs = session.scalars(select(audit.AuditEntry.verb)).all()
    assert verbs.count("graded") == 1


@on_postgresql
@pytest.mark.sandbox
def test_a_worker_that_starts_leaves_alone_what_a_living_one_has_begun(
    app: Flask, settings: Settings, database: Engine, hand_in: Callable[..., list[int]], logs: tuple[Path, Path]
) -> None:
    """A notebook that runs until its limit outlives several reports of both, and is begun once."""
    [submission_id] = hand_in(with_first_answer(app, ENDLESS))
    begins = f"grade_submission {submission_id}) begins"
    with worker(settings, logs[0]):
        wait_for(lambda: begins in logs[0].read_text(), logs[0])
        with worker(settings, logs[1]):
            wait_for(lambda: nothing_waits(database), logs[1])
    assert logs[0].read_text().count(begins) == 1
    assert begins not in logs[1].read_text()
    assert count(database, Grade) == 1


def test_a_job_that_ends_every_worker_is_set_aside_for_a_person(
    settings: Settings, database: Engine, hand_in: Callable[..., list[int]], logs: tuple[Path, Path]
) -> None:
    hand_in(b"not a notebook")

    def failure() -> str | None:
        with begin(database, read_only=True) as session:
            return session.scalars(select(jobs.Job.failure)).one()

    for _ in range(8):
        if failure() is not None:
            break
        with worker(settings, logs[0], code=POISONED) as poisoned:
            wait_for(lambda: poisoned.poll() is not None or failure() is not None, logs[0])
    assert "MAX_RECOVERY_ATTEMPTS_EXCEEDED" in (failure() or "")
    assert logs[0].read_text().count("begins") == ATTEMPTS + 1
    assert count(database, Grade) == 0


def test_a_second_worker_on_sqlite_waits_until_the_first_has_ended(
    settings: Settings, database: Engine, hand_in: Callable[..., list[int]], logs: tuple[Path, Path]
) -> None:
    with worker(settings, logs[0]) as first:
        wait_for(lambda: ready(logs[0]), logs[0])
        with worker(settings, logs[1]):
            wait_for(lambda: "another worker serves this SQLite queue" in logs[1].read_text(), logs[1])
            first.send_signal(signal.SIGKILL)
            first.wait()
            hand_in(b"not a notebook")
            wait_for(lambda: nothing_waits(database), logs[1])
    assert count(database, Grade) == 1
