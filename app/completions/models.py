"""Tables of courses finished elsewhere, and of files that bring several."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Enum, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NUMBERED_ONCE, Base, UtcDateTime


class Provider(StrEnum):
    COURSERA = "coursera"
    MICROSOFT_LEARN = "microsoft_learn"
    AWS = "aws"
    GOOGLE = "google"
    OTHER = "other"


class State(StrEnum):
    REPORTED = "reported"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


def _values(members: type[StrEnum]) -> list[str]:
    return [member.value for member in members]


class Completion(Base):
    """A course that somebody finished elsewhere. link: to the proof, https; the portal never opens it.

    reported_by_id: the trainee, or the administrator whose file brought it. decided: last, by whom and why.
    """

    __tablename__ = "completion"
    __table_args__ = (Index("ix_completion_academy_state", "academy_id", "state", "id"), NUMBERED_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    provider: Mapped[Provider] = mapped_column(Enum(Provider, native_enum=False, length=20, values_callable=_values))
    title: Mapped[str] = mapped_column(String(200))
    completed_on: Mapped[date]
    link: Mapped[str] = mapped_column(String(500))
    competency: Mapped[str] = mapped_column(String(8))
    state: Mapped[State] = mapped_column(Enum(State, native_enum=False, length=20, values_callable=_values))
    reported_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")


class CompletionImport(Base):
    """A file of completions that is looked at before it is brought in. rows: app.completions.reading.Row as JSON."""

    __tablename__ = "completion_import"
    __table_args__ = NUMBERED_ONCE

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
