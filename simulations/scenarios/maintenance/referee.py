"""Luck-free comparison of decisions: worlds that look the same to the office, and losses averaged over failures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from simulations.engine import Floats, Ints, stream
from simulations.scenarios.maintenance import policies
from simulations.scenarios.maintenance.ledger import Page
from simulations.scenarios.maintenance.office import Bureau, Plan, State, plan, play_half_year
from simulations.scenarios.maintenance.world import Flood, HalfYear, Hidden, Parameters, draw_flood, draw_half_year
from simulations.types import Value

_STEPS: Mapping[str, tuple[float, float, float]] = {
    "inspections_urban": (4, 0, 16),
    "inspections_rural": (4, 0, 24),
    "repairs": (2, 0, 8),
    "alarm_threshold": (0.4, 3.0, 4.8),
    "posting_threshold": (0.1, 0.05, 1.0),
}


def _stepped(value: Value, step: float, least: float, most: float) -> Value:
    moved = min(most, max(least, float(value) + step))
    return int(moved) if isinstance(value, int) else round(moved, 2)


def candidates(centre: Mapping[str, Value]) -> tuple[Mapping[str, Value], ...]:
    """A decision and its neighbours: each number a step up and down, one sensor in the country, another list."""
    found = [dict(centre)]
    for key, (step, least, most) in _STEPS.items():
        for sign in (-1, 1):
            moved = _stepped(centre[key], sign * step, least, most)
            if moved != centre[key]:
                found.append({**centre, key: moved})
    found.append({**centre, "sensors_rural": 1})
    found.append({**centre, "repair_rule": "inspected"})
    return tuple(found)


def _chosen(shares: Floats, die: Floats) -> Ints:
    """Place in the last axis that each die falls on, with these shares."""
    bounds = np.cumsum(shares, axis=-1)
    below = np.count_nonzero(bounds < die[..., None] * bounds[..., -1:], axis=-1)
    return np.asarray(np.minimum(below, shares.shape[-1] - 1), dtype=np.intp)


def resampled(p: Parameters, state: State, seed: int) -> Hidden:
    """Hidden truth drawn from the book, which is its exact posterior: wear, then sensor and condition of each bridge.

    A flood that has come stays; one that has not is drawn anew.
    """
    dice, belief = stream(seed, "possible"), state.belief
    wear = int(_chosen(belief.wear, np.asarray(dice.random())))
    weight = belief.weight[wear]
    cell = _chosen(weight.reshape(len(weight), -1), dice.random(len(weight)))
    return Hidden(
        condition=(cell % p.states).astype(np.intp),
        drifting=np.asarray(cell // p.states == 1, dtype=np.bool_),
        wear=wear,
        flood=_flood(p, state, seed),
    )


def _flood(p: Parameters, state: State, seed: int) -> Flood:
    known = state.hidden.flood.round <= state.round
    return state.hidden.flood if known else draw_flood(p, seed, state.round)


@dataclass(frozen=True)
class World:
    """One possible truth behind a desk, with the dice of the half-years to come."""

    state: State
    dice: tuple[HalfYear, ...]


def losses_to_go(
    bureau: Bureau, states: Sequence[tuple[State, int]], decisions: Sequence[Mapping[str, Value]]
) -> Floats:
    """Expected loss from now on of each decision followed by the best policy, PKR m, (decision, world).

    Failures count by their probability given the hidden grade, which leaves the mean as it is and takes most of the
    luck out of it (Rao-Blackwell).  states: with the seed of the dice to come; they share one desk.
    """
    first = states[0][0]
    worlds = [
        World(state, tuple(draw_half_year(bureau.p, seed, number) for number in range(state.round, bureau.rounds + 1)))
        for state, seed in states
    ]
    morning, plans = bureau.page(first), [plan(form) for form in decisions]
    return np.array([[_loss(bureau, world, chosen, morning) for world in worlds] for chosen in plans])


def _loss(bureau: Bureau, world: World, chosen: Plan, morning: Page) -> float:
    state, before = world.state, world.state.expected_loss
    for dice in world.dice:
        state, _ = play_half_year(bureau, state, dice, chosen, morning)
        if state.round <= bureau.rounds:
            morning = bureau.page(state)
            chosen = plan(
                policies.best(
                    bureau.p, policies.Desk(bureau.network, state.records, state.budget, partial(_same, morning))
                )
            )
    return state.expected_loss - before


def _same(page: Page) -> Page:
    return page
