"""Writes about imports: previewed, applied as a whole, dropped, undone; and the transfer of one person."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Account, Cohort, Enrolment, Posting, Withdrawal
from app.accounts.postings import Place, PostingChange, change_of
from app.accounts.service import (
    follow_roles,
    hashed,
    instructor_removed,
    let_teach,
    lock_with_actor,
    note,
    trainee_withdrawn,
)
from app.core import audit, clock
from app.core.access import Action, Actor, Role
from app.core.audit import Act
from app.core.classes import CohortInstructor
from app.core.db import in_chunks
from app.core.errors import NotFound, Refused
from app.core.locale import day_of, today
from app.credentials import service as credentials
from app.credentials.models import NameCorrection
from app.credentials.office import current_office
from app.notices.service import tell_of_instructor
from app.people import planning, queries
from app.people.columns import GivenRow, Problem
from app.people.models import ImportRow, Outcome, PeopleImport
from app.people.planning import PROFILE, Known, PlannedRow, Taught
from app.people.reading import read_file

DOES_SOMETHING = (Outcome.NEW, Outcome.CHANGED)


def preview(session: Session, actor: Actor, content: bytes, *, file_name: str, gives_roles: bool) -> PeopleImport:
    """Keep what a file would do; earlier previews of the same person that were not applied go. Raises Refused."""
    read = read_file(content, today=today())
    _forget_previews(session, actor)
    made = PeopleImport(
        academy_id=actor.academy_id,
        made_by_id=actor.id,
        made_at=clock.now(),
        file_name=file_name[-120:],
        sha256=hashlib.sha256(content).hexdigest(),
        gives_roles=gives_roles,
        ignored=[heading[:80] for heading in read.ignored],
        **{outcome.counted: 0 for outcome in Outcome},
    )
    session.add(made)
    session.flush()
    counts: Counter[Outcome] = Counter()
    for given in in_chunks(read.rows, queries.ROWS_AT_ONCE):
        planned = _plan(session, actor, made, given, today())
        counts.update(row.outcome for row in planned)
        session.execute(insert(ImportRow), [_kept(made.id, row) for row in planned])
    for outcome in Outcome:
        setattr(made, outcome.counted, counts[outcome])
    return made


def apply(session: Session, actor: Actor, import_id: int) -> PeopleImport:
    """Do all that the preview showed, or nothing. Raises NotFound; Refused where the people have changed since.

    Not applied either, with one row wrong from then on, is an import that brings in somebody by a user name that is
    borne in another academy. A preview does not ask that, or it would tell whose account there is elsewhere.
    """
    accounts.lock_academy(session, actor.academy_id)
    made = queries.import_of_academy(session, actor, import_id)
    if made.applied_at is not None:
        raise Refused(_("This import is applied already."), status=409)
    if made.wrong_rows:
        raise Refused(_("Rows of the file are wrong, so nothing was done. Correct them and upload the file again."))
    if (taken := queries.first_taken_elsewhere(session, made)) is not None:
        _hold_back(session, actor, made, taken)
        return made
    _lock_people(session, actor, made, erased=_stale())
    row_ids = queries.row_ids(session, made.id, *Outcome)
    if len(row_ids) < made.number_of_rows:
        # Those of whoever was erased since are gone.
        raise _stale()
    made.applied_at = clock.now()
    # One hash of what nobody knows: these accounts open by a code that is handed over, and a wrong password takes as
    # long to be refused as with any other.
    closed = hashed(secrets.token_urlsafe(32)) if made.new_rows else ""
    changes, staff, teaching = ProfileChanges(), list[PlannedRow](), list[PlannedRow]()
    try:
        for rows in queries.rows_called(session, row_ids):
            planned = _planned_again(session, actor, made, rows)
            _bring_in(session, made, [row for row in planned if row.outcome is Outcome.NEW], closed)
            _change(session, made, [row for row in planned if row.outcome is Outcome.CHANGED], changes)
            staff += [row for row in planned if row.outcome is Outcome.NEW and row.after["role"] != Role.TRAINEE]
            teaching += [row for row in planned if "teaches" in row.after]
        _remember_newcomers(session, made)
        session.flush()
        acts = _follow_profiles(session, actor, made, changes, at=made.applied_at)
        acts += _staff_added(session, actor, made, staff)
        # Last, because whoever has another role now was taken out of what they taught.
        acts += _name_instructors(session, actor, made, teaching)
    except IntegrityError:
        # On PostgreSQL another academy may take a user name between the comparison and here.
        raise _stale() from None
    counts = {"new": made.new_rows, "changed": made.changed_rows}
    audit.record_all(session, [*acts, _act("people_imported", actor, made, counts)])
    return made


def _hold_back(session: Session, actor: Actor, made: PeopleImport, row: ImportRow) -> None:
    """This row cannot be applied, and so none is; the log keeps that it was tried."""
    row.outcome, row.before, row.after = Outcome.WRONG, {}, {}
    row.problems = [Problem("username", "taken", row.username).as_json()]
    made.new_rows, made.wrong_rows = made.new_rows - 1, made.wrong_rows + 1
    session.flush()
    audit.record_all(session, [_act("import_held_back", actor, made, {"row": row.number})])


def drop(session: Session, actor: Actor, import_id: int) -> None:
    """Forget a preview. Raises NotFound; Refused for an import that was applied."""
    made = queries.import_of_academy(session, actor, import_id)
    if made.applied_at is not None:
        raise Refused(_("This import is applied already."), status=409)
    _forget(session, [made.id])


@dataclass(frozen=True)
class ProfileChanges:
    """Former names, and former and present roles, by account, of those who have others now."""

    former_names: dict[int, str] = field(default_factory=dict)
    roles: dict[int, tuple[Role, Role]] = field(default_factory=dict)

    def add(self, account_id: int, *, former: dict[str, Any], present: dict[str, Any]) -> None:
        if "full_name" in former:
            self.former_names[account_id] = former["full_name"]
        if "role" in former:
            self.roles[account_id] = Role(former["role"]), Role(present["role"])


@dataclass(frozen=True)
class TeachingAgain:
    """Somebody teaches a cohort again that an import took from them with their role. since: when they were named."""

    account_id: int
    username: str
    cohort_id: int
    cohort_name: str
    since: datetime


@dataclass(frozen=True)
class Undoing:
    """What undoing an import would do: ids of its rows, and who teaches what again.

    removed: the account goes; used: it stays, because somebody used or changed it since; reverted: the former values
    come back; changed_since: the values stay, because they are no longer those of the import, or were gone on from.
    not_known: user names of instructors who get their role back, of whom an import of before that was kept does not say
    what they taught. undone_first: later imports that changed any of those who would stay, the last first.
    What these found is what this one gave, so that none of it may go before they do. takes_own_role: whether whoever
    undoes would have another role, which nobody gives themself.
    """

    removed: tuple[int, ...]
    used: tuple[int, ...]
    reverted: tuple[int, ...]
    changed_since: tuple[int, ...]
    teaching_again: tuple[TeachingAgain, ...]
    not_known: tuple[str, ...]
    undone_first: tuple[PeopleImport, ...]
    takes_own_role: bool

    @property
    def digest(self) -> str:
        """By which the answer to what was shown is told from an answer to something else."""
        taught = [(each.account_id, each.cohort_id) for each in self.teaching_again]
        return hashlib.sha256(
            json.dumps([self.removed, self.used, self.reverted, self.changed_since, taught]).encode()
        ).hexdigest()


def undoing(session: Session, actor: Actor, made: PeopleImport) -> Undoing:
    """What undoing by this actor would do now.

    Nothing for an import that is not applied, is undone, or was applied long ago.
    """
    ids = queries.row_ids(session, made.id, *DOES_SOMETHING) if made.can_be_undone else []
    used = queries.in_use(session, made) if ids else set()
    went_on = queries.went_on(session, made) if ids else set()
    taught: list[TeachingAgain] = []
    not_known: list[str] = []
    takes_own_role = False
    sorted_rows: dict[str, list[int]] = {"removed": [], "used": [], "reverted": [], "changed_since": []}
    for rows in queries.rows_called(session, ids):
        known = _people_of(session, made, rows)
        for row in rows:
            is_as_left = (person := known.get(row.username)) is not None and _is_as_left(person, row)
            if row.outcome is Outcome.NEW:
                sorted_rows["removed" if is_as_left and row.account_id not in used else "used"].append(row.id)
            else:
                is_as_left = is_as_left and row.account_id not in went_on
                sorted_rows["reverted" if is_as_left else "changed_since"].append(row.id)
                taught += _taught_before(row) if is_as_left else []
                not_known += [row.username] if is_as_left and _is_silent_on_teaching(row) else []
                takes_own_role |= is_as_left and row.account_id == actor.id and "role" in row.before
    kinds = {kind: tuple(ids) for kind, ids in sorted_rows.items()}
    return Undoing(
        **kinds,
        teaching_again=_still_to_teach(session, made, taught),
        not_known=tuple(not_known),
        undone_first=tuple(queries.later_imports(session, made, sorted_rows["used"] + sorted_rows["changed_since"])),
        takes_own_role=takes_own_role,
    )


def undo(session: Session, actor: Actor, import_id: int, digest: str) -> Undoing:
    """Take back what an import did, as far as nobody went on from it. digest: of what was shown.

    Raises NotFound; Refused where it is undone already or would now do something else than was shown, where later
    imports have to be undone first, and where somebody else has to undo it.
    """
    accounts.lock_academy(session, actor.academy_id)
    made = queries.import_of_academy(session, actor, import_id)
    otherwise = Refused(_("What undoing would do has changed since it was shown. Look at it again."), status=409)
    _lock_people(session, actor, made, erased=otherwise)
    shown = undoing(session, actor, made)
    if shown.takes_own_role:
        raise Refused(
            _("Undoing this import would give you another role. Ask another administrator of your academy to undo it.")
        )
    if shown.undone_first:
        raise Refused(
            _(
                "A later import changed some of the same people, so this one cannot be undone before that: %(names)s.",
                names=", ".join(each.file_name for each in shown.undone_first),
            ),
            status=409,
        )
    if not made.can_be_undone or shown.digest != digest:
        raise otherwise
    acts: list[Act] = []
    changes = ProfileChanges()
    for rows in queries.rows_called(session, shown.reverted):
        acts += _take_teaching_back(session, actor, made, rows)
        acts += _revert(session, actor, made, rows, changes)
    acts += _follow_profiles(session, actor, made, changes, at=None)
    acts += _back_into_cohorts(session, actor, made, sorted(changes.roles))
    removed: list[int] = []
    for rows in queries.rows_called(session, shown.removed):
        acts += _take_teaching_back(session, actor, made, rows)
        removed += [row.account_id for row in rows if row.account_id is not None]
    session.execute(update(ImportRow).where(ImportRow.import_id == made.id).values(account_id=None))
    try:
        _remove_people(session, removed)
    except IntegrityError:
        # On PostgreSQL somebody may have written of one of them since they were found unused.
        raise otherwise from None
    # Last, because whoever is told of it must be somebody who stays.
    acts += _let_teach_again(session, actor, made, shown.teaching_again)
    made.undone_at = clock.now()
    counts = {"removed": len(shown.removed), "reverted": len(shown.reverted)}
    audit.record_all(session, [*acts, _act("import_undone", actor, made, counts)])
    return shown


def _remove_people(session: Session, account_ids: Sequence[int]) -> None:
    for ids in in_chunks(account_ids):
        session.execute(delete(Enrolment).where(Enrolment.trainee_id.in_(ids)))
        session.execute(delete(Posting).where(Posting.account_id.in_(ids)))
        session.execute(delete(NameCorrection).where(NameCorrection.account_id.in_(ids)))
        session.execute(delete(Account).where(Account.id.in_(ids)))


def transfer(session: Session, actor: Actor, account_id: int, said: dict[str, Any]) -> PostingChange | None:
    """Note where a person of the actor's academy works now; None where that is what is known already.

    said: department, grade, district and begins_on. Raises NotFound; BeginsTooEarly.
    """
    account = accounts.account_of_academy(session, actor, account_id, Action.KEEP_PEOPLE)
    accounts.lock(session, account.id)
    present = session.scalar(select(Posting).where(Posting.account_id == account.id, Posting.ends_on.is_(None)))
    former_day = session.scalar(select(accounts.former_began_on()).where(Account.id == account.id))
    change = change_of(Place.of(present) if present else None, said, former_began_on=former_day, today=today())
    if change is None:
        return None
    kind, place = change
    former = changed = present.id if present is not None else None
    if present is not None and kind is PostingChange.CORRECTION:
        _move_transfers(session, [(account.id, present.begins_on, place.begins_on)])
        _update_postings(session, [{"id": present.id, **asdict(place)}])
    else:
        if present is not None:
            _update_postings(session, [{"id": present.id, "ends_on": place.begins_on}])
        changed = session.execute(
            insert(Posting).values(account_id=account.id, ends_on=None, **asdict(place)).returning(Posting.id)
        ).scalar_one()
    # The log is never altered, so it names the postings, which can be erased, and not the places.
    note(session, "posting_changed", account, actor.id, change=kind.value, **{"from": former, "to": changed})
    return kind


def _plan(session: Session, actor: Actor, made: PeopleImport, rows: Sequence[GivenRow], day: date) -> list[PlannedRow]:
    academy = queries.academy_of(session, actor, [row.username for row in rows], gives_roles=made.gives_roles)
    return planning.plan(rows, academy, today=day)


def _planned_again(session: Session, actor: Actor, made: PeopleImport, rows: Sequence[ImportRow]) -> list[PlannedRow]:
    """What these rows would do now. Raises Refused where that is not what the preview showed."""
    given = [GivenRow.of_json(row.number, row.username, row.given) for row in rows]
    planned = _plan(session, actor, made, given, day_of(made.made_at))
    if [_essence(row) for row in planned] != [(row.outcome, row.account_id, row.before, row.after) for row in rows]:
        raise _stale()
    return planned


def _kept(import_id: int, row: PlannedRow) -> dict[str, Any]:
    outcome, account_id, before, after = _essence(row)
    return {
        "import_id": import_id,
        "number": row.given.number,
        "username": row.given.username,
        "outcome": outcome,
        "account_id": account_id,
        "given": row.given.as_json(),
        "before": before,
        "after": after,
        "problems": [problem.as_json() for problem in row.problems],
    }


def _essence(row: PlannedRow) -> tuple[Outcome, int | None, dict[str, Any], dict[str, Any]]:
    # Who is left alone is not referred to: the row must not stand in the way of undoing another import.
    return row.outcome, row.account_id if row.outcome is Outcome.CHANGED else None, row.before, row.after


def _bring_in(session: Session, made: PeopleImport, rows: Sequence[PlannedRow], password_hash: str) -> None:
    if not rows:
        return
    newcomers = [
        {
            "academy_id": made.academy_id,
            "username": row.given.username,
            "full_name": row.after["full_name"],
            "role": Role(row.after["role"]),
            "language": row.after["language"],
            "password_hash": password_hash,
            "created_at": made.applied_at,
        }
        for row in rows
    ]
    brought_in = session.execute(insert(Account).returning(Account.username, Account.id), newcomers)
    ids = {row.username: row.id for row in brought_in}
    _begin_postings(
        session, ((ids[row.given.username], row.after["posting"]) for row in rows if "posting" in row.after)
    )
    _enrol(session, made, ((ids[row.given.username], row) for row in rows))


def _remember_newcomers(session: Session, made: PeopleImport) -> None:
    """Rows say whom they brought in, which undoing goes by."""
    bears_the_name = select(Account.id).where(Account.username == ImportRow.username).scalar_subquery()
    session.execute(
        update(ImportRow)
        .where(ImportRow.import_id == made.id, ImportRow.outcome == Outcome.NEW)
        .values(account_id=bears_the_name),
        execution_options={"synchronize_session": False},
    )


def _staff_added(session: Session, actor: Actor, made: PeopleImport, rows: Sequence[PlannedRow]) -> list[Act]:
    """Of whom an academy learns by the hundred the import itself says enough; these are named one by one."""
    called = accounts.accounts_called(session, made.academy_id, [row.given.username for row in rows])
    return [
        Act(
            "account_added",
            f"account:{called[row.given.username].id}",
            actor.id,
            made.academy_id,
            {"role": row.after["role"], "file_sha256": made.sha256},
        )
        for row in rows
    ]


def _change(session: Session, made: PeopleImport, rows: Sequence[PlannedRow], changes: ProfileChanges) -> None:
    ids = [row.account_id for row in rows if row.account_id is not None]
    people = list(zip(ids, rows, strict=True))
    _write_profiles(session, ((account_id, row.after) for account_id, row in people))
    for account_id, row in people:
        changes.add(account_id, former=row.before, present=row.after)
    ended, corrected, begun, moved = [], [], [], []
    for account_id, row in people:
        if (after := row.after.get("posting")) is None:
            continue
        if after["change"] == PostingChange.CORRECTION:
            corrected.append({"id": row.before["posting"]["id"], **_columns_of(after)})
            moved.append((account_id, _begin_of(row.before), _begin_of(row.after)))
            continue
        if after["change"] == PostingChange.TRANSFER:
            ended.append({"id": row.before["posting"]["id"], "ends_on": _columns_of(after)["begins_on"]})
        begun.append((account_id, after))
    _update_postings(session, ended)
    _move_transfers(session, moved)
    _update_postings(session, corrected)
    _begin_postings(session, begun)
    _enrol(session, made, people)


def _revert(
    session: Session, actor: Actor, made: PeopleImport, rows: Sequence[ImportRow], changes: ProfileChanges
) -> list[Act]:
    """Give people their former values back; they are still those that the import gave them."""
    people = [(row.account_id, row) for row in rows if row.account_id is not None]
    enrolled = [account_id for account_id, row in people if "cohorts" in row.after]
    acts = _take_out_of_cohorts(session, actor, made, enrolled)
    _write_profiles(session, ((account_id, row.before) for account_id, row in people))
    for account_id, row in people:
        changes.add(account_id, former=row.after, present=row.before)
    reopened, corrected, over, moved = [], [], [], []
    for account_id, row in people:
        if (after := row.after.get("posting")) is None:
            continue
        if after["change"] == PostingChange.CORRECTION:
            corrected.append({"id": row.before["posting"]["id"], **_columns_of(row.before["posting"])})
            moved.append((account_id, _begin_of(row.after), _begin_of(row.before)))
            continue
        over.append(account_id)
        if after["change"] == PostingChange.TRANSFER:
            reopened.append({"id": row.before["posting"]["id"], "ends_on": None})
    for ids in in_chunks(over):
        session.execute(delete(Posting).where(Posting.account_id.in_(ids), Posting.ends_on.is_(None)))
    _update_postings(session, reopened)
    _move_transfers(session, moved)
    _update_postings(session, corrected)
    return acts


def _take_out_of_cohorts(session: Session, actor: Actor, made: PeopleImport, trainee_ids: Sequence[int]) -> list[Act]:
    """Who did nothing yet where the import enrolled them was never there: nobody sees them on as of one withdrawn.

    That holds as well of whom somebody withdrew since, and of whom a later import did, which when it is undone finds
    nobody to enrol again.
    """
    acts = []
    for ids in in_chunks(trainee_ids):
        joined = select(Enrolment).where(Enrolment.trainee_id.in_(ids), Enrolment.enrolled_at == made.applied_at)
        for each in session.scalars(joined.order_by(Enrolment.id)).all():
            session.delete(each)
            cohort = session.get_one(Cohort, each.cohort_id)
            acts.append(trainee_withdrawn(cohort, each.trainee_id, by=actor.id))
        left = (Withdrawal.trainee_id.in_(ids), Withdrawal.enrolled_at == made.applied_at)
        session.execute(delete(Withdrawal).where(*left))
    return acts


def _back_into_cohorts(session: Session, actor: Actor, made: PeopleImport, trainee_ids: Sequence[int]) -> list[Act]:
    """Whom the import withdrew by giving them another role is enrolled as before."""
    enrolled: Counter[int] = Counter()
    for ids in in_chunks(trainee_ids):
        left = select(Withdrawal).where(Withdrawal.trainee_id.in_(ids), Withdrawal.withdrawn_at == made.applied_at)
        for each in session.scalars(left.order_by(Withdrawal.id)).all():
            session.add(Enrolment(cohort_id=each.cohort_id, trainee_id=each.trainee_id, enrolled_at=each.enrolled_at))
            session.delete(each)
            enrolled[each.cohort_id] += 1
    return [
        Act(
            "trainees_enrolled",
            f"cohort:{cohort_id}",
            actor.id,
            made.academy_id,
            {"by": "undo", "trainees": count, "file_sha256": made.sha256},
        )
        for cohort_id, count in sorted(enrolled.items())
    ]


def _name_instructors(session: Session, actor: Actor, made: PeopleImport, rows: Sequence[PlannedRow]) -> list[Act]:
    """Once everybody is there: who teaches a cohort from now on, of which those who were in it before are told once."""
    called = accounts.accounts_called(session, made.academy_id, [row.given.username for row in rows])
    changed: dict[int, Cohort] = {}
    acts = []
    for row in rows:
        for cohort_id in row.after["teaches"].values():
            cohort = changed.setdefault(cohort_id, session.get_one(Cohort, cohort_id))
            instructor = called[row.given.username]
            acts.append(
                let_teach(session, cohort, instructor, by=actor.id, at=made.applied_at, file_sha256=made.sha256)
            )
    for cohort in changed.values():
        tell_of_instructor(session, cohort, by=actor, enrolled_before=made.applied_at)
    return acts


def _take_teaching_back(session: Session, actor: Actor, made: PeopleImport, rows: Sequence[ImportRow]) -> list[Act]:
    """Whom the import named teaches no more what it named them for, unless somebody named them again since."""
    acts = []
    for row in rows:
        for cohort_id in row.after.get("teaches", {}).values():
            named = session.get(CohortInstructor, (cohort_id, row.account_id))
            if named is not None and named.named_at == made.applied_at:
                session.delete(named)
                cohort = session.get_one(Cohort, cohort_id)
                acts.append(instructor_removed(cohort, named.instructor_id, by=actor.id))
    session.flush()
    return acts


def _taught_before(row: ImportRow) -> list[TeachingAgain]:
    """What somebody taught whom a row gave another role."""
    if row.account_id is None:
        return []
    taught = [Taught.of_json(each) for each in row.before.get("teaches", ())]
    return [TeachingAgain(row.account_id, row.username, each.cohort_id, each.name, each.since) for each in taught]


def _is_silent_on_teaching(row: ImportRow) -> bool:
    """Whether a row gave an instructor another role and does not say what they taught."""
    return row.before.get("role") == Role.INSTRUCTOR and "teaches" not in row.before


def _still_to_teach(session: Session, made: PeopleImport, taught: Sequence[TeachingAgain]) -> tuple[TeachingAgain, ...]:
    """Of what was taught, the cohorts that are not over, but those for which an import named that was undone since."""
    open_ones = queries.open_cohorts(session, made.academy_id, {each.cohort_id for each in taught})
    undone = queries.undone_moments(session, made.academy_id) if taught else set()
    return tuple(
        replace(each, cohort_name=open_ones[each.cohort_id])
        for each in taught
        if each.cohort_id in open_ones and each.since not in undone
    )


def _let_teach_again(session: Session, actor: Actor, made: PeopleImport, taught: Sequence[TeachingAgain]) -> list[Act]:
    """Named as of when they were, so that an earlier import which named them can still be undone."""
    cohorts: dict[int, Cohort] = {}
    acts = []
    for each in taught:
        cohort = cohorts.setdefault(each.cohort_id, session.get_one(Cohort, each.cohort_id))
        instructor = session.get_one(Account, each.account_id)
        acts.append(let_teach(session, cohort, instructor, by=actor.id, at=each.since, file_sha256=made.sha256))
    for cohort in cohorts.values():
        tell_of_instructor(session, cohort, by=actor)
    return acts


def _write_profiles(session: Session, people: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """Names, roles and languages, one statement for each set of fields that change together."""
    by_fields: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for account_id, values in people:
        if fields := tuple(name for name in PROFILE if name in values):
            written = {name: Role(values[name]) if name == "role" else values[name] for name in fields}
            by_fields.setdefault(fields, []).append({"id": account_id, **written})
    for changes in by_fields.values():
        session.execute(update(Account), changes)


def _follow_profiles(
    session: Session,
    actor: Actor,
    made: PeopleImport,
    changes: ProfileChanges,
    *,
    at: datetime | None,
) -> list[Act]:
    """What else changes with names and roles, as by hand; at: when, None for now."""
    reason = _("From the file %(name)s", name=made.file_name)
    acts = credentials.follow_names(
        session, current_office(), actor, changes.former_names, reason, file_sha256=made.sha256
    )
    return acts + follow_roles(session, actor, changes.roles, at=at, file_sha256=made.sha256)


def _begin_postings(session: Session, people: Iterable[tuple[int, dict[str, Any]]]) -> None:
    if postings := [{"account_id": account_id, "ends_on": None, **_columns_of(kept)} for account_id, kept in people]:
        session.execute(insert(Posting), postings)


def _update_postings(session: Session, changes: Sequence[dict[str, Any]]) -> None:
    if changes:
        session.execute(update(Posting), changes)


def _move_transfers(session: Session, moved: Iterable[tuple[int, date | None, date | None]]) -> None:
    """Whoever began on another day left the posting before on that day.

    moved: account, and the former and the present day.
    """
    for account_id, former, present in moved:
        if former is None or present is None or former == present:
            continue
        left = update(Posting).where(Posting.account_id == account_id, Posting.ends_on == former)
        session.execute(left.values(ends_on=present), execution_options={"synchronize_session": False})


def _begin_of(kept: dict[str, Any]) -> date | None:
    return Place.of_json(kept["posting"]).begins_on


def _enrol(session: Session, made: PeopleImport, people: Iterable[tuple[int, PlannedRow]]) -> None:
    enrolments = [
        {"cohort_id": cohort_id, "trainee_id": account_id, "enrolled_at": made.applied_at}
        for account_id, row in people
        for cohort_id in row.after.get("cohorts", {}).values()
    ]
    if enrolments:
        session.execute(insert(Enrolment), enrolments)


def _columns_of(kept: dict[str, Any]) -> dict[str, Any]:
    return asdict(Place.of_json(kept))


def _people_of(session: Session, made: PeopleImport, rows: Sequence[ImportRow]) -> dict[str, Known]:
    concerned = Account.id.in_([row.account_id for row in rows if row.account_id is not None])
    return queries.known_people(session, Account.academy_id == made.academy_id, concerned)


def _is_as_left(person: Known, row: ImportRow) -> bool:
    """Whether what the import gave this person is still what they have."""
    after = row.after
    if any(str(getattr(person, name)) != after[name] for name in PROFILE if name in after):
        return False
    if "posting" in after:
        return person.place == Place.of_json(after["posting"])
    # Nobody was posted by the import; who was brought in by it has had none since.
    return row.outcome is not Outcome.NEW or person.place is None


def _lock_people(session: Session, actor: Actor, made: PeopleImport, *, erased: Refused) -> None:
    """Nobody else writes for those whom an import changes until this has ended. Raises `erased` where one was."""
    try:
        lock_with_actor(session, actor, queries.people_changed(session, made), Action.KEEP_PEOPLE)
    except NotFound:
        raise erased from None


def _forget_previews(session: Session, actor: Actor) -> None:
    unused = select(PeopleImport.id).where(PeopleImport.made_by_id == actor.id, PeopleImport.applied_at.is_(None))
    _forget(session, list(session.scalars(unused)))


def _forget(session: Session, import_ids: Sequence[int]) -> None:
    session.execute(delete(ImportRow).where(ImportRow.import_id.in_(import_ids)))
    session.execute(delete(PeopleImport).where(PeopleImport.id.in_(import_ids)))


def _stale() -> Refused:
    return Refused(
        _("The people of your academy have changed since this preview, so nothing was done. Upload the file again."),
        status=409,
    )


def _act(verb: str, actor: Actor, made: PeopleImport, counts: dict[str, int]) -> Act:
    return Act(verb, f"import:{made.id}", actor.id, made.academy_id, {**counts, "file_sha256": made.sha256})
