"""Reads of grades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.jobs import Job, JobKind
from app.gradebook.models import CellGrade, Grade


@dataclass(frozen=True)
class Waiting:
    """ahead: submissions that wait before this one.  is_set_aside: grading failed on our side; a person must look."""

    ahead: int
    is_set_aside: bool


def grade_of(session: Session, submission_id: int) -> Grade | None:
    return session.scalar(select(Grade).where(Grade.submission_id == submission_id))


def grades_of(session: Session, submission_ids: Sequence[int]) -> dict[int, Grade]:
    """The grades there are, by submission."""
    rows = session.scalars(select(Grade).where(Grade.submission_id.in_(submission_ids)))
    return {grade.submission_id: grade for grade in rows}


def waits(session: Session, submission_id: int) -> Waiting:
    """Where a submission without a grade stands."""
    statement = select(Job).where(Job.kind == JobKind.GRADE_SUBMISSION, Job.thing_id == submission_id)
    job = session.scalar(statement)
    if job is None or job.failure is not None:
        return Waiting(ahead=0, is_set_aside=True)
    before = select(func.count()).where(
        Job.kind == JobKind.GRADE_SUBMISSION, Job.finished_at.is_(None), Job.failure.is_(None), Job.id < job.id
    )
    return Waiting(ahead=session.scalar(before) or 0, is_set_aside=False)


def cells(session: Session, grade_id: int) -> list[CellGrade]:
    return list(session.scalars(select(CellGrade).where(CellGrade.grade_id == grade_id).order_by(CellGrade.id)))
