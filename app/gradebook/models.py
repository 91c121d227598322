"""Tables of grades."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Grade(Base):
    """What became of a submission: graded, refused (not run), stopped (broke a limit) or held (for a person)."""

    # A person may give points for answers of these.
    TO_MARK = ("graded", "held")

    __tablename__ = "grade"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), unique=True)
    status: Mapped[str] = mapped_column(String(20))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    points: Mapped[float]
    max_points: Mapped[float]
    feedback_sha256: Mapped[str | None] = mapped_column(String(64))
    autograded_sha256: Mapped[str | None] = mapped_column(String(64))
    graded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seconds: Mapped[float]

    @property
    def has_points(self) -> bool:
        """Whether its cells have points, or get them from a person."""
        return self.status in self.TO_MARK

    @property
    def is_held(self) -> bool:
        """Whether its tests may have been bent, so that a person decides on them."""
        return self.status == "held"


class CellGrade(Base):
    """The score of one graded cell; None where a person has to mark it."""

    __tablename__ = "cell_grade"
    __table_args__ = (UniqueConstraint("grade_id", "cell"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    grade_id: Mapped[int] = mapped_column(ForeignKey("grade.id"), index=True)
    cell: Mapped[str] = mapped_column(String(120))
    score: Mapped[float | None]
    max_score: Mapped[float]
    needs_manual_grade: Mapped[bool]
    message: Mapped[str] = mapped_column(Text)


class CellMark(Base):
    """A person's points for a cell that a machine cannot mark. The highest `number` counts; none is overwritten."""

    __tablename__ = "cell_mark"
    __table_args__ = (UniqueConstraint("cell_grade_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_grade_id: Mapped[int] = mapped_column(ForeignKey("cell_grade.id"), index=True)
    number: Mapped[int]
    points: Mapped[float]
    comment: Mapped[str] = mapped_column(Text)
    marker_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RegradeRequest(Base):
    """Why a trainee asks for another look at the points of a cell; a mark above `mark_seen` is the answer."""

    __tablename__ = "regrade_request"
    __table_args__ = (UniqueConstraint("cell_grade_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_grade_id: Mapped[int] = mapped_column(ForeignKey("cell_grade.id"), index=True)
    number: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    mark_seen: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
