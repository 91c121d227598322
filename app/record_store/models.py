"""The tables of record stores and of the outbox: statements that wait, were sent, or were set aside."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NUMBERED_ONCE, Base, UtcDateTime

WAITING = text("sent_at IS NULL AND set_aside_at IS NULL")
SET_ASIDE = text("set_aside_at IS NOT NULL")
SENT = text("sent_at IS NOT NULL")


class StatementKind(StrEnum):
    LESSON_COMPLETED = "lesson_completed"
    QUIZ_ANSWERED = "quiz_answered"
    SIMULATION_FINISHED = "simulation_finished"
    NOTEBOOK_SUBMITTED = "notebook_submitted"
    NOTEBOOK_GRADED = "notebook_graded"
    CREDENTIAL_AWARDED = "credential_awarded"


class RecordStore(Base):
    """Where an academy wants statements sent, and how that goes.

    kinds: of statements that are told. is_named: whether they bear the name of the trainee. asks_consent: whether only
    those are told of who agreed. namespace: of the numbers of statements, for good. failures: tries in a row that
    failed, the last as `last_failure` says. version: of xAPI that the store speaks, "" until it was asked.
    """

    __tablename__ = "record_store"

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), unique=True)
    endpoint: Mapped[str] = mapped_column(String(300))
    key: Mapped[str] = mapped_column(String(200))
    sealed_secret: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[str]] = mapped_column(JSON)
    is_named: Mapped[bool] = mapped_column(default=False)
    asks_consent: Mapped[bool] = mapped_column(default=False)
    namespace: Mapped[str] = mapped_column(String(36))
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[str] = mapped_column(String(10), default="")
    failures: Mapped[int] = mapped_column(default=0)
    last_failure: Mapped[str] = mapped_column(Text, default="")
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    check_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finding: Mapped[str] = mapped_column(String(20), default="")
    finding_detail: Mapped[str] = mapped_column(Text, default="")

    @property
    def is_being_checked(self) -> bool:
        return self.check_asked_at is not None and (self.checked_at is None or self.checked_at < self.check_asked_at)


class Statement(Base):
    """Something that a trainee did, as it is told. thing_id: of the attempt, run, submission or the like.

    name: its number in the store, which follows from whom and what it tells. facts: what the sentence is made of. body:
    the statement as JSON, made before it is first sent; only the name in it may change until it is. answer: why the
    store did not take it.
    """

    __tablename__ = "statement"
    __table_args__ = (
        Index("ix_statement_waiting", "academy_id", "id", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_statement_set_aside", "academy_id", "id", sqlite_where=SET_ASIDE, postgresql_where=SET_ASIDE),
        Index("ix_statement_sent", "academy_id", "sent_at", sqlite_where=SENT, postgresql_where=SENT),
        NUMBERED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    thing_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(36), unique=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    set_aside_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")
