"""Tables of requests for erasure, and of what is left where somebody was erased."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Enum, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NUMBERED_ONCE, Base, UtcDateTime

OPEN = text("decided_at IS NULL AND withdrawn_at IS NULL")


class Ground(StrEnum):
    """Why erasure is due, in the words of laws on data protection."""

    NOT_NEEDED = "not_needed"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    UNLAWFUL = "unlawful"
    DUTY = "duty"


def _values(members: type[StrEnum]) -> list[str]:
    return [member.value for member in members]


class ErasureRequest(Base):
    """A person asks to be erased; an administrator decides until `due_at`. Of a person one is open at most."""

    __tablename__ = "erasure_request"
    __table_args__ = (
        Index("uq_erasure_request_open", "account_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        NUMBERED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    is_granted: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(Text, default="")

    @property
    def is_open(self) -> bool:
        """Whether it is neither decided nor withdrawn."""
        return self.decided_at is None and self.withdrawn_at is None


class Tombstone(Base):
    """That somebody was erased, when and on which ground.

    id_sha256: of the academy and the number of the account. went: by table that is counted how many rows were deleted,
    and the sha256 of their numbers. files: digests of files that no row named any more; files_removed_at: since when
    they are gone.
    """

    __tablename__ = "tombstone"

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    id_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    erased_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ground: Mapped[Ground] = mapped_column(Enum(Ground, native_enum=False, length=20, values_callable=_values))
    keeps_credentials: Mapped[bool]
    went: Mapped[dict[str, Any]] = mapped_column(JSON)
    files: Mapped[list[str]] = mapped_column(JSON)
    files_removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
