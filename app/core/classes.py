"""Who teaches whom and for how long, which the table of permissions asks about."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Date, ForeignKey, Integer, Select, column, or_, select, table, union
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, UtcDateTime
from app.core.locale import today

# Of the domain notes, section 7.2.
OPEN_AFTERWARDS = timedelta(days=90)
# Tables of features that stand above this one.
COHORT = table("cohort", column("id", Integer), column("ends_on", Date))
ENROLMENT = table("enrolment", column("cohort_id", Integer), column("trainee_id", Integer))
WITHDRAWAL = table(
    "withdrawal", column("cohort_id", Integer), column("trainee_id", Integer), column("withdrawn_at", UtcDateTime)
)


class CohortInstructor(Base):
    """Somebody teaches a cohort, and so sees what its trainees do. named_by_id: None where a migration found them."""

    __tablename__ = "cohort_instructor"

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), primary_key=True, autoincrement=False)
    instructor_id: Mapped[int] = mapped_column(
        ForeignKey("account.id"), primary_key=True, autoincrement=False, index=True
    )
    named_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    named_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InstructorRemoval(Base):
    """An administrator removed an instructor of a cohort; no row once somebody has named them again."""

    __tablename__ = "instructor_removal"

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), primary_key=True, autoincrement=False)
    instructor_id: Mapped[int] = mapped_column(
        ForeignKey("account.id"), primary_key=True, autoincrement=False, index=True
    )
    removed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    removed_at: Mapped[datetime] = mapped_column(UtcDateTime)


def is_over(ends_on: date | None) -> bool:
    """Whether a cohort that ended on this day is open to its instructors no more; one without a last day never is."""
    return ends_on is not None and ends_on < _earliest_end()


def last_day_open(ends_on: date) -> date:
    """Until when a cohort that ends on this day is open to its instructors."""
    return ends_on + OPEN_AFTERWARDS


def still_open(ends_on: ColumnElement[date | None]) -> ColumnElement[bool]:
    """The same the other way round, of the last day as the database has it."""
    return or_(ends_on.is_(None), ends_on >= _earliest_end())


def cohorts_taught(actor_id: int, *, ever: bool = False) -> Select[int]:
    """Selects the cohorts that somebody teaches. ever: those that are over as well."""
    if ever:
        return select(CohortInstructor.cohort_id).where(CohortInstructor.instructor_id == actor_id)
    return _open_with_instructors().where(CohortInstructor.instructor_id == actor_id)


def taught_by(actor_id: int, *, ever: bool = False) -> Select[int]:
    """Selects the persons whom somebody teaches: in such a cohort, or withdrawn from it no longer ago. ever: or did."""
    return _people_of(cohorts_taught(actor_id, ever=ever), ever=ever)


def instructors_of(trainee_id: int) -> Select[int]:
    """Selects the persons who teach somebody: the same as `taught_by`, from the other side."""
    enrolled = select(ENROLMENT.c.cohort_id).where(ENROLMENT.c.trainee_id == trainee_id)
    withdrawn = select(WITHDRAWAL.c.cohort_id).where(
        WITHDRAWAL.c.trainee_id == trainee_id, WITHDRAWAL.c.withdrawn_at >= clock.now() - OPEN_AFTERWARDS
    )
    cohorts = union(enrolled, withdrawn).subquery().c.cohort_id
    joined = select(CohortInstructor.instructor_id).join(COHORT, COHORT.c.id == CohortInstructor.cohort_id)
    return joined.where(still_open(COHORT.c.ends_on), CohortInstructor.cohort_id.in_(select(cohorts)))


def taught_by_anybody() -> Select[int]:
    """Selects the persons whom at least one instructor teaches."""
    return _people_of(_open_with_instructors(), ever=False)


def _open_with_instructors() -> Select[int]:
    joined = select(CohortInstructor.cohort_id).join(COHORT, COHORT.c.id == CohortInstructor.cohort_id)
    return joined.where(still_open(COHORT.c.ends_on))


def _people_of(taught: Select[int], *, ever: bool) -> Select[int]:
    enrolled = select(ENROLMENT.c.trainee_id).where(ENROLMENT.c.cohort_id.in_(taught))
    withdrawn = select(WITHDRAWAL.c.trainee_id).where(WITHDRAWAL.c.cohort_id.in_(taught))
    if not ever:
        withdrawn = withdrawn.where(WITHDRAWAL.c.withdrawn_at >= clock.now() - OPEN_AFTERWARDS)
    return select(union(enrolled, withdrawn).subquery().c.trainee_id)


def _earliest_end() -> date:
    """The earliest last day of a cohort that is still open."""
    return today() - OPEN_AFTERWARDS
