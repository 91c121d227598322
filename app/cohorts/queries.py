"""Reads for the pages of cohorts: a fixed number of statements, however large the cohort is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import progress
from app.accounts.models import Account, Cohort, Enrolment
from app.competencies.queries import Skill, evidence_of, skills
from app.core.access import Action, Actor, Statement, visible
from app.core.errors import NotFound
from app.core.paging import Page, Wanted, page_of, page_of_things
from app.core.privacy import SMALLEST_EXACT_GROUP, SMALLEST_GROUP

# Figures of smaller groups could be traced to a person; those of groups below the second bound only as a band.
BAND = 0.10


@dataclass(frozen=True)
class CohortRow:
    cohort: Cohort
    trainees: int


@dataclass(frozen=True)
class GroupMean:
    """Mean estimate of a competency over `trainees` people (shares).

    low and high: the band of ten points that holds it, both equal to the mean itself in a large group, and None in
    a group so small that a person could be recognised.
    """

    low: float | None
    high: float | None
    trainees: int


@dataclass(frozen=True)
class CohortRecord:
    cohort: Cohort
    trainees: Page[Account]
    codes: tuple[str, ...]
    skills: dict[tuple[int, str], Skill]
    means: dict[str, GroupMean]
    states: dict[int, dict[str, str]]

    def done(self, trainee_id: int, activity_ids: Sequence[str]) -> int:
        """How many of these activities this trainee has finished."""
        return sum(self.states[trainee_id].get(activity_id) == progress.DONE for activity_id in activity_ids)


def cohorts(session: Session, actor: Actor, wanted: Wanted) -> Page[CohortRow]:
    """Cohorts of the actor's academy, by name, with the number of their trainees."""
    statement = (
        select(Cohort, func.count(Enrolment.id))
        .outerjoin(Enrolment, Enrolment.cohort_id == Cohort.id)
        .group_by(Cohort.id)
        .order_by(Cohort.name, Cohort.id)
    )
    found = page_of(session, _cohorts_within(actor, statement), wanted)
    return found.made(lambda rows: [CohortRow(cohort, count) for cohort, count in rows])


def cohort_record(session: Session, actor: Actor, cohort_id: int, wanted: Wanted) -> CohortRecord:
    """A cohort with every skill and a page of its trainees, by name. Raises NotFound."""
    found = session.scalar(_cohorts_within(actor, select(Cohort).where(Cohort.id == cohort_id)))
    if found is None:
        raise NotFound
    members = (
        select(Account).join(Enrolment, Enrolment.trainee_id == Account.id).where(Enrolment.cohort_id == cohort_id)
    )
    trainees = page_of_things(session, members.order_by(Account.full_name, Account.id), wanted)
    # The means are of the whole cohort, whichever page is looked at.
    everyone = list(session.scalars(select(Enrolment.trainee_id).where(Enrolment.cohort_id == cohort_id)))
    known = skills(evidence_of(session, actor, everyone, Action.SEE_SKILL_RECORD))
    groups: dict[str, list[Skill]] = defaultdict(list)
    for (_trainee_id, code), skill in known.items():
        groups[code].append(skill)
    return CohortRecord(
        cohort=found,
        trainees=trainees,
        codes=tuple(sorted(groups)),
        skills=known,
        means={code: group_mean(group) for code, group in groups.items()},
        states=progress.of_trainees(session, [each.id for each in trainees.rows], found.module_id),
    )


def group_mean(group: list[Skill]) -> GroupMean:
    """Mean of the estimates, as exactly as the size of the group allows."""
    if len(group) < SMALLEST_GROUP:
        return GroupMean(None, None, len(group))
    mean = math.fsum(skill.estimate.mean for skill in group) / len(group)
    if len(group) < SMALLEST_EXACT_GROUP:
        low = math.floor(round(mean / BAND, 9)) * BAND
        return GroupMean(low, low + BAND, len(group))
    return GroupMean(mean, mean, len(group))


def _cohorts_within(actor: Actor, statement: Statement) -> Statement:
    columns = Cohort.__table__.c
    # A cohort has no owner but its academy; no role sees cohorts as its own.
    return visible(actor, Action.SEE_COHORTS, statement, trainee=columns.id, academy=columns.academy_id)
