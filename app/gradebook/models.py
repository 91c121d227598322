"""Tables of grades."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NUMBERED_ONCE, Base, UtcDateTime


class Grade(Base):
    """What became of a submission: graded, refused (not run), stopped (broke a limit) or held (for a person).

    One of its grades is the current one; another is a former one, or proposed by a re-grade that is not applied yet.
    feedback_sha256: the notebook with what it printed; its trainee does not get that of a held one, whose outputs may
    hold what is not theirs to read.
    lab_digest: the version of the lab by which it was graded; "" where none was kept.
    """

    # A person may give points for answers of these.
    TO_MARK = ("graded", "held")

    __tablename__ = "grade"
    __table_args__ = (
        UniqueConstraint("submission_id", "number"),
        Index(
            "ix_grade_current",
            "submission_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
        NUMBERED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    number: Mapped[int] = mapped_column(default=1)
    is_current: Mapped[bool] = mapped_column(default=True)
    lab_digest: Mapped[str] = mapped_column(String(64), default="")
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
    """A person's points for a cell of a submission. The highest `number` counts; none is overwritten.

    points: None once the cell or its rubric changed so that the former mark says nothing any more.
    levels: the chosen level of each row of the rubric, where there is one.
    regrade_id: of the re-grade that made it of the mark before, whose marker it keeps; None for one that a person gave.
    """

    __tablename__ = "cell_mark"
    __table_args__ = (UniqueConstraint("submission_id", "cell", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    cell: Mapped[str] = mapped_column(String(120))
    number: Mapped[int]
    points: Mapped[float | None]
    levels: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    comment: Mapped[str] = mapped_column(Text)
    marker_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    regrade_id: Mapped[int | None] = mapped_column(ForeignKey("regrade.id"))


class RegradeRequest(Base):
    """Why a trainee asks for another look at the points of a cell; a mark above `mark_seen` is the answer.

    mark_seen: number of the mark that the trainee saw, or of what a re-grade made of it while the request waited; one
    less than the newest where a re-grade closed the request, since the cell has no points by the changed lab.
    """

    __tablename__ = "regrade_request"
    __table_args__ = (UniqueConstraint("submission_id", "cell", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    cell: Mapped[str] = mapped_column(String(120))
    number: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    mark_seen: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Regrade(Base):
    """A lab that changed is graded anew for everybody of an academy: proposed, looked at, then applied or dropped.

    decided_by: who applied or dropped it.
    """

    __tablename__ = "regrade"

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    lab_digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)

    @property
    def is_open(self) -> bool:
        """Whether it is neither applied nor dropped."""
        return self.applied_at is None and self.dropped_at is None


class RegradeItem(Base):
    """One submission of a re-grade, with the grade it would get once that is known."""

    __tablename__ = "regrade_item"
    __table_args__ = (UniqueConstraint("regrade_id", "submission_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    regrade_id: Mapped[int] = mapped_column(ForeignKey("regrade.id"), index=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    grade_id: Mapped[int | None] = mapped_column(ForeignKey("grade.id"))
