"""Writes about second factors: codes of an app by the clock (TOTP, RFC 6238), and codes on paper when it is lost."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Account, SecondFactor
from app.accounts.service import end_sessions, note
from app.core import clock
from app.core.access import Actor
from app.core.codes import as_shown, as_written, new_code
from app.core.sealing import Seal
from app.second_factor.models import RecoveryCode
from app.second_factor.queries import person_without_telephone

STEP_SECONDS = 30
# A telephone's clock may be off by one step either way (RFC 6238, section 5.2).
STEPS_OFF = (0, -1, 1)
RECOVERY_CODES, RECOVERY_LENGTH = 10, 12
MOST_WRONG_TRIES = 5
REST = timedelta(minutes=15)
ISSUER = "Hunar"


def new_secret() -> str:
    """What an app and the portal will share, 160 bits in base 32."""
    return pyotp.random_base32()


def address_for_app(secret: str, account: Account) -> str:
    """What an app reads from the picture: an otpauth address."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=account.username, issuer_name=ISSUER)


def set_up(session: Session, seal: Seal, account_id: int, secret: str, typed: str) -> tuple[Account, list[str]] | None:
    """Ask for this app from now on if it makes the code that was typed; the recovery codes, or None if it does not.

    Sessions that began without it end; a second factor that was there before is replaced.
    """
    step = _step_of(secret, as_written(typed))
    if step is None:
        return None
    account = _locked(session, account_id)
    factor = account.second_factor
    if factor is None:
        factor = account.second_factor = SecondFactor(account_id=account.id)
    factor.sealed_secret, factor.set_up_at = seal.close(secret), clock.now()
    factor.last_step, factor.wrong_tries, factor.last_wrong_at = step, 0, None
    end_sessions(account)
    codes = _new_recovery_codes(session, seal, account.id)
    note(session, "second_factor_set_up", account, account.id)
    return account, codes


def note_not_set_up(session: Session, account: Account) -> None:
    """Write down that somebody who was signed in gave a wrong password, or a wrong code, to set one up."""
    note(session, "second_factor_set_up_refused", account, account.id)


def passes(session: Session, seal: Seal, account_id: int, typed: str) -> bool:
    """Whether this code of the app or on paper opens the account now; what does not is in the audit log.

    Each works once, and wrong ones count.
    """
    account = _locked(session, account_id)
    if _opens(session, seal, account, as_written(typed)):
        return True
    note(session, "second_factor_refused", account, account.id)
    return False


def _opens(session: Session, seal: Seal, account: Account, code: str) -> bool:
    factor = account.second_factor
    if factor is None or is_resting(factor):
        return False
    step = _step_of(seal.open(factor.sealed_secret), code)
    if step is not None and step > factor.last_step:
        factor.last_step, factor.wrong_tries = step, 0
        return True
    if _use_recovery_code(session, seal, account, code):
        factor.wrong_tries = 0
        return True
    factor.wrong_tries, factor.last_wrong_at = factor.wrong_tries % MOST_WRONG_TRIES + 1, clock.now()
    return False


def is_resting(factor: SecondFactor) -> bool:
    """Whether so many wrong codes were typed that none is taken for a while."""
    if factor.wrong_tries < MOST_WRONG_TRIES or factor.last_wrong_at is None:
        return False
    return clock.now() < factor.last_wrong_at + REST


def renew_recovery_codes(session: Session, seal: Seal, account_id: int) -> list[str]:
    """New codes in place of all former ones."""
    account = _locked(session, account_id)
    codes = _new_recovery_codes(session, seal, account.id)
    note(session, "recovery_codes_renewed", account, account.id)
    return codes


def remove(session: Session, account_id: int) -> Account:
    """Ask for the password alone from now on; sessions end."""
    account = _locked(session, account_id)
    _remove(session, account)
    note(session, "second_factor_removed", account, account.id)
    return account


def remove_for(session: Session, actor: Actor, account_id: int, reason: str) -> Account:
    """The same for somebody who has neither telephone nor codes. Raises NotFound; Refused for oneself."""
    account = person_without_telephone(session, actor, account_id)
    accounts.lock(session, account.id)
    _remove(session, account)
    note(session, "second_factor_removed_by_another", account, actor.id, reason=reason)
    return account


def _locked(session: Session, account_id: int) -> Account:
    accounts.lock(session, account_id)
    return session.get_one(Account, account_id, populate_existing=True)


def _remove(session: Session, account: Account) -> None:
    if account.second_factor is not None:
        session.delete(account.second_factor)
        account.second_factor = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    end_sessions(account)
    session.flush()


def _step_of(secret: str, code: str) -> int | None:
    """The time step, about now, in which the app shows this code; None for none."""
    for step, shown in _shown_about(secret, clock.now()):
        if hmac.compare_digest(shown.encode(), code.encode()):
            return step
    return None


def _shown_about(secret: str, now: datetime) -> Iterator[tuple[int, str]]:
    app, present = pyotp.TOTP(secret, interval=STEP_SECONDS), int(now.timestamp()) // STEP_SECONDS
    return ((present + off, app.generate_otp(present + off)) for off in STEPS_OFF)


def _new_recovery_codes(session: Session, seal: Seal, account_id: int) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = [new_code(RECOVERY_LENGTH) for _number in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account_id, mark=seal.mark(code)) for code in codes)
    session.flush()
    return [as_shown(code) for code in codes]


def _use_recovery_code(session: Session, seal: Seal, account: Account, code: str) -> bool:
    unused = select(RecoveryCode).where(
        RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None), RecoveryCode.mark == seal.mark(code)
    )
    if (found := session.scalar(unused)) is None:
        return False
    found.used_at = clock.now()
    note(session, "recovery_code_used", account, account.id)
    return True
