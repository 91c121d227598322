"""What a device played without a link is played again by the academy's rules: in order, once, and nothing is lost."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import Engine, select

import simulations
from app.accounts.models import Cohort
from app.core import wording
from app.core.assets import current_assets
from app.core.db import begin
from app.desk import device
from app.exercises import service as exercises
from app.sims.models import CaseAnswer, Memo, SimulationAside, SimulationEvent, SimulationRun
from app.sims.seeds import of_practice
from config import ROOT

DESK = "/simulations/measure-to-manage/grievance"
SCENARIO = simulations.load("grievance")
DEFAULTS = {field.id: f"{field.default}" for field in SCENARIO.fields}


class Device:
    """A device that keeps the simulation and has no link until it sends."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.done = client, list[dict[str, Any]]()
        self.run = client.get(f"{DESK}/run.json").get_json()
        self.base = len(self.run["events"])

    def act(self, kind: str, **form: str) -> str:
        before = wording._speakers[:]
        question = {"run": self.run, "done": self.done, "language": "en", "act": kind, "form": form}
        shown = json.loads(device.answer(json.dumps(question)))
        wording._speakers[:] = before
        if shown["done"]:
            self.done.append(shown["done"])
        return str(shown["html"])

    def start(self) -> None:
        self.act("start", **{f"weight-{kpi.id}": "4" for kpi in SCENARIO.kpis})

    def decide(self, number: int, **changes: str) -> str:
        return self.act("decide", round=str(number), key=f"key-{number}", note="why", **(DEFAULTS | changes))

    def batch(self) -> dict[str, Any]:
        batch = {key: self.run[key] for key in ("number", "seed", "scenario_digest")} | {"base": self.base}
        batch["done"] = [each | {"elapsed": 60.0 - place} for place, each in enumerate(self.done)]
        return batch

    def send(self, client: FlaskClient | None = None, **changes: Any) -> dict[str, Any]:
        answer = (client or self.client).post(f"{DESK}/played", json=self.batch() | changes)
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())


@pytest.fixture
def kept(people: SimpleNamespace, sign_in: Callable) -> Device:
    return Device(sign_in(people.amina))


def rows(database: Engine, table: type) -> list[Any]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def rounds(database: Engine) -> list[int]:
    return [row.round for row in rows(database, SimulationEvent) if row.kind == "decision"]


def test_rounds_questions_and_cases_arrive_in_order_with_the_same_figures(kept: Device, database: Engine) -> None:
    kept.start()
    shown = kept.act("judge", round="1", step="pass")
    assert "What the AI tool says" in shown
    question = next(kind for kind in SCENARIO.inquiries if kind.argument is None)
    assert "What you found" in kept.act("inquire", round="1", key="asked", inquiry_id=question.id)
    kept.decide(1)
    shown = kept.decide(2)
    answer = kept.send()
    assert answer["is_taken"]
    assert [(row.kind, row.round) for row in rows(database, SimulationEvent)] == [
        ("inquiry", 1),
        ("decision", 1),
        ("decision", 2),
    ]
    [run] = rows(database, SimulationRun)
    assert run.seed == kept.run["seed"]
    assert run.weights == {kpi.id: 4 for kpi in SCENARIO.kpis}
    moments = [run.started_at, *(row.recorded_at for row in rows(database, SimulationEvent))]
    assert moments == sorted(moments)
    assert len(set(moments)) == len(moments)
    assert rows(database, CaseAnswer)
    page = kept.client.get(DESK).text
    office = shown[shown.index('id="office"') : shown.index('id="cases"')]
    assert _without_chance(office) in _without_chance(page)
    assert answer["run"]["is_begun"]
    assert len(answer["run"]["events"]) == 3


def test_what_somebody_types_in_a_tab_comes_up_for_nobody_else_and_in_no_other_office(
    kept: Device, people: SimpleNamespace, sign_in: Callable
) -> None:
    devices = [kept, Device(kept.client), Device(sign_in(people.bushra))]
    seed_elsewhere = of_practice("secret", people.amina.id, "another-module", "another-office")(0)
    devices[1].run |= {"seed": seed_elsewhere}
    names = set()
    for each in devices:
        each.start()
        names |= set(re.findall(r'data-draft="([^"]+)"', each.act("")))
    assert len(names) == 3


def test_a_batch_that_comes_twice_or_grew_meanwhile_counts_once(kept: Device, database: Engine) -> None:
    kept.start()
    kept.decide(1)
    assert kept.send()["is_taken"]
    assert kept.send()["is_taken"]
    kept.decide(2)
    assert kept.send()["is_taken"]
    assert rounds(database) == [1, 2]
    assert rows(database, SimulationAside) == []


def test_a_whole_run_is_finished_with_its_memo_and_scored_by_the_academy(kept: Device, database: Engine) -> None:
    kept.start()
    for number in range(1, SCENARIO.rounds + 1):
        shown = kept.decide(number)
    assert "All rounds are decided" in shown
    kept.act("memo", memo="It went well. One thing did not. Check it.")
    for _each in range(2):
        answer = kept.send()
        assert answer["is_taken"]
    [run] = rows(database, SimulationRun)
    assert run.finished_at is not None
    assert answer["address"] == f"/runs/{run.id}"
    [memo] = rows(database, Memo)
    assert memo.text.startswith("It went well.")
    assert answer["run"]["number"] == 1
    assert answer["run"]["seed"] != run.seed


def test_what_is_against_the_rules_is_laid_aside_with_all_that_follows(kept: Device, database: Engine) -> None:
    kept.start()
    kept.decide(1)
    kept.decide(2)
    kept.decide(3)
    field = next(field for field in SCENARIO.fields if field.kind != "choice")
    kept.done[2]["payload"]["values"][field.id] = 10_000_000
    for _each in range(2):
        assert not kept.send()["is_taken"]
    assert rounds(database) == [1]
    [aside] = rows(database, SimulationAside)
    assert (aside.reason, [done["round"] for done in aside.done]) == ("refused", [2, 3])
    page = kept.client.get(DESK).text
    assert "against the rules of the simulation" in page
    assert "Round 2 of" in page


def test_a_run_that_went_on_elsewhere_stays_and_both_computers_are_told(
    kept: Device, people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    kept.start()
    kept.decide(1)
    kept.send()
    here, there = Device(kept.client), Device(sign_in(people.amina))
    there.act("decide", round="2", key="there", note="", **DEFAULTS)
    assert there.send()["is_taken"]
    here.decide(2)
    answer = here.send()
    assert not answer["is_taken"]
    assert len(answer["run"]["events"]) == 2
    assert [row.idempotency_key for row in rows(database, SimulationEvent)] == ["key-1", "there"]
    assert [aside.reason for aside in rows(database, SimulationAside)] == ["moved"]
    for client in (here.client, there.client):
        page = client.get(DESK).text
        assert "meanwhile gone on elsewhere" in page
        assert "why" in page


def test_a_run_begun_on_two_computers_is_one_run(kept: Device, database: Engine) -> None:
    form = {f"weight-{kpi.id}": "2" for kpi in SCENARIO.kpis}
    kept.start()
    kept.decide(1)
    assert kept.client.post(f"{DESK}/start", data=form).status_code == 303
    assert kept.send()["is_taken"]
    [run] = rows(database, SimulationRun)
    assert run.seed == kept.run["seed"]
    assert run.weights == {kpi.id: 2 for kpi in SCENARIO.kpis}
    assert rounds(database) == [1]


def test_a_device_plays_no_run_of_another_version_of_the_scenario(kept: Device) -> None:
    question = {"run": kept.run | {"scenario_digest": "0" * 64}, "done": [], "language": "en", "act": "", "form": {}}
    assert json.loads(device.answer(json.dumps(question))) == {"is_outdated": True}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"seed": 7}, "seed"), ({"scenario_digest": "0" * 64}, "changed"), ({"number": 3}, "seed")],
)
def test_other_chances_or_another_scenario_begin_no_run(
    kept: Device, database: Engine, changes: dict[str, Any], reason: str
) -> None:
    kept.start()
    kept.decide(1)
    assert not kept.send(**changes)["is_taken"]
    assert rows(database, SimulationRun) == []
    [aside] = rows(database, SimulationAside)
    assert (aside.reason, aside.run_id) == (reason, None)


def test_another_person_cannot_send_it_as_their_own(
    kept: Device, people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    kept.start()
    kept.decide(1)
    assert kept.send()["is_taken"]
    assert not kept.send(client=sign_in(people.bushra))["is_taken"]
    assert [run.trainee_id for run in rows(database, SimulationRun)] == [people.amina.id]


def test_who_may_not_play_is_refused(people: SimpleNamespace, sign_in: Callable) -> None:
    for person in (people.bilal, people.farid):
        client = sign_in(person)
        assert client.get(f"{DESK}/run.json").status_code == 403
        assert client.post(f"{DESK}/played", json={}).status_code == 403


@pytest.mark.parametrize(
    "done",
    [
        [],
        [{"kind": "other"}],
        [{"kind": "memo", "text": "x", "elapsed": -1}],
        [{"kind": "memo", "text": "x", "elapsed": 1, "score": 100}],
        [{"kind": "start", "weights": {"backlog": 9}, "reason": "", "elapsed": 1}],
    ],
)
def test_what_cannot_be_read_is_refused_in_words(kept: Device, database: Engine, done: list[object]) -> None:
    batch = {"number": 0, "seed": 1, "scenario_digest": "", "base": 0, "done": done}
    answer = kept.client.post(f"{DESK}/played", json=batch)
    assert answer.status_code == 422
    assert "It stays on the device" in answer.text
    assert rows(database, SimulationRun) == []


def test_the_seed_of_an_exercise_is_never_given_out(
    kept: Device, cohort: Cohort, people: SimpleNamespace, database: Engine
) -> None:
    with begin(database) as session:
        exercise = exercises.create(session, people.bilal, cohort, "grievance", title="Week", attempts=1, paced=False)
    address = f"/exercises/{exercise.id}"
    form = {f"weight-{kpi.id}": "2" for kpi in SCENARIO.kpis}
    assert kept.client.post(f"{address}/start", data=form).status_code == 303
    for page in (address, f"{DESK}/run.json", DESK, "/learn/measure-to-manage/kept.json"):
        assert str(exercise.seed) not in kept.client.get(page).text
    assert 'id="device"' not in kept.client.get(address).text
    assert not kept.client.get(f"{DESK}/run.json").get_json()["is_begun"]


SCENARIOS = ("grievance", "procurement")


def test_pyodide_prints_the_desk_as_the_academys_python_does(app: Flask) -> None:
    """Two scenarios, two rounds each, in Urdu: the same figures, charts, tables and sentences, letter by letter."""
    with app.test_request_context():
        packed = Path(str(app.static_folder)) / current_assets().desk_runtime().removeprefix("/static/")
    questions = [question for scenario_id in SCENARIOS for question in _questions(simulations.load(scenario_id))]
    command = ["node", str(Path(__file__).with_name("desk_in_pyodide.mjs")), str(ROOT / "node_modules" / "pyodide")]
    ended = subprocess.run(
        [*command, str(packed), json.dumps(questions)], capture_output=True, text=True, timeout=240, check=False
    )
    assert ended.returncode == 0, ended.stderr
    answers = json.loads(ended.stdout)
    with app.test_request_context(), force_locale("ur"):
        expected = [_shown(question) for question in questions]
    assert all(answer["done"] for answer in answers)
    for here, there in zip(expected, answers, strict=True):
        assert _without_chance(there["html"]) == _without_chance(here.html)
        assert there["done"] == here.done


def _shown(question: dict[str, Any]) -> device.Shown:
    """As the academy prints it, with its own texts."""
    desk = device.Desk.of(question["run"], question["done"], question["language"])
    return device.act(desk, question["act"], question["form"])


def _questions(scenario: simulations.Scenario) -> list[dict[str, Any]]:
    run = {
        "scenario": scenario.id,
        "scenario_digest": scenario.digest,
        "number": 0,
        "seed": 11,
        "is_begun": True,
        "memo": "",
        "events": [],
        "answers": {},
        "situation": {"en": "", "ur": ""},
    }
    values = {field.id: field.default for field in scenario.fields}
    form = {name: f"{value}" for name, value in values.items()} | {"note": "وجہ"}
    first = {"kind": "decision", "round": 1, "payload": {"values": values}, "note": "", "key": "1"}
    question = {"run": run, "language": "ur", "act": "decide"}
    return [
        question | {"done": [], "form": form | {"round": "1", "key": "1"}},
        question | {"done": [first], "form": form | {"round": "2", "key": "2"}},
    ]


def _without_chance(html: str) -> str:
    """Without the keys of forms and the ids of drawings, which are new each time, and all space alike."""
    return " ".join(re.sub(r'name="key" value="[0-9a-f]+"|id="chart-[0-9a-f-]+"', "", html).split())


@pytest.mark.on_postgresql
def test_a_sign_that_no_text_can_hold_is_refused_in_words_and_nothing_is_kept(kept: Device, database: Engine) -> None:
    """The database refuses it in the middle of the request, whose page reads the database again."""
    kept.start()
    kept.decide(1)
    kept.done[-1]["key"] = "sent\0twice"
    answer = kept.client.post(f"{DESK}/played", json=kept.batch())
    assert answer.status_code == 400
    assert "holds a sign that no text can hold (NUL)" in answer.text
    assert "Sign out" in answer.text
    assert rows(database, SimulationRun) == []
