"""Luck-free comparison of decisions: worlds that look the same to the office, and losses averaged over failures."""

from collections.abc import Mapping, Sequence

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.maintenance import policies
from simulations.scenarios.maintenance.ledger import Values, read_page
from simulations.scenarios.maintenance.office import Plan, State, plan, play_half_year
from simulations.scenarios.maintenance.world import Flood, Hidden, Network, Parameters, draw_flood
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


def _chosen(shares: Floats, die: Floats) -> Floats:
    bounds = np.cumsum(shares, axis=-1)
    return np.minimum((bounds < die[..., None] * bounds[..., -1:]).sum(axis=-1), shares.shape[-1] - 1)


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


def losses_to_go(
    p: Parameters, network: Network, values: Values, worlds: Sequence[tuple[State, int]],
    decisions: Sequence[Mapping[str, Value]], rounds: int,
) -> Floats:  # fmt: skip
    """Expected loss from now on of each decision followed by the best policy, PKR m, (decision, world).

    Failures count by their probability given the hidden grade, which leaves the mean as it is and takes most of the
    luck out of it (Rao-Blackwell).  worlds: state and seed of each.
    """

    def best(state: State) -> Plan:
        flooded = state.hidden.flood.reaches(network, state.round)
        page = read_page(p, network, values, state.belief, state.round, flooded)
        return plan(policies.best(p, policies.Desk(network, state.records, lambda: page)))

    def loss(state: State, seed: int, chosen: Plan) -> float:
        before = state.expected_loss
        while state.round <= rounds:
            state, _ = play_half_year(p, network, values, seed, state, chosen, rounds)
            chosen = best(state) if state.round <= rounds else chosen
        return state.expected_loss - before

    plans = [plan(form) for form in decisions]
    return np.array([[loss(state, seed, chosen) for state, seed in worlds] for chosen in plans], dtype=np.float64)
