"""Writes about people: signing in, roles, languages, new accounts."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts import queries
from app.accounts.models import Academy, Account, Cohort, Enrolment, Posting, Withdrawal
from app.core import audit, clock
from app.core.access import Action, Actor, Role, holds
from app.core.audit import Act
from app.core.classes import CohortInstructor, InstructorRemoval
from app.core.db import in_chunks
from app.core.errors import Refused

# The least memory that OWASP advises (Password Storage Cheat Sheet, 2024), for small servers, with five passes
# instead of its two.
HASH_MEBIBYTES = 19
hasher = PasswordHasher(memory_cost=HASH_MEBIBYTES * 1024, time_cost=5, parallelism=1)
# A class that signs in at once must not take that many times the memory.
_one_at_a_time = threading.Lock()
# Checked when no such account exists, so that the time taken does not tell whether one does.
UNKNOWN_ACCOUNT_HASH = hasher.hash(token_urlsafe())


def authenticate(session: Session, username: str, password: str) -> Account | None:
    """The account if name and password fit, else None and a row in the audit log.

    Raises NotFound where it was erased meanwhile.
    """
    account = queries.account_named(session, username)
    if not fits(account.password_hash if account else None, password):
        account_id, academy_id = (account.id, account.academy_id) if account else (None, None)
        thing = f"account:{account_id or 'unknown'}"
        audit.record(session, verb="sign_in_failed", thing=thing, actor_id=account_id, academy_id=academy_id)
        return None
    if account is None:
        return None
    if hasher.check_needs_rehash(account.password_hash):
        _hash_anew(session, account, password)
    return account


def _hash_anew(session: Session, account: Account, password: str) -> None:
    """Unless the account got another password since this one was checked, which ends the session that now begins."""
    queries.lock(session, account.id)
    if session.scalar(select(Account.password_hash).where(Account.id == account.id)) == account.password_hash:
        account.password_hash = hashed(password)


def hashed(secret: str) -> str:
    """What is kept of a password or a code: slow to guess from (Argon2id, RFC 9106)."""
    with _one_at_a_time:
        return hasher.hash(secret)


def fits(known_hash: str | None, typed: str) -> bool:
    """Whether this is what was hashed; nothing fits None. Takes as long for a wrong text as for the right one."""
    try:
        with _one_at_a_time:
            return hasher.verify(known_hash or UNKNOWN_ACCOUNT_HASH, typed)
    except (VerificationError, InvalidHashError):
        return False


def set_password(account: Account, password: str) -> None:
    """From now on this password opens the account; every session that began with the former one has ended."""
    account.password_hash = hashed(password)
    end_sessions(account)


def end_sessions(account: Account) -> None:
    """Whoever is signed in to this account has to sign in again."""
    account.credentials_number += 1


def note_sign_in(session: Session, account: Account, *, by: str) -> None:
    """by: the proofs that were given, for the audit log."""
    note(session, "signed_in", account, account.id, by=by)


def note_sign_out(session: Session, account: Account) -> None:
    note(session, "signed_out", account, account.id)


def choose_language(session: Session, account_id: int, language: str) -> None:
    queries.lock(session, account_id)
    session.get_one(Account, account_id).language = language


def end_first_steps(session: Session, account_id: int) -> None:
    """The first steps in a notebook come by themselves no more; ended twice is ended once."""
    queries.lock(session, account_id)
    account = session.get_one(Account, account_id)
    account.first_steps_ended_at = account.first_steps_ended_at or clock.now()


def change_role(session: Session, actor: Actor, account_id: int, role: Role) -> Account:
    """Give a person of the actor's academy another role.

    Raises NotFound; Refused for one's own role, and where the actor has lost theirs.
    """
    account = queries.account_of_academy(session, actor, account_id, Action.CHANGE_ROLES)
    lock_with_actor(session, actor, [account.id], Action.CHANGE_ROLES)
    session.refresh(account)
    if account.id == actor.id:
        raise Refused(_("You cannot change your own role. Ask another administrator of your academy to do it."))
    if account.role is role:
        return account
    former, account.role = account.role, role
    session.flush()
    audit.record_all(session, follow_roles(session, actor, {account.id: (former, role)}))
    return account


def lock_with_actor(session: Session, actor: Actor, account_ids: Collection[int], action: Action) -> None:
    """Lock people and who acts upon them: of two who take each other's role only the first does.

    Raises NotFound where any of them was erased; Refused where the actor does not hold the action any more.
    """
    queries.lock_all(session, [actor.id, *account_ids])
    check_still_holds(session, actor, action)


def check_still_holds(session: Session, actor: Actor, action: Action) -> None:
    """Raises Refused where the actor was given a role without this action since the request began."""
    if not holds(session.get_one(Account, actor.id, populate_existing=True), action):
        raise Refused(_("You were given another role in the meantime, so nothing was done."), status=403)


def follow_roles(
    session: Session,
    actor: Actor,
    changes: Mapping[int, tuple[Role, Role]],
    *,
    at: datetime | None = None,
    **detail: str,
) -> list[Act]:
    """People of the actor's academy have other roles now: they teach no cohort and learn in none any more.

    changes: former and present role by account; at: None for now; detail: for the audit log, to which the caller
    writes what this returns. Whoever gets a former role back is named or enrolled again.
    """
    acts = [
        Act(
            "role_changed",
            f"account:{account_id}",
            actor.id,
            actor.academy_id,
            {"from": former.value, "to": present.value, **detail},
        )
        for account_id, (former, present) in changes.items()
    ]
    for ids in in_chunks(sorted(changes)):
        acts += _stop_teaching(session, actor, ids)
    for ids in in_chunks(sorted(each for each, (former, _present) in changes.items() if former is Role.TRAINEE)):
        learning = select(Enrolment).where(Enrolment.trainee_id.in_(ids)).order_by(Enrolment.id)
        acts += _take_out(session, actor, session.scalars(learning).all(), at=at)
    return acts


def withdraw(session: Session, actor: Actor, enrolment: Enrolment) -> None:
    """Take a trainee of the actor's academy out of a cohort; what they did there stays theirs."""
    audit.record_all(session, _take_out(session, actor, [enrolment], at=None))


def _take_out(session: Session, actor: Actor, enrolments: Iterable[Enrolment], *, at: datetime | None) -> list[Act]:
    acts = []
    for each in enrolments:
        session.add(
            Withdrawal(
                cohort_id=each.cohort_id,
                trainee_id=each.trainee_id,
                enrolled_at=each.enrolled_at,
                withdrawn_at=at or clock.now(),
                withdrawn_by_id=actor.id,
            )
        )
        session.delete(each)
        acts.append(trainee_withdrawn(session.get_one(Cohort, each.cohort_id), each.trainee_id, by=actor.id))
    return acts


def _stop_teaching(session: Session, actor: Actor, account_ids: Collection[int]) -> list[Act]:
    acts = []
    named = select(CohortInstructor).where(CohortInstructor.instructor_id.in_(account_ids))
    for each in session.scalars(named.order_by(CohortInstructor.cohort_id, CohortInstructor.instructor_id)).all():
        session.delete(each)
        acts.append(instructor_removed(session.get_one(Cohort, each.cohort_id), each.instructor_id, by=actor.id))
    return acts


def add_account(
    session: Session,
    academy: Academy,
    *,
    username: str,
    full_name: str,
    role: Role,
    password: str,
    language: str = "en",
    department: str = "",
) -> Account:
    account = Account(
        academy_id=academy.id,
        username=username.strip().lower(),
        full_name=full_name,
        role=role,
        language=language,
        password_hash=hashed(password),
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()
    if department:
        session.add(Posting(account_id=account.id, department=department))
        session.flush()
    note(session, "account_added", account, None, role=role.value)
    return account


def enrol(session: Session, cohort: Cohort, trainee: Account) -> Enrolment:
    enrolment = Enrolment(cohort_id=cohort.id, trainee_id=trainee.id, enrolled_at=clock.now())
    session.add(enrolment)
    session.flush()
    return enrolment


def name_instructor(
    session: Session,
    cohort: Cohort,
    instructor: Actor,
    *,
    by: int | None = None,
    **detail: str,
) -> None:
    """As `let_teach`, and written to the audit log."""
    audit.record_all(session, [let_teach(session, cohort, instructor, by=by, at=None, **detail)])


def let_teach(
    session: Session,
    cohort: Cohort,
    instructor: Actor,
    *,
    by: int | None,
    at: datetime | None = None,
    **detail: str,
) -> Act:
    """From now on the instructor teaches the cohort; that they were removed before is forgotten.

    by: who says so, None for the portal itself; at: None for now; detail: for the audit log, to which the caller writes
    what this returns.
    """
    session.execute(
        delete(InstructorRemoval).where(
            InstructorRemoval.cohort_id == cohort.id, InstructorRemoval.instructor_id == instructor.id
        )
    )
    session.add(
        CohortInstructor(cohort_id=cohort.id, instructor_id=instructor.id, named_by_id=by, named_at=at or clock.now())
    )
    session.flush()
    about = {"instructor": instructor.id, **detail}
    return Act("instructor_named", f"cohort:{cohort.id}", by, cohort.academy_id, about)


def instructor_removed(cohort: Cohort, instructor_id: int, *, by: int) -> Act:
    """Somebody teaches a cohort no more."""
    return Act("instructor_removed", f"cohort:{cohort.id}", by, cohort.academy_id, {"instructor": instructor_id})


def trainee_withdrawn(cohort: Cohort, trainee_id: int, *, by: int) -> Act:
    """Somebody is in a cohort no more."""
    return Act("trainee_withdrawn", f"cohort:{cohort.id}", by, cohort.academy_id, {"trainee": trainee_id})


def note(session: Session, verb: str, account: Account, actor_id: int | None, **detail: Any) -> None:
    """Write to the audit log what was done about an account; actor_id: None for the system itself."""
    audit.record_all(session, [act(verb, account, actor_id, **detail)])


def act(verb: str, account: Account, actor_id: int | None, **detail: Any) -> Act:
    """Something was done about an account; actor_id: None for the system itself."""
    return Act(verb, f"account:{account.id}", actor_id, account.academy_id, detail)
