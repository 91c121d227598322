"""Four reference policies. They see what an officer may know (``Desk``), never the hidden truth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from simulations.engine import stream
from simulations.scenarios.signals.control import GREEN_FIELDS, PHASES, WALKS, road_flows, webster_greens
from simulations.scenarios.signals.junction import play_hour
from simulations.scenarios.signals.report import group_ratio
from simulations.scenarios.signals.traffic import Traffic, draw_traffic
from simulations.scenarios.signals.world import (
    PEDESTRIANS,
    Evidence,
    Hour,
    Parameters,
    draw_levels,
    draw_posterior,
    gather,
    hour_of,
    posterior,
    rates_of,
)
from simulations.types import Value

GOLDEN = (5**0.5 - 1) / 2
CYCLES_S = (40.0, 180.0)
CYCLE_STEP_S, SHARE_STEP = 3.0, 0.01
REACHES = ((70.0, 0.1), (15.0, 0.03))  # seconds of cycle and share of green searched about the last optimum, by pass
LEAST_GREEN, MOST_GREEN = 7, 86

_MOVES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1))


@dataclass(frozen=True)
class Desk:
    """An hour before it begins: what is usual, the tool's forecast, and counts 100 office minutes can buy."""

    p: Parameters
    seed: int
    hour: Hour
    evidence: Evidence


def read_desk(p: Parameters, seed: int, round_number: int) -> Desk:
    """The desk of a round."""
    hour = hour_of(p, seed, round_number)
    return Desk(p, seed, hour, gather(p, hour, draw_levels(p, seed, round_number), seed))


def possible_traffic(desk: Desk, worlds: int, purpose: str) -> Traffic:
    """Hours that agree with the evidence, each with its own road users; the dice bear the name of ``purpose``."""
    p, hour = desk.p, desk.hour
    levels = draw_posterior(p, hour, desk.evidence, worlds, stream(desk.seed, f"{purpose}:levels", hour.round))
    vehicles, walkers = (stream(desk.seed, f"{purpose}:{name}", hour.round) for name in ("vehicles", "pedestrians"))
    return draw_traffic(p, hour, rates_of(hour, levels), vehicles, walkers)


def _form(first: float, second: float, walk: str = "off") -> dict[str, Value]:
    """A form with these greens, kept within the form's limits."""
    greens = (min(max(round(green), LEAST_GREEN), MOST_GREEN) for green in (first, second))
    return {
        **dict(zip(GREEN_FIELDS, greens, strict=True)),
        "pedestrian_stage": walk,
        "manual_minutes": 0,
        "ai_mode": "ignore",
    }


def baseline(desk: Desk) -> dict[str, Value]:
    """The plan found on the first day: 120 s, equal split, no pedestrian stage, no tool."""
    return _form(desk.p.baseline_green, desk.p.baseline_green)


def greedy(desk: Desk) -> dict[str, Value]:
    """Webster's plan on the camera's forecast: least delay per vehicle, if the camera is right."""
    greens = webster_greens(desk.p, desk.evidence.hourly_forecast[:PEDESTRIANS], "off")
    return _form(*greens)


def ai_only(desk: Desk) -> dict[str, Value]:
    """The tool sets everything."""
    return {**baseline(desk), "ai_mode": "auto"}


def _golden_section(loss: Callable[[float], float], low: float, high: float, step: float) -> float:
    """Point of least loss between ``low`` and ``high`` to within ``step`` (Kiefer 1953)."""
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = loss(left), loss(right)
    while high - low > step:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = loss(right)
    return left if at_left <= at_right else right


def neighbourhood(desk: Desk, centre: Mapping[str, Value]) -> tuple[dict[str, Value], ...]:
    """A decision and its eight neighbours: six moves of the greens and the two other pedestrian stages."""
    found = [dict(centre)]
    for moves in _MOVES:
        moved = dict(centre)
        for key, move in zip(GREEN_FIELDS, moves, strict=True):
            moved[key] = min(max(int(moved[key]) + move * desk.p.neighbour_green, LEAST_GREEN), MOST_GREEN)
        found.append(moved)
    others = (walk for walk in WALKS if walk != centre["pedestrian_stage"])
    return (*found, *({**centre, "pedestrian_stage": walk} for walk in others))


class _Search:
    """Tries decisions on the same possible hours and remembers their mean loss in person-hours."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.traffic = possible_traffic(desk, desk.p.planning_worlds, "planning")
        self.known: dict[tuple[Value, ...], tuple[bool, float]] = {}

    def rank(self, form: Mapping[str, Value]) -> tuple[bool, float]:
        """Whether a decision leaves somebody behind the equity gate, and its mean loss; the lower the better."""
        key = tuple(form.values())
        if key not in self.known:
            desk = self.desk
            outcome = play_hour(desk.p, desk.hour, desk.evidence, self.traffic, form)
            ratio = group_ratio(outcome.group_seconds.sum(axis=0), outcome.group_persons.sum(axis=0))
            self.known[key] = (ratio > desk.p.equity_threshold, float(outcome.loss.sum(axis=1).mean()))
        return self.known[key]

    def greens(self, cycle: float, share: float, walk: str) -> dict[str, Value]:
        """The form of a cycle in seconds and north-south's share of its green."""
        p = self.desk.p
        green = cycle - PHASES * p.lost_time
        return _form(green * share, green * (1 - share), walk)

    def by_cycle(self, walk: str, share: float, cycle: float) -> float:
        """Mean loss as a function of the cycle."""
        return self.rank(self.greens(cycle, share, walk))[1]

    def by_share(self, walk: str, cycle: float, share: float) -> float:
        """Mean loss as a function of the split."""
        return self.rank(self.greens(cycle, share, walk))[1]

    def timed(self, walk: str) -> dict[str, Value]:
        """Best cycle and split: golden section on the cycle, then on the split, in turn."""
        believed = posterior(self.desk.p, self.desk.hour, self.desk.evidence)[0]
        ratios = road_flows(rates_of(self.desk.hour, believed).mean(axis=1))
        cycle, share = sum(CYCLES_S) / 2, ratios[0] / sum(ratios)
        for reach_s, reach in REACHES:
            low, high = max(CYCLES_S[0], cycle - reach_s), min(CYCLES_S[1], cycle + reach_s)
            cycle = _golden_section(partial(self.by_cycle, walk, share), low, high, CYCLE_STEP_S)
            share = _golden_section(partial(self.by_share, walk, cycle), share - reach, share + reach, SHARE_STEP)
        return self.greens(cycle, share, walk)


def best(desk: Desk) -> dict[str, Value]:
    """Greens, stage, tool and officer of least expected loss, on possible hours that agree with the evidence.

    A choice that would keep the hour within the equity gate goes before one that would not.
    """
    search = _Search(desk)
    timed = [search.timed(walk) for walk in ("off", "every_cycle")]
    form = min([*timed, {**timed[1], "pedestrian_stage": "on_demand"}], key=search.rank)
    form = min([form, {**form, "ai_mode": "advise"}], key=search.rank)
    minutes = [0, *(int(m) for m in desk.p.best_manual_minutes)]
    return min(({**form, "manual_minutes": m} for m in minutes), key=search.rank)


Rule = Callable[[Desk], dict[str, Value]]
RULES: Mapping[str, Rule] = {"baseline": baseline, "greedy": greedy, "ai_only": ai_only, "best": best}
