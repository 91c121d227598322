"""Writes about whom a provider sent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Account
from app.core import audit, clock
from app.single_sign_on.models import Identity
from app.single_sign_on.queries import Sent, account_of


def take_in(session: Session, sent: Sent) -> Account:
    """The account of whom a provider sent, linked to them for good when they come first. Raises Refused."""
    account, is_linked = account_of(session, sent)
    if is_linked:
        return account
    accounts.lock(session, account.id)
    session.add(Identity(account_id=account.id, issuer=sent.issuer, subject=sent.subject, linked_at=clock.now()))
    session.flush()
    audit.record(
        session,
        verb="identity_linked",
        thing=f"account:{account.id}",
        actor_id=account.id,
        academy_id=account.academy_id,
        detail={"issuer": sent.issuer, "subject": sent.subject},
    )
    return account
