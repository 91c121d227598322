"""Courses that are over, for a report and a comparison."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort, Enrolment, Posting
from app.accounts.progress import ActivityProgress
from app.competencies.models import Evidence
from app.content.schemas import Module
from app.core import clock
from app.demo.progress import plan
from app.demo.surveys import FAMILY_NAMES, silent_cohort
from app.demo.work import answer_as
from app.learning.models import QuizAttempt

# It came back to the quiz later; with it stand another cohort as large, and one that is too small for figures.
COMPARED_COHORT, SMALL_COHORT = "Assistant commissioners, summer 2026", "Tehsildars, summer 2026"
OTHER_GIVEN_NAMES, OTHER_FAMILY_NAMES = ("Kashif", "Lubna", "Mehreen", "Noman", "Owais"), ("Zehri",)
CAME_BACK = 20
DAYS_AGO = 40
DEPARTMENTS = (("Finance", 18), ("Local Government", 19))


def former_courses(session: Session, asked: Cohort, module: Module) -> None:
    """Three courses that are over, for a report and a comparison: two of them large enough for figures."""
    members = select(Account).join(Enrolment, Enrolment.trainee_id == Account.id)
    people = list(session.scalars(members.where(Enrolment.cohort_id == asked.id).order_by(Account.id)))
    _former_course(session, asked, people, module, ability=0.55, came_back=CAME_BACK)
    for name, (given_names, family_names), ability in (
        (COMPARED_COHORT, (OTHER_GIVEN_NAMES, FAMILY_NAMES), 0.75),
        (SMALL_COHORT, (OTHER_GIVEN_NAMES, OTHER_FAMILY_NAMES), 0.6),
    ):
        cohort, people = silent_cohort(session, asked.academy_id, name, given_names, family_names)
        _former_course(session, cohort, people, module, ability=ability, came_back=0)


def _former_course(
    session: Session, cohort: Cohort, people: Sequence[Account], module: Module, *, ability: float, came_back: int
) -> None:
    """Some weeks ago everybody answered the quiz; so many of them answer it again today."""
    began_at = clock.now() - timedelta(days=DAYS_AGO)
    plan(session, cohort, module, began_at.date(), weeks=6)
    dice = random.Random(cohort.name)  # noqa: S311 - demo data
    for place, person in enumerate(people):
        department, grade = DEPARTMENTS[place % len(DEPARTMENTS)]
        session.add(Posting(account_id=person.id, department=department, grade=grade, begins_on=began_at.date()))
        answer_as(session, person, module, ability + dice.uniform(-0.25, 0.25))
    session.flush()
    _put_back(session, [person.id for person in people], began_at)
    for person in people[:came_back]:
        answer_as(session, person, module, 0.9, again=True)


def _put_back(session: Session, trainee_ids: Sequence[int], moment: datetime) -> None:
    """Have all that these people did until now be done at this moment."""
    for table, columns in (
        (Enrolment, ("enrolled_at",)),
        (ActivityProgress, ("started_at", "done_at")),
        (QuizAttempt, ("submitted_at",)),
        (Evidence, ("at", "recorded_at")),
    ):
        former = update(table).where(table.trainee_id.in_(trainee_ids))
        session.execute(former.values(dict.fromkeys(columns, moment)))
