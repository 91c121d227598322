"""Closed forms of traffic signals: Webster's cycle, splits and delay; Adams' delay at a gap.

Source of all but the last two: Webster (1958), Traffic Signal Settings, Road Research Technical Paper 39, HMSO.
"""

import math
from collections.abc import Sequence

import numpy as np

from simulations.engine import Floats
from simulations.queueing import Oversaturated

HOUR_S = 3600.0


def optimal_cycle_s(flow_ratios: Sequence[float], lost_time_s: float) -> float:
    """Cycle of least delay: (1.5 L + 5) / (1 - Y) seconds.

    ``flow_ratios``: critical flow over saturation flow by phase, each > 0, Y their sum.  ``lost_time_s``: L,
    seconds a cycle, > 0.  Raises Oversaturated when Y >= 1: no cycle serves such a demand.
    """
    total = math.fsum(flow_ratios)
    if total >= 1:
        raise Oversaturated(f"The flow ratios add up to {total:.3f}; they must stay below 1.")
    return (1.5 * lost_time_s + 5) / (1 - total)


def effective_greens_s(flow_ratios: Sequence[float], cycle_s: float, lost_time_s: float) -> tuple[float, ...]:
    """Effective greens in seconds, in proportion to the flow ratios: (y_i / Y) (C - L). Needs C > L."""
    total = math.fsum(flow_ratios)
    return tuple(ratio / total * (cycle_s - lost_time_s) for ratio in flow_ratios)


def degree_of_saturation(cycle_s: float, green_s: float, flow_pcu_h: float, saturation_pcu_h: float) -> float:
    """Flow over capacity, x = q C / (g s). Flows in PCU/h, 0 < g <= C."""
    return flow_pcu_h * cycle_s / (green_s * saturation_pcu_h)


def uniform_delay_s(cycle_s: float, green_s: float, flow_pcu_h: float, saturation_pcu_h: float) -> float:
    """Delay per vehicle under even arrivals: C (1 - l)^2 / (2 (1 - l x)) seconds, l = g / C, for x <= 1."""
    green_share = green_s / cycle_s
    return cycle_s * (1 - green_share) ** 2 / (2 * (1 - flow_pcu_h / saturation_pcu_h))


def random_delay_s(cycle_s: float, green_s: float, flow_pcu_h: float, saturation_pcu_h: float) -> float:
    """Extra delay per vehicle under random arrivals: x^2 / (2 q (1 - x)) seconds. Oversaturated when x >= 1."""
    x = degree_of_saturation(cycle_s, green_s, flow_pcu_h, saturation_pcu_h)
    if x >= 1:
        raise Oversaturated(f"The degree of saturation is {x:.3f}; it must stay below 1.")
    return x**2 / (2 * flow_pcu_h / HOUR_S * (1 - x))


def delay_s(cycle_s: float, green_s: float, flow_pcu_h: float, saturation_pcu_h: float) -> float:
    """Webster's delay per vehicle in seconds: uniform plus random less 0.65 (C / q^2)^(1/3) x^(2 + 5 l).

    Flows in PCU/h, > 0.  Meant for x < 0.95; raises Oversaturated when x >= 1.
    """
    both = uniform_delay_s(cycle_s, green_s, flow_pcu_h, saturation_pcu_h)
    both += random_delay_s(cycle_s, green_s, flow_pcu_h, saturation_pcu_h)
    x = degree_of_saturation(cycle_s, green_s, flow_pcu_h, saturation_pcu_h)
    flow_s = flow_pcu_h / HOUR_S
    return both - 0.65 * math.cbrt(cycle_s / flow_s**2) * math.pow(x, 2 + 5 * green_s / cycle_s)


def gap_delay_s(vehicles_s: Floats, critical_gap_s: Floats) -> Floats:
    """Mean wait in seconds of a pedestrian for a gap in random traffic: (e^(q t) - q t - 1) / q.

    ``vehicles_s``: q, vehicles/s, > 0.  ``critical_gap_s``: t, seconds, > 0.  Source: Adams (1936), Road Traffic
    Considered as a Random Series, Journal of the Institution of Civil Engineers 4.
    """
    load = vehicles_s * critical_gap_s
    return np.asarray((np.expm1(load) - load) / vehicles_s, dtype=np.float64)


def patience_outcome(half_wait_s: Floats, patience_s: float) -> tuple[Floats, Floats]:
    """Share of pedestrians who lose patience, and the mean wait in seconds when nobody waits longer.

    The wait is the sum of two exponential waits of mean ``half_wait_s`` > 0, one for each half of the road (Erlang
    with two stages, an assumption).  ``patience_s`` > 0.
    """
    left = np.exp(-patience_s / half_wait_s)
    return (1 + patience_s / half_wait_s) * left, 2 * half_wait_s - left * (2 * half_wait_s + patience_s)
