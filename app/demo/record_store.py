"""A record store of the academy, with a statement that it did not want."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Academy
from app.core import clock
from app.core.sealing import Seal
from app.record_store.models import RecordStore, Statement, StatementKind


def tell_a_store(session: Session, seal: Seal, academy: Academy) -> None:
    """A record store that nobody runs: paused, so that statements wait for it and nothing leaves the machine."""
    session.add(
        RecordStore(
            academy_id=academy.id,
            endpoint="https://records.example.org/xapi",
            key="hunar",
            sealed_secret=seal.close("an example"),
            kinds=list(StatementKind),
            namespace=str(uuid.uuid4()),
            paused_at=clock.now(),
        )
    )
    session.flush()


def refuse_a_statement(session: Session) -> None:
    """One that a store did not want, for the administrator to look at."""
    first = session.scalars(select(Statement).order_by(Statement.id).limit(1)).one()
    first.set_aside_at, first.answer = clock.now(), "400 The definition of an activity needs a description."
