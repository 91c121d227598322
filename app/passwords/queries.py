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
    """A code, and the name of who handed it over."""

    code: PasswordCode
    issued_by: str


def person_to_help(session: Session, actor: Actor, account_id: int) -> Account:
    """Somebody to whom this actor may hand a code. Raises NotFound; Refused for the actor's own account or role."""
    account = account_of_academy(session, actor, account_id, Action.HAND_OUT_CODES)
    if account.id == actor.id:
        raise Refused(_("A code for yourself comes from somebody else. You can change your password on your own page."))
    if not may_hand_code_to(actor, account.role):
        raise Refused(_("Only an administrator of your academy can help this person to a new password."), status=403)
    return account


def open_code(session: Session, account_id: int) -> PasswordCode | None:
    """The code that works for this account now; None for none."""
    statement = select(PasswordCode).where(
        PasswordCode.account_id == account_id,
        PasswordCode.ended_at.is_(None),
        PasswordCode.expires_at > clock.now(),
    )
    return session.scalar(statement.order_by(PasswordCode.id.desc()).limit(1))


def codes_of(session: Session, account_id: int) -> list[CodeRow]:
    """The newest codes that were handed over for this account, newest first."""
    statement = (
        select(PasswordCode, Account.full_name)
        .join(Account, Account.id == PasswordCode.issued_by_id)
        .where(PasswordCode.account_id == account_id)
        .order_by(PasswordCode.id.desc())
        .limit(SHOWN)
    )
    return [CodeRow(code, name) for code, name in session.execute(statement)]
