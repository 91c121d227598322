"""Reads about completions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.accounts.queries import accounts_called, with_names
from app.completions.models import Completion, CompletionImport, State
from app.core.access import Action, Actor, Role, Statement, once_visible, one_row_visible, visible
from app.core.db import in_chunks, one
from app.core.paging import Page, Wanted, page_of, page_of_things


@dataclass(frozen=True)
class Reported:
    """A completion and the names of the trainee and of who decided, "" for nobody."""

    completion: Completion
    trainee: str
    decided_by: str


def completion_of(session: Session, actor: Actor, completion_id: int, action: Action) -> Reported:
    """One completion that this actor reaches by this action. Raises NotFound, ClassOver."""
    named = with_names(Completion, of=Completion.trainee_id, decided_by=Completion.decided_by_id)
    columns = Completion.__table__.c
    completion, trainee, decided_by = one_row_visible(
        session,
        actor,
        action,
        named.where(Completion.id == completion_id),
        trainee=columns.trainee_id,
        academy=columns.academy_id,
    )
    return Reported(completion, trainee, decided_by or "")


def completions_of(session: Session, actor: Actor, action: Action, ids: Sequence[int]) -> list[Completion]:
    """Of these completions those that the actor reaches by the action."""
    found: list[Completion] = []
    for some in in_chunks(ids):
        statement = select(Completion).where(Completion.id.in_(some)).order_by(Completion.trainee_id, Completion.id)
        found += session.scalars(_within(actor, action, statement))
    return found


def of_classes_over(session: Session, actor: Actor, ids: Collection[int]) -> int:
    """How many of these completions, none of which the actor reaches, are of trainees whom they once taught."""
    columns = Completion.__table__.c
    count = 0
    for some in in_chunks(sorted(ids)):
        statement = select(func.count(Completion.id)).where(Completion.id.in_(some))
        taught = once_visible(actor, statement, trainee=columns.trainee_id, academy=columns.academy_id)
        count += session.scalar(taught) or 0
    return count


def own(session: Session, actor: Actor, wanted: Wanted) -> Page[Completion]:
    """What somebody reported, the newest first."""
    statement = select(Completion).where(Completion.trainee_id == actor.id).order_by(Completion.id.desc())
    return page_of_things(session, statement, wanted)


def waiting(session: Session, actor: Actor, wanted: Wanted) -> Page[Reported]:
    """What nobody has looked at yet, the oldest first."""
    statement = (
        select(Completion, Account.full_name)
        .join(Account, Account.id == Completion.trainee_id)
        .where(Completion.state == State.REPORTED)
        .order_by(Completion.id)
    )
    found = page_of(session, _within(actor, Action.JUDGE_COMPLETIONS, statement), wanted)
    return found.made(lambda rows: [Reported(completion, name, "") for completion, name in rows])


def import_of_academy(session: Session, actor: Actor, import_id: int) -> CompletionImport:
    """Raises NotFound."""
    columns = CompletionImport.__table__.c
    statement = select(CompletionImport).where(CompletionImport.id == import_id)
    scoped = visible(actor, Action.BRING_COMPLETIONS, statement, trainee=columns.made_by_id, academy=columns.academy_id)
    return one(session, scoped)


def trainees_named(session: Session, actor: Actor, usernames: Sequence[str]) -> dict[str, int]:
    """Ids of the trainees of the actor's academy who bear these user names."""
    called = accounts_called(session, actor.academy_id, usernames)
    return {name: each.id for name, each in called.items() if each.role is Role.TRAINEE}


def standing_of(session: Session, trainee_ids: Sequence[int]) -> list[Completion]:
    """What these trainees reported and is neither refused nor withdrawn."""
    found: list[Completion] = []
    for ids in in_chunks(sorted(set(trainee_ids))):
        found += session.scalars(
            select(Completion).where(
                Completion.trainee_id.in_(ids), Completion.state.in_([State.REPORTED, State.APPROVED])
            )
        )
    return found


def _within(actor: Actor, action: Action, statement: Statement) -> Statement:
    columns = Completion.__table__.c
    return visible(actor, action, statement, trainee=columns.trainee_id, academy=columns.academy_id)
