"""Reads about second factors."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.accounts.queries import account_of_academy
from app.core.access import Action, Actor
from app.core.audit import AuditEntry
from app.core.errors import Refused
from app.second_factor.models import RecoveryCode

VERBS = ("second_factor_set_up", "second_factor_removed", "second_factor_removed_by_another", "recovery_codes_renewed")
SHOWN = 20


def codes_left(session: Session, account_id: int) -> int:
    """How many recovery codes still work."""
    unused = select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return session.scalar(unused) or 0


def person_without_telephone(session: Session, actor: Actor, account_id: int) -> Account:
    """Somebody whose second factor this actor may remove. Raises NotFound; Refused for the actor's own account."""
    account = account_of_academy(session, actor, account_id, Action.REMOVE_SECOND_FACTOR)
    if account.id == actor.id:
        raise Refused(_("Your own second factor is changed on your own page."))
    return account


def history(session: Session, account_id: int) -> list[tuple[AuditEntry, str | None]]:
    """What was done about an account's second factor and by whom, newest first."""
    statement = (
        select(AuditEntry, Account.full_name)
        .outerjoin(Account, Account.id == AuditEntry.actor_id)
        .where(AuditEntry.thing == f"account:{account_id}", AuditEntry.verb.in_(VERBS))
        .order_by(AuditEntry.id.desc())
        .limit(SHOWN)
    )
    return [(entry, name) for entry, name in session.execute(statement)]
