"""Writes about record stores: set, tried, paused; and what was set aside sent again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import NotFound, Refused
from app.core.sealing import Seal
from app.record_store import queries
from app.record_store.models import RecordStore, Statement


@dataclass(frozen=True)
class Wish:
    """How an academy wants its record store. secret: "" for the one that is known."""

    endpoint: str
    key: str
    secret: str
    kinds: Sequence[str]
    is_named: bool
    asks_consent: bool


class SecretNeeded(Refused):
    """The known secret is for another address or key, and is not shown to a stranger."""

    def __init__(self) -> None:
        super().__init__(_("Type the secret too: the one that is kept belongs to another address or key."))


def set_store(session: Session, seal: Seal, actor: Actor, wish: Wish) -> RecordStore:
    """Send statements there from now on, and have the store tried. Raises SecretNeeded."""
    store = queries.store_of(session, actor.academy_id, lock=True)
    if not wish.secret and (store is None or (store.endpoint, store.key) != (wish.endpoint, wish.key)):
        raise SecretNeeded
    if store is None:
        store = RecordStore(academy_id=actor.academy_id, namespace=str(uuid.uuid4()))
        session.add(store)
    if store.endpoint != wish.endpoint:
        store.version, store.finding, store.checked_at = "", "", None
    store.endpoint, store.key = wish.endpoint, wish.key
    if wish.secret:
        store.sealed_secret = seal.close(wish.secret)
    store.kinds, store.is_named, store.asks_consent = list(wish.kinds), wish.is_named, wish.asks_consent
    store.check_asked_at, store.next_try_at = clock.now(), None
    session.flush()
    detail = {name: getattr(store, name) for name in ("endpoint", "key", "kinds", "is_named", "asks_consent")}
    _note(session, "record_store_set", store, actor, detail | {"secret_changed": bool(wish.secret)})
    return store


def ask_to_try(session: Session, actor: Actor) -> None:
    """Have the worker ask the store whether it takes statements. Raises NotFound without a store."""
    store = _store(session, actor)
    store.check_asked_at, store.next_try_at = clock.now(), None
    _note(session, "record_store_tried", store, actor, {})


def pause(session: Session, actor: Actor) -> None:
    """Send nothing until somebody says so; what happens meanwhile waits. Raises NotFound without a store."""
    store = _store(session, actor)
    if store.paused_at is None:
        store.paused_at = clock.now()
        _note(session, "record_store_paused", store, actor, {})


def resume(session: Session, actor: Actor) -> None:
    """Send what waits. Raises NotFound without a store."""
    store = _store(session, actor)
    if store.paused_at is not None:
        store.paused_at = store.next_try_at = None
        _note(session, "record_store_resumed", store, actor, {})


def send_again(session: Session, actor: Actor, statement_id: int) -> None:
    """Put a statement that was set aside back among those that wait. Raises NotFound."""
    store, found = _store(session, actor), queries.statement_set_aside(session, actor, statement_id)
    found.set_aside_at, found.answer, found.body = None, "", None
    _note(session, "statements_sent_again", store, actor, {"statement": found.id, "count": 1})


def send_all_again(session: Session, actor: Actor) -> int:
    """The same for all that were set aside; how many. Raises NotFound without a store."""
    store = _store(session, actor)
    aside = update(Statement).where(Statement.academy_id == actor.academy_id, Statement.set_aside_at.is_not(None))
    changed = session.execute(
        aside.values(set_aside_at=None, answer="", body=None).returning(Statement.id),
        execution_options={"synchronize_session": False},
    )
    count = len(changed.all())
    if count:
        _note(session, "statements_sent_again", store, actor, {"count": count})
    return count


def _store(session: Session, actor: Actor) -> RecordStore:
    if (store := queries.store_of(session, actor.academy_id, lock=True)) is None:
        raise NotFound
    return store


def _note(session: Session, verb: str, store: RecordStore, actor: Actor, detail: dict[str, Any]) -> None:
    session.flush()
    audit.record(
        session,
        verb=verb,
        thing=f"record_store:{store.id}",
        actor_id=actor.id,
        academy_id=store.academy_id,
        detail=detail,
    )
