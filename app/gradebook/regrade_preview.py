"""What a re-grade changes: each submission before and after, cell by cell, with marks as they are worth now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.content.schemas import Rubric
from app.core.access import Actor
from app.core.jobs import Job, JobKind
from app.gradebook import queries
from app.gradebook.models import CellGrade, CellMark, Grade, Regrade, RegradeItem
from app.gradebook.points import Attempt, MarkedCell, rubric_points
from app.notebooks import terms
from app.notebooks.models import Submission
from app.notebooks.terms import Terms


@dataclass(frozen=True)
class Change:
    """What a re-grade makes of one submission. after: None while that is not known."""

    trainee: Account
    before: Attempt
    after: Attempt | None

    @property
    def is_known(self) -> bool:
        return self.after is not None

    @property
    def changes_points(self) -> bool:
        """Whether points, or what is waiting for a person, become other ones."""
        return self.after is not None and _outcome(self.before) != _outcome(self.after)

    @property
    def cells(self) -> list[tuple[MarkedCell | None, MarkedCell | None]]:
        """Each cell whose points change, before and after; None where it is not there."""
        if self.after is None:
            return []
        before = {cell.grade.cell: cell for cell in self.before.cells}
        after = {cell.grade.cell: cell for cell in self.after.cells}
        pairs = [(before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])]
        return [(old, new) for old, new in pairs if _worth(old) != _worth(new)]

    @property
    def lost_requests(self) -> list[MarkedCell]:
        """Cells about which a request waits that nobody could answer, since they have no points any more."""
        if self.after is None:
            return []
        kept = {cell.grade.cell for cell in self.after.cells} if self.after.has_points else set()
        return [cell for cell in self.before.cells if cell.is_disputed and cell.grade.cell not in kept]


def _outcome(attempt: Attempt) -> tuple[bool, float, float, bool]:
    points = round(attempt.points, 9) if attempt.has_points else 0.0
    return attempt.has_points, points, attempt.most, attempt.is_final


def _worth(cell: MarkedCell | None) -> tuple[float | None, float] | None:
    return None if cell is None else (cell.points, cell.grade.max_score)


@dataclass(frozen=True)
class Preview:
    """A re-grade with what it changes. failed: submissions whose grading was set aside for a person."""

    regrade: Regrade
    changes: tuple[Change, ...]
    failed: int

    @property
    def known(self) -> int:
        return sum(change.is_known for change in self.changes)

    @property
    def is_complete(self) -> bool:
        return self.known == len(self.changes)

    @property
    def changed(self) -> list[Change]:
        """Those whose points change."""
        return [change for change in self.changes if change.changes_points]

    @property
    def lost_requests(self) -> int:
        """How many requests for a re-grade wait that it would close."""
        return sum(len(change.lost_requests) for change in self.changes)


def preview(session: Session, regrade: Regrade, rubrics: Mapping[str, Rubric]) -> Preview:
    """What the re-grade changes, or changed when it was applied: by trainee and attempt.

    rubrics: of the cells of the lab as it is now.
    """
    rows = session.execute(
        select(RegradeItem, Submission, Account)
        .join(Submission, Submission.id == RegradeItem.submission_id)
        .join(Account, Account.id == Submission.trainee_id)
        .where(RegradeItem.regrade_id == regrade.id)
        .order_by(Account.full_name, Submission.attempt)
    ).all()
    submissions = [submission for _item, submission, _trainee in rows]
    grades = session.scalars(select(Grade).where(Grade.id.in_([item.grade_id for item, _s, _t in rows])))
    proposed = {grade.submission_id: grade for grade in grades}
    before: Sequence[Attempt]
    after: Sequence[Attempt | None]
    if regrade.applied_at is None:
        before = queries.attempts_of(session, submissions)
        after = _proposals(session, regrade, before, proposed, rubrics)
    else:
        before, after = _as_applied(session, regrade.applied_at, submissions, proposed)
    failed = select(func.count()).where(
        Job.kind == JobKind.REGRADE_SUBMISSION,
        Job.thing_id.in_([item.id for item, _s, _t in rows]),
        Job.failure.is_not(None),
    )
    return Preview(
        regrade,
        tuple(Change(row.Account, old, new) for row, old, new in zip(rows, before, after, strict=True)),
        session.scalar(failed) or 0,
    )


def as_shown_to(session: Session, reader: Actor, changes: Sequence[Change]) -> list[Change]:
    """The changes without the marks that this reader must not see yet, in order."""
    hidden = queries.hidden_cells(session, reader, [each.before for each in changes])
    return [
        Change(each.trainee, each.before.without_marks(cells), each.after and each.after.without_marks(cells))
        for each in changes
        for cells in [hidden[each.before.submission.id]]
    ]


def _as_applied(
    session: Session, applied_at: datetime, submissions: Sequence[Submission], grades: Mapping[int, Grade]
) -> tuple[list[Attempt], list[Attempt]]:
    """Each submission as it stood until an applied re-grade, and as that left it, whatever was done to it since.

    Both by the terms of that moment.
    """
    former = {
        version.grade.submission_id: version.grade
        for version in queries.versions(session, grades)
        if version.grade.number < grades[version.grade.submission_id].number
    }
    until = queries.cells(session, former.values(), CellMark.marked_at < applied_at)
    since = queries.cells(session, grades.values(), CellMark.marked_at <= applied_at)
    labs = {each.cohort_id: each.activity_id for each in submissions}
    then = {cohort_id: terms.as_of(session, cohort_id, lab_id, applied_at) for cohort_id, lab_id in labs.items()}
    return _with_grades(submissions, then, former, until), _with_grades(submissions, then, grades, since)


def _with_grades(
    submissions: Sequence[Submission],
    terms_of: Mapping[int | None, Terms],
    grades: Mapping[int, Grade],
    cells: Mapping[int, Sequence[MarkedCell]],
) -> list[Attempt]:
    """The submissions by other terms and grades than those that count now. terms_of: the terms of each cohort."""
    return [
        Attempt(each, terms_of[each.cohort_id], grades[each.id], tuple(cells[grades[each.id].id]))
        for each in submissions
    ]


def _proposals(
    session: Session,
    regrade: Regrade,
    before: Sequence[Attempt],
    grades: Mapping[int, Grade],
    rubrics: Mapping[str, Rubric],
) -> list[Attempt | None]:
    """What each submission becomes; None while that is not known."""
    cells = queries.cells(session, grades.values())
    proposed = [(attempt, grades.get(attempt.submission.id)) for attempt in before]
    return [_after(regrade, attempt, grade, cells[grade.id], rubrics) if grade else None for attempt, grade in proposed]


def _after(
    regrade: Regrade, before: Attempt, grade: Grade, cells: Sequence[MarkedCell], rubrics: Mapping[str, Rubric]
) -> Attempt:
    former = {cell.grade.cell: cell.grade.max_score for cell in before.cells}
    moved = [_moved(regrade, cell, former.get(cell.grade.cell), rubrics.get(cell.grade.cell, ())) for cell in cells]
    return Attempt(before.submission, before.terms, grade, tuple(moved))


def _moved(regrade: Regrade, cell: MarkedCell, former_most: float | None, rubric: Rubric) -> MarkedCell:
    """The cell with its mark as it is worth now; what is changed stands in a row that belongs to no session."""
    mark = cell.mark
    if mark is None or mark.points is None:
        return cell
    points = _worth_now(mark, cell.grade, former_most, rubric)
    if points == mark.points:
        return cell
    changed = CellMark(
        submission_id=mark.submission_id,
        cell=mark.cell,
        number=mark.number + 1,
        points=points,
        levels=mark.levels,
        comment=mark.comment,
        marker_id=mark.marker_id,
        regrade_id=regrade.id,
    )
    return MarkedCell(cell.submission_id, cell.grade, changed, cell.request)


def _worth_now(mark: CellMark, grade: CellGrade, former_most: float | None, rubric: Rubric) -> float | None:
    if mark.levels:
        return rubric_points(rubric, mark.levels)
    return mark.points if grade.max_score == former_most else None
