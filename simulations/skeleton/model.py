"""A counter that answers requests of two groups, with a tool that answers some of them by itself.

A small model that fulfils ``simulations.engine.Model``; put the scenario's own in its place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import cast

import numpy as np

from simulations import rollouts
from simulations.engine import Floats, Policy, stream
from simulations.types import Advice, Case, Decision, Equity, RoundResult, Situation, SituationRow, Value

GROUPS = ("first", "second")
TOTAL_HOURS = 40
STEP_HOURS = 5
FORMS: tuple[Mapping[str, Value], ...] = tuple(
    {"answer_hours": TOTAL_HOURS - checked, "check_hours": checked, "tool": tool}
    for checked, tool in product(range(0, TOTAL_HOURS + 1, STEP_HOURS), ("off", "on"))
)


@dataclass(frozen=True)
class Parameters:
    """``[parameters.*]`` of scenario.toml; units and sources stand there."""

    arrivals_per_week: Sequence[float]
    answers_per_hour: float
    checks_per_hour: float
    tool_share: float
    tool_error: Sequence[float]
    claimed_error: float
    doubted_error: float
    waiting_cost: float
    wrong_cost: float
    equity_threshold: float
    equity_smoothing: float
    grant_share: float


@dataclass(frozen=True)
class Position:
    """Where a run stands: requests pending, and by group those that came and those answered wrongly.

    ``p`` is how the office and its tool are here; in a possible world the tool may be better or worse.
    """

    p: Parameters
    seed: int
    round: int
    pending: int
    answered: int
    came: tuple[int, ...]
    wrong: tuple[int, ...]
    waited: float


@dataclass(frozen=True)
class Week:
    """The dice of one week, drawn before any decision."""

    arrivals: tuple[int, ...]
    tool_wrong: tuple[int, ...]


def draw_week(p: Parameters, seed: int, number: int) -> Week:
    """New requests, and how many of those the tool would answer wrongly, by group."""
    arrivals = stream(seed, "arrivals", number).poisson(p.arrivals_per_week)
    wrong = stream(seed, "tool", number).binomial(arrivals, p.tool_share * np.asarray(p.tool_error))
    return Week(tuple(int(n) for n in arrivals), tuple(int(n) for n in wrong))


def _number(form: Mapping[str, Value], key: str) -> float:
    return float(form[key])


def missed_share(p: Parameters, form: Mapping[str, Value], arrivals: float) -> float:
    """Share of the tool's answers nobody checks, 0 to 1; 0 when the tool is off."""
    if form["tool"] == "off":
        return 0.0
    checked = _number(form, "check_hours") * p.checks_per_hour / max(p.tool_share * arrivals, 1.0)
    return max(0.0, 1.0 - checked)


def expected_loss(p: Parameters, pending: float, weeks: int, form: Mapping[str, Value]) -> float:
    """Loss-to-go of keeping one form when every week is a mean week."""
    arrivals, loss = sum(p.arrivals_per_week), 0.0
    missed = missed_share(p, form, arrivals)
    tool = p.tool_share if form["tool"] == "on" else 0.0
    wrong = sum(n * e for n, e in zip(p.arrivals_per_week, p.tool_error, strict=True)) * tool
    for _ in range(weeks):
        pending += (1 - tool) * arrivals + wrong * (1 - missed)
        pending = max(0.0, pending - _number(form, "answer_hours") * p.answers_per_hour)
        loss += p.waiting_cost * pending + p.wrong_cost * wrong * missed
    return loss


Rule = Callable[[Parameters, Position, int], Mapping[str, Value]]


def baseline(_p: Parameters, _position: Position, _rounds: int) -> Mapping[str, Value]:
    """As always: staff answer, the tool is off."""
    return {"answer_hours": TOTAL_HOURS, "check_hours": 0, "tool": "off"}


def ai_only(_p: Parameters, _position: Position, _rounds: int) -> Mapping[str, Value]:
    """The tool answers and nobody checks."""
    return {"answer_hours": TOTAL_HOURS, "check_hours": 0, "tool": "on"}


def greedy(p: Parameters, position: Position, _rounds: int) -> Mapping[str, Value]:
    """The fewest requests pending at the end of this week, whatever becomes of the answers."""
    return min(FORMS, key=lambda form: expected_loss(replace(p, wrong_cost=0.0), position.pending, 1, form))


def best(p: Parameters, position: Position, rounds: int) -> Mapping[str, Value]:
    """The form that, kept to the end, loses least in mean weeks."""
    left = rounds - position.round + 1
    return min(FORMS, key=lambda form: expected_loss(p, position.pending, left, form))


RULES: Mapping[str, Rule] = {"baseline": baseline, "greedy": greedy, "ai_only": ai_only, "best": best}


class SkeletonModel:
    """See ``engine.Model``; one week a round."""

    def __init__(self, p: Parameters, rounds: int) -> None:
        self.p, self.rounds = p, rounds

    @property
    def policies(self) -> Mapping[str, Policy]:
        """Reference policies by name."""
        return {name: partial(self._decide, rule) for name, rule in RULES.items()}

    def _decide(self, rule: Rule, position: Position) -> Mapping[str, Value]:
        return rule(position.p, position, self.rounds)

    def start(self, seed: int) -> Position:
        """The first morning: nothing pending."""
        return Position(self.p, seed, 1, 0, 0, (0, 0), (0, 0), 0.0)

    def advance(self, position: Position, decision: Decision) -> tuple[Position, RoundResult]:
        """Play one week."""
        after = self._after(position, decision.values)
        result = RoundResult(
            round=position.round,
            kpis={"pending": float(after.pending), "answered": float(after.answered)},
            truth={"wrong_answers": float(sum(after.wrong))},
            events=(),
            decision=decision,
        )
        return after, result

    def _after(self, position: Position, form: Mapping[str, Value]) -> Position:
        p = position.p
        week = draw_week(p, position.seed, position.round)
        new = sum(week.arrivals)
        missed = missed_share(p, form, new)
        wrong = [round(missed * count) for count in week.tool_wrong]
        by_tool = round(p.tool_share * new) if form["tool"] == "on" else 0
        found = sum(week.tool_wrong) - sum(wrong) if by_tool else 0
        todo = position.pending + new - by_tool + found
        by_staff = min(todo, int(_number(form, "answer_hours") * p.answers_per_hour))
        return Position(
            p=p,
            seed=position.seed,
            round=position.round + 1,
            pending=todo - by_staff,
            answered=by_staff + by_tool - found,
            came=tuple(a + b for a, b in zip(position.came, week.arrivals, strict=True)),
            wrong=tuple(a + b for a, b in zip(position.wrong, wrong, strict=True)),
            waited=position.waited + todo - by_staff,
        )

    def situation(self, position: Position) -> Situation:
        """The desk: what is pending, what came by group, what the tool says of itself."""
        rows = [SituationRow(name, {"came": float(n)}) for name, n in zip(GROUPS, position.came, strict=True)]
        advice = Advice("week", "use", 1 - position.p.claimed_error, {})
        return Situation({"pending": float(position.pending)}, tuple(rows), (advice,), ())

    def investigate(self, position: Position, inquiry_id: str, argument: int | None) -> Mapping[str, float]:
        """The vendor's card, or an audit of the tool on a sample of each group."""
        if inquiry_id == "ai_card":
            return {"claimed": 100 * position.p.claimed_error}
        size = (argument or 0) // len(GROUPS)
        wrong = stream(position.seed, "inquiry:audit", position.round).binomial(size, position.p.tool_error)
        found = {f"wrong_{name}": float(n) for name, n in zip(GROUPS, wrong, strict=True)}
        return {"size": float(size), **found}

    def loss_parts(self, position: Position) -> Mapping[str, float]:
        """Request-weeks so far by part."""
        return {
            "waiting": position.p.waiting_cost * position.waited,
            "wrong": position.p.wrong_cost * sum(position.wrong),
        }

    def equity(self, position: Position) -> Equity:
        """Share of wrong answers of the worse group over that of the better; 1 when none went out."""
        extra, came, wrong = position.p.equity_smoothing, position.came, position.wrong
        overall = sum(wrong) / max(1, sum(came))
        shares = [(w + extra * overall) / (n + extra) for w, n in zip(wrong, came, strict=True)]
        ratio = max(shares) / min(shares) if sum(wrong) else 1.0
        percent = {name: 100 * share for name, share in zip(GROUPS, shares, strict=True)}
        return Equity(ratio, position.p.equity_threshold, percent)

    def cases(self, position: Position) -> tuple[Case, ...]:
        """A request of each group, and what the tool would answer to it."""
        dice = stream(position.seed, "cases", position.round).random((len(GROUPS), 2))
        return tuple(
            self._case(position, name, *(float(die) for die in row)) for name, row in zip(GROUPS, dice, strict=True)
        )

    def _case(self, position: Position, group: str, truth_die: float, tool_die: float) -> Case:
        truth, other = ("grant", "refuse") if truth_die < position.p.grant_share else ("refuse", "grant")
        errs = tool_die < position.p.tool_error[GROUPS.index(group)]
        return Case(
            id=f"{position.round}_{group}",
            values={"group": group, "complete": round(100 * abs(truth_die - tool_die))},
            answers=("grant", "refuse"),
            advice=other if errs else truth,
            confidence=1 - position.p.claimed_error,
            truth=truth,
            group=group,
        )

    def candidates(self, position: Position) -> tuple[Mapping[str, Value], ...]:
        """The best form first, then all others."""
        chosen = self.policies["best"](position)
        return (chosen, *(form for form in FORMS if form != chosen))

    def possible(self, position: Position, replicates: int, seed: int, *, asked: bool) -> tuple[Position, ...]:
        """The same office with all dice to come drawn anew.

        Who has not asked does not know how good the tool is: by group, its share of wrong answers lies anywhere from
        the vendor's claim upwards. Without this no question about the tool could be worth asking.
        """
        seeds = stream(seed, "possible", position.round).integers(2**31, size=replicates)
        worlds = tuple(replace(position, seed=int(number)) for number in seeds)
        if asked:
            return worlds
        doubt = stream(seed, "doubt", position.round).random((replicates, len(GROUPS)))
        errors = position.p.claimed_error + position.p.doubted_error * doubt
        pairs = zip(worlds, errors, strict=True)
        return tuple(replace(world, p=replace(world.p, tool_error=tuple(error.tolist()))) for world, error in pairs)

    def losses_to_go(self, worlds: Sequence[Position], decisions: Sequence[Mapping[str, Value]]) -> Floats:
        """Loss from now on of each decision followed by the best policy, (decision, world)."""
        return rollouts.losses_to_go(self, worlds[0].round, self.rounds, worlds, decisions)


def build(parameters: Mapping[str, object], rounds: int) -> SkeletonModel:
    """The model of ``scenario.toml``'s parameters."""
    return SkeletonModel(Parameters(**cast(Mapping[str, float], parameters)), rounds)  # type: ignore[arg-type]
