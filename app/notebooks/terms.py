"""On what terms a cohort does a lab: deadline, lateness, attempts, which attempt counts, when results are shown."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.models import Cohort
from app.notebooks.models import FormerLabTerms, LabTerms, TermsColumns

DAY = timedelta(days=1)
OFFLINE_HOURS = 48
# A click that is younger was on its way over a slow link.
ON_ITS_WAY = timedelta(minutes=2)


class Counts(StrEnum):
    """Which attempt counts of those that have points."""

    LAST = "last"
    BEST = "best"


@dataclass(frozen=True)
class Terms:
    """The terms of a lab. attempts: how many are taken, None for any number. due_at: None for no deadline.

    late_days: days after the deadline on which a submission is still taken; late_percent: what each of them that was
    begun takes off, in percent of the points. offline_hours: how long work that was handed in without a link may be on
    its way for the moment of the click to count.
    """

    counts: Counts = Counts.LAST
    attempts: int | None = None
    due_at: datetime | None = None
    late_days: int = 0
    late_percent: float = 0.0
    offline_hours: int = OFFLINE_HOURS
    holds_results: bool = False
    released_at: datetime | None = None

    @property
    def closes_at(self) -> datetime | None:
        """The last moment at which a submission is taken."""
        return None if self.due_at is None else self.due_at + self.late_days * DAY

    @property
    def results_are_held(self) -> bool:
        """Whether trainees must wait for their points and feedback."""
        return self.holds_results and self.released_at is None

    def counts_from(self, clicked_at: datetime | None, arrived_at: datetime) -> datetime:
        """When a submission counts as handed in: the click, when it can be told and is not too long ago."""
        if clicked_at is None or arrived_at - clicked_at > timedelta(hours=self.offline_hours):
            return arrived_at
        return clicked_at

    def days_late(self, submitted_at: datetime) -> int:
        """Days that were begun after the deadline."""
        if self.due_at is None or submitted_at <= self.due_at:
            return 0
        return math.ceil((submitted_at - self.due_at) / DAY)

    def share_left(self, submitted_at: datetime) -> float:
        """Share of the points (0 to 1) that lateness leaves."""
        return max(0.0, 1.0 - self.days_late(submitted_at) * self.late_percent / 100)


STANDARD = Terms()


@dataclass(frozen=True)
class Change:
    """One change of the terms of a lab. number: counts them from 1; by: number of the account."""

    number: int
    before: Terms
    after: Terms
    by: int
    at: datetime
    reason: str


def of_row(row: TermsColumns | None) -> Terms:
    """The terms that a row says, or the standard ones."""
    if row is None:
        return STANDARD
    return Terms(
        counts=Counts(row.counts),
        attempts=row.attempts,
        due_at=row.due_at,
        late_days=row.late_days,
        late_percent=row.late_percent,
        offline_hours=row.offline_hours,
        holds_results=row.holds_results,
        released_at=row.released_at,
    )


def _of_lab(cohort_id: int | None, activity_id: str) -> Select[LabTerms]:
    return select(LabTerms).where(LabTerms.cohort_id == cohort_id, LabTerms.activity_id == activity_id)


def row_of_lab(session: Session, cohort_id: int | None, activity_id: str) -> LabTerms | None:
    return session.scalar(_of_lab(cohort_id, activity_id))


def of_lab(session: Session, cohort_id: int | None, activity_id: str) -> Terms:
    """The terms of a cohort's lab."""
    return of_row(row_of_lab(session, cohort_id, activity_id))


def as_of(session: Session, cohort_id: int | None, activity_id: str, moment: datetime) -> Terms:
    """The terms of a cohort's lab as they stood at a moment."""
    later = (each.before for each in changes(session, cohort_id, activity_id) if each.at > moment)
    return next(later, None) or of_lab(session, cohort_id, activity_id)


def lock_to_change(session: Session, cohort_id: int, activity_id: str) -> LabTerms | None:
    """The terms as they stand; who sets others, or stores points by these, waits until this transaction has ended."""
    session.execute(select(Cohort.id).where(Cohort.id == cohort_id).with_for_update(key_share=True))
    return _row_now(session, cohort_id, activity_id)


def hold(session: Session, cohort_ids: Collection[int | None]) -> None:
    """Have whoever wants to change the terms of these cohorts wait until the present transaction has ended.

    In the order of numbers, and before the audit log is written to.
    """
    held = select(Cohort.id).where(Cohort.id.in_(cohort_ids)).order_by(Cohort.id)
    session.execute(held.with_for_update(read=True))


def held(session: Session, cohort_id: int | None, activity_id: str) -> Terms:
    """The terms of a cohort's lab, which stay until the present transaction has ended."""
    hold(session, [cohort_id])
    return of_row(_row_now(session, cohort_id, activity_id))


def _row_now(session: Session, cohort_id: int | None, activity_id: str) -> LabTerms | None:
    """As it stands behind a lock, whatever was read before."""
    return session.scalar(_of_lab(cohort_id, activity_id).execution_options(populate_existing=True))


def changes(session: Session, cohort_id: int | None, activity_id: str) -> list[Change]:
    """How the terms of a cohort's lab were changed, oldest first."""
    statement = select(FormerLabTerms).where(
        FormerLabTerms.cohort_id == cohort_id, FormerLabTerms.activity_id == activity_id
    )
    former = session.scalars(statement.order_by(FormerLabTerms.number)).all()
    if not former:
        return []
    standing = [*map(of_row, former), of_lab(session, cohort_id, activity_id)]
    return [
        Change(row.number, before, after, row.changed_by, row.changed_at, row.reason)
        for row, before, after in zip(former, standing, standing[1:], strict=False)
    ]
