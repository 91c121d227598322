"""Records opened and closed: each is in the audit log with its purpose and reason, and the person is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Account
from app.break_glass import queries
from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Refused
from app.core.openings import Purpose, RecordOpening
from app.notices.service import tell
from app.notices.wording import Occasion

OPEN_FOR = timedelta(minutes=60)


def open_record(session: Session, actor: Account, person_id: int, purpose: Purpose, reason: str) -> RecordOpening:
    """Open the record of one person to the actor for a while; the same again, while it is open, changes nothing.

    What the person submitted is open with it where a complaint of theirs waits for a decision, and that is the
    purpose. Raises NotFound; Refused for one's own record.
    """
    accounts.lock(session, person_id)
    found = queries.record(session, actor, person_id)
    if found.person.id == actor.id:
        raise Refused(_("Your own record is open to you without this."), status=409)
    shows_work = purpose is Purpose.COMPLAINT and found.appeal is not None
    former = found.opening
    if former is not None:
        if (former.purpose, former.reason, former.shows_work) == (purpose, reason, shows_work):
            return former
        _close(session, former, clock.now(), actor.id)
    made = RecordOpening(
        academy_id=actor.academy_id,
        trainee_id=person_id,
        opened_by_id=actor.id,
        purpose=purpose,
        reason=reason,
        shows_work=shows_work,
        opened_at=clock.now(),
        ends_at=clock.now() + OPEN_FOR,
    )
    session.add(made)
    session.flush()
    said = {"purpose": purpose.value, "reason": reason, "with_work": shows_work, "until": _moment(made.ends_at)}
    _note(session, "record_opened", made, actor.id, **said)
    tell(session, person_id, Occasion.RECORD_OPENED, by=actor, about=f"account:{person_id}")
    return made


def close_record(session: Session, actor: Actor, person_id: int) -> None:
    """The record of this person is open to the actor no more; closed twice is closed once. Raises NotFound."""
    accounts.lock(session, person_id)
    found = queries.record(session, actor, person_id)
    if found.opening is not None:
        _close(session, found.opening, clock.now(), actor.id)


def close_those_over(session: Session) -> int:
    """Note of each opening whose time is over that it is closed; how many."""
    found = queries.over(session, clock.now())
    for each in found:
        _close(session, each, each.ends_at, None)
    return len(found)


def _close(session: Session, opening: RecordOpening, at: datetime, actor_id: int | None) -> None:
    opening.closed_at = at
    session.flush()
    _note(session, "record_closed", opening, actor_id)


def _note(session: Session, verb: str, opening: RecordOpening, actor_id: int | None, **detail: Any) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"account:{opening.trainee_id}",
        actor_id=actor_id,
        academy_id=opening.academy_id,
        detail={"opening": opening.id, **detail},
    )


def _moment(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()
