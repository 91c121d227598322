"""Reads of runs and their replay."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

import simulations
from app.core.access import Action, Actor, visible
from app.core.errors import NotFound
from app.core.jobs import Job, JobKind
from app.sims.models import CaseAnswer, SimulationEvent, SimulationRun
from simulations import Decision, Event, Inquiry, Scenario

DECISION, INQUIRY = "decision", "inquiry"


class ScenarioChanged(Exception):
    """The scenario's numbers were changed after the run began; a replay would give other figures."""


def run(session: Session, actor: Actor, run_id: int, action: Action) -> SimulationRun:
    """A run that this actor may reach by this action. Raises NotFound."""
    columns = SimulationRun.__table__.c
    statement = visible(
        actor,
        action,
        select(SimulationRun).where(SimulationRun.id == run_id),
        trainee=columns.trainee_id,
        academy=columns.academy_id,
    )
    if (found := session.scalar(statement)) is None:
        raise NotFound
    return found


def lock(session: Session, run_id: int) -> None:
    """Make other writers of this run wait; SQLite's writers wait for each other anyway."""
    session.execute(select(SimulationRun.id).where(SimulationRun.id == run_id).with_for_update())


def runs_of(session: Session, trainee_id: int, module_id: str, activity_id: str) -> list[SimulationRun]:
    """The trainee's runs of a simulation, newest first."""
    statement = (
        select(SimulationRun)
        .where(
            SimulationRun.trainee_id == trainee_id,
            SimulationRun.module_id == module_id,
            SimulationRun.activity_id == activity_id,
        )
        .order_by(SimulationRun.id.desc())
    )
    return list(session.scalars(statement))


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


def events(rows: list[SimulationEvent]) -> list[Event]:
    """The rows as the simulation library replays them."""
    return [
        Decision(row.round, row.payload["values"])
        if row.kind == DECISION
        else Inquiry(row.round, row.payload["inquiry_id"], row.payload["argument"])
        for row in rows
    ]


def case_answers(session: Session, run_id: int) -> dict[str, CaseAnswer]:
    """What was answered to cases of a run, by the case's id."""
    rows = session.scalars(select(CaseAnswer).where(CaseAnswer.run_id == run_id))
    return {row.case_id: row for row in rows}


def scoring_was_given_up(session: Session, run_id: int) -> bool:
    """Whether the worker set the scoring of this run aside for a person to look at."""
    statement = select(Job.failure).where(Job.kind == JobKind.SCORE_RUN, Job.thing_id == run_id)
    return session.scalar(statement) is not None
