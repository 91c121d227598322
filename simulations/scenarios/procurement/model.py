"""The scenario's door: positions, results, situation, equity and the contract of ``engine.Model``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from simulations.engine import Floats, Policy, stream
from simulations.parameters import read_parameters
from simulations.scenarios.procurement import cases, inquiries, referee, report
from simulations.scenarios.procurement.belief import Desk, Tables, first_desk
from simulations.scenarios.procurement.office import (
    PARTS,
    Outcome,
    Plan,
    card_chance,
    draw_month,
    next_climate,
    plan,
    play_month,
    tool_points,
)
from simulations.scenarios.procurement.policies import RULES, Rule
from simulations.scenarios.procurement.world import (
    FLAGS,
    HONEST,
    OFFICES,
    SIZES,
    Hidden,
    Parameters,
    draw_hidden,
    draw_tenders,
    opening_climate,
)
from simulations.types import Advice, Case, Decision, Equity, RoundResult, Situation, SituationRow, Value

ADVISED_TENDERS = 5


@dataclass(frozen=True)
class Position:
    """Where one run stands: this month's tenders lie on the desk."""

    seed: int
    hidden: Hidden
    desk: Desk
    tally: report.Tally
    last: Mapping[str, float]

    @property
    def month(self) -> int:
        """The month about to be decided, 1-based."""
        return self.desk.month


class ProcurementModel:
    """See ``engine.Model``; one month a round."""

    def __init__(self, p: Parameters, rounds: int) -> None:
        self.p, self.rounds, self.tables = p, rounds, Tables(p)

    @property
    def policies(self) -> Mapping[str, Policy]:
        """Reference policies by name, from a position to a decision."""
        return {name: partial(self._decide, rule) for name, rule in RULES.items()}

    def _decide(self, rule: Rule, position: Position) -> Mapping[str, Value]:
        return rule(self.p, position.desk, self.rounds)

    def start(self, seed: int) -> Position:
        """The first morning, with the tenders of the first month on the desk."""
        hidden = draw_hidden(self.p, seed, self.rounds)
        tenders = draw_tenders(self.p, seed, 1, hidden, opening_climate())
        desk = first_desk(self.tables, tenders)
        return Position(seed, hidden, desk, report.empty_tally(), {})

    def advance(self, position: Position, decision: Decision) -> tuple[Position, RoundResult]:
        """Play one month."""
        tenders, month = position.desk.tenders, position.month
        outcome, after = self._played(position, decision.values)
        kpis = report.reported(tenders, after.desk.climate, outcome)
        result = RoundResult(
            round=month,
            kpis=kpis,
            truth=report.hidden(self.p, tenders, outcome, after.tally),
            events=self.events(month),
            decision=decision,
        )
        return replace(after, last=kpis), result

    def _outcome(self, position: Position, chosen: Plan) -> Outcome:
        dice = draw_month(self.p.tenders, position.seed, position.month)
        return play_month(self.p, position.desk.tenders, dice, chosen, position.hidden, position.month)

    def _played(self, position: Position, values: Mapping[str, Value]) -> tuple[Outcome, Position]:
        p, desk, chosen = self.p, position.desk, plan(values)
        outcome = self._outcome(position, chosen)
        climate = next_climate(p, desk.climate, desk.tenders, chosen, outcome)
        reviewed = np.flatnonzero(outcome.level >= 0).astype(np.intp)
        found = np.where(outcome.proven, desk.tenders.kind, HONEST)[reviewed]
        prior = desk.next_prior(reviewed, outcome.level[reviewed], found)
        later = draw_tenders(p, position.seed, desk.month + 1, position.hidden, climate)
        costly = desk.next_costly(desk.tenders.kind[outcome.proven], position.hidden.costly[desk.month])
        next_desk = Desk(self.tables, desk.month + 1, later, climate, prior, costly, p.weeded_chance)
        return outcome, replace(position, desk=next_desk, tally=report.add(position.tally, desk.tenders, outcome))

    def events(self, month: int) -> tuple[str, ...]:
        """News at the start of a month."""
        return ("earthquake",) if month == self.p.shock_month else ()

    def situation(self, position: Position) -> Situation:
        """The desk: last month's figures, this month's tenders by office, the tool's highest scores, the news."""
        return Situation(
            figures=dict(position.last) or report.first_figures(position.desk.tenders),
            table=tuple(self._row(position, office) for office in range(OFFICES)),
            advice=self._advice(position) if position.month <= self.rounds else (),
            events=self.events(position.month),
        )

    def _row(self, position: Position, office: int) -> SituationRow:
        tenders = position.desk.tenders
        rows = np.flatnonzero(tenders.office == office)
        values = {
            "tenders": float(len(rows)),
            "amount": float(tenders.price[rows].sum()),
            **{name: float(tenders.flags[rows, number].sum()) for number, name in enumerate(FLAGS)},
            "emergency": float(np.count_nonzero(tenders.emergency[rows])),
        }
        return SituationRow(f"office_{office + 1}", values)

    def _advice(self, position: Position) -> tuple[Advice, ...]:
        """The tenders the delivered tool puts on top."""
        tenders = position.desk.tenders
        points = tool_points(self.p, tenders)
        chance = card_chance(self.p, points)
        advice = []
        for row in np.argsort(-points, kind="stable")[:ADVISED_TENDERS]:
            values: dict[str, Value] = {
                "office": int(tenders.office[row]) + 1,
                "size": SIZES[int(tenders.small[row])],
                "price": round(float(tenders.price[row]), 1),
                "points": round(float(points[row]), 1),
            }
            advice.append(Advice(f"tender_{int(row) + 1}", "anomalous", float(chance[row]), values))
        return tuple(advice)

    def investigate(self, position: Position, inquiry_id: str, argument: int | None) -> Mapping[str, float]:
        """The figures of an inquiry; see ``inquiries``."""
        view = inquiries.View(self.p, position.seed, position.hidden, position.desk)
        return inquiries.ASK[inquiry_id](view, argument or 0)

    def loss_parts(self, position: Position) -> Mapping[str, float]:
        """PKR m so far by part."""
        return dict(zip(PARTS, (float(part) for part in position.tally.losses), strict=True))

    def equity(self, position: Position) -> Equity:
        """Honest tenders listed for review or held: share at small offices over share at large ones."""
        shares = report.burden_shares(self.p, position.tally)
        groups = {name: 100 * float(share) for name, share in zip(SIZES, shares, strict=True)}
        return Equity(report.equity_ratio(self.p, position.tally), self.p.equity_threshold, groups)

    def cases(self, position: Position) -> tuple[Case, ...]:
        """A tender of a large and one of a small office; see ``cases``."""
        return cases.monthly_cases(self.p, position.seed, position.month, position.desk.tenders)

    def candidates(self, position: Position) -> tuple[Mapping[str, Value], ...]:
        """The best policy's decision, its neighbours and other cards."""
        return referee.candidates(self.p, position.desk, self.rounds)

    def possible(
        self,
        position: Position,
        replicates: int,
        seed: int,
        *,
        asked: bool,  # noqa: ARG002  no policy here asks
    ) -> tuple[Position, ...]:
        """The same desk before other truths, with all dice to come drawn anew; see ``referee.possible_truth``."""
        bases = stream(seed, "worlds", position.month).integers(2**31, size=replicates)
        return tuple(self._possible(position, int(base)) for base in bases)

    def _possible(self, position: Position, base: int) -> Position:
        hidden, tenders = referee.possible_truth(self.p, position.desk, self.rounds, base)
        return replace(position, seed=base, hidden=hidden, desk=position.desk.with_truth(tenders))

    def losses_to_go(self, worlds: Sequence[Position], decisions: Sequence[Mapping[str, Value]]) -> Floats:
        """Loss from now on of each decision followed by the best policy, (decision, world).

        As ``rollouts.losses_to_go``, without the indicators nobody reads there.
        """
        losses = [[self._loss_to_go(world, values) for values in decisions] for world in worlds]
        return np.array(losses, dtype=np.float64).T

    def _loss_to_go(self, world: Position, values: Mapping[str, Value]) -> float:
        before = world.tally.losses.sum()
        while world.month < self.rounds:
            _, world = self._played(world, values)
            values = self.policies["best"](world)
        return float((world.tally.losses + self._outcome(world, plan(values)).losses).sum() - before)


def build(parameters: Mapping[str, object], rounds: int) -> ProcurementModel:
    """The model of ``scenario.toml``'s parameters."""
    return ProcurementModel(read_parameters(Parameters, parameters), rounds)
