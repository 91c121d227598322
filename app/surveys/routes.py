"""Pages of surveys: open and close the waves of a cohort, read what may be shown, and answer."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts.models import Cohort
from app.accounts.queries import current_account
from app.content.current import catalogue
from app.core.access import Action, requires
from app.core.db import session
from app.core.errors import NotFound
from app.core.privacy import SMALLEST_EXACT_GROUP, SMALLEST_SURVEYED_GROUP
from app.core.sealing import Seal
from app.core.security import guesses, limiter
from app.surveys import presentation, queries, results, service
from app.surveys.forms import ORDER, AnswerForm, CodeForm, FirstAnswerForm, LaterForm, answer_form
from app.surveys.models import Survey, SurveyWave, WaveName

blueprint = Blueprint("surveys", __name__, template_folder="templates")


@blueprint.record_once
def _keep_seal(state: BlueprintSetupState) -> None:
    settings = state.app.extensions["settings"]
    state.app.extensions["survey_seal"] = Seal(settings.secret_key, service.PURPOSE_OF_KEYS)


def _seal() -> Seal:
    return cast(Seal, current_app.extensions["survey_seal"])


def _who_guesses() -> str:
    # Not by address: a whole class answers at once from the one address of its room.
    return f"survey:{getattr(current_user, 'id', None) or get_remote_address()}"


@blueprint.get("/surveys")
@requires(Action.TAKE_ANSWERS_BACK)
def own() -> str:
    """Surveys that ask, which only trainees have, and those of cohorts that one is in no more."""
    rows = queries.own_surveys(session(), current_account())
    left = [each for each in queries.surveys_left(session(), current_account()) if each.has_key]
    return render_template("surveys/own.html", rows=rows, left=left, words=presentation)


@blueprint.get("/surveys/waves/<int:wave_id>")
@requires(Action.ANSWER_SURVEY)
def questions(wave_id: int) -> str:
    found, wave = queries.own_wave(session(), current_account(), wave_id)
    form = answer_form(found.instrument, wave.name)(formdata=None)
    if isinstance(form, FirstAnswerForm):
        form.code.data = service.fresh_code()
    return _questions_page(found, wave, form)


@blueprint.post("/surveys/waves/<int:wave_id>")
@limiter.limit(guesses, key_func=_who_guesses)
@requires(Action.ANSWER_SURVEY)
def answer(wave_id: int) -> Response | tuple[str, int]:
    found, wave = queries.own_wave(session(), current_account(), wave_id)
    form = answer_form(found.instrument, wave.name, request.form.get(ORDER, ""))()
    is_right = form.validate_on_submit()
    if is_right and not form.answers:
        form.item_fields[0].errors = [_("Answer at least one question, or leave the page.")]
    elif is_right:
        try:
            service.answer(session(), _seal(), current_account(), wave.id, form.answers, code=form.code_to_link)
        except (service.CodeUnknown, service.CodeUsed) as refusal:
            form["code"].errors = [refusal.message]
        else:
            flash(_("Thank you. Your answers are stored without your name."))
            return redirect(url_for(".own"), code=303)
    return _questions_page(found, wave, form), 422


def _questions_page(found: queries.OwnSurvey, wave: SurveyWave, form: AnswerForm) -> str:
    return render_template(
        "surveys/questions.html",
        found=found,
        wave=wave,
        form=form,
        is_first=wave.name is WaveName.BEFORE,
        is_last=wave.name is WaveName.LATER,
        smallest_group=SMALLEST_SURVEYED_GROUP,
        words=presentation,
    )


@blueprint.get("/surveys/<int:survey_id>/mine")
@requires(Action.TAKE_ANSWERS_BACK)
def ask_for_code(survey_id: int) -> str:
    found = queries.survey_by_code(session(), current_account(), survey_id)
    return render_template("surveys/mine.html", found=found, form=CodeForm(formdata=None), answered=[])


@blueprint.post("/surveys/<int:survey_id>/mine")
@limiter.limit(guesses, key_func=_who_guesses)
@requires(Action.TAKE_ANSWERS_BACK)
def mine(survey_id: int) -> str | tuple[str, int]:
    """What was answered with a code. Nothing is changed; it is a POST because an address is written down everywhere."""
    found, form = queries.survey_by_code(session(), current_account(), survey_id), CodeForm()
    answered = []
    if form.validate_on_submit():
        try:
            answered = service.found_by_code(session(), _seal(), found.survey, form.code.data)
        except service.CodeUnknown:
            form.code.errors = [_("No answers were given with this code. Check it.")]
    page = render_template("surveys/mine.html", found=found, form=form, answered=answered, words=presentation)
    return page if answered else (page, 422)


@blueprint.post("/surveys/waves/<int:wave_id>/take-back")
@limiter.limit(guesses, key_func=_who_guesses)
@requires(Action.TAKE_ANSWERS_BACK)
def take_back(wave_id: int) -> Response:
    wave = queries.wave_to_take_back(session(), current_account(), wave_id)
    deletes = request.form.get("step") == "delete"
    deleted = service.take_back(session(), _seal(), wave.id, request.form.get("code", ""), deletes=deletes)
    flash(
        _("Your answers are deleted.")
        if deleted
        else _("The link is gone. Nobody, you included, can find these answers any more.")
    )
    return redirect(url_for(".own"), code=303)


@blueprint.get("/cohorts/<int:cohort_id>/survey")
@requires(Action.KEEP_SURVEYS)
def cohort(cohort_id: int) -> str:
    found = queries.cohort_to_survey(session(), current_account(), cohort_id)
    survey = queries.survey_of_cohort(session(), found.id)
    return _cohort_page(found, survey)


@blueprint.post("/cohorts/<int:cohort_id>/survey")
@requires(Action.KEEP_SURVEYS)
def steer(cohort_id: int) -> Response:
    """Open or close the wave whose turn it is."""
    found = queries.cohort_to_survey(session(), current_account(), cohort_id, lock=True)
    step, name = request.form.get("step", ""), request.form.get("wave", "")
    if step not in {"open", "close"} or name not in set(WaveName):
        raise NotFound
    if step == "open":
        service.open_wave(session(), _seal(), current_account(), found, catalogue().instrument, WaveName(name))
        flash(_("The survey is open. Its trainees find it under “Surveys”."))
    else:
        service.close_wave(session(), current_account(), found, WaveName(name))
        flash(_("The survey is closed."))
    return redirect(url_for(".cohort", cohort_id=found.id), code=303)


@blueprint.post("/cohorts/<int:cohort_id>/survey/later")
@requires(Action.KEEP_SURVEYS)
def plan_later(cohort_id: int) -> Response | tuple[str, int]:
    """When the cohort is asked once more; or that it is not."""
    found = queries.cohort_to_survey(session(), current_account(), cohort_id, lock=True)
    survey = queries.survey_of_cohort(session(), found.id)
    if survey is None or not queries.has_plan(survey):
        raise service.WrongTurn
    if request.form.get("step") == "end":
        service.ask_no_more(session(), current_account(), found)
        flash(_("The survey is ended. The key behind all codes is destroyed."))
        return redirect(url_for(".cohort", cohort_id=found.id), code=303)
    form = LaterForm.sent_for(survey, is_open=not queries.awaits_later(survey))
    if not form.validate_on_submit():
        return _cohort_page(found, survey, form), 422
    service.plan_later(session(), current_account(), found, *form.moments)
    flash(_("The plan is kept."))
    return redirect(url_for(".cohort", cohort_id=found.id), code=303)


def _cohort_page(found: Cohort, survey: Survey | None, form: LaterForm | None = None) -> str:
    instrument = queries.instrument_of(survey) if survey else catalogue().instrument
    answered = queries.answers_of_closed(session(), found.id)
    unmarked = {name: [each.answers for each in rows] for name, rows in answered.items()}
    results.prepare(instrument, unmarked.values())
    figures = {name: results.wave_figures(instrument, rows) for name, rows in unmarked.items()}
    shown = {name: each for name, each in figures.items() if each is not None}
    plan = form or (LaterForm.of(survey) if survey and queries.has_plan(survey) else None)
    return render_template(
        "surveys/cohort.html",
        cohort=found,
        survey=survey,
        instrument=instrument,
        turn=queries.turn(survey),
        plan=plan,
        is_planned=queries.awaits_later(survey),
        codes_until=survey and queries.codes_until(session(), survey.id),
        figures=figures,
        invited={wave.name: wave.invited for wave in survey.waves if not wave.is_open} if survey else {},
        chart=presentation.means_chart(shown),
        steps=results.steps(instrument, {name: answered[name] for name in shown}),
        smallest_group=SMALLEST_SURVEYED_GROUP,
        smallest_exact=SMALLEST_EXACT_GROUP,
        words=presentation,
    )
