"""Outcome score on one seed and luck-free decision score, both by regret against reference policies."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from simulations.admissible import random_form
from simulations.engine import Floats, stream
from simulations.registry import Scenario
from simulations.replay import position_after, replay
from simulations.types import (
    Decision,
    DecisionScore,
    Equity,
    Event,
    InvalidEvent,
    Problem,
    ReferenceSummary,
    RoundRegret,
    Run,
    Score,
    UnknownPolicy,
    Value,
)

SCENARIO_POLICIES = ("baseline", "greedy", "ai_only", "best")
OWN, RANDOM = "own", "random"
POLICIES = ("baseline", RANDOM, "greedy", "ai_only", "best")
LEAST, MOST = -50.0, 110.0
EQUITY_CAP = 60.0
SMALL_GAP_SHARE = 0.25
LEAST_LEARNING_SHARE = 0.10
LEAST_STANDARD_ERRORS = 4.0
EPSILON = 1e-9
REPLICATES = 64


def policy_form(scenario: Scenario, policy: str, position: Any, *, seed: int, round_number: int) -> Mapping[str, Value]:
    """What a policy decides in this round. ``random`` is the engine's, the others are the scenario's.

    Raises UnknownPolicy.
    """
    if policy == RANDOM:
        die = stream(seed, "policy:random", round_number)
        return random_form(scenario.fields, scenario.sum_rules, die)
    if policy not in SCENARIO_POLICIES:
        raise UnknownPolicy(f"There is no policy “{policy}”; known are {', '.join(POLICIES)}.")
    return scenario.model.policies[policy](position)


@lru_cache(maxsize=512)
def policy_run(scenario: Scenario, seed: int, policy: str) -> Run:
    """One reference policy played through on one seed. Raises UnknownPolicy."""
    events: list[Decision] = []
    for number in range(1, scenario.rounds + 1):
        position = position_after(scenario, seed, events)
        events.append(Decision(number, policy_form(scenario, policy, position, seed=seed, round_number=number)))
    return replay(scenario, seed, events)


def reference_runs(scenario: Scenario, seed: int) -> Mapping[str, Run]:
    """The scenario's own four policies on one seed, as the debrief shows them."""
    return {policy: policy_run(scenario, seed, policy) for policy in SCENARIO_POLICIES}


def run_loss(scenario: Scenario, run: Run) -> float:
    """Loss of a finished run, in the scenario's unit."""
    position = position_after(scenario, run.seed, [result.decision for result in run.results])
    return float(sum(scenario.model.loss_parts(position).values()))


def equity_of(scenario: Scenario, run: Run) -> Equity:
    """How unequally a run has treated groups so far."""
    return scenario.model.equity(position_after(scenario, run.seed, [result.decision for result in run.results]))


def require_finished(run: Run) -> None:
    if not run.finished:
        raise InvalidEvent((Problem(None, "run_not_finished", {"next_round": run.next_round}),))


def outcome_percent(loss: float, baseline: float, best: float, averages: ReferenceSummary) -> float:
    """Regret score before the equity gate, clipped to -50..110.

    100 at the best policy's loss, 0 at the baseline's. Where this seed leaves less than a quarter of the
    average gap between the two, the average gap is the yardstick. Unchanged when all losses are rescaled.
    """
    average_gap = averages.mean_loss["baseline"] - averages.mean_loss[averages.best_policy]
    gap = baseline - best
    if gap < SMALL_GAP_SHARE * average_gap:
        gap = average_gap
    return float(np.clip(100 * (baseline - loss) / max(gap, EPSILON), LEAST, MOST))


def shown_outcome(raw: float, *, capped: bool) -> float:
    """The outcome as shown, 0..100; where the equity gate is exceeded, at most ``EQUITY_CAP``."""
    return float(np.clip(raw, 0, EQUITY_CAP if capped else 100))


def score(scenario: Scenario, seed: int, events: Sequence[Event]) -> Score:
    """Score a finished run against the references on the same seed. Raises InvalidEvent if unfinished."""
    run = replay(scenario, seed, events)
    require_finished(run)
    position = position_after(scenario, seed, [result.decision for result in run.results])
    parts = scenario.model.loss_parts(position)
    loss, averages = float(sum(parts.values())), scenario.reference
    references = reference_runs(scenario, seed)
    baseline = run_loss(scenario, references["baseline"])
    best = run_loss(scenario, references[averages.best_policy])
    raw = outcome_percent(loss, baseline, best, averages)
    equity = equity_of(scenario, run)
    others = {name: equity_of(scenario, reference).groups for name, reference in references.items()}
    return Score(
        outcome=shown_outcome(raw, capped=equity.exceeded),
        raw=raw,
        loss=loss,
        baseline_loss=baseline,
        best_loss=best,
        equity_value=equity.value,
        equity_threshold=equity.threshold,
        capped=equity.exceeded,
        parts=parts,
        reference_kpis={name: {**r.results[-1].kpis, **r.results[-1].truth} for name, r in references.items()},
        groups={OWN: equity.groups, **others},
        group_better=equity.better,
    )


def regret_share(regrets: Sequence[float], gaps: Sequence[float]) -> float:
    """Decision score from round regrets and baseline gaps: 100 (1 - sum r / sum max(r, g))."""
    scale = sum(max(regret, gap) for regret, gap in zip(regrets, gaps, strict=True))
    return 100 * (1 - sum(regrets) / max(EPSILON, scale))


def _distinct(decisions: Sequence[Mapping[str, Value]]) -> list[Mapping[str, Value]]:
    seen: dict[tuple[tuple[str, Value], ...], Mapping[str, Value]] = {}
    for decision in decisions:
        seen.setdefault(tuple(sorted(decision.items())), decision)
    return list(seen.values())


def _round_regret(scenario: Scenario, seed: int, made: Sequence[Decision], replicates: int) -> RoundRegret:
    position = position_after(scenario, seed, made[:-1])
    policies = scenario.model.policies
    own, baseline, tool = made[-1].values, policies["baseline"](position), policies["ai_only"](position)
    decisions = _distinct([own, baseline, tool, policies["greedy"](position), *scenario.model.candidates(position)])
    worlds = scenario.model.possible(position, replicates, seed, asked=True)
    losses = scenario.model.losses_to_go(worlds, decisions).mean(axis=1)
    above = np.maximum(0.0, losses - losses.min())
    return RoundRegret(
        round=made[-1].round,
        regret=float(above[0]),
        reference_gap=float(above[decisions.index(baseline)]),
        tool_gap=float(above[decisions.index(tool)]),
    )


def decision_score(
    scenario: Scenario, seed: int, events: Sequence[Event], replicates: int = REPLICATES
) -> DecisionScore:
    """Compare each decision with its alternatives over resampled worlds; slow, meant for a worker.

    Raises InvalidEvent if the run is unfinished.
    """
    run = replay(scenario, seed, events)
    require_finished(run)
    made = [result.decision for result in run.results]
    rounds = tuple(_round_regret(scenario, seed, made[: number + 1], replicates) for number in range(len(made)))
    total = regret_share([r.regret for r in rounds], [r.reference_gap for r in rounds])
    return DecisionScore(float(np.clip(total, 0, 100)), rounds, replicates)


def summarise(scenario: Scenario, losses: Mapping[str, Floats]) -> ReferenceSummary:
    """Average reference losses and the paired gap between baseline and the best of the others.

    losses: of every policy on the same seeds, in the scenario's unit. ``random`` is never the best.
    """
    means = {policy: float(values.mean()) for policy, values in losses.items()}
    best = min((policy for policy in SCENARIO_POLICIES if policy != "baseline"), key=lambda policy: means[policy])
    gaps = losses["baseline"] - losses[best]
    return ReferenceSummary(
        digest=scenario.digest,
        seeds=len(gaps),
        mean_loss=means,
        best_policy=best,
        paired_gap=float(gaps.mean()),
        paired_error=float(gaps.std(ddof=1) / np.sqrt(len(gaps))),
        floor=0.0,
    )


def publication_faults(summary: ReferenceSummary) -> tuple[str, ...]:
    """Why a parameter set must not be published; empty when it may be."""
    faults = []
    room = LEAST_LEARNING_SHARE * (summary.mean_loss["baseline"] - summary.floor)
    if summary.paired_gap < room:
        faults.append(f"no room to learn: gap {summary.paired_gap:.1f} is below {room:.1f}")
    if summary.paired_gap < LEAST_STANDARD_ERRORS * summary.paired_error:
        faults.append(f"noise decides: gap {summary.paired_gap:.1f}, standard error {summary.paired_error:.1f}")
    if summary.best_policy != "best":
        faults.append(f"policy “best” is beaten on average by “{summary.best_policy}”")
    return tuple(faults)
