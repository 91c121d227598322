"""Tables of credentials, of the keys that sign them, and of corrected names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NUMBERED_ONCE, Base, UtcDateTime

IN_FORCE = text("revoked_at IS NULL AND superseded_at IS NULL")


class SigningKey(Base):
    """A key of an academy. The newest signs; what older ones signed still verifies.

    thumbprint: by which the key is named (RFC 7638). sealed_private: the private key as JSON, sealed.
    """

    __tablename__ = "signing_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    thumbprint: Mapped[str] = mapped_column(String(60), unique=True)
    public: Mapped[dict[str, Any]] = mapped_column(JSON)
    sealed_private: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Credential(Base):
    """Something that a trainee achieved, signed by the academy.

    code: names the credential wherever it is shown, and cannot be guessed. achievement: what for
    (app.credentials.awards). full_name: of the trainee, as it was signed. signed: a compact JWS (VC-JWT).
    status_list and status_index: its place in the academy's lists of what is no longer in force. superseded_at: when
    another took its place; that one names it by `replaces`. Once its holder was erased, or it was kept long enough, its
    texts hold what BLANK says and its place is left.
    """

    __tablename__ = "credential"
    __table_args__ = (
        UniqueConstraint("academy_id", "status_list", "status_index"),
        Index(
            "uq_credential_in_force",
            *("trainee_id", "achievement"),
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    achievement: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(300))
    full_name: Mapped[str] = mapped_column(String(120))
    signed: Mapped[str] = mapped_column(Text)
    status_list: Mapped[int]
    status_index: Mapped[int]
    awarded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaces: Mapped[str | None] = mapped_column(String(20))
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    revocation_reason: Mapped[str] = mapped_column(String(300), default="")

    @property
    def is_erased(self) -> bool:
        """Whether it was erased or kept long enough, so that only its place is left."""
        return not self.signed


# Of a place in a status list, which is never given twice, and where whoever holds a copy must go on reading that it is
# no longer in force, nothing else has to be known.
BLANK: Mapping[str, Any] = {"full_name": "", "title": "", "signed": "", "replaces": None, "revocation_reason": ""}


class NameCorrection(Base):
    """A person's name was written wrongly, and was corrected: by whom, when and why."""

    __tablename__ = "name_correction"
    __table_args__ = NUMBERED_ONCE

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    former: Mapped[str] = mapped_column(String(120))
    present: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(String(300))
    corrected_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    corrected_at: Mapped[datetime] = mapped_column(UtcDateTime)
