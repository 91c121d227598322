"""Prints the digests of all golden runs, and an evaluation that asks for processes; runs in any Python."""

import json
import sys

import simulations
from simulations.checks import parse_event, read_golden
from simulations.evaluation import evaluate


def digests():
    """Digest of every golden run by scenario, replayed here."""
    found = {}
    for scenario_id in simulations.scenario_ids():
        scenario = simulations.load(scenario_id)
        runs = [(run["seed"], [parse_event(event) for event in run["events"]]) for run in read_golden(scenario.folder)]
        found[scenario_id] = [simulations.replay(scenario, seed, events).digest for seed, events in runs]
    return found


def report():
    """What both Pythons must agree on."""
    random = evaluate(simulations.load("grievance"), "random", range(3), workers=2)
    return json.dumps({"platform": sys.platform, "digests": digests(), "random_loss": random.loss.mean})


report()
