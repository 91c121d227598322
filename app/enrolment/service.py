"""Writes about cohorts: made, changed, filled by list, rule or code; trainees asked in, and withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts import service as people
from app.accounts.models import Account, Cohort, Enrolment
from app.core import audit, clock
from app.core.access import Action, Actor, Role
from app.core.classes import CohortInstructor, InstructorRemoval
from app.core.codes import as_written, new_code
from app.core.errors import NotFound, Refused
from app.core.locale import today
from app.enrolment import queries
from app.enrolment.models import Invitation, JoiningCode
from app.enrolment.queries import Selection
from app.notices.service import tell_all, tell_of_instructor
from app.notices.wording import Occasion

CODE_LENGTH, CODE_GROUP = 6, 3


class NameTaken(ValueError):
    """Another cohort of the academy bears the name."""


class UnknownInstructors(ValueError):
    """No instructor of the academy bears these user names."""

    def __init__(self, usernames: Sequence[str]) -> None:
        super().__init__(usernames)
        self.usernames = tuple(usernames)


class CodeUsedUp(ValueError):
    """As many as a code was for have joined by it."""


def make_cohort(
    session: Session, actor: Actor, *, name: str, module_id: str, begins_on: date | None, ends_on: date | None
) -> Cohort:
    """A new cohort of the actor's academy, with nobody in it; an instructor teaches what they make.

    Raises NameTaken; Refused where the actor has lost their role.
    """
    accounts.lock_academy(session, actor.academy_id)
    people.lock_with_actor(session, actor, [], Action.KEEP_COHORTS)
    if queries.is_named(session, actor.academy_id, name, other_than=None):
        raise NameTaken(name)
    made = Cohort(academy_id=actor.academy_id, name=name, module_id=module_id, begins_on=begins_on, ends_on=ends_on)
    session.add(made)
    session.flush()
    _note(session, "cohort_made", actor, made, {"name": name, "module": module_id})
    if actor.role is Role.INSTRUCTOR:
        people.name_instructor(session, made, actor, by=actor.id)
    return made


def change_cohort(
    session: Session, actor: Actor, cohort_id: int, *, name: str, begins_on: date | None, ends_on: date | None
) -> Cohort:
    """Another name or other days. Raises NotFound, NameTaken."""
    accounts.lock_academy(session, actor.academy_id)
    found = queries.cohort(session, actor, cohort_id, lock=True)
    if queries.is_named(session, actor.academy_id, name, other_than=found.id):
        raise NameTaken(name)
    former = found.name
    found.name, found.begins_on, found.ends_on = name, begins_on, ends_on
    session.flush()
    # Until when its instructors see what its trainees did depends on the last day.
    days = {"ends_on": ends_on.isoformat() if ends_on else None}
    _note(session, "cohort_changed", actor, found, {"from": former, "to": name, **days})
    return found


def name_instructors(session: Session, actor: Actor, cohort_id: int, usernames: Sequence[str]) -> int:
    """From now on these teach the cohort as well; how many of them did not yet. Raises NotFound, UnknownInstructors."""
    called = queries.instructors_called(session, actor.academy_id, usernames)
    found = queries.cohort_to_staff(session, actor, cohort_id, lock=True)
    if unknown := [name for name in usernames if name not in called]:
        raise UnknownInstructors(unknown)
    teach = {each.id for each in accounts.instructors_of(session, [found.id]).get(found.id, ())}
    newcomers = [each for each in called.values() if each.id not in teach]
    acts = [people.let_teach(session, found, each, by=actor.id) for each in newcomers]
    if newcomers:
        tell_of_instructor(session, found, by=actor)
    audit.record_all(session, acts)
    return len(newcomers)


def remove_instructor(session: Session, actor: Actor, cohort_id: int, instructor_id: int) -> Account:
    """From now on this person does not teach the cohort. Raises NotFound."""
    found = queries.cohort_to_staff(session, actor, cohort_id, lock=True)
    named = session.get(CohortInstructor, (found.id, instructor_id))
    if named is None:
        raise NotFound
    session.delete(named)
    session.add(
        InstructorRemoval(
            cohort_id=found.id, instructor_id=instructor_id, removed_by_id=actor.id, removed_at=clock.now()
        )
    )
    session.flush()
    audit.record_all(session, [people.instructor_removed(found, instructor_id, by=actor.id)])
    return session.get_one(Account, instructor_id)


def enrol(
    session: Session, actor: Actor, found: Cohort, choose: Callable[[], Selection], digest: str, *, by: str
) -> Selection:
    """Bring in who was shown, or ask them; who that was.

    choose: says who would come in now. digest: of what was shown. by: "list" or "rule". Raises NotFound; Refused where
    others would come in by now.
    """
    selection = _locked(session, actor, found, choose, digest)
    if not selection.candidates:
        raise Refused(_("Nobody would come in. Choose others."))
    now = clock.now()
    at_once, asked = selection.at_once, selection.asked
    if at_once:
        rows = [{"cohort_id": found.id, "trainee_id": each.id, "enrolled_at": now} for each in at_once]
        session.execute(insert(Enrolment), rows)
    if asked:
        columns = {"cohort_id": found.id, "asked_by_id": actor.id, "asked_at": now}
        session.execute(insert(Invitation), [{**columns, "trainee_id": each.id} for each in asked])
    if actor.role is Role.INSTRUCTOR:
        newcomers, guests = queries.accounts_of(session, at_once), queries.accounts_of(session, asked)
        tell_all(session, newcomers, Occasion.ENROLLED, by=actor, about=f"cohort:{found.id}")
        tell_all(session, guests, Occasion.ASKED_IN, by=actor, about=f"invitation:{found.id}")
    if at_once:
        _note(session, "trainees_enrolled", actor, found, {"by": by, "trainees": len(at_once)})
    if asked:
        _note(session, "trainees_asked", actor, found, {"by": by, "trainees": len(asked)})
    return selection


def _locked(session: Session, actor: Actor, found: Cohort, choose: Callable[[], Selection], digest: str) -> Selection:
    """Who was shown, once everybody else who writes for them or changes the cohort has ended."""
    changed = Refused(_("Who would come in has changed since it was shown. Look at it again."), status=409)
    shown = choose()
    if shown.digest != digest:
        raise changed
    try:
        accounts.lock_all(session, [each.id for each in shown.candidates])
    except NotFound:
        raise changed from None
    queries.cohort(session, actor, found.id, lock=True)
    if choose().digest != digest:
        raise changed
    return shown


def answer_invitation(session: Session, trainee: Account, cohort_id: int, *, comes: bool) -> Cohort:
    """A trainee comes into the cohort that they were asked into, or refuses. Raises NotFound for no such question."""
    accounts.lock_trainee(session, trainee.id)
    asked = queries.open_invitation(session, trainee, cohort_id)
    cohort = asked.into.cohort
    if comes:
        session.delete(asked.invitation)
        people.enrol(session, cohort, trainee)
    else:
        asked.invitation.refused_at = clock.now()
        session.flush()
    _note(session, "invitation_accepted" if comes else "invitation_refused", trainee, cohort, {})
    return cohort


def withdraw(session: Session, actor: Actor, cohort_id: int, trainee_id: int) -> Account:
    """Take a trainee out of a cohort; what they did stays. Raises NotFound."""
    accounts.lock(session, trainee_id)
    found = queries.cohort(session, actor, cohort_id, lock=True)
    enrolment = session.scalar(
        select(Enrolment).where(Enrolment.cohort_id == found.id, Enrolment.trainee_id == trainee_id)
    )
    if enrolment is None:
        raise NotFound
    people.withdraw(session, actor, enrolment)
    # What they once were asked is answered.
    session.execute(delete(Invitation).where(Invitation.cohort_id == found.id, Invitation.trainee_id == trainee_id))
    session.flush()
    return session.get_one(Account, trainee_id)


def make_code(
    session: Session, actor: Actor, cohort_id: int, *, most: int | None, last_day: date | None
) -> JoiningCode:
    """A new code for a cohort; the former one no longer works. Raises NotFound."""
    found = queries.cohort(session, actor, cohort_id, lock=True)
    _close_codes(session, found)
    made = JoiningCode(
        cohort_id=found.id,
        code=new_code(CODE_LENGTH),
        most=most,
        last_day=last_day,
        made_by_id=actor.id,
        made_at=clock.now(),
    )
    session.add(made)
    session.flush()
    _note(session, "joining_code_made", actor, found, {"code": made.id})
    return made


def close_code(session: Session, actor: Actor, cohort_id: int) -> None:
    """From now on no code opens this cohort. Raises NotFound."""
    found = queries.cohort(session, actor, cohort_id, lock=True)
    _close_codes(session, found)
    _note(session, "joining_code_closed", actor, found, {})


def join(session: Session, trainee: Account, typed: str) -> Cohort | None:
    """Enrol a trainee by a code of their academy; None where it does not work. Raises CodeUsedUp.

    Who is in the cohort already stays there, and the code is not counted. Raises NotFound for who is no trainee by now.
    """
    accounts.lock_trainee(session, trainee.id)
    found = queries.code_of_academy(session, trainee.academy_id, as_written(typed))
    if found is None:
        return None
    code, cohort = found
    if queries.is_in(session, cohort.id, trainee.id):
        return cohort
    ends = [day for day in (code.last_day, cohort.ends_on) if day is not None]
    if ends and today() > min(ends):
        return None
    if code.most is not None and code.joined >= code.most:
        raise CodeUsedUp
    code.joined += 1
    people.enrol(session, cohort, trainee)
    _note(session, "joined_by_code", trainee, cohort, {"code": code.id})
    return cohort


def _close_codes(session: Session, found: Cohort) -> None:
    open_ones = update(JoiningCode).where(JoiningCode.cohort_id == found.id, JoiningCode.closed_at.is_(None))
    session.execute(open_ones.values(closed_at=clock.now()))


def _note(session: Session, verb: str, actor: Actor, found: Cohort, detail: dict[str, Any]) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"cohort:{found.id}",
        actor_id=actor.id,
        academy_id=found.academy_id,
        detail=detail,
    )
