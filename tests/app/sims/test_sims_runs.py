"""Runs through the portal: every decision counts once, and the stored events are the whole truth."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select

import simulations
from app.accounts import progress
from app.accounts.models import Account
from app.competencies.models import Evidence, EvidenceKind
from app.core.audit import AuditEntry
from app.core.charts import format_number
from app.core.db import begin
from app.core.jobs import Job, JobKind, give_up
from app.desk import record
from app.sims import queries, scores
from app.sims.models import SimulationEvent, SimulationRun
from simulations import Decision, Inquiry
from tests.pages import Page, send

DESK = "/simulations/measure-to-manage/grievance"
SCENARIO = simulations.load("grievance")
# Fewer than an academy has them compared in, to spare the machine.
WORLDS = 4


def open_desk(client: FlaskClient) -> Page:
    page = Page(client.get(DESK).text)
    if any(form["action"].endswith("/start") for form in page.forms):
        assert send(client, page.form("/start")).status_code == 303
        page = Page(client.get(DESK).text)
    return page


def play(client: FlaskClient, rounds: int) -> Page:
    """Decide so many rounds with what the form proposes; the desk or the debrief that comes then."""
    page = open_desk(client)
    for number in range(1, rounds + 1):
        answer = send(client, page.form("/decision"), note=f"reason {number}")
        assert answer.status_code == 303
        page = Page(client.get(answer.location).text)
    return page


def run_of(database: Engine, trainee: Account) -> SimulationRun:
    with begin(database, read_only=True) as session:
        return session.scalars(
            select(SimulationRun).where(SimulationRun.trainee_id == trainee.id).order_by(SimulationRun.id.desc())
        ).first()


def stored_events(database: Engine, run: SimulationRun) -> list[Decision | Inquiry]:
    with begin(database, read_only=True) as session:
        return record.events(queries.event_rows(session, run.id))


def test_the_desk_shows_the_figures_that_replaying_the_stored_events_gives(amina, people, database):
    page = play(amina, 2)
    run = run_of(database, people.amina)
    replayed = simulations.replay(SCENARIO, run.seed, stored_events(database, run))
    assert len(replayed.results) == 2
    texts = SCENARIO.texts("en")
    for kpi in SCENARIO.kpis:
        value = format_number(replayed.results[-1].kpis[kpi.id], kpi.decimals)
        assert f"{texts.kpi(kpi.id).label} {value} {texts.unit(kpi.unit)}" in page.text
    assert "Round 3 of 10" in page.text


def test_the_desk_of_the_first_round_shows_task_situation_advice_and_every_inquiry(amina, people, database):
    answer = send(amina, open_desk(amina).form("/cases"), step="pass")
    page = Page(amina.get(answer.location).text)
    run = run_of(database, people.amina)
    situation = simulations.replay(SCENARIO, run.seed, []).situation
    texts = SCENARIO.texts("en")
    assert texts.role in page.text
    for row in situation.table:
        assert f"{texts.row(row.id)} {row.values['backlog']:.0f} " in page.text
    for kind in SCENARIO.inquiries:
        assert texts.inquiry(kind.id).label in page.text
    for advice in situation.advice:
        assert f"{100 * advice.confidence:.1f} %" in page.text
    assert "You have 120 of 120 office minutes left" in page.text


def test_the_flood_is_news_on_the_desk_of_round_six(amina):
    news = SCENARIO.texts("en").event("flood")
    assert news not in play(amina, 4).text
    assert news in play(amina, 1).text


@pytest.mark.both_databases
def test_the_same_form_sent_twice_decides_one_round(amina, people, database):
    form = open_desk(amina).form("/decision")
    first, second = send(amina, form, note="once"), send(amina, form, note="once")
    assert (first.status_code, second.status_code) == (303, 303)
    assert "Round 2 of 10" in Page(amina.get(second.location).text).text
    assert len(stored_events(database, run_of(database, people.amina))) == 1


def test_the_same_inquiry_form_sent_twice_costs_its_minutes_once(amina):
    form = open_desk(amina).form("/inquiry", inquiry_id="field_officer")
    assert send(amina, form).status_code == 303
    answer = send(amina, form)
    assert "You have 105 of 120 office minutes left" in Page(amina.get(answer.location).text).text


@pytest.mark.both_databases
def test_a_decision_for_a_round_decided_in_another_window_is_a_conflict(amina, people, database):
    open_desk(amina)
    here, there = Page(amina.get(DESK).text).form("/decision"), Page(amina.get(DESK).text).form("/decision")
    assert here["key"] != there["key"]
    assert send(amina, here).status_code == 303
    answer = send(amina, there)
    assert answer.status_code == 409
    page = Page(answer.text)
    assert "The form belonged to round 1, which is over" in page.text
    assert page.form("/decision")["round"] == "2"
    assert len(stored_events(database, run_of(database, people.amina))) == 1


def test_a_decision_out_of_order_is_a_conflict_that_names_the_round_at_hand(amina, people, database):
    answer = send(amina, open_desk(amina).form("/decision"), round="5")
    assert answer.status_code == 409
    page = Page(answer.text)
    assert "Rounds are decided in order" in page.text
    assert "This is round 1." in page.text
    assert "The form belonged to" not in page.text
    assert stored_events(database, run_of(database, people.amina)) == []


def test_an_inquiry_for_a_round_that_is_over_is_a_conflict(amina):
    stale = open_desk(amina).form("/inquiry", inquiry_id="history")
    play(amina, 1)
    answer = send(amina, stale)
    assert answer.status_code == 409
    assert "You have 120 of 120 office minutes left" in Page(answer.text).text


def test_hours_that_do_not_add_up_are_refused_and_everything_typed_is_kept(amina, people, database):
    form = open_desk(amina).form("/decision")
    typed = {"hours_municipal": "110", "triage": "deadline", "reading_share": "0.35", "note": "more\nfor streets"}
    answer = send(amina, form, **typed)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert "The hours must add up to 400 hours; yours add up to 420." in page.text
    assert "The total is 420 hours: 20 too many." in page.text
    assert typed.items() <= page.form("/decision").items()
    assert 'href="#sum-0"' in answer.text
    assert 'id="sum-0"' in answer.text
    assert stored_events(database, run_of(database, people.amina)) == []


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("ai_threshold", "0.9", "must lie between 0.2 and 0.8"),
        ("hours_police", "sixty", "must be a whole number"),
        ("hours_police", "62", "must go in steps of 5"),
        ("call_back_share", "", "is missing"),
        ("call_back_share", "nan", "must be a number"),
        ("merge", "always", "must be one of the listed choices"),
    ],
)
def test_a_wrong_field_is_refused_with_a_message_at_the_field(amina, field, typed, message):
    answer = send(amina, open_desk(amina).form("/decision"), **{field: typed})
    assert answer.status_code == 422
    message = f"“{SCENARIO.texts('en').field(field).label}” {message}"
    assert answer.text.count(message) == 2
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', answer.text)


def test_reasons_that_are_too_long_are_refused_and_kept(amina):
    note = "x" * 2_003
    answer = send(amina, open_desk(amina).form("/decision"), note=note)
    assert answer.status_code == 422
    assert "3 characters too long" in answer.text
    assert Page(answer.text).form("/decision")["note"] == note


def test_an_inquiry_brings_its_finding_and_takes_its_minutes(amina, people, database):
    form = open_desk(amina).form("/inquiry", inquiry_id="call_back_sample")
    answer = send(amina, form, argument="20")
    page = Page(amina.get(answer.location).text)
    run = run_of(database, people.amina)
    replayed = simulations.replay(SCENARIO, run.seed, stored_events(database, run))
    assert replayed.minutes_left == 80
    assert "You have 80 of 120 office minutes left" in page.text
    assert SCENARIO.texts("en").finding(replayed.findings[0]) in page.text


@pytest.mark.parametrize("argument", ["", "7", "500", "many"])
def test_a_sample_size_outside_the_rule_is_refused_at_its_question_and_kept(amina, argument):
    answer = send(amina, open_desk(amina).form("/inquiry", inquiry_id="error_by_group"), argument=argument)
    assert answer.status_code == 422
    label = SCENARIO.texts("en").inquiry("error_by_group").label
    page = Page(answer.text)
    assert f"For “{label}” type a whole number from 10 to 60, in steps of 5." in page.text
    assert page.form("/inquiry", inquiry_id="error_by_group")["argument"] == argument


def test_a_question_that_takes_more_minutes_than_are_left_is_refused_and_then_not_offered(amina):
    page = open_desk(amina)
    large = page.form("/inquiry", inquiry_id="error_by_group")
    second = page.form("/inquiry", inquiry_id="call_back_sample")
    send(amina, page.form("/inquiry", inquiry_id="field_officer"))
    assert send(amina, large, argument="60").status_code == 303
    refused = send(amina, second, argument="30")
    assert refused.status_code == 422
    assert "This inquiry takes 60 minutes, and you have 45 left this week." in Page(refused.text).text
    page = Page(amina.get(DESK).text)
    assert send(amina, page.form("/inquiry", inquiry_id="call_back_sample"), argument="20").status_code == 303
    page = Page(amina.get(DESK).text)
    assert not any(form.get("inquiry_id") == "field_officer" for form in page.forms)
    assert "too few for this question" in page.text


@pytest.mark.parametrize("missing", ["key", "round"])
def test_a_form_without_its_hidden_parts_changes_nothing(amina, people, database, missing):
    form = open_desk(amina).form("/decision")
    assert send(amina, {name: value for name, value in form.items() if name != missing}).status_code == 422
    assert stored_events(database, run_of(database, people.amina)) == []


@pytest.mark.both_databases
def test_starting_twice_keeps_the_run_that_is_open(amina, people, database):
    start = Page(amina.get(DESK).text).form("/start")
    send(amina, start)
    send(amina, start)
    with begin(database, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(SimulationRun)) == 1


def test_the_decision_log_holds_every_round_with_reasons_and_choices(amina):
    page = play(amina, 3)
    for number in (1, 2, 3):
        assert f"Round {number}: reason {number}" in page.text
    assert SCENARIO.texts("en").choice("triage", "first_come") in page.text


@pytest.mark.both_databases
def test_a_finished_run_is_done_in_progress_audited_and_waits_for_its_scores_once(amina, people, database):
    page = open_desk(amina)
    for _ in range(SCENARIO.rounds):
        form = page.form("/decision")
        answer = send(amina, form)
        page = Page(amina.get(answer.location).text)
    assert send(amina, form).status_code == 303
    run = run_of(database, people.amina)
    assert answer.location == f"/runs/{run.id}"
    with begin(database, read_only=True) as session:
        states = progress.of_trainees(session, [people.amina.id], "measure-to-manage")
        jobs = session.scalars(select(Job).where(Job.kind == JobKind.SCORE_RUN)).all()
        audited = session.scalars(select(AuditEntry).where(AuditEntry.verb == "run_finished")).all()
    assert states[people.amina.id]["grievance"] == "done"
    assert [job.thing_id for job in jobs] == [run.id]
    assert [(entry.thing, entry.actor_id) for entry in audited] == [(f"run:{run.id}", people.amina.id)]
    assert audited[0].detail["digest"] == simulations.replay(SCENARIO, run.seed, stored_events(database, run)).digest
    assert send(amina, form, key=uuid.uuid4().hex).status_code == 409


def test_the_debrief_waits_for_the_scores_and_then_shows_what_the_library_computes(amina, people, database):
    page = play(amina, SCENARIO.rounds)
    run = run_of(database, people.amina)
    assert "The outcome is being computed" in page.text
    assert f'hx-get="/runs/{run.id}/scoring"' in amina.get(f"/runs/{run.id}").text
    scores.score_run(database, run.id, worlds=WORLDS)

    events = stored_events(database, run)
    score = simulations.score(SCENARIO, run.seed, events)
    decided = simulations.decision_score(SCENARIO, run.seed, events, WORLDS)
    stored = run_of(database, people.amina)
    assert stored.outcome_score == score.outcome
    assert stored.decision_score == decided.score
    html = amina.get(f"/runs/{run.id}").text
    page = Page(html)
    for figure in (score.loss, score.baseline_loss, score.best_loss):
        assert f"{figure:,.0f} severity-days" in page.text
    assert f"Outcome score: {score.outcome:.0f}," in page.text
    assert f"Decision score: {decided.score:.0f}," in page.text
    assert f"up to {score.equity_threshold:.2f} is accepted {score.equity_value:.2f}" in page.text
    texts = SCENARIO.texts("en")
    for part, loss in score.parts.items():
        assert texts.part(part) in page.text
        assert f"{loss:,.0f}" in page.text
    assert html.count("<svg") == 4
    for question in texts.debrief:
        assert question in page.text
    assert "hx-get" not in html
    assert f'href="{DESK}">Run it again with new chances' in html


def test_the_comparison_in_the_debrief_is_on_the_same_seed(amina, people, database):
    play(amina, SCENARIO.rounds)
    run = run_of(database, people.amina)
    scores.score_run(database, run.id, worlds=WORLDS)
    best = simulations.reference_runs(SCENARIO, run.seed)["best"]
    kpi = SCENARIO.truth_kpis[0]
    page = Page(amina.get(f"/runs/{run.id}").text)
    own = simulations.replay(SCENARIO, run.seed, stored_events(database, run))
    baseline = simulations.reference_runs(SCENARIO, run.seed)["baseline"]
    for number in range(SCENARIO.rounds):
        figures = [f"{each.results[number].truth[kpi.id]:.{kpi.decimals}f}" for each in (own, baseline, best)]
        assert " ".join([str(number + 1), *figures]) in page.text


@pytest.mark.both_databases
def test_scoring_a_run_twice_gives_one_row_of_evidence_for_each_competency(amina, people, database):
    play(amina, SCENARIO.rounds)
    run = run_of(database, people.amina)
    scores.score_run(database, run.id, worlds=WORLDS)
    first = run_of(database, people.amina).decision_score
    scores.score_run(database, run.id, worlds=WORLDS)
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(Evidence).where(Evidence.trainee_id == people.amina.id)).all()
        job = session.scalars(select(Job).where(Job.kind == JobKind.SCORE_RUN)).one()
    assert sorted(row.competency for row in rows) == sorted(SCENARIO.competencies["decision"])
    assert {(row.kind, row.source, row.part, row.outcome) for row in rows} == {
        (EvidenceKind.SIMULATION_DECISION, f"run:{run.id}", "decision", first / 100)
    }
    assert job.finished_at is not None


def test_an_unfinished_run_gets_no_score_and_no_evidence(amina, people, database):
    play(amina, 2)
    with pytest.raises(simulations.InvalidEvent):
        scores.score_run(database, run_of(database, people.amina).id, worlds=WORLDS)
    with begin(database, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Evidence)) == 0


def test_the_debrief_says_when_the_scores_were_given_up(amina, people, database):
    play(amina, SCENARIO.rounds)
    run = run_of(database, people.amina)
    with begin(database) as session:
        give_up(session, session.scalars(select(Job)).one().id, "ArithmeticError")
    html = amina.get(f"/runs/{run.id}").text
    assert "The scores could not be computed" in html
    assert "hx-get" not in html


def test_a_new_run_after_a_finished_one_has_its_own_seed_and_the_former_is_listed(amina, people, database):
    play(amina, SCENARIO.rounds)
    former = run_of(database, people.amina)
    assert f"/runs/{former.id}" in amina.get(DESK).text
    open_desk(amina)
    now = run_of(database, people.amina)
    assert now.id != former.id
    assert now.seed != former.seed


@pytest.fixture
def changed_scenario(amina: FlaskClient, people: SimpleNamespace, database: Engine) -> Iterator[Callable[[], None]]:
    """Make the stored run belong to other parameters than those on disk."""

    def change() -> None:
        with begin(database) as session:
            session.get_one(SimulationRun, run_of(database, people.amina).id).scenario_digest = "0" * 64

    return change


def test_a_run_of_a_changed_scenario_cannot_go_on_and_a_new_one_may_start(amina, people, database, changed_scenario):
    form = open_desk(amina).form("/decision")
    changed_scenario()
    answer = send(amina, form)
    assert answer.status_code == 409
    assert "Start a new run" in answer.text
    page = Page(amina.get(DESK).text)
    assert "this run cannot go on" in page.text
    send(amina, page.form("/start"))
    assert run_of(database, people.amina).scenario_digest == SCENARIO.digest


def test_the_debrief_of_a_run_survives_a_change_of_the_scenario(amina, people, database, changed_scenario):
    play(amina, SCENARIO.rounds)
    run = run_of(database, people.amina)
    scores.score_run(database, run.id, worlds=WORLDS)
    changed_scenario()
    page = Page(amina.get(f"/runs/{run.id}").text)
    assert f"Outcome score: {run_of(database, people.amina).outcome_score:.0f}," in page.text
    assert "can no longer be replayed" in page.text


def test_scores_are_not_computed_with_another_scenario_than_the_runs_own(amina, people, database, changed_scenario):
    play(amina, SCENARIO.rounds)
    changed_scenario()
    with pytest.raises(queries.ScenarioChanged):
        scores.score_run(database, run_of(database, people.amina).id, worlds=WORLDS)


def test_seeds_are_exact_in_json_readers(amina, people, database):
    open_desk(amina)
    assert 0 <= run_of(database, people.amina).seed <= 2**53 - 1


def test_events_are_stored_in_order_with_their_reasons(amina, people, database):
    send(amina, open_desk(amina).form("/inquiry", inquiry_id="history"))
    play(amina, 1)
    run = run_of(database, people.amina)
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(SimulationEvent).where(SimulationEvent.run_id == run.id)).all()
    assert [(row.sequence, row.round, row.kind, row.note) for row in sorted(rows, key=lambda row: row.sequence)] == [
        (1, 1, "inquiry", ""),
        (2, 1, "decision", "reason 1"),
    ]
