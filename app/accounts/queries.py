"""Reads about people."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self, TypeVar, cast

from flask_login import current_user
from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload

from app.accounts.models import Academy, Account, Cohort, Enrolment, Posting
from app.core.access import Action, Actor, Role, cohorts_visible, one_cohort_visible, one_visible, visible
from app.core.classes import CohortInstructor, is_over, last_day_open
from app.core.db import in_chunks
from app.core.errors import NotFound
from app.core.paging import Page, Wanted, page_of_things

Row = TypeVar("Row")


def current_account() -> Account:
    """The account of this request; only for views that require an action."""
    return cast(Account, current_user)


def account_named(session: Session, username: str) -> Account | None:
    return session.scalar(select(Account).where(Account.username == username.strip().lower()))


def lock_academy(session: Session, academy_id: int) -> None:
    """Make others who change what an academy has once, as the names of its cohorts, wait for this transaction's end."""
    session.execute(select(Academy.id).where(Academy.id == academy_id).with_for_update(key_share=True))


def lock(session: Session, account_id: int) -> None:
    """Make other requests that write for this person wait until the present transaction has ended.

    Rows that only refer to the account are not held up. SQLite's writers wait for each other anyway. Raises NotFound
    for whoever was erased, also while this waited. In which order locks are taken: docs/architecture.md.
    """
    lock_all(session, [account_id])


def lock_all(session: Session, account_ids: Collection[int]) -> None:
    """As `lock`, of several people. Raises NotFound where any of them was erased."""
    # A session is one transaction (app/core/db.py), so what it has locked stays locked.
    held: set[int] = session.info.setdefault("locked_accounts", set())
    for ids in in_chunks(sorted(set(account_ids) - held)):
        if len(session.scalars(_not_erased(ids).with_for_update(key_share=True)).all()) < len(ids):
            raise NotFound
        held.update(ids)


def lock_trainee(session: Session, account_id: int) -> None:
    """As `lock`. Raises NotFound also for whoever got another role, even while this waited."""
    lock(session, account_id)
    if session.get_one(Account, account_id, populate_existing=True).role is not Role.TRAINEE:
        raise NotFound


def lock_alone(session: Session, account_id: int) -> None:
    """As `lock`, but rows that refer to the account are held up too, and those that others wrote are waited for.

    Whoever was erased is no exception.
    """
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update())


def still_here(session: Session, account_ids: Collection[int]) -> set[int]:
    """Those of these who were not erased, and who will not be before the present transaction has ended.

    Nobody who locks them is waited for but who erases, so this is asked after any other lock.
    """
    found: set[int] = set()
    for ids in in_chunks(sorted(set(account_ids))):
        found.update(session.scalars(_not_erased(ids).with_for_update(read=True, key_share=True)))
    return found


def _not_erased(account_ids: Collection[int]) -> Select[int]:
    """By id, so that two who lock the same people wait for each other and not both of them for ever."""
    return select(Account.id).where(Account.id.in_(account_ids), Account.erased_at.is_(None)).order_by(Account.id)


def accounts_of_academy(session: Session, actor: Actor, wanted: Wanted) -> Page[Account]:
    """Everyone in the actor's academy with their present posting, by name."""
    statement = visible(
        actor,
        Action.CHANGE_ROLES,
        select(Account)
        .options(joinedload(Account.posting))
        .where(Account.erased_at.is_(None))
        .order_by(Account.full_name, Account.id),
        trainee=Account.__table__.c.id,
        academy=Account.__table__.c.academy_id,
    )
    return page_of_things(session, statement, wanted)


def account_of_academy(session: Session, actor: Actor, account_id: int, action: Action) -> Account:
    """One person, if this actor may reach them by this action.

    Raises NotFound, also for who was erased; RecordClosed, ClassOver.
    """
    columns = Account.__table__.c
    statement = select(Account).where(Account.id == account_id, Account.erased_at.is_(None))
    return one_visible(session, actor, action, statement, trainee=columns.id, academy=columns.academy_id)


def accounts_called(
    session: Session, academy_id: int, usernames: Collection[str], *, lock: bool = False
) -> dict[str, Account]:
    """People of an academy by those of these user names that they bear; locked as by `lock`."""
    found: dict[str, Account] = {}
    for names in in_chunks(sorted(set(usernames))):
        statement = select(Account).where(
            Account.username.in_(names), Account.academy_id == academy_id, Account.erased_at.is_(None)
        )
        if lock:
            statement = statement.order_by(Account.id).with_for_update(of=[Account], key_share=True)
            statement = statement.execution_options(populate_existing=True)
        found |= {each.username: each for each in session.scalars(statement)}
    return found


def with_names(
    table: type[Row], *, of: InstrumentedAttribute[int], decided_by: InstrumentedAttribute[int | None]
) -> Select[Row, str, str | None]:
    """Rows about people with the names of these and of who decided, None for nobody."""
    decider = aliased(Account)
    named = select(table, Account.full_name, decider.full_name).join(Account, Account.id == of)
    return named.outerjoin(decider, decider.id == decided_by)


def cohort_of_academy(session: Session, actor: Actor, cohort_id: int, action: Action, *, lock: bool = False) -> Cohort:
    """A cohort, if this actor may reach it by this action; locked, others who change it wait.

    Raises NotFound, ClassOver.
    """
    columns = Cohort.__table__.c
    statement = select(Cohort).where(Cohort.id == cohort_id)
    if lock:
        statement = statement.with_for_update(key_share=True)
    return one_cohort_visible(session, actor, action, statement, cohort=columns.id, academy=columns.academy_id)


def reachable_cohorts(session: Session, actor: Actor, cohort_ids: Collection[int]) -> set[int]:
    """Those of these cohorts whose pages, which name people, the actor may see."""
    columns = Cohort.__table__.c
    statement = select(Cohort.id).where(Cohort.id.in_(cohort_ids))
    within = cohorts_visible(actor, Action.SEE_COHORTS, statement, cohort=columns.id, academy=columns.academy_id)
    return set(session.scalars(within))


@dataclass(frozen=True)
class OwnCohort:
    """A cohort of a trainee with the names of who teaches it.

    open_until: the last day on which these see what the trainee did; None for a cohort without a last day.
    """

    cohort: Cohort
    instructors: tuple[str, ...]
    open_until: date | None

    @classmethod
    def of(cls, cohort: Cohort, instructors: Iterable[Account]) -> Self:
        names = tuple(each.full_name for each in instructors)
        return cls(cohort, names, last_day_open(cohort.ends_on) if cohort.ends_on else None)

    @property
    def is_over(self) -> bool:
        """Whether its instructors see it no more."""
        return is_over(self.cohort.ends_on)


def own_cohorts(session: Session, trainee_id: int) -> list[OwnCohort]:
    """The cohorts that a trainee is in, by name."""
    statement = select(Cohort).join(Enrolment, Enrolment.cohort_id == Cohort.id)
    found = session.scalars(statement.where(Enrolment.trainee_id == trainee_id).order_by(Cohort.name, Cohort.id)).all()
    teach = instructors_of(session, [each.id for each in found])
    return [OwnCohort.of(each, teach.get(each.id, ())) for each in found]


def instructors_of(session: Session, cohort_ids: Collection[int]) -> dict[int, list[Account]]:
    """Who teaches each of these cohorts, by name; nothing of those that nobody teaches."""
    statement = (
        select(CohortInstructor.cohort_id, Account)
        .join(Account, Account.id == CohortInstructor.instructor_id)
        .where(CohortInstructor.cohort_id.in_(cohort_ids))
        .order_by(Account.full_name, Account.id)
    )
    found: dict[int, list[Account]] = {}
    for cohort_id, account in session.execute(statement):
        found.setdefault(cohort_id, []).append(account)
    return found


def former_began_on() -> ScalarSelect[date | None]:
    """Selects, of an account, the day on which the posting before the present one began."""
    ended = aliased(Posting)
    began = select(func.max(ended.begins_on)).where(ended.account_id == Account.id, ended.ends_on.is_not(None))
    return began.correlate(Account).scalar_subquery()


def postings_of(session: Session, account_id: int) -> list[Posting]:
    """Where a person works and worked, the present posting first."""
    statement = select(Posting).where(Posting.account_id == account_id)
    return list(
        session.scalars(statement.order_by(Posting.ends_on.is_not(None), Posting.ends_on.desc(), Posting.id.desc()))
    )


def modules_of_trainee(session: Session, trainee_id: int) -> list[str]:
    """Ids of the modules that the trainee's cohorts take."""
    statement = (
        select(Cohort.module_id)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.trainee_id == trainee_id)
        .distinct()
        .order_by(Cohort.module_id)
    )
    return list(session.scalars(statement))


def present_cohort(trainee_id: int, module_id: str) -> Select[int]:
    """Selects the id of the cohort in which a trainee takes a module now: the one joined last."""
    return (
        select(Cohort.id)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.trainee_id == trainee_id, Cohort.module_id == module_id)
        .order_by(Enrolment.id.desc())
        .limit(1)
    )


def cohort_of_trainee(session: Session, trainee_id: int, module_id: str) -> int | None:
    """Id of that cohort; None for none."""
    return session.scalar(present_cohort(trainee_id, module_id))


def names(session: Session, account_ids: Collection[int]) -> dict[int, str]:
    """Full names by id, of those that there are."""
    if not account_ids:
        return {}
    return {each.id: each.full_name for each in session.scalars(select(Account).where(Account.id.in_(account_ids)))}
