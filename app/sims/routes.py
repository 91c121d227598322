"""The desk, decisions, inquiries and the debrief."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

import simulations
from app.accounts.queries import account_of_academy, current_account, modules_of_trainee
from app.content.current import catalogue
from app.content.schemas import Module
from app.content.schemas import Simulation as SimulationActivity
from app.core.access import Action, requires
from app.core.charts import format_number
from app.core.db import session
from app.core.errors import NotFound
from app.core.locale import language
from app.core.markdown import render
from app.sims import case_pages, casework, charts, forms, presentation, queries, service, weights
from app.sims import what_if as what_ifs
from app.sims.forms import CasesForm, DecisionForm, InquiryForm
from app.sims.models import SimulationRun
from app.sims.scoring import Outcome
from app.sims.weights import WeightsForm
from simulations import Scenario

blueprint = Blueprint("sims", __name__, template_folder="templates")

TRENDS_SHOWN = 2


def _module(module_id: str) -> Module:
    if module_id not in catalogue().modules:
        raise NotFound
    return catalogue().modules[module_id]


def _activity(module_id: str, activity_id: str) -> SimulationActivity:
    """A simulation of a module that the trainee is enrolled in. Raises NotFound."""
    if module_id not in modules_of_trainee(session(), current_account().id):
        raise NotFound
    found = next((each for each in _module(module_id).activities if each.id == activity_id), None)
    if not isinstance(found, SimulationActivity):
        raise NotFound
    return found


@blueprint.get("/simulations/<module_id>/<activity_id>")
@requires(Action.RUN_SIMULATION)
def desk(module_id: str, activity_id: str) -> str:
    activity = _activity(module_id, activity_id)
    runs = queries.runs_of(session(), current_account().id, module_id, activity_id)
    if (run := next((run for run in runs if queries.can_go_on(run)), None)) is not None:
        return _desk_page(run)
    return _start_page(module_id, activity, weights.proposed(simulations.load(activity.scenario)))


@blueprint.post("/simulations/<module_id>/<activity_id>/start")
@requires(Action.RUN_SIMULATION)
def start(module_id: str, activity_id: str) -> Response | tuple[str, int]:
    activity = _activity(module_id, activity_id)
    form = weights.read(simulations.load(activity.scenario), request.form)
    if form.problems:
        return _start_page(module_id, activity, form), 422
    service.start(
        session(),
        current_account(),
        module_id,
        activity_id,
        activity.scenario,
        weights=form.weights,
        reason=form.reason,
    )
    return redirect(url_for(".desk", module_id=module_id, activity_id=activity_id), code=303)


def _start_page(module_id: str, activity: SimulationActivity, form: WeightsForm) -> str:
    scenario = simulations.load(activity.scenario)
    texts = scenario.texts(language())
    return render_template(
        "sims/start.html",
        activity=activity,
        module=_module(module_id),
        texts=texts,
        scenario=scenario,
        runs=queries.runs_of(session(), current_account().id, module_id, activity.id),
        situation=render(texts.situation),
        number=format_number,
        form=form,
        most=weights.MOST,
    )


@blueprint.post("/runs/<int:run_id>/decision")
@requires(Action.RUN_SIMULATION)
def decide(run_id: int) -> Response | tuple[str, int]:
    run = queries.run(session(), current_account(), run_id, Action.RUN_SIMULATION)
    scenario = simulations.load(run.scenario_id)
    form = forms.read_decision(scenario, request.form)
    if (problems := forms.note_problems(form.note)) and queries.can_go_on(run):
        return _desk_page(run, form=form, problems=problems), 422
    try:
        service.decide(
            session(),
            current_account(),
            run,
            round_number=form.round,
            values=form.values,
            note=form.note,
            key=form.key,
        )
    except simulations.InvalidEvent as error:
        problems = forms.decision_problems(scenario, scenario.texts(language()), error)
        return _desk_page(run, form=form, problems=problems), 422
    except service.StaleForm as refusal:
        return _desk_page(run, refusal=refusal.message), refusal.status
    if run.finished_at:
        return redirect(url_for(".debrief", run_id=run.id), code=303)
    return redirect(url_for(".desk", module_id=run.module_id, activity_id=run.activity_id), code=303)


@blueprint.post("/runs/<int:run_id>/inquiry")
@requires(Action.RUN_SIMULATION)
def inquire(run_id: int) -> Response | tuple[str, int]:
    run = queries.run(session(), current_account(), run_id, Action.RUN_SIMULATION)
    scenario = simulations.load(run.scenario_id)
    form = forms.read_inquiry(request.form)
    try:
        service.inquire(
            session(),
            run,
            round_number=form.round,
            inquiry_id=form.inquiry_id,
            argument=form.argument,
            key=form.key,
        )
    except simulations.InvalidEvent as error:
        problem = forms.inquiry_problem(scenario, scenario.texts(language()), form, error)
        return _desk_page(run, asked=form, problems={f"inquiry-{form.inquiry_id}": problem}), 422
    except service.StaleForm as refusal:
        return _desk_page(run, refusal=refusal.message), refusal.status
    address = url_for(".desk", module_id=run.module_id, activity_id=run.activity_id, _anchor="findings")
    return redirect(address, code=303)


@blueprint.post("/runs/<int:run_id>/cases")
@requires(Action.RUN_SIMULATION)
def judge_cases(run_id: int) -> Response | tuple[str, int]:
    """Answers to the cases of a round: before the tool's advice, after it, or passed over."""
    run = queries.run(session(), current_account(), run_id, Action.RUN_SIMULATION)
    form = forms.read_cases(request.form)
    try:
        problems = service.judge_cases(session(), run, round_number=form.round, step=form.step, given=form.given)
    except service.StaleForm as refusal:
        return _desk_page(run, refusal=refusal.message), refusal.status
    if problems:
        return _desk_page(run, judged=form, problems=problems), 422
    address = url_for(".desk", module_id=run.module_id, activity_id=run.activity_id, _anchor="cases")
    return redirect(address, code=303)


@blueprint.get("/runs/<int:run_id>")
@requires(Action.SEE_RUN)
def debrief(run_id: int) -> str | Response:
    run = queries.run(session(), current_account(), run_id, Action.SEE_RUN)
    own = run.trainee_id == current_account().id
    if not run.finished_at:
        if own:
            return redirect(url_for(".desk", module_id=run.module_id, activity_id=run.activity_id))
        raise NotFound
    scenario = simulations.load(run.scenario_id)
    texts = scenario.texts(language())
    rows = queries.event_rows(session(), run.id)
    replayed = simulations.replay(scenario, run.seed, queries.events(rows)) if queries.is_replayable(run) else None
    trainee = account_of_academy(session(), current_account(), run.trainee_id, Action.SEE_RUN)
    return render_template(
        "sims/debrief.html",
        own=own,
        trainee=trainee,
        module=_module(run.module_id),
        replayable=replayed is not None,
        log=presentation.log(scenario, texts, rows, replayed),
        judged=_judged(scenario, run, replayed),
        **(_outcome(run) | _decision_score(run)),
    )


@blueprint.get("/runs/<int:run_id>/outcome")
@requires(Action.SEE_RUN)
def outcome(run_id: int) -> str:
    run = queries.run(session(), current_account(), run_id, Action.SEE_RUN)
    return render_template("sims/_outcome.html", **_outcome(run))


@blueprint.get("/runs/<int:run_id>/scoring")
@requires(Action.SEE_RUN)
def scoring(run_id: int) -> str:
    run = queries.run(session(), current_account(), run_id, Action.SEE_RUN)
    return render_template("sims/_decision_score.html", **_decision_score(run))


@blueprint.get("/runs/<int:run_id>/what-if/<int:round_number>")
@requires(Action.SEE_RUN)
def what_if(run_id: int, round_number: int) -> str | tuple[str, int]:
    """A finished run, played again with another decision in one round; nothing is stored."""
    run, scenario = _finished(run_id, round_number)
    events = queries.events(queries.event_rows(session(), run.id))
    if not request.args:
        own = simulations.replay(scenario, run.seed, events)
        return _what_if_page(run, round_number, presentation.shown_values(what_ifs.decided(own, round_number)))
    typed = forms.read_typed(scenario, request.args)
    texts, values = scenario.texts(language()), forms.read_values(scenario, typed)
    try:
        compared = what_ifs.compare(scenario, texts, run.seed, events, round_number, values)
    except simulations.InvalidEvent as error:
        problems = forms.decision_problems(scenario, texts, error)
        return _what_if_page(run, round_number, typed, problems=problems), 422
    return _what_if_page(run, round_number, typed, comparison=compared)


def _finished(run_id: int, round_number: int) -> tuple[SimulationRun, Scenario]:
    """A finished run that still replays, with its scenario. Raises NotFound, for a round that there is not as well."""
    run = queries.run(session(), current_account(), run_id, Action.SEE_RUN)
    scenario = simulations.load(run.scenario_id)
    if not run.finished_at or not queries.is_replayable(run) or not 1 <= round_number <= scenario.rounds:
        raise NotFound
    return run, scenario


def _what_if_page(
    run: SimulationRun,
    round_number: int,
    typed: Mapping[str, str],
    *,
    problems: Mapping[str, str] | None = None,
    comparison: what_ifs.Comparison | None = None,
) -> str:
    scenario = simulations.load(run.scenario_id)
    texts = scenario.texts(language())
    return render_template(
        "sims/what_if.html",
        run=run,
        round_number=round_number,
        texts=texts,
        groups=presentation.groups(scenario),
        sums=presentation.sum_lines(scenario, texts, typed),
        typed=typed,
        problems=dict(problems or {}),
        comparison=comparison,
    )


def _judged(scenario: Scenario, run: SimulationRun, replayed: simulations.Run | None) -> case_pages.ReliancePage | None:
    """What became of the cases that were judged before the tool's advice; None where the run cannot be replayed."""
    if replayed is None:
        return None
    answers = queries.case_answers(session(), run.id)
    judged = casework.judgements(scenario, run.seed, service.decided(replayed), answers)
    return case_pages.reliance_page(scenario.texts(language()), judged)


def _outcome(run: SimulationRun) -> dict[str, object]:
    """What the outcome part of the debrief shows; nothing but the run until the worker has computed it."""
    scenario = simulations.load(run.scenario_id)
    texts = scenario.texts(language())
    shown: dict[str, object] = {"run": run, "texts": texts, "number": format_number, "outcome": None}
    if run.outcome is None:
        return shown | {"given_up": queries.scoring_was_given_up(session(), run.id)}
    stored = Outcome.from_json(run.outcome)
    return shown | {
        "outcome": stored,
        "courses": [
            charts.comparison(texts, kpi, charts.scored_courses(stored))
            for kpi in (scenario.kpis[0], scenario.truth_kpis[0])
        ],
        "losses": charts.losses(texts, stored),
        "judgement": weights.judge(scenario, texts, stored, run.weights),
        "groups": presentation.group_table(texts, stored),
        "final": presentation.final_table(scenario, texts, presentation.policy_courses(texts, stored)),
    }


def _decision_score(run: SimulationRun) -> dict[str, object]:
    return {
        "run": run,
        "number": format_number,
        "given_up": run.decision_score is None and queries.scoring_was_given_up(session(), run.id),
        "regrets": charts.regrets(run.regrets) if run.regrets else None,
        "misled": presentation.where_the_tool_misled(run.regrets) if run.regrets else "",
    }


def _desk_page(
    run: SimulationRun,
    *,
    form: DecisionForm | None = None,
    asked: InquiryForm | None = None,
    judged: CasesForm | None = None,
    problems: Mapping[str, str] | None = None,
    refusal: str = "",
) -> str:
    scenario = simulations.load(run.scenario_id)
    texts = scenario.texts(language())
    rows = queries.event_rows(session(), run.id)
    now = simulations.replay(scenario, run.seed, queries.events(rows))
    cases = service.cases_now(scenario, run, now)
    typed = form.typed if form else presentation.shown_values(now.defaults)
    found = dict(problems or {})
    trends = charts.trends(scenario, texts, now)
    return render_template(
        "sims/desk.html",
        run=run,
        module=_module(run.module_id),
        scenario=scenario,
        texts=texts,
        now=now,
        situation=render(texts.situation),
        refusal=refusal,
        problems=found,
        new_key=lambda: uuid.uuid4().hex,
        figures=presentation.figures(scenario, texts, now),
        table=presentation.situation_table(texts, now),
        advice=presentation.advice_table(texts, now),
        cases=case_pages.desk(
            texts, cases, queries.case_answers(session(), run.id), judged.given if judged else {}, found
        ),
        trends=trends[:TRENDS_SHOWN],
        further_trends=trends[TRENDS_SHOWN:],
        inquiries=presentation.inquiry_cards(scenario, texts, now, asked, "".join(found.values()) if asked else ""),
        findings=presentation.findings(texts, now, now.next_round),
        groups=presentation.groups(scenario),
        sums=presentation.sum_lines(scenario, texts, typed),
        typed=typed,
        note=form.note if form else "",
        note_length=forms.NOTE_LENGTH,
        log=presentation.log(scenario, texts, rows, now),
    )
