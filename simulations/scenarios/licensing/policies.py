"""Four reference policies. They see what the office knows, never the hidden truth."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from simulations.scenarios.licensing.office import COUNTERS, State
from simulations.scenarios.licensing.planner import Planner
from simulations.scenarios.licensing.world import LEAST_COUNTERS, MOST_COUNTERS, MOST_DOOR, OFFICERS
from simulations.types import Value

EQUAL = OFFICERS // len(COUNTERS)


def _habit(**changed: Value) -> dict[str, Value]:
    """As the office was found: seven counters all day, no human door, slots for the well connected."""
    return {
        **{key: EQUAL for key in COUNTERS},
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


def moved_officer(values: Mapping[str, Value], giver: str, taker: str) -> dict[str, Value] | None:
    """One officer moved between a counter and the door; None where the form would refuse it."""
    changed = {giver: int(values[giver]) - 1, taker: int(values[taker]) + 1}
    door, counter = changed["door_officers"], next(changed[key] for key in COUNTERS if key in changed)
    fits = 0 <= door <= MOST_DOOR and LEAST_COUNTERS <= counter <= MOST_COUNTERS
    return {**values, **changed} if fits else None


def moved_share(values: Mapping[str, Value], key: str, step: float, least: float, most: float) -> dict[str, Value]:
    """A share moved by a step as far as the form lets it."""
    return {**values, key: min(most, max(least, round(float(values[key]) + step, 2)))}


def around(values: Mapping[str, Value]) -> tuple[Mapping[str, Value], ...]:
    """A decision and up to eight neighbours: officers between peak and door, threshold, audit, the tool off."""
    found: list[Mapping[str, Value]] = [dict(values)]
    for giver, taker in ((COUNTERS[1], "door_officers"), ("door_officers", COUNTERS[1])):
        if (moved := moved_officer(values, giver, taker)) is not None:
            found.append(moved)
    found += [moved_share(values, "ai_threshold", step, 0.8, 0.99) for step in (-0.03, 0.02)]
    found += [moved_share(values, "appointments", step, 0.0, 0.8) for step in (-0.2, 0.2)]
    found.append(moved_share(values, "audit_share", 0.3 if float(values["audit_share"]) < 0.15 else -0.3, 0.0, 0.3))
    found.append({**values, "ai_mode": "advise" if values["ai_mode"] != "advise" else "auto"})
    return tuple(found)
