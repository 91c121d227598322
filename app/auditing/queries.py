"""Reads of the audit log, within an academy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core import audit
from app.core.access import Action, Actor, Statement, visible
from app.core.audit import AuditEntry
from app.core.locale import beginning_of, end_of
from app.core.paging import Page, Wanted, page_of

AT_ONCE = 500


@dataclass(frozen=True)
class Sought:
    """What is looked for; None and "" for whatever there is. Days are of the reader's calendar, both included."""

    username: str = ""
    verb: str = ""
    thing: str = ""
    first: date | None = None
    last: date | None = None


def entries(session: Session, actor: Actor, sought: Sought, wanted: Wanted) -> Page[Row[AuditEntry, str | None]]:
    """Acts in the actor's academy, the newest first, each with the name of who did it."""
    return page_of(session, _narrowed(_with_names(actor).order_by(AuditEntry.id.desc()), sought), wanted)


def every_line(session: Session, actor: Actor) -> Iterator[str]:
    """Each entry of the actor's academy as a line of JSON that can be checked without us, the oldest first."""
    statement = _within(actor, select(AuditEntry).order_by(AuditEntry.id))
    for entry in session.scalars(statement).yield_per(AT_ONCE):
        yield audit.as_line(entry) + "\n"


def _with_names(actor: Actor) -> Select[AuditEntry, str | None]:
    named = select(AuditEntry, Account.full_name).outerjoin(Account, Account.id == AuditEntry.actor_id)
    return _within(actor, named)


def _narrowed(statement: Select[AuditEntry, str | None], sought: Sought) -> Select[AuditEntry, str | None]:
    if sought.username:
        statement = statement.where(Account.username == sought.username)
    if sought.verb:
        statement = statement.where(AuditEntry.verb == sought.verb)
    if sought.thing:
        statement = statement.where(AuditEntry.thing == sought.thing)
    if sought.first:
        statement = statement.where(AuditEntry.at >= beginning_of(sought.first))
    if sought.last:
        statement = statement.where(AuditEntry.at < end_of(sought.last))
    return statement


def _within(actor: Actor, statement: Statement) -> Statement:
    columns = AuditEntry.__table__.c
    return visible(actor, Action.READ_AUDIT_LOG, statement, trainee=columns.actor_id, academy=columns.academy_id)
