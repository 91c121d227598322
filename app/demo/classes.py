"""Who teaches which cohort of the demo."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import service as accounts
from app.accounts.models import Account, Cohort
from app.core.classes import CohortInstructor
from app.demo.people import COHORTS, MODULE_ID
from app.demo.reports import SMALL_COHORT

# Bilal teaches them with Rabia, who marks what he marked a second time.
TAUGHT_BY_TWO = (COHORTS[MODULE_ID], COHORTS["the-human-door"])


def name_instructors(session: Session, people: Mapping[str, Account]) -> None:
    """Bilal teaches every cohort that has no instructor so far, but one, for which nobody is named yet."""
    taught = select(CohortInstructor.cohort_id)
    waiting = select(Cohort).where(Cohort.id.not_in(taught), Cohort.name != SMALL_COHORT).order_by(Cohort.id)
    for cohort in session.scalars(waiting).all():
        for username in ("bilal", "rabia") if cohort.name in TAUGHT_BY_TWO else ("bilal",):
            accounts.name_instructor(session, cohort, people[username], by=people["farid"].id)
