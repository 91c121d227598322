"""Tables of attestations, and of letters with their links that wait to be sent."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Enum, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NUMBERED_ONCE, Base, UtcDateTime


class State(StrEnum):
    """ASKED: described, with a link or without one yet. REVOKED: by the trainee, before anybody answered.

    UNSEEN: the supervisor did not see it, which is evidence of nothing. WITHDRAWN: by an instructor, once it counted.
    """

    ASKED = "asked"
    ANSWERED = "answered"
    UNSEEN = "unseen"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"


# What an instructor decided against a trainee, who may dispute it.
REFUSED = (State.REJECTED, State.WITHDRAWN)


class Seen(StrEnum):
    """What a supervisor saw, by behaviour."""

    NOT_SEEN = "not_seen"
    NOT_DONE = "not_done"
    WITH_HELP = "with_help"
    ALONE = "alone"
    TAUGHT = "taught"


class Shared(StrEnum):
    """What a trainee may show the supervisor beside their name and the task."""

    PLACE = "place"
    RESULT = "result"
    LEVEL = "level"


def _values(members: type[StrEnum]) -> list[str]:
    return [member.value for member in members]


class Attestation(Base):
    """A task at work that a trainee did, and what a supervisor says of it.

    level: of the competency, 3 or 4. shared: values of Shared, separated by spaces. token_hash: sha256 of the link's
    secret, kept after the answer so that a used link is told from a wrong one. expires_at: of a link that is open.
    supervisor_...: as the trainee names them; attester_...: as they name themselves. decided: last, by whom and why.
    """

    __tablename__ = "attestation"
    __table_args__ = (Index("ix_attestation_academy_state", "academy_id", "state", "id"), NUMBERED_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    competency: Mapped[str] = mapped_column(String(8))
    level: Mapped[int]
    task: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(200))
    result: Mapped[str] = mapped_column(Text)
    done_on: Mapped[date]
    shared: Mapped[str] = mapped_column(String(60))
    supervisor_name: Mapped[str] = mapped_column(String(200))
    supervisor_office: Mapped[str] = mapped_column(String(200))
    supervisor_address: Mapped[str] = mapped_column(String(254))
    state: Mapped[State] = mapped_column(Enum(State, native_enum=False, length=20, values_callable=_values))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen: Mapped[Seen | None] = mapped_column(Enum(Seen, native_enum=False, length=20, values_callable=_values))
    comment: Mapped[str] = mapped_column(Text, default="")
    attester_name: Mapped[str] = mapped_column(String(200), default="")
    attester_designation: Mapped[str] = mapped_column(String(200), default="")
    may_be_asked: Mapped[bool] = mapped_column(default=False)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")

    def shows(self, part: Shared) -> bool:
        """Whether the supervisor is shown this part."""
        return part.value in self.shared.split()


class AttestationLetter(Base):
    """A link that waits to be sent by e-mail; gone once it is sent. sealed_text: the text, which holds the link."""

    __tablename__ = "attestation_letter"
    # A job is named by the number of its letter, which therefore never comes again.
    __table_args__ = NUMBERED_ONCE

    id: Mapped[int] = mapped_column(primary_key=True)
    attestation_id: Mapped[int] = mapped_column(ForeignKey("attestation.id"), index=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    sealed_text: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
