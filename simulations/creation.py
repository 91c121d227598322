"""Writes a new scenario folder: complete, loadable and playable, with everything left to say in it."""

import json
import re
from pathlib import Path

from simulations.checks import NAME_MARK, SKELETON, rewrite_golden
from simulations.registry import read_scenario, scenario_folders, scenario_ids
from simulations.scoring import policy_run
from simulations.types import ScenarioError

GOLDEN_SEEDS = (1, 2)
GOLDEN_POLICIES = ("baseline", "random")
_ID = re.compile(r"[a-z][a-z0-9_]{1,39}")


def _refuse_id(scenario_id: str) -> None:
    if not _ID.fullmatch(scenario_id):
        raise ScenarioError(
            f"“{scenario_id}” cannot be a scenario's id: 2 to 40 small letters, digits and underscores, a letter first."
        )
    if scenario_id in scenario_ids():
        raise ScenarioError(f"There is a scenario “{scenario_id}” already; nothing was written.")


def _copy_skeleton(scenario_id: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise ScenarioError(f"{folder} exists already; nothing was written.") from error
    for path in sorted(SKELETON.iterdir()):
        if path.is_file():
            text = path.read_text(encoding="utf-8").replace(NAME_MARK, scenario_id)
            (folder / path.name).write_text(text, encoding="utf-8")


def _pin_golden_runs(folder: Path) -> None:
    scenario = read_scenario(folder)
    runs = []
    for seed, policy in zip(GOLDEN_SEEDS, GOLDEN_POLICIES, strict=True):
        made = [result.decision for result in policy_run(scenario, seed, policy).results]
        runs.append({"seed": seed, "events": [{"round": d.round, "values": dict(d.values)} for d in made]})
    (folder / "golden.json").write_text(json.dumps({"runs": runs}), encoding="utf-8")
    rewrite_golden(scenario)


def create_scenario(scenario_id: str, place: Path | None = None) -> Path:
    """Write the skeleton of a scenario into ``place`` (the last of ``scenario_folders``) and pin its golden runs.

    Raises ScenarioError for an id that is malformed or taken.
    """
    _refuse_id(scenario_id)
    folder = (place or scenario_folders()[-1]) / scenario_id
    _copy_skeleton(scenario_id, folder)
    _pin_golden_runs(folder)
    return folder


def next_steps(scenario_id: str) -> tuple[str, ...]:
    """What remains to be done in a new folder, in order."""
    return (
        "scenario.toml: rounds, fields, sum rules, indicators, inquiries, competencies and parameters, "
        "each with unit and source",
        "model.py: the scenario's own model and its policies baseline, greedy, ai_only and best",
        "texts.en.md and texts.ur.md: title, role and situation first; every key in both languages",
        "README.md: what is played and what was assumed",
        f"python -m simulations check {scenario_id} --part schema --part model",
        f"python -m simulations golden {scenario_id} --write",
        f"python -m simulations evaluate {scenario_id} --write",
        f"python -m simulations check {scenario_id}",
        "closed-form tests of the model in tests/simulations/",
    )
