"""Writes of runs: start, ask, decide, score."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import simulations
from app.accounts import progress
from app.accounts.models import Account
from app.competencies.models import EvidenceKind
from app.competencies.service import record_evidence
from app.core import audit, clock, jobs
from app.core.db import begin
from app.core.errors import Refused
from app.sims import casework, queries
from app.sims.curiosity import as_json, timings
from app.sims.models import Memo, SimulationEvent, SimulationExercise, SimulationRun
from app.sims.scoring import Outcome
from simulations import Case, Decision, DecisionScore, Event, Inquiry, Reliance, Scenario
from simulations.curiosity import Curiosity, curiosity_of
from simulations.types import Value

# JavaScript and JSON readers keep whole numbers exact up to 53 bits.
SEED_BITS = 53
# Decisions are evidence for levels 2 to 4 (domain notes, section 3.1). One run shows that a person can apply a
# competency to a case; level 3 and above ask for a second kind of evidence, which the estimate looks for itself.
EVIDENCE_LEVEL = 2
DECISION_PART = "decision"
# "Appropriate reliance" of the framework; both shares of it must rest on more than a case or two.
RELIANCE_COMPETENCY = "D3.2"
RELIANCE_PART = "reliance"
LEAST_TELLING_CASES = 4


class StaleForm(Refused):
    """The form belongs to a round that is over."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=409)


class NoAttemptLeft(Refused):
    """The exercise is closed, or the trainee has used all attempts at it."""

    def __init__(self) -> None:
        super().__init__(_("There is no attempt left for you in this exercise."), status=409)


class RoundNotOpen(Refused):
    """The instructor has not opened this round, or has closed the exercise."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=409)


def fresh_seed() -> int:
    """A seed nobody can foresee."""
    return secrets.randbits(SEED_BITS)


def start(
    session: Session,
    trainee: Account,
    module_id: str,
    activity_id: str,
    scenario_id: str,
    *,
    weights: Mapping[str, int] | None = None,
    reason: str = "",
    exercise: SimulationExercise | None = None,
    team: str = "",
) -> SimulationRun:
    """Open a run with a fresh seed, or with the seed of an exercise, or give the one that can still go on.

    weights: 0 to 5 by indicator, chosen before the first round and never changed after it; reason: why.
    team: what a group that shares the run calls itself.  Raises NoAttemptLeft.
    """
    known = (
        queries.runs_of(session, trainee.id, module_id, activity_id)
        if exercise is None
        else queries.attempts_of(session, exercise.id, trainee.id)
    )
    for run in known:
        if queries.can_go_on(run):
            return run
    if exercise is not None and (exercise.closed_at is not None or len(known) >= exercise.attempts):
        raise NoAttemptLeft
    scenario = simulations.load(scenario_id)
    run = SimulationRun(
        trainee_id=trainee.id,
        academy_id=trainee.academy_id,
        module_id=module_id,
        activity_id=activity_id,
        scenario_id=scenario.id,
        scenario_version=scenario.version,
        scenario_digest=scenario.digest,
        seed=fresh_seed() if exercise is None else exercise.seed,
        exercise_id=exercise.id if exercise is not None else None,
        team=team,
        weights=dict(weights or {}),
        weights_reason=reason,
        started_at=clock.now(),
    )
    session.add(run)
    progress.mark(session, trainee, module_id, activity_id, done=False)
    session.flush()
    return run


def decide(
    session: Session,
    trainee: Account,
    run: SimulationRun,
    *,
    round_number: int,
    values: Mapping[str, Value],
    note: str,
    key: str,
) -> None:
    """Append a round's decision; nothing happens when the key is known.

    Raises simulations.InvalidEvent for a decision against the rules, StaleForm for a round that is over.
    """
    payload = {"values": dict(values)}
    replayed = _append(session, run, queries.DECISION, Decision(round_number, values), payload, note=note, key=key)
    if replayed is not None and replayed.finished:
        _finish(session, trainee, run, replayed)


def inquire(
    session: Session, run: SimulationRun, *, round_number: int, inquiry_id: str, argument: int | None, key: str
) -> None:
    """Append an inquiry; nothing happens when the key is known.

    Raises simulations.InvalidEvent for an inquiry against the rules, StaleForm for a round that is over.
    """
    payload = {"inquiry_id": inquiry_id, "argument": argument}
    event = Inquiry(round_number, inquiry_id, argument)
    _append(session, run, queries.INQUIRY, event, payload, note="", key=key)


def decided(replayed: simulations.Run) -> list[Decision]:
    """The decisions of a run so far."""
    return [result.decision for result in replayed.results]


def cases_now(scenario: Scenario, run: SimulationRun, replayed: simulations.Run) -> tuple[Case, ...]:
    """The cases of the round at hand."""
    return simulations.cases_of(scenario, run.seed, decided(replayed))


def judge_cases(
    session: Session, run: SimulationRun, *, round_number: int, step: str, given: Mapping[str, str]
) -> dict[str, str]:
    """Store answers to the cases of the round at hand; problems by field, and then nothing is stored.

    Raises StaleForm for a round that is over and Refused for a form without its hidden parts.
    """
    scenario = _scenario_to_play(run)
    now = simulations.replay(scenario, run.seed, queries.events(queries.event_rows(session, run.id)))
    _refuse_other_rounds(now, round_number, scenario)
    cases = cases_now(scenario, run, now)
    return casework.answer(session, run, cases, round_number=round_number, step=step, given=given)


def _append(
    session: Session,
    run: SimulationRun,
    kind: str,
    event: Event,
    payload: Mapping[str, Any],
    *,
    note: str,
    key: str,
) -> simulations.Run | None:
    """Store the event if it is new and the scenario accepts it; the run as it then stands, or None if known."""
    queries.lock(session, run.id)
    rows = queries.event_rows(session, run.id)
    if any(row.idempotency_key == key for row in rows):
        return None
    scenario = _scenario_to_play(run)
    events = queries.events(rows)
    _refuse_other_rounds(simulations.replay(scenario, run.seed, events), event.round, scenario)
    _refuse_unopened_rounds(queries.exercise_of(session, run), event.round)
    replayed = simulations.replay(scenario, run.seed, [*events, event])
    session.add(
        SimulationEvent(
            run_id=run.id,
            sequence=len(rows) + 1,
            round=event.round,
            kind=kind,
            payload=dict(payload),
            note=note,
            idempotency_key=key,
            recorded_at=clock.now(),
        )
    )
    session.flush()
    return replayed


def _scenario_to_play(run: SimulationRun) -> Scenario:
    try:
        return queries.scenario_of(run)
    except queries.ScenarioChanged:
        message = _("The simulation was changed after this run began, so the run cannot go on. Start a new run.")
        raise Refused(message, status=409) from None


def _refuse_other_rounds(now: simulations.Run, round_number: int, scenario: Scenario) -> None:
    if now.finished:
        message = _(
            "All %(rounds)s rounds are decided. Open the debrief from the page of the simulation.",
            rounds=scenario.rounds,
        )
        raise Refused(message, status=409)
    if round_number != now.next_round:
        raise StaleForm(
            _(
                "The form belonged to round %(round)s, which is over, perhaps decided in another window; "
                "it was not used. This is round %(next_round)s.",
                round=round_number,
                next_round=now.next_round,
            )
        )


def _refuse_unopened_rounds(exercise: SimulationExercise | None, round_number: int) -> None:
    if exercise is None:
        return
    if exercise.closed_at is not None:
        raise RoundNotOpen(_("The instructor has closed this exercise. What you decided until then is kept."))
    if exercise.open_round is not None and round_number > exercise.open_round:
        message = _(
            "Your instructor has not opened round %(round)s yet. Nothing was sent; what you typed is kept.",
            round=round_number,
        )
        raise RoundNotOpen(message)


def _finish(session: Session, trainee: Account, run: SimulationRun, replayed: simulations.Run) -> None:
    run.finished_at = clock.now()
    progress.mark(session, trainee, run.module_id, run.activity_id, done=True)
    jobs.request_job(session, jobs.JobKind.SCORE_RUN, run.id, academy_id=run.academy_id)
    audit.record(
        session,
        verb="run_finished",
        thing=f"run:{run.id}",
        actor_id=trainee.id,
        academy_id=run.academy_id,
        detail={"seed": run.seed, "digest": replayed.digest, "scenario": run.scenario_digest},
    )


def write_memo(session: Session, run: SimulationRun, text: str) -> Memo:
    """Store the memo of a finished run once; a second one changes nothing."""
    queries.lock(session, run.id)
    if (known := queries.memo_of(session, run.id)) is not None:
        return known[0]
    memo = Memo(run_id=run.id, text=text, submitted_at=clock.now())
    session.add(memo)
    session.flush()
    return memo


def score_run(engine: Engine, run_id: int) -> None:
    """Compute the scores of a finished run with no transaction open and store them, the quick one first.

    Safe to repeat: what is stored is not computed again. Raises InvalidEvent for an unfinished run and
    queries.ScenarioChanged when the scenario is no longer the run's own.
    """
    with begin(engine, read_only=True) as session:
        run = session.get_one(SimulationRun, run_id)
        rows = queries.event_rows(session, run_id)
        events = queries.events(rows)
        answers = queries.case_answers(session, run_id)
    scenario = queries.scenario_of(run)
    if run.outcome is None:
        _store_outcome(engine, run_id, Outcome.of(scenario, run.seed, events))
    if run.decision_score is None:
        score = simulations.decision_score(scenario, run.seed, events)
        judged = casework.judgements(scenario, run.seed, _decisions(events), answers)
        reliance = simulations.reliance([judgement for _round, judgement in judged])
        _store_decision_score(engine, run_id, scenario, score, reliance)
    if run.curiosity is None and any(isinstance(event, Inquiry) for event in events):
        _store_curiosity(engine, run_id, scenario, curiosity_of(scenario, run.seed, events, timings(run, rows)))
    with begin(engine) as session:
        jobs.finish(session, jobs.JobKind.SCORE_RUN, run_id)


def _store_outcome(engine: Engine, run_id: int, outcome: Outcome) -> None:
    with begin(engine) as session:
        run = session.get_one(SimulationRun, run_id)
        run.outcome, run.outcome_score = outcome.as_json(), outcome.score.outcome


def _decisions(events: Sequence[Event]) -> list[Decision]:
    return [event for event in events if isinstance(event, Decision)]


def _store_decision_score(
    engine: Engine, run_id: int, scenario: Scenario, score: DecisionScore, reliance: Reliance
) -> None:
    with begin(engine) as session:
        run = session.get_one(SimulationRun, run_id)
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
        run = session.get_one(SimulationRun, run_id)
        run.curiosity = as_json(found)
        if found.reason is not None or _repeats_a_seed(session, run):
            return
        for part, outcome in (("aim", found.aim), ("uptake", found.uptake)):
            for competency in scenario.competencies["inquiry"]:
                if outcome is not None:
                    _record(session, run, competency, outcome, part, kind=EvidenceKind.INQUIRY)


def _repeats_a_seed(session: Session, run: SimulationRun) -> bool:
    """A later attempt at an exercise meets known chances, so it says nothing new about a skill."""
    if run.exercise_id is None:
        return False
    return any(other.id < run.id for other in queries.attempts_of(session, run.exercise_id, run.trainee_id))


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
