"""Weights are chosen before the first round, kept, and used to judge the run in the debrief."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import Engine, select

import simulations
from app.accounts.models import Account
from app.core.db import begin
from app.sims import service, weights
from app.sims.models import SimulationRun
from app.sims.scoring import OWN, Outcome
from simulations import Decision

DESK = "/simulations/measure-to-manage/grievance"
SCENARIO = simulations.load("grievance")
KPIS = [kpi.id for kpi in SCENARIO.kpis]


def chosen(**changes: str) -> dict[str, str]:
    return {f"weight-{kpi}": "3" for kpi in KPIS} | {f"weight-{kpi}": value for kpi, value in changes.items()}


def runs(database: Engine) -> list[SimulationRun]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(SimulationRun)))


def finish(database: Engine, trainee: Account, run_weights: dict[str, int], reason: str = "") -> SimulationRun:
    """A run of default decisions with its outcome computed, as the worker does."""
    with begin(database) as session:
        arguments = (session, trainee, "measure-to-manage", "grievance", "grievance")
        run = service.start(*arguments, weights=run_weights, reason=reason)
        for number in range(1, SCENARIO.rounds + 1):
            values = SCENARIO.default_values
            service.decide(session, trainee, run, round_number=number, values=values, note="", key=f"{number}")
        events = [Decision(number, SCENARIO.default_values) for number in range(1, SCENARIO.rounds + 1)]
        outcome = Outcome.of(SCENARIO, run.seed, events)
        run.outcome, run.outcome_score = outcome.as_json(), outcome.score.outcome
        return run


def test_the_form_proposes_all_alike_and_what_is_chosen_is_kept_with_its_reason(
    people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    client = sign_in(people.amina)
    page = client.get(DESK).text
    assert len(re.findall(r'<option value="3" selected>', page)) == len(KPIS)
    form = chosen(**{KPIS[0]: "5", KPIS[1]: "0"})
    assert client.post(f"{DESK}/start", data=form | {"reason": "Silence is no success."}).status_code == 303
    [run] = runs(database)
    assert run.weights == {kpi: int(form[f"weight-{kpi}"]) for kpi in KPIS}
    assert run.weights_reason == "Silence is no success."


@pytest.mark.parametrize("typed", ["6", "-1", "1.5", "", "many"])
def test_a_weight_that_is_none_is_refused_and_the_rest_stays(
    people: SimpleNamespace, database: Engine, sign_in: Callable, typed: str
) -> None:
    form = chosen(**{KPIS[0]: typed, KPIS[1]: "5"}) | {"reason": "kept words"}
    answer = sign_in(people.amina).post(f"{DESK}/start", data=form)
    assert answer.status_code == 422
    assert f'href="#weight-{KPIS[0]}">Choose a number from 0 to 5.' in answer.text
    assert "kept words" in answer.text
    assert '<option value="5" selected>' in answer.text
    assert runs(database) == []


def test_all_zero_and_reasons_without_end_are_refused(
    people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    client = sign_in(people.amina)
    nothing = client.post(f"{DESK}/start", data=chosen(**dict.fromkeys(KPIS, "0")))
    assert nothing.status_code == 422
    assert "Give at least one indicator more than 0." in nothing.text
    endless = client.post(f"{DESK}/start", data=chosen() | {"reason": "x" * 1001})
    assert endless.status_code == 422
    assert "1 characters too long" in endless.text
    assert runs(database) == []


def test_the_debrief_judges_by_the_weights_of_the_first_day(
    people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    run = finish(database, people.amina, {KPIS[0]: 5, KPIS[1]: 2}, "Reported is not resolved.")
    page = sign_in(people.amina).get(f"/runs/{run.id}").text
    assert "Reported is not resolved." in page
    texts = SCENARIO.texts("en")
    assert f"{texts.kpi(KPIS[0]).label} (%, weight 5)" in page
    assert f"{texts.kpi(KPIS[2]).label} ({texts.unit(SCENARIO.kpis[2].unit)}, weight" not in page
    stored = Outcome.from_json(run.outcome)
    points = [course[-1] for course in stored.courses.values()]
    assert len(points) == 5
    assert "By your weights, from 0 to 100" in page


def test_the_verdict_says_whether_another_policy_is_better_whatever_the_weights(
    app: Flask, people: SimpleNamespace, database: Engine
) -> None:
    outcome = Outcome.from_json(finish(database, people.amina, {}).outcome)
    first = SCENARIO.kpis[0]
    best = max(course[-1][first.id] for course in outcome.courses.values())
    for value, words in ((best + 1, "Each of these policies"), (best - 1, "Another of these policies")):
        courses = {**outcome.courses, OWN: [*outcome.courses[OWN][:-1], {**outcome.courses[OWN][-1], first.id: value}]}
        with app.test_request_context():
            judged = weights.judge(SCENARIO, SCENARIO.texts("en"), replace(outcome, courses=courses), {first.id: 1})
        assert judged is not None
        assert judged.verdict.startswith(words)


def test_weights_for_indicators_that_are_gone_judge_nothing(
    app: Flask, people: SimpleNamespace, database: Engine
) -> None:
    outcome = Outcome.from_json(finish(database, people.amina, {}).outcome)
    with app.test_request_context():
        assert weights.judge(SCENARIO, SCENARIO.texts("en"), outcome, {"gone": 4}) is None


def test_a_run_without_weights_is_shown_without_them(
    people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    run = finish(database, people.amina, {})
    assert "By what you said mattered" not in sign_in(people.amina).get(f"/runs/{run.id}").text
