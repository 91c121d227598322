"""Command line: ``python -m simulations list|check|play|evaluate|table|golden|new``.

Exit status: 0 all is well; 1 a scenario is faulty, a decision refused or a parameter set not publishable;
2 the command was wrong: unknown scenario or policy, unreadable file, unknown option.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simulations import commands
from simulations.checks import PARTS
from simulations.commands import Answer, Sampling, UnreadableDecisions
from simulations.registry import add_scenarios
from simulations.types import ScenarioError, UnknownPolicy, UnknownScenario

PUBLISHED_SEEDS = 200
CHECK_SECONDS = 300.0
FAULTY, WRONG_USE = 1, 2


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder “{text}”")
    return path


if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]


def _json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def _sampling_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", type=int, default=PUBLISHED_SEEDS, help="number of seeds, from 0 on")
    parser.add_argument("--workers", type=int, help="processes; one a processor unless told, 1 for none")
    parser.add_argument("--cache", type=Path, help="folder in which results are kept and found again")


def _limit_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--time-limit", type=float, default=CHECK_SECONDS, help="seconds a scenario may take")


def _sampling(asked: argparse.Namespace) -> Sampling:
    return Sampling(asked.seeds, asked.workers, asked.cache)


def _add_list(verbs: "Verbs") -> None:
    verb = verbs.add_parser("list", help="the scenarios there are")
    _json_option(verb)
    verb.set_defaults(answer=lambda asked: commands.list_scenarios(as_json=asked.json))


def _add_check(verbs: "Verbs") -> None:
    verb = verbs.add_parser("check", help="schema and texts, model, golden runs, publication rule")
    verb.add_argument("scenario", nargs="*", help="all when none is named")
    verb.add_argument("--part", action="append", choices=list(PARTS), help="only this part; may be repeated")
    _limit_option(verb)
    verb.set_defaults(answer=lambda asked: commands.check(asked.scenario, asked.part or list(PARTS), asked.time_limit))


def _add_play(verbs: "Verbs") -> None:
    verb = verbs.add_parser("play", help="replay the events of a JSON file on a seed")
    verb.add_argument("scenario")
    verb.add_argument("--seed", type=int, required=True)
    verb.add_argument("--decisions", type=Path, required=True, help="JSON list of events: {round, values} or inquiries")
    _json_option(verb)
    verb.set_defaults(
        answer=lambda asked: commands.play(asked.scenario, asked.seed, asked.decisions, as_json=asked.json)
    )


def _evaluate(asked: argparse.Namespace) -> Answer:
    if asked.policy is None:
        return commands.evaluate_all(asked.scenario, _sampling(asked), as_json=asked.json, write=asked.write)
    return commands.evaluate_policy(asked.scenario, asked.policy, _sampling(asked), as_json=asked.json)


def _add_evaluate(verbs: "Verbs") -> None:
    verb = verbs.add_parser("evaluate", help="reference policies over many seeds, paired intervals")
    verb.add_argument("scenario")
    only = verb.add_mutually_exclusive_group()
    only.add_argument("--policy", help="only this one, against the baseline")
    only.add_argument("--write", action="store_true", help="write reference.json")
    _sampling_options(verb)
    _json_option(verb)
    verb.set_defaults(answer=_evaluate)


def _add_table(verbs: "Verbs") -> None:
    verb = verbs.add_parser("table", help="Markdown table of scenarios and policies")
    verb.add_argument("scenario", nargs="*", help="all when none is named")
    _sampling_options(verb)
    verb.set_defaults(answer=lambda asked: commands.table(asked.scenario, _sampling(asked)))


def _add_golden(verbs: "Verbs") -> None:
    verb = verbs.add_parser("golden", help="compare, or with --write pin, the digests of golden runs")
    verb.add_argument("scenario")
    verb.add_argument("--write", action="store_true")
    _limit_option(verb)
    verb.set_defaults(answer=lambda asked: commands.pin_golden(asked.scenario, asked.time_limit, write=asked.write))


def _add_new(verbs: "Verbs") -> None:
    verb = verbs.add_parser("new", help="write a new scenario folder")
    verb.add_argument("scenario", help="its id")
    verb.set_defaults(answer=lambda asked: commands.new(asked.scenario))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulations", description="Check, play and evaluate scenarios.")
    parser.add_argument("--scenarios", type=_folder, help="a folder of scenario folders beside the package's own")
    verbs = parser.add_subparsers(dest="command", required=True)
    for add in (_add_list, _add_check, _add_play, _add_evaluate, _add_table, _add_golden, _add_new):
        add(verbs)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    asked = _parser().parse_args(arguments)
    if asked.scenarios is not None:
        add_scenarios(asked.scenarios)
    try:
        answer: Answer = asked.answer(asked)
    except (UnknownScenario, UnknownPolicy, UnreadableDecisions) as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except ScenarioError as error:
        print(error, file=sys.stderr)
        return FAULTY
    if answer.text:
        print(answer.text)
    for fault in answer.faults:
        print(fault, file=sys.stderr)
    return FAULTY if answer.faults else 0


if __name__ == "__main__":
    sys.exit(main())
