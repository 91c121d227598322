"""One hour at the junction: lamps, queues, pedestrians and the time they lose. Arrays over many runs at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulations.engine import Bools, Floats, Ints
from simulations.scenarios.signals.control import (
    PHASES,
    Plan,
    Stretch,
    clearance_s,
    crossing_gap_s,
    make_plan,
    manual_blocks,
    manual_greens,
    taken_over,
)
from simulations.scenarios.signals.traffic import CROSSINGS, Traffic
from simulations.scenarios.signals.webster import gap_delay_s, patience_outcome
from simulations.scenarios.signals.world import HOUR_S, ROAD_OF, Evidence, Hour, Parameters
from simulations.types import Value

PARTS = ("cars", "small_vehicles", "buses", "pedestrians", "violations", "left_over")
GROUPS = ("car", "bus", "pedestrian")
_NEVER = 10 * HOUR_S


@dataclass(frozen=True)
class Lamps:
    """What the signal shows, by (run or 1, phase, second); ``cycle`` is in seconds by (run or 1, second)."""

    discharge: Bools  # the queues of the phase's road may leave
    walk: Bools  # the crossing beside that road may be entered
    cycle: Floats


@dataclass(frozen=True)
class Walkers:
    """Waits in seconds by (run, crossing, second), or (run, crossing, 1) where the second does not matter."""

    offered: Floats  # until the crossing is safe
    kept: Floats  # by one who crosses on red when patience ends
    impatient: Floats  # share who do so


@dataclass(frozen=True)
class Outcome:
    """An hour by run."""

    lamps: Lamps
    queue: Floats  # (run, approach, second): PCU at the end of the second
    delay: Floats  # (run, approach): seconds per vehicle within the hour
    walkers: Walkers
    violations: Floats  # (run,): pedestrians who lost patience
    loss: Floats  # (run, part): person-hours
    group_seconds: Floats  # (run, group): person-seconds of delay
    group_persons: Floats  # (run, group)


def _stretch_lamps(p: Parameters, stretch: Stretch, walk: str, traffic: Traffic) -> Lamps:
    greens = stretch.greens[:, :, None]  # (run or 1, phase, 1)
    lost = int(p.lost_time)
    cycle = greens.sum(axis=1) + PHASES * lost
    second = np.arange(stretch.end - stretch.start, dtype=np.intp)
    place, number = second % cycle, second // cycle  # (run or 1, second)
    opens = np.concatenate([np.zeros_like(greens[:, :1]), greens[:, :1] + lost], axis=1)
    into = place[:, None, :] - opens
    green = (into >= 0) & (into < greens)
    lengths = np.broadcast_to(cycle, place.shape).astype(np.float64)
    if walk == "off":
        return Lamps(green, np.zeros_like(green), lengths)
    clearance = clearance_s(p)[:, None]
    served = np.ones_like(green)
    if walk == "on_demand":
        served = _called(number, into, traffic.detected[:, :, stretch.start : stretch.end])
    may_walk = served & (into >= 0) & (into < greens - clearance)
    return Lamps(green & ~(served & (into < p.walk_lead)), may_walk, lengths)


def _called(number: Ints, into: Ints, detected: Floats) -> Bools:
    """Was this cycle's walk called: did the camera notice anyone since it last could open? The first is shown."""
    runs, _, length = detected.shape
    shape = (runs, CROSSINGS, length)
    waits_for = np.broadcast_to(number[:, None, :] + (into >= 0), shape)
    cycles = int(waits_for.max()) + 1
    lane = np.arange(runs * CROSSINGS, dtype=np.intp).reshape(runs, CROSSINGS, 1) * cycles
    heard = np.bincount((lane + waits_for).ravel(), weights=detected.ravel(), minlength=runs * CROSSINGS * cycles)
    called = heard.reshape(runs, CROSSINGS, cycles) > 0
    called[:, :, 0] = True
    return np.asarray(called.ravel()[lane + np.broadcast_to(number[:, None, :], shape)], dtype=np.bool_)


def show(p: Parameters, plan: Plan, traffic: Traffic) -> Lamps:
    """The signal's lamps through the hour."""
    parts = [_stretch_lamps(p, stretch, plan.walk, traffic) for stretch in plan.stretches]
    runs = max(len(part.discharge) for part in parts)

    def joined(name: str) -> Any:
        arrays = [getattr(part, name) for part in parts]
        return np.concatenate([np.broadcast_to(a, (runs, *a.shape[1:])) for a in arrays], axis=-1)

    return Lamps(joined("discharge"), joined("walk"), joined("cycle"))


def queues(p: Parameters, hour: Hour, pcu: Floats, discharge: Bools) -> Floats:
    """PCU waiting at the end of each second, by (run, approach, second).

    A point queue that starts empty and loses at most the saturation flow while its road has green; a closed approach
    loses nothing. Lindley's (1952) recursion Q' = max(0, Q + a - s), with X the running sum of a - s, is solved for
    all seconds at once: Q = X - min(0, running minimum of X).
    """
    leaves = (p.saturation_flow / HOUR_S) * discharge[:, ROAD_OF]
    if hour.closed >= 0:
        leaves[:, hour.closed, hour.closed_from : hour.closed_from + p.closed_seconds] = 0.0
    balance = np.cumsum(pcu - leaves, axis=-1)
    least = np.minimum(np.minimum.accumulate(balance, axis=-1), 0.0)
    return np.asarray(balance - least, dtype=np.float64)


def play_hour(
    p: Parameters, hour: Hour, evidence: Evidence, traffic: Traffic, decision: Mapping[str, Value]
) -> Outcome:
    """Play one hour in every run of ``traffic`` under one decision."""
    plan = make_plan(p, evidence, decision)
    lamps = show(p, plan, traffic)
    queue = queues(p, hour, traffic.pcu, lamps.discharge)
    for start, end in manual_blocks(p, hour, int(decision["manual_minutes"])):
        plan = taken_over(plan, (start, end), manual_greens(p, hour, queue[:, :, start]))
        lamps = show(p, plan, traffic)
        queue = queues(p, hour, traffic.pcu, lamps.discharge)
    return _charged(p, traffic, lamps, queue, _walkers(p, plan, lamps, traffic))


def _walkers(p: Parameters, plan: Plan, lamps: Lamps, traffic: Traffic) -> Walkers:
    """Waits for a gap in the mean traffic of the hour without a stage, else for the next second of walk."""
    if plan.walk == "off":
        flow = traffic.classes.sum(axis=2).reshape(-1, PHASES, 2)[:, ::-1] / HOUR_S  # crossing 0 leads over road 1
        gap = crossing_gap_s(p)[:, None]
        half = gap_delay_s(np.maximum(flow, 1 / HOUR_S), gap).mean(axis=2, keepdims=True)
        share, kept = patience_outcome(half, p.patience)
        return Walkers(2 * half, kept, share)
    second = np.arange(HOUR_S, dtype=np.intp)
    opens = np.where(lamps.walk, second, _NEVER)
    following = HOUR_S + np.where(lamps.walk.any(axis=-1), lamps.walk.argmax(axis=-1), _NEVER)
    opens[..., -1] = np.minimum(opens[..., -1], following)  # after the hour the plan begins anew
    wait = (np.minimum.accumulate(opens[..., ::-1], axis=-1)[..., ::-1] - second).astype(np.float64)
    return Walkers(wait, np.minimum(wait, p.patience), (wait > p.patience).astype(np.float64))


def _charged(p: Parameters, traffic: Traffic, lamps: Lamps, queue: Floats, walkers: Walkers) -> Outcome:
    """Delay as person-hours: all who come by one approach share its mean delay."""
    arrived = np.maximum(traffic.pcu.sum(axis=2), 1.0)
    delay = queue.sum(axis=2) / arrived
    # what stands at the end of the hour dissolves at the clearing flow: half its length times its duration
    left = queue[:, :, -1] ** 2 / (2 * p.clearing_flow / HOUR_S) / arrived
    persons = traffic.classes * p.persons
    person_seconds = (persons * delay[:, :, None]).sum(axis=1)
    walked, offered, violations = (
        (traffic.walkers * each).sum(axis=(1, 2)) for each in (walkers.kept, walkers.offered, walkers.impatient)
    )
    small = person_seconds[:, 1] + person_seconds[:, 2]
    left_over = (persons.sum(axis=2) * left).sum(axis=1)
    charged = HOUR_S * p.violation_hours * violations
    parts = (person_seconds[:, 0], small, person_seconds[:, 3], walked, charged, left_over)
    every = (persons * (delay + left)[:, :, None]).sum(axis=1)
    people = persons.sum(axis=1)
    return Outcome(
        lamps=lamps,
        queue=queue,
        delay=delay,
        walkers=walkers,
        violations=violations,
        loss=np.stack(parts, axis=1) / HOUR_S,
        group_seconds=np.stack([every[:, 0], every[:, 3], offered], axis=1),
        group_persons=np.stack([people[:, 0], people[:, 3], traffic.walkers.sum(axis=(1, 2))], axis=1),
    )
