"""Tables of the plan of a cohort and of the addresses of calendars."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class PlannedActivity(Base):
    """The days of one activity for one cohort. due_on: its last day; None for a lab, whose terms hold its deadline."""

    __tablename__ = "planned_activity"
    __table_args__ = (UniqueConstraint("cohort_id", "activity_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    activity_id: Mapped[str] = mapped_column(String(80))
    begins_on: Mapped[date | None]
    due_on: Mapped[date | None]


class CalendarAddress(Base):
    """A private address at which other calendars read what somebody has to do. token_hash: sha256 of its secret."""

    __tablename__ = "calendar_address"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
