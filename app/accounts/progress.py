"""How far each trainee is in each module: one row per activity that was opened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.accounts import queries
from app.accounts.models import Account
from app.core import clock
from app.core.db import Base, UtcDateTime

STARTED, DONE = "started", "done"


class ActivityProgress(Base):
    """A trainee opened an activity, and maybe finished it."""

    __tablename__ = "activity_progress"
    __table_args__ = (UniqueConstraint("trainee_id", "module_id", "activity_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def state(self) -> str:
        return DONE if self.done_at else STARTED


def mark(session: Session, trainee: Account, module_id: str, activity_id: str, *, done: bool) -> ActivityProgress:
    """Note that an activity was opened or finished; what is finished stays finished."""
    queries.lock(session, trainee.id)
    row = session.scalar(
        select(ActivityProgress).where(
            ActivityProgress.trainee_id == trainee.id,
            ActivityProgress.module_id == module_id,
            ActivityProgress.activity_id == activity_id,
        )
    )
    if row is None:
        row = ActivityProgress(
            trainee_id=trainee.id, module_id=module_id, activity_id=activity_id, started_at=clock.now()
        )
        session.add(row)
    if done and row.done_at is None:
        row.done_at = clock.now()
    session.flush()
    return row


def of_trainees(session: Session, trainee_ids: Sequence[int], module_id: str) -> dict[int, dict[str, str]]:
    """For each trainee the state ("started" or "done") of each activity that they opened."""
    found = _states(session, trainee_ids, [module_id])
    return {trainee_id: found[trainee_id, module_id] for trainee_id in trainee_ids}


def of_modules(session: Session, trainee_id: int, module_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """For each module the state of each activity that this trainee opened."""
    found = _states(session, [trainee_id], module_ids)
    return {module_id: found[trainee_id, module_id] for module_id in module_ids}


def _states(
    session: Session, trainee_ids: Sequence[int], module_ids: Sequence[str]
) -> defaultdict[tuple[int, str], dict[str, str]]:
    """By trainee and module."""
    states: defaultdict[tuple[int, str], dict[str, str]] = defaultdict(dict)
    statement = select(ActivityProgress).where(
        ActivityProgress.trainee_id.in_(trainee_ids), ActivityProgress.module_id.in_(module_ids)
    )
    for row in session.scalars(statement):
        states[row.trainee_id, row.module_id][row.activity_id] = row.state
    return states
