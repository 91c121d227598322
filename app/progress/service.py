"""Writes about the plan of a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import audit
from app.core.access import Actor
from app.enrolment.queries import cohort as cohort_to_keep
from app.progress.models import PlannedActivity
from app.progress.planning import Days


def set_plan(session: Session, actor: Actor, cohort_id: int, wanted: Mapping[str, Days]) -> None:
    """Give these activities of a cohort these days; the same again changes nothing. Raises NotFound."""
    cohort = cohort_to_keep(session, actor, cohort_id, lock=True)
    rows = {
        row.activity_id: row
        for row in session.scalars(select(PlannedActivity).where(PlannedActivity.cohort_id == cohort.id))
    }
    changes = {}
    for activity_id, days in wanted.items():
        row = rows.get(activity_id)
        former = Days(row.begins_on, row.due_on) if row else Days()
        if former == days:
            continue
        if row is None:
            row = PlannedActivity(academy_id=cohort.academy_id, cohort_id=cohort.id, activity_id=activity_id)
            session.add(row)
        row.begins_on, row.due_on = days.begins_on, days.due_on
        changes[activity_id] = [_plain(former), _plain(days)]
    session.flush()
    if changes:
        audit.record(
            session,
            verb="plan_set",
            thing=f"cohort:{cohort.id}",
            actor_id=actor.id,
            academy_id=cohort.academy_id,
            detail={"changes": changes},
        )


def _plain(days: Days) -> list[str | None]:
    return [_written(days.begins_on), _written(days.due_on)]


def _written(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
