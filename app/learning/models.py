"""Tables of quiz attempts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NUMBERED_ONCE, Base, UtcDateTime


class QuizAttempt(Base):
    """One answered quiz. `number` counts the trainee's attempts from 1; `module_digest` names what was asked."""

    __tablename__ = "quiz_attempt"
    __table_args__ = (
        UniqueConstraint("trainee_id", "module_id", "activity_id", "number"),
        UniqueConstraint("trainee_id", "idempotency_key"),
        NUMBERED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    module_digest: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    idempotency_key: Mapped[str] = mapped_column(String(64))
    points: Mapped[float]
    max_points: Mapped[float]
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class QuizResponse(Base):
    """The answer to one item: a list of option ids, or a number in the item's unit."""

    __tablename__ = "quiz_response"
    __table_args__ = (UniqueConstraint("attempt_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"), index=True)
    item_id: Mapped[str] = mapped_column(String(80))
    answer: Mapped[Any] = mapped_column(JSON)
    points: Mapped[float]
    max_points: Mapped[float]
