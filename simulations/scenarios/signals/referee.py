"""Luck-free comparison of decisions: possible hours that agree with what may be known, played out for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.signals.junction import play_hour
from simulations.scenarios.signals.policies import Desk
from simulations.scenarios.signals.traffic import draw_traffic
from simulations.scenarios.signals.world import counted_by_wardens, draw_posterior, rates_of
from simulations.types import Value


@dataclass(frozen=True, eq=False)
class World:
    """One possible truth behind a desk: the flows' levels, and the desk's dice and counts drawn to go with them."""

    desk: Desk
    levels: Floats


def worlds(desk: Desk, replicates: int, seed: int, *, asked: bool) -> tuple[World, ...]:
    """Possible hours that agree with the forecast and, with ``asked``, with the wardens' counts as well."""
    p, hour, dice = desk.p, desk.hour, stream(seed, "possible", desk.hour.round)
    drawn = draw_posterior(p, hour, desk.evidence, replicates, dice, counted=asked)
    seeds = dice.integers(2**31, size=replicates)
    found = []
    for levels, number in zip(drawn, seeds, strict=True):
        count = desk.evidence.count
        if not asked:
            count = counted_by_wardens(p, hour, levels, stream(int(number), "manual_count", hour.round))
        found.append(World(replace(desk, seed=int(number), evidence=replace(desk.evidence, count=count)), levels))
    return tuple(found)


def losses_to_go(possible: Sequence[World], decisions: Sequence[Mapping[str, Value]]) -> Floats:
    """Loss of the hour in person-hours, (decision, world), on common random numbers.

    Hours share no queue and no decision changes what may be known later, so the best policy loses the same from the
    next hour on whatever is decided now; that common part is left out.
    """
    desk = possible[0].desk
    vehicles, walkers = (stream(desk.seed, f"referee:{name}", desk.hour.round) for name in ("vehicles", "pedestrians"))
    levels = np.stack([world.levels for world in possible])
    traffic = draw_traffic(desk.p, desk.hour, rates_of(desk.hour, levels), vehicles, walkers)
    losses = [play_hour(desk.p, desk.hour, desk.evidence, traffic, form).loss.sum(axis=1) for form in decisions]
    return np.array(losses, dtype=np.float64)
