"""What the worker computes of a finished run, and the evidence that becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from statistics import median

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import simulations
from app.accounts.models import Account
from app.competencies.models import EvidenceKind
from app.competencies.service import record_evidence
from app.core import clock, jobs
from app.core.db import begin
from app.desk import record
from app.record_store.models import StatementKind
from app.record_store.outbox import tell
from app.sims import casework, queries
from app.sims.curiosity import as_json, timings
from app.sims.models import SimulationRun
from app.sims.scoring import Outcome
from simulations import Decision, DecisionScore, Event, Inquiry, Reliance, Scenario
from simulations.curiosity import Curiosity, curiosity_of
from simulations.curiosity.index import REFERENCE_MINUTES

# Decisions are evidence for levels 2 to 4 (domain notes, section 3.1). One run shows that a person can apply a
# competency to a case; level 3 and above ask for a second kind of evidence, which the estimate looks for itself.
EVIDENCE_LEVEL = 2
DECISION_PART = "decision"
# "Appropriate reliance" of the framework; both shares of it must rest on more than a case or two.
RELIANCE_COMPETENCY = "D3.2"
RELIANCE_PART = "reliance"
LEAST_TELLING_CASES = 4
# First runs whose median is the usual time of a round; the newest ones, so that it follows who is there.
LEAST_REFERENCE_RUNS, MOST_REFERENCE_RUNS = 50, 500


def score_run(engine: Engine, run_id: int, *, worlds: int) -> None:
    """Compute the scores of a finished run with no transaction open and store them, the quick one first.

    worlds: possible ones in which decisions and questions are compared. Safe to repeat: what is stored is not computed
    again. Raises InvalidEvent for an unfinished run and queries.ScenarioChanged when the scenario is no longer the
    run's own.
    """
    with begin(engine, read_only=True) as session:
        run = session.get_one(SimulationRun, run_id)
        rows = queries.event_rows(session, run_id)
        events = record.events(rows)
        answers = queries.case_answers(session, run_id)
    scenario = queries.scenario_of(run)
    if run.outcome is None:
        _store_outcome(engine, run_id, Outcome.of(scenario, run.seed, events))
    if run.decision_score is None:
        score = simulations.decision_score(scenario, run.seed, events, worlds)
        judged = casework.judgements(scenario, run.seed, _decisions(events), answers)
        reliance = simulations.reliance([judgement for _round, judgement in judged])
        _store_decision_score(engine, run_id, scenario, score, reliance)
    if run.curiosity is None and any(isinstance(event, Inquiry) for event in events):
        usual = _reference_minutes(engine, run.scenario_id)
        found = curiosity_of(scenario, run.seed, events, timings(run, rows), worlds, reference_minutes=usual)
        _store_curiosity(engine, run_id, scenario, found)
    with begin(engine) as session:
        jobs.finish(session, jobs.JobKind.SCORE_RUN, run_id)


def _reference_minutes(engine: Engine, scenario_id: str) -> float:
    """What a round of this scenario usually takes: the median of first runs, once there are enough of them."""
    with begin(engine, read_only=True) as session:
        known = queries.minutes_of_first_runs(session, scenario_id, most=MOST_REFERENCE_RUNS)
    return median(known) if len(known) >= LEAST_REFERENCE_RUNS else REFERENCE_MINUTES


def _locked(session: Session, run_id: int) -> SimulationRun:
    """The run as it is now; another worker that scores it too waits, and then sees what this one stored."""
    queries.lock(session, run_id)
    return session.get_one(SimulationRun, run_id)


def _store_outcome(engine: Engine, run_id: int, outcome: Outcome) -> None:
    with begin(engine) as session:
        run = _locked(session, run_id)
        run.outcome, run.outcome_score = outcome.as_json(), outcome.score.outcome
        facts = {
            "module_id": run.module_id,
            "activity_id": run.activity_id,
            "points": run.outcome_score,
            "max_points": 100,
        }
        trainee, finished_at = session.get_one(Account, run.trainee_id), run.finished_at or clock.now()
        tell(session, trainee, StatementKind.SIMULATION_FINISHED, run.id, at=finished_at, facts=facts)


def _decisions(events: Sequence[Event]) -> list[Decision]:
    return [event for event in events if isinstance(event, Decision)]


def _store_decision_score(
    engine: Engine, run_id: int, scenario: Scenario, score: DecisionScore, reliance: Reliance
) -> None:
    with begin(engine) as session:
        run = _locked(session, run_id)
        if run.decision_score is not None:
            return
        run.decision_score = score.score
        run.regrets = [asdict(each) for each in score.rounds]
        if _repeats_a_seed(session, run):
            return
        for competency in scenario.competencies["decision"]:
            _record(session, run, competency, score.score / 100, DECISION_PART)
        if reliance.outcome is not None and reliance.telling_cases >= LEAST_TELLING_CASES:
            _record(session, run, RELIANCE_COMPETENCY, reliance.outcome, RELIANCE_PART)


def _store_curiosity(engine: Engine, run_id: int, scenario: Scenario, found: Curiosity) -> None:
    """The parts become evidence of asking well; pace and the index never do."""
    with begin(engine) as session:
        run = _locked(session, run_id)
        if run.curiosity is not None:
            return
        run.curiosity = as_json(found)
        if found.reason is not None or _repeats_a_seed(session, run):
            return
        for part, outcome in (("aim", found.aim), ("uptake", found.uptake)):
            for competency in scenario.competencies["inquiry"]:
                if outcome is not None:
                    _record(session, run, competency, outcome, part, kind=EvidenceKind.INQUIRY)


def _repeats_a_seed(session: Session, run: SimulationRun) -> bool:
    return bool(session.scalar(select(queries.repeats_a_seed()).where(SimulationRun.id == run.id)))


def _record(
    session: Session,
    run: SimulationRun,
    competency: str,
    outcome: float,
    part: str,
    *,
    kind: EvidenceKind = EvidenceKind.SIMULATION_DECISION,
) -> None:
    record_evidence(
        session,
        session.get_one(Account, run.trainee_id),
        competency=competency,
        level=EVIDENCE_LEVEL,
        kind=kind,
        outcome=outcome,
        source=f"run:{run.id}",
        part=part,
        at=run.finished_at,
    )
