"""The table of releases. What was in one is not kept; its sha256 tells it from any other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class ResearchRelease(Base):
    """One release: who made it, why and for whom.

    people: rows of the table of persons; suppressed: people who agreed and are left out. smallest_class: the fewest
    people who look alike in it; diversity: the fewest different outcomes among such people. epsilon: what its counts
    spent of the academy's budget.
    """

    __tablename__ = "research_release"

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    purpose: Mapped[str] = mapped_column(String(500))
    recipient: Mapped[str] = mapped_column(String(200))
    people: Mapped[int]
    suppressed: Mapped[int]
    smallest_class: Mapped[int]
    diversity: Mapped[int]
    epsilon: Mapped[float]
    sha256: Mapped[str] = mapped_column(String(64))
