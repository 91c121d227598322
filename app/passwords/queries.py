"""Reads about codes for a new password."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.accounts.queries import account_of_academy
from app.core import clock
from app.core.access import Action, Actor, may_hand_code_to
from app.core.errors import Refused
from app.passwords.models import PasswordCode

SHOWN = 20


@dataclass(frozen=True)
class CodeRow:
    """A code, the name of who handed it over, and whether they may still help this person."""

    code: PasswordCode
    issued_by: str
    may_help: bool


def person_to_help(session: Session, actor: Actor, account_id: int) -> Account:
    """Somebody to whom this actor may hand a code. Raises NotFound; Refused for the actor's own account or role."""
    account = account_of_academy(session, actor, account_id, Action.HAND_OUT_CODES)
    if account.id == actor.id:
        raise Refused(_("A code for yourself comes from somebody else. You can change your password on your own page."))
    if not may_hand_code_to(actor, account.role):
        raise Refused(_("Only an administrator of your academy can help this person to a new password."), status=403)
    return account


def open_code(session: Session, account: Account) -> PasswordCode | None:
    """The code that works for this account now; None for none.

    One from somebody who may not help a person of the account's present role works no more, whatever either was then.
    """
    statement = (
        select(PasswordCode, Account)
        .join(Account, Account.id == PasswordCode.issued_by_id)
        .where(
            PasswordCode.account_id == account.id,
            PasswordCode.ended_at.is_(None),
            PasswordCode.expires_at > clock.now(),
        )
        .order_by(PasswordCode.id.desc())
        .limit(1)
    )
    found = session.execute(statement).first()
    return found[0] if found and may_hand_code_to(found[1], account.role) else None


def codes_of(session: Session, account: Account) -> list[CodeRow]:
    """The newest codes that were handed over for this account, newest first."""
    statement = (
        select(PasswordCode, Account)
        .join(Account, Account.id == PasswordCode.issued_by_id)
        .where(PasswordCode.account_id == account.id)
        .order_by(PasswordCode.id.desc())
        .limit(SHOWN)
    )
    return [
        CodeRow(code, issuer.full_name, may_hand_code_to(issuer, account.role))
        for code, issuer in session.execute(statement)
    ]
