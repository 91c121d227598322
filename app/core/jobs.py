"""Work that must not run inside a request: a row written with what it is about, in the same transaction.

The row is the outbox. The worker (app/worker.py) hands it to the queue engine under the row's own id, so that a
job delivered twice is one job, and marks it finished in the transaction that stores its result.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import clock
from app.core.db import Base, UtcDateTime


class JobKind(StrEnum):
    GRADE_SUBMISSION = "grade_submission"
    SCORE_RUN = "score_run"


class Job(Base):
    """One piece of work. `failure` is set when it was given up and put before a person."""

    __tablename__ = "job"
    __table_args__ = (UniqueConstraint("kind", "thing_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    failure: Mapped[str | None] = mapped_column(Text)


def request_job(session: Session, kind: JobKind, thing_id: int) -> Job:
    """Ask for work on a thing; a second request for the same is the first one."""
    known = session.scalar(select(Job).where(Job.kind == kind, Job.thing_id == thing_id))
    if known is not None:
        return known
    job = Job(kind=kind, thing_id=thing_id, created_at=clock.now())
    session.add(job)
    session.flush()
    return job


def waiting(session: Session) -> list[Job]:
    """Jobs that are neither finished nor given up, oldest first."""
    statement = select(Job).where(Job.finished_at.is_(None), Job.failure.is_(None)).order_by(Job.id)
    return list(session.scalars(statement))


def finish(session: Session, kind: JobKind, thing_id: int) -> None:
    """Mark the work on a thing as done, in the transaction that stores its result."""
    job = session.scalar(select(Job).where(Job.kind == kind, Job.thing_id == thing_id))
    if job is not None and job.finished_at is None:
        job.finished_at = clock.now()


def give_up(session: Session, job_id: int, failure: str) -> None:
    """Set a job aside with the reason, for a person to look at."""
    job = session.get_one(Job, job_id)
    if job.finished_at is None:
        job.failure = failure
