"""What must hold before a scenario is published: schema, bilingual texts, golden runs, room to learn."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulations.conformance import model_faults
from simulations.processes import enter_process, spawning
from simulations.registry import Scenario, load, place_of, require_known, scenario_folders
from simulations.replay import replay
from simulations.scoring import SCENARIO_POLICIES, publication_faults
from simulations.texts import placeholders, read_texts
from simulations.types import LANGUAGES, Decision, Event, Inquiry, ScenarioError

if TYPE_CHECKING:  # not importable in a browser
    from multiprocessing.connection import Connection

PROBLEM_CODES = (
    "unknown_field", "missing", "not_a_choice", "not_an_integer", "not_a_number", "out_of_range", "off_step",
    "wrong_sum", "unknown_inquiry", "argument_not_allowed", "not_enough_minutes", "wrong_round",
    "run_finished", "run_not_finished", "invalid_seed",
)  # fmt: skip
SKELETON = Path(__file__).parent / "skeleton"
NAME_MARK = "SCENARIO_ID"
_ARABIC = re.compile(r"[؀-ۿ]")


def parse_event(content: object) -> Event:
    """An event from JSON: a decision has round and values; an inquiry round, inquiry_id and argument."""
    keys = set(content) if isinstance(content, dict) else set()
    if isinstance(content, dict) and keys == {"round", "values"} and isinstance(content["values"], dict):
        return Decision(content["round"], content["values"])
    if isinstance(content, dict) and {"round", "inquiry_id"} <= keys <= {"round", "inquiry_id", "argument"}:
        return Inquiry(content["round"], content["inquiry_id"], content.get("argument"))
    raise ScenarioError(
        f"An event with the keys {sorted(keys)} is neither a decision (round, values: a table) nor an inquiry "
        "(round, inquiry_id, argument)."
    )


def required_text_keys(scenario: Scenario) -> frozenset[str]:
    """Keys the texts of this scenario must hold in every language."""
    keys: set[str] = {"title", "role", "situation", "unit.loss"}
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
    """Runs pinned by digest: seed, events, digest. Raises ScenarioError without the file."""
    path = folder / "golden.json"
    if not path.is_file():
        raise ScenarioError(f"{folder.name}/golden.json is missing; a scenario pins at least two runs in it.")
    return [dict(run) for run in json.loads(path.read_text(encoding="utf-8"))["runs"]]


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


def publication_part(scenario: Scenario) -> Iterable[str]:
    """Texts nobody has written yet, and the publication rule."""
    for language in LANGUAGES:
        unwritten = read_texts(SKELETON / f"texts.{language}.md")
        for key in ("title", "role", "situation"):
            if scenario.texts(language).entries.get(key) == unwritten[key].replace(NAME_MARK, scenario.id):
                yield f"texts.{language}.md: “{key}” is still that of the skeleton."
    try:
        yield from (f"reference.json: {fault}" for fault in publication_faults(scenario.reference))
    except ScenarioError as error:
        yield str(error)


PARTS: Mapping[str, Callable[[Scenario], Iterable[str]]] = {
    "schema": text_faults,
    "model": model_faults,
    "golden": golden_faults,
    "publication": publication_part,
}


def faults(scenario: Scenario, parts: Sequence[str] = tuple(PARTS)) -> list[str]:
    """Everything that stands against publishing this scenario; empty when nothing does."""
    found: list[str] = []
    for part in parts:
        try:
            found += PARTS[part](scenario)
        except ScenarioError as error:
            found.append(str(error))
        except Exception as error:
            found.append(f"{part}: the model raised {place_of(error)}.")
    return found


def _folder_faults(scenario_id: str, parts: Sequence[str]) -> list[str]:
    try:
        return faults(load(scenario_id), parts)
    except ScenarioError as error:
        return [str(error)]


def _send_faults(sender: "Connection", folders: tuple[Path, ...], scenario_id: str, parts: Sequence[str]) -> None:
    enter_process(folders)
    sender.send(_folder_faults(scenario_id, parts))


def faults_within(scenario_id: str, seconds: float, parts: Sequence[str] = tuple(PARTS)) -> list[str]:
    """``faults`` of a folder, in a process that is ended after ``seconds``: a model may never come back.

    Where there are no processes (Pyodide) there is no limit. Raises UnknownScenario.
    """
    require_known(scenario_id)
    if (context := spawning()) is None:
        return _folder_faults(scenario_id, parts)
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send_faults, args=(sender, scenario_folders(), scenario_id, parts))
    process.start()
    sender.close()
    try:
        if receiver.poll(seconds):
            return list(receiver.recv())
        return [f"the check did not end within {seconds:g} seconds; look for an endless loop in the model."]
    except EOFError:
        process.join()
        return [f"the check broke off (exit status {process.exitcode}); the model must not end the process."]
    finally:
        process.kill()
        process.join()
