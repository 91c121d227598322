"""Every simulation of every module is played at one desk, from the first page to the debrief, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

import simulations
from app.accounts import service as accounts
from app.accounts.models import Account, Cohort
from app.content.loader import load_catalogue
from app.content.schemas import Simulation
from app.core.access import Action
from app.core.db import begin
from app.sims import queries, scores
from config import ROOT
from tests.pages import Page, send

PLAYED = [
    (module.id, activity.id, activity.scenario)
    for module in load_catalogue(ROOT / "modules").modules.values()
    for activity in module.activities
    if isinstance(activity, Simulation)
]


def enrolled(database: Engine, trainee: Account, module_id: str) -> None:
    with begin(database) as session:
        cohort = Cohort(academy_id=trainee.academy_id, name=module_id, module_id=module_id)
        session.add(cohort)
        session.flush()
        if module_id != "measure-to-manage":
            accounts.enrol(session, cohort, trainee)


def play(client: FlaskClient, address: str, scenario: simulations.Scenario) -> str:
    """Judge, ask and decide through all rounds; the address of the debrief."""
    assert send(client, Page(client.get(address).text).form("/start")).status_code == 303
    for number in range(1, scenario.rounds + 1):
        page = Page(client.get(address).text)
        assert send(client, page.form("/cases"), step="pass").status_code == 303
        kind = scenario.inquiries[number % len(scenario.inquiries)]
        assert send(client, page.form("/inquiry", inquiry_id=kind.id)).status_code == 303
        answer = send(client, Page(client.get(address).text).form("/decision"), note=f"round {number}")
        assert answer.status_code == 303
    return answer.location


def test_all_ten_scenarios_are_played_in_a_module() -> None:
    assert {scenario for _module, _activity, scenario in PLAYED} == set(simulations.scenario_ids())


@pytest.mark.parametrize(("module_id", "activity_id", "scenario_id"), PLAYED)
@pytest.mark.parametrize("name", ["amina", "bushra"])
def test_a_scenario_is_played_and_debriefed(
    people: SimpleNamespace,
    sign_in: Callable,
    database: Engine,
    name: str,
    module_id: str,
    activity_id: str,
    scenario_id: str,
) -> None:
    trainee, scenario = getattr(people, name), simulations.load(scenario_id)
    enrolled(database, trainee, module_id)
    client = sign_in(trainee)
    debrief = play(client, f"/simulations/{module_id}/{activity_id}", scenario)
    run_id = int(debrief.rpartition("/")[2])
    if name == "amina":
        scores.score_run(database, run_id, worlds=2)
    page = client.get(debrief)
    assert page.status_code == 200
    texts = scenario.texts(trainee.language)
    assert texts.title in page.text
    if name == "amina":
        assert texts.equity.label in Page(page.text).text
        with begin(database, read_only=True) as session:
            run = queries.run(session, trainee, run_id, Action.SEE_RUN)
        assert run.outcome is not None
        assert run.decision_score is not None
        assert run.curiosity is not None
