"""How fast a scenario is replayed, here and in Pyodide, and how long a policy takes over many seeds."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import simulations
from benchmarks.figures import Figure, measured
from benchmarks.in_pyodide import rate
from config import ROOT
from lab.projects import wheel_of
from simulations.evaluation import play_seed, seed_results

GROUP = "Simulations"
RUNS = 9
SEEDS = range(1_000)
PYODIDE = ROOT / "node_modules" / "pyodide"
RUNNER = ROOT / "tests" / "simulations" / "pyodide_replay.mjs"
SCRIPT = Path(__file__).with_name("in_pyodide.py")


def measure(folder: Path) -> list[Figure]:
    """Fresh seeds each time, so that nothing is remembered."""
    in_browser = _rates_in_pyodide(folder)
    return [
        figure
        for scenario_id in simulations.scenario_ids()
        for figure in _of_scenario(simulations.load(scenario_id), in_browser[scenario_id])
    ]


def _of_scenario(scenario: simulations.Scenario, rate_in_pyodide: float) -> Iterator[Figure]:
    play_seed(scenario, "baseline", 10**6)
    rates = [rate(scenario, seed) for seed in range(10**7, 10**7 + RUNS)]
    yield measured(GROUP, f"{scenario.id}: replay", "rounds/s", rates)
    yield Figure(GROUP, f"{scenario.id}: replay in Pyodide", rate_in_pyodide, "rounds/s")
    for policy in ("baseline", "greedy"):
        began = time.perf_counter()
        seed_results(scenario, (policy,), SEEDS)
        taken = time.perf_counter() - began
        yield Figure(GROUP, f"{scenario.id}: “{policy}” over {len(SEEDS):,} seeds", taken, "s")


def _rates_in_pyodide(folder: Path) -> Mapping[str, float]:
    numpy = sorted((ROOT / "var" / "site" / "static").glob("pyodide-*/numpy-*.whl"))[-1]
    line = ["node", RUNNER, PYODIDE, numpy, wheel_of(ROOT / "simulations", folder), SCRIPT]
    ended = subprocess.run([str(word) for word in line], capture_output=True, text=True, check=True)
    return dict(json.loads(ended.stdout))
