"""Somebody is erased: asked for, decided by an administrator, carried out at once, and provable afterwards.

The audit log is never touched. It names people by numbers only, so that it says of an account without a name what it
said of the person, and its chain holds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy import Table, and_, delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Academy, Account
from app.accounts.service import check_still_holds, note
from app.core import clock
from app.core.access import Action, Actor
from app.core.audit import AuditEntry
from app.core.blobs import Blobs
from app.core.errors import Refused
from app.credentials.models import Credential
from app.notices.service import tell
from app.notices.wording import Occasion
from app.rights import queries
from app.rights.fates import TREATED, Fate, Treatment
from app.rights.models import ErasureRequest, Ground, Tombstone

# Domain notes, section 7.3; a request is answered within the time that applies to access.
DECIDED_WITHIN = timedelta(days=30)
# No request takes so long: a file that was stored again meanwhile may be about to be named.
UNUSED_FOR = timedelta(hours=1)
UNSYNCHRONIZED = {"synchronize_session": False}
Went = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Grant:
    """What an administrator decides who grants a request."""

    ground: Ground
    keeps_credentials: bool
    reason: str


class Meanwhile(Refused):
    """The request was withdrawn or decided since it was shown."""

    def __init__(self) -> None:
        message = _("This request was decided or withdrawn in the meantime. Look at the list again.")
        super().__init__(message, status=409)


def ask(session: Session, person: Account, text: str) -> ErasureRequest:
    """Put a request before the administrators; while one is open, asking again changes nothing."""
    accounts.lock(session, person.id)
    known = queries.newest_request(session, person.id)
    if known is not None and known.is_open:
        return known
    now = clock.now()
    made = ErasureRequest(
        academy_id=person.academy_id, account_id=person.id, text=text, asked_at=now, due_at=now + DECIDED_WITHIN
    )
    session.add(made)
    session.flush()
    note(session, "erasure_asked", person, person.id, request=made.id)
    return made


def withdraw(session: Session, person: Account) -> None:
    """Take the request back. Raises Meanwhile where none is open any more."""
    accounts.lock(session, person.id)
    known = queries.newest_request(session, person.id)
    if known is None or not known.is_open:
        raise Meanwhile
    known.withdrawn_at = clock.now()
    session.flush()
    note(session, "erasure_withdrawn", person, person.id, request=known.id)


def refuse(session: Session, actor: Actor, request_id: int, reason: str) -> ErasureRequest:
    """Say no, with the reason that the person reads. Raises NotFound, Meanwhile; Refused for one's own request."""
    found = _locked(session, actor, request_id)
    request = found.request
    request.decided_at, request.decided_by_id, request.is_granted = clock.now(), actor.id, False
    request.reason = reason
    session.flush()
    note(session, "erasure_refused", found.person, actor.id, request=request.id)
    tell(session, found.person.id, Occasion.ERASURE_REFUSED, by=actor, about=f"account:{found.person.id}")
    return request


def erase(session: Session, actor: Actor, request_id: int, grant: Grant) -> Tombstone:
    """Erase a person, in this transaction; files go a little later (remove_files).

    Raises NotFound, Meanwhile; Refused for one's own request, and while a worker grades or scores their work.
    """
    found = _locked(session, actor, request_id)
    request, person = found.request, found.person
    if queries.is_being_worked_on(session, person.id):
        raise Refused(_("Work of this person is being graded or scored. Wait until that is done."), status=409)
    request.decided_at, request.decided_by_id, request.is_granted = clock.now(), actor.id, True
    request.reason = grant.reason
    session.flush()
    named = queries.files_named(session, person.id)
    slug = session.get_one(Academy, person.academy_id).slug
    went = _deal_with_rows(session, person.id, keeps_credentials=grant.keeps_credentials, by=actor.id)
    # It was done in the database, past what this session holds.
    session.expire_all()
    now, files = clock.now(), sorted(named - queries.still_named(session, named))
    tombstone = Tombstone(
        academy_id=person.academy_id,
        account_id=person.id,
        id_sha256=id_sha256(slug, person.id),
        erased_at=now.replace(microsecond=0),
        ground=grant.ground,
        keeps_credentials=grant.keeps_credentials,
        went=went,
        files=files,
        files_removed_at=None if files else now,
    )
    session.add(tombstone)
    session.flush()
    note(session, "erased", person, actor.id, **said_in_log(tombstone))
    return tombstone


def said_in_log(tombstone: Tombstone) -> dict[str, Any]:
    """What the audit log keeps of an erasure, by which its tombstone is proved."""
    return {
        "id_sha256": tombstone.id_sha256,
        "ground": tombstone.ground.value,
        "keeps_credentials": tombstone.keeps_credentials,
        "rows": sum(each["count"] for each in tombstone.went.values()),
        "sha256_of_what_went": _digest(tombstone.went),
    }


def id_sha256(academy: str, account_id: int) -> str:
    """By which a tombstone names whom it is of. academy: its slug."""
    return hashlib.sha256(f"{academy}:account:{account_id}".encode()).hexdigest()


def _digest(went: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(went, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _locked(session: Session, actor: Actor, request_id: int) -> queries.Asked:
    """The request, once everybody else who writes for this person has ended."""
    found = queries.request_of_academy(session, actor, request_id)
    accounts.lock_alone(session, found.request.account_id)
    check_still_holds(session, actor, Action.ERASE_PEOPLE)
    session.refresh(found.request)
    if not found.request.is_open:
        raise Meanwhile
    if found.request.account_id == actor.id:
        raise Refused(_("You cannot decide on your own request. Another administrator does."), status=409)
    return found


def _deal_with_rows(session: Session, person: int, *, keeps_credentials: bool, by: int) -> Went:
    """Delete or unlink what TREATED says, in its order; what went, by table.

    keeps_credentials: those that bear the present name; of a former one the rules of the service have no need.
    """
    went: Went = {}
    for each in TREATED:
        if each.fate is Fate.DELETED:
            if each.is_counted and (numbers := _numbers(session, each, person)):
                digest = hashlib.sha256("\n".join(numbers).encode()).hexdigest()
                went[each.name] = {"count": len(numbers), "sha256": digest}
            session.execute(delete(each.table).where(each.of(person)), execution_options=UNSYNCHRONIZED)
            continue
        rows = each.of(person)
        if each.table is Credential and keeps_credentials:
            rows = and_(
                rows, Credential.signed != "", Credential.full_name != session.get_one(Account, person).full_name
            )
        values = {**each.blank, **_beyond_blank(each, person, by)}
        session.execute(update(each.table).where(rows).values(values), execution_options=UNSYNCHRONIZED)
    return went


def _numbers(session: Session, treatment: Treatment, person: int) -> list[str]:
    """The primary keys of a person's rows, as texts, in order."""
    keys = cast(Table, treatment.table.__table__).primary_key.columns
    found = session.execute(select(*keys).where(treatment.of(person)).order_by(*keys))
    return [",".join(map(str, row)) for row in found]


def _beyond_blank(treatment: Treatment, person: int, by: int) -> dict[str, Any]:
    """Values of unlinked rows that are not the same for everybody."""
    now = clock.now()
    if treatment.table is Account:
        # No name that anybody types is in capitals (app/accounts/queries.py).
        return {
            "username": f"ERASED-{person}",
            "full_name": f"#{person}",
            "credentials_number": Account.credentials_number + 1,
            "erased_at": now,
        }
    if treatment.table is Credential:
        return {"revoked_at": now, "revoked_by_id": by}
    return {}


def remove_files(session: Session, blobs: Blobs) -> int:
    """Remove files of erased people that no row names and nobody stored again lately; how many went."""
    removed, unused_since = 0, clock.now() - UNUSED_FOR
    for tombstone in queries.unfinished(session, erased_before=unused_since):
        left = set(tombstone.files) - queries.still_named(session, tombstone.files)
        gone = [digest for digest in left if blobs.remove(digest, unused_since=unused_since)]
        removed += len(gone)
        if len(gone) == len(left):
            tombstone.files_removed_at = clock.now()
    return removed


def count(session: Session) -> int:
    """How many people were erased."""
    return session.scalar(select(func.count()).select_from(Tombstone)) or 0


def faults(session: Session) -> Iterator[tuple[int, str]]:
    """What is wrong with tombstones: the number of the account, and why its erasure is not proved."""
    for tombstone in session.scalars(select(Tombstone).order_by(Tombstone.id)):
        for fault in _faults(session, tombstone):
            yield tombstone.account_id, fault


def _faults(session: Session, tombstone: Tombstone) -> Iterator[str]:
    person = session.get_one(Account, tombstone.account_id)
    academy = session.get_one(Academy, tombstone.academy_id)
    if tombstone.id_sha256 != id_sha256(academy.slug, person.id):
        yield "the tombstone names somebody else"
    if person.username != f"ERASED-{person.id}" or person.full_name != f"#{person.id}" or person.password_hash:
        yield "the account bears a name or a password"
    for table in queries.left_over(session, person.id):
        yield f"{table} holds something of them"
    statement = select(AuditEntry).where(AuditEntry.thing == f"account:{person.id}", AuditEntry.verb == "erased")
    entries = session.scalars(statement).all()
    if [entry.detail for entry in entries] != [said_in_log(tombstone)]:
        yield "the audit log says something else"
