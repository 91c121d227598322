"""Which attempts count, told by the database for whole classes at a time; it says what `points.counting` says."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Float, SQLColumnExpression, Subquery, and_, case, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.functions import FunctionElement

from app.gradebook.models import CellGrade, CellMark, Grade, RegradeRequest
from app.gradebook.points import EQUAL_WITHIN
from app.notebooks.models import LabTerms, Submission
from app.notebooks.terms import Counts


class days_begun(FunctionElement[float]):  # noqa: N801 - reads as a function of SQL
    """Days that were begun from the second moment to the first, which is later."""

    type = Float()
    inherit_cache = True


@compiles(days_begun, "sqlite")
def _on_sqlite(element: days_begun, compiler: Any, **options: Any) -> str:
    until, since = (compiler.process(moment, **options) for moment in element.clauses)
    # A Julian day is a float; the moments behind it are exact to the millisecond.
    return f"ceil(round((julianday({until}) - julianday({since})) * 86400, 3) / 86400)"


@compiles(days_begun, "postgresql")
def _on_postgresql(element: days_begun, compiler: Any, **options: Any) -> str:
    until, since = (compiler.process(moment, **options) for moment in element.clauses)
    return f"ceil(extract(epoch from {until} - {since})::double precision / 86400)"


def newest_mark(submission_id: SQLColumnExpression[int], cell: SQLColumnExpression[str]) -> tuple[type[CellMark], Any]:
    """The mark that counts of a cell, to be joined, and the condition to join it by."""
    mark, other = aliased(CellMark), aliased(CellMark)
    last = select(func.max(other.number)).where(other.submission_id == submission_id, other.cell == cell)
    condition = and_(mark.submission_id == submission_id, mark.cell == cell, mark.number == last.scalar_subquery())
    return mark, condition


def has_fallen(mark: type[CellMark]) -> ColumnElement[bool]:
    """Whether a mark says nothing any more, so that its cell waits for a person, one that is tested too."""
    return and_(mark.id.is_not(None), mark.points.is_(None))


def newest_request(
    submission_id: SQLColumnExpression[int], cell: SQLColumnExpression[str]
) -> tuple[type[RegradeRequest], Any]:
    """The last request for a re-grade of a cell, to be joined, and the condition to join it by."""
    request, other = aliased(RegradeRequest), aliased(RegradeRequest)
    last = select(func.max(other.number)).where(other.submission_id == submission_id, other.cell == cell)
    condition = and_(
        request.submission_id == submission_id, request.cell == cell, request.number == last.scalar_subquery()
    )
    return request, condition


def attempts_to_mark(*which: ColumnElement[bool]) -> Subquery:
    """The ids of submissions whose written answers a person marks. which: of some trainees' submissions alone.

    The attempt that counts of each trainee, lab and cohort; under "best" also each that may still become it, since
    nobody can know the best one before a person has marked it.
    """
    ranked = _ranked(*which)
    overtakes = ranked.c.within_reach > ranked.c.most
    return select(ranked.c.id).where(or_(ranked.c.place == 1, overtakes)).subquery()


def _ranked(*which: ColumnElement[bool]) -> Subquery:
    """Each attempt that has points, with its place (1 counts), the most of its group, and what it may still reach."""
    is_best = LabTerms.counts == Counts.BEST
    share = _share_left()
    # Points say nothing under "last", so they are not summed up there.
    earned = case((is_best, _whole(_sum_of_cells(waiting=0.0) * share)), else_=0)
    within_reach = case((is_best, _whole(_sum_of_cells(waiting=CellGrade.max_score) * share)), else_=0)
    attempts = (
        select(
            Submission.id,
            Submission.trainee_id,
            Submission.module_id,
            Submission.activity_id,
            Submission.cohort_id,
            Submission.attempt,
            earned.label("earned"),
            within_reach.label("within_reach"),
        )
        .join(Grade, and_(Grade.submission_id == Submission.id, Grade.is_current))
        .outerjoin(
            LabTerms,
            and_(LabTerms.cohort_id == Submission.cohort_id, LabTerms.activity_id == Submission.activity_id),
        )
        .where(Grade.status.in_(Grade.TO_MARK), *which)
        .subquery()
    )
    group = (attempts.c.trainee_id, attempts.c.module_id, attempts.c.activity_id, attempts.c.cohort_id)
    place = func.row_number().over(partition_by=group, order_by=(attempts.c.earned.desc(), attempts.c.attempt.desc()))
    most = func.max(attempts.c.earned).over(partition_by=group)
    return select(attempts.c.id, attempts.c.within_reach, place.label("place"), most.label("most")).subquery()


def _sum_of_cells(*, waiting: float | SQLColumnExpression[float]) -> ColumnElement[float]:
    """Points of the cells of a grade; waiting: what a cell counts for that a person has yet to mark."""
    mark, condition = newest_mark(Submission.id, CellGrade.cell)
    given = case(
        (mark.id.is_not(None), func.coalesce(mark.points, waiting)),
        (CellGrade.needs_manual_grade, waiting),
        else_=func.coalesce(CellGrade.score, waiting),
    )
    return (
        select(func.coalesce(func.sum(given), 0.0))
        .select_from(CellGrade)
        .outerjoin(mark, condition)
        .where(CellGrade.grade_id == Grade.id)
        .correlate(Grade, Submission)
        .scalar_subquery()
    )


def _whole(points: ColumnElement[float]) -> ColumnElement[float]:
    """Points in steps in which two sums that differ by rounding alone are equal."""
    return func.round(points / EQUAL_WITHIN)


def _share_left() -> ColumnElement[float]:
    late = Submission.submitted_at > LabTerms.due_at
    left = 1 - days_begun(Submission.submitted_at, LabTerms.due_at) * LabTerms.late_percent / 100
    return case((late, case((left > 0, left), else_=0.0)), else_=1.0)
