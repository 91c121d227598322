"""The scenario's door: positions, results, situation, equity and the contract of ``engine.Model``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from simulations.engine import Bools, Floats, Policy, stream
from simulations.estimates import lowest_first
from simulations.parameters import read_parameters
from simulations.scenarios.maintenance import inquiries, ledger, referee, report, tool
from simulations.scenarios.maintenance.cases import draw_cases
from simulations.scenarios.maintenance.office import PARTS, Bureau, State, opening, plan, play_half_year
from simulations.scenarios.maintenance.policies import RULES, Desk, Rule
from simulations.scenarios.maintenance.world import (
    BAD,
    REGIONS,
    Network,
    Parameters,
    draw_half_year,
    draw_network,
    draw_past,
)
from simulations.types import Advice, Case, Decision, Equity, RoundResult, Situation, SituationRow, Value

ADVISED_BRIDGES = 5


@dataclass(frozen=True)
class Position:
    """Where one run stands."""

    seed: int
    bureau: Bureau
    state: State
    last: Mapping[str, float]

    @property
    def network(self) -> Network:
        """The bridges."""
        return self.bureau.network


class MaintenanceModel:
    """See ``engine.Model``; one half-year a round."""

    def __init__(self, p: Parameters, rounds: int) -> None:
        self.p, self.rounds = p, rounds

    @property
    def policies(self) -> Mapping[str, Policy]:
        """Reference policies by name, from a position to a decision."""
        return {name: partial(self._decide, rule) for name, rule in RULES.items()}

    def _decide(self, rule: Rule, position: Position) -> Mapping[str, Value]:
        state = position.state
        return rule(self.p, Desk(position.network, state.records, state.budget, partial(position.bureau.page, state)))

    def start(self, seed: int) -> Position:
        """The first morning in the office."""
        network = draw_network(self.p, seed)
        past, first = draw_past(self.p, network, seed), draw_half_year(self.p, seed, 0)
        bureau = Bureau(self.p, network, ledger.solve(self.p, network, self.rounds), self.rounds)
        return Position(seed, bureau, opening(self.p, network, past, first), {})

    def advance(self, position: Position, decision: Decision) -> tuple[Position, RoundResult]:
        """Play one half-year."""
        before, network, bureau = position.state, position.network, position.bureau
        dice = draw_half_year(self.p, position.seed, before.round)
        after, found = play_half_year(bureau, before, dice, plan(decision.values), bureau.page(before))
        kpis = report.reported(network, before, after, found)
        result = RoundResult(
            round=before.round,
            kpis=kpis,
            truth=report.hidden(self.p, network, before, after, found),
            events=self._events(before),
            decision=decision,
        )
        return Position(position.seed, bureau, after, kpis), result

    def _events(self, state: State) -> tuple[str, ...]:
        """News at the start of a half-year."""
        if state.hidden.flood.round != state.round:
            return ()
        return ("flood", *(f"flood_basin_{basin}" for basin in state.hidden.flood.basins))

    def situation(self, position: Position) -> Situation:
        """The desk: money and last figures, the bridges in four groups, the tool's worst ratings, the news."""
        state = position.state
        return Situation(
            figures=dict(position.last) or {"bridges": float(self.p.bridges), "budget": state.budget},
            table=tuple(self._rows(position)),
            advice=self._advice(position) if state.round <= self.rounds else (),
            events=self._events(state),
        )

    def _rows(self, position: Position) -> list[SituationRow]:
        network, records = position.network, position.state.records
        rows = []
        for place, region in enumerate(REGIONS):
            for kind, sensor in (("sensor", True), ("blind", False)):
                group = (network.region == place) & (records.has_sensor == sensor)
                rows.append(SituationRow(f"{region}_{kind}", self._row(position, group)))
        return rows

    def _row(self, position: Position, group: Bools) -> dict[str, float]:
        records = position.state.records
        recent = report.recently_seen(records, position.state.round - 1)
        flagged = tool.bad_chance(self.p, records.rating) >= report.EVEN
        return {
            "bridges": float(np.count_nonzero(group)),
            "not_seen": float(np.count_nonzero(group & ~recent)),
            "seen_bad": float(np.count_nonzero(group & (records.seen_grade >= BAD))),
            "tool_bad": float(np.count_nonzero(group & flagged)),
        }

    def _advice(self, position: Position) -> tuple[Advice, ...]:
        """The bridges that the tool would repair first."""
        network, records = position.network, position.state.records
        chance = tool.bad_chance(self.p, records.rating)
        worst = lowest_first(-records.rating, np.arange(len(network), dtype=np.intp), ADVISED_BRIDGES)
        advice = []
        for bridge in worst:
            values: dict[str, Value] = {
                "region": REGIONS[network.region[bridge]],
                "basin": int(network.basin[bridge]),
                "rating": float(records.rating[bridge]),
            }
            advice.append(Advice(f"bridge_{int(bridge)}", "repair", float(chance[bridge]), values))
        return tuple(advice)

    def investigate(self, position: Position, inquiry_id: str, argument: int | None) -> Mapping[str, float]:
        """The figures of an inquiry; see ``inquiries``."""
        view = inquiries.View(self.p, position.seed, position.network, position.state)
        return inquiries.ASK[inquiry_id](view, argument or 0)

    def loss_parts(self, position: Position) -> Mapping[str, float]:
        """PKR m so far by part."""
        return dict(zip(PARTS, (float(part) for part in position.state.loss), strict=True))

    def equity(self, position: Position) -> Equity:
        """Expected hours of detour a head, rural over urban, and the hours per 1,000 people of each."""
        hours = report.hours_by_head(self.p, position.state)
        groups = {region: float(hours[place]) for place, region in enumerate(REGIONS)}
        return Equity(report.equity_ratio(self.p, position.state), self.p.equity_threshold, groups)

    def cases(self, position: Position) -> tuple[Case, ...]:
        """An urban and a rural bridge of which the book is in doubt."""
        return draw_cases(self.p, position.seed, position.network, position.state, position.bureau.page(position.state))

    def candidates(self, position: Position) -> tuple[Mapping[str, Value], ...]:
        """The best policy's decision and its neighbours."""
        return referee.candidates(self.policies["best"](position))

    def possible(
        self,
        position: Position,
        replicates: int,
        seed: int,
        *,
        asked: bool,  # noqa: ARG002  no policy here asks
    ) -> tuple[Position, ...]:
        """The same desk, with hidden truth drawn from the book (the exact posterior) and all later dice anew."""
        seeds = stream(seed, "possible", position.state.round).integers(2**31, size=replicates, dtype=np.int64)
        return tuple(self._possible(position, int(number)) for number in seeds)

    def _possible(self, position: Position, seed: int) -> Position:
        hidden = referee.resampled(self.p, position.state, seed)
        return replace(position, seed=seed, state=replace(position.state, hidden=hidden))

    def losses_to_go(self, worlds: Sequence[Position], decisions: Sequence[Mapping[str, Value]]) -> Floats:
        """Loss from now on of each decision followed by the best policy; see ``referee.losses_to_go``."""
        states = [(world.state, world.seed) for world in worlds]
        return referee.losses_to_go(worlds[0].bureau, states, decisions)


def build(parameters: Mapping[str, object], rounds: int) -> MaintenanceModel:
    """The model of ``scenario.toml``'s parameters."""
    return MaintenanceModel(read_parameters(Parameters, parameters), rounds)
