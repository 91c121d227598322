"""A class's deadline: 1,000 submissions within a minute, on SQLite and on PostgreSQL with two workers at work."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, func, select

from app.core.access import Role
from app.core.db import begin
from app.core.jobs import Job, JobKind
from app.demo import DEMO_PEOPLE, MODULE_ID
from app.gradebook.models import Grade
from app.notebooks.models import Submission
from benchmarks.figures import Figure
from benchmarks.grading_speed import ASSIGNMENT
from benchmarks.pages import fresh_portal, lab_of, signed_in
from config import ROOT
from tools import postgresql

ON_SQLITE = "1,000 submissions within a minute, on SQLite"
ON_POSTGRESQL = "1,000 submissions within a minute, on PostgreSQL with two workers grading meanwhile"
AT_DEADLINE, AT_A_TIME, WORKERS = 1_000, 8, 2
DEADLINE_SECONDS, READY_SECONDS = 60.0, 120.0


@dataclass(frozen=True)
class Sent:
    """A submission as its sender saw it; moments in seconds of one clock."""

    began_at: float
    answered_at: float
    receipt: str


def measure(folder: Path) -> list[Figure]:
    """Raises RuntimeError when a submission is lost or out of order: a speed without them means nothing."""
    on_sqlite, on_postgresql = folder / "sqlite", folder / "postgresql"
    on_sqlite.mkdir()
    on_postgresql.mkdir()
    _settings, app, engine = fresh_portal(on_sqlite)
    figures = list(_hand_in(app, engine, ON_SQLITE))
    with postgresql.running(careful=True) as server:
        urls = {"DATABASE_URL": server.create(), "QUEUE_DATABASE_URL": server.create()}
        settings, app, engine = fresh_portal(on_postgresql, urls)
        environment = os.environ | urls
        environment |= {"SECRET_KEY": settings.secret_key, "STORAGE_FOLDER": str(settings.storage_folder)}
        with _workers(environment, on_postgresql):
            figures += _hand_in(app, engine, ON_POSTGRESQL)
            figures.append(_graded_meanwhile(engine))
        engine.dispose()
    return figures


@contextmanager
def _workers(environment: dict[str, str], folder: Path) -> Iterator[None]:
    """Two worker processes, ready, until the block ends."""
    logs = [folder / f"worker{number}.log" for number in range(WORKERS)]
    running = []
    for log in logs:
        with log.open("wb") as output:
            command = [sys.executable, "-m", "app.worker"]
            running.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output))
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not all("worker is ready" in log.read_text() for log in logs):
            if time.monotonic() > deadline:
                raise RuntimeError(f"a worker is not ready: {logs[0].read_text()[-2000:]}")
            time.sleep(0.2)
        yield
        if any(worker.poll() is not None for worker in running):
            raise RuntimeError("a worker ended before its time")
    finally:
        for worker in running:
            worker.kill()
            worker.wait()


def _variants(source: bytes) -> list[bytes]:
    """The author's notebook once for each number, made beforehand: trainees' browsers cost the portal nothing."""
    notebook = json.loads(source)
    return [
        json.dumps({**notebook, "metadata": notebook["metadata"] | {"number": n}}).encode() for n in range(AT_DEADLINE)
    ]


def _hand_in(app: Flask, engine: Engine, group: str) -> Iterator[Figure]:
    """All through the portal's own door."""
    notebooks = _variants(lab_of(app).source)
    local = threading.local()
    trainees = [person.username for person in DEMO_PEOPLE if person.role is Role.TRAINEE]
    clients = [signed_in(app, name) for name in trainees[:AT_A_TIME]]

    def post(number: int) -> Sent:
        if not hasattr(local, "client"):
            local.client = clients.pop()
        form = {"key": f"deadline{number}", "notebook": (BytesIO(notebooks[number]), "lab.ipynb")}
        time.sleep(max(0.0, opened + number * DEADLINE_SECONDS / AT_DEADLINE - time.perf_counter()))
        began_at = time.perf_counter()
        answer = local.client.post(f"/notebooks/{MODULE_ID}/{ASSIGNMENT}/submit", data=form)
        return Sent(began_at, time.perf_counter(), answer.headers.get("Location", "").rsplit("/", 1)[-1])

    opened = time.perf_counter()
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        all_sent = list(pool.map(post, range(AT_DEADLINE)))
    taken = time.perf_counter() - opened
    _require_all(engine, all_sent)
    milliseconds = [1000 * (sent.answered_at - sent.began_at) for sent in all_sent]
    yield Figure(group, "submit request, median", statistics.median(milliseconds), "ms", AT_DEADLINE)
    yield Figure(
        group, "submit request, 95th percentile", statistics.quantiles(milliseconds, n=20)[-1], "ms", AT_DEADLINE
    )
    yield Figure(group, "all have a receipt after", taken, "s")


def _require_all(engine: Engine, all_sent: list[Sent]) -> None:
    """Each has its own submission and job, and stands in the queue before all that were sent after its receipt."""
    with begin(engine, read_only=True) as session:
        rows = session.execute(
            select(Submission.id, Job.id)
            .join(Job, (Job.thing_id == Submission.id) & (Job.kind == JobKind.GRADE_SUBMISSION))
            .where(Submission.idempotency_key.like("deadline%"))
        ).all()
    job_of = {str(submission_id): int(job_id) for submission_id, job_id in rows}
    if {sent.receipt for sent in all_sent} != set(job_of) or len(job_of) != AT_DEADLINE:
        raise RuntimeError("a submission of the deadline was lost")
    for earlier in all_sent:
        for later in all_sent:
            if earlier.answered_at < later.began_at and job_of[earlier.receipt] > job_of[later.receipt]:
                raise RuntimeError("a submission of the deadline is out of order")


def _graded_meanwhile(engine: Engine) -> Figure:
    with begin(engine, read_only=True) as session:
        graded = session.scalar(select(func.count()).select_from(Grade)) or 0
    return Figure(ON_POSTGRESQL, "of these graded by then", graded, "submissions")
