"""Plans of courses: one begins, one is half over, with trainees at their own paces."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts import progress
from app.accounts.models import Account, Cohort, Enrolment
from app.content.schemas import Module
from app.core import clock
from app.demo.work import play
from app.learning import service as learning
from app.progress.models import PlannedActivity
from app.progress.planning import proposal
from app.progress.standing import Status

PACES = {
    "daniyal": Status.FINISHED,
    "erum": Status.ON_TRACK,
    "ghazala": Status.SILENT,
    "hamza": Status.BEHIND,
    "junaid": Status.SILENT,
    "kiran": Status.ON_TRACK,
}


def plan(session: Session, cohort: Cohort, module: Module, first_day: date, *, weeks: int) -> None:
    days = proposal([activity.id for activity in module.activities], first_day, weeks)
    for activity in module.activities:
        session.add(
            PlannedActivity(
                academy_id=cohort.academy_id,
                cohort_id=cohort.id,
                activity_id=activity.id,
                begins_on=days[activity.id].begins_on,
                due_on=None if activity.kind == "notebook" else days[activity.id].due_on,
            )
        )


def former_days(session: Session, cohort: Cohort, module: Module) -> None:
    """A course of six weeks whose first three are over, with trainees who go at their own paces."""
    began_at = clock.now() - timedelta(days=23)
    plan(session, cohort, module, began_at.date(), weeks=6)
    lesson = module.activities[0]
    members = select(Account).join(Enrolment, Enrolment.trainee_id == Account.id)
    for trainee in session.scalars(members.where(Enrolment.cohort_id == cohort.id)):
        pace = PACES.get(trainee.username)
        if pace in (Status.ON_TRACK, Status.FINISHED):
            learning.finish_lesson(session, trainee, module.id, lesson.id)
        if pace is Status.BEHIND:
            progress.mark(session, trainee, module.id, lesson.id, done=False)
        if pace is Status.FINISHED:
            play(session, trainee, module)
        if pace is Status.SILENT:
            joined = update(Enrolment).where(Enrolment.trainee_id == trainee.id, Enrolment.cohort_id == cohort.id)
            session.execute(joined.values(enrolled_at=began_at))
