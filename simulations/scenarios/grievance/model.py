"""The scenario's door: positions, results, situation, equity and the contract of ``engine.Model``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from simulations.engine import Floats, Policy
from simulations.estimates import percent
from simulations.parameters import read_parameters
from simulations.scenarios.grievance import cases, inquiries, referee
from simulations.scenarios.grievance.office import (
    CLOSED,
    FUTURE,
    OPEN,
    PARTS,
    SILENT,
    State,
    WeekTally,
    hand_over,
    opening,
    plan,
    play_week,
)
from simulations.scenarios.grievance.policies import RULES, Rule, read_desk
from simulations.scenarios.grievance.world import (
    CLASSES,
    DAYS,
    LANGUAGES,
    URGENT,
    Complaints,
    Parameters,
    draw_run,
    flooded_districts,
)
from simulations.types import Advice, Case, Decision, Equity, RoundResult, Situation, SituationRow, Value

ADVISED_CASES = 5
LEAST_SHARE = 1e-3
GROUPS = (*LANGUAGES, "women_accounts", "other_accounts")


@dataclass(frozen=True)
class Position:
    """Where one run stands; ``previous`` is the state one round ago, for what came in since."""

    seed: int
    flooded: tuple[int, ...]
    table: Complaints
    state: State
    last: Mapping[str, float]
    assumed: Parameters | None = None  # the tool of a possible world in place of the planted one


class GrievanceModel:
    """See ``engine.Model``; T rounds of one week each."""

    def __init__(self, p: Parameters, rounds: int) -> None:
        self.p, self.rounds = p, rounds

    @property
    def policies(self) -> Mapping[str, Policy]:
        """Reference policies by name, from a position to a decision."""
        return {name: partial(self._decide, rule) for name, rule in RULES.items()}

    def _decide(self, rule: Rule, position: Position) -> Mapping[str, Value]:
        desk = read_desk(self.p, position.table, position.state, self.rounds, position.flooded)
        return rule(self.p, desk)[0]

    def start(self, seed: int) -> Position:
        """The first morning."""
        flooded = flooded_districts(self.p, seed)
        table = draw_run(self.p, seed, self.rounds, flooded=flooded)
        return Position(seed, flooded, table, opening(self.p, table, 1), {})

    def advance(self, position: Position, decision: Decision) -> tuple[Position, RoundResult]:
        """Play one week; after the last the waiting complaints are charged as handed over."""
        before = position.state
        state, tally = play_week(self.p, position.table, before, plan(self.p, [decision.values]))
        if state.round > self.rounds:
            state = hand_over(self.p, position.table, state)
        kpis = self._reported(before, state, tally)
        result = RoundResult(
            round=before.round,
            kpis=kpis,
            truth=self._truth(position.table, state),
            events=self.events(before.round),
            decision=decision,
        )
        return Position(position.seed, position.flooded, position.table, state, kpis), result

    def events(self, round_number: int) -> tuple[str, ...]:
        """News at the start of a round."""
        if round_number == self.p.flood_week:
            return ("flood",)
        if round_number == self.p.flood_week + self.p.outage_weeks:
            return ("network_restored",)
        return ()

    def _reported(self, before: State, state: State, tally: WeekTally) -> dict[str, float]:
        received = float(np.count_nonzero((state.status == OPEN) | (state.status == CLOSED)))
        waiting = state.status == OPEN
        return {
            "reported_resolution": percent(float(np.count_nonzero(state.ever_closed)), received),
            "reopen_rate": percent(float(before.reopened_now[0]), float(before.closed_before[0])),
            "backlog": float(np.count_nonzero(waiting)),
            "overdue": float(np.count_nonzero(waiting & (state.deadline < DAYS * before.round))),
            "overdue_days": float(tally.overdue_days[0]),
            "closures": float(tally.closures[0]),
            "calls": float(tally.calls[0]),
            "calls_confirmed": float(tally.calls_confirmed[0]),
            "checking_hours": float(tally.checking_hours[0]),
        }

    def _truth(self, table: Complaints, state: State) -> dict[str, float]:
        filed = state.status != FUTURE
        received = float(np.count_nonzero(filed & (state.status != SILENT)))
        closed, solved = state.status == CLOSED, state.solved
        reported = percent(float(np.count_nonzero(state.ever_closed)), received)
        confirmed = percent(float(np.count_nonzero(solved)), float(np.count_nonzero(filed)))
        shares = self._group_recall(table, state)
        names = [f"urgent_recall_{name}" for name in (*LANGUAGES, "women_accounts")]
        return {
            "true_resolution": confirmed,
            "resolution_gap": reported - confirmed,
            "confirmed_satisfaction": percent(
                float(np.count_nonzero(solved & closed)), float(np.count_nonzero(closed))
            ),
            "severity_days": float(state.loss[0].sum()),
            **{name: 100 * share for name, share in zip(names, shares, strict=False)},
            "wrongly_merged_urgent": float(state.wrong_urgent[0]),
            "silent_complaints": float(np.count_nonzero(state.status == SILENT)),
            "equity_ratio": self._ratio(shares),
        }

    def _group_recall(self, table: Complaints, state: State) -> list[float]:
        """Share of urgent complaints recognised in their first week: languages, then accounts.

        Smoothed with ``equity_smoothing`` complaints at the overall share, lest small groups decide.
        """
        urgent = (table.severity == URGENT) & (state.status != FUTURE) & (state.seen_round < state.round)
        overall = float(state.noticed[urgent].mean()) if urgent.any() else 0.0
        groups = [table.language == number for number in range(len(LANGUAGES))] + [table.woman, ~table.woman]
        extra = self.p.equity_smoothing
        shares = []
        for group in groups:
            noticed = float(np.count_nonzero(state.noticed & urgent & group)) + extra * overall
            shares.append(noticed / (float(np.count_nonzero(urgent & group)) + extra))
        return shares

    @staticmethod
    def _ratio(shares: Sequence[float]) -> float:
        """Best over worst group; 1 when the office singles nobody out, as all then wait alike."""
        if max(shares) == 0:
            return 1.0
        languages, accounts = shares[: len(LANGUAGES)], shares[len(LANGUAGES) :]
        return max(max(group) / max(min(group), LEAST_SHARE) for group in (languages, accounts))

    def situation(self, position: Position) -> Situation:
        """The desk: last figures, the backlog by class, the tool's latest advice, the news."""
        return Situation(
            figures=dict(position.last) or self._first_figures(position),
            table=tuple(self._row(position, number) for number in range(len(CLASSES))),
            advice=self._advice(position),
            events=self.events(position.state.round),
        )

    def _first_figures(self, position: Position) -> dict[str, float]:
        waiting = position.state.status == OPEN
        overdue = float(np.count_nonzero(waiting & (position.state.deadline < 0)))
        return {"backlog": float(np.count_nonzero(waiting)), "overdue": overdue}

    def _row(self, position: Position, number: int) -> SituationRow:
        state, table = position.state, position.table
        mine = (state.status == OPEN) & (table.category == number)
        today = DAYS * (state.round - 1)
        new = (state.seen_round == state.round) & (table.category == number) & (state.status != FUTURE)
        values = {
            "backlog": float(np.count_nonzero(mine)),
            "overdue": float(np.count_nonzero(mine & (state.deadline < today))),
            "arrivals": float(np.count_nonzero(new & (state.status != SILENT))),
            "mean_hours": float(self.p.work_hours[number]),
            "deadline_days": float(self.p.deadline_days[number]),
        }
        return SituationRow(CLASSES[number], values)

    def _advice(self, position: Position) -> tuple[Advice, ...]:
        """The tool's scores of the complaints it is surest about among this week's mail."""
        state, table = position.state, position.table
        rows = np.flatnonzero((state.status == OPEN) & (state.seen_round == state.round))
        order = rows[np.argsort(-np.abs(np.round(table.evidence[rows], 6)), kind="stable")][:ADVISED_CASES]
        advice = []
        numbers = cases.register_numbers(table, state)
        for number in order:
            score = float(1 / (1 + np.exp(-self.p.score_slope * table.evidence[number])))
            values: dict[str, Value] = {
                "class": CLASSES[table.category[number]],
                "language": LANGUAGES[table.language[number]],
                "score": score,
            }
            label = "urgent" if score > 0.5 else "not_urgent"
            advice.append(Advice(f"case_{int(numbers[number])}", label, max(score, 1 - score), values))
        return tuple(advice)

    def investigate(self, position: Position, inquiry_id: str, argument: int | None) -> Mapping[str, float]:
        """The figures of an inquiry; see ``inquiries``."""
        view = inquiries.View(
            position.assumed or self.p, position.seed, position.flooded, position.table, position.state
        )
        return inquiries.ASK[inquiry_id](view, argument or 0)

    def loss_parts(self, position: Position) -> Mapping[str, float]:
        """Severity-days so far by part."""
        return dict(zip(PARTS, (float(part) for part in position.state.loss[0]), strict=True))

    def equity(self, position: Position) -> Equity:
        """Best group's share of urgent complaints recognised over the worst group's; percent by group."""
        shares = self._group_recall(position.table, position.state)
        groups = {name: 100 * share for name, share in zip(GROUPS, shares, strict=True)}
        return Equity(self._ratio(shares), self.p.equity_threshold, groups, better="higher")

    def cases(self, position: Position) -> tuple[Case, ...]:
        """A complaint of this week from those the tool reads badly, and one of the others; see ``cases``."""
        return cases.cases(self.p, position.seed, position.table, position.state)

    def candidates(self, position: Position) -> tuple[Mapping[str, Value], ...]:
        """The best policy's decision and eight neighbours."""
        return referee.candidates(self.p, self.policies["best"](position))

    def possible(self, position: Position, replicates: int, seed: int, *, asked: bool) -> tuple[Position, ...]:
        """Offices with the same desk; without ``asked`` the tool may be as good as claimed or worse than planted."""
        confirmed = position.last.get("calls_confirmed", 0.0)
        held = (confirmed, position.last.get("calls", 0.0) - confirmed)
        found = referee.worlds(self.p, self.rounds, self._known(position), held, replicates, seed, doubted=not asked)
        return tuple(Position(w.seed, w.flooded, w.table, w.state, position.last, w.p) for w in found)

    def hidden(self, position: Position) -> Mapping[str, float]:
        """Recall of the urgency tool by language, and what it loses on women's accounts; see ``possible``."""
        p = position.assumed or self.p
        recall = dict(zip(LANGUAGES, (float(share) for share in p.urgent_recall), strict=True))
        return {**recall, "women_accounts": p.women_recall_loss}

    def _known(self, position: Position) -> referee.World:
        assumed = position.assumed or self.p
        return referee.World(position.seed, position.flooded, position.table, position.state, assumed)

    def losses_to_go(self, worlds: Sequence[Position], decisions: Sequence[Mapping[str, Value]]) -> Floats:
        """Loss from now on, (decision, world); see ``referee.losses_to_go``."""
        possible = [self._known(world) for world in worlds]
        return referee.losses_to_go(self.p, self.rounds, possible, decisions)


def build(parameters: Mapping[str, object], rounds: int) -> GrievanceModel:
    """The model of ``scenario.toml``'s parameters."""
    return GrievanceModel(read_parameters(Parameters, parameters), rounds)
