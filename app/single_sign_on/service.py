"""Writes about whom a provider sent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Account
from app.accounts.service import note
from app.core import clock
from app.single_sign_on.models import Identity
from app.single_sign_on.queries import Sent, account_of


def take_in(session: Session, sent: Sent) -> Account:
    """The account of whom a provider sent, linked to them for good when they come first. Raises Refused."""
    account, is_linked = account_of(session, sent)
    if is_linked:
        return account
    accounts.lock(session, account.id)
    identity = Identity(account_id=account.id, issuer=sent.issuer, subject=sent.subject, linked_at=clock.now())
    session.add(identity)
    session.flush()
    note(session, "identity_linked", account, account.id, issuer=sent.issuer, identity=f"identity:{identity.id}")
    return account
