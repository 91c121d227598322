"""Pages of panels: for who plans skills, and for the experts."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import current_account
from app.core.access import Action, requires
from app.core.db import session
from app.core.errors import NotFound, Refused
from app.core.paging import wanted
from app.delphi import presentation, queries, service
from app.delphi.forms import DayForm, OpinionsForm, PanelForm, opinions_form
from app.delphi.models import DelphiPanel, DelphiRound, Question
from app.foresight import queries as foresight_queries
from app.foresight.queries import ScenarioInForce
from app.foresight.world import departments_with_uses
from foresight import DEPARTMENT_RANGES, RANGES, Basis
from foresight.delphi import LEAST_EXPERTS, ROUNDS

blueprint = Blueprint("delphi", __name__, template_folder="templates")
ADMINISTRATION = "/administration/foresight"


@blueprint.get(f"{ADMINISTRATION}/panels")
@requires(Action.PLAN_SKILLS)
def panels() -> str:
    found = queries.panels(session(), current_account(), wanted("panels"))
    return render_template("delphi/panels.html", panels=found, words=presentation)


@blueprint.get(f"{ADMINISTRATION}/scenarios/<int:scenario_id>/panel")
@requires(Action.PLAN_SKILLS)
def new(scenario_id: int) -> str:
    found = foresight_queries.scenario_of_academy(session(), current_account(), scenario_id)
    return _new_page(found, PanelForm(formdata=None), _questions_of(found))


@blueprint.post(f"{ADMINISTRATION}/scenarios/<int:scenario_id>/panel")
@requires(Action.PLAN_SKILLS)
def open_panel(scenario_id: int) -> Response | tuple[str, int]:
    found = foresight_queries.scenario_of_academy(session(), current_account(), scenario_id)
    offered, form = _questions_of(found), PanelForm()
    form.offer((key, presentation.words_of(each)) for key, each in offered.items())
    people = queries.people_named(session(), current_account(), form.names)
    if not form.validate_on_submit() or not form.is_about(people):
        return _new_page(found, form, offered), 422
    questions = [each for key, each in offered.items() if key in form.questions.data]
    made = service.open_panel(
        session(), current_account(), scenario_id, questions, list(people.values()), form.closes_at
    )
    flash(_("The first round is open, and every expert has a notice."))
    return redirect(url_for(".panel", panel_id=made.id), code=303)


def _questions_of(found: ScenarioInForce) -> dict[str, Question]:
    """What a panel may be asked about a scenario: of all, and of each department that plans a use of AI in it."""
    data = foresight_queries.present_data(session(), current_account().academy_id)
    departments = departments_with_uses(data.rows, Basis(found.scenario.basis)).values() if data else ()
    asked = [Question(name=name, department="") for name in RANGES]
    asked += [Question(name=name, department=each) for each in departments for name in DEPARTMENT_RANGES]
    return {service.key_of(each): each for each in asked}


def _new_page(found: ScenarioInForce, form: PanelForm, offered: dict[str, Question]) -> str:
    form.offer((key, presentation.words_of(each)) for key, each in offered.items())
    return render_template("delphi/new.html", found=found, form=form, least_experts=LEAST_EXPERTS, words=presentation)


@blueprint.get(f"{ADMINISTRATION}/panels/<int:panel_id>")
@requires(Action.PLAN_SKILLS)
def panel(panel_id: int) -> str:
    return _panel_page(queries.panel_of_academy(session(), current_account(), panel_id))


@blueprint.post(f"{ADMINISTRATION}/panels/<int:panel_id>")
@requires(Action.PLAN_SKILLS)
def steer(panel_id: int) -> Response | tuple[str, int]:
    """Move the day of a round, close it, open the second, or take the result over."""
    found = queries.panel_of_academy(session(), current_account(), panel_id, lock=True)
    step = request.form.get("step", "")
    if step not in {"day", "close", "second", "apply"}:
        raise NotFound
    if step == "apply":
        made = service.apply(session(), current_account(), panel_id)
        flash(_("Version %(number)s of the scenario is in force.", number=made.number))
        return redirect(url_for("foresight.scenario", scenario_id=found.scenario_id), code=303)
    if step == "close":
        service.close_now(session(), current_account(), panel_id)
        flash(_("The round is closed."))
        return redirect(url_for(".panel", panel_id=panel_id), code=303)
    form = DayForm()
    if not form.validate_on_submit():
        return _panel_page(found, form), 422
    if step == "day":
        service.prolong(session(), current_account(), panel_id, form.closes_at)
        flash(_("The last day is moved."))
    else:
        service.open_second(session(), current_account(), panel_id, form.closes_at)
        flash(_("The second round is open, and every expert has a notice."))
    return redirect(url_for(".panel", panel_id=panel_id), code=303)


def _panel_page(found: DelphiPanel, form: DayForm | None = None) -> str:
    newest = found.rounds[-1]
    said = [queries.answered(session(), each) for each in found.rounds if each.closed_at]
    shown = [each for each in said if each is not None]
    moved = queries.steps(*shown) if len(shown) == ROUNDS else None
    return render_template(
        "delphi/panel.html",
        panel=found,
        scenario=foresight_queries.scenario_of_academy(session(), current_account(), found.scenario_id).scenario,
        newest=newest,
        count=queries.count_answers(session(), newest.id),
        experts=queries.experts(session(), found.id),
        said=said,
        moved=moved,
        form=form or DayForm.about(None if newest.closed_at else newest.closes_at),
        least_experts=LEAST_EXPERTS,
        words=presentation,
    )


@blueprint.get("/panels")
@requires(Action.ANSWER_PANEL)
def own() -> str:
    return render_template("delphi/own.html", rows=queries.own_panels(session(), current_account()), words=presentation)


@blueprint.get("/panels/rounds/<int:round_id>")
@requires(Action.ANSWER_PANEL)
def questions(round_id: int) -> str:
    found = queries.own_round(session(), current_account(), round_id)
    return _questions_page(found, opinions_form(found.panel.questions)(formdata=None))


@blueprint.post("/panels/rounds/<int:round_id>")
@requires(Action.ANSWER_PANEL)
def answer(round_id: int) -> str | tuple[str, int]:
    """Store what an expert says, and show it to them this once: the portal cannot find it again."""
    found = queries.own_round(session(), current_account(), round_id)
    form = opinions_form(found.panel.questions)()
    if not form.validate_on_submit():
        return _questions_page(found, form), 422
    try:
        service.answer(session(), current_account(), round_id, form.opinions)
    except Refused as refusal:
        return _questions_page(found, form, refusal.message), refusal.status
    return render_template("delphi/kept.html", asked=found, opinions=form.opinions, words=presentation)


def _questions_page(found: DelphiRound, form: OpinionsForm, refusal: str = "") -> str:
    is_closed = found.closed_at is not None
    shown = found if is_closed else next((each for each in found.panel.rounds if each.number < found.number), None)
    return render_template(
        "delphi/questions.html",
        asked=found,
        scenario=queries.scenario_of(session(), found.panel),
        form=form,
        refusal=refusal,
        shown=shown,
        said=queries.answered(session(), shown) if shown else None,
        has_answered=queries.has_answered(session(), found.id, current_account().id),
        least_experts=LEAST_EXPERTS,
        words=presentation,
    )
