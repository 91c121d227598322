"""Tables of drafts and submissions; the notebooks themselves are files named by their sha256."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NUMBERED_ONCE, Base, UtcDateTime


class NotebookDraft(Base):
    """One saved state of a trainee's notebook; the newest is the draft, the others its history.

    writer: the window that wrote it, by a word of its own, empty for what was not written in one; number: counts what
    that window wrote.
    release_sha256: of the notebook, as it was given out, that this goes on from; empty where that is not known.
    aside: written beside a newer one of another window or computer; kept in the history, never the newest.
    """

    __tablename__ = "notebook_draft"
    __table_args__ = (Index("ix_notebook_draft_owner", "trainee_id", "module_id", "activity_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    writer: Mapped[str] = mapped_column(String(64), default="")
    number: Mapped[int] = mapped_column(default=0)
    release_sha256: Mapped[str] = mapped_column(String(64), default="")
    aside: Mapped[bool] = mapped_column(default=False)


class Submission(Base):
    """A notebook handed in. `attempt` counts from 1 for each trainee and lab; nothing of it ever changes.

    cohort_id: the cohort under whose terms it was handed in; None for one whose trainee was in none.
    arrived_at: when it came to the academy, for one that was handed in earlier, without a link; else None.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("trainee_id", "module_id", "activity_id", "attempt"),
        UniqueConstraint("trainee_id", "idempotency_key"),
        NUMBERED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id"), index=True)
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    attempt: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    idempotency_key: Mapped[str] = mapped_column(String(64))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def receipt(self) -> str:
        """A short code that names this submission and its content."""
        return f"{self.id}-{self.sha256[:8]}"


class TermsColumns:
    """What terms say.

    counts: which attempt counts. late_percent: what each day that was begun after the deadline takes off, in percent
    of the points. offline_hours: how long work that was handed in without a link may be on its way for the moment of
    the click to count. holds_results: points and feedback wait until the instructor releases them to the whole cohort.
    """

    counts: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int | None]
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    late_days: Mapped[int]
    late_percent: Mapped[float]
    offline_hours: Mapped[int]
    holds_results: Mapped[bool]
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LabTerms(TermsColumns, Base):
    """On what terms a cohort does a lab, as its instructor set them; a lab without a row has the terms of `Terms()`."""

    __tablename__ = "lab_terms"
    __table_args__ = (UniqueConstraint("cohort_id", "activity_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    activity_id: Mapped[str] = mapped_column(String(80))


class FormerLabTerms(TermsColumns, Base):
    """The terms of a lab until they were changed: when, by whom and why. `number` counts the changes from 1."""

    __tablename__ = "former_lab_terms"
    __table_args__ = (UniqueConstraint("cohort_id", "activity_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    activity_id: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    changed_by: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)


class NotebookInquiry(Base):
    """A question that a trainee asked of a lab's data, kept with consent (app/notebooks/curiosity.py).

    cell_hash: sha256 of the cell's code, which tells one question from another; the code is not kept here.
    column_names: of the data, as a JSON list.
    """

    __tablename__ = "notebook_inquiry"
    __table_args__ = (
        UniqueConstraint("trainee_id", "module_id", "activity_id", "cell_hash", "kind", "column_names"),
        Index("ix_notebook_inquiry_asked_at", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    cell_hash: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(10))
    column_names: Mapped[str] = mapped_column(String(1000))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class NotebookFindings(Base):
    """What a trainee says they found in a lab's data, kept with consent (app/notebooks/findings.py).

    begun_at: when the first claim was made. closed_at: when the list was closed and judged; None while it is open.
    active_seconds: of work on the lab until then.
    """

    __tablename__ = "notebook_findings"
    __table_args__ = (
        Index("ix_notebook_findings_owner", "trainee_id", "module_id", "activity_id"),
        Index("ix_notebook_findings_begun_at", "begun_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    active_seconds: Mapped[float | None]


class NotebookClaim(Base):
    """One finding of such a list, as truths.toml of the lab writes claims.

    verdict: what it was when the list was closed, empty before. truth: id of the planted truth that it hit, empty
    otherwise. weight: what it added, or took away where it was wrong.
    """

    __tablename__ = "notebook_claim"
    __table_args__ = (UniqueConstraint("findings_id", "claim"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    findings_id: Mapped[int] = mapped_column(ForeignKey("notebook_findings.id", ondelete="CASCADE"))
    claim: Mapped[str] = mapped_column(String(200))
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verdict: Mapped[str] = mapped_column(String(10), default="")
    truth: Mapped[str] = mapped_column(String(60), default="")
    weight: Mapped[int] = mapped_column(default=0)
