"""The scenario's door: positions, results, situation, equity and the contract of ``engine.Model``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from simulations.engine import Floats, Policy
from simulations.parameters import read_parameters
from simulations.scenarios.licensing import cases, inquiries, referee, report
from simulations.scenarios.licensing.office import PARTS, State, opening, plans, play_week
from simulations.scenarios.licensing.planner import planner
from simulations.scenarios.licensing.policies import RULES, Rule, candidates
from simulations.scenarios.licensing.world import BLOCKS, GROUPS, Parameters, Truth, draw_truth, draw_week
from simulations.types import Advice, Case, Decision, Equity, RoundResult, Situation, SituationRow, Value

THOUSAND = 1000.0


@dataclass(frozen=True)
class Position:
    """Where one run stands. ``desk`` seeds the files on the desk, which look alike in all possible worlds."""

    seed: int
    desk: int
    truth: Truth
    state: State
    waits: tuple[float, ...]  # mean minutes by block, last week
    last: Mapping[str, float]
    table: tuple[SituationRow, ...]


class LicensingModel:
    """See ``engine.Model``; one week a round."""

    def __init__(self, p: Parameters, rounds: int) -> None:
        self.p, self.rounds = p, rounds
        self.planner = planner(p, rounds)

    @property
    def policies(self) -> Mapping[str, Policy]:
        """Reference policies by name, from a position to a decision."""
        return {name: partial(self._decide, rule) for name, rule in RULES.items()}

    def _decide(self, rule: Rule, position: Position) -> Mapping[str, Value]:
        return rule(self.planner, position.state, position.waits)

    def start(self, seed: int) -> Position:
        """The first morning, with a pool of people inherited."""
        return Position(seed, seed, draw_truth(self.p, seed), opening(self.p), (0.0,) * len(BLOCKS), {}, ())

    def advance(self, position: Position, decision: Decision) -> tuple[Position, RoundResult]:
        """Play one week."""
        number, plan = position.state.round, plans([decision.values])
        after, found = play_week(self.p, position.state, plan, position.truth, draw_week(position.seed, number))
        kpis = report.reported(plan, after, found)
        result = RoundResult(
            round=number,
            kpis=kpis,
            truth=report.hidden(self.p, after, found),
            events=self.events(number),
            decision=decision,
        )
        table, waits = report.table(plan, found.hall), report.block_waits(found.hall)
        return replace(position, state=after, waits=waits, last=kpis, table=table), result

    def events(self, week: int) -> tuple[str, ...]:
        """News at the start of a week."""
        if week == int(self.p.amnesty_weeks.min()):
            return ("amnesty",)
        return ("amnesty_over",) if week == int(self.p.amnesty_weeks.max()) + 1 else ()

    def situation(self, position: Position) -> Situation:
        """The desk: last figures, the day by blocks, what the tool recommends, the news."""
        advice = Advice("week", "trust_me", self.p.claimed_accuracy, {})
        return Situation(
            figures=dict(position.last) or report.first_figures(position.state),
            table=position.table,
            advice=(advice,),
            events=self.events(position.state.round),
        )

    def investigate(self, position: Position, inquiry_id: str, argument: int | None) -> Mapping[str, float]:
        """The figures of an inquiry; see ``inquiries``."""
        view = inquiries.View(self.p, position.seed, position.truth, position.state.round)
        return inquiries.ASK[inquiry_id](view, argument or 0)

    def loss_parts(self, position: Position) -> Mapping[str, float]:
        """PKR thousand so far by part."""
        return {part: float(loss) / THOUSAND for part, loss in zip(PARTS, position.state.loss[0], strict=True)}

    def equity(self, position: Position) -> Equity:
        """Honest applicants refused, worst group over best, and the percentage of each group."""
        shares = report.equity_shares(self.p, position.state)
        percent = {group: 100 * float(share) for group, share in zip(GROUPS, shares, strict=True)}
        return Equity(report.equity_ratio(self.p, position.state), self.p.equity_threshold, percent)

    def cases(self, position: Position) -> tuple[Case, ...]:
        """Two doubtful files of this week."""
        return cases.desk(self.p, position.desk, position.truth, position.state.round)

    def candidates(self, position: Position) -> tuple[Mapping[str, Value], ...]:
        """The best policy's decision and its neighbours."""
        return candidates(self.planner, position.state)

    def possible(
        self,
        position: Position,
        replicates: int,
        seed: int,
        *,
        asked: bool,  # noqa: ARG002  the best policy decides on no inquiry
    ) -> tuple[Position, ...]:
        """Worlds that look the same: truth from the posterior of the files, all later dice anew."""
        seeds, truths = referee.drawn_worlds(self.p, position.state, seed, replicates)
        return tuple(replace(position, seed=s, truth=truth) for s, truth in zip(seeds, truths, strict=True))

    def losses_to_go(self, worlds: Sequence[Position], decisions: Sequence[Mapping[str, Value]]) -> Floats:
        """Loss from now on of each decision followed by the best policy, (decision, world), PKR thousand."""
        seeds, truths = [world.seed for world in worlds], [world.truth for world in worlds]
        states = [world.state for world in worlds]
        return referee.losses_to_go(self.planner, seeds, states, truths, decisions) / THOUSAND


def build(parameters: Mapping[str, object], rounds: int) -> LicensingModel:
    """The model of ``scenario.toml``'s parameters."""
    return LicensingModel(read_parameters(Parameters, parameters), rounds)
