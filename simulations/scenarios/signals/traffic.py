"""Road users of an hour, second by second, drawn before any decision; many possible hours in one batch."""

from dataclasses import dataclass

import numpy as np

from simulations.engine import Floats
from simulations.scenarios.signals.world import (
    APPROACHES,
    CLASSES,
    HOUR_S,
    PEDESTRIANS,
    QUARTER_S,
    QUARTERS,
    Hour,
    Parameters,
    mean_pcu,
)

CROSSINGS = 2  # across the east-west road, walked in the north-south green; across the north-south road


@dataclass(frozen=True)
class Traffic:
    """Arrivals by run. Crossing 0 leads across the east-west road and is walked while north-south has green."""

    pcu: Floats  # (run, approach, second)
    vehicles: Floats  # (run, approach, second)
    classes: Floats  # (run, approach, class): vehicles in the hour
    walkers: Floats  # (run, crossing, second)
    detected: Floats  # (run, crossing, second): walkers the camera notices

    def __len__(self) -> int:
        return len(self.pcu)


def draw_traffic(
    p: Parameters,
    hour: Hour,
    rates: Floats,
    vehicle_dice: np.random.Generator,
    walker_dice: np.random.Generator,
    walkers_counted: Floats | None = None,
) -> Traffic:
    """Poisson arrivals at ``rates`` (run, flow, quarter).

    walkers_counted: by run, the share of pedestrians the camera notices; the hour's own if not given.
    """
    runs = len(rates)
    per_class = rates[:, :PEDESTRIANS, :, None] / mean_pcu(p, hour)[:PEDESTRIANS, None, None]
    counts = vehicle_dice.poisson(per_class * hour.vehicle_shares[:, None, :] / QUARTERS).astype(np.intp)
    cell = np.repeat(np.arange(counts.size, dtype=np.intp), counts.ravel())
    kind, quarter = cell % len(CLASSES), cell // len(CLASSES) % QUARTERS
    lane = cell // (len(CLASSES) * QUARTERS)  # run and approach
    second = (QUARTER_S * (quarter + vehicle_dice.random(len(cell)))).astype(np.intp)
    where, size = lane * HOUR_S + second, runs * len(APPROACHES) * HOUR_S
    shape = (runs, len(APPROACHES), HOUR_S)
    counted = np.full(runs, hour.counted[PEDESTRIANS]) if walkers_counted is None else walkers_counted
    walkers, detected = _draw_walkers(p, counted, rates[:, PEDESTRIANS], walker_dice)
    return Traffic(
        pcu=np.bincount(where, weights=p.pcu[kind], minlength=size).reshape(shape).astype(np.float64),
        vehicles=np.bincount(where, minlength=size).reshape(shape).astype(np.float64),
        classes=counts.sum(axis=2).astype(np.float64),
        walkers=walkers,
        detected=detected,
    )


def _draw_walkers(p: Parameters, counted: Floats, rates: Floats, dice: np.random.Generator) -> tuple[Floats, Floats]:
    runs = len(rates)
    counts = dice.poisson(rates[:, None, :] * p.crossing_shares[:, None] / QUARTERS).astype(np.intp)
    cell = np.repeat(np.arange(counts.size, dtype=np.intp), counts.ravel())
    second = (QUARTER_S * (cell % QUARTERS + dice.random(len(cell)))).astype(np.intp)
    where, size = cell // QUARTERS * HOUR_S + second, runs * CROSSINGS * HOUR_S
    seen = dice.random(len(cell)) < counted[cell // (QUARTERS * CROSSINGS)]
    shape = (runs, CROSSINGS, HOUR_S)
    everyone = np.bincount(where, minlength=size).reshape(shape).astype(np.float64)
    noticed = np.bincount(where[seen], minlength=size).reshape(shape).astype(np.float64)
    return everyone, noticed
