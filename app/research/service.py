"""Making a release: written, recorded and its key forgotten."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import IO

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Academy
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

    cover: makes the page that is its dictionary. Raises Refused where too few agree, or the budget does not suffice.
    """
    # Two who press at once do not both spend what is left.
    session.execute(select(Academy.id).where(Academy.id == actor.academy_id).with_for_update(key_share=True))
    found = queries.participants(session, actor.academy_id)
    if not is_large_enough(len(found)):
        raise Refused(_("Fewer than ten trainees have agreed to research, so nothing is released."))
    if queries.BUDGET - queries.spent(session, actor.academy_id) < SPENT:
        raise Refused(_("The privacy budget of this year is spent. Wait until former releases are a year old."))
    # The key is nowhere but here, and gone with the end of this call.
    made = tables(found, key=secrets.token_bytes(32), dice=secrets.SystemRandom())
    archive.write(target, made, cover(made))
    target.seek(0)
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
