"""Nudges sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort
from app.content.schemas import Catalogue
from app.core import audit
from app.notices import service as notices
from app.notices.wording import SENDER, reads
from app.nudges import queries
from app.nudges.wording import Wording


@dataclass(frozen=True)
class Sent:
    """What became of a nudge. nudged_lately: chosen, but told within the last days.

    passed_over: chosen, but no longer behind or no longer in the cohort.
    """

    sent: int
    nudged_lately: int
    passed_over: int


def nudge(
    session: Session,
    sender: Account,
    catalogue: Catalogue,
    cohort_id: int,
    chosen: Collection[int],
    wordings: Mapping[str, Wording],
    *,
    silent_after: timedelta,
) -> Sent:
    """Tell the chosen trainees, each in their language, but those who were told lately or caught up. Raises NotFound.

    wordings: by language.
    """
    # Two who press at once are told of each other.
    session.execute(select(Cohort.id).where(Cohort.id == cohort_id).with_for_update(key_share=True))
    plan, found = queries.addressees(session, sender, catalogue, cohort_id, silent_after=silent_after)
    told = [each for each in found if each.id in chosen and each.nudged_at is None]
    made = []
    for each in told:
        trainee = each.progress.trainee
        language = reads(trainee)
        filled = wordings[language].filled(
            name=trainee.full_name,
            work=each.work(plan, language),
            cohort=plan.cohort.name,
            sender=SENDER,
        )
        made.append(
            notices.make(trainee, sender_id=sender.id, subject=filled.subject, text=filled.text, cohort_id=cohort_id)
        )
    sent = notices.send(session, made)
    if sent:
        audit.record(
            session,
            verb="trainees_nudged",
            thing=f"cohort:{cohort_id}",
            actor_id=sender.id,
            academy_id=sender.academy_id,
            detail={"notices": [each.id for each in sent]},
        )
    lately = sum(each.id in chosen and each.nudged_at is not None for each in found)
    return Sent(len(sent), lately, len(set(chosen)) - len(sent) - lately)
