"""Reads about erasure: what is asked for, what would go, and what is left; and what a former trainee left."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Column, Row, ScalarSelect, Table, exists, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from app.accounts.models import Account
from app.appeals.models import Appeal
from app.attestations.models import Attestation
from app.competencies.models import Evidence
from app.competencies.queries import was_trainee
from app.completions.models import Completion
from app.core.access import Action, Actor, Role, Statement, visible
from app.core.db import Base, in_chunks, one_row
from app.core.jobs import Job, JobKind
from app.core.paging import Page, Wanted, page_of
from app.credentials.models import Credential
from app.rights.fates import TREATED, Fate, Treatment
from app.rights.models import ErasureRequest, Tombstone

# Jobs that write what would be left behind.
UNDER_WAY = (JobKind.GRADE_SUBMISSION, JobKind.REGRADE_SUBMISSION, JobKind.SCORE_RUN)
NAMES_A_FILE = "sha256"


@dataclass(frozen=True)
class Left:
    """Of what there is something from the time when somebody was a trainee."""

    was_trainee: bool
    has_record: bool
    has_completions: bool
    has_attestations: bool
    has_appeals: bool


@dataclass(frozen=True)
class Asked:
    """A request for erasure with names. decided_by: "" for nobody."""

    request: ErasureRequest
    person: Account
    decided_by: str


def left_as_trainee(session: Session, person: Account) -> Left | None:
    """What somebody who is no trainee now left as one; None for trainees, and for who left nothing."""
    if person.role is Role.TRAINEE:
        return None
    record, completions, attestations, appeals = session.execute(
        select(
            exists().where(Evidence.trainee_id == person.id),
            exists().where(Completion.trainee_id == person.id),
            exists().where(Attestation.trainee_id == person.id),
            exists().where(Appeal.trainee_id == person.id),
        )
    ).one()
    found = Left(was_trainee(session, person), record, completions, attestations, appeals)
    return found if any(astuple(found)) else None


def newest_request(session: Session, account_id: int) -> ErasureRequest | None:
    """What somebody asked last, whatever became of it."""
    statement = select(ErasureRequest).where(ErasureRequest.account_id == account_id)
    return session.scalar(statement.order_by(ErasureRequest.id.desc()).limit(1))


def request_of_academy(session: Session, actor: Actor, request_id: int) -> Asked:
    """One request that this actor decides on. Raises NotFound."""
    decider = aliased(Account)
    statement = (
        select(ErasureRequest, Account, decider.full_name)
        .join(Account, Account.id == ErasureRequest.account_id)
        .outerjoin(decider, decider.id == ErasureRequest.decided_by_id)
        .where(ErasureRequest.id == request_id)
    )
    found = one_row(session, _within(actor, statement))
    return Asked(found[0], found[1], found[2] or "")


def requests_of_academy(session: Session, actor: Actor, wanted: Wanted) -> Page[Row[ErasureRequest, str]]:
    """Requests with names: what waits first, the longest overdue before the others, then the newest."""
    statement = (
        select(ErasureRequest, Account.full_name)
        .join(Account, Account.id == ErasureRequest.account_id)
        .where(ErasureRequest.withdrawn_at.is_(None))
        .order_by(ErasureRequest.decided_at.is_not(None), ErasureRequest.due_at, ErasureRequest.id)
    )
    return page_of(session, _within(actor, statement), wanted)


def counting_requests(actor: Actor) -> ScalarSelect[int]:
    """How many requests for erasure this actor's academy has to decide, as a part of a statement."""
    requests = select(func.count(ErasureRequest.id)).where(
        ErasureRequest.decided_at.is_(None), ErasureRequest.withdrawn_at.is_(None)
    )
    return _within(actor, requests).scalar_subquery()


def tombstone_of(session: Session, account_id: int) -> Tombstone | None:
    return session.scalar(select(Tombstone).where(Tombstone.account_id == account_id))


def rows_there_are(session: Session, person: int) -> list[tuple[Treatment, int]]:
    """How many rows of each table are about a person."""
    counts = (
        select(literal(place).label("place"), func.count().label("number"))
        .select_from(each.table)
        .where(each.of(person))
        for place, each in enumerate(TREATED)
    )
    found = {row.place: row.number for row in session.execute(union_all(*counts))}
    return [(each, found[place]) for place, each in enumerate(TREATED)]


def left_over(session: Session, person: int) -> list[str]:
    """Tables that should hold nothing of a person and do."""
    return [each.name for each, count in rows_there_are(session, person) if each.fate is Fate.DELETED and count]


def has_credentials(session: Session, person: int) -> bool:
    return session.scalar(select(Credential.id).where(Credential.trainee_id == person).limit(1)) is not None


def is_being_worked_on(session: Session, person: int) -> bool:
    """Whether a worker has something of this person to grade or to score."""
    [jobs] = [each for each in TREATED if each.table is Job]
    waits = (Job.finished_at.is_(None), Job.failure.is_(None), Job.kind.in_(UNDER_WAY))
    return session.scalar(select(Job.id).where(jobs.of(person), *waits).limit(1)) is not None


def files_named(session: Session, person: int) -> set[str]:
    """Digests of the files that rows of a person name, in tables of which they are deleted."""
    found: set[str] = set()
    for each in TREATED:
        if each.fate is Fate.DELETED:
            for column in columns_of_files(cast(Table, each.table.__table__)):
                found |= set(session.scalars(select(column).where(each.of(person), column.is_not(None))))
    return found


def still_named(session: Session, digests: Collection[str]) -> set[str]:
    """Of these files those that a row of any table names."""
    found: set[str] = set()
    for table in Base.metadata.sorted_tables:
        for column in columns_of_files(table):
            for some in in_chunks(sorted(digests)):
                found |= set(session.scalars(select(column).where(column.in_(some))))
    return found


def columns_of_files(table: Table) -> Iterator[Column[str]]:
    """The columns that name files, by what all of them are called."""
    return (column for column in table.columns if column.name.endswith(NAMES_A_FILE))


def unfinished(session: Session, *, erased_before: datetime) -> list[Tombstone]:
    """Tombstones whose files are not all gone yet."""
    statement = select(Tombstone).where(Tombstone.files_removed_at.is_(None), Tombstone.erased_at < erased_before)
    return list(session.scalars(statement.order_by(Tombstone.id)))


def _within(actor: Actor, statement: Statement) -> Statement:
    columns = ErasureRequest.__table__.c
    return visible(actor, Action.ERASE_PEOPLE, statement, trainee=columns.account_id, academy=columns.academy_id)
