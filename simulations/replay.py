"""A run is a pure function of scenario, seed and events; state is never stored as truth."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from simulations.engine import decision_problems, inquiry_problems, run_digest
from simulations.registry import Scenario
from simulations.types import (
    Case,
    Decision,
    Event,
    Finding,
    Inquiry,
    InvalidEvent,
    Problem,
    RoundResult,
    Run,
    Value,
)

CACHED_POSITIONS = 256
_Key = tuple[tuple[str, Value], ...]


@lru_cache(maxsize=CACHED_POSITIONS)
def _advanced(scenario: Scenario, seed: int, decisions: tuple[_Key, ...]) -> tuple[Any, RoundResult | None]:
    if not decisions:
        return scenario.model.start(seed), None
    position, _ = _advanced(scenario, seed, decisions[:-1])
    return scenario.model.advance(position, Decision(len(decisions), dict(decisions[-1])))


def position_after(scenario: Scenario, seed: int, decisions: Sequence[Decision]) -> Any:
    """The model's position after these decisions (hidden truth included; for scoring only)."""
    return _advanced(scenario, seed, tuple(_key(scenario, decision.values) for decision in decisions))[0]


def _key(scenario: Scenario, values: Mapping[str, Value]) -> _Key:
    return tuple((field.id, values[field.id]) for field in scenario.fields)


def _refuse(*problems: Problem) -> InvalidEvent:
    return InvalidEvent(problems)


def _check_round(scenario: Scenario, event: Event, next_round: int) -> None:
    if next_round > scenario.rounds:
        raise _refuse(Problem(None, "run_finished", {"rounds": scenario.rounds}))
    if isinstance(event.round, bool) or event.round != next_round:
        raise _refuse(Problem(None, "wrong_round", {"round": event.round, "next_round": next_round}))


def _check_seed(seed: object) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise _refuse(Problem(None, "invalid_seed"))


class _Walk:
    """The fold of events into results; lives only inside ``replay``."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario, self.seed = scenario, seed
        self.keys: tuple[_Key, ...] = ()
        self.results: tuple[RoundResult, ...] = ()
        self.findings: tuple[Finding, ...] = ()
        self.minutes_left = scenario.office_minutes

    @property
    def position(self) -> Any:
        return _advanced(self.scenario, self.seed, self.keys)[0]

    def take(self, event: Event) -> None:
        _check_round(self.scenario, event, len(self.keys) + 1)
        if isinstance(event, Inquiry):
            self._inquire(event)
        else:
            self._decide(event)

    def _inquire(self, event: Inquiry) -> None:
        problems = inquiry_problems(self.scenario.inquiries, event.inquiry_id, event.argument, self.minutes_left)
        if problems:
            raise InvalidEvent(problems)
        self.minutes_left -= self.scenario.inquiry(event.inquiry_id).cost(event.argument)
        values = self.scenario.model.investigate(self.position, event.inquiry_id, event.argument)
        self.findings += (Finding(event.round, event.inquiry_id, event.argument, values),)

    def _decide(self, event: Decision) -> None:
        if problems := decision_problems(self.scenario.fields, self.scenario.sum_rules, event.values):
            raise InvalidEvent(problems)
        self.keys += (_key(self.scenario, event.values),)
        result = _advanced(self.scenario, self.seed, self.keys)[1]
        if result is None or not all(math.isfinite(value) for value in result.kpis.values()):
            raise ArithmeticError(f"{self.scenario.id}: round {event.round} gave a result that is not finite.")
        self.results += (result,)
        self.minutes_left = self.scenario.office_minutes


def replay(scenario: Scenario, seed: int, events: Sequence[Event]) -> Run:
    """Play the events from the start.

    Raises InvalidEvent at the first event that breaks a rule. Same inputs give the same Run, everywhere.
    """
    _check_seed(seed)
    walk = _Walk(scenario, seed)
    for event in events:
        walk.take(event)
    finished = len(walk.results) == scenario.rounds
    return Run(
        scenario_id=scenario.id,
        seed=seed,
        next_round=len(walk.results) + 1,
        finished=finished,
        minutes_left=0 if finished else walk.minutes_left,
        results=walk.results,
        findings=walk.findings,
        situation=scenario.model.situation(walk.position),
        defaults=dict(walk.results[-1].decision.values) if walk.results else scenario.default_values,
        digest=run_digest(walk.results),
    )


def cases_of(scenario: Scenario, seed: int, decisions: Sequence[Decision]) -> tuple[Case, ...]:
    """The cases of the round that comes after these decisions; none after the last round."""
    if len(decisions) >= scenario.rounds:
        return ()
    return scenario.model.cases(position_after(scenario, seed, decisions))


def with_other_decision(events: Sequence[Event], round_number: int, values: Mapping[str, Value]) -> list[Event]:
    """The same events but for one round's decision: what would have happened on the same dice.

    Later decisions stay as they were taken. Raises InvalidEvent when the events hold no decision of that round.
    """
    if not any(isinstance(event, Decision) and event.round == round_number for event in events):
        raise _refuse(Problem(None, "wrong_round", {"round": round_number, "next_round": len(events) + 1}))
    return [
        Decision(round_number, values) if isinstance(event, Decision) and event.round == round_number else event
        for event in events
    ]
