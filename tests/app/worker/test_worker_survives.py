"""The real worker as a process: killed in the middle, it finishes the job at the next start, once."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

import simulations
from app.accounts.models import Account
from app.competencies.models import Evidence
from app.core import jobs
from app.core.db import begin
from app.gradebook.queries import grade_of
from app.notebooks import service as notebooks
from app.sims.models import SimulationRun
from app.worker import ATTEMPTS, BATCH, CONCURRENCY, Workshop, run_waiting_jobs
from config import Settings
from tests.app.worker.process import wait_for, worker

# The real worker, where nothing comes to an end but notebooks that were handed in.
STUCK = """
import time
from app import worker
from app.core import jobs
handle = worker.Workshop.handle
def stuck(self, kind, thing_id):
    return handle(self, kind, thing_id) if kind == jobs.JobKind.GRADE_SUBMISSION else time.sleep(3600)
worker.Workshop.handle = stuck
worker.main()
"""


def scored(database: Engine, run_id: int) -> bool:
    with begin(database, read_only=True) as session:
        return session.get_one(SimulationRun, run_id).decision_score is not None


def handed_in(app: Flask, database: Engine, trainee: Account) -> Callable[[], bool]:
    """Hand a notebook in; whether it is graded."""
    with begin(database) as session:
        number = notebooks.submit(
            session, app.extensions["blobs"], trainee, "measure-to-manage", "grievances", b"{}", key="now"
        ).id

    def is_graded() -> bool:
        with begin(database, read_only=True) as session:
            return grade_of(session, number) is not None

    return is_graded


def test_a_job_survives_kill_9_and_is_done_once(
    settings: Settings,
    database: Engine,
    people: SimpleNamespace,
    finish_a_run: Callable[..., int],
    tmp_path: Path,
    app: object,
) -> None:
    run_id = finish_a_run(people.amina, module="who-has-the-file", activity="routing", scenario_id="file_routing")
    log = tmp_path / "worker.log"
    with worker(settings, log) as process:
        wait_for(lambda: "(score_run 1) begins" in log.read_text(), log)
        time.sleep(1)
        assert not scored(database, run_id)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with worker(settings.model_copy(update={"possible_worlds": 2}), log):
        wait_for(lambda: job_of(database, run_id).finished_at is not None, log)
    with begin(database, read_only=True) as session:
        codes = session.scalars(select(Evidence.competency).where(Evidence.source == f"run:{run_id}")).all()
        assert jobs.waiting(session) == []
    assert sorted(codes) == sorted(simulations.load("file_routing").competencies["decision"])


def test_a_notebook_does_not_wait_for_runs_that_are_scored(
    settings: Settings,
    database: Engine,
    people: SimpleNamespace,
    finish_a_run: Callable[..., int],
    tmp_path: Path,
    app: Flask,
) -> None:
    runs = [finish_a_run(people.amina) for _ in range(CONCURRENCY)]
    is_graded = handed_in(app, database, people.amina)
    log = tmp_path / "worker.log"
    with worker(settings, log):
        wait_for(is_graded, log)
        assert not any(scored(database, run_id) for run_id in runs)


@pytest.mark.parametrize("kind", [jobs.JobKind.SEND_NOTICE, jobs.JobKind.REGRADE_SUBMISSION])
def test_a_notebook_does_not_wait_for_any_number_of_jobs_of_another_kind(
    app: Flask, settings: Settings, database: Engine, people: SimpleNamespace, tmp_path: Path, kind: jobs.JobKind
) -> None:
    academy_id = people.amina.academy_id
    with begin(database) as session:
        for thing_id in range(2 * BATCH):
            jobs.request_job(session, kind, thing_id, academy_id=academy_id)
    is_graded = handed_in(app, database, people.amina)
    log = tmp_path / "worker.log"
    with worker(settings, log, code=STUCK):
        wait_for(lambda: f"({kind} 0) begins" in log.read_text(), log)
        wait_for(is_graded, log)


def test_a_job_that_keeps_failing_is_set_aside_and_the_next_is_done(
    settings: Settings, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []

    def handle(_workshop: Workshop, _kind: str, thing_id: int) -> None:
        if thing_id == 1:
            raise RuntimeError("no such disk")
        done.append(thing_id)

    monkeypatch.setattr(Workshop, "handle", handle)
    with begin(database) as session:
        for thing_id in (1, 2):
            jobs.request_job(session, jobs.JobKind.SCORE_RUN, thing_id, academy_id=1)
    assert run_waiting_jobs(Workshop.of(settings)) == 2
    with begin(database, read_only=True) as session:
        failures = {job.thing_id: job.failure for job in session.scalars(select(jobs.Job))}
    assert "no such disk" in (failures[1] or "")
    assert failures[2] is None
    assert done == [2]


def test_while_the_database_is_out_of_reach_a_job_waits_and_no_attempt_is_counted(
    settings: Settings, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([*[OperationalError("", {}, Exception("restarting"))] * (2 * ATTEMPTS), None])

    def handle(_workshop: Workshop, _kind: str, _thing_id: int) -> None:
        if (outage := next(answers)) is not None:
            raise outage

    monkeypatch.setattr(Workshop, "handle", handle)
    monkeypatch.setattr("app.worker.PAUSE_SECONDS", 0)
    with begin(database) as session:
        job = jobs.request_job(session, jobs.JobKind.SCORE_RUN, 1, academy_id=1)
        session.flush()
        job_id = job.id
    Workshop.of(settings).attempt(job_id, jobs.JobKind.SCORE_RUN, 1)
    assert next(answers, "used up") == "used up"
    with begin(database, read_only=True) as session:
        assert session.get_one(jobs.Job, job_id).failure is None


def test_a_job_that_was_set_aside_is_done_after_the_cause_is_mended_and_it_is_tried_again(
    settings: Settings, database: Engine, people: SimpleNamespace, finish_a_run: Callable[..., int], tmp_path: Path
) -> None:
    run_id = finish_a_run(people.amina)
    change_run(database, run_id, scenario_digest="another", outcome={}, decision_score=50.0)
    log = tmp_path / "worker.log"
    with worker(settings, log):
        wait_for(lambda: job_of(database, run_id).failure is not None, log)
        assert "ScenarioChanged" in (job_of(database, run_id).failure or "")
        change_run(database, run_id, scenario_digest=simulations.load("grievance").digest)
        with begin(database) as session:
            jobs.try_again(session, session.get_one(jobs.Job, job_of(database, run_id).id))
        wait_for(lambda: job_of(database, run_id).finished_at is not None, log)
    assert job_of(database, run_id).attempt == 2


def job_of(database: Engine, run_id: int) -> jobs.Job:
    with begin(database, read_only=True) as session:
        return session.scalars(select(jobs.Job).where(jobs.Job.thing_id == run_id)).one()


def change_run(database: Engine, run_id: int, **values: object) -> None:
    with begin(database) as session:
        run = session.get_one(SimulationRun, run_id)
        for name, value in values.items():
            setattr(run, name, value)
