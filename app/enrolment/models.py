"""Tables of codes that open a cohort, and of who is asked into one."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class JoiningCode(Base):
    """A code by which trainees of the academy join a cohort themselves.

    most: how many may use it, None for any number; joined: how many did; last_day: on which it still works, None for
    no end but `closed_at`.
    """

    __tablename__ = "joining_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    most: Mapped[int | None]
    joined: Mapped[int] = mapped_column(default=0)
    last_day: Mapped[date | None]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Invitation(Base):
    """An instructor asks a trainee into a cohort, whose instructors would come to see what others taught them.

    refused_at: None as long as there is no answer. Who is in the cohort is asked no more, however they came in.
    """

    __tablename__ = "invitation"

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), primary_key=True, autoincrement=False)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False, index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
