"""Reads of opened records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, ScalarSelect, Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.appeals.models import Appeal
from app.appeals.queries import owed_to
from app.competencies.queries import holder_of_record
from app.core.access import Action, Actor, holds
from app.core.openings import RecordOpening, openings_now
from app.core.paging import Page, Wanted, page_of


@dataclass(frozen=True)
class Record:
    """The record of a person before it is opened. opening: how it is open to the actor now, None for not at all.

    appeal: what the academy has to decide for this person, None for nothing.
    """

    person: Account
    opening: RecordOpening | None
    appeal: Appeal | None


def record(session: Session, actor: Actor, person_id: int) -> Record:
    """The record of somebody else in the actor's academy. Raises NotFound for who has none."""
    person = holder_of_record(session, actor, person_id, Action.OPEN_RECORDS)
    return Record(person, opening_of(session, actor, person_id), owed_to(session, person_id))


def opening_of(session: Session, actor: Actor, person_id: int) -> RecordOpening | None:
    """By what a person's record is open to the actor now."""
    return session.scalar(_open_now(actor).where(RecordOpening.trainee_id == person_id))


def counting_open(actor: Actor) -> ScalarSelect[int]:
    """How many records are open to the actor now, as a part of a statement."""
    return select(func.count()).select_from(_open_now(actor).order_by(None).subquery()).scalar_subquery()


def open_to(session: Session, actor: Actor) -> list[Row[RecordOpening, str]]:
    """Every record that is open to the actor now, with the person's name, the one that ends first before the others."""
    if not holds(actor, Action.OPEN_RECORDS):
        return []
    statement = _open_now(actor).add_columns(Account.full_name).join(Account, Account.id == RecordOpening.trainee_id)
    return list(session.execute(statement))


def openings_of(session: Session, person_id: int, wanted: Wanted) -> Page[Row[RecordOpening, str]]:
    """Who opened a person's record, with their names, the newest first."""
    statement = (
        select(RecordOpening, Account.full_name)
        .join(Account, Account.id == RecordOpening.opened_by_id)
        .where(RecordOpening.trainee_id == person_id)
        .order_by(RecordOpening.id.desc())
    )
    return page_of(session, statement, wanted)


def over(session: Session, now: datetime) -> list[RecordOpening]:
    """Openings whose time is over and which nobody closed."""
    statement = select(RecordOpening).where(RecordOpening.closed_at.is_(None), RecordOpening.ends_at <= now)
    return list(session.scalars(statement.order_by(RecordOpening.id)))


def _open_now(actor: Actor) -> Select[RecordOpening]:
    return openings_now(actor.id).order_by(RecordOpening.ends_at, RecordOpening.id)
