"""Reads about imports and those whom they concern: a fixed number of statements for each thousand of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, and_, or_, select, union
from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort, Enrolment, Posting, Withdrawal
from app.accounts.postings import Place
from app.accounts.queries import former_began_on
from app.core.access import Action, Actor, Statement, visible
from app.core.classes import CohortInstructor, still_open
from app.core.db import Base, UtcDateTime, in_chunks, one
from app.core.paging import Page, Wanted, page_of, page_of_rows, page_of_things
from app.credentials.models import NameCorrection
from app.people import planning
from app.people.models import ImportRow, Outcome, PeopleImport
from app.people.planning import Known, Taught

# Ten thousand at once, with all that is compared with them, take a process a hundred megabytes.
ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class ImportSummary:
    """An import, and the name of who made it."""

    made: PeopleImport
    made_by: str


def imports(session: Session, actor: Actor, wanted: Wanted) -> Page[ImportSummary]:
    """Imports of the actor's academy, the newest first."""
    statement = (
        select(PeopleImport, Account.full_name)
        .join(Account, Account.id == PeopleImport.made_by_id)
        .order_by(PeopleImport.id.desc())
    )
    found = page_of(session, _within(actor, statement), wanted)
    return found.made(lambda rows: [ImportSummary(made, name) for made, name in rows])


def import_of_academy(session: Session, actor: Actor, import_id: int) -> PeopleImport:
    """Raises NotFound."""
    return one(session, _within(actor, select(PeopleImport).where(PeopleImport.id == import_id)))


def rows_page(session: Session, made: PeopleImport, outcome: Outcome, wanted: Wanted) -> Page[ImportRow]:
    """Rows of one outcome, as the file has them."""
    statement = select(ImportRow).where(ImportRow.import_id == made.id, ImportRow.outcome == outcome)
    return page_of_things(session, statement.order_by(ImportRow.number, ImportRow.id), wanted)


def rows_by_id_page(session: Session, row_ids: Sequence[int], wanted: Wanted) -> Page[ImportRow]:
    """A page of these rows, in the order of the file."""
    page = page_of_rows(sorted(row_ids), wanted)
    rows = session.scalars(select(ImportRow).where(ImportRow.id.in_(page.rows)).order_by(ImportRow.id))
    return page.made(lambda _ids: list(rows))


def row_ids(session: Session, import_id: int, *outcomes: Outcome) -> list[int]:
    """Ids of rows of these outcomes, in the order of the file."""
    statement = select(ImportRow.id).where(ImportRow.import_id == import_id, ImportRow.outcome.in_(outcomes))
    return list(session.scalars(statement.order_by(ImportRow.number, ImportRow.id)))


def people_changed(session: Session, made: PeopleImport) -> list[int]:
    """Ids of those who were there before an import, and of those whom it brought in once it is applied."""
    statement = select(ImportRow.account_id).where(ImportRow.import_id == made.id, ImportRow.account_id.is_not(None))
    return [each for each in session.scalars(statement) if each is not None]


def rows_called(session: Session, ids: Sequence[int]) -> Iterator[Sequence[ImportRow]]:
    """Rows with these ids in their order, as many at a time as memory should hold at once."""
    for chunk in in_chunks(ids, ROWS_AT_ONCE):
        found = {row.id: row for row in session.scalars(select(ImportRow).where(ImportRow.id.in_(chunk)))}
        yield [found[row_id] for row_id in chunk]


def academy_of(session: Session, actor: Actor, usernames: Sequence[str], *, gives_roles: bool) -> planning.Academy:
    """The people of the actor's academy who bear these names, and its cohorts."""
    people: dict[str, Known] = {}
    for names in in_chunks(sorted(set(usernames))):
        people |= known_people(session, Account.academy_id == actor.academy_id, Account.username.in_(names))
    cohorts: dict[str, tuple[int, ...]] = defaultdict(tuple)
    named = select(Cohort.name, Cohort.id).where(Cohort.academy_id == actor.academy_id).order_by(Cohort.id)
    for name, cohort_id in session.execute(named):
        cohorts[name] += (cohort_id,)
    return planning.Academy(people, cohorts, actor.id, gives_roles)


def first_taken_elsewhere(session: Session, made: PeopleImport) -> ImportRow | None:
    """The first newcomer of a file whose user name is borne in another academy: never more than one is told of."""
    elsewhere = select(Account.username).where(Account.academy_id != made.academy_id)
    newcomers = select(ImportRow).where(
        ImportRow.import_id == made.id, ImportRow.outcome == Outcome.NEW, ImportRow.username.in_(elsewhere)
    )
    return session.scalar(newcomers.order_by(ImportRow.number, ImportRow.id).limit(1))


def known_people(session: Session, *conditions: ColumnElement[bool]) -> dict[str, Known]:
    """Those to whom these conditions apply as they are now, by user name."""
    enrolled: dict[int, set[int]] = defaultdict(set)
    members = select(Enrolment.trainee_id, Enrolment.cohort_id).join(Account, Account.id == Enrolment.trainee_id)
    for trainee_id, cohort_id in session.execute(members.where(*conditions)):
        enrolled[trainee_id].add(cohort_id)
    teaching: dict[int, list[Taught]] = defaultdict(list)
    named = (
        select(CohortInstructor.instructor_id, Cohort.id, Cohort.name, CohortInstructor.named_at)
        .join(Cohort, Cohort.id == CohortInstructor.cohort_id)
        .join(Account, Account.id == CohortInstructor.instructor_id)
        .order_by(Cohort.id)
    )
    for instructor_id, cohort_id, name, since in session.execute(named.where(*conditions)):
        teaching[instructor_id].append(Taught(cohort_id, name, since))
    present = and_(Posting.account_id == Account.id, Posting.ends_on.is_(None))
    statement = (
        select(
            *(Account.id, Account.username, Account.full_name, Account.role, Account.language),
            *(Posting.id, Posting.department, Posting.grade, Posting.district, Posting.begins_on),
            former_began_on(),
        )
        .outerjoin(Posting, present)
        .where(*conditions)
    )
    return {
        username: Known(
            *(account_id, full_name, role, language, posting_id),
            Place(*place) if posting_id is not None else None,
            former,
            frozenset(enrolled[account_id]),
            tuple(teaching[account_id]),
        )
        for account_id, username, full_name, role, language, posting_id, *place, former in session.execute(statement)
    }


def in_use(session: Session, made: PeopleImport) -> set[int]:
    """Those whom an import brought in and of whom anything else speaks: they acted, or were acted upon, since.

    Every table that refers to accounts is asked, so that none of a later feature is forgotten.
    """
    brought_in = select(ImportRow.account_id).where(
        ImportRow.import_id == made.id, ImportRow.outcome == Outcome.NEW, ImportRow.account_id.is_not(None)
    )
    mentions = []
    for column in _references_to_accounts():
        statement = select(column).where(column.in_(brought_in))
        if column.table is ImportRow.__table__:
            statement = statement.where(column.table.c.import_id != made.id)
        if column.table is Enrolment.__table__:
            statement = statement.where(column.table.c.enrolled_at != made.applied_at)
        if column.table is CohortInstructor.__table__:
            statement = statement.where(column.table.c.named_at != made.applied_at)
        mentions.append(statement)
    return set(session.scalars(union(*mentions)))


def went_on(session: Session, made: PeopleImport) -> set[int]:
    """Those who went on from what an import changed of them: learners who did anything in the module of a cohort that
    it brought them into, withdrawn from it by now or not, and whoever was named for a cohort or enrolled since it gave
    them their role.

    Every table that holds what trainees did in a module is asked, so that none of a later feature is forgotten.
    """
    joined = union(
        *(
            select(there.trainee_id, Cohort.module_id)
            .join(Cohort, Cohort.id == there.cohort_id)
            .where(Cohort.academy_id == made.academy_id, there.enrolled_at == made.applied_at)
            for there in (Enrolment, Withdrawal)
        )
    ).subquery()
    acts = []
    for table in Base.metadata.sorted_tables:
        if {"trainee_id", "module_id"} <= set(table.columns.keys()):
            is_there = and_(table.c.trainee_id == joined.c.trainee_id, table.c.module_id == joined.c.module_id)
            is_since = or_(*(each > made.applied_at for each in table.columns if isinstance(each.type, UtcDateTime)))
            acts.append(select(table.c.trainee_id).join(joined, is_there).where(is_since))
    given_role = select(ImportRow.account_id).where(
        ImportRow.import_id == made.id,
        ImportRow.account_id.is_not(None),
        ImportRow.after["role"].as_string().is_not(None),
    )
    for person, since in (
        (CohortInstructor.instructor_id, CohortInstructor.named_at),
        (Enrolment.trainee_id, Enrolment.enrolled_at),
    ):
        acts.append(select(person).where(person.in_(given_role), since > made.applied_at))
    return set(session.scalars(union(*acts)))


def open_cohorts(session: Session, academy_id: int, cohort_ids: Collection[int]) -> dict[int, str]:
    """Names of those of these cohorts of an academy that are still open to instructors, by id."""
    found: dict[int, str] = {}
    for ids in in_chunks(sorted(cohort_ids)):
        named = select(Cohort.id, Cohort.name).where(Cohort.academy_id == academy_id, Cohort.id.in_(ids))
        found |= {row.id: row.name for row in session.execute(named.where(still_open(Cohort.__table__.c.ends_on)))}
    return found


def later_imports(session: Session, made: PeopleImport, row_ids: Sequence[int]) -> list[PeopleImport]:
    """Imports applied after this one and not undone that changed any of the people of these rows, the last first."""
    found: dict[int, PeopleImport] = {}
    for ids in in_chunks(row_ids):
        concerned = select(ImportRow.account_id).where(ImportRow.id.in_(ids), ImportRow.account_id.is_not(None))
        changing = select(ImportRow.import_id).where(ImportRow.account_id.in_(concerned))
        later = select(PeopleImport).where(
            PeopleImport.id.in_(changing), PeopleImport.applied_at > made.applied_at, PeopleImport.undone_at.is_(None)
        )
        found |= {each.id: each for each in session.scalars(later)}
    return sorted(found.values(), key=lambda each: (each.applied_at, each.id), reverse=True)


def undone_moments(session: Session, academy_id: int) -> set[datetime]:
    """When imports of an academy were applied that are undone by now."""
    undone = select(PeopleImport.applied_at).where(
        PeopleImport.academy_id == academy_id, PeopleImport.undone_at.is_not(None)
    )
    return {applied_at for applied_at in session.scalars(undone) if applied_at is not None}


def _references_to_accounts() -> Iterator[Column[int]]:
    """Columns that name an account; postings and former names are the account's own."""
    own = {Posting.__table__.c.account_id, NameCorrection.__table__.c.account_id}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column not in own and any(key.column.table.name == "account" for key in column.foreign_keys):
                yield column


def cohorts_of_person(session: Session, account_id: int) -> list[Cohort]:
    """Cohorts a person is in, by name."""
    statement = select(Cohort).join(Enrolment, Enrolment.cohort_id == Cohort.id)
    return list(session.scalars(statement.where(Enrolment.trainee_id == account_id).order_by(Cohort.name, Cohort.id)))


def _within(actor: Actor, statement: Statement) -> Statement:
    columns = PeopleImport.__table__.c
    return visible(actor, Action.KEEP_PEOPLE, statement, trainee=columns.made_by_id, academy=columns.academy_id)
