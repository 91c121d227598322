"""What if: a finished run played again with one decision changed, and nothing of it stored."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine, func, select

import simulations
from app.accounts.models import Account
from app.core.charts import format_number
from app.core.db import begin
from app.sims import service
from app.sims.models import SimulationEvent, SimulationRun
from simulations import Decision

SCENARIO = simulations.load("grievance")
ROUND = 3
OTHER = {**SCENARIO.default_values, "hours_municipal": 60, "hours_health": 75}


def play(database: Engine, trainee: Account, rounds: int = SCENARIO.rounds) -> SimulationRun:
    with begin(database) as session:
        run = service.start(session, trainee, "measure-to-manage", "grievance", "grievance")
        for number in range(1, rounds + 1):
            values = SCENARIO.default_values
            service.decide(session, trainee, run, round_number=number, values=values, note="", key=f"{number}")
        return run


def address(run: SimulationRun, round_number: int = ROUND, **values: object) -> str:
    return f"/runs/{run.id}/what-if/{round_number}" + (f"?{urlencode(values)}" if values else "")


def losses(run: SimulationRun, values: dict[str, object]) -> tuple[float, float]:
    """Loss of the run as it was, and with these values in ROUND."""
    own = [Decision(number, SCENARIO.default_values) for number in range(1, SCENARIO.rounds + 1)]
    other = [Decision(each.round, values if each.round == ROUND else each.values) for each in own]
    before, after = (simulations.replay(SCENARIO, run.seed, events) for events in (own, other))
    return simulations.run_loss(SCENARIO, before), simulations.run_loss(SCENARIO, after)


def test_the_form_begins_with_what_was_decided_and_compares_nothing(
    people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    page = sign_in(people.amina).get(address(play(database, people.amina))).text
    default = SCENARIO.default_values["hours_municipal"]
    assert f'name="hours_municipal" value="{default}"' in page
    assert "What would have come of it" not in page


def test_another_decision_is_played_on_the_same_chances_and_nothing_is_stored(
    people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    run = play(database, people.amina)
    page = sign_in(people.amina).get(address(run, **OTHER)).text
    own_loss, other_loss = losses(run, OTHER)
    assert own_loss != other_loss
    word = "less" if other_loss < own_loss else "more"
    assert f"{format_number(abs(own_loss - other_loss), 0)} severity-days {word} on these chances" in page
    assert f"<dd>{format_number(own_loss, 0)} severity-days</dd>" in page
    assert f"<dd>{format_number(other_loss, 0)} severity-days</dd>" in page
    with begin(database, read_only=True) as session:
        assert session.scalar(select(func.count(SimulationEvent.id))) == SCENARIO.rounds


def test_the_same_decision_changes_nothing(people: SimpleNamespace, database: Engine, sign_in: Callable) -> None:
    page = sign_in(people.amina).get(address(play(database, people.amina), **SCENARIO.default_values)).text
    assert "would have changed nothing" in page


def test_a_decision_against_the_rules_is_named_and_what_was_typed_stays(
    people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    values = {**OTHER, "hours_municipal": 200, "call_back_share": "many"}
    answer = sign_in(people.amina).get(address(play(database, people.amina), **values))
    assert answer.status_code == 422
    assert "Please correct this first" in answer.text
    assert 'value="many"' in answer.text
    assert "What would have come of it" not in answer.text


def test_the_debrief_leads_there_and_the_instructor_may_look(
    people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    run = play(database, people.amina)
    for person in (people.amina, people.bilal):
        client = sign_in(person)
        assert address(run) in client.get(f"/runs/{run.id}").text
        assert client.get(address(run)).status_code == 200


@pytest.mark.parametrize("name", ["bushra", "zara", "zahid"])
def test_a_stranger_finds_nothing(people: SimpleNamespace, database: Engine, sign_in: Callable, name: str) -> None:
    assert sign_in(getattr(people, name)).get(address(play(database, people.amina))).status_code == 404


@pytest.mark.parametrize("round_number", [0, SCENARIO.rounds + 1])
def test_there_is_no_what_if_of_a_round_that_there_is_not(
    people: SimpleNamespace, database: Engine, sign_in: Callable, round_number: int
) -> None:
    run = play(database, people.amina)
    assert sign_in(people.amina).get(address(run, round_number)).status_code == 404


def test_an_unfinished_run_has_no_what_if(people: SimpleNamespace, database: Engine, sign_in: Callable) -> None:
    run = play(database, people.amina, rounds=ROUND)
    assert sign_in(people.amina).get(address(run)).status_code == 404


def test_it_speaks_urdu(people: SimpleNamespace, database: Engine, sign_in: Callable) -> None:
    run = play(database, people.bushra)
    page = sign_in(people.bushra).get(address(run, **OTHER)).text
    assert 'dir="rtl"' in page
    assert "دوسرے فیصلے" in page
