"""Luck-free comparison of decisions: possible hours that agree with what may be known, played out for each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from simulations.engine import Floats
from simulations.scenarios.signals.control import GREEN_FIELDS, WALKS
from simulations.scenarios.signals.junction import play_hour
from simulations.scenarios.signals.policies import LEAST_GREEN, MOST_GREEN, Desk, possible_traffic
from simulations.types import Value

_MOVES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1))


def candidates(desk: Desk, centre: Mapping[str, Value]) -> tuple[Mapping[str, Value], ...]:
    """A decision and its eight neighbours: six moves of the greens and the two other pedestrian stages."""
    found = [dict(centre)]
    for moves in _MOVES:
        moved = dict(centre)
        for key, move in zip(GREEN_FIELDS, moves, strict=True):
            moved[key] = min(max(int(moved[key]) + move * desk.p.neighbour_green, LEAST_GREEN), MOST_GREEN)
        found.append(moved)
    others = (walk for walk in WALKS if walk != centre["pedestrian_stage"])
    return (*found, *({**centre, "pedestrian_stage": walk} for walk in others))


def expected_losses(desk: Desk, decisions: Sequence[Mapping[str, Value]], replicates: int, seed: int) -> Floats:
    """Mean loss of the hour in person-hours under each decision, on common random numbers.

    Hours share no queue and no decision changes what may be known later, so the best policy loses the same from the
    next hour on whatever is decided now; that common part is left out.
    """
    traffic = possible_traffic(replace(desk, seed=seed), replicates, "referee")
    losses = [play_hour(desk.p, desk.hour, desk.evidence, traffic, form).loss.sum(axis=1).mean() for form in decisions]
    return np.array(losses, dtype=np.float64)
