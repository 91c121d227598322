"""Four reference policies. They see what the office knows (``Desk``), never the hidden truth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulations.engine import Floats, Ints
from simulations.scenarios.patrol.allocation import hours_in_steps
from simulations.scenarios.patrol.belief import belief
from simulations.scenarios.patrol.office import HOURS_FIELDS, Plan
from simulations.scenarios.patrol.tool import ALL, PROPORTIONAL
from simulations.scenarios.patrol.world import (
    BEATS,
    MOST_COMMUNITY,
    MOST_HOURS,
    STEP_HOURS,
    TOTAL_HOURS,
    Parameters,
    complaint_rates,
    found_share,
    left_share,
    rate_table,
    status_quo,
)
from simulations.types import Value

_GRID = np.arange(0, MOST_HOURS + 1, STEP_HOURS).astype(np.float64)


@dataclass(frozen=True)
class Desk:
    """What the office knows at the start of a week; leading axes are worlds."""

    round: int
    rounds: int
    watched: int
    festival: Ints | None  # the beat of the festival once it is known
    evidence: Floats  # of the record and of what ``best`` asks, see ``belief``
    trust_grid: Floats


@dataclass(frozen=True)
class Expectation:
    """Posterior means by (..., beat), and the cost of expected complaints by (..., beat, hours on the grid)."""

    rate: Floats
    unreported: Floats  # incidents without patrols that nobody reports
    complaints: Floats


def expectation(p: Parameters, desk: Desk) -> Expectation:
    """What the record lets the office expect of this week."""
    known = belief(desk.evidence, desk.watched, desk.festival)
    levels, table = known.levels, rate_table(p, desk.round)
    silent = 1 - (known.trust * desk.trust_grid[..., None, None, :]).sum(axis=-1)
    costs = p.complaint_cost * complaint_rates(p, _GRID, table[..., None])
    return Expectation(
        rate=(levels * table).sum(axis=(-2, -1)),
        unreported=(levels * table * silent).sum(axis=(-2, -1)),
        complaints=levels.reshape(*levels.shape[:-2], -1) @ costs.reshape(-1, len(_GRID)),
    )


def week_losses(p: Parameters, expected: Expectation) -> Floats:
    """Expected loss of this week by (..., beat, hours on the grid); convex in the hours."""
    unseen = np.exp(-p.find_rate * _GRID / p.areas[:, None])
    left = left_share(p, _GRID)
    happening = expected.rate[..., None] + p.unseen_cost * expected.unreported[..., None] * unseen
    return np.asarray(left * happening + expected.complaints, dtype=np.float64)


def _at(losses: Floats, steps: Floats) -> Floats:
    chosen = np.take_along_axis(losses, steps.astype(np.intp)[..., None], axis=-1)
    return np.asarray(chosen[..., 0].sum(axis=-1), dtype=np.float64)


def best_plan(p: Parameters, desk: Desk) -> Plan:
    """Hours by marginal analysis on the exact posterior; community hours where they pay until the last week."""
    expected = expectation(p, desk)
    losses = week_losses(p, expected)
    most, spare = TOTAL_HOURS // STEP_HOURS, MOST_COMMUNITY // STEP_HOURS
    whole, fewer = hours_in_steps(losses, most), hours_in_steps(losses, most - spare)
    hours = STEP_HOURS * fewer
    happening = expected.rate * left_share(p, hours) * (1 - found_share(p, hours))
    gains = p.unseen_cost * p.trust_gain * MOST_COMMUNITY * (desk.rounds - desk.round) * happening
    beat = np.argmax(np.round(gains, 9), axis=-1)
    pays = gains.max(axis=-1) > _at(losses, fewer) - _at(losses, whole)
    community = MOST_COMMUNITY * (np.arange(len(BEATS)) == beat[..., None]) * pays[..., None]
    zero = np.zeros(pays.shape, dtype=np.intp)
    return Plan(
        hours=np.where(pays[..., None], hours, STEP_HOURS * whole),
        tool_hours=zero.astype(np.float64),
        community=community.astype(np.float64),
        data=zero + ALL,
        spread=zero + PROPORTIONAL,
    )


def _form(hours: Floats | Ints, **rest: Value) -> dict[str, Value]:
    return {
        **{key: int(number) for key, number in zip(HOURS_FIELDS, hours, strict=True)},
        "community_hours": 0,
        "community_beat": BEATS[0],
        "tool_hours": 0,
        "ai_data": "all",
        "ai_spread": "top_two",
        **rest,
    }


def baseline(p: Parameters, desk: Desk) -> dict[str, Value]:
    """As last year: nearly half of all hours in the watched beat."""
    return _form(status_quo(p, desk.watched))


def greedy(_p: Parameters, _desk: Desk) -> dict[str, Value]:
    """Everything where most is on record: the tool shares out all hours in proportion to its scores."""
    return _form(np.zeros(len(BEATS)), tool_hours=TOTAL_HOURS, ai_spread="proportional")


def ai_only(_p: Parameters, _desk: Desk) -> dict[str, Value]:
    """Whatever the delivered tool says: most hours to its two hottest beats."""
    return _form(np.zeros(len(BEATS)), tool_hours=TOTAL_HOURS)


def best(p: Parameters, desk: Desk) -> dict[str, Value]:
    """``best_plan`` as a form."""
    plan = best_plan(p, desk)
    beat = int(plan.community.argmax())
    return _form(
        plan.hours,
        community_hours=int(plan.community[beat]),
        community_beat=BEATS[beat],
        ai_spread="proportional",
    )


Rule = Callable[[Parameters, Desk], dict[str, Value]]
RULES: Mapping[str, Rule] = {"baseline": baseline, "greedy": greedy, "ai_only": ai_only, "best": best}
