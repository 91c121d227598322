"""Luck-free comparison of decisions: possible hours that agree with what may be known, played out for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.signals.junction import play_hour
from simulations.scenarios.signals.policies import Desk
from simulations.scenarios.signals.traffic import draw_traffic
from simulations.scenarios.signals.world import (
    PEDESTRIANS,
    counted_by_wardens,
    doubted_hour,
    draw_posterior,
    rates_of,
)
from simulations.types import Value


@dataclass(frozen=True, eq=False)
class World:
    """One possible truth behind a desk: the flows' levels, and the desk's dice and counts drawn to go with them."""

    desk: Desk
    levels: Floats


def worlds(desk: Desk, replicates: int, seed: int, *, asked: bool) -> tuple[World, ...]:
    """Possible hours that agree with the forecast and, with ``asked``, with the wardens' counts as well.

    Without ``asked`` the camera may miss anybody, too; see ``doubted_hour``.
    """
    if not asked:
        return _doubted_worlds(desk, replicates, seed)
    dice = stream(seed, "possible", desk.hour.round)
    drawn = draw_posterior(desk.p, desk.hour, desk.evidence, replicates, dice)
    seeds = dice.integers(2**31, size=replicates)
    return tuple(World(replace(desk, seed=int(n)), levels) for levels, n in zip(drawn, seeds, strict=True))


def _doubted_worlds(desk: Desk, replicates: int, seed: int) -> tuple[World, ...]:
    p, number = desk.p, desk.hour.round
    found: list[World] = []
    for run in range(replicates):
        dice = stream(seed, "doubt", number * replicates + run)
        hour, base = doubted_hour(p, desk.hour, dice), int(dice.integers(2**31))
        levels = draw_posterior(p, hour, desk.evidence, 1, dice, counted=False)[0]
        count = counted_by_wardens(p, hour, levels, stream(base, "manual_count", number))
        evidence = replace(desk.evidence, count=count)
        found.append(World(replace(desk, seed=base, hour=hour, evidence=evidence), levels))
    return tuple(found)


def losses_to_go(possible: Sequence[World], decisions: Sequence[Mapping[str, Value]]) -> Floats:
    """Loss of the hour in person-hours, (decision, world), on common random numbers.

    Hours share no queue and no decision changes what may be known later, so the best policy loses the same from the
    next hour on whatever is decided now; that common part is left out.
    """
    desk = possible[0].desk
    vehicles, walkers = (stream(desk.seed, f"referee:{name}", desk.hour.round) for name in ("vehicles", "pedestrians"))
    levels = np.stack([world.levels for world in possible])
    counted = np.array([world.desk.hour.counted[PEDESTRIANS] for world in possible])
    traffic = draw_traffic(desk.p, desk.hour, rates_of(desk.hour, levels), vehicles, walkers, counted)
    losses = [play_hour(desk.p, desk.hour, desk.evidence, traffic, form).loss.sum(axis=1) for form in decisions]
    return np.array(losses, dtype=np.float64)
