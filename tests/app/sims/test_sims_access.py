"""Who may play and who may read a debrief; the language of the reader."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select

import simulations
from app.accounts.models import Account
from app.core.db import begin
from app.desk import record
from app.sims import service
from app.sims.models import SimulationEvent, SimulationRun
from simulations import Decision

DESK = "/simulations/measure-to-manage/grievance"
SCENARIO = simulations.load("grievance")


def start(database: Engine, trainee: Account) -> SimulationRun:
    with begin(database) as session:
        return service.start(session, trainee, "measure-to-manage", "grievance", "grievance")


def finish(database: Engine, trainee: Account) -> SimulationRun:
    """A run played to its end through the service, with the starting form kept in every round."""
    opened = start(database, trainee)
    with begin(database) as session:
        run = session.get_one(SimulationRun, opened.id)
        for number in range(1, SCENARIO.rounds + 1):
            service.decide(
                session,
                trainee,
                run,
                round_number=number,
                values=SCENARIO.default_values,
                note=f"reason {number}",
                key=f"key-{number}",
            )
    return run


@pytest.mark.parametrize("name", ["bilal", "farid"])
def test_instructor_and_administrator_of_the_academy_read_the_debrief_but_cannot_play(
    people: SimpleNamespace, database: Engine, sign_in: Callable, open_record: Callable, name: str
) -> None:
    run = finish(database, people.amina)
    if name == "farid":
        open_record(people.farid, people.amina)
    reader: FlaskClient = sign_in(getattr(people, name))
    page = reader.get(f"/runs/{run.id}")
    assert page.status_code == 200
    assert "The run of Amina was finished" in page.text
    assert "reason 7" in page.text
    assert "Run it again" not in page.text
    assert reader.get(f"/runs/{run.id}/scoring").status_code == 200
    assert reader.get(f"/runs/{run.id}/outcome").status_code == 200
    assert reader.get(DESK).status_code == 403
    assert reader.post(f"/runs/{run.id}/decision", data={"round": "1", "key": "x"}).status_code == 403


@pytest.mark.parametrize("name", ["bushra", "zara", "zahid"])
@pytest.mark.parametrize("page", ["", "/scoring", "/outcome"])
def test_a_stranger_finds_no_run(
    people: SimpleNamespace, database: Engine, sign_in: Callable, name: str, page: str
) -> None:
    run = finish(database, people.amina)
    assert sign_in(getattr(people, name)).get(f"/runs/{run.id}{page}").status_code == 404


@pytest.mark.parametrize("name", ["bushra", "zara"])
@pytest.mark.parametrize("act", ["decision", "inquiry"])
def test_a_trainee_cannot_act_in_the_run_of_another(
    people: SimpleNamespace, database: Engine, sign_in: Callable, name: str, act: str
) -> None:
    run = start(database, people.amina)
    form = {
        "round": "1",
        "key": "x",
        "inquiry_id": "history",
        **{k: str(v) for k, v in SCENARIO.default_values.items()},
    }
    assert sign_in(getattr(people, name)).post(f"/runs/{run.id}/{act}", data=form).status_code == 404
    with begin(database, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(SimulationEvent)) == 0


def test_an_instructor_sees_no_run_that_is_still_going_on(
    people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    run = start(database, people.amina)
    assert sign_in(people.bilal).get(f"/runs/{run.id}").status_code == 404
    answer = sign_in(people.amina).get(f"/runs/{run.id}")
    assert (answer.status_code, answer.location) == (302, DESK)


@pytest.mark.parametrize("address", ["/simulations/measure-to-manage/quiz", "/simulations/no-module/grievance"])
def test_what_is_no_simulation_is_not_found(people: SimpleNamespace, sign_in: Callable, address: str) -> None:
    assert sign_in(people.amina).get(address).status_code == 404
    assert sign_in(people.amina).post(f"{address}/start").status_code == 404


def test_the_desk_speaks_urdu_from_right_to_left(people: SimpleNamespace, database: Engine, sign_in: Callable) -> None:
    start(database, people.bushra)
    html = sign_in(people.bushra).get(DESK).text
    texts = SCENARIO.texts("ur")
    assert '<html lang="ur" dir="rtl">' in html
    for field in SCENARIO.fields:
        assert texts.field(field.id).label in html
    for kind in SCENARIO.inquiries:
        assert texts.inquiry(kind.id).label in html


def test_a_refusal_in_urdu_names_the_field_in_urdu(
    people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    run = start(database, people.bushra)
    form = {name: str(value) for name, value in SCENARIO.default_values.items()} | {"ai_threshold": "0.95"}
    answer = sign_in(people.bushra).post(f"/runs/{run.id}/decision", data={"round": "1", "key": "x", **form})
    assert answer.status_code == 422
    problem = simulations.Problem("ai_threshold", "out_of_range", {"minimum": 0.2, "maximum": 0.8})
    assert SCENARIO.texts("ur").problem(problem) in answer.text


def test_a_debrief_in_urdu_tells_the_decisions_in_urdu(
    people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    run = finish(database, people.bushra)
    html = sign_in(people.bushra).get(f"/runs/{run.id}").text
    texts = SCENARIO.texts("ur")
    assert texts.choice("triage", "first_come") in html
    assert texts.debrief[0] in html


def test_replaying_another_trainees_seed_and_decisions_gives_the_same_run(
    people: SimpleNamespace, database: Engine
) -> None:
    run = finish(database, people.amina)
    decisions = [Decision(number, SCENARIO.default_values) for number in range(1, SCENARIO.rounds + 1)]
    with begin(database, read_only=True) as session:
        stored = record.events(service.queries.event_rows(session, run.id))
    assert simulations.replay(SCENARIO, run.seed, stored).digest == (
        simulations.replay(SCENARIO, run.seed, decisions).digest
    )
