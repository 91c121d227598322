"""The desk, decisions, inquiries and the debrief."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from pydantic import ValidationError
from werkzeug.wrappers import Response

import simulations
from app.accounts.queries import account_of_academy, current_account, modules_of_trainee
from app.content.current import catalogue
from app.content.schemas import Simulation as SimulationActivity
from app.core.access import Action, holds, requires
from app.core.db import session
from app.core.errors import NotFound, Refused, answer
from app.core.locale import LANGUAGES, language
from app.core.markdown import render
from app.core.typed import typed_text
from app.desk import forms, presentation, record, weights
from app.desk import memos as typed_memos
from app.sims import memos, pages, played, queries, seeds, service
from app.sims import what_if as what_ifs
from app.sims.models import SimulationRun
from simulations import Scenario

blueprint = Blueprint("sims", __name__, template_folder="templates")


@blueprint.app_errorhandler(forms.IncompleteForm)
def incomplete(error: forms.IncompleteForm) -> tuple[str, int]:
    """A form that no desk has sent."""
    return answer(422, title=_("This could not be done"), advice=error.message)


def _activity(module_id: str, activity_id: str) -> SimulationActivity:
    """A simulation of a module that the trainee is enrolled in. Raises NotFound."""
    if module_id not in modules_of_trainee(session(), current_account().id):
        raise NotFound
    return pages.simulation_of(module_id, activity_id)


@blueprint.get("/simulations/<module_id>/<activity_id>")
@requires(Action.RUN_SIMULATION)
def desk(module_id: str, activity_id: str) -> str:
    activity = _activity(module_id, activity_id)
    runs = queries.runs_of(session(), current_account().id, module_id, activity_id)
    if (run := next((run for run in runs if queries.can_go_on(run)), None)) is not None:
        return pages.desk_page(run)
    return pages.start_page(module_id, activity, weights.proposed(simulations.load(activity.scenario)))


def _place(module_id: str, activity_id: str) -> played.Place:
    """Practice of a simulation by the trainee who asks. Raises NotFound."""
    scenario = simulations.load(_activity(module_id, activity_id).scenario)
    trainee, secret = current_account(), str(current_app.config["SECRET_KEY"])
    seed_of = seeds.of_practice(secret, trainee.id, module_id, activity_id)
    return played.Place(trainee, module_id, activity_id, scenario, seed_of)


@blueprint.get("/simulations/<module_id>/<activity_id>/run.json")
@requires(Action.RUN_SIMULATION)
def run_to_keep(module_id: str, activity_id: str) -> Response:
    """What a device needs to play on without a link."""
    return jsonify(_run_to_keep(_place(module_id, activity_id)))


def _run_to_keep(place: played.Place) -> dict[str, object]:
    situation = {each: str(render(place.scenario.texts(each).situation)) for each in LANGUAGES}
    return played.run_to_keep(session(), place) | {"situation": situation}


@blueprint.post("/simulations/<module_id>/<activity_id>/played")
@requires(Action.RUN_SIMULATION)
def take_over(module_id: str, activity_id: str) -> Response:
    """Take over what a device did without a link; the answer holds the run as it then stands."""
    place = _place(module_id, activity_id)
    try:
        batch = played.Batch.model_validate_json(request.get_data())
    except ValidationError:
        raise Refused(_("What this device played could not be read. It stays on the device.")) from None
    run, reason = played.take_over(session(), place, batch)
    is_over = run is not None and run.finished_at is not None
    address = url_for(".debrief", run_id=run.id) if run and is_over else pages.practice_address(place)
    return jsonify(run=_run_to_keep(place), is_taken=not reason, address=address)


@blueprint.post("/simulations/<module_id>/<activity_id>/start")
@requires(Action.RUN_SIMULATION)
def start(module_id: str, activity_id: str) -> Response | tuple[str, int]:
    activity = _activity(module_id, activity_id)
    form = weights.read(simulations.load(activity.scenario), request.form)
    if form.problems:
        return pages.start_page(module_id, activity, form), 422
    service.start(
        session(),
        current_account(),
        module_id,
        activity_id,
        activity.scenario,
        weights=form.weights,
        reason=form.reason,
        seed_of=_place(module_id, activity_id).seed_of,
    )
    return redirect(url_for(".desk", module_id=module_id, activity_id=activity_id), code=303)


@blueprint.post("/runs/<int:run_id>/decision")
@requires(Action.RUN_SIMULATION)
def decide(run_id: int) -> Response | tuple[str, int]:
    run = queries.run(session(), current_account(), run_id, Action.RUN_SIMULATION)
    scenario = simulations.load(run.scenario_id)
    form = forms.read_decision(scenario, request.form)
    if (problems := forms.note_problems(form.note)) and queries.can_go_on(run):
        return pages.desk_page(run, form=form, problems=problems), 422
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
        return pages.desk_page(run, form=form, problems=problems), 422
    except service.StaleForm as refusal:
        return pages.desk_page(run, refusal=refusal.message), refusal.status
    except service.RoundNotOpen as refusal:
        return pages.desk_page(run, form=form, refusal=refusal.message), refusal.status
    if run.finished_at:
        return redirect(url_for(".debrief", run_id=run.id), code=303)
    return redirect(pages.desk_address(run), code=303)


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
    except service.RoundNotOpen as refusal:
        return pages.desk_page(run, asked=form, refusal=refusal.message), refusal.status
    except simulations.InvalidEvent as error:
        problem = forms.inquiry_problem(scenario, scenario.texts(language()), form, error)
        return pages.desk_page(run, asked=form, problems={f"inquiry-{form.inquiry_id}": problem}), 422
    except service.StaleForm as refusal:
        return pages.desk_page(run, refusal=refusal.message), refusal.status
    return redirect(pages.desk_address(run, "findings"), code=303)


@blueprint.post("/runs/<int:run_id>/cases")
@requires(Action.RUN_SIMULATION)
def judge_cases(run_id: int) -> Response | tuple[str, int]:
    """Answers to the cases of a round: before the tool's advice, after it, or passed over."""
    run = queries.run(session(), current_account(), run_id, Action.RUN_SIMULATION)
    form = forms.read_cases(request.form)
    try:
        problems = service.judge_cases(session(), run, round_number=form.round, step=form.step, given=form.given)
    except service.StaleForm as refusal:
        return pages.desk_page(run, refusal=refusal.message), refusal.status
    if problems:
        return pages.desk_page(run, judged=form, problems=problems), 422
    return redirect(pages.desk_address(run, "cases"), code=303)


@blueprint.get("/runs/<int:run_id>")
@requires(Action.SEE_RUN)
def debrief(run_id: int) -> str | Response:
    run = queries.run(session(), current_account(), run_id, Action.SEE_RUN)
    own = run.trainee_id == current_account().id
    if not run.finished_at:
        if own:
            return redirect(pages.desk_address(run))
        raise NotFound
    return _debrief_page(run)


def _debrief_page(run: SimulationRun, *, memo_typed: str = "", memo_problem: str = "") -> str:
    own = run.trainee_id == current_account().id
    scenario = simulations.load(run.scenario_id)
    texts = scenario.texts(language())
    rows = queries.event_rows(session(), run.id)
    replayed = simulations.replay(scenario, run.seed, record.events(rows)) if queries.is_replayable(run) else None
    trainee = account_of_academy(session(), current_account(), run.trainee_id, Action.SEE_RUN)
    hides = own and queries.gives_its_chances_away(session(), run)
    return render_template(
        "sims/debrief.html",
        own=own,
        goes_on=own and holds(current_account(), Action.LEARN),
        hides=hides,
        exercise=queries.exercise_of(session(), run),
        distribution=pages.distribution(run),
        memo=memos.page(
            queries.memo_of(session(), run.id),
            catalogue().memo_rubric,
            typed=memo_typed,
            problem=memo_problem,
            is_hidden=queries.mark_is_hidden(session(), current_account(), run.id),
        ),
        trainee=trainee,
        module=pages.module_of(run.module_id),
        replayable=replayed is not None,
        log=presentation.log(scenario, texts, rows, replayed),
        judged=None if hides else pages.judged(scenario, run, replayed),
        **(pages.outcome(run) | pages.decision_score(run)),
    )


@blueprint.post("/runs/<int:run_id>/memo")
@requires(Action.RUN_SIMULATION)
def write_memo(run_id: int) -> Response | tuple[str, int]:
    """The memo to the minister, once, after the last round."""
    run = queries.run(session(), current_account(), run_id, Action.RUN_SIMULATION)
    if not run.finished_at:
        raise NotFound
    typed = typed_text(request.form.get("memo"))
    if problem := typed_memos.problem(typed):
        return _debrief_page(run, memo_typed=typed, memo_problem=problem), 422
    service.write_memo(session(), run, typed)
    return redirect(url_for(".debrief", run_id=run.id, _anchor="memo"), code=303)


@blueprint.get("/runs/<int:run_id>/outcome")
@requires(Action.SEE_RUN)
def outcome(run_id: int) -> str:
    run = queries.run(session(), current_account(), run_id, Action.SEE_RUN)
    return render_template("sims/_outcome.html", **pages.outcome(run))


@blueprint.get("/runs/<int:run_id>/scoring")
@requires(Action.SEE_RUN)
def scoring(run_id: int) -> str:
    run = queries.run(session(), current_account(), run_id, Action.SEE_RUN)
    return render_template("sims/_decision_score.html", **pages.decision_score(run))


@blueprint.get("/runs/<int:run_id>/questions")
@requires(Action.SEE_CURIOSITY)
def questions(run_id: int) -> str:
    run = queries.run(session(), current_account(), run_id, Action.SEE_CURIOSITY)
    return render_template("sims/_questions.html", **pages.questions(run))


@blueprint.get("/runs/<int:run_id>/what-if/<int:round_number>")
@requires(Action.SEE_RUN)
def what_if(run_id: int, round_number: int) -> str | tuple[str, int]:
    """A finished run, played again with another decision in one round; nothing is stored."""
    run, scenario = _finished(run_id, round_number)
    events = record.events(queries.event_rows(session(), run.id))
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
    """A finished run that still replays, with its scenario.

    Raises NotFound, also for a round that there is not and while others may still meet the same chances.
    """
    run = queries.run(session(), current_account(), run_id, Action.SEE_RUN)
    scenario = simulations.load(run.scenario_id)
    if run.trainee_id == current_account().id and queries.gives_its_chances_away(session(), run):
        raise NotFound
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
