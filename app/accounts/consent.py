"""What a person has agreed to beyond what a course needs: purpose by purpose, freely, and until they say otherwise.

Answers are kept one after another; the newest for the present wording of a purpose counts, and no answer means no.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.accounts.models import Account
from app.accounts.queries import lock
from app.core import clock
from app.core.db import Base, UtcDateTime


class Purpose(StrEnum):
    CURIOSITY_LOG = "curiosity_log"
    RESEARCH = "research"
    RECORD_STORE = "record_store"


# Goes up by one whenever what is asked changes: who agreed to less is asked again.
WORDINGS = {Purpose.CURIOSITY_LOG: 2, Purpose.RESEARCH: 1, Purpose.RECORD_STORE: 1}


class Consent(Base):
    """One answer of a person. wording: the version of what they were asked."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_account_purpose", "account_id", "purpose", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    purpose: Mapped[str] = mapped_column(String(40))
    wording: Mapped[int]
    is_given: Mapped[bool]
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


def standing(session: Session, account_id: int, purpose: Purpose) -> Consent | None:
    """The answer that counts; None while the person has not been asked in the present wording."""
    newest = select(Consent).where(
        Consent.account_id == account_id, Consent.purpose == purpose, Consent.wording == WORDINGS[purpose]
    )
    return session.scalar(newest.order_by(Consent.id.desc()).limit(1))


def agreeing(academy_id: int, purpose: Purpose) -> Select[int]:
    """Selects the ids of an academy's accounts whose answer that counts is yes."""
    newest = (
        select(func.max(Consent.id))
        .join(Account, Account.id == Consent.account_id)
        .where(Account.academy_id == academy_id, Consent.purpose == purpose, Consent.wording == WORDINGS[purpose])
        .group_by(Consent.account_id)
    )
    return select(Consent.account_id).where(Consent.id.in_(newest), Consent.is_given)


def answer(session: Session, account_id: int, purpose: Purpose, *, is_given: bool) -> None:
    """Keep an answer; the same one again changes nothing."""
    lock(session, account_id)
    present = standing(session, account_id, purpose)
    if present is not None and present.is_given == is_given:
        return
    session.add(
        Consent(
            account_id=account_id,
            purpose=purpose,
            wording=WORDINGS[purpose],
            is_given=is_given,
            answered_at=clock.now(),
        )
    )
    session.flush()
