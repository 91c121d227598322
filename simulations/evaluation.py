"""A policy over many seeds: loss, indicators and paired gain over the baseline, in parallel and cached."""

import dataclasses
import hashlib
import json
import os
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simulations.processes import enter_process, processors, spawning
from simulations.registry import Scenario, scenario_folders
from simulations.replay import position_after, replay
from simulations.scoring import POLICIES, outcome_percent, policy_run, run_loss, shown_outcome, summarise
from simulations.types import Decision, ReferenceSummary, Run, ScenarioError, UnknownPolicy, Value

Decide = Callable[[Run], Mapping[str, Value]]

NORMAL_95 = 1.959964
LEAST_SEEDS = 2
CHUNKS_PER_WORKER = 8


@dataclass(frozen=True)
class SeedResult:
    """One finished run of a policy.

    ``loss`` is in the scenario's unit; ``kpis`` are all indicators, the debrief's included, as they stand
    after the last round.
    """

    seed: int
    loss: float
    equity: float
    equity_threshold: float
    kpis: Mapping[str, float]


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its 95 % interval (normal approximation)."""

    mean: float
    ci95: tuple[float, float]

    @property
    def half_width(self) -> float:
        """Half the interval's width."""
        return (self.ci95[1] - self.ci95[0]) / 2


@dataclass(frozen=True)
class Evaluation:
    """A policy over seeds; ``gain`` is the baseline's loss less its own on the same seed (paired)."""

    scenario: str
    version: str
    digest: str
    policy: str
    seeds: int
    loss: Estimate
    gain: Estimate
    kpis: Mapping[str, Estimate]


@dataclass(frozen=True)
class Comparison:
    """All reference policies on the same seeds.

    ``scores`` are outcome scores against these seeds' averages; ``leads`` the paired difference of each policy's loss
    to that of the best, in the scenario's unit.
    """

    summary: ReferenceSummary
    evaluations: Mapping[str, Evaluation]
    scores: Mapping[str, Estimate]
    leads: Mapping[str, Estimate]

    @property
    def is_best_ahead(self) -> bool:
        """Whether the best policy loses less than each other, with 95 % intervals of paired differences above 0."""
        others = (lead for policy, lead in self.leads.items() if policy != self.summary.best_policy)
        return all(lead.mean - lead.half_width > 0 for lead in others)


def _require_enough(seeds: Sequence[object]) -> None:
    if len(seeds) < LEAST_SEEDS:
        raise ScenarioError(f"An interval needs at least {LEAST_SEEDS} seeds, not {len(seeds)}.")


def estimate(values: Sequence[float]) -> Estimate:
    """Mean and interval of independent values. Raises ScenarioError below two values."""
    _require_enough(values)
    mean = float(np.mean(values))
    half = NORMAL_95 * float(np.std(values, ddof=1)) / float(np.sqrt(len(values)))
    return Estimate(mean, (mean - half, mean + half))


def play_seed(scenario: Scenario, policy: str, seed: int) -> SeedResult:
    """Play a policy on one seed."""
    return _seed_result(scenario, policy_run(scenario, seed, policy))


def play_own(scenario: Scenario, decide: Decide, seed: int) -> Run:
    """Play one's own policy on one seed; it sees what the officer may know, never the debrief's indicators.

    Raises InvalidEvent when it decides against the rules.
    """
    events: list[Decision] = []
    for number in range(1, scenario.rounds + 1):
        run = replay(scenario, seed, events)
        seen = tuple(dataclasses.replace(result, truth={}) for result in run.results)
        events.append(Decision(number, decide(dataclasses.replace(run, results=seen))))
    return replay(scenario, seed, events)


def _seed_result(scenario: Scenario, run: Run) -> SeedResult:
    position = position_after(scenario, run.seed, [result.decision for result in run.results])
    equity = scenario.model.equity(position)
    last = run.results[-1]
    return SeedResult(run.seed, run_loss(scenario, run), equity.value, equity.threshold, {**last.kpis, **last.truth})


class _Worker:
    """What a spawned process holds between its tasks."""

    scenario: Scenario


def _enter_worker(folders: tuple[Path, ...], pickled: bytes) -> None:
    enter_process(folders)
    _Worker.scenario = pickle.loads(pickled)  # noqa: S301  our own parent wrote it


def _play_task(task: tuple[str, int]) -> SeedResult:
    return play_seed(_Worker.scenario, *task)


def _play_all(scenario: Scenario, tasks: Sequence[tuple[str, int]], workers: int) -> list[SeedResult]:
    """Results in the order of the tasks, whatever the number of processes."""
    count, context = min(workers, len(tasks)), spawning()
    if count <= 1 or context is None:
        return [play_seed(scenario, policy, seed) for policy, seed in tasks]
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  not importable in every browser build

    start = (scenario_folders(), pickle.dumps(scenario))
    chunk = max(1, len(tasks) // (CHUNKS_PER_WORKER * count))
    with ProcessPoolExecutor(count, mp_context=context, initializer=_enter_worker, initargs=start) as pool:
        return list(pool.map(_play_task, tasks, chunksize=chunk))


def _cache_key(scenario: Scenario, policy: str, seeds: Sequence[int]) -> dict[str, Any]:
    return {
        "scenario": scenario.id,
        "version": scenario.version,
        "digest": scenario.digest,
        "policy": policy,
        "seeds": list(seeds),
    }


def _cache_file(folder: Path, key: Mapping[str, Any]) -> Path:
    name = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
    return folder / f"{key['scenario']}-{key['policy']}-{name}.json"


def _cached(folder: Path | None, key: Mapping[str, Any]) -> tuple[SeedResult, ...] | None:
    if folder is None or not (path := _cache_file(folder, key)).is_file():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    if content["key"] != key:
        return None
    return tuple(SeedResult(**row) for row in content["results"])


def _keep(folder: Path | None, key: Mapping[str, Any], results: Sequence[SeedResult]) -> None:
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = _cache_file(folder, key)
    content = {"key": key, "results": [dataclasses.asdict(result) for result in results]}
    # a reader never meets half a file, nor one writer another's draft
    draft = path.with_suffix(f".{os.getpid()}.part")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(path)


def seed_results(
    scenario: Scenario,
    policies: Sequence[str],
    seeds: Sequence[int],
    *,
    workers: int | None = None,
    cache: Path | None = None,
) -> dict[str, tuple[SeedResult, ...]]:
    """Each policy on each seed: common random numbers across policies.

    workers: processes; None means one a processor, 1 none. cache: folder of earlier results, keyed by
    version, digest, policy and seeds; a changed model needs a new version to be seen. Raises UnknownPolicy.
    """
    for policy in policies:
        if policy not in POLICIES:
            raise UnknownPolicy(f"There is no policy “{policy}”; known are {', '.join(POLICIES)}.")
    keys = {policy: _cache_key(scenario, policy, seeds) for policy in policies}
    found = {policy: rows for policy in policies if (rows := _cached(cache, keys[policy])) is not None}
    tasks = [(policy, seed) for policy in policies if policy not in found for seed in seeds]
    played = dict(zip(tasks, _play_all(scenario, tasks, workers or processors()), strict=True))
    for policy in policies:
        if policy not in found:
            found[policy] = tuple(played[policy, seed] for seed in seeds)
            _keep(cache, keys[policy], found[policy])
    return {policy: found[policy] for policy in policies}


def _evaluation(
    scenario: Scenario, policy: str, own: Sequence[SeedResult], baseline: Sequence[SeedResult]
) -> Evaluation:
    gains = [other.loss - mine.loss for mine, other in zip(own, baseline, strict=True)]
    return Evaluation(
        scenario=scenario.id,
        version=scenario.version,
        digest=scenario.digest,
        policy=policy,
        seeds=len(own),
        loss=estimate([result.loss for result in own]),
        gain=estimate(gains),
        kpis={key: estimate([result.kpis[key] for result in own]) for key in own[0].kpis},
    )


def evaluate(
    scenario: Scenario, policy: str, seeds: Sequence[int], *, workers: int | None = None, cache: Path | None = None
) -> Evaluation:
    """One policy against the baseline on the same seeds; see ``seed_results``."""
    _require_enough(seeds)
    policies = ("baseline",) if policy == "baseline" else ("baseline", policy)
    found = seed_results(scenario, policies, seeds, workers=workers, cache=cache)
    return _evaluation(scenario, policy, found[policy], found["baseline"])


def evaluate_own(scenario: Scenario, decide: Decide, seeds: Sequence[int], *, name: str = "own") -> Evaluation:
    """One's own policy against the baseline on the same seeds, in this process; see ``play_own``.

    Made for notebooks: ``evaluate_own(load("grievance"), lambda run: run.defaults, range(1000))``.
    """
    _require_enough(seeds)
    own = [_seed_result(scenario, play_own(scenario, decide, seed)) for seed in seeds]
    baseline = seed_results(scenario, ("baseline",), seeds, workers=1)["baseline"]
    return _evaluation(scenario, name, own, baseline)


def compare(
    scenario: Scenario, seeds: Sequence[int], *, workers: int | None = None, cache: Path | None = None
) -> Comparison:
    """Every reference policy on the same seeds; see ``seed_results``."""
    _require_enough(seeds)
    found = seed_results(scenario, POLICIES, seeds, workers=workers, cache=cache)
    losses = {policy: np.array([result.loss for result in rows]) for policy, rows in found.items()}
    summary = summarise(scenario, losses)
    least = losses[summary.best_policy]
    scores = {}
    for policy, rows in found.items():
        raw = [outcome_percent(r.loss, b, a, summary) for r, b, a in zip(rows, losses["baseline"], least, strict=True)]
        shown = [shown_outcome(o, capped=r.equity > r.equity_threshold) for o, r in zip(raw, rows, strict=True)]
        scores[policy] = estimate(shown)
    evaluations = {p: _evaluation(scenario, p, rows, found["baseline"]) for p, rows in found.items()}
    leads = {policy: estimate([float(gap) for gap in losses[policy] - least]) for policy in found}
    return Comparison(summary, evaluations, scores, leads)
