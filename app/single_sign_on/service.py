"""Writes about whom a provider sent."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Academy, Account
from app.accounts.service import note
from app.core import audit, clock
from app.single_sign_on.models import Identity
from app.single_sign_on.queries import NotLetIn, Sent, account_of


def take_in(session: Session, sent: Sent) -> Account:
    """The account of whom a provider sent, linked to them for good when they come first. Raises NotLetIn."""
    account, is_linked = account_of(session, sent)
    if is_linked:
        return account
    accounts.lock(session, account.id)
    identity = Identity(account_id=account.id, issuer=sent.issuer, subject=sent.subject, linked_at=clock.now())
    session.add(identity)
    session.flush()
    note(session, "identity_linked", account, account.id, issuer=sent.issuer, identity=f"identity:{identity.id}")
    return account


def note_not_let_in(session: Session, slug: str, refusal: NotLetIn) -> None:
    """Write down whose account somebody wanted whom the provider of this academy sent."""
    academy_id = session.scalar(select(Academy.id).where(Academy.slug == slug))
    account_id = session.scalar(
        select(Account.id).where(Account.academy_id == academy_id, Account.username == refusal.username)
    )
    thing = f"account:{account_id or 'unknown'}"
    audit.record(session, verb="sign_on_refused", thing=thing, actor_id=account_id, academy_id=academy_id)
