"""Four reference policies. They see what the office knows, never the hidden truth."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from simulations.scenarios.licensing.office import COUNTERS, State
from simulations.scenarios.licensing.planner import Planner
from simulations.scenarios.licensing.world import LEAST_COUNTERS, MOST_COUNTERS, OFFICERS
from simulations.types import Value

EQUAL = OFFICERS // len(COUNTERS)


def _habit(**changed: Value) -> dict[str, Value]:
    """As the office was found: seven counters all day, no human door, slots for the well connected."""
    return {
        **dict.fromkeys(COUNTERS, EQUAL),
        "door_officers": 0,
        "appointments": 0.0,
        "priority": "off",
        "reminder": "off",
        "publish": "no",
        "slots": 10,
        "ai_mode": "ignore",
        "ai_threshold": 0.9,
        "audit_share": 0.0,
        **changed,
    }


def baseline(_planner: Planner, _state: State, _waits: Sequence[float]) -> dict[str, Value]:
    """As always: equal counters, first come first served, the tool is off."""
    return _habit()


def greedy(_planner: Planner, state: State, waits: Sequence[float]) -> dict[str, Value]:
    """Counters to the block that waited longest last week, two officers from each calmer block."""
    if state.round == 1:
        return _habit()
    order = np.argsort(-np.round(np.array(waits), 9), kind="stable")
    counters = np.full(len(COUNTERS), EQUAL)
    for giver in order[:1:-1]:
        for taker in order[:2]:
            step = min(2, int(counters[giver]) - LEAST_COUNTERS, MOST_COUNTERS - int(counters[taker]))
            counters[giver] -= step
            counters[taker] += step
    return _habit(**{key: int(number) for key, number in zip(COUNTERS, counters, strict=True)})


def ai_only(_planner: Planner, _state: State, _waits: Sequence[float]) -> dict[str, Value]:
    """The tool approves and refuses by itself at its mildest threshold; nobody stands at the door."""
    return _habit(ai_mode="auto", ai_threshold=0.8)


def best(planner: Planner, state: State, _waits: Sequence[float]) -> dict[str, Value]:
    """Square-root staffing and local search against the posterior means of the hidden truth."""
    return dict(planner.form(state))


Rule = Callable[[Planner, State, Sequence[float]], dict[str, Value]]
RULES: Mapping[str, Rule] = {"baseline": baseline, "greedy": greedy, "ai_only": ai_only, "best": best}


def candidates(planner: Planner, state: State) -> tuple[Mapping[str, Value], ...]:
    """The best decision, what it would be were one part of the hidden truth low or high, other audits, advice only."""
    chosen = planner.form(state)
    audit = 0.3 if float(chosen["audit_share"]) < 0.15 else 0.0
    mode = "advise" if chosen["ai_mode"] != "advise" else "auto"
    others = [{**chosen, "audit_share": audit}, {**chosen, "ai_mode": mode}]
    return (chosen, *planner.alternatives(state), *others)
