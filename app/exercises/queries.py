"""Reads of exercises, for those who set them and those who take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

import simulations
from app.accounts.models import Account, Cohort, Enrolment
from app.core.access import Action, Actor, cohorts_visible, one_cohort_visible
from app.core.db import one
from app.core.paging import Page, Wanted, page_of
from app.desk import record
from app.sims import queries as runs
from app.sims.models import SimulationEvent, SimulationExercise, SimulationRun


@dataclass(frozen=True)
class ExerciseRow:
    """An exercise with its cohort, and how many attempts were begun and finished."""

    exercise: SimulationExercise
    cohort: Cohort
    begun: int
    finished: int


@dataclass(frozen=True)
class BoardRow:
    """A run of an exercise as the board shows it. replayed: None where its simulation was changed since."""

    run: SimulationRun
    trainee: Account
    replayed: simulations.Run | None


def cohorts(session: Session, actor: Actor) -> list[Cohort]:
    """Cohorts that an exercise can be set, by name."""
    columns = Cohort.__table__.c
    statement = cohorts_visible(
        actor,
        Action.SET_EXERCISES,
        select(Cohort).order_by(Cohort.name),
        cohort=columns.id,
        academy=columns.academy_id,
    )
    return list(session.scalars(statement))


def exercises(session: Session, actor: Actor, wanted: Wanted) -> Page[ExerciseRow]:
    """The exercises of the cohorts that the actor teaches, the newest first."""
    columns = SimulationExercise.__table__.c
    statement = (
        select(SimulationExercise, Cohort, func.count(SimulationRun.id), func.count(SimulationRun.finished_at))
        .join(Cohort, Cohort.id == SimulationExercise.cohort_id)
        .outerjoin(SimulationRun, SimulationRun.exercise_id == SimulationExercise.id)
        .group_by(SimulationExercise.id, Cohort.id)
        .order_by(SimulationExercise.id.desc())
    )
    scoped = cohorts_visible(
        actor, Action.SET_EXERCISES, statement, cohort=columns.cohort_id, academy=columns.academy_id
    )
    return page_of(session, scoped, wanted).made(lambda rows: [ExerciseRow(*row) for row in rows])


def exercise(session: Session, actor: Actor, exercise_id: int) -> SimulationExercise:
    """An exercise that this actor may lead. Raises NotFound, ClassOver."""
    columns = SimulationExercise.__table__.c
    return one_cohort_visible(
        session,
        actor,
        Action.SET_EXERCISES,
        select(SimulationExercise).where(SimulationExercise.id == exercise_id),
        cohort=columns.cohort_id,
        academy=columns.academy_id,
    )


def exercise_to_take(session: Session, trainee_id: int, exercise_id: int) -> SimulationExercise:
    """An exercise that was set a cohort of this trainee. Raises NotFound."""
    statement = (
        select(SimulationExercise)
        .join(Enrolment, Enrolment.cohort_id == SimulationExercise.cohort_id)
        .where(SimulationExercise.id == exercise_id, Enrolment.trainee_id == trainee_id)
    )
    return one(session, statement)


def board(session: Session, exercise_id: int, wanted: Wanted) -> Page[BoardRow]:
    """The runs of an exercise, by team and name; never by score."""
    statement = (
        select(SimulationRun, Account)
        .join(Account, Account.id == SimulationRun.trainee_id)
        .where(SimulationRun.exercise_id == exercise_id)
        .order_by(SimulationRun.team, Account.full_name, SimulationRun.id)
    )
    return page_of(session, statement, wanted).made(lambda rows: _board_rows(session, rows))


def _board_rows(session: Session, found: Sequence[Row[SimulationRun, Account]]) -> list[BoardRow]:
    rows = runs.event_rows_by_run(session, [run.id for run, _trainee in found])
    return [BoardRow(run, trainee, _replayed(run, rows[run.id])) for run, trainee in found]


def _replayed(run: SimulationRun, rows: list[SimulationEvent]) -> simulations.Run | None:
    if not runs.is_replayable(run):
        return None
    return simulations.replay(simulations.load(run.scenario_id), run.seed, record.events(rows))
