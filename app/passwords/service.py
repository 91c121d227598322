"""Writes about passwords: a code handed over, a password set with it, a password changed by its owner."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Account
from app.accounts.service import fits, hashed, note, set_password
from app.core import audit, clock
from app.core.access import Actor
from app.core.codes import as_shown, as_written, new_code
from app.passwords.models import Ending, PasswordCode
from app.passwords.queries import open_code, person_to_help

LENGTH = 8
LIFETIME = timedelta(hours=24)
MOST_WRONG_TRIES = 5


def hand_out_code(session: Session, actor: Actor, account_id: int) -> tuple[str, PasswordCode]:
    """A new code for somebody, as it is written down, and its row; one that was open before ends.

    Raises NotFound; Refused for a person whom this actor may not help.
    """
    account = person_to_help(session, actor, account_id)
    accounts.lock(session, account.id)
    _end_open_codes(session, account.id, Ending.REPLACED)
    secret = new_code(LENGTH)
    now = clock.now()
    code = PasswordCode(
        account_id=account.id,
        issued_by_id=actor.id,
        secret_hash=hashed(secret),
        issued_at=now,
        expires_at=now + LIFETIME,
    )
    session.add(code)
    session.flush()
    note(session, "password_code_handed_out", account, actor.id, **_named(code))
    return as_shown(secret), code


def set_by_code(session: Session, username: str, typed_code: str, password: str) -> Account | None:
    """Give the account this password if the code works for it; None otherwise, and the try is counted and logged."""
    account = accounts.account_named(session, username)
    if account is not None:
        accounts.lock(session, account.id)
        session.refresh(account)
    code = open_code(session, account) if account else None
    is_right = fits(code.secret_hash if code else None, as_written(typed_code))
    if account is None:
        audit.record(session, verb="password_code_refused", thing="account:unknown", actor_id=None, academy_id=None)
        return None
    if code is None or not is_right:
        _count_wrong_try(code)
        note(session, "password_code_refused", account, account.id, **_named(code))
        return None
    code.ended_at, code.ending = clock.now(), Ending.USED
    set_password(account, password)
    note(session, "password_set_by_code", account, account.id, **_named(code))
    return account


def change(session: Session, account_id: int, current: str, password: str) -> Account | None:
    """Give an account another password if its owner knows the present one, else None; either way the log gets a row."""
    accounts.lock(session, account_id)
    account = session.get_one(Account, account_id, populate_existing=True)
    if not fits(account.password_hash, current):
        note(session, "password_change_refused", account, account.id)
        return None
    set_password(account, password)
    _end_open_codes(session, account.id, Ending.NO_LONGER_NEEDED)
    note(session, "password_changed", account, account.id)
    return account


def _count_wrong_try(code: PasswordCode | None) -> None:
    if code is None:
        return
    code.wrong_tries += 1
    if code.wrong_tries >= MOST_WRONG_TRIES:
        code.ended_at, code.ending = clock.now(), Ending.GUESSED_AT


def _end_open_codes(session: Session, account_id: int, ending: Ending) -> None:
    open_ones = update(PasswordCode).where(PasswordCode.account_id == account_id, PasswordCode.ended_at.is_(None))
    session.execute(open_ones.values(ended_at=clock.now(), ending=ending))


def _named(code: PasswordCode | None) -> dict[str, int]:
    return {"code": code.id} if code else {}
