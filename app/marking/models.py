"""Tables of markers: who has work open, second marks and how many there are to be, and comments kept for reuse.

Work is named as evidence names it: a source, "submission:3" or "run:7", and a part of it, a cell or the memo.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class MarkClaim(Base):
    """Work that a marker has taken, so that two do not mark it at once; it lapses at `until`."""

    __tablename__ = "mark_claim"
    __table_args__ = (UniqueConstraint("source", "part"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    part: Mapped[str] = mapped_column(String(120))
    marker_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class SecondMark(Base):
    """Points that a second person gave without seeing the first mark; it never counts, it measures agreement."""

    __tablename__ = "second_mark"
    __table_args__ = (UniqueConstraint("source", "part"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    part: Mapped[str] = mapped_column(String(120))
    points: Mapped[float]
    levels: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    comment: Mapped[str] = mapped_column(Text)
    marker_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SecondMarking(Base):
    """Share of what a cohort did for a lab or a simulation that a second person marks as well, in percent."""

    __tablename__ = "second_marking"
    __table_args__ = (UniqueConstraint("cohort_id", "activity_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    activity_id: Mapped[str] = mapped_column(String(80))
    percent: Mapped[int]


class KeptComment(Base):
    """A comment that an academy's markers use again for all work of one task."""

    __tablename__ = "kept_comment"
    __table_args__ = (UniqueConstraint("academy_id", "module_id", "activity_id", "part", "text"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    part: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(String(500))
    kept_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
