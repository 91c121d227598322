"""Decisions played out in possible worlds, for any model."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simulations.engine import Floats, Model
from simulations.types import Decision, Value


def losses_to_go(
    model: Model, round_number: int, rounds: int, worlds: Sequence[Any], decisions: Sequence[Mapping[str, Value]]
) -> Floats:
    """Loss from ``round_number`` on of each decision followed by the best policy, (decision, world).

    Decisions meet the same worlds and with them the same dice (common random numbers).
    """
    losses = [[_loss_to_go(model, round_number, rounds, world, form) for world in worlds] for form in decisions]
    return np.array(losses, dtype=np.float64)


def _loss_to_go(model: Model, round_number: int, rounds: int, world: Any, form: Mapping[str, Value]) -> float:
    before = sum(model.loss_parts(world).values())
    reached, _ = model.advance(world, Decision(round_number, form))
    best = model.policies["best"]
    for number in range(round_number + 1, rounds + 1):
        reached, _ = model.advance(reached, Decision(number, best(reached)))
    return float(sum(model.loss_parts(reached).values()) - before)
