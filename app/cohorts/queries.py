"""Reads for the pages of cohorts: a fixed number of statements, however large the cohort is."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts import progress
from app.accounts.models import Account, Cohort, Enrolment
from app.accounts.queries import cohort_of_academy, instructors_of, reachable_cohorts
from app.cohorts.growth import Growth, chance_of_no_growth, growth
from app.competencies.estimation import Standing, estimate
from app.competencies.models import SkillTally
from app.competencies.queries import (
    Skill,
    evidence_of,
    hidden_estimates,
    in_doubt,
    piece_of,
    skills,
    standings_in_cohorts,
)
from app.core import classes
from app.core.access import Action, Actor, Statement, cohorts_visible, holds, reaches, visible
from app.core.paging import Page, Wanted, page_of
from app.core.privacy import (
    LEAST_SHARED,
    SMALLEST_EXACT_GROUP,
    Counts,
    ShownShare,
    bearing_on,
    is_large_enough,
    may_stand_beside,
    shown_counts,
    shown_share,
    withheld_groups,
)

# Work of a person's first day with evidence is where growth starts.
FIRST_DAY = timedelta(days=1)
# By cohort and competency: where each trainee with evidence stands.
Groups = dict[tuple[int, str], dict[int, Standing]]


@dataclass(frozen=True)
class CohortRow:
    """instructors: their names."""

    cohort: Cohort
    trainees: int
    instructors: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether its instructors see what its trainees did no more."""
        return classes.is_over(self.cohort.ends_on)


@dataclass(frozen=True)
class GroupFigures:
    """A competency over the trainees of a cohort who have evidence of it, as exactly as their number allows.

    mean and spread (standard deviation of the estimates): shares. median_level: the level that half of them have
    reached or passed; None for "not yet known". pieces: of evidence in force.
    """

    trainees: int
    pieces: int
    mean: ShownShare
    spread: ShownShare
    median_level: int | None


@dataclass(frozen=True)
class HeatMap:
    """A page of cohorts by competencies. cells: None where the figures are withheld, absent where nobody has any.

    reachable: those of the cohorts whose pages, which name people, the reader may see.
    """

    cohorts: Page[CohortRow]
    reachable: set[int]
    codes: tuple[str, ...]
    cells: dict[tuple[int, str], GroupFigures | None]


@dataclass(frozen=True)
class CohortGrowth:
    """Growth of those of a cohort who have evidence from before and after, as far as it may be shown.

    both, first_only, none: how many have evidence from before and after, of the first day only, and none; who takes
    part is no figure about what they can do. growth: None in a group too small for exact figures. shows_means: whether
    means may be shown beside those of the whole group. dropouts_before: mean before of those without later evidence.
    chance: of no growth, in a group too small for exact figures, for administrators only.
    """

    both: int
    first_only: int
    none: int
    growth: Growth | None
    shows_means: bool
    dropouts_before: ShownShare | None
    chance: float | None


@dataclass(frozen=True)
class CohortCompetency:
    """A competency of a cohort. figures, levels and growth: None where they are withheld.

    levels: how many trainees are at no known level yet and at each of the levels 1 to 4. readable: trainees of this
    page whose record the reader may see now; standings: of these, by trainee; hidden: those of them whose standing the
    reader must not see yet; disputing: those who dispute evidence of it.
    """

    cohort: Cohort
    trainees: Page[Account]
    with_evidence: int
    readable: set[int]
    disputing: set[int]
    standings: dict[int, Standing]
    hidden: set[int]
    figures: GroupFigures | None
    levels: Counts | None
    growth: CohortGrowth | None


@dataclass(frozen=True)
class CohortRecord:
    """A cohort. readable: trainees of this page whose record the reader may see now.

    standings: of these, by competency and trainee; with_evidence: how many of the whole cohort have any. hidden: of
    these standings, by trainee and competency, those that the reader must not see yet.
    """

    cohort: Cohort
    trainees: Page[Account]
    readable: set[int]
    codes: tuple[str, ...]
    standings: dict[str, dict[int, Standing]]
    hidden: set[tuple[int, str]]
    figures: dict[str, GroupFigures | None]
    with_evidence: dict[str, int]
    states: dict[int, dict[str, str]]

    def done(self, trainee_id: int, activity_ids: Sequence[str]) -> int:
        """How many of these activities this trainee has finished."""
        return sum(self.states[trainee_id].get(activity_id) == progress.DONE for activity_id in activity_ids)


def cohorts(session: Session, actor: Actor, action: Action, wanted: Wanted) -> Page[CohortRow]:
    """Cohorts that the actor reaches by this action, by name, with their instructors and number of trainees."""
    return _cohort_rows(session, _cohorts_within(actor, action, _counted()), wanted)


def without_instructor(session: Session, actor: Actor, wanted: Wanted) -> Page[CohortRow]:
    """Those of the actor's cohorts that nobody teaches, though they are not over, by name."""
    still_open = classes.still_open(Cohort.__table__.c.ends_on)
    statement = _counted().where(Cohort.id.not_in(select(classes.CohortInstructor.cohort_id)), still_open)
    return _cohort_rows(session, _cohorts_within(actor, Action.SEE_COHORTS, statement), wanted)


def _counted() -> Select[Cohort, int]:
    return (
        select(Cohort, func.count(Enrolment.id))
        .outerjoin(Enrolment, Enrolment.cohort_id == Cohort.id)
        .group_by(Cohort.id)
        .order_by(Cohort.name, Cohort.id)
    )


def _cohort_rows(session: Session, statement: Select[Cohort, int], wanted: Wanted) -> Page[CohortRow]:
    page = page_of(session, statement, wanted)
    teach = instructors_of(session, [cohort.id for cohort, _count in page.rows])
    return page.made(
        lambda rows: [
            CohortRow(cohort, count, tuple(each.full_name for each in teach.get(cohort.id, ())))
            for cohort, count in rows
        ]
    )


def cohort_record(session: Session, actor: Actor, cohort_id: int, wanted: Wanted) -> CohortRecord:
    """A cohort with every skill and a page of its trainees, by name. Raises NotFound."""
    found = cohort_named(session, actor, cohort_id)
    trainees, known = _members(session, actor, cohort_id, wanted)
    # The figures are of the whole cohort, whichever page is looked at.
    groups, cells = groups_with_figures(session, actor, {cohort_id})
    of_cohort = {code: group for (_cohort_id, code), group in groups.items()}
    return CohortRecord(
        cohort=found,
        trainees=trainees,
        readable=known,
        codes=tuple(sorted(of_cohort)),
        standings={code: _of_these(group, known) for code, group in of_cohort.items()},
        hidden=hidden_estimates(session, actor, known),
        figures={code: cells[cohort_id, code] for code in of_cohort},
        with_evidence={code: len(group) for code, group in of_cohort.items()},
        states=progress.of_trainees(session, [each.id for each in trainees.rows], found.module_id),
    )


def heat_map(session: Session, actor: Actor, wanted: Wanted, codes: Sequence[str]) -> HeatMap:
    """The cohorts of the actor's academy by those of these competencies that anybody there has evidence of."""
    page = cohorts(session, actor, Action.SEE_GROUP_FIGURES, wanted)
    shown = {row.cohort.id for row in page.rows}
    _found, cells = groups_with_figures(session, actor, shown)
    return HeatMap(page, reachable_cohorts(session, actor, shown), _measured(session, actor, codes), cells)


def cohort_competency(session: Session, actor: Actor, cohort_id: int, code: str, wanted: Wanted) -> CohortCompetency:
    """One competency of a cohort with a page of its trainees, by name. Raises NotFound."""
    found = cohort_named(session, actor, cohort_id)
    groups, cells = groups_with_figures(session, actor, {cohort_id})
    group, figures = groups.get((cohort_id, code), {}), cells.get((cohort_id, code))
    trainees, known = _members(session, actor, cohort_id, wanted)
    doubt = in_doubt(session, actor, known)
    return CohortCompetency(
        cohort=found,
        trainees=trainees,
        with_evidence=len(group),
        readable=known,
        disputing={trainee_id for trainee_id, of in doubt.disputed if of == code},
        standings=_of_these(group, known),
        hidden={trainee_id for trainee_id, of in doubt.hidden if of == code},
        figures=figures,
        levels=shown_counts([count_by_level(group.values())]) if figures else None,
        growth=_growth_in(session, actor, cohort_id, code, sorted(group)) if figures else None,
    )


def _of_these(group: Mapping[int, Standing], people: Collection[int]) -> dict[int, Standing]:
    return {number: standing for number, standing in group.items() if number in people}


def groups_with_figures(
    session: Session, actor: Actor, cohort_ids: set[int], bearing: Collection[int] | None = None
) -> tuple[Groups, dict[tuple[int, str], GroupFigures | None]]:
    """Where everybody with evidence stands in these cohorts, and what may be shown of them; None for nothing.

    bearing: their `bearing_cohorts`, where these are known already.
    """
    groups = _groups(session, actor, bearing or bearing_cohorts(session, actor, cohort_ids))
    cells = _cells(groups, cohort_ids)
    return {key: group for key, group in groups.items() if key in cells}, cells


def bearing_cohorts(session: Session, actor: Actor, cohort_ids: set[int]) -> set[int]:
    """These cohorts and all that bear on what may be shown of them."""
    return bearing_on(cohort_ids, _overlapping(session, actor))


def all_cohorts(session: Session, actor: Actor) -> list[Cohort]:
    """Every cohort of the actor's academy, by name."""
    statement = select(Cohort).order_by(Cohort.name, Cohort.id)
    return list(session.scalars(_cohorts_within(actor, Action.SEE_GROUP_FIGURES, statement)))


def cohort_named(session: Session, actor: Actor, cohort_id: int, action: Action = Action.SEE_COHORTS) -> Cohort:
    """A cohort that this actor may see, or reaches by another action. Raises NotFound, ClassOver."""
    return cohort_of_academy(session, actor, cohort_id, action)


def group_figures(group: Collection[Standing]) -> GroupFigures | None:
    """What may be shown of these trainees, each with where they stand in a competency; None where they are too few."""
    means = [standing.mean for standing in group]
    mean = shown_share(math.fsum(means) / len(means), len(group)) if means else None
    spread = shown_share(float(np.std(means, ddof=1)), len(group)) if len(means) > 1 else None
    if mean is None or spread is None:
        return None
    return GroupFigures(
        trainees=len(group),
        pieces=sum(standing.pieces for standing in group),
        mean=mean,
        spread=spread,
        median_level=statistics.median_low(standing.level or 0 for standing in group) or None,
    )


def cohort_growth(
    known: dict[int, Skill], enrolled_at: dict[int, datetime], *, for_administrator: bool
) -> CohortGrowth:
    """Growth in one competency. known: by trainee, those with evidence; enrolled_at: of everyone in the cohort.

    The work's own time decides what is before and what after, by the marks in force: late marking is no growth.
    """
    pairs: dict[int, tuple[float, float]] = {}
    dropouts: dict[int, float] = {}
    for trainee_id, skill in known.items():
        start = end_of_first_day(skill, enrolled_at[trainee_id])
        early = [piece_of(row) for row in skill.evidence if row.at <= start]
        before = estimate(skill.competency, early, now=start).mean
        if len(early) < len(skill.evidence):
            pairs[trainee_id] = (before, skill.estimate.mean)
        else:
            dropouts[trainee_id] = before
    is_exact = len(pairs) >= SMALLEST_EXACT_GROUP
    is_small = not is_exact and is_large_enough(len(pairs)) and for_administrator
    return CohortGrowth(
        both=len(pairs),
        first_only=len(dropouts),
        none=len(enrolled_at) - len(known),
        growth=growth(list(pairs.values())) if is_exact else None,
        shows_means=may_stand_beside(pairs, known),
        dropouts_before=_shown_mean(dropouts, known),
        chance=chance_of_no_growth(list(pairs.values())) if is_small else None,
    )


def end_of_first_day(skill: Skill, enrolled_at: datetime) -> datetime:
    """The moment whose estimate growth starts from: a day after the first evidence or the enrolment."""
    return max(enrolled_at, min(row.at for row in skill.evidence)) + FIRST_DAY


def _shown_mean(shares: dict[int, float], beside: dict[int, Skill]) -> ShownShare | None:
    """Mean of these persons' shares, where it may be shown beside that of a larger group."""
    if not may_stand_beside(shares, beside):
        return None
    return shown_share(math.fsum(shares.values()) / len(shares), len(shares))


def enrolments(session: Session, cohort_id: int) -> dict[int, datetime]:
    """When each trainee of a cohort joined it."""
    statement = select(Enrolment.trainee_id, Enrolment.enrolled_at).where(Enrolment.cohort_id == cohort_id)
    return {row.trainee_id: row.enrolled_at for row in session.execute(statement)}


def count_by_level(group: Iterable[Standing]) -> list[int]:
    """How many are at no known level yet, and at levels 1 to 4."""
    counts = [0] * 5
    for standing in group:
        counts[standing.level or 0] += 1
    return counts


def _growth_in(session: Session, actor: Actor, cohort_id: int, code: str, people: Sequence[int]) -> CohortGrowth:
    evidence = evidence_of(session, actor, people, Action.SEE_GROUP_FIGURES, competency=code)
    known = {trainee_id: skill for (trainee_id, _code), skill in skills(evidence).items()}
    is_administrator = holds(actor, Action.SEE_ADMINISTRATION)
    return cohort_growth(known, enrolments(session, cohort_id), for_administrator=is_administrator)


def _groups(session: Session, actor: Actor, cohort_ids: Collection[int]) -> Groups:
    """Where everybody with evidence stands in these cohorts."""
    found: Groups = defaultdict(dict)
    for (cohort_id, trainee_id, code), standing in standings_in_cohorts(session, actor, cohort_ids).items():
        found[cohort_id, code][trainee_id] = standing
    return dict(found)


def _overlapping(session: Session, actor: Actor) -> list[tuple[int, int]]:
    """Pairs of the academy's cohorts that have so many trainees in common that the rule on groups compares them."""
    one, other = aliased(Enrolment), aliased(Enrolment)
    statement = (
        select(one.cohort_id, other.cohort_id)
        .join(other, (other.trainee_id == one.trainee_id) & (other.cohort_id > one.cohort_id))
        .join(Cohort, Cohort.id == one.cohort_id)
        .group_by(one.cohort_id, other.cohort_id)
        .having(func.count() >= LEAST_SHARED)
    )
    within = _cohorts_within(actor, Action.SEE_GROUP_FIGURES, statement)
    return [(first, second) for first, second in session.execute(within)]


def _measured(session: Session, actor: Actor, codes: Sequence[str]) -> tuple[str, ...]:
    """Those of these competencies that anybody has evidence of, in their order."""
    columns = SkillTally.__table__.c
    anybody = visible(
        actor,
        Action.SEE_GROUP_FIGURES,
        select(SkillTally.competency).where(SkillTally.pieces > 0),
        trainee=columns.trainee_id,
        academy=columns.academy_id,
    )
    # A question for each, because to read all rows for the few names in them takes longer.
    found = session.execute(select(*(anybody.where(SkillTally.competency == code).exists() for code in codes))).one()
    return tuple(code for code, is_measured in zip(codes, found, strict=True) if is_measured)


def _cells(groups: Groups, cohort_ids: set[int]) -> dict[tuple[int, str], GroupFigures | None]:
    """Figures of these cohorts; those that the rule on groups withholds are None."""
    by_code: dict[str, dict[int, Collection[int]]] = defaultdict(dict)
    for (cohort_id, code), group in groups.items():
        by_code[code][cohort_id] = group.keys()
    withheld = {code: withheld_groups(of_cohorts) for code, of_cohorts in by_code.items()}
    return {
        (cohort_id, code): None if cohort_id in withheld[code] else group_figures(group.values())
        for (cohort_id, code), group in groups.items()
        if cohort_id in cohort_ids
    }


def _members(session: Session, actor: Actor, cohort_id: int, wanted: Wanted) -> tuple[Page[Account], set[int]]:
    """A page of the trainees of a cohort, by name, and of these those whose skill record the actor may see now."""
    columns = Account.__table__.c
    is_readable = reaches(actor, Action.SEE_SKILL_RECORD, trainee=columns.id, academy=columns.academy_id)
    page = page_of(
        session,
        select(Account, is_readable)
        .join(Enrolment, Enrolment.trainee_id == Account.id)
        .where(Enrolment.cohort_id == cohort_id)
        .order_by(Account.full_name, Account.id),
        wanted,
    )
    known = {trainee.id for trainee, is_open in page.rows if is_open}
    return page.made(lambda rows: [trainee for trainee, _is_open in rows]), known


def _cohorts_within(actor: Actor, action: Action, statement: Statement) -> Statement:
    columns = Cohort.__table__.c
    return cohorts_visible(actor, action, statement, cohort=columns.id, academy=columns.academy_id)
