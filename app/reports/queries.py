"""Reads for comparisons and reports: a fixed number of statements, however many people or competencies there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any, NamedTuple

from sqlalchemy import JSON, Integer, Row, String, cast, func, null, select, union_all
from sqlalchemy.orm import Session, aliased

from app.accounts.models import Academy, Account, Cohort, Enrolment, Posting, Withdrawal
from app.accounts.postings import grade_band
from app.cohorts import queries as cohorts
from app.cohorts.growth import interval
from app.cohorts.queries import CohortGrowth, GroupFigures, Groups, cohort_growth
from app.competencies.estimation import Standing
from app.competencies.queries import evidence_of, hidden_estimates, skills
from app.content.schemas import Catalogue, Instrument, Module
from app.core import clock
from app.core.access import Action, Actor, cohorts_visible, holds, reaches_cohort, visible
from app.core.db import UtcDateTime, one_row
from app.core.errors import NotFound
from app.core.privacy import SMALLEST_EXACT_GROUP, shown_counts, withheld_groups
from app.progress.queries import statuses_in_cohort
from app.progress.standing import Status
from app.reports.comparing import Difference, difference, mean_interval
from app.reports.moving import Moved, Pulls, moved, pulls_of
from app.sims.models import SimulationRun
from app.sims.queries import repeats_a_seed
from app.surveys import queries as surveys
from app.surveys.models import Survey, WaveName
from app.surveys.results import WaveFigures, wave_figures

# Departments beyond these are told together.
MOST_NAMED = 12


@dataclass(frozen=True)
class Breakdown:
    """How many there are of each kind. named: of ten people and more; others: of all other kinds together."""

    named: tuple[tuple[str, int], ...]
    others: int


@dataclass(frozen=True)
class Participation:
    """Who takes part in a cohort, which says nothing of what they can do.

    with_evidence: of any competency. departments, grades: None where they are withheld.
    """

    enrolled: int
    withdrawn: int
    with_evidence: int
    departments: Breakdown | None
    grades: Breakdown | None

    @property
    def joined(self) -> int:
        return self.enrolled + self.withdrawn

    @property
    def share_lost(self) -> float:
        """The share (0 to 1) of all who ever joined of whom there is no evidence, or who were withdrawn."""
        return 1 - self.with_evidence / self.joined if self.joined else 0.0


@dataclass(frozen=True)
class Group:
    """A cohort's trainees with evidence of one competency. figures: None where they are withheld.

    interval: 95%, of the mean (shares), of groups that are large enough for exact figures.
    """

    trainees: int
    figures: GroupFigures | None
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Pair:
    """Two cohorts, by their places in the comparison. shared: trainees who are in both groups."""

    first: int
    second: int
    shared: int
    difference: Difference


@dataclass(frozen=True)
class ComparedCompetency:
    """groups: of each cohort, in their order; None for a cohort without any evidence."""

    code: str
    groups: tuple[Group | None, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Comparison:
    """Cohorts by name, with who is in them and what may be said of each competency.

    comparisons: how many differences are told, for which their intervals are widened.
    """

    cohorts: tuple[Cohort, ...]
    participation: tuple[Participation, ...]
    competencies: tuple[ComparedCompetency, ...]
    comparisons: int


@dataclass(frozen=True)
class ReportedCompetency:
    """A competency of a cohort. growth: None where it is withheld; moved: by what the mean difference came about."""

    code: str
    group: Group
    growth: CohortGrowth | None
    moved: tuple[Moved, ...]


@dataclass(frozen=True)
class CuriosityFigures:
    """Curiosity velocity over the newest valued run of each of so many trainees, with the 95% interval of its mean.

    aim, uptake, pace: means (shares) of its parts.
    """

    trainees: int
    index: float
    low: float
    high: float
    aim: float
    uptake: float
    pace: float


@dataclass(frozen=True)
class SurveyFigures:
    """The waves of a cohort's survey that are closed; None for one of which nothing is shown."""

    instrument: Instrument
    waves: Mapping[WaveName, WaveFigures | None]


@dataclass(frozen=True)
class CohortReport:
    """A cohort at a moment. statuses, curiosity, survey: None where they are withheld or there is none.

    is_reachable: whether the reader may see its pages, which name people. valued: trainees with a run whose questions
    were valued. is_alike: whether the cohort is too small for who is in it to be told, or would tell of a few beside
    others that are shown.
    """

    academy: Academy
    cohort: Cohort
    is_reachable: bool
    module: Module | None
    at: datetime
    participation: Participation
    is_alike: bool
    has_plan: bool
    statuses: Mapping[Status, int | None] | None
    competencies: tuple[ReportedCompetency, ...]
    valued: int
    curiosity: CuriosityFigures | None
    survey: SurveyFigures | None


def compared(
    session: Session, actor: Actor, cohort_ids: Sequence[int], codes: Collection[str], order: Sequence[str]
) -> Comparison:
    """These cohorts by those of these competencies that any of them has evidence of, in this order. Raises NotFound."""
    chosen = [each for each in cohorts.all_cohorts(session, actor) if each.id in set(cohort_ids)]
    if len(chosen) < len(set(cohort_ids)):
        raise NotFound
    ids = [each.id for each in chosen]
    bearing = cohorts.bearing_cohorts(session, actor, set(ids))
    groups, cells = cohorts.groups_with_figures(session, actor, set(ids), bearing)
    measured = [code for code in order if code in codes and any((number, code) in groups for number in ids)]
    exact = {code: [number for number in ids if _is_exact(cells.get((number, code)))] for code in measured}
    comparisons = sum(len(of_code) * (len(of_code) - 1) // 2 for of_code in exact.values())
    members, withdrawn = _members(session, actor, bearing)
    found = participation(set(ids), members, withdrawn, groups)
    return Comparison(
        cohorts=tuple(chosen),
        participation=tuple(found[number] for number in ids),
        competencies=tuple(
            ComparedCompetency(
                code,
                tuple(_group(groups, cells, (number, code)) for number in ids),
                tuple(_pairs(ids, exact[code], {number: groups[number, code] for number in exact[code]}, comparisons)),
            )
            for code in measured
        ),
        comparisons=comparisons,
    )


def _is_exact(figures: GroupFigures | None) -> bool:
    return figures is not None and figures.trainees >= SMALLEST_EXACT_GROUP


def _group(groups: Groups, cells: Mapping[tuple[int, str], GroupFigures | None], key: tuple[int, str]) -> Group | None:
    if key not in groups:
        return None
    figures, means = cells[key], [standing.mean for standing in groups[key].values()]
    return Group(len(means), figures, mean_interval(means) if _is_exact(figures) else None)


def _pairs(
    ids: Sequence[int], exact: Sequence[int], groups: Mapping[int, Mapping[int, Standing]], comparisons: int
) -> list[Pair]:
    # In the order of people, so that the last decimals do not depend on how the database gave them.
    means = {number: [group[person].mean for person in sorted(group)] for number, group in groups.items()}
    return [
        Pair(
            ids.index(one),
            ids.index(other),
            len(groups[one].keys() & groups[other].keys()),
            difference(means[one], means[other], comparisons=comparisons),
        )
        for one, other in combinations(exact, 2)
    ]


class Member(NamedTuple):
    """Of somebody in a cohort the present posting, when they came, and what the questions of their newest run that has
    an index were worth; None for no such run. A later attempt at an exercise is none.
    """

    department: str | None
    grade: int | None
    joined_at: datetime
    curiosity: Mapping[str, float] | None


Members = Mapping[int, Mapping[int, Member]]


def participation(
    cohort_ids: set[int], members: Members, withdrawn: Counter[int], groups: Groups
) -> dict[int, Participation]:
    """Who takes part in these cohorts. members: of them and all that bear on them; groups: with evidence in them."""
    withheld = withheld_groups(members)
    known: dict[int, set[int]] = defaultdict(set)
    for (number, _code), group in groups.items():
        known[number] |= group.keys()
    return {
        number: Participation(
            enrolled=len(members.get(number, {})),
            withdrawn=withdrawn[number],
            with_evidence=len(known[number]),
            departments=None if _hides(number, members, withheld) else _breakdown(members[number], _department),
            grades=None if _hides(number, members, withheld) else _breakdown(members[number], _grade_band),
        )
        for number in cohort_ids
    }


def _hides(number: int, members: Members, withheld: set[int]) -> bool:
    return number not in members or number in withheld


def _members(
    session: Session, actor: Actor, cohort_ids: Collection[int], *, module_id: str = ""
) -> tuple[Members, Counter[int]]:
    """Who is in each of these cohorts; and how many were withdrawn from each and did not come back.

    module_id: whose runs are looked at for questions, "" for none.
    """
    present = (Posting.account_id == Enrolment.trainee_id) & Posting.ends_on.is_(None)
    columns = SimulationRun.__table__.c
    with_index = select(func.max(columns.id)).where(
        columns.trainee_id == Enrolment.trainee_id,
        columns.module_id == module_id,
        columns.curiosity["index"].as_float().is_not(None),
        ~repeats_a_seed(),
    )
    newest = visible(
        actor, Action.SEE_GROUP_FIGURES, with_index, trainee=columns.trainee_id, academy=columns.academy_id
    )
    run = aliased(SimulationRun)
    enrolled = (
        select(Enrolment.cohort_id, Enrolment.trainee_id, Posting.department, Posting.grade)
        .add_columns(Enrolment.enrolled_at, run.curiosity)
        .outerjoin(Posting, present)
        .outerjoin(run, run.id == newest.scalar_subquery())
        .where(Enrolment.cohort_id.in_(cohort_ids))
    )
    is_back = (
        select(Enrolment.id)
        .where(Enrolment.cohort_id == Withdrawal.cohort_id, Enrolment.trainee_id == Withdrawal.trainee_id)
        .exists()
    )
    left = (
        select(Withdrawal.cohort_id, Withdrawal.trainee_id)
        .where(Withdrawal.cohort_id.in_(cohort_ids), ~is_back)
        .distinct()
        .subquery()
    )
    gone = select(left, *(cast(null(), kind) for kind in (String, Integer, UtcDateTime, JSON)))
    members: dict[int, dict[int, Member]] = defaultdict(dict)
    withdrawn = Counter[int]()
    for cohort_id, trainee_id, *member in session.execute(union_all(enrolled, gone)):
        found = Member(*member)
        if found.joined_at is None:
            withdrawn[cohort_id] += 1
        else:
            members[cohort_id][trainee_id] = found
    return dict(members), withdrawn


def _department(member: Member) -> str:
    return member.department or ""


def _grade_band(member: Member) -> str:
    band = grade_band(member.grade)
    return f"BPS {band[0]}–{band[1]}" if band else ""


def _breakdown(members: Mapping[int, Member], kind: Callable[[Member], str]) -> Breakdown:
    counts = Counter(kind(member) for member in members.values())
    largest = sorted(((name, count) for name, count in counts.items() if name), key=lambda each: (-each[1], each[0]))
    kinds = largest[:MOST_NAMED]
    rest = len(members) - sum(count for _name, count in kinds)
    [cells] = shown_counts([[*(count for _name, count in kinds), rest]]).cells
    named = [(name, count) for (name, count), cell in zip(kinds, cells, strict=False) if cell is not None]
    return Breakdown(tuple(sorted(named)), len(members) - sum(count for _name, count in named))


def report(
    session: Session, actor: Actor, catalogue: Catalogue, cohort_id: int, *, silent_after: timedelta
) -> CohortReport:
    """What may be told of a cohort outside of its own pages. Raises NotFound."""
    cohort, is_reachable, instrument = _cohort(session, actor, cohort_id)
    bearing = cohorts.bearing_cohorts(session, actor, {cohort_id})
    members, withdrawn = _members(session, actor, bearing, module_id=cohort.module_id)
    joined = {person: member.joined_at for person, member in members.get(cohort_id, {}).items()}
    plan, counts = statuses_in_cohort(session, catalogue, cohort, joined, silent_after=silent_after)
    is_alike = _hides(cohort_id, members, withheld_groups(members))
    groups, cells = cohorts.groups_with_figures(session, actor, {cohort_id}, bearing)
    valued = _valued(members)
    return CohortReport(
        academy=session.get_one(Academy, cohort.academy_id),
        cohort=cohort,
        is_reachable=is_reachable,
        module=plan.module,
        at=clock.now(),
        participation=participation({cohort_id}, members, withdrawn, groups)[cohort_id],
        is_alike=is_alike,
        has_plan=bool(plan.due_at),
        statuses=None if is_alike else _statuses(counts),
        competencies=tuple(_competencies(session, actor, catalogue, cohort_id, joined, groups, cells)),
        valued=len(valued.get(cohort_id, {})),
        curiosity=_curiosity(cohort_id, valued),
        survey=_survey(session, actor, cohort_id, instrument) if instrument else None,
    )


def _cohort(session: Session, actor: Actor, cohort_id: int) -> Row[Cohort, bool, dict[str, Any] | None]:
    """A cohort whose figures the actor may see, whether they may also see its pages, which name people, and what its
    survey asks. Raises NotFound.
    """
    columns = Cohort.__table__.c
    place = {"cohort": columns.id, "academy": columns.academy_id}
    statement = (
        select(Cohort, reaches_cohort(actor, Action.SEE_COHORTS, **place), Survey.instrument)
        .outerjoin(Survey, Survey.cohort_id == Cohort.id)
        .where(Cohort.id == cohort_id)
    )
    return one_row(session, cohorts_visible(actor, Action.SEE_GROUP_FIGURES, statement, **place))


def _statuses(counts: Counter[Status]) -> dict[Status, int | None]:
    [cells] = shown_counts([[counts[status] for status in Status]]).cells
    return dict(zip(Status, cells, strict=True))


def _competencies(
    session: Session,
    actor: Actor,
    catalogue: Catalogue,
    cohort_id: int,
    joined: dict[int, datetime],
    groups: Groups,
    cells: Mapping[tuple[int, str], GroupFigures | None],
) -> list[ReportedCompetency]:
    """Every competency of the framework that a cohort has evidence of, in its order. joined: when, by trainee."""
    everybody = sorted({person for group in groups.values() for person in group})
    evidence = evidence_of(session, actor, everybody, Action.SEE_GROUP_FIGURES)
    known, now = skills(evidence), clock.now()
    found = []
    for code in catalogue.competencies:
        group = _group(groups, cells, (cohort_id, code))
        if group is None:
            continue
        of_code = {person: skill for (person, of), skill in sorted(known.items()) if of == code}
        # The report is quoted elsewhere, so it holds nothing that only administrators may read.
        grown = cohort_growth(of_code, joined, for_administrator=False) if group.figures else None
        pulls: dict[int, Pulls] = {}
        if grown is not None and grown.growth is not None:
            each = {person: pulls_of(skill, joined[person], now=now) for person, skill in of_code.items()}
            pulls = {person: found_pulls for person, found_pulls in each.items() if found_pulls is not None}
        found.append(ReportedCompetency(code, group, grown, moved(pulls)))
    return found


Valued = dict[int, dict[int, Mapping[str, float]]]


def _valued(members: Members) -> Valued:
    """What the questions of those in each cohort were worth who have a run with an index."""
    found: Valued = {}
    for number, people in members.items():
        of_cohort = {person: member.curiosity for person, member in people.items() if member.curiosity is not None}
        if of_cohort:
            found[number] = of_cohort
    return found


def _curiosity(cohort_id: int, valued: Valued) -> CuriosityFigures | None:
    """Of groups large enough for exact figures, since the index has no bands."""
    rows = valued.get(cohort_id, {})
    if len(rows) < SMALLEST_EXACT_GROUP or cohort_id in withheld_groups(
        {number: each.keys() for number, each in valued.items()}
    ):
        return None
    low, high = interval([rows[person]["index"] for person in sorted(rows)])
    means = {name: sum(row[name] for row in rows.values()) / len(rows) for name in ("index", "aim", "uptake", "pace")}
    return CuriosityFigures(trainees=len(rows), low=low, high=high, **means)


def _survey(session: Session, actor: Actor, cohort_id: int, asked: Mapping[str, Any]) -> SurveyFigures | None:
    answered = surveys.answers_of_closed(session, cohort_id)
    if not answered or not holds(actor, Action.KEEP_SURVEYS):
        return None
    instrument = Instrument.model_validate(asked)
    waves = {
        name: wave_figures(instrument, [each.answers for each in rows], reliability=False)
        for name, rows in answered.items()
    }
    return SurveyFigures(instrument, waves)


@dataclass(frozen=True)
class Record:
    """Where a trainee stands in a competency. standing: None for no evidence.

    is_hidden: the reader must not see it yet.
    """

    trainee: Account
    department: str
    grade: int | None
    enrolled_at: datetime
    code: str
    standing: Standing | None
    is_hidden: bool


def records(session: Session, actor: Actor, cohort_id: int, groups: Groups, codes: Sequence[str]) -> list[Record]:
    """Each trainee of a cohort, by name, with each of these competencies that the cohort has evidence of."""
    present = (Posting.account_id == Account.id) & Posting.ends_on.is_(None)
    columns = Account.__table__.c
    statement = (
        select(Account, Posting.department, Posting.grade, Enrolment.enrolled_at)
        .join(Enrolment, Enrolment.trainee_id == Account.id)
        .outerjoin(Posting, present)
        .where(Enrolment.cohort_id == cohort_id)
        .order_by(Account.full_name, Account.id)
    )
    scoped = visible(actor, Action.SEE_SKILL_RECORD, statement, trainee=columns.id, academy=columns.academy_id)
    measured = [code for code in codes if (cohort_id, code) in groups]
    rows = session.execute(scoped).all()
    hidden = hidden_estimates(session, actor, [account.id for account, *_posting in rows])
    return [
        Record(
            trainee=account,
            department=department or "",
            grade=grade,
            enrolled_at=enrolled_at,
            code=code,
            standing=groups[cohort_id, code].get(account.id),
            is_hidden=(account.id, code) in hidden,
        )
        for account, department, grade, enrolled_at in rows
        for code in measured
    ]


def groups_of(
    session: Session, actor: Actor, cohort_id: int, codes: Sequence[str]
) -> tuple[Groups, list[tuple[str, Group]]]:
    """Everybody with evidence in a cohort, and what may be shown of each competency, in this order."""
    groups, cells = cohorts.groups_with_figures(session, actor, {cohort_id})
    found = [(code, _group(groups, cells, (cohort_id, code))) for code in codes]
    return groups, [(code, group) for code, group in found if group is not None]
