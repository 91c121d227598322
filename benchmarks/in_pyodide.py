"""Replays every scenario with its default form and prints rounds a second as JSON; runs in any Python."""

import json
import statistics
import time

import simulations

RUNS = 5


def rate(scenario: simulations.Scenario, seed: int) -> float:
    events = [simulations.Decision(number, scenario.default_values) for number in range(1, scenario.rounds + 1)]
    began = time.perf_counter()
    simulations.replay(scenario, seed, events)
    return scenario.rounds / (time.perf_counter() - began)


def rates() -> str:
    """Median of a few fresh seeds, by scenario."""
    found = {}
    for scenario_id in simulations.scenario_ids():
        scenario = simulations.load(scenario_id)
        rate(scenario, 10**6)
        found[scenario_id] = statistics.median(rate(scenario, seed) for seed in range(10**7, 10**7 + RUNS))
    return json.dumps(found)


rates()
