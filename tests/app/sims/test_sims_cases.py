"""Cases on the desk: judged before the tool's advice is seen, never changed afterwards, counted in the debrief."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

import simulations
from app.accounts.models import Account
from app.competencies.models import Evidence
from app.core.db import begin
from app.sims import queries, scores
from app.sims.models import SimulationRun
from tests.app.sims.test_sims_runs import DESK, SCENARIO, open_desk, run_of
from tests.pages import Page, send

ADVICE = "What the AI tool says"


def cases_of(run: SimulationRun, decided: int = 0) -> tuple[simulations.Case, ...]:
    decisions = [simulations.Decision(number + 1, SCENARIO.default_values) for number in range(decided)]
    return simulations.cases_of(SCENARIO, run.seed, decisions)


def answers(cases: tuple[simulations.Case, ...], answer: Callable[[simulations.Case], str]) -> dict[str, str]:
    return {f"case-{case.id}": answer(case) for case in cases}


def wrong(case: simulations.Case) -> str:
    return next(answer for answer in case.answers if answer != case.truth)


def stored(database: Engine, run: SimulationRun) -> list[tuple[str | None, str | None]]:
    with begin(database, read_only=True) as session:
        return [(row.first, row.final) for row in queries.case_answers(session, run.id).values()]


def test_advice_is_hidden_until_the_cases_are_judged_and_then_shown(amina, people, database):
    page = open_desk(amina)
    run = run_of(database, people.amina)
    assert SCENARIO.texts("en").case_question in page.text
    assert "The tool says" not in page.text
    assert ADVICE not in page.text
    reply = send(amina, page.form("/cases"), step="first", **answers(cases_of(run), lambda case: case.truth))
    assert reply.status_code == 303
    page = Page(amina.get(reply.location).text)
    for case in cases_of(run):
        assert f"{SCENARIO.texts('en').answer(case.advice)} (it says it is" in page.text
    assert ADVICE in page.text


def test_a_first_answer_stands_however_often_another_is_sent(amina, people, database):
    form = open_desk(amina).form("/cases")
    run = run_of(database, people.amina)
    cases = cases_of(run)
    send(amina, form, step="first", **answers(cases, wrong))
    assert send(amina, form, step="first", **answers(cases, lambda case: case.truth)).status_code == 303
    send(amina, form, step="final", **answers(cases, lambda case: case.truth))
    send(amina, form, step="final", **answers(cases, wrong))
    assert stored(database, run) == [(wrong(case), case.truth) for case in cases]


def test_passed_over_cases_show_the_advice_and_take_no_answer(amina, people, database):
    form = open_desk(amina).form("/cases")
    run = run_of(database, people.amina)
    page = Page(amina.get(send(amina, form, step="pass").location).text)
    assert ADVICE in page.text
    assert not any(form["action"].endswith("/cases") for form in page.forms)
    send(amina, form, step="first", **answers(cases_of(run), wrong))
    assert stored(database, run) == [(None, None), (None, None)]


@pytest.mark.parametrize("typed", ["", "perhaps"])
def test_an_answer_that_is_missing_or_none_of_those_offered_is_refused_at_its_case(amina, people, database, typed):
    form = open_desk(amina).form("/cases")
    run = run_of(database, people.amina)
    first, second = cases_of(run)
    reply = send(amina, form, step="first", **{f"case-{first.id}": first.truth, f"case-{second.id}": typed})
    assert reply.status_code == 422
    assert f'href="#case-{second.id}"' in reply.text
    assert f'id="case-{second.id}-error"' in reply.text
    assert f'value="{first.truth}" checked' in reply.text
    assert stored(database, run) == []


def test_answers_to_a_round_that_is_over_are_a_conflict(amina, people, database):
    form = open_desk(amina).form("/cases")
    send(amina, Page(amina.get(DESK).text).form("/decision"))
    reply = send(amina, form, step="first", **answers(cases_of(run_of(database, people.amina)), wrong))
    assert reply.status_code == 409
    assert stored(database, run_of(database, people.amina)) == []


@pytest.mark.parametrize("step", ["", "second"])
def test_a_form_without_its_step_is_refused(amina, people, database, step):
    reply = send(amina, open_desk(amina).form("/cases"), step=step)
    assert reply.status_code == 422
    assert stored(database, run_of(database, people.amina)) == []


def test_nobody_answers_for_another(amina, people, sign_in):
    form = open_desk(amina).form("/cases")
    assert send(sign_in(people.bushra), form, step="pass").status_code in {400, 404}


def play_with(client: FlaskClient, database: Engine, trainee: Account, final: Callable) -> SimulationRun:
    """A whole run whose first answers are all wrong, and whose last answers are those of ``final``."""
    page = open_desk(client)
    run = run_of(database, trainee)
    for number in range(SCENARIO.rounds):
        cases = cases_of(run, number)
        form = page.form("/cases")
        send(client, form, step="first", **answers(cases, wrong))
        send(client, form, step="final", **answers(cases, final))
        reply = send(client, Page(client.get(DESK).text).form("/decision"))
        page = Page(client.get(reply.location).text)
    return run_of(database, trainee)


def test_the_debrief_tells_when_the_tool_would_have_helped_and_it_becomes_evidence(amina, people, database):
    run = play_with(amina, database, people.amina, lambda case: case.advice)
    judged = [
        simulations.Judgement(case, wrong(case), case.advice)
        for number in range(SCENARIO.rounds)
        for case in cases_of(run, number)
    ]
    expected = simulations.reliance(judged)
    page = Page(amina.get(f"/runs/{run.id}").text)
    assert f"Of {2 * SCENARIO.rounds} cases you had 0 right before the advice" in page.text
    assert f"could have helped you in {expected.helped.of}: you were wrong" in page.text
    scores.score_run(database, run.id, worlds=2)
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(Evidence).where(Evidence.part == scores.RELIANCE_PART)).all()
    assert [(row.competency, row.outcome) for row in rows] == [("D3.2", expected.outcome)]
    page = Page(amina.get(f"/runs/{run.id}").text)
    assert "Who gained and who lost" in page.text
    assert "The tool's decision in your place" in page.text
