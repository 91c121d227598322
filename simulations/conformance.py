"""Plays a scenario's model by every policy and tells where it breaks the contract of ``engine.Model``."""

import math
import pickle
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from simulations.engine import decision_problems, run_digest
from simulations.registry import Scenario, place_of
from simulations.scoring import POLICIES, policy_form
from simulations.texts import Texts
from simulations.types import LANGUAGES, Decision, Finding, RoundResult, Situation

SEEDS = (0, 1)
REPLICATES = 2
DOUBTED = 8
EQUITY_TEXTS = {"equity.label", "equity.explanation"}


def _played(scenario: Scenario, seed: int, policy: str) -> Iterator[tuple[Any, RoundResult]]:
    """Position before and result of each round, straight from the model: nothing is cached."""
    position = scenario.model.start(seed)
    for number in range(1, scenario.rounds + 1):
        values = policy_form(scenario, policy, position, seed=seed, round_number=number)
        before = position
        position, result = scenario.model.advance(position, Decision(number, values))
        yield before, result
    yield position, result


def _infinite(values: Mapping[str, float]) -> list[str]:
    return [key for key, value in values.items() if not math.isfinite(value)]


def _result_faults(scenario: Scenario, result: RoundResult) -> Iterator[str]:
    for problem in decision_problems(scenario.fields, scenario.sum_rules, result.decision.values):
        yield f"decides what the form refuses: {problem.field_id or 'sum'} {problem.code}"
    for kpis, declared, shown in (
        (result.kpis, scenario.kpis, "play"),
        (result.truth, scenario.truth_kpis, "debrief"),
    ):
        if uneven := {kpi.id for kpi in declared} ^ set(kpis):
            yield f"indicators of “{shown}” differ from scenario.toml: {', '.join(sorted(uneven))}"
        for key in _infinite(kpis):
            yield f"indicator “{key}” is not finite"


def _situation_faults(situation: Situation, texts: Texts) -> Iterator[str]:
    needed = {f"event.{event}" for event in situation.events}
    needed |= {f"row.{row.id}" for row in situation.table} | ({"table.title"} if situation.table else set())
    needed |= {f"column.{key}" for row in situation.table for key in row.values}
    needed |= {f"advice.{advice.label}" for advice in situation.advice}
    for key in sorted(needed - set(texts.entries)):
        yield f"texts.{texts.language}.md: key “{key}” is missing, but the model shows it"


def _end_faults(scenario: Scenario, position: Any) -> Iterator[str]:
    parts = scenario.model.loss_parts(position)
    for key in _infinite(parts):
        yield f"part “{key}” of the loss is not finite"
    equity = scenario.model.equity(position)
    if not all(math.isfinite(value) for value in (equity.value, equity.threshold, *equity.groups.values())):
        yield "the equity indicator is not finite"
    needed = {f"part.{part}" for part in parts} | {f"equity_group.{group}" for group in equity.groups}
    for language in LANGUAGES:
        for key in sorted((needed | EQUITY_TEXTS) - set(scenario.texts(language).entries)):
            yield f"texts.{language}.md: key “{key}” is missing, but the debrief shows it"


def _run_faults(scenario: Scenario, seed: int, policy: str) -> Iterator[str]:
    *rounds, (end, _) = _played(scenario, seed, policy)
    for position, result in rounds:
        yield from (f"round {result.round}: {fault}" for fault in _result_faults(scenario, result))
        for language in LANGUAGES:
            yield from _situation_faults(scenario.model.situation(position), scenario.texts(language))
        yield from _case_faults(scenario, position)
    yield from _end_faults(scenario, end)
    again = [result for _, result in _played(scenario, seed, policy)][:-1]
    if run_digest(again) != run_digest([result for _, result in rounds]):
        yield "gives another run when played again; use engine.stream for every die and change no position"


def _case_faults(scenario: Scenario, position: Any) -> Iterator[str]:
    groups = scenario.model.equity(position).groups
    for case in scenario.model.cases(position):
        for name, value in (("advice", case.advice), ("truth", case.truth)):
            if value not in case.answers:
                yield f"case “{case.id}”: {name} is “{value}”, which is not among its answers"
        if case.group not in groups:
            yield f"case “{case.id}”: group “{case.group}” is none of equity's"
        if not 0 <= case.confidence <= 1:
            yield f"case “{case.id}”: confidence must lie within 0 and 1"
        needed = {"case.question"} | {f"case.{key}" for key in case.values} | {f"answer.{a}" for a in case.answers}
        needed |= {f"case.{key}.{value}" for key, value in case.values.items() if isinstance(value, str)}
        for language in LANGUAGES:
            for key in sorted(needed - set(scenario.texts(language).entries)):
                yield f"texts.{language}.md: key “{key}” is missing, but a case shows it"


def _inquiry_faults(scenario: Scenario) -> Iterator[str]:
    position = scenario.model.start(SEEDS[0])
    for kind in scenario.inquiries:
        values = scenario.model.investigate(position, kind.id, kind.default_argument)
        for key in _infinite(values):
            yield f"inquiry “{kind.id}”: figure “{key}” is not finite"
        for language in LANGUAGES:
            try:
                scenario.texts(language).finding(Finding(1, kind.id, kind.default_argument, values))
            except KeyError as missing:
                yield f"texts.{language}.md: “finding.{kind.id}” asks for {missing}, which the model does not give"


def _referee_faults(scenario: Scenario) -> Iterator[str]:
    position = scenario.model.start(SEEDS[0])
    candidates = scenario.model.candidates(position)
    for values in candidates:
        if problems := decision_problems(scenario.fields, scenario.sum_rules, values):
            yield f"candidates: the form refuses one of them: {problems[0].field_id or 'sum'} {problems[0].code}"
    worlds = scenario.model.possible(position, REPLICATES, SEEDS[0], asked=True)
    losses = scenario.model.losses_to_go(worlds, candidates[:2])
    if losses.shape != (len(candidates[:2]), REPLICATES) or not np.isfinite(losses).all():
        yield "losses_to_go: must give one finite number a decision and world"
    for asked in (False, True):
        yield from _world_faults(scenario, position, asked=asked)
    yield from _doubt_faults(scenario, position)


def _doubt_faults(scenario: Scenario, position: Any) -> Iterator[str]:
    """Before anything was asked some answer must still be open, or curiosity has nothing to find."""
    worlds = scenario.model.possible(position, DOUBTED, SEEDS[0], asked=False)
    for kind in scenario.inquiries:
        answers = [scenario.model.investigate(world, kind.id, kind.default_argument) for world in worlds]
        if any(answer != answers[0] for answer in answers):
            return
    yield "possible: without questions asked every inquiry brings the same in all worlds; see docs/adding-a-scenario.md"


def _answered(scenario: Scenario, position: Any) -> Mapping[str, set[str]]:
    """Names of the figures that each inquiry brings."""
    return {
        kind.id: set(scenario.model.investigate(position, kind.id, kind.default_argument))
        for kind in scenario.inquiries
    }


def _world_faults(scenario: Scenario, position: Any, *, asked: bool) -> Iterator[str]:
    worlds = scenario.model.possible(position, REPLICATES, SEEDS[0], asked=asked)
    if len(worlds) != REPLICATES:
        yield f"possible: gave {len(worlds)} worlds where {REPLICATES} were asked for"
    situation = scenario.model.situation(position)
    here = _answered(scenario, position)
    for world in worlds:
        if scenario.model.situation(world) != situation:
            yield "possible: a world looks different to the office"
        there = _answered(scenario, world)
        for kind in scenario.inquiries:
            if there[kind.id] != here[kind.id]:
                yield f"possible: inquiry “{kind.id}” brings other figures there than here"


def _told(who: str, faults: Iterable[str]) -> Iterator[str]:
    """Each fault once, with who showed it; an exception of the model becomes a fault."""
    seen = set()
    try:
        for fault in faults:
            if fault not in seen:
                seen.add(fault)
                yield f"{who}: {fault}."
    except Exception as error:
        yield f"{who} raised {place_of(error)}."


def _pickle_faults(scenario: Scenario) -> Iterator[str]:
    try:
        pickle.dumps(scenario.model)
    except Exception as error:
        yield f"model: cannot be sent to another process, so it cannot be evaluated in parallel: {place_of(error)}."


def model_faults(scenario: Scenario) -> Iterator[str]:
    """Exceptions, undeclared indicators, missing texts, refused forms and dice that are not pinned to the seed."""
    for policy in POLICIES:
        for seed in SEEDS:
            yield from _told(f"model, policy “{policy}”, seed {seed}", _run_faults(scenario, seed, policy))
    yield from _told("model, inquiries", _inquiry_faults(scenario))
    yield from _told("model, decision score", _referee_faults(scenario))
    yield from _pickle_faults(scenario)
