"""Reads about attestations."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Academy, Account
from app.accounts.queries import with_names
from app.attestations.models import Attestation, State
from app.core import clock
from app.core.access import Action, Actor, Statement, one_row_visible, visible
from app.core.db import one_row
from app.core.paging import Page, Wanted, page_of, page_of_things


@dataclass(frozen=True)
class Asked:
    """An attestation with the names of the trainee and of who decided, "" for nobody."""

    attestation: Attestation
    trainee: str
    decided_by: str

    @property
    def doubts(self) -> list[str]:
        """What speaks against the answer being a supervisor's own, by code (wording)."""
        each = self.attestation
        named, typed = (_plain(name) for name in (each.supervisor_name, each.attester_name))
        found = [("other_name", typed != named), ("own_name", typed == _plain(self.trainee))]
        return [code for code, is_so in found if is_so] if each.seen is not None else []


@dataclass(frozen=True)
class Opened:
    """What a link opens."""

    attestation: Attestation
    trainee: str
    academy: Academy

    @property
    def is_open(self) -> bool:
        """Whether an answer is still taken."""
        expires_at = self.attestation.expires_at
        return self.attestation.state is State.ASKED and expires_at is not None and expires_at > clock.now()


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def opened_by(session: Session, token: str) -> Opened:
    """What this link opens or once opened. Raises NotFound for one that never did."""
    statement = (
        select(Attestation, Account.full_name, Academy)
        .join(Account, Account.id == Attestation.trainee_id)
        .join(Academy, Academy.id == Attestation.academy_id)
        .where(Attestation.token_hash == hash_of(token))
    )
    found = one_row(session, statement)
    return Opened(*found)


def attestation_of(session: Session, actor: Actor, attestation_id: int, action: Action) -> Asked:
    """One attestation that this actor reaches by this action. Raises NotFound, ClassOver."""
    named = with_names(Attestation, of=Attestation.trainee_id, decided_by=Attestation.decided_by_id)
    columns = Attestation.__table__.c
    attestation, trainee, decided_by = one_row_visible(
        session,
        actor,
        action,
        named.where(Attestation.id == attestation_id),
        trainee=columns.trainee_id,
        academy=columns.academy_id,
    )
    return Asked(attestation, trainee, decided_by or "")


def own(session: Session, actor: Actor, wanted: Wanted) -> Page[Attestation]:
    """What somebody asked for, the newest first."""
    statement = select(Attestation).where(Attestation.trainee_id == actor.id).order_by(Attestation.id.desc())
    return page_of_things(session, statement, wanted)


def waiting(session: Session, actor: Actor, wanted: Wanted) -> Page[Asked]:
    """What supervisors said and nobody has looked at yet, the oldest first."""
    statement = (
        select(Attestation, Account.full_name)
        .join(Account, Account.id == Attestation.trainee_id)
        .where(Attestation.state == State.ANSWERED)
        .order_by(Attestation.id)
    )
    found = page_of(session, _within(actor, Action.JUDGE_ATTESTATIONS, statement), wanted)
    return found.made(lambda rows: [Asked(attestation, name, "") for attestation, name in rows])


def confirmed_of(session: Session, trainee_id: int) -> list[Attestation]:
    """What supervisors saw of a trainee and instructors confirmed, the newest work first."""
    statement = select(Attestation).where(Attestation.trainee_id == trainee_id, Attestation.state == State.CONFIRMED)
    return list(session.scalars(statement.order_by(Attestation.done_on.desc(), Attestation.id.desc())))


def number_open(session: Session, trainee_id: int) -> int:
    """How many of a trainee's attestations wait for a supervisor."""
    statement = select(func.count()).where(
        Attestation.trainee_id == trainee_id, Attestation.state == State.ASKED, Attestation.expires_at > clock.now()
    )
    return session.scalar(statement) or 0


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _within(actor: Actor, action: Action, statement: Statement) -> Statement:
    columns = Attestation.__table__.c
    return visible(actor, action, statement, trainee=columns.trainee_id, academy=columns.academy_id)
