"""The outbox: what trainees do is written down to be told, in the same transaction in which it is recorded."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts import consent
from app.accounts.models import Account
from app.accounts.queries import cohort_of_trainee
from app.record_store.models import RecordStore, Statement, StatementKind


def tell(
    session: Session,
    trainee: Account,
    kind: StatementKind,
    thing_id: int,
    *,
    at: datetime,
    facts: Mapping[str, Any],
    revision: str = "",
) -> None:
    """Have a record store told that a trainee did something; told twice is told once.

    facts: module_id, activity_id and what else the kind needs (app.record_store.statements). revision: which of several
    results of one thing this is. Nothing where the academy has no store, does not want this kind, or the trainee's
    consent that it asks for is missing.
    """
    store = session.scalar(select(RecordStore).where(RecordStore.academy_id == trainee.academy_id))
    if store is None or kind not in store.kinds or not may_be_told(session, store, trainee.id):
        return
    name = str(uuid.uuid5(uuid.UUID(store.namespace), f"{trainee.id}:{kind}:{thing_id}:{revision}"))
    if session.scalar(select(Statement.id).where(Statement.name == name)) is not None:
        return
    told = dict(facts)
    if "module_id" in told and "cohort_id" not in told:
        told["cohort_id"] = cohort_of_trainee(session, trainee.id, told["module_id"])
    session.add(
        Statement(
            academy_id=trainee.academy_id,
            trainee_id=trainee.id,
            kind=kind,
            thing_id=thing_id,
            name=name,
            facts=told,
            at=at,
        )
    )
    session.flush()


def forget_unsent(session: Session, trainee: Account) -> None:
    """Where consent is asked: what waits of who answers now was done before, and is never told.

    After a "no" nothing is. At a later "yes" what was under way while the "no" was given is found here.
    """
    store = session.scalar(select(RecordStore).where(RecordStore.academy_id == trainee.academy_id))
    if store is not None and store.asks_consent:
        unsent = delete(Statement).where(Statement.trainee_id == trainee.id, Statement.sent_at.is_(None))
        session.execute(unsent, execution_options={"synchronize_session": False})


def may_be_told(session: Session, store: RecordStore, trainee_id: int) -> bool:
    """Whether anything of a trainee may be sent there now."""
    if not store.asks_consent:
        return True
    agreed = consent.standing(session, trainee_id, consent.Purpose.RECORD_STORE)
    return agreed is not None and agreed.is_given
