"""Reads about cohorts, who is in them and who could be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, literal, not_, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort, Enrolment, Posting, Withdrawal
from app.accounts.queries import OwnCohort, accounts_called, cohort_of_academy, instructors_of
from app.core.access import Action, Actor, Role, Scope, scope_of
from app.core.classes import taught_by
from app.core.db import in_chunks
from app.core.errors import NotFound
from app.core.locale import today
from app.core.paging import Page, Wanted, page_of
from app.enrolment.models import Invitation, JoiningCode


@dataclass(frozen=True)
class Member:
    """Somebody in a cohort, or who was."""

    id: int
    full_name: str
    username: str
    department: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Invited:
    """Somebody who was asked into a cohort. refused_at: None as long as there is no answer."""

    full_name: str
    username: str
    asked_at: datetime
    refused_at: datetime | None


@dataclass(frozen=True)
class OpenInvitation:
    """What a trainee is asked into, with who teaches there and who asks."""

    invitation: Invitation
    into: OwnCohort
    asked_by: str


@dataclass(frozen=True)
class Candidate:
    """Somebody who would come in; is_asked: only with their own yes."""

    id: int
    full_name: str
    username: str
    department: str
    grade: int | None
    is_asked: bool


@dataclass(frozen=True)
class Rule:
    """Trainees by where they work; what is None or empty asks nothing."""

    department: str = ""
    lowest_grade: int | None = None
    highest_grade: int | None = None
    posted_since: date | None = None


@dataclass(frozen=True)
class Selection:
    """Who would come into a cohort, or be asked into it.

    enrolled: user names of those who are in it; waiting: of those who were asked already; unknown: names of no trainee.
    """

    candidates: tuple[Candidate, ...]
    enrolled: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def at_once(self) -> tuple[Candidate, ...]:
        return tuple(each for each in self.candidates if not each.is_asked)

    @property
    def asked(self) -> tuple[Candidate, ...]:
        return tuple(each for each in self.candidates if each.is_asked)

    @property
    def digest(self) -> str:
        """By which the answer to what was shown is told from an answer to something else."""
        return hashlib.sha256(
            json.dumps(sorted((each.id, each.is_asked) for each in self.candidates)).encode()
        ).hexdigest()


def cohort(session: Session, actor: Actor, cohort_id: int, *, lock: bool = False) -> Cohort:
    """A cohort of the actor's academy; locked, others who enrol or withdraw wait. Raises NotFound."""
    return cohort_of_academy(session, actor, cohort_id, Action.KEEP_COHORTS, lock=lock)


def cohort_to_staff(session: Session, actor: Actor, cohort_id: int, *, lock: bool = False) -> Cohort:
    """A cohort for which the actor names instructors; locked, others who name some wait. Raises NotFound."""
    return cohort_of_academy(session, actor, cohort_id, Action.NAME_INSTRUCTORS, lock=lock)


def instructors_called(session: Session, academy_id: int, usernames: Sequence[str]) -> dict[str, Account]:
    """Instructors of an academy by those of these user names that they bear, locked so that they stay instructors."""
    called = accounts_called(session, academy_id, usernames, lock=True)
    return {name: each for name, each in called.items() if each.role is Role.INSTRUCTOR}


def is_named(session: Session, academy_id: int, name: str, *, other_than: int | None) -> bool:
    """Whether another cohort of the academy bears this name."""
    same = select(Cohort.id).where(Cohort.academy_id == academy_id, Cohort.name == name)
    if other_than is not None:
        same = same.where(Cohort.id != other_than)
    return session.scalar(same.limit(1)) is not None


def members(session: Session, cohort_id: int, wanted: Wanted) -> Page[Member]:
    """Who is in a cohort, by name."""
    statement = (
        select(Account.id, Account.full_name, Account.username, Posting.department, Enrolment.enrolled_at)
        .join(Enrolment, Enrolment.trainee_id == Account.id)
        .outerjoin(Posting, _present())
        .where(Enrolment.cohort_id == cohort_id)
        .order_by(Account.full_name, Account.id)
    )
    page = page_of(session, statement, wanted)
    return page.made(lambda rows: [Member(row[0], row[1], row[2], row[3] or "", row[4]) for row in rows])


def withdrawn(session: Session, cohort_id: int, wanted: Wanted) -> Page[Member]:
    """Who was withdrawn from a cohort, the last first."""
    statement = (
        select(
            *(Account.id, Account.full_name, Account.username, Posting.department),
            *(Withdrawal.enrolled_at, Withdrawal.withdrawn_at),
        )
        .join(Withdrawal, Withdrawal.trainee_id == Account.id)
        .outerjoin(Posting, _present())
        .where(Withdrawal.cohort_id == cohort_id)
        .order_by(Withdrawal.id.desc())
    )
    page = page_of(session, statement, wanted)
    return page.made(lambda rows: [Member(row[0], row[1], row[2], row[3] or "", row[4], row[5]) for row in rows])


def open_code(session: Session, cohort_id: int) -> JoiningCode | None:
    """The code of a cohort that was not closed; it may be used up or past its last day."""
    statement = select(JoiningCode).where(JoiningCode.cohort_id == cohort_id, JoiningCode.closed_at.is_(None))
    return session.scalar(statement.order_by(JoiningCode.id.desc()).limit(1))


def code_of_academy(session: Session, academy_id: int, code: str) -> tuple[JoiningCode, Cohort] | None:
    """A code of this academy with its cohort, both locked so that it is counted right; None for none."""
    statement = (
        select(JoiningCode, Cohort)
        .join(Cohort, Cohort.id == JoiningCode.cohort_id)
        .where(JoiningCode.code == code, Cohort.academy_id == academy_id, JoiningCode.closed_at.is_(None))
        .with_for_update(of=[JoiningCode, Cohort], key_share=True)
    )
    found = session.execute(statement).first()
    return (found[0], found[1]) if found else None


def invited(session: Session, cohort_id: int, wanted: Wanted) -> Page[Invited]:
    """Who was asked into a cohort and has not come in, by name."""
    statement = (
        select(Account.full_name, Account.username, Invitation.asked_at, Invitation.refused_at)
        .join(Invitation, Invitation.trainee_id == Account.id)
        .where(Invitation.cohort_id == cohort_id, ~_came_in())
        .order_by(Account.full_name, Account.id)
    )
    return page_of(session, statement, wanted).made(lambda rows: [Invited(*row) for row in rows])


def open_invitations(session: Session, actor: Actor) -> list[OpenInvitation]:
    """What this trainee is asked into and has not answered, of cohorts that have not ended, the oldest first."""
    statement = (
        select(Invitation, Cohort, Account.full_name)
        .join(Cohort, Cohort.id == Invitation.cohort_id)
        .join(Account, Account.id == Invitation.asked_by_id)
        .where(Invitation.trainee_id == actor.id, Invitation.refused_at.is_(None), ~_came_in())
        .where(or_(Cohort.ends_on.is_(None), Cohort.ends_on >= today()))
        .order_by(Invitation.asked_at, Invitation.cohort_id)
    )
    rows = session.execute(statement).all()
    teach = instructors_of(session, [cohort.id for _invitation, cohort, _name in rows])
    return [
        OpenInvitation(invitation, OwnCohort.of(cohort, teach.get(cohort.id, ())), name)
        for invitation, cohort, name in rows
    ]


def open_invitation(session: Session, actor: Actor, cohort_id: int) -> OpenInvitation:
    """The one into this cohort. Raises NotFound."""
    for each in open_invitations(session, actor):
        if each.invitation.cohort_id == cohort_id:
            return each
    raise NotFound


def accounts_of(session: Session, candidates: Sequence[Candidate]) -> list[Account]:
    """The accounts of these people."""
    found: list[Account] = []
    for ids in in_chunks([each.id for each in candidates]):
        found += session.scalars(select(Account).where(Account.id.in_(ids)).order_by(Account.id))
    return found


def is_in(session: Session, cohort_id: int, trainee_id: int) -> bool:
    statement = select(Enrolment.id).where(Enrolment.cohort_id == cohort_id, Enrolment.trainee_id == trainee_id)
    return session.scalar(statement) is not None


def departments(session: Session, academy_id: int) -> list[str]:
    """Where the trainees of an academy work now."""
    statement = select(Posting.department).join(Account, _present())
    trainees = statement.where(Account.academy_id == academy_id, Account.role == Role.TRAINEE)
    return list(session.scalars(trainees.where(Posting.department != "").distinct().order_by(Posting.department)))


def chosen_by_rule(session: Session, actor: Actor, found: Cohort, rule: Rule) -> Selection:
    """Trainees of the academy to whom the rule applies and who are neither in the cohort nor asked into it, by name."""
    statement = _trainees(session, actor, found)
    if rule.department:
        statement = statement.where(Posting.department == rule.department)
    if rule.lowest_grade is not None:
        statement = statement.where(Posting.grade >= rule.lowest_grade)
    if rule.highest_grade is not None:
        statement = statement.where(Posting.grade <= rule.highest_grade)
    if rule.posted_since is not None:
        statement = statement.where(Posting.begins_on >= rule.posted_since)
    enrolled = exists().where(Enrolment.cohort_id == found.id, Enrolment.trainee_id == Account.id)
    rows = session.execute(statement.where(~enrolled).order_by(Account.full_name, Account.id)).all()
    chosen = [Candidate(*row[:-1]) for row in rows if not (row.is_asked and row.was_asked)]
    return Selection(tuple(chosen))


def chosen_by_list(session: Session, actor: Actor, found: Cohort, usernames: Sequence[str]) -> Selection:
    """Those of these people who are trainees of the academy, in the order of the list, and what became of the rest."""
    names = list(dict.fromkeys(usernames))
    trainees: dict[str, Candidate] = {}
    enrolled: set[str] = set()
    waiting: set[str] = set()
    for some_names in in_chunks(names):
        bears_one = Account.username.in_(some_names)
        rows = session.execute(_trainees(session, actor, found).where(bears_one)).all()
        trainees |= {row.username: Candidate(*row[:-1]) for row in rows}
        waiting |= {row.username for row in rows if row.is_asked and row.was_asked}
        members = select(Account.username).join(Enrolment, Enrolment.trainee_id == Account.id)
        enrolled |= set(session.scalars(members.where(Enrolment.cohort_id == found.id, bears_one)))
    return Selection(
        tuple(trainees[name] for name in names if name in trainees and name not in enrolled | waiting),
        tuple(name for name in names if name in enrolled),
        tuple(name for name in names if name in waiting - enrolled),
        tuple(name for name in names if name not in trainees and name not in enrolled),
    )


def _trainees(session: Session, actor: Actor, found: Cohort) -> Select[int, str, str, str, int | None, bool, bool]:
    was_asked = exists().where(Invitation.cohort_id == found.id, Invitation.trainee_id == Account.id)
    return (
        select(
            *(Account.id, Account.full_name, Account.username, Posting.department, Posting.grade),
            *(_is_to_be_asked(session, actor, found).label("is_asked"), was_asked.label("was_asked")),
        )
        .outerjoin(Posting, _present())
        .where(Account.academy_id == found.academy_id, Account.role == Role.TRAINEE, Account.erased_at.is_(None))
    )


def _came_in() -> ColumnElement[bool]:
    return exists().where(Enrolment.cohort_id == Invitation.cohort_id, Enrolment.trainee_id == Invitation.trainee_id)


def _is_to_be_asked(session: Session, actor: Actor, found: Cohort) -> ColumnElement[bool]:
    """Whether a trainee comes in only with their own yes: an instructor would come to see what others taught them.

    Not who was in no cohort so far, and not whom every instructor of this cohort sees already.
    """
    if scope_of(actor, Action.KEEP_COHORTS) is not Scope.CLASS:
        return literal(False)
    was_in_one = or_(
        exists().where(Enrolment.trainee_id == Account.id), exists().where(Withdrawal.trainee_id == Account.id)
    )
    seen_by = [Account.id.in_(taught_by(each.id)) for each in instructors_of(session, [found.id])[found.id]]
    return and_(was_in_one, not_(and_(*seen_by)))


def _present() -> ColumnElement[bool]:
    return and_(Posting.account_id == Account.id, Posting.ends_on.is_(None))
