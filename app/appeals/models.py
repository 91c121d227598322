"""Tables of disputes and complaints, and of what was decided."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Enum, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NUMBERED_ONCE, Base, UtcDateTime


class Kind(StrEnum):
    DISPUTE = "dispute"
    COMPLAINT = "complaint"
    REFUSAL = "refusal"


class State(StrEnum):
    WAITING = "waiting"
    DECIDED = "decided"
    IN_REVIEW = "in_review"
    CLOSED = "closed"


class Outcome(StrEnum):
    UPHELD = "upheld"
    REFUSED = "refused"


class Remedy(StrEnum):
    NOTHING = "nothing"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    MARKED_ANEW = "marked_anew"
    ACCEPTED = "accepted"


class Refusable(StrEnum):
    """What may be refused as evidence, as a source names it."""

    COMPLETION = "completion"
    ATTESTATION = "attestation"


# What the academy owes an answer to by the deadline.
OWED = (State.WAITING, State.IN_REVIEW)


def _values(members: type[StrEnum]) -> list[str]:
    return [member.value for member in members]


class Appeal(Base):
    """A trainee disputes a piece of evidence or that one was refused, or complains.

    source, part and competency: of the evidence that is disputed or refused, "" in a complaint. judged_by_id: whoever
    had refused it, or confirmed the attestation. due_at: until when the academy decides or, once it has, the trainee
    may ask for a review; None once it is closed.
    """

    __tablename__ = "appeal"
    __table_args__ = (Index("ix_appeal_academy_state", "academy_id", "state", "due_at"), NUMBERED_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[Kind] = mapped_column(Enum(Kind, native_enum=False, length=20, values_callable=_values))
    source: Mapped[str] = mapped_column(String(60), default="")
    part: Mapped[str] = mapped_column(String(80), default="")
    competency: Mapped[str] = mapped_column(String(8), default="")
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[State] = mapped_column(Enum(State, native_enum=False, length=20, values_callable=_values))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    review_text: Mapped[str] = mapped_column(Text, default="")
    review_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def asked_at(self) -> datetime:
        """When the review was asked for or, before that, the first decision."""
        return self.review_asked_at or self.made_at

    @property
    def number_of_source(self) -> int:
        """Of the work that is disputed, among works of its kind. Raises ValueError in a complaint."""
        return int(self.source.partition(":")[2])

    @property
    def refused(self) -> Refusable:
        """What was refused. Raises ValueError in what disputes no refusal."""
        return Refusable(self.source.partition(":")[0])

    def is_overdue(self, now: datetime) -> bool:
        """Whether the academy owes a decision whose deadline has passed."""
        return self.state in OWED and self.due_at is not None and self.due_at < now


class AppealDecision(Base):
    """What was decided first, or in the review. value: the outcome (0 to 1) that took the place of the disputed one."""

    __tablename__ = "appeal_decision"
    __table_args__ = (UniqueConstraint("appeal_id", "is_review"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id", ondelete="CASCADE"))
    is_review: Mapped[bool]
    outcome: Mapped[Outcome] = mapped_column(Enum(Outcome, native_enum=False, length=20, values_callable=_values))
    remedy: Mapped[Remedy] = mapped_column(Enum(Remedy, native_enum=False, length=20, values_callable=_values))
    value: Mapped[float | None]
    reason: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
