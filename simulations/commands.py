"""The commands of ``python -m simulations``: each gives the text to print and what was found wrong."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from simulations.checks import faults_within, parse_event, rewrite_golden
from simulations.creation import create_scenario, next_steps
from simulations.evaluation import Comparison, Estimate, Evaluation, compare, evaluate
from simulations.pareto import pareto_optimal
from simulations.registry import Scenario, load, scenario_ids
from simulations.replay import replay
from simulations.scoring import POLICIES, publication_faults, score
from simulations.types import LANGUAGES, Event, InvalidEvent, Run, ScenarioError


class UnreadableDecisions(ScenarioError):
    """The decisions of ``play`` cannot be read."""


class Answer(NamedTuple):
    """What a command prints, and its faults; without faults it succeeds."""

    text: str
    faults: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Sampling:
    """Over which seeds (0, 1 ...) and how an evaluation runs; see ``evaluation.seed_results``."""

    seeds: int
    workers: int | None = None
    cache: Path | None = None

    def compared(self, scenario: Scenario) -> Comparison:
        """All policies on these seeds."""
        return compare(scenario, range(self.seeds), workers=self.workers, cache=self.cache)

    def evaluated(self, scenario: Scenario, policy: str) -> Evaluation:
        """One policy on these seeds."""
        return evaluate(scenario, policy, range(self.seeds), workers=self.workers, cache=self.cache)


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)


def _described(scenario: Scenario) -> dict[str, Any]:
    return {
        "id": scenario.id,
        "version": scenario.version,
        "digest": scenario.digest,
        "title": {language: scenario.texts(language).title for language in LANGUAGES},
        "rounds": scenario.rounds,
        "office_minutes": scenario.office_minutes,
        "fields": [dataclasses.asdict(field) for field in scenario.fields],
        "sum_rules": [dataclasses.asdict(rule) for rule in scenario.sum_rules],
        "kpis": [dataclasses.asdict(kpi) for kpi in scenario.kpis],
        "truth_kpis": [dataclasses.asdict(kpi) for kpi in scenario.truth_kpis],
        "inquiries": [dataclasses.asdict(kind) for kind in scenario.inquiries],
        "policies": list(POLICIES),
    }


def list_scenarios(*, as_json: bool) -> Answer:
    """All scenarios found."""
    found = [load(scenario_id) for scenario_id in scenario_ids()]
    if as_json:
        return Answer(_json([_described(scenario) for scenario in found]))
    return Answer("\n".join(f"{s.id}\t{s.version}\t{s.rounds} rounds\t{s.texts('en').title}" for s in found))


def check(scenarios: Sequence[str], parts: Sequence[str], seconds: float) -> Answer:
    """What stands against publishing each scenario."""
    lines, wrong = [], []
    for scenario_id in scenarios or scenario_ids():
        found = faults_within(scenario_id, seconds, parts)
        wrong += [f"{scenario_id}: {fault}" for fault in found]
        if not found:
            lines.append(f"{scenario_id}: {', '.join(parts)} hold")
    return Answer("\n".join(lines), tuple(wrong))


def _read_events(path: Path) -> list[Event]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableDecisions(f"{path}: the decisions cannot be read: {error}.") from error
    if not isinstance(content, list):
        raise UnreadableDecisions(f"{path}: must hold a JSON list of events, in order.")
    try:
        return [parse_event(event) for event in content]
    except ScenarioError as error:
        raise UnreadableDecisions(f"{path}: {error}") from error


def _refusals(scenario: Scenario, seed: int, events: Sequence[Event]) -> tuple[str, ...]:
    """Sentences on the first event that is refused, with its place in the file."""
    texts = scenario.texts("en")
    for count in range(len(events) + 1):
        try:
            replay(scenario, seed, events[:count])
        except InvalidEvent as refusal:
            place = f"event {count}: " if count else ""
            return tuple(place + texts.problem(problem) for problem in refusal.problems)
    return ()


def _trajectory(scenario: Scenario, run: Run, events: Sequence[Event]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "scenario": scenario.id,
        "version": scenario.version,
        "digest": scenario.digest,
        "seed": run.seed,
        "finished": run.finished,
        "trajectory": [dataclasses.asdict(result) for result in run.results],
        "findings": [dataclasses.asdict(finding) for finding in run.findings],
        "sha256": run.digest,
    }
    if run.finished:
        content["score"] = dataclasses.asdict(score(scenario, run.seed, events))
    return content


def play(scenario_id: str, seed: int, decisions: Path, *, as_json: bool) -> Answer:
    """Replay the events of a file; refuses the first that breaks a rule."""
    scenario, events = load(scenario_id), _read_events(decisions)
    if refused := _refusals(scenario, seed, events):
        return Answer("", refused)
    run = replay(scenario, seed, events)
    if as_json:
        return Answer(_json(_trajectory(scenario, run, events)))
    rows = [f"round {r.round}: " + ", ".join(f"{k} {v:g}" for k, v in r.kpis.items()) for r in run.results]
    return Answer("\n".join([*rows, f"sha256 {run.digest}"]))


def evaluate_policy(scenario_id: str, policy: str, sampling: Sampling, *, as_json: bool) -> Answer:
    """One policy against the baseline."""
    found = sampling.evaluated(load(scenario_id), policy)
    return Answer(_json(dataclasses.asdict(found)) if as_json else _evaluation_line(found))


def _evaluation_line(found: Evaluation) -> str:
    return (
        f"  {found.policy:9} loss {found.loss.mean:10.1f} ± {found.loss.half_width:.1f}"
        f"   gain {found.gain.mean:10.1f} ± {found.gain.half_width:.1f}"
    )


def evaluate_all(scenario_id: str, sampling: Sampling, *, as_json: bool, write: bool) -> Answer:
    """All policies and the publication rule; ``write`` publishes the averages as reference.json."""
    scenario = load(scenario_id)
    found = sampling.compared(scenario)
    wrong = tuple(f"not publishable: {fault}" for fault in publication_faults(found.summary))
    if write:
        text = json.dumps(dataclasses.asdict(found.summary), indent=1)
        (scenario.folder / "reference.json").write_text(text + "\n", encoding="utf-8")
    if as_json:
        policies = {policy: dataclasses.asdict(row) for policy, row in found.evaluations.items()}
        return Answer(_json({"summary": dataclasses.asdict(found.summary), "policies": policies}), wrong)
    head = f"{scenario_id}: mean over {sampling.seeds} seeds; gain over the baseline on the same seed, 95 % interval"
    return Answer("\n".join([head, *map(_evaluation_line, found.evaluations.values())]), wrong)


def pin_golden(scenario_id: str, seconds: float, *, write: bool) -> Answer:
    """Compare the digests of golden runs, or pin those of today."""
    if write:
        rewrite_golden(load(scenario_id))
    return check([scenario_id], ["golden"], seconds)


def new(scenario_id: str) -> Answer:
    """Write a new scenario folder and say what to fill in."""
    folder = create_scenario(scenario_id)
    steps = [f"{number}. {step}" for number, step in enumerate(next_steps(scenario_id), start=1)]
    return Answer("\n".join([f"Written: {folder}. It loads and can be played. What comes next:", *steps]))


def _cell(value: Estimate, decimals: int) -> str:
    return f"{value.mean:.{decimals}f} ± {value.half_width:.{decimals}f}"


def _row(label: str, estimates: Mapping[str, Estimate], decimals: int) -> str:
    return f"| {label} | " + " | ".join(_cell(estimates[policy], decimals) for policy in POLICIES) + " |"


def _table(scenario: Scenario, found: Comparison, seeds: int) -> str:
    rows, texts = found.evaluations, scenario.texts("en")
    kpis = (*scenario.kpis, *scenario.truth_kpis)
    better = {kpi.id: kpi.better for kpi in kpis}
    means = {policy: {kpi: value.mean for kpi, value in row.kpis.items()} for policy, row in rows.items()}
    optimal = pareto_optimal(means, better)
    lines = [
        f"## {texts.title} (`{scenario.id}`, version {scenario.version})",
        f"Mean over {seeds} seeds ± half the 95 % interval; indicators as they stand after the last round.",
        "",
        "| | " + " | ".join(POLICIES) + " |",
        "|---|" + "---:|" * len(POLICIES),
        _row("loss", {p: row.loss for p, row in rows.items()}, 1),
        _row("gain over baseline", {p: row.gain for p, row in rows.items()}, 1),
        _row("what the best loses less (paired)", found.leads, 1),
        _row("score", found.scores, 1),
    ]
    for kpi in kpis:
        estimates = {policy: row.kpis[kpi.id] for policy, row in rows.items()}
        label = f"{texts.kpi(kpi.id).label}, {texts.unit(kpi.unit)} ({kpi.better} is better)"
        lines.append(_row(label, estimates, kpi.decimals))
    lines.append("| Pareto-optimal | " + " | ".join("yes" if p in optimal else "no" for p in POLICIES) + " |")
    return "\n".join(lines) + "\n"


def table(scenarios: Sequence[str], sampling: Sampling) -> Answer:
    """Markdown: a table for each scenario, measures by policies."""
    found = [load(scenario_id) for scenario_id in scenarios or scenario_ids()]
    compared = {scenario: sampling.compared(scenario) for scenario in found}
    parts = [_table(scenario, comparison, sampling.seeds) for scenario, comparison in compared.items()]
    return Answer("\n".join([_summary(compared, sampling.seeds), *parts] if len(found) > 1 else parts))


def _summary(compared: Mapping[Scenario, Comparison], seeds: int) -> str:
    lines = [
        "## All scenarios",
        f"Outcome score, mean over {seeds} seeds ± half the 95 % interval. “Best ahead” says whether the best policy "
        "loses less than each other one, with 95 % intervals of the paired differences above 0.",
        "",
        "| | " + " | ".join(POLICIES) + " | best ahead |",
        "|---|" + "---:|" * len(POLICIES) + "---|",
    ]
    for scenario, found in compared.items():
        lines.append(_row(f"`{scenario.id}`", found.scores, 1) + f" {'yes' if found.is_best_ahead else 'no'} |")
    return "\n".join(lines) + "\n"
