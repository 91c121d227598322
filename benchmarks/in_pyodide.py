"""How fast scenarios are replayed with their default form.

Run as a script, it gives the rates of all scenarios as JSON by its last line, which is what Pyodide hands back.
"""

import json
import statistics
import time

import simulations

RUNS = 5


def rate(scenario: simulations.Scenario, seed: int) -> float:
    """Rounds a second of one replay; with a fresh seed nothing is remembered."""
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


rates() if __name__ == "__main__" else None
