"""Writes of runs: start, ask, judge, decide, write the memo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

import simulations
from app.accounts import progress
from app.accounts.models import Account
from app.accounts.queries import cohort_of_trainee, lock
from app.core import audit, clock, jobs
from app.core.errors import Refused
from app.desk import record
from app.sims import casework, queries, seeds
from app.sims.models import Memo, SimulationEvent, SimulationExercise, SimulationRun
from simulations import Case, Decision, Event, Inquiry, Scenario
from simulations.types import Value


class StaleForm(Refused):
    """The form belongs to a round that is over, or that has not come yet."""

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
    seed_of: Callable[[int], int] | None = None,
    at: datetime | None = None,
) -> SimulationRun:
    """Open a run, or give the one that can still go on.

    The seed is the exercise's, else by `seed_of` that of the number of runs before it, else a fresh one. at: when it
    was begun on a device without a link.

    weights: 0 to 5 by indicator, chosen before the first round and never changed after it; reason: why.
    team: what a group that shares the run calls itself.  Raises NoAttemptLeft.
    """
    known = _known_runs(session, trainee, module_id, activity_id, exercise)
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
        seed=_seed(exercise, seed_of, len(known)),
        exercise_id=exercise.id if exercise is not None else None,
        team=team,
        weights=dict(weights or {}),
        weights_reason=reason,
        started_at=at or clock.now(),
    )
    session.add(run)
    progress.mark(session, trainee, module_id, activity_id, done=False)
    session.flush()
    return run


def _seed(exercise: SimulationExercise | None, seed_of: Callable[[int], int] | None, number: int) -> int:
    if exercise is not None:
        return exercise.seed
    return seed_of(number) if seed_of is not None else seeds.fresh()


def _known_runs(
    session: Session, trainee: Account, module_id: str, activity_id: str, exercise: SimulationExercise | None
) -> list[SimulationRun]:
    if exercise is None:
        lock(session, trainee.id)
        return queries.runs_of(session, trainee.id, module_id, activity_id)
    queries.lock_exercise(session, exercise)
    return queries.attempts_of(session, exercise.id, trainee.id)


def decide(
    session: Session,
    trainee: Account,
    run: SimulationRun,
    *,
    round_number: int,
    values: Mapping[str, Value],
    note: str,
    key: str,
    at: datetime | None = None,
) -> None:
    """Append a round's decision; nothing happens when the key is known. at: when, on a device without a link.

    Raises simulations.InvalidEvent for a decision against the rules, StaleForm for another round.
    """
    payload = {"values": dict(values)}
    decision = Decision(round_number, values)
    replayed = _append(session, run, record.DECISION, decision, payload, note=note, key=key, at=at)
    if replayed is not None and replayed.finished:
        _finish(session, trainee, run, replayed)


def inquire(
    session: Session,
    run: SimulationRun,
    *,
    round_number: int,
    inquiry_id: str,
    argument: int | None,
    key: str,
    at: datetime | None = None,
) -> None:
    """Append an inquiry; nothing happens when the key is known. at: when, on a device without a link.

    Raises simulations.InvalidEvent for an inquiry against the rules, StaleForm for another round.
    """
    payload = {"inquiry_id": inquiry_id, "argument": argument}
    event = Inquiry(round_number, inquiry_id, argument)
    _append(session, run, record.INQUIRY, event, payload, note="", key=key, at=at)


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

    Raises StaleForm for another round and Refused for a form without its hidden parts.
    """
    scenario = _scenario_to_play(run)
    now = simulations.replay(scenario, run.seed, record.events(queries.event_rows(session, run.id)))
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
    at: datetime | None,
) -> simulations.Run | None:
    """Store the event if it is new and the scenario accepts it; the run as it then stands, or None if known."""
    queries.lock_to_play(session, run)
    rows = queries.event_rows(session, run.id)
    if any(row.idempotency_key == key for row in rows):
        return None
    scenario = _scenario_to_play(run)
    events = record.events(rows)
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
            recorded_at=_recorded_at(rows[-1].recorded_at if rows else run.started_at, at),
        )
    )
    session.flush()
    return replayed


def _recorded_at(before: datetime, at: datetime | None) -> datetime:
    """A device is believed between what came before and now."""
    now = clock.now()
    return now if at is None else min(now, max(before, at))


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
    if round_number > now.next_round:
        raise StaleForm(
            _(
                "Rounds are decided in order, so the form of round %(round)s was not used. This is round "
                "%(next_round)s.",
                round=round_number,
                next_round=now.next_round,
            )
        )
    if round_number < now.next_round:
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
        detail={"digest": replayed.digest, "scenario": run.scenario_digest},
    )


def write_memo(session: Session, run: SimulationRun, text: str) -> Memo:
    """Store the memo of a finished run once; a second one changes nothing."""
    queries.lock_to_play(session, run)
    if (known := queries.memo_of(session, run.id)) is not None:
        return known[0]
    exercise = queries.exercise_of(session, run)
    cohort_id = exercise.cohort_id if exercise else cohort_of_trainee(session, run.trainee_id, run.module_id)
    memo = Memo(run_id=run.id, cohort_id=cohort_id, text=text, submitted_at=clock.now())
    session.add(memo)
    session.flush()
    return memo
