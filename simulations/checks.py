"""What must hold before a scenario is published: schema, bilingual texts, golden runs, room to learn."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from simulations.registry import Scenario
from simulations.replay import replay
from simulations.scoring import SCENARIO_POLICIES, publication_faults
from simulations.texts import placeholders, read_texts
from simulations.types import LANGUAGES, Decision, Event, Inquiry, ScenarioError

PROBLEM_CODES = (
    "unknown_field", "missing", "not_a_choice", "not_an_integer", "not_a_number", "out_of_range", "off_step",
    "wrong_sum", "unknown_inquiry", "argument_not_allowed", "not_enough_minutes", "wrong_round",
    "run_finished", "run_not_finished", "invalid_seed",
)  # fmt: skip
_ARABIC = re.compile(r"[؀-ۿ]")


def parse_event(content: Mapping[str, Any]) -> Event:
    """An event from JSON: a decision has round and values; an inquiry round, inquiry_id and argument."""
    keys = set(content)
    if keys == {"round", "values"}:
        return Decision(content["round"], content["values"])
    if {"round", "inquiry_id"} <= keys <= {"round", "inquiry_id", "argument"}:
        return Inquiry(content["round"], content["inquiry_id"], content.get("argument"))
    raise ScenarioError(
        f"An event with the keys {sorted(keys)} is neither a decision (round, values) nor an inquiry "
        "(round, inquiry_id, argument)."
    )


def required_text_keys(scenario: Scenario) -> frozenset[str]:
    """Keys the texts of this scenario must hold in every language."""
    keys: set[str] = {"title", "role", "situation"}
    for field in scenario.fields:
        keys |= {
            f"field.{field.id}.label",
            f"field.{field.id}.hint",
            f"group.{field.group}",
            f"unit.{field.unit}",
        }
        keys |= {f"choice.{field.id}.{choice}" for choice in field.choices}
    for kpi in (*scenario.kpis, *scenario.truth_kpis):
        keys |= {f"kpi.{kpi.id}.label", f"kpi.{kpi.id}.explanation", f"unit.{kpi.unit}"}
    for kind in scenario.inquiries:
        keys |= {f"inquiry.{kind.id}.label", f"inquiry.{kind.id}.hint", f"finding.{kind.id}"}
    keys |= {f"problem.{code}" for code in PROBLEM_CODES} | {f"policy.{policy}" for policy in SCENARIO_POLICIES}
    return frozenset(keys | {f"unit.{rule.unit}" for rule in scenario.sum_rules})


def text_faults(scenario: Scenario) -> Iterable[str]:
    """Missing keys, keys or placeholders that differ between languages, Urdu entries without Urdu letters."""
    texts = {language: read_texts(scenario.folder / f"texts.{language}.md") for language in LANGUAGES}
    for language, entries in texts.items():
        for key in sorted(required_text_keys(scenario) - set(entries)):
            yield f"texts.{language}.md: key “{key}” is missing."
    english, urdu = texts["en"], texts["ur"]
    for key in sorted(set(english) ^ set(urdu)):
        yield f"texts: key “{key}” stands in one language only."
    for key in sorted(set(english) & set(urdu)):
        if placeholders(english[key]) != placeholders(urdu[key]):
            yield f"texts: key “{key}” has different placeholders in the two languages."
        if not _ARABIC.search(urdu[key]):
            yield f"texts.ur.md: key “{key}” holds no Urdu."


def read_golden(folder: Path) -> list[dict[str, Any]]:
    """Runs pinned by digest: seed, events, digest."""
    runs = json.loads((folder / "golden.json").read_text(encoding="utf-8"))["runs"]
    return [dict(run) for run in runs]


def golden_faults(scenario: Scenario) -> Iterable[str]:
    """Golden runs whose replay no longer gives the pinned digest."""
    for number, golden in enumerate(read_golden(scenario.folder)):
        run = replay(scenario, golden["seed"], [parse_event(event) for event in golden["events"]])
        if run.digest != golden["digest"]:
            yield (
                f"golden.json: run {number} replays to {run.digest[:12]}, pinned is {golden['digest'][:12]}. "
                "If the change is meant, raise “version” in scenario.toml and run "
                f"“python -m simulations golden {scenario.id} --write”."
            )


def rewrite_golden(scenario: Scenario) -> None:
    """Pin the digests of today; only together with a new ``version``."""
    runs = read_golden(scenario.folder)
    for golden in runs:
        events = [parse_event(event) for event in golden["events"]]
        golden["digest"] = replay(scenario, golden["seed"], events).digest
    text = json.dumps({"runs": runs}, indent=1, ensure_ascii=False)
    (scenario.folder / "golden.json").write_text(text + "\n", encoding="utf-8")


def faults(scenario: Scenario) -> list[str]:
    """Everything that stands against publishing this scenario; empty when nothing does."""
    found = [*text_faults(scenario), *golden_faults(scenario)]
    try:
        return found + [f"reference.json: {fault}" for fault in publication_faults(scenario.reference)]
    except ScenarioError as error:
        return [*found, str(error)]
