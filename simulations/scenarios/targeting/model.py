"""The scenario's door: positions, results, situation, equity and the contract of ``engine.Model``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from simulations.engine import Floats, Policy, stream
from simulations.parameters import read_parameters
from simulations.scenarios.targeting import cases, inquiries, referee, report
from simulations.scenarios.targeting.office import PARTS, Period, State, opening, plan
from simulations.scenarios.targeting.policies import RULES, Rule, read_desk
from simulations.scenarios.targeting.tool import claimed_chance, line_score, tool_score
from simulations.scenarios.targeting.world import (
    GROUPS,
    Households,
    Parameters,
    Truth,
    draw_dice,
    draw_district,
)
from simulations.types import Advice, Case, Decision, Equity, RoundResult, Situation, SituationRow, Value

ADVISED = 5


@dataclass(frozen=True)
class Position:
    """Where one run stands; ``seed`` throws the dice still to come."""

    seed: int
    homes: Households
    truth: Truth
    state: State
    last: Mapping[str, float]


class TargetingModel:
    """See ``engine.Model``; half a year a round."""

    def __init__(self, p: Parameters, rounds: int) -> None:
        self.p, self.rounds = p, rounds

    @property
    def policies(self) -> Mapping[str, Policy]:
        """Reference policies by name, from a position to a decision."""
        return {name: partial(self._decide, rule) for name, rule in RULES.items()}

    def _decide(self, rule: Rule, position: Position) -> Mapping[str, Value]:
        is_flooded = position.state.round >= position.truth.flood_round
        return rule(
            self.p, read_desk(self.p, position.homes, position.state, rounds=self.rounds, is_flooded=is_flooded)
        )

    def start(self, seed: int) -> Position:
        """The first morning: forms are in, nobody has been paid."""
        homes, truth = draw_district(self.p, seed)
        return Position(seed, homes, truth, opening(homes), {})

    def advance(self, position: Position, decision: Decision) -> tuple[Position, RoundResult]:
        """Play half a year."""
        homes, before = position.homes, position.state
        dice = draw_dice(self.p, position.seed, before.round)
        after, outcome = Period(self.p, homes, position.truth, before, dice, plan(decision.values)).play()
        kpis = report.reported(self.p, outcome, after)
        result = RoundResult(
            round=before.round,
            kpis=kpis,
            truth=report.hidden(self.p, homes, outcome, after),
            events=self._events(position),
            decision=decision,
        )
        return replace(position, state=after, last=kpis), result

    def _events(self, position: Position) -> tuple[str, ...]:
        return ("flood",) if position.state.round == position.truth.flood_round else ()

    def situation(self, position: Position) -> Situation:
        """The desk: money, last figures, the register by group, the tool's closest verdicts, the news."""
        state = position.state
        figures = {"funds": self.p.budget_pkr_m + state.savings_pkr_m, "line": line_score(self.p, position.homes)}
        return Situation(
            figures={**figures, **position.last},
            table=tuple(self._row(position, number) for number in range(len(GROUPS))),
            advice=self._advice(position) if state.round <= self.rounds else (),
            events=self._events(position),
        )

    def _row(self, position: Position, number: int) -> SituationRow:
        homes, state, weight = position.homes, position.state, self.p.household_weight
        mine = homes.group == number
        counts = {
            "households": mine,
            "paid": mine & state.paid,
            "appealed": mine & state.appealed,
            "known_poor": mine & (state.verdict > 0),
        }
        values = {name: float(weight * np.count_nonzero(rows)) for name, rows in counts.items()}
        score = tool_score(self.p, homes)[mine]
        return SituationRow(GROUPS[number], {**values, "mean_score": float(score.mean()) if len(score) else 0.0})

    def _advice(self, position: Position) -> tuple[Advice, ...]:
        """What the tool says of the households closest to its line."""
        score, line = tool_score(self.p, position.homes), line_score(self.p, position.homes)
        chance = claimed_chance(self.p, position.homes)
        found = []
        for row in np.argsort(np.round(np.abs(score - line), 9), kind="stable")[:ADVISED]:
            label = "poor" if score[row] < line else "not_poor"
            values: dict[str, Value] = {"group": GROUPS[position.homes.group[row]], "score": float(score[row])}
            sure = float(max(chance[row], 1 - chance[row]))
            found.append(Advice(f"household_{int(row)}", label, sure, values))
        return tuple(found)

    def investigate(self, position: Position, inquiry_id: str, argument: int | None) -> Mapping[str, float]:
        """The figures of an inquiry; see ``inquiries``."""
        view = inquiries.View(self.p, position.seed, position.homes, position.truth, position.state)
        return inquiries.ASK[inquiry_id](view, argument or 0)

    def loss_parts(self, position: Position) -> Mapping[str, float]:
        """PKR m so far by part."""
        return dict(zip(PARTS, (float(part) for part in position.state.loss), strict=True))

    def equity(self, position: Position) -> Equity:
        """Exclusion error of the worst group less that of all poor; see ``report.equity``."""
        return report.equity(self.p, position.state)

    def cases(self, position: Position) -> tuple[Case, ...]:
        """Two households to judge; see ``cases``."""
        return cases.cases(self.p, position.seed, position.homes, position.truth, position.state)

    def candidates(self, position: Position) -> tuple[Mapping[str, Value], ...]:
        """The best policy's decision and eight neighbours."""
        return referee.candidates(self.policies["best"](position))

    def possible(
        self,
        position: Position,
        replicates: int,
        seed: int,
        *,
        asked: bool,  # noqa: ARG002  no policy here asks
    ) -> tuple[Position, ...]:
        """Districts that look to the office like this one; see ``referee``."""
        p, homes, state = self.p, position.homes, position.state
        shifts, shares = referee.common_draws(p, homes, state, replicates, seed)
        seeds = stream(seed, "possible:seeds", state.round).integers(2**31, size=replicates)
        return tuple(
            replace(
                position,
                seed=int(number),
                truth=referee.possible_truth(p, homes, state, position.truth, (shift, float(share)), int(number)),
            )
            for number, shift, share in zip(seeds, shifts, shares, strict=True)
        )

    def losses_to_go(self, worlds: Sequence[Position], decisions: Sequence[Mapping[str, Value]]) -> Floats:
        """Loss from now on of each decision followed by the best policy, (decision, world)."""
        first = worlds[0]
        apart = [referee.World(world.seed, world.truth) for world in worlds]
        return referee.losses_to_go(self.p, self.rounds, first.homes, first.state, apart, decisions)


def build(parameters: Mapping[str, object], rounds: int) -> TargetingModel:
    """The model of ``scenario.toml``'s parameters."""
    return TargetingModel(read_parameters(Parameters, parameters), rounds)
