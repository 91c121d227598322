"""How fast a scenario is replayed, and how long a policy takes over many seeds on all processors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import simulations
from benchmarks.figures import Figure, measured
from simulations.evaluation import evaluate, play_seed
from simulations.replay import replay
from simulations.types import Decision

RUNS = 9
SEEDS = range(200)


def measure(_folder: Path) -> list[Figure]:
    """Fresh seeds each time, so that nothing is remembered."""
    return [
        figure for scenario_id in simulations.scenario_ids() for figure in _of_scenario(simulations.load(scenario_id))
    ]


def _of_scenario(scenario: simulations.Scenario) -> Iterator[Figure]:
    play_seed(scenario, "baseline", 10**6)
    rates = []
    for seed in range(10**7, 10**7 + RUNS):
        events = [Decision(number, scenario.default_values) for number in range(1, scenario.rounds + 1)]
        began = time.perf_counter()
        replay(scenario, seed, events)
        rates.append(scenario.rounds / (time.perf_counter() - began))
    yield measured("Simulations", f"{scenario.id}: replay", "rounds/s", rates)
    began = time.perf_counter()
    evaluate(scenario, "greedy", SEEDS)
    taken = time.perf_counter() - began
    yield Figure("Simulations", f"{scenario.id}: a policy and the baseline over {len(SEEDS)} seeds", taken, "s")
