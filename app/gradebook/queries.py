"""Reads of grades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.access import Action, Actor, visible
from app.core.errors import NotFound
from app.core.jobs import Job, JobKind
from app.gradebook.models import CellGrade, CellMark, Grade, RegradeRequest
from app.gradebook.points import MarkedCell
from app.notebooks.models import Submission


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


def cells(session: Session, grade_ids: Sequence[int]) -> dict[int, list[MarkedCell]]:
    """The cells of each grade, in the notebook's order, with their newest marks."""
    rows = list(session.scalars(select(CellGrade).where(CellGrade.grade_id.in_(grade_ids)).order_by(CellGrade.id)))
    found: dict[int, list[MarkedCell]] = {grade_id: [] for grade_id in grade_ids}
    for cell in marked(session, rows):
        found[cell.grade.grade_id].append(cell)
    return found


def marked(session: Session, rows: Sequence[CellGrade]) -> list[MarkedCell]:
    """Each cell with what persons did about it, in order."""
    ids = [row.id for row in rows]
    marks, requests = newest_marks(session, ids), newest_requests(session, ids)
    return [MarkedCell(row, marks.get(row.id), requests.get(row.id)) for row in rows]


def lock_submission(session: Session, submission_id: int) -> None:
    """Make others who grade this submission wait until the present transaction has ended."""
    session.execute(select(Submission.id).where(Submission.id == submission_id).with_for_update(key_share=True))


def lock_cell(session: Session, cell_grade_id: int) -> None:
    """Make others who mark this cell or ask about it wait until the present transaction has ended."""
    session.execute(select(CellGrade.id).where(CellGrade.id == cell_grade_id).with_for_update())


def newest_marks(session: Session, cell_grade_ids: Sequence[int]) -> dict[int, CellMark]:
    """The mark that counts, by the id of its cell grade."""
    statement = select(CellMark).where(CellMark.cell_grade_id.in_(cell_grade_ids)).order_by(CellMark.number)
    return {mark.cell_grade_id: mark for mark in session.scalars(statement)}


def newest_requests(session: Session, cell_grade_ids: Sequence[int]) -> dict[int, RegradeRequest]:
    """The latest request for a re-grade, by the id of its cell grade."""
    statement = select(RegradeRequest).where(RegradeRequest.cell_grade_id.in_(cell_grade_ids))
    return {each.cell_grade_id: each for each in session.scalars(statement.order_by(RegradeRequest.number))}


@dataclass(frozen=True)
class OwnCell:
    """A graded cell of a trainee's own submission."""

    submission: Submission
    cell: MarkedCell


def own_cell(session: Session, actor: Actor, cell_grade_id: int) -> OwnCell:
    """One whose points this trainee may ask about. Raises NotFound."""
    columns = Submission.__table__.c
    statement = visible(
        actor,
        Action.ASK_FOR_REGRADE,
        select(Submission, CellGrade)
        .join(Grade, Grade.submission_id == Submission.id)
        .join(CellGrade, CellGrade.grade_id == Grade.id)
        .where(CellGrade.id == cell_grade_id, Grade.status.in_(Grade.TO_MARK)),
        trainee=columns.trainee_id,
        academy=columns.academy_id,
    )
    if (found := session.execute(statement).one_or_none()) is None:
        raise NotFound
    submission, row = found
    return OwnCell(submission, *marked(session, [row]))
