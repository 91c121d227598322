"""Making a release: written, recorded and its key forgotten."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import IO

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Refused
from app.core.privacy import is_large_enough
from app.research import archive, queries
from app.research.material import SPENT, Tables, tables
from app.research.models import ResearchRelease


def release(
    session: Session, actor: Actor, *, purpose: str, recipient: str, target: IO[bytes], cover: Callable[[Tables], str]
) -> ResearchRelease:
    """Write a release of those who agree now, and keep who made it, why and for whom.

    cover: makes the page that is its dictionary. Raises Refused where too few agree, the budget does not suffice, or
    somebody who is in it agrees no longer once it is written.
    """
    found = queries.participants(session, actor.academy_id)
    if not is_large_enough(len(found)):
        raise Refused(_("Fewer than ten trainees have agreed to research, so nothing is released."))
    _check_budget(session, actor.academy_id)
    # The key is nowhere but here, and gone with the end of this call.
    made = tables(found, key=secrets.token_bytes(32), dice=secrets.SystemRandom())
    archive.write(target, made, cover(made))
    target.seek(0)
    # Two who press at once do not both spend what is left; and nobody waits while a release is written.
    accounts.lock_academy(session, actor.academy_id)
    _check_budget(session, actor.academy_id)
    if queries.somebody_left(session, actor.academy_id, {each.id for each in found}):
        raise Refused(
            _(
                "Somebody in this release agrees no longer, or is no trainee any more, so nothing was released. "
                "Make it again."
            ),
            status=409,
        )
    kept = ResearchRelease(
        academy_id=actor.academy_id,
        made_by_id=actor.id,
        made_at=clock.now(),
        purpose=purpose,
        recipient=recipient,
        people=len(made.persons),
        suppressed=made.generalised.suppressed,
        smallest_class=made.generalised.smallest_class,
        diversity=made.diversity,
        epsilon=SPENT,
        sha256=hashlib.sha256(target.read()).hexdigest(),
    )
    session.add(kept)
    session.flush()
    audit.record(
        session,
        verb="research_released",
        thing=f"research_release:{kept.id}",
        actor_id=actor.id,
        academy_id=actor.academy_id,
        detail={
            "purpose": purpose,
            "recipient": recipient,
            "people": kept.people,
            "suppressed": kept.suppressed,
            "epsilon": kept.epsilon,
            "sha256": kept.sha256,
        },
    )
    return kept


def _check_budget(session: Session, academy_id: int) -> None:
    if queries.BUDGET - queries.spent(session, academy_id) < SPENT:
        raise Refused(_("The privacy budget of this year is spent. Wait until former releases are a year old."))
