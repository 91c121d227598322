"""Reads of plans and of how far people are: a fixed number of statements, however large the cohort is."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, TypeVarTuple

from sqlalchemy import Date, Row, Select, String, Subquery, cast, func, null, select, union_all
from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort, Enrolment
from app.accounts.progress import ActivityProgress
from app.cohorts.queries import cohort_named
from app.content.schemas import Activity, Catalogue, Module
from app.core import clock
from app.core.access import Action, Actor, holds
from app.core.db import UtcDateTime
from app.core.errors import NotFound
from app.core.locale import beginning_of, day_of, today
from app.learning.models import QuizAttempt
from app.notebooks.models import LabTerms, NotebookDraft, Submission
from app.progress import standing
from app.progress.models import CalendarAddress, PlannedActivity
from app.progress.planning import Days
from app.progress.standing import Status
from app.sims.models import SimulationEvent, SimulationExercise, SimulationRun
from app.surveys.queries import OwnSurvey, own_surveys

DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
Columns = TypeVarTuple("Columns")
PlanRow = Row[int, str, date | None, date | None, datetime | None]


@dataclass(frozen=True)
class PlannedPart:
    """An activity with its days in a cohort's plan. due_at: the moment after which it is overdue, None for none."""

    activity: Activity
    days: Days
    due_at: datetime | None

    @property
    def is_lab(self) -> bool:
        """Whether its deadline stands in the terms of a lab."""
        return self.activity.kind == "notebook"


@dataclass(frozen=True)
class Plan:
    """The plan of a cohort, in the order of its module. module: None once its content pack is gone."""

    cohort: Cohort
    module: Module | None
    parts: tuple[PlannedPart, ...]

    @property
    def due_at(self) -> dict[str, datetime]:
        return {part.activity.id: part.due_at for part in self.parts if part.due_at is not None}

    @property
    def activity_ids(self) -> tuple[str, ...]:
        return tuple(part.activity.id for part in self.parts)

    def done_by(self, each: TraineeProgress) -> int:
        """How many of the activities a trainee has done."""
        return sum(part.activity.id in each.done_at for part in self.parts)


@dataclass
class Traces:
    """When somebody began and finished activities. others_at: of the last trace that is not among these."""

    started_at: dict[str, datetime] = field(default_factory=dict)
    done_at: dict[str, datetime] = field(default_factory=dict)
    others_at: datetime | None = None

    @property
    def last_active_at(self) -> datetime | None:
        others = [self.others_at] if self.others_at is not None else []
        return max([*self.started_at.values(), *self.done_at.values(), *others], default=None)

    def status(self, plan: Plan, joined_at: datetime, now: datetime, silent_after: timedelta) -> Status:
        """Where somebody who joined then is by this plan."""
        return standing.status_of(
            activities=plan.activity_ids,
            due_at=plan.due_at,
            done=self.done_at,
            joined_at=joined_at,
            last_active_at=self.last_active_at,
            now=now,
            silent_after=silent_after,
        )


@dataclass(frozen=True)
class TraineeProgress:
    """How far one trainee of a cohort is. started_at and done_at: by activity; overdue: the longest ago first."""

    trainee: Account
    joined_at: datetime
    started_at: Mapping[str, datetime]
    done_at: Mapping[str, datetime]
    last_active_at: datetime | None
    due: tuple[str, ...]
    overdue: tuple[str, ...]
    status: Status

    @property
    def done_of_due(self) -> int:
        return len(self.due) - len(self.overdue)


@dataclass(frozen=True)
class CohortProgress:
    """Everybody in a cohort, by name."""

    plan: Plan
    trainees: tuple[TraineeProgress, ...]

    @property
    def counts(self) -> Counter[Status]:
        return Counter(each.status for each in self.trainees)

    def share(self, status: Status) -> float:
        """The share of the trainees who have this status, 0 to 1."""
        return self.counts[status] / len(self.trainees) if self.trainees else 0.0

    def chosen(self, status: Status | None, order: str) -> list[TraineeProgress]:
        """Those of one status, or all, in one of the ORDERS."""
        return sorted(
            (each for each in self.trainees if status in (None, each.status)),
            key=lambda each: ORDERS[order](self.plan, each),
        )


# What a list of trainees may be sorted by; those that come out alike stay in the order of their names.
ORDERS: dict[str, Callable[[Plan, TraineeProgress], float]] = {
    "name": lambda _plan, _each: 0.0,
    "last_active": lambda _plan, each: each.last_active_at.timestamp() if each.last_active_at else 0.0,
    "waiting": lambda plan, each: plan.due_at[each.overdue[0]].timestamp() if each.overdue else float("inf"),
}


def plan_of(session: Session, catalogue: Catalogue, cohort: Cohort) -> Plan:
    return plans_of(session, catalogue, [cohort])[0]


def plans_of(session: Session, catalogue: Catalogue, cohorts: Sequence[Cohort]) -> list[Plan]:
    """The plans of several cohorts, in their order, by one statement."""
    ids = [cohort.id for cohort in cohorts]
    no_day, no_moment = cast(null(), Date), cast(null(), UtcDateTime)
    planned = select(
        PlannedActivity.cohort_id,
        PlannedActivity.activity_id,
        PlannedActivity.begins_on,
        PlannedActivity.due_on,
        no_moment.label("due_at"),
    ).where(PlannedActivity.cohort_id.in_(ids))
    of_labs = select(LabTerms.cohort_id, LabTerms.activity_id, no_day, no_day, LabTerms.due_at).where(
        LabTerms.cohort_id.in_(ids)
    )
    days: dict[int, dict[str, Days]] = defaultdict(dict)
    deadlines: dict[tuple[int, str], datetime] = {}
    rows: Iterable[PlanRow] = session.execute(union_all(planned, of_labs))
    for row in rows:
        if row.due_at is not None:
            deadlines[row.cohort_id, row.activity_id] = row.due_at
        elif row.begins_on or row.due_on:
            days[row.cohort_id][row.activity_id] = Days(row.begins_on, row.due_on)
    return [_plan(cohort, catalogue.modules.get(cohort.module_id), days[cohort.id], deadlines) for cohort in cohorts]


def _plan(
    cohort: Cohort,
    module: Module | None,
    days: Mapping[str, Days],
    deadlines: Mapping[tuple[int, str], datetime],
) -> Plan:
    parts = []
    for activity in module.activities if module else ():
        of_it = days.get(activity.id, Days())
        if activity.kind == "notebook":
            due_at = deadlines.get((cohort.id, activity.id))
        else:
            due_at = beginning_of(of_it.due_on + DAY) if of_it.due_on else None
        parts.append(PlannedPart(activity, of_it, due_at))
    return Plan(cohort, module, tuple(parts))


def cohort_progress(
    session: Session,
    actor: Actor,
    catalogue: Catalogue,
    cohort_id: int,
    *,
    silent_after: timedelta,
    action: Action = Action.SEE_COHORTS,
) -> CohortProgress:
    """Everybody in a cohort that this actor may see, or reaches by another action. Raises NotFound, ClassOver."""
    cohort = cohort_named(session, actor, cohort_id, action)
    return _progress(session, catalogue, cohort, silent_after, trainee_id=None)


def statuses_in_cohort(
    session: Session,
    catalogue: Catalogue,
    cohort: Cohort,
    joined_at: Mapping[int, datetime],
    *,
    silent_after: timedelta,
) -> tuple[Plan, Counter[Status]]:
    """The plan of a cohort and how many of its trainees are where by it, for who is not to read who. joined_at: of each
    of them.
    """
    plan, traces, now = plan_of(session, catalogue, cohort), _traces(session, cohort, trainee_id=None), clock.now()
    return plan, Counter(traces[each].status(plan, joined, now, silent_after) for each, joined in joined_at.items())


def trainee_progress(
    session: Session, actor: Actor, catalogue: Catalogue, cohort_id: int, trainee_id: int, *, silent_after: timedelta
) -> tuple[Plan, TraineeProgress]:
    """One trainee of a cohort that this actor may see. Raises NotFound."""
    cohort = cohort_named(session, actor, cohort_id)
    found = _progress(session, catalogue, cohort, silent_after, trainee_id=trainee_id)
    if not found.trainees:
        raise NotFound
    return found.plan, found.trainees[0]


def _progress(
    session: Session, catalogue: Catalogue, cohort: Cohort, silent_after: timedelta, *, trainee_id: int | None
) -> CohortProgress:
    plan, traces, now = (
        plan_of(session, catalogue, cohort),
        _traces(session, cohort, trainee_id=trainee_id),
        clock.now(),
    )
    members = (
        select(Account, Enrolment.enrolled_at)
        .join(Enrolment, Enrolment.trainee_id == Account.id)
        .where(Enrolment.cohort_id == cohort.id)
        .order_by(Account.full_name, Account.id)
    )
    if trainee_id is not None:
        members = members.where(Account.id == trainee_id)
    trainees = tuple(
        _trainee(plan, account, joined_at, traces[account.id], now, silent_after)
        for account, joined_at in session.execute(members)
    )
    return CohortProgress(plan, trainees)


def _trainee(
    plan: Plan, account: Account, joined_at: datetime, traces: Traces, now: datetime, silent_after: timedelta
) -> TraineeProgress:
    return TraineeProgress(
        trainee=account,
        joined_at=joined_at,
        started_at=traces.started_at,
        done_at=traces.done_at,
        last_active_at=traces.last_active_at,
        due=standing.due(plan.due_at, now),
        overdue=standing.overdue(plan.due_at, traces.done_at, now),
        status=traces.status(plan, joined_at, now, silent_after),
    )


def _traces(session: Session, cohort: Cohort, *, trainee_id: int | None) -> Mapping[int, Traces]:
    """What trainees of a cohort, or one of them, did in its module, by one statement; of the others no traces."""
    opened = select(
        ActivityProgress.trainee_id, ActivityProgress.activity_id, ActivityProgress.started_at, ActivityProgress.done_at
    )
    who, active_at = _last_active(cohort, trainee_id).c
    active = select(who, cast(null(), String), active_at, cast(null(), UtcDateTime))
    found: dict[int, Traces] = defaultdict(Traces)
    rows: Iterable[Row[int, str | None, datetime, datetime | None]] = session.execute(
        union_all(_of_cohort(opened, cohort, ActivityProgress, trainee_id), active)
    )
    for person, activity_id, at, done_at in rows:
        traces = found[person]
        if activity_id is None:
            traces.others_at = at
            continue
        traces.started_at[activity_id] = at
        if done_at is not None:
            traces.done_at[activity_id] = done_at
    return found


def _of_cohort(statement: Select[*Columns], cohort: Cohort, table: Any, trainee_id: int | None) -> Select[*Columns]:
    """Narrow to what the present trainees of a cohort, or one of them, did in its module."""
    narrowed = statement.join(Enrolment, Enrolment.trainee_id == table.trainee_id).where(
        Enrolment.cohort_id == cohort.id, table.module_id == cohort.module_id
    )
    return narrowed if trainee_id is None else narrowed.where(table.trainee_id == trainee_id)


def _last_active(cohort: Cohort, trainee_id: int | None) -> Subquery:
    """When each trainee last did something in the module that leaves a trace of its own beside the progress."""
    played = select(SimulationRun.trainee_id, SimulationEvent.recorded_at).join(
        SimulationEvent, SimulationEvent.run_id == SimulationRun.id
    )
    traces = union_all(
        _of_cohort(select(QuizAttempt.trainee_id, QuizAttempt.submitted_at), cohort, QuizAttempt, trainee_id),
        _of_cohort(select(NotebookDraft.trainee_id, NotebookDraft.saved_at), cohort, NotebookDraft, trainee_id),
        _of_cohort(select(Submission.trainee_id, Submission.submitted_at), cohort, Submission, trainee_id),
        _of_cohort(select(SimulationRun.trainee_id, SimulationRun.started_at), cohort, SimulationRun, trainee_id),
        _of_cohort(played, cohort, SimulationRun, trainee_id),
    ).subquery()
    who, at = traces.c
    return select(who, func.max(at)).group_by(who).subquery()


@dataclass(frozen=True)
class Due:
    """Something that a trainee has to do by a moment. day: its last day in the reader's calendar."""

    cohort: Cohort
    part: PlannedPart
    due_at: datetime
    day: date
    is_done: bool


@dataclass(frozen=True)
class Calendar:
    """What a trainee has to do. overdue: the longest ago first; weeks: by their Monday, from the present one on.

    exercises: of the trainee's cohorts that are open now. surveys: that ask the trainee now, or on a day that is known.
    """

    overdue: tuple[Due, ...]
    weeks: tuple[tuple[date, tuple[Due, ...]], ...]
    exercises: tuple[SimulationExercise, ...]
    surveys: tuple[OwnSurvey, ...]


def calendar_of(session: Session, catalogue: Catalogue, trainee: Account) -> Calendar:
    """What the plans of all cohorts of a trainee say, except for what is done and belongs to former weeks."""
    now, monday = clock.now(), _monday(today())
    things = all_due(session, catalogue, trainee)
    overdue = tuple(each for each in things if not each.is_done and each.due_at <= now)
    coming = [each for each in things if each not in overdue and each.day >= monday]
    weeks = groupby(coming, key=lambda each: _monday(each.day))
    return Calendar(
        overdue,
        tuple((week, tuple(found)) for week, found in weeks),
        _open_exercises(session, trainee),
        _surveys(session, trainee),
    )


def _open_exercises(session: Session, trainee: Account) -> tuple[SimulationExercise, ...]:
    statement = (
        select(SimulationExercise)
        .join(Enrolment, Enrolment.cohort_id == SimulationExercise.cohort_id)
        .where(Enrolment.trainee_id == trainee.id, SimulationExercise.closed_at.is_(None))
        .order_by(SimulationExercise.id)
    )
    return tuple(session.scalars(statement))


def _surveys(session: Session, trainee: Account) -> tuple[OwnSurvey, ...]:
    return tuple(each for each in own_surveys(session, trainee) if each.asks_now or each.opens_at)


def surveys_with_days(session: Session, trainee: Account) -> list[OwnSurvey]:
    """Surveys whose last wave has a plan, whether or not the trainee has answered: the calendar is not to tell that."""
    return [each for each in own_surveys(session, trainee) if each.opens_at or each.closes_at]


def has_calendar_address(session: Session, account_id: int) -> bool:
    return session.get(CalendarAddress, account_id) is not None


def owner_of_calendar(session: Session, token: str) -> Account:
    """Whose calendar is read at this address. Raises NotFound for one that was withdrawn or never made."""
    statement = select(Account).join(CalendarAddress, CalendarAddress.account_id == Account.id)
    owner = session.scalar(statement.where(CalendarAddress.token_hash == token_hash(token)))
    if owner is None or not holds(owner, Action.LEARN):
        raise NotFound
    return owner


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def all_due(session: Session, catalogue: Catalogue, trainee: Account) -> list[Due]:
    """Everything that has a due moment in the cohorts of a trainee, the earliest first."""
    cohorts = list(
        session.scalars(
            select(Cohort)
            .join(Enrolment, Enrolment.cohort_id == Cohort.id)
            .where(Enrolment.trainee_id == trainee.id)
            .order_by(Cohort.id)
        )
    )
    finished = select(ActivityProgress.module_id, ActivityProgress.activity_id).where(
        ActivityProgress.trainee_id == trainee.id, ActivityProgress.done_at.is_not(None)
    )
    done = {(module_id, activity_id) for module_id, activity_id in session.execute(finished)}
    found = [
        Due(plan.cohort, part, part.due_at, last_day(part.due_at), (plan.cohort.module_id, part.activity.id) in done)
        for plan in plans_of(session, catalogue, cohorts)
        for part in plan.parts
        if part.due_at is not None
    ]
    return sorted(found, key=lambda each: each.due_at)


def last_day(due_at: datetime) -> date:
    """The last day of the reader's calendar on which something due at this moment is in time."""
    return day_of(due_at - MOMENT)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
