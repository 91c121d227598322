"""Tables of drafts and submissions; the notebooks themselves are files named by their sha256."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class NotebookDraft(Base):
    """One saved state of a trainee's notebook; the newest is the draft, the others its history."""

    __tablename__ = "notebook_draft"
    __table_args__ = (Index("ix_notebook_draft_owner", "trainee_id", "module_id", "activity_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Submission(Base):
    """A notebook handed in. `attempt` counts from 1 for each trainee and lab; nothing of it ever changes."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("trainee_id", "module_id", "activity_id", "attempt"),
        UniqueConstraint("trainee_id", "idempotency_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    attempt: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    idempotency_key: Mapped[str] = mapped_column(String(64))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def receipt(self) -> str:
        """A short code that names this submission and its content."""
        return f"{self.id}-{self.sha256[:8]}"
