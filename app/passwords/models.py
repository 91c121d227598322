"""The table of codes for a new password."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Enum, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Ending(StrEnum):
    USED = "used"
    REPLACED = "replaced"
    GUESSED_AT = "guessed_at"
    NO_LONGER_NEEDED = "no_longer_needed"


class PasswordCode(Base):
    """A code that was handed over, by its hash; it works once, until `expires_at` or an ending.

    wrong_tries: how often another code was typed for this account meanwhile.
    """

    __tablename__ = "password_code"
    __table_args__ = (Index("ix_password_code_account", "account_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    secret_hash: Mapped[str] = mapped_column(String(200))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    wrong_tries: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ending: Mapped[Ending | None] = mapped_column(
        Enum(Ending, native_enum=False, length=20, values_callable=lambda endings: [each.value for each in endings])
    )
