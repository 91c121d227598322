"""Reads for nudges: whom one may reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.content.schemas import Catalogue
from app.core import clock
from app.core.access import Action, Actor
from app.core.wording import Language
from app.notices.models import Notice
from app.progress.queries import Plan, TraineeProgress, cohort_progress
from app.progress.standing import Status

# Nobody is nudged more often than this by the same cohort.
PAUSE = timedelta(days=3)


@dataclass(frozen=True)
class Addressee:
    """A trainee who is behind or silent. nudged_at: when the cohort last nudged them, within PAUSE; else None."""

    progress: TraineeProgress
    nudged_at: datetime | None

    @property
    def id(self) -> int:
        return self.progress.trainee.id

    @property
    def again_at(self) -> datetime | None:
        """When they may be nudged again; None for now."""
        return None if self.nudged_at is None else self.nudged_at + PAUSE

    def work(self, plan: Plan, language: Language) -> list[str]:
        """Titles of what is overdue, the longest ago first."""
        titles = {part.activity.id: part.activity.title for part in plan.parts}
        return [titles[activity_id].in_language(language) for activity_id in self.progress.overdue]


def addressees(
    session: Session, actor: Actor, catalogue: Catalogue, cohort_id: int, *, silent_after: timedelta
) -> tuple[Plan, list[Addressee]]:
    """Everybody in a cohort who is behind or silent, by name. Raises NotFound."""
    found = cohort_progress(session, actor, catalogue, cohort_id, silent_after=silent_after, action=Action.SEND_NUDGES)
    told = (
        select(Notice.trainee_id, func.max(Notice.sent_at))
        .where(Notice.cohort_id == cohort_id, Notice.sent_at > clock.now() - PAUSE)
        .group_by(Notice.trainee_id)
    )
    lately = {row[0]: row[1] for row in session.execute(told)}
    return found.plan, [
        Addressee(each, lately.get(each.trainee.id))
        for each in found.trainees
        if each.status in (Status.BEHIND, Status.SILENT)
    ]
