"""Command line: ``python -m simulations check|play|evaluate|golden``."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence

import numpy as np

from simulations.checks import faults, parse_event, rewrite_golden
from simulations.registry import load, scenario_ids
from simulations.replay import replay
from simulations.scoring import POLICIES, policy_run, publication_faults, run_loss, score, summarise
from simulations.types import InvalidEvent, ScenarioError

PUBLISHED_SEEDS = 200
NORMAL_95 = 1.959964


def _check(scenarios: Sequence[str]) -> int:
    wrong = 0
    for scenario_id in scenarios:
        found = faults(load(scenario_id))
        wrong += len(found)
        for fault in found:
            print(f"{scenario_id}: {fault}", file=sys.stderr)
        if not found:
            print(f"{scenario_id}: schema, texts, golden runs and publication rule hold")
    return 1 if wrong else 0


def _play() -> int:
    asked = json.load(sys.stdin)
    scenario = load(asked["scenario"])
    events = [parse_event(event) for event in asked["events"]]
    try:
        run = replay(scenario, asked["seed"], events)
    except InvalidEvent as refusal:
        texts = scenario.texts("en")
        for problem in refusal.problems:
            print(texts.problem(problem), file=sys.stderr)
        return 1
    answer = {"run": dataclasses.asdict(run)}
    if run.finished:
        answer["score"] = dataclasses.asdict(score(scenario, asked["seed"], events))
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=1)
    print()
    return 0


def _evaluate(scenario_id: str, seeds: int, *, write: bool) -> int:
    scenario = load(scenario_id)
    losses = {
        policy: np.array([run_loss(scenario, policy_run(scenario, seed, policy)) for seed in range(seeds)])
        for policy in POLICIES
    }
    print(f"{scenario_id}: loss over {seeds} seeds; gain over the baseline on the same seed, 95 % interval")
    for policy, values in losses.items():
        gain = losses["baseline"] - values
        half = NORMAL_95 * float(gain.std(ddof=1)) / float(np.sqrt(seeds))
        print(f"  {policy:9} {values.mean():10.1f}   gain {gain.mean():10.1f} ± {half:.1f}")
    summary = summarise(scenario, range(seeds))
    for fault in publication_faults(summary):
        print(f"  not publishable: {fault}")
    if write:
        text = json.dumps(dataclasses.asdict(summary), indent=1)
        (scenario.folder / "reference.json").write_text(text + "\n", encoding="utf-8")
    return 1 if publication_faults(summary) else 0


def _golden(scenario_id: str, *, write: bool) -> int:
    if write:
        rewrite_golden(load(scenario_id))
    return _check([scenario_id])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulations", description="Check, play and evaluate scenarios.")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="schema, texts, golden runs, publication rule")
    check.add_argument("scenario", nargs="*", default=list(scenario_ids()))
    commands.add_parser("play", help="JSON {scenario, seed, events} on standard input, the run on standard output")
    evaluate = commands.add_parser("evaluate", help="reference policies over many seeds, paired intervals")
    evaluate.add_argument("scenario", choices=scenario_ids())
    evaluate.add_argument("--seeds", type=int, default=PUBLISHED_SEEDS)
    evaluate.add_argument("--write", action="store_true", help="write reference.json")
    golden = commands.add_parser("golden", help="compare, or with --write pin, the digests of golden runs")
    golden.add_argument("scenario", choices=scenario_ids())
    golden.add_argument("--write", action="store_true")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 otherwise."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.command == "check":
            return _check(asked.scenario)
        if asked.command == "play":
            return _play()
        if asked.command == "evaluate":
            return _evaluate(asked.scenario, asked.seeds, write=asked.write)
        return _golden(asked.scenario, write=asked.write)
    except ScenarioError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
