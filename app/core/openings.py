"""Records of single persons that somebody opened with a reason, which the table of permissions asks about."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Enum, ForeignKey, Index, Select, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, UtcDateTime


class Purpose(StrEnum):
    """For what a record may be opened."""

    COMPLAINT = "complaint"
    REQUEST = "request"
    FAULT = "fault"
    INQUIRY = "inquiry"


class RecordOpening(Base):
    """Somebody opened the record of a person, for a purpose and with a reason that the person reads.

    shows_work: whether what the person submitted is open, too. ends_at: until when it is open; closed_at: when it was
    closed, by hand or because the time was over, None before that.
    """

    __tablename__ = "record_opening"
    __table_args__ = (Index("ix_record_opening_opened_by_id_ends_at", "opened_by_id", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    purpose: Mapped[Purpose] = mapped_column(
        Enum(Purpose, native_enum=False, length=20, values_callable=lambda purposes: [each.value for each in purposes])
    )
    reason: Mapped[str] = mapped_column(Text)
    shows_work: Mapped[bool]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def openings_now(actor_id: int) -> Select[RecordOpening]:
    """Selects the openings by which records are open to somebody now."""
    return select(RecordOpening).where(
        RecordOpening.opened_by_id == actor_id, RecordOpening.closed_at.is_(None), RecordOpening.ends_at > clock.now()
    )


def opened_by(actor_id: int, *, with_work: bool = False) -> Select[int]:
    """Selects the persons whose records somebody has open now. with_work: with what they submitted."""
    statement = openings_now(actor_id).with_only_columns(RecordOpening.trainee_id)
    return statement.where(RecordOpening.shows_work) if with_work else statement
