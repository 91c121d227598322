"""Reads of runs and their replay."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

import simulations
from app.accounts import queries as accounts
from app.accounts.models import Enrolment
from app.core import blind
from app.core.access import Action, Actor, one_visible
from app.core.jobs import Job, JobKind
from app.sims.models import CaseAnswer, Memo, MemoMark, SimulationEvent, SimulationExercise, SimulationRun
from simulations import Scenario


class ScenarioChanged(Exception):
    """The scenario's numbers were changed after the run began; a replay would give other figures."""


def run(session: Session, actor: Actor, run_id: int, action: Action) -> SimulationRun:
    """A run that this actor may reach by this action. Raises NotFound, RecordClosed."""
    columns = SimulationRun.__table__.c
    statement = select(SimulationRun).where(SimulationRun.id == run_id)
    return one_visible(session, actor, action, statement, trainee=columns.trainee_id, academy=columns.academy_id)


def lock(session: Session, run_id: int, *, waits: bool = True) -> bool:
    """Make other writers of this run wait; SQLite's writers wait for each other anyway.

    False where it is gone, or where another has it locked and this one does not wait.
    """
    one = select(SimulationRun.id).where(SimulationRun.id == run_id)
    return session.scalar(one.with_for_update(skip_locked=not waits)) is not None


def lock_to_play(session: Session, run: SimulationRun) -> None:
    """As `lock`, but the trainee first: no erasure waits for what waits for it. Raises NotFound for who was erased."""
    accounts.lock(session, run.trainee_id)
    lock(session, run.id)


def lock_exercise(session: Session, exercise: SimulationExercise) -> None:
    """Make others who change this exercise, or begin an attempt at it, wait; and see what they did before."""
    session.refresh(exercise, with_for_update=True)


def runs_of(session: Session, trainee_id: int, module_id: str, activity_id: str) -> list[SimulationRun]:
    """The trainee's runs for practice of a simulation, newest first."""
    statement = (
        select(SimulationRun)
        .where(
            SimulationRun.trainee_id == trainee_id,
            SimulationRun.module_id == module_id,
            SimulationRun.activity_id == activity_id,
            SimulationRun.exercise_id.is_(None),
        )
        .order_by(SimulationRun.id.desc())
    )
    return list(session.scalars(statement))


def attempts_of(session: Session, exercise_id: int, trainee_id: int) -> list[SimulationRun]:
    """The trainee's runs of an exercise, newest first."""
    statement = select(SimulationRun).where(
        SimulationRun.exercise_id == exercise_id, SimulationRun.trainee_id == trainee_id
    )
    return list(session.scalars(statement.order_by(SimulationRun.id.desc())))


def repeats_a_seed() -> ColumnElement[bool]:
    """Whether a run is a later attempt at an exercise: it meets known chances, so it says nothing new about a skill."""
    earlier = aliased(SimulationRun)
    return exists().where(
        earlier.trainee_id == SimulationRun.trainee_id,
        earlier.exercise_id == SimulationRun.exercise_id,
        earlier.id < SimulationRun.id,
    )


def indices_of(session: Session, trainee_id: int, *, most: int) -> list[float]:
    """Curiosity velocity of a trainee's newest runs that have an index, the oldest first.

    Left out are runs that repeat a seed, and those of exercises that are open, of which nothing is told yet.
    """
    index = SimulationRun.curiosity["index"].as_float()
    statement = (
        select(index)
        .outerjoin(SimulationExercise, SimulationExercise.id == SimulationRun.exercise_id)
        .where(SimulationRun.trainee_id == trainee_id, index.is_not(None), ~repeats_a_seed())
        .where(or_(SimulationRun.exercise_id.is_(None), SimulationExercise.closed_at.is_not(None)))
        .order_by(SimulationRun.id.desc())
        .limit(most)
    )
    return list(session.scalars(statement))[::-1]


def minutes_of_first_runs(session: Session, scenario_id: str, *, most: int) -> list[float]:
    """Active minutes a round of the newest runs of a scenario that were their trainee's first and had questions.

    Of all academies: only their median leaves the module, and one academy alone seldom has enough.
    """
    earlier = aliased(SimulationRun)
    was_known = exists().where(
        earlier.trainee_id == SimulationRun.trainee_id,
        earlier.scenario_id == SimulationRun.scenario_id,
        earlier.id < SimulationRun.id,
    )
    minutes = SimulationRun.curiosity["minutes_a_round"].as_float()
    statement = select(minutes).where(SimulationRun.scenario_id == scenario_id, minutes.is_not(None), ~was_known)
    return list(session.scalars(statement.order_by(SimulationRun.id.desc()).limit(most)))


def exercise_of(session: Session, run: SimulationRun) -> SimulationExercise | None:
    """The exercise a run belongs to; None for practice."""
    return session.get(SimulationExercise, run.exercise_id) if run.exercise_id is not None else None


def exercises_for(session: Session, trainee_id: int, module_id: str, activity_id: str) -> list[SimulationExercise]:
    """Exercises of a simulation that were set the trainee's cohorts, the newest first."""
    statement = (
        select(SimulationExercise)
        .join(Enrolment, Enrolment.cohort_id == SimulationExercise.cohort_id)
        .where(
            Enrolment.trainee_id == trainee_id,
            SimulationExercise.module_id == module_id,
            SimulationExercise.activity_id == activity_id,
        )
        .order_by(SimulationExercise.id.desc())
    )
    return list(session.scalars(statement))


def exercise_outcomes(session: Session, exercise_id: int) -> list[float]:
    """Outcome score of each trainee's first scored attempt at an exercise."""
    first = (
        select(func.min(SimulationRun.id))
        .where(SimulationRun.exercise_id == exercise_id, SimulationRun.outcome_score.is_not(None))
        .group_by(SimulationRun.trainee_id)
    )
    statement = select(SimulationRun.outcome_score).where(SimulationRun.id.in_(first))
    return [score for score in session.scalars(statement) if score is not None]


def memo_of(session: Session, run_id: int) -> tuple[Memo, MemoMark | None] | None:
    """The memo of a run with the mark that counts; None where none was written."""
    mark, of_mark = newest_memo_mark(Memo.id)
    found = session.execute(select(Memo, mark).outerjoin(mark, of_mark).where(Memo.run_id == run_id)).first()
    return (found[0], found[1]) if found else None


def mark_is_hidden(session: Session, reader: Actor, run_id: int) -> bool:
    """Whether the memo of a run has a mark that the reader must not see yet."""
    return bool(blind.hidden(session, reader, {(f"run:{run_id}", "memo")}))


def newest_memo_mark(memo_id: SQLColumnExpression[int]) -> tuple[type[MemoMark], ColumnElement[bool]]:
    """The mark that counts of a memo, to be joined, and the condition to join it by."""
    mark, other = aliased(MemoMark), aliased(MemoMark)
    last = select(func.max(other.number)).where(other.memo_id == memo_id)
    return mark, and_(mark.memo_id == memo_id, mark.number == last.scalar_subquery())


def gives_its_chances_away(session: Session, run: SimulationRun) -> bool:
    """Whether others, or the same trainee, may still meet the seed of this run."""
    exercise = exercise_of(session, run)
    return exercise is not None and exercise.closed_at is None


def can_go_on(run: SimulationRun) -> bool:
    """Whether the run is unfinished and its scenario still the one that it began with."""
    return run.finished_at is None and is_replayable(run)


def is_replayable(run: SimulationRun) -> bool:
    return simulations.load(run.scenario_id).digest == run.scenario_digest


def scenario_of(run: SimulationRun) -> Scenario:
    """The scenario to replay a run with. Raises ScenarioChanged."""
    if not is_replayable(run):
        raise ScenarioChanged(f"Run {run.id} began with {run.scenario_id} {run.scenario_digest}, changed since.")
    return simulations.load(run.scenario_id)


def event_rows(session: Session, run_id: int) -> list[SimulationEvent]:
    statement = select(SimulationEvent).where(SimulationEvent.run_id == run_id).order_by(SimulationEvent.sequence)
    return list(session.scalars(statement))


def event_rows_by_run(session: Session, run_ids: Sequence[int]) -> dict[int, list[SimulationEvent]]:
    """The same for several runs at once."""
    found: dict[int, list[SimulationEvent]] = {run_id: [] for run_id in run_ids}
    statement = select(SimulationEvent).where(SimulationEvent.run_id.in_(run_ids)).order_by(SimulationEvent.sequence)
    for row in session.scalars(statement):
        found[row.run_id].append(row)
    return found


def case_answers(session: Session, run_id: int) -> dict[str, CaseAnswer]:
    """What was answered to cases of a run, by the case's id."""
    rows = session.scalars(select(CaseAnswer).where(CaseAnswer.run_id == run_id))
    return {row.case_id: row for row in rows}


def scoring_goes_on(session: Session, run_id: int) -> bool:
    """Whether the worker has not finished with this run yet."""
    statement = select(Job.id).where(
        Job.kind == JobKind.SCORE_RUN, Job.thing_id == run_id, Job.finished_at.is_(None), Job.failure.is_(None)
    )
    return session.scalar(statement) is not None


def scoring_was_given_up(session: Session, run_id: int) -> bool:
    """Whether the worker set the scoring of this run aside for a person to look at."""
    statement = select(Job.failure).where(Job.kind == JobKind.SCORE_RUN, Job.thing_id == run_id)
    return session.scalar(statement) is not None
