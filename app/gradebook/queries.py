"""Reads of grades."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.content.publications import LabPublication
from app.core import blind
from app.core.access import Action, Actor, visible
from app.core.classes import taught_by_anybody
from app.core.errors import NotFound
from app.core.jobs import Job, JobKind, workers_alive
from app.gradebook.counting import attempts_to_mark
from app.gradebook.models import CellGrade, CellMark, Grade, Regrade, RegradeItem, RegradeRequest
from app.gradebook.points import Attempt, MarkedCell
from app.notebooks import terms
from app.notebooks.models import LabTerms, NotebookDraft, Submission


@dataclass(frozen=True)
class Waiting:
    """ahead: submissions that wait before this one.  is_set_aside: grading failed on our side; a person must look.

    is_at_rest: no worker is running that could grade it.  failure: why it was set aside, for staff alone.
    """

    ahead: int
    is_set_aside: bool
    is_at_rest: bool = False
    failure: str = ""

    @property
    def word(self) -> str:
        """By which a page tells whether something changed since it was shown."""
        return f"{self.ahead}-at-rest" if self.is_at_rest else str(self.ahead)


def grade_of(session: Session, submission_id: int) -> Grade | None:
    """The current grade."""
    return session.scalar(select(Grade).where(Grade.submission_id == submission_id, Grade.is_current))


def grades_of(session: Session, submission_ids: Collection[int]) -> dict[int, Grade]:
    """The current grades there are, by submission."""
    rows = session.scalars(select(Grade).where(Grade.submission_id.in_(submission_ids), Grade.is_current))
    return {grade.submission_id: grade for grade in rows}


def former_versions(session: Session, submission: Submission) -> list[str]:
    """Digests of notebooks that tell what older versions of its lab said of the cells: sources that the academy
    published, releases that drafts in the academy go on from, and what its former grades made of the submission.
    """
    begun_from = select(NotebookDraft.release_sha256).where(
        NotebookDraft.academy_id == submission.academy_id,
        NotebookDraft.module_id == submission.module_id,
        NotebookDraft.activity_id == submission.activity_id,
        NotebookDraft.release_sha256 != "",
    )
    graded = select(Grade.autograded_sha256).where(
        Grade.submission_id == submission.id, Grade.autograded_sha256.is_not(None)
    )
    published = select(LabPublication.sha256).where(
        LabPublication.academy_id == submission.academy_id,
        LabPublication.module_id == submission.module_id,
        LabPublication.activity_id == submission.activity_id,
    )
    return [digest for digest in session.scalars(begun_from.union(graded, published)) if digest]


@dataclass(frozen=True)
class Version:
    """A grade that counts or once counted. regrade: what made it the current one, None for the first."""

    grade: Grade
    regrade: Regrade | None


def versions(session: Session, submission_ids: Collection[int]) -> list[Version]:
    """Every grade of some submissions that counts or once counted, of each submission oldest first."""
    statement = (
        select(Grade, Regrade)
        .outerjoin(RegradeItem, RegradeItem.grade_id == Grade.id)
        .outerjoin(Regrade, Regrade.id == RegradeItem.regrade_id)
        .where(Grade.submission_id.in_(submission_ids), or_(Regrade.id.is_(None), Regrade.applied_at.is_not(None)))
        .order_by(Grade.number)
    )
    return [Version(grade, regrade) for grade, regrade in session.execute(statement)]


def waits(session: Session, submission_id: int) -> Waiting:
    """Where a submission without a grade stands."""
    statement = select(Job).where(Job.kind == JobKind.GRADE_SUBMISSION, Job.thing_id == submission_id)
    job = session.scalar(statement)
    if job is None:
        return Waiting(ahead=0, is_set_aside=True)
    if job.failure is not None:
        return Waiting(ahead=0, is_set_aside=True, failure=job.failure)
    before = select(func.count()).where(
        Job.kind == JobKind.GRADE_SUBMISSION, Job.finished_at.is_(None), Job.failure.is_(None), Job.id < job.id
    )
    return Waiting(session.scalar(before) or 0, is_set_aside=False, is_at_rest=not workers_alive(session))


def cells(session: Session, grades: Collection[Grade], *which: ColumnElement[bool]) -> dict[int, list[MarkedCell]]:
    """By grade its cells in the notebook's order, each with its newest mark, or the newest of some marks."""
    submission_of = {grade.id: grade.submission_id for grade in grades}
    rows = session.scalars(select(CellGrade).where(CellGrade.grade_id.in_(submission_of)).order_by(CellGrade.id))
    found: dict[int, list[MarkedCell]] = {grade_id: [] for grade_id in submission_of}
    for cell in marked(session, [(submission_of[row.grade_id], row) for row in rows], *which):
        found[cell.grade.grade_id].append(cell)
    return found


def marked(session: Session, rows: Sequence[tuple[int, CellGrade]], *which: ColumnElement[bool]) -> list[MarkedCell]:
    """Each cell of a submission with what persons did about it, in order. which: of some marks alone."""
    if not rows:
        return []
    ids = {submission_id for submission_id, _row in rows}
    marks, requests = newest_marks(session, ids, *which), newest_requests(session, ids)
    return [
        MarkedCell(submission_id, row, marks.get((submission_id, row.cell)), requests.get((submission_id, row.cell)))
        for submission_id, row in rows
    ]


def attempts_of(session: Session, submissions: Sequence[Submission]) -> list[Attempt]:
    """Each submission with its current grade and its terms, in order."""
    if not submissions:
        return []
    of_lab = and_(LabTerms.cohort_id == Submission.cohort_id, LabTerms.activity_id == Submission.activity_id)
    statement = (
        select(Submission.id, LabTerms, Grade, CellGrade)
        .outerjoin(LabTerms, of_lab)
        .outerjoin(Grade, and_(Grade.submission_id == Submission.id, Grade.is_current))
        .outerjoin(CellGrade, CellGrade.grade_id == Grade.id)
        .where(Submission.id.in_([each.id for each in submissions]))
        .order_by(CellGrade.id)
    )
    known: dict[int, tuple[LabTerms | None, Grade | None]] = {}
    graded: list[tuple[int, CellGrade]] = []
    for submission_id, row, grade, cell in session.execute(statement):
        known[submission_id] = row, grade
        if cell is not None:
            graded.append((submission_id, cell))
    found: dict[int, list[MarkedCell]] = defaultdict(list)
    for each in marked(session, graded):
        found[each.submission_id].append(each)
    return [
        Attempt(
            submission=submission,
            terms=terms.of_row(known[submission.id][0]),
            grade=known[submission.id][1],
            cells=tuple(found[submission.id]),
        )
        for submission in submissions
    ]


def ids_to_mark(session: Session, trainee_id: int) -> set[int]:
    """Ids of a trainee's submissions whose answers a person marks; of the others another attempt counts."""
    to_mark = attempts_to_mark(Submission.trainee_id == trainee_id)
    return set(session.scalars(select(to_mark.c.id)))


def hidden_cells(session: Session, reader: Actor, attempts: Sequence[Attempt]) -> dict[int, set[str]]:
    """By submission the cells whose mark the reader must not see yet."""
    marked_by_hand = {
        (_source(each.submission.id), cell.grade.cell)
        for each in attempts
        for cell in each.cells
        if cell.grade.needs_manual_grade and cell.mark is not None
    }
    hidden = blind.hidden(session, reader, marked_by_hand)
    return {
        each.submission.id: {part for source, part in hidden if source == _source(each.submission.id)}
        for each in attempts
    }


def _source(submission_id: int) -> str:
    """A submission as evidence names it."""
    return f"submission:{submission_id}"


def as_shown_to(session: Session, reader: Actor, attempts: Sequence[Attempt]) -> list[Attempt]:
    """The attempts as this reader may see them, in order."""
    hidden = hidden_cells(session, reader, attempts)
    return [each.without_marks(hidden[each.submission.id]) for each in attempts]


def lock_submission(session: Session, submission_id: int, *, waits: bool = True) -> bool:
    """Make others who grade this submission, mark it or ask about it wait until the present transaction has ended.

    False where it is gone, or where another has it locked and this one does not wait.
    """
    one = select(Submission.id).where(Submission.id == submission_id)
    return session.scalar(one.with_for_update(key_share=True, skip_locked=not waits)) is not None


def newest_marks(
    session: Session, submission_ids: Collection[int], *which: ColumnElement[bool]
) -> dict[tuple[int, str], CellMark]:
    """The mark that counts, or the newest of some marks, by submission and cell."""
    statement = select(CellMark).where(CellMark.submission_id.in_(submission_ids), *which).order_by(CellMark.number)
    return {(mark.submission_id, mark.cell): mark for mark in session.scalars(statement)}


def newest_requests(session: Session, submission_ids: Collection[int]) -> dict[tuple[int, str], RegradeRequest]:
    """The latest request for a re-grade, by submission and cell."""
    statement = select(RegradeRequest).where(RegradeRequest.submission_id.in_(submission_ids))
    return {
        (each.submission_id, each.cell): each for each in session.scalars(statement.order_by(RegradeRequest.number))
    }


@dataclass(frozen=True)
class OwnCell:
    """A graded cell of a trainee's own submission. can_be_answered: whether an instructor still reaches it."""

    submission: Submission
    cell: MarkedCell
    can_be_answered: bool


def own_cell(session: Session, actor: Actor, submission_id: int, cell: str) -> OwnCell:
    """One whose points this trainee may ask about. Raises NotFound, also while the results are held."""
    columns = Submission.__table__.c
    statement = visible(
        actor,
        Action.ASK_FOR_REGRADE,
        select(Submission, CellGrade)
        .join(Grade, and_(Grade.submission_id == Submission.id, Grade.is_current))
        .join(CellGrade, CellGrade.grade_id == Grade.id)
        .where(Submission.id == submission_id, CellGrade.cell == cell, Grade.status.in_(Grade.TO_MARK)),
        trainee=columns.trainee_id,
        academy=columns.academy_id,
    )
    if (found := session.execute(statement).one_or_none()) is None:
        raise NotFound
    submission, row = found
    if terms.of_lab(session, submission.cohort_id, submission.activity_id).results_are_held:
        raise NotFound
    [found_cell] = marked(session, [(submission.id, row)])
    return OwnCell(submission, found_cell, is_taught(session, submission.trainee_id))


def is_taught(session: Session, trainee_id: int) -> bool:
    """Whether an instructor can still mark what a trainee handed in: none can from 90 days after the course on."""
    return (
        session.scalar(select(Account.id).where(Account.id == trainee_id, Account.id.in_(taught_by_anybody())))
        is not None
    )
