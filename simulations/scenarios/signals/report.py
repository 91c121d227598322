"""Indicators of one played hour: what the office reports, and the truth for the debrief."""

from dataclasses import dataclass

import numpy as np

from simulations.engine import Floats
from simulations.scenarios.signals.control import (
    PHASES,
    clearance_s,
    crossing_gap_s,
    tool_walk,
    webster_greens,
)
from simulations.scenarios.signals.junction import Outcome
from simulations.scenarios.signals.traffic import Traffic
from simulations.scenarios.signals.webster import delay_s, gap_delay_s
from simulations.scenarios.signals.world import (
    CLASSES,
    HOUR_S,
    PEDESTRIANS,
    ROAD_OF,
    Evidence,
    Hour,
    Parameters,
    mean_pcu,
)

LONGEST_WAIT_S = 1800
STANDING_PCU = 1.0  # a car's length; less is a vehicle just passing
MOST_SATURATED = 0.95


@dataclass(frozen=True)
class Promise:
    """What the tool would set for the hour's mean forecast, and the delay it promises, in seconds by flow."""

    green: Floats
    delay: Floats


def tool_promise(p: Parameters, hour: Hour, evidence: Evidence) -> Promise:
    """Webster's plan and Webster's delay for the tool's own forecast; a walk's seconds and wait for pedestrians.

    Beyond a degree of saturation of 0.95 the formula does not hold; the tool then promises the delay at 0.95.
    """
    forecast, walk = evidence.hourly_forecast, tool_walk(p, evidence)
    greens = webster_greens(p, forecast[:PEDESTRIANS], walk)
    cycle = float(greens.sum() + PHASES * p.lost_time)
    by_approach = greens[ROAD_OF] - (0.0 if walk == "off" else p.walk_lead)
    flows = np.minimum(forecast[:PEDESTRIANS], MOST_SATURATED * p.saturation_flow * by_approach / cycle)
    delays = [delay_s(cycle, float(g), float(q), p.saturation_flow) for g, q in zip(by_approach, flows, strict=True)]
    if walk == "off":
        per_second = (forecast / mean_pcu(p, hour))[:PEDESTRIANS].reshape(PHASES, 2)[::-1] / HOUR_S
        waits, walk_s = 2 * gap_delay_s(per_second, crossing_gap_s(p)[:, None]).mean(axis=1), 0.0
    else:
        waits, walk_s = (cycle - greens + clearance_s(p)) ** 2 / (2 * cycle), p.least_walk
    wait = float(np.dot(p.crossing_shares, waits))
    return Promise(np.append(greens[ROAD_OF], walk_s).astype(np.float64), np.array([*delays, wait]))


def mean_delay_s(traffic: Traffic, outcome: Outcome) -> float:
    """Delay per vehicle in seconds, all approaches together."""
    vehicles = traffic.classes[0].sum(axis=1)
    return float((vehicles * outcome.delay[0]).sum() / max(vehicles.sum(), 1.0))


def reported(p: Parameters, hour: Hour, traffic: Traffic, outcome: Outcome) -> dict[str, float]:
    """What the traffic wing sees of an hour: detectors, camera, controller."""
    green = outcome.lamps.discharge[0][ROAD_OF]
    queue = outcome.queue[0]
    before = np.roll(queue, 1, axis=1)
    before[:, 0] = 0.0
    stopped = (before >= STANDING_PCU) | ~green
    stops = float((traffic.vehicles[0] * stopped).sum())
    ends = green[:, :-1] & ~green[:, 1:]
    failed = ends & (queue[:, :-1] >= STANDING_PCU)
    return {
        "delay_vehicle": mean_delay_s(traffic, outcome),
        "max_queue": p.metres_per_pcu * float(queue.max()),
        "stops": stops / max(float(traffic.vehicles[0].sum()), 1.0),
        "cycle_failures": 100 * float(failed.sum()) / max(float(ends.sum()), 1.0),
        "fuel": p.idle_fuel * float(queue.sum()) / HOUR_S + p.stop_fuel * stops,
        "mean_cycle": float(outcome.lamps.cycle[0].mean()),
        "camera_count": float((traffic.classes[0] * p.pcu * hour.class_counted[: len(CLASSES)]).sum()),
    }


def hidden(p: Parameters, traffic: Traffic, outcome: Outcome, camera_count: float) -> dict[str, float]:
    """What nobody reports: people, pedestrians, and what the camera missed."""
    car, bus, _ = outcome.group_seconds[0] / np.maximum(outcome.group_persons[0], 1.0)
    walkers = float(traffic.walkers[0].sum())
    persons = float((traffic.classes[0] * p.persons).sum()) + walkers
    in_hour = HOUR_S * float(outcome.loss[0, :PEDESTRIANS].sum())
    true_flow = float((traffic.classes[0] * p.pcu).sum())
    return {
        "delay_person": in_hour / max(persons, 1.0),
        "pedestrian_wait_90": wait_quantile_s(traffic, outcome, 0.9),
        "crossed_on_red": float(outcome.violations[0]),
        "camera_error": 100 * (camera_count / max(true_flow, 1.0) - 1),
        "delay_car": float(car),
        "delay_bus": float(bus),
    }


def wait_quantile_s(traffic: Traffic, outcome: Outcome, share: float) -> float:
    """Seconds within which this share of pedestrians is offered a safe crossing."""
    weights, offered = traffic.walkers[0], outcome.walkers.offered[0]
    total = max(float(weights.sum()), 1.0)
    if offered.shape[1] == 1:
        waits = np.arange(LONGEST_WAIT_S, dtype=np.float64)
        half = offered / 2
        still = (weights.sum(axis=1, keepdims=True) * (1 + waits / half) * np.exp(-waits / half)).sum(axis=0)
        return float(np.argmax(still <= (1 - share) * total))
    order = np.argsort(offered, axis=None, kind="stable")
    reached = np.cumsum(weights.ravel()[order])
    place = min(int(np.searchsorted(reached, share * total)), len(order) - 1)
    return float(offered.ravel()[order[place]])


def group_ratio(seconds: Floats, persons: Floats) -> float:
    """Delay of the worse-off of bus passengers and pedestrians over that of car users, per person; 1 without cars."""
    car, bus, walker = (float(delay) for delay in seconds / np.maximum(persons, 1.0))
    return max(bus, walker) / car if car > 0 else 1.0
