"""Reads of record stores and of what is sent there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select
from sqlalchemy.orm import Session

from app.core.access import Action, Actor, visible
from app.core.db import one
from app.core.paging import Page, Wanted, page_of_things
from app.record_store.models import RecordStore, Statement


@dataclass(frozen=True)
class Counts:
    """oldest_at: since when the oldest that waits has waited. sent_at: when one was sent last."""

    waiting: int
    oldest_at: datetime | None
    sent_at: datetime | None
    set_aside: int


def store_of(session: Session, academy_id: int, *, lock: bool = False) -> RecordStore | None:
    """The record store of an academy; locked, the worker waits."""
    statement = select(RecordStore).where(RecordStore.academy_id == academy_id)
    return session.scalar(statement.with_for_update() if lock else statement)


def host(store: RecordStore) -> str:
    return urlsplit(store.endpoint).hostname or store.endpoint


def counts(session: Session, academy_id: int) -> Counts:
    def found(what: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
        return select(what).where(Statement.academy_id == academy_id, *conditions).scalar_subquery()

    waits = Statement.sent_at.is_(None) & Statement.set_aside_at.is_(None)
    # Each by an index of its own, because what was sent may be hundreds of thousands.
    row = session.execute(
        select(
            found(func.count(), waits),
            found(func.min(Statement.at), waits),
            found(func.max(Statement.sent_at), Statement.sent_at.is_not(None)),
            found(func.count(), Statement.set_aside_at.is_not(None)),
        )
    ).one()
    return Counts(*row)


def set_aside(session: Session, actor: Actor, wanted: Wanted) -> Page[Statement]:
    """What the store of the actor's academy did not take, the oldest first."""
    return page_of_things(session, _set_aside(actor).order_by(Statement.id), wanted)


def statement_set_aside(session: Session, actor: Actor, statement_id: int) -> Statement:
    """One of them. Raises NotFound."""
    return one(session, _set_aside(actor).where(Statement.id == statement_id))


def _set_aside(actor: Actor) -> Select[Statement]:
    columns = Statement.__table__.c
    statement = select(Statement).where(Statement.set_aside_at.is_not(None))
    return visible(actor, Action.KEEP_RECORD_STORE, statement, trainee=columns.trainee_id, academy=columns.academy_id)
