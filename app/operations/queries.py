"""Reads of jobs and workers."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import Action, Actor, Statement, visible
from app.core.db import one
from app.core.jobs import GONE_AFTER, Job, JobKind, Worker
from app.core.paging import Page, Wanted, page_of_things
from app.gradebook.models import RegradeItem

LOOK_BACK = timedelta(days=1)


@dataclass(frozen=True)
class WorkerRow:
    """A worker that has reported within a day; is_alive: within the last half minute."""

    name: str
    started_at: datetime
    seen_at: datetime
    is_alive: bool


@dataclass(frozen=True)
class Finished:
    """Jobs of a kind that were finished within a day, and the median seconds from request to result."""

    kind: str
    count: int
    median_seconds: float


@dataclass(frozen=True)
class Queue:
    """The jobs of an academy, oldest first."""

    waiting: Page[Job]
    set_aside: Page[Job]
    finished: tuple[Finished, ...]


def workers(session: Session) -> list[WorkerRow]:
    """Every worker that is known, those seen last first; they serve all academies."""
    now = clock.now()
    rows = session.scalars(select(Worker).order_by(Worker.seen_at.desc()))
    return [WorkerRow(row.name, row.started_at, row.seen_at, now - row.seen_at <= GONE_AFTER) for row in rows]


def queue(session: Session, actor: Actor, *, waiting: Wanted, set_aside: Wanted) -> Queue:
    """What waits, what was set aside and what was done, in the actor's academy."""
    open_jobs = select(Job).where(Job.finished_at.is_(None)).order_by(Job.id)
    of_academy = _within(actor, Action.SEE_ADMINISTRATION, open_jobs)
    return Queue(
        waiting=page_of_things(session, of_academy.where(Job.failure.is_(None)), waiting),
        set_aside=page_of_things(session, of_academy.where(Job.failure.is_not(None)), set_aside),
        finished=_finished(session, actor),
    )


def job_set_aside(session: Session, actor: Actor, job_id: int) -> Job:
    """A job of the actor's academy that waits for a person. Raises NotFound."""
    statement = select(Job).where(Job.id == job_id, Job.failure.is_not(None), Job.finished_at.is_(None))
    return one(session, _within(actor, Action.RETRY_JOBS, statement))


def submissions_graded_anew(session: Session, jobs: Iterable[Job]) -> dict[int, int]:
    """By the item of a re-grade that a job is about, the submission of that item."""
    ids = [job.thing_id for job in jobs if job.kind == JobKind.REGRADE_SUBMISSION]
    items = session.scalars(select(RegradeItem).where(RegradeItem.id.in_(ids)))
    return {item.id: item.submission_id for item in items}


def _finished(session: Session, actor: Actor) -> tuple[Finished, ...]:
    statement = select(Job.kind, Job.created_at, Job.finished_at).where(Job.finished_at > clock.now() - LOOK_BACK)
    seconds: Mapping[str, list[float]] = defaultdict(list)
    for kind, created_at, finished_at in session.execute(_within(actor, Action.SEE_ADMINISTRATION, statement)):
        if finished_at is not None:
            seconds[kind].append((finished_at - created_at).total_seconds())
    return tuple(Finished(kind, len(values), statistics.median(values)) for kind, values in sorted(seconds.items()))


def _within(actor: Actor, action: Action, statement: Statement) -> Statement:
    columns = Job.__table__.c
    # A job has no owner but its academy; no role sees jobs as its own.
    return visible(actor, action, statement, trainee=columns.id, academy=columns.academy_id)
