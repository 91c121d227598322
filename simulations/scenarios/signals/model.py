"""The scenario's door: positions, results, situation, equity and the contract of ``engine.Model``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np

from simulations.engine import Floats, Policy, stream
from simulations.parameters import read_parameters
from simulations.scenarios.signals import cases, inquiries, referee, report
from simulations.scenarios.signals.junction import GROUPS, PARTS, play_hour
from simulations.scenarios.signals.policies import RULES, Desk, neighbourhood, read_desk
from simulations.scenarios.signals.traffic import Traffic, draw_traffic
from simulations.scenarios.signals.world import (
    APPROACHES,
    FLOWS,
    Parameters,
    draw_levels,
    hour_of,
    rates_of,
)
from simulations.types import Advice, Case, Decision, Equity, RoundResult, Situation, SituationRow, Value

NOTEWORTHY = 0.1
TOLD_BY_TOOL = ("forecast", "difference", "tool_green", "tool_delay")
CACHED_CHOICES = 256  # a search takes a fifth of a second, and scoring asks for each choice several times


@dataclass(frozen=True)
class Position:
    """Where one run stands: the round about to be played and what the hours before it lost."""

    seed: int
    round: int
    loss: Floats  # person-hours by part
    group_seconds: Floats  # by group: car, bus, pedestrian
    group_persons: Floats
    red_share: float  # of pedestrians, in the last hour
    world: referee.World | None = None  # a truth assumed for this hour in place of the seed's own


class SignalsModel:
    """See ``engine.Model``; T rounds of one hour each; hours lie apart, so no queue is carried over."""

    def __init__(self, p: Parameters, rounds: int) -> None:
        self.p, self.rounds = p, rounds
        self._chosen = lru_cache(maxsize=CACHED_CHOICES)(self._choose)

    def __reduce__(self) -> tuple[type["SignalsModel"], tuple[Parameters, int]]:
        """A copy sent to another process begins without remembered choices."""
        return SignalsModel, (self.p, self.rounds)

    @property
    def policies(self) -> Mapping[str, Policy]:
        """Reference policies by name, from a position to a decision."""
        return {name: partial(self._decide, name) for name in RULES}

    def _decide(self, name: str, position: Position) -> Mapping[str, Value]:
        return dict(self._chosen(name, position.seed, position.round))

    def _choose(self, name: str, seed: int, round_number: int) -> Mapping[str, Value]:
        return RULES[name](read_desk(self.p, seed, round_number))

    def _desk(self, position: Position) -> Desk:
        if position.world is not None:
            return position.world.desk
        return read_desk(self.p, position.seed, min(position.round, self.rounds))

    def _levels(self, position: Position) -> Floats:
        if position.world is not None:
            return position.world.levels
        return draw_levels(self.p, position.seed, position.round)

    def _traffic(self, desk: Desk, levels: Floats) -> Traffic:
        """The road users who really come."""
        number = desk.hour.round
        rates = rates_of(desk.hour, levels)
        vehicles, walkers = (stream(desk.seed, name, number) for name in ("vehicles", "pedestrians"))
        return draw_traffic(self.p, desk.hour, rates[None], vehicles, walkers)

    def start(self, seed: int) -> Position:
        """Before the first hour."""
        nothing = np.zeros(len(GROUPS))
        return Position(seed, 1, np.zeros(len(PARTS)), nothing, nothing, self.p.usual_violation_share)

    def advance(self, position: Position, decision: Decision) -> tuple[Position, RoundResult]:
        """Play one hour."""
        desk = self._desk(position)
        traffic = self._traffic(desk, self._levels(position))
        outcome = play_hour(self.p, desk.hour, desk.evidence, traffic, decision.values)
        reached = Position(
            seed=desk.seed,
            round=position.round + 1,
            loss=position.loss + outcome.loss[0],
            group_seconds=position.group_seconds + outcome.group_seconds[0],
            group_persons=position.group_persons + outcome.group_persons[0],
            red_share=float(outcome.violations[0]) / max(float(traffic.walkers.sum()), 1.0),
        )
        kpis = report.reported(self.p, desk.hour, traffic, outcome)
        truth = report.hidden(self.p, traffic, outcome, kpis["camera_count"])
        truth |= {"equity_ratio": self.equity(reached).value, "person_hours": float(reached.loss.sum())}
        return reached, RoundResult(position.round, kpis, truth, self.events(position.seed, position.round), decision)

    def events(self, seed: int, round_number: int) -> tuple[str, ...]:
        """What is known of an hour when it begins."""
        hour = hour_of(self.p, seed, round_number)
        news = (f"hour_{round_number}",)
        return news if hour.closed < 0 else (*news, f"vip_{APPROACHES[hour.closed]}")

    def situation(self, position: Position) -> Situation:
        """The desk: light and lost time, usual flows and the tool's forecast, the tool's opinion, the news."""
        if position.round > self.rounds:
            return Situation({}, (), (), ())
        desk = self._desk(position)
        promise = report.tool_promise(self.p, desk.hour, desk.evidence)
        figures = {
            "visibility": float(self.p.visibility[position.round - 1]),
            "saturation_flow": self.p.saturation_flow,
            "lost_time": 2 * self.p.lost_time,
        }
        return Situation(
            figures=figures,
            table=tuple(self._row(desk, promise, number) for number in range(len(FLOWS))),
            advice=tuple(self._opinion(desk, number) for number in range(len(FLOWS))),
            events=self.events(position.seed, position.round),
            told_by_tool=TOLD_BY_TOOL,
        )

    def _row(self, desk: Desk, promise: report.Promise, number: int) -> SituationRow:
        usual, forecast = desk.hour.usual[number], desk.evidence.hourly_forecast[number]
        values = {
            "usual": float(round(usual)),
            "forecast": float(round(forecast)),
            "difference": float(round(100 * (forecast / usual - 1))),
            "tool_green": float(promise.green[number]),
            "tool_delay": float(round(promise.delay[number])),
        }
        return SituationRow(FLOWS[number], values)

    def _opinion(self, desk: Desk, number: int) -> Advice:
        """The tool is as sure in smog as by clear day: it does not know what it does not see."""
        ratio = float(desk.evidence.hourly_forecast[number] / desk.hour.usual[number])
        label = "busier" if ratio > 1 + NOTEWORTHY else "quieter" if ratio < 1 - NOTEWORTHY else "as_usual"
        values: dict[str, Value] = {"flow": FLOWS[number], "ratio": ratio}
        return Advice(f"flow_{number + 1}", label, self.p.claimed_accuracy, values)

    def investigate(self, position: Position, inquiry_id: str, argument: int | None) -> Mapping[str, float]:
        """The figures of an inquiry; see ``inquiries``."""
        return inquiries.ASK[inquiry_id](inquiries.View(self._desk(position), position.red_share), argument or 0)

    def loss_parts(self, position: Position) -> Mapping[str, float]:
        """Person-hours so far by part."""
        return dict(zip(PARTS, (float(part) for part in position.loss), strict=True))

    def equity(self, position: Position) -> Equity:
        """Delay of bus passengers or pedestrians, whoever is worse off, over that of car users; seconds by group."""
        delays = position.group_seconds / np.maximum(position.group_persons, 1.0)
        return Equity(
            report.group_ratio(position.group_seconds, position.group_persons),
            self.p.equity_threshold,
            {name: float(delay) for name, delay in zip(GROUPS, delays, strict=True)},
        )

    def cases(self, position: Position) -> tuple[Case, ...]:
        """Is an approach, and are the pedestrians, about to be busier than usual? See ``cases``."""
        return cases.cases(self._desk(position), self._levels(position))

    def candidates(self, position: Position) -> tuple[Mapping[str, Value], ...]:
        """The best policy's decision and eight neighbours."""
        return neighbourhood(self._desk(position), self.policies["best"](position))

    def possible(self, position: Position, replicates: int, seed: int, *, asked: bool) -> tuple[Position, ...]:
        """Hours with the same desk; see ``referee.worlds``."""
        found = referee.worlds(self._desk(position), replicates, seed, asked=asked)
        return tuple(replace(position, world=world) for world in found)

    def losses_to_go(self, worlds: Sequence[Position], decisions: Sequence[Mapping[str, Value]]) -> Floats:
        """Loss of the hour, (decision, world); see ``referee.losses_to_go``."""
        return referee.losses_to_go([world.world for world in worlds if world.world is not None], decisions)


def build(parameters: Mapping[str, object], rounds: int) -> SignalsModel:
    """The model of ``scenario.toml``'s parameters."""
    return SignalsModel(read_parameters(Parameters, parameters), rounds)
