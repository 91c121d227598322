"""Work that must not run inside a request: a row written with what it is about, in the same transaction.

The row is the outbox. The worker (app/worker.py) hands it to the queue engine under the row's own id, so that a
job delivered twice is one job, and marks it finished in the transaction that stores its result.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import clock
from app.core.db import NUMBERED_ONCE, Base, UtcDateTime


class JobKind(StrEnum):
    GRADE_SUBMISSION = "grade_submission"
    SCORE_RUN = "score_run"
    REGRADE_SUBMISSION = "regrade_submission"
    CHECK_LAB = "check_lab"
    FORESEE = "foresee"
    SEND_NOTICE = "send_notice"
    SEND_ATTESTATION_LETTER = "send_attestation_letter"
    SEND_SCORE = "send_score"
    SERVE_RECORD_STORE = "serve_record_store"


# A worker reports this often; one that has not been seen for three reports is taken to be gone.
REPORT_SECONDS = 10
GONE_AFTER = timedelta(seconds=3 * REPORT_SECONDS)
FORGOTTEN_AFTER = timedelta(days=1)


class Job(Base):
    """One piece of work. `failure` is set when it was given up and put before a person.

    `attempt` counts from 1: how often it was put before the queue engine, once and again after each retry.
    `not_before`: until when it was put off; None for not at all.
    """

    __tablename__ = "job"
    __table_args__ = (UniqueConstraint("kind", "thing_id"), NUMBERED_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    failure: Mapped[str | None] = mapped_column(Text)
    attempt: Mapped[int] = mapped_column(default=1)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def name(self) -> str:
        """Its name in the queue engine, which does each name once."""
        return f"job-{self.id}-{self.attempt}"


class Worker(Base):
    """A worker process that has reported lately, by host, process number and a word of its own."""

    __tablename__ = "worker"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


def request_job(session: Session, kind: JobKind, thing_id: int, *, academy_id: int) -> Job:
    """Ask for work on a thing, once: in the transaction that made the thing or brought it to where it needs work."""
    job = Job(kind=kind, thing_id=thing_id, academy_id=academy_id, created_at=clock.now())
    session.add(job)
    return job


def ask_again(
    session: Session, kind: JobKind, thing_id: int, *, academy_id: int, at_once: bool = False, revives: bool = True
) -> None:
    """Ask for work on a thing that changes: anew where it was done or given up, else what waits does for both.

    at_once: also where it was put off. revives: what was given up as well, instead of leaving it to a person.
    """
    statement = select(Job).where(Job.kind == kind, Job.thing_id == thing_id).with_for_update()
    job = session.scalar(statement)
    if job is None:
        request_job(session, kind, thing_id, academy_id=academy_id)
    elif job.finished_at is not None or (revives and job.failure is not None):
        job.created_at, job.finished_at, job.not_before = clock.now(), None, None
        try_again(session, job)
    elif at_once:
        job.not_before = None
    session.flush()


def postpone(session: Session, kind: JobKind, thing_id: int, *, until: datetime) -> None:
    """Put work off that cannot be done now, for a reason that will pass."""
    job = session.scalar(select(Job).where(Job.kind == kind, Job.thing_id == thing_id).with_for_update())
    if job is not None and job.finished_at is None:
        job.attempt += 1
        job.not_before = until
        session.flush()


def pause_after(tries: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """How long to wait before the next try after so many that failed in a row: twice as long each time."""
    return min(longest, first * (1 << min(tries, 10)))


def waiting(session: Session, *, of_each_kind: int | None = None) -> list[Job]:
    """Jobs that are neither finished nor given up nor put off, oldest first: so many of each kind, or all."""
    is_due = or_(Job.not_before.is_(None), Job.not_before <= clock.now())
    place = func.row_number().over(partition_by=Job.kind, order_by=Job.id).label("place")
    due = select(Job.id, place).where(Job.finished_at.is_(None), Job.failure.is_(None), is_due).subquery()
    statement = select(Job).join(due, due.c.id == Job.id).order_by(Job.id)
    if of_each_kind is not None:
        statement = statement.where(due.c.place <= of_each_kind)
    return list(session.scalars(statement))


def finish(session: Session, kind: JobKind, thing_id: int) -> None:
    """Mark the work on a thing as done, in the transaction that stores its result."""
    job = session.scalar(select(Job).where(Job.kind == kind, Job.thing_id == thing_id))
    if job is not None and job.finished_at is None:
        job.finished_at = clock.now()


def give_up(session: Session, job_id: int, failure: str) -> None:
    """Set a job aside with the reason, for a person to look at; with what was erased meanwhile went its job."""
    job = session.get(Job, job_id)
    if job is not None and job.finished_at is None:
        job.failure = failure


def try_again(session: Session, job: Job) -> None:
    """Put a job that was set aside back into the queue."""
    job.failure = None
    job.attempt += 1
    session.flush()


def workers_alive(session: Session) -> set[str]:
    """Names of the workers that have reported lately. Clocks of several machines must agree within seconds."""
    return set(session.scalars(select(Worker.name).where(Worker.seen_at >= clock.now() - GONE_AFTER)))


def report_worker(session: Session, name: str, *, started_at: datetime) -> None:
    """Note that a worker is alive, and forget those that ended long ago."""
    now = clock.now()
    session.merge(Worker(name=name, started_at=started_at, seen_at=now))
    session.execute(delete(Worker).where(Worker.seen_at < now - FORGOTTEN_AFTER))
