"""Who sets the greens: the office's plan, the forecast tool, the police officer on the junction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Floats, Ints
from simulations.scenarios.signals.webster import effective_greens_s, optimal_cycle_s
from simulations.scenarios.signals.world import HOUR_S, PEDESTRIANS, QUARTER_S, QUARTERS, Evidence, Hour, Parameters
from simulations.types import Value

PHASES = 2  # north-south, east-west
GREEN_FIELDS = ("green_north_south", "green_east_west")
WALKS = ("off", "every_cycle", "on_demand")


@dataclass(frozen=True)
class Stretch:
    """Seconds [start, end) of the hour under one fixed-time plan; its first cycle begins at ``start``."""

    start: int
    end: int
    greens: Ints  # (run or 1, phase), seconds of effective green


@dataclass(frozen=True)
class Plan:
    """The stretches of an hour in order, and the pedestrian stage: off, every_cycle or on_demand."""

    stretches: tuple[Stretch, ...]
    walk: str


def clearance_s(p: Parameters) -> Floats:
    """Seconds to walk over by phase: those who cross the east-west road walk beside the north-south green."""
    return np.asarray(np.ceil(p.crossing_width[::-1] / p.walking_speed), dtype=np.float64)


def crossing_gap_s(p: Parameters) -> Floats:
    """Gap in seconds, by crossing, that a pedestrian needs in the traffic of one half of the road."""
    return np.asarray(p.gap_start + p.crossing_width[::-1] / 2 / p.walking_speed, dtype=np.float64)


def pedestrian_minimum(p: Parameters) -> Ints:
    """Least green by phase, seconds, that lets a pedestrian start and finish beside it: walk + width / speed."""
    return np.asarray(np.ceil(p.least_walk) + clearance_s(p), dtype=np.intp)


def lost_time_s(p: Parameters, walk: str) -> float:
    """Seconds a cycle in which no vehicle leaves, a walk's head start included."""
    return PHASES * (p.lost_time + (0.0 if walk == "off" else p.walk_lead))


def road_flows(flows: Floats) -> tuple[float, ...]:
    """Critical flow by road: the larger of the two approaches, PCU/h."""
    return tuple(float(flows[2 * road : 2 * road + 2].max()) for road in range(PHASES))


def webster_greens(p: Parameters, flows: Floats, walk: str) -> Ints:
    """Green by phase, whole seconds, by Webster's formulas for ``flows`` by approach (PCU/h).

    Above ``auto_load`` (below 1, where the formula still holds) the cycle is the longest allowed; with a pedestrian
    stage its head start is added.
    """
    ratios = [flow / p.saturation_flow for flow in road_flows(flows)]
    lost, (shortest, longest) = lost_time_s(p, walk), p.auto_cycle
    cycle = optimal_cycle_s(ratios, lost) if sum(ratios) < p.auto_load else longest
    greens = effective_greens_s(ratios, min(max(cycle, shortest), longest), lost)
    head_start = 0.0 if walk == "off" else p.walk_lead
    return _allowed(p, np.round(np.array(greens) + head_start).astype(np.intp), walk)


def _allowed(p: Parameters, greens: Ints, walk: str) -> Ints:
    """Greens within the controller's limits; it never cuts a pedestrian's crossing short."""
    least = np.full(PHASES, p.least_green) if walk == "off" else np.maximum(p.least_green, pedestrian_minimum(p))
    return np.asarray(np.clip(greens, least, p.most_green), dtype=np.intp)


def tool_walk(p: Parameters, evidence: Evidence) -> str:
    """The pedestrian stage the tool would set: on demand if it expects enough pedestrians, else off."""
    expects = float(evidence.hourly_forecast[PEDESTRIANS])
    return "on_demand" if expects >= p.auto_pedestrians else "off"


def make_plan(p: Parameters, evidence: Evidence, decision: Mapping[str, Value]) -> Plan:
    """The plan of an hour from the decision, manual control left out."""
    mode, walk = str(decision["ai_mode"]), str(decision["pedestrian_stage"])
    own = np.array([int(decision[key]) for key in GREEN_FIELDS], dtype=np.intp)
    if mode == "ignore":
        return Plan((_stretch(0, HOUR_S, _allowed(p, own, walk)),), walk)
    if mode == "auto":
        walk = tool_walk(p, evidence)
        by_quarter = [webster_greens(p, evidence.forecast[:PEDESTRIANS, q], walk) for q in range(QUARTERS)]
    else:
        by_quarter = [_allowed(p, _followed(p, evidence, q, own), walk) for q in range(QUARTERS)]
    starts = range(0, HOUR_S, QUARTER_S)
    pairs = zip(starts, by_quarter, strict=True)
    return Plan(tuple(_stretch(start, start + QUARTER_S, greens) for start, greens in pairs), walk)


def _followed(p: Parameters, evidence: Evidence, quarter: int, own: Ints) -> Ints:
    """The office's greens, each moved as the road's forecast departs from the tool's own mean of the hour."""
    now = road_flows(evidence.forecast[:PEDESTRIANS, quarter])
    usual = road_flows(evidence.hourly_forecast[:PEDESTRIANS])
    moved = np.round(own * (np.array(now) / np.array(usual) - 1))
    return np.asarray(own + np.clip(moved, -p.advise_limit, p.advise_limit), dtype=np.intp)


def _stretch(start: int, end: int, greens: Ints) -> Stretch:
    return Stretch(start, end, greens[None, :])


def manual_blocks(p: Parameters, hour: Hour, minutes: int) -> list[tuple[int, int]]:
    """Stretches [start, end) in seconds an officer controls, each planned on the queues he sees at its start.

    He begins when a closed approach opens again, else at ``manual_start``.
    """
    first = p.manual_start if hour.closed < 0 else hour.closed_from + p.closed_seconds
    last = min(HOUR_S, first + 60 * minutes)
    return [(start, min(last, start + p.manual_look)) for start in range(first, last, p.manual_look)]


def manual_greens(p: Parameters, hour: Hour, queue: Floats) -> Ints:
    """Greens by (run, phase) an officer gives: in proportion to usual flow plus the ``queue`` in PCU he sees."""
    need = hour.usual[:PEDESTRIANS] + queue * (HOUR_S / p.manual_look)
    by_road = np.stack([need[:, :2].max(axis=1), need[:, 2:].max(axis=1)], axis=1)
    green = (p.manual_cycle - PHASES * p.lost_time) * by_road / by_road.sum(axis=1, keepdims=True)
    return np.asarray(np.maximum(np.round(green), pedestrian_minimum(p)), dtype=np.intp)


def taken_over(plan: Plan, block: tuple[int, int], greens: Ints) -> Plan:
    """The plan with an officer in charge during the block; he lets pedestrians cross as the plan would."""
    start, end = block
    before = [replace(s, end=min(s.end, start)) for s in plan.stretches if s.start < start]
    after = [replace(s, start=max(s.start, end)) for s in plan.stretches if s.end > end]
    return replace(plan, stretches=(*before, Stretch(start, end, greens), *after))
