"""Reads of what somebody has agreed to."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts.consent import Purpose, standing

# What is asked on the page of choices; the curiosity log is asked for in a lab, and can be left on that page too.
ASKED_HERE = {str(purpose): purpose for purpose in (Purpose.RESEARCH, Purpose.RECORD_STORE)}


def agreed(session: Session, account_id: int) -> dict[str, bool]:
    """Whether a person agrees now, by purpose."""
    found = {name: standing(session, account_id, purpose) for name, purpose in ASKED_HERE.items()}
    return {name: answer is not None and answer.is_given for name, answer in found.items()}
