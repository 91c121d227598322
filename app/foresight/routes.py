"""Pages of foresight: figures, scenarios, studies of gap and plan."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.queries import current_account
from app.content.current import catalogue
from app.core.access import Action, requires
from app.core.charts import percent
from app.core.db import session
from app.core.errors import NotFound, Refused
from app.core.files import file_to_send, sent
from app.core.locale import language
from app.core.paging import page_of_rows, wanted
from app.core.spreadsheets import MOST_ROWS, as_csv
from app.foresight import export, presentation, queries, service, template, wording
from app.foresight.columns import NEEDED_SHEETS, SHEETS
from app.foresight.forms import CopyForm, ScenarioForm, UploadForm
from foresight import LEVELS, NUMBERS, RANGES, Scenario

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
blueprint = Blueprint("foresight", __name__, template_folder="templates", url_prefix="/administration/foresight")


@blueprint.get("")
@requires(Action.PLAN_SKILLS)
def home() -> str:
    return render_template(
        "foresight/home.html",
        present=queries.present_data(session(), current_account().academy_id),
        scenarios=queries.scenarios(session(), current_account()),
        studies=queries.studies(session(), current_account(), wanted("studies")),
        words=wording,
    )


@blueprint.get("/data")
@requires(Action.PLAN_SKILLS)
def data() -> str:
    return _data_page(UploadForm())


@blueprint.post("/data")
@requires(Action.PLAN_SKILLS)
def upload() -> AnyResponse | tuple[str, int]:
    form = UploadForm()
    if not form.validate_on_submit():
        return _data_page(form), 422
    files = [(each.filename, each.read()) for each in form.files.data if each.filename]
    try:
        made = service.preview(session(), current_account(), files, competencies=catalogue().competencies)
    except Refused as refusal:
        form.files.errors = [refusal.message]
        return _data_page(form), refusal.status
    return redirect(url_for(".version", data_id=made.id), code=303)


def _data_page(form: UploadForm) -> str:
    return render_template(
        "foresight/data.html",
        form=form,
        versions=queries.versions_of_data(session(), current_account(), wanted("versions")),
        sheets=SHEETS,
        needed=NEEDED_SHEETS,
        most_rows=MOST_ROWS,
        words=wording,
    )


@blueprint.get("/data/template")
@requires(Action.PLAN_SKILLS)
def workbook_to_fill() -> Response:
    file = file_to_send()
    template.write_template(file)
    return sent(file, template.FILE_NAME, WORKBOOK)


@blueprint.get("/data/<int:data_id>")
@requires(Action.PLAN_SKILLS)
def version(data_id: int) -> str:
    """A preview with what is wrong, or a version of the figures; one sheet at a time."""
    found = queries.data_of_academy(session(), current_account(), data_id)
    names = [name for name, _meaning, count in wording.sheets_of(found) if count]
    shown = next((name for name in names if name == request.args.get("sheet")), names[0] if names else "")
    return render_template(
        "foresight/version.html",
        data=found,
        problems=page_of_rows(found.problems, wanted("problems")),
        shown=shown,
        columns=SHEETS.get(shown, ()),
        rows=page_of_rows(found.rows.get(shown, []), wanted("rows")),
        words=wording,
    )


@blueprint.post("/data/<int:data_id>/accept")
@requires(Action.PLAN_SKILLS)
def accept(data_id: int) -> AnyResponse:
    made = service.accept(session(), current_account(), data_id)
    flash(_("These are the present figures now: version %(number)s.", number=made.number))
    return redirect(url_for(".home"), code=303)


@blueprint.post("/data/<int:data_id>/drop")
@requires(Action.PLAN_SKILLS)
def drop(data_id: int) -> AnyResponse:
    service.drop(session(), current_account(), data_id)
    flash(_("The preview is forgotten. Nothing was changed."))
    return redirect(url_for(".data"), code=303)


@blueprint.get("/scenarios")
@requires(Action.PLAN_SKILLS)
def compare() -> str:
    """All scenarios side by side, with their newest studies of the present figures."""
    found = queries.scenarios(session(), current_account())
    newest = queries.newest_results(session(), current_account())
    results = {
        wording.scenario_name(each.scenario): newest[each.version.id] for each in found if each.version.id in newest
    }
    return render_template(
        "foresight/compare.html",
        scenarios=found,
        assumed=[wording.assumptions(Scenario.of_json(each.version.parameters)) for each in found],
        chart=presentation.scenarios_chart(results) if results else None,
        words=wording,
    )


@blueprint.get("/scenarios/<int:scenario_id>")
@requires(Action.PLAN_SKILLS)
def scenario(scenario_id: int) -> str:
    return _scenario_page(scenario_id)


@blueprint.post("/scenarios/<int:scenario_id>")
@requires(Action.PLAN_SKILLS)
def change_scenario(scenario_id: int) -> AnyResponse | tuple[str, int]:
    found = queries.scenario_of_academy(session(), current_account(), scenario_id)
    form = ScenarioForm()
    if not form.validate_on_submit():
        return _scenario_page(scenario_id, form=form), 422
    former = Scenario.of_json(found.version.parameters)
    made = service.change_scenario(session(), current_account(), scenario_id, form.assumed(former))
    flash(_("Version %(number)s of the scenario is in force.", number=made.number))
    return redirect(url_for(".scenario", scenario_id=scenario_id), code=303)


@blueprint.post("/scenarios/<int:scenario_id>/copy")
@requires(Action.PLAN_SKILLS)
def copy_scenario(scenario_id: int) -> AnyResponse | tuple[str, int]:
    queries.scenario_of_academy(session(), current_account(), scenario_id)
    form = CopyForm()
    if not form.validate_on_submit():
        return _scenario_page(scenario_id, copy_form=form), 422
    made = service.copy_scenario(session(), current_account(), scenario_id, form.typed)
    flash(_("The copy is made. Change what it assumes."))
    return redirect(url_for(".scenario", scenario_id=made.id), code=303)


def _scenario_page(scenario_id: int, *, form: ScenarioForm | None = None, copy_form: CopyForm | None = None) -> str:
    found = queries.scenario_of_academy(session(), current_account(), scenario_id)
    assumed = Scenario.of_json(found.version.parameters)
    return render_template(
        "foresight/scenario.html",
        found=found,
        form=form or ScenarioForm.about(assumed),
        copy_form=copy_form or CopyForm(formdata=None),
        versions=queries.versions_of_scenario(session(), scenario_id),
        assumed=assumed,
        said=wording.from_experts(assumed),
        ranges=RANGES,
        numbers=NUMBERS,
        words=wording,
    )


@blueprint.post("/scenarios/<int:scenario_id>/studies")
@requires(Action.PLAN_SKILLS)
def ask_study(scenario_id: int) -> AnyResponse:
    made = service.ask_study(session(), current_account(), scenario_id)
    return redirect(url_for(".study", study_id=made.id), code=303)


@blueprint.get("/studies/<int:study_id>")
@requires(Action.PLAN_SKILLS)
def study(study_id: int) -> str:
    """The gap of a study, or that it is still being computed."""
    found = queries.study_of_academy(session(), current_account(), study_id)
    result = found.study.result
    if result is None:
        failure = queries.failure_of(session(), study_id)
        return render_template("foresight/waiting.html", found=found, failure=failure, words=wording)
    chosen = presentation.choice_of(result, request.args)
    return render_template(
        "foresight/study.html",
        found=found,
        result=result,
        chosen=chosen,
        levels=LEVELS,
        table=presentation.gap_table(result, chosen),
        gap_chart=presentation.gap_chart(result, chosen),
        tornado=presentation.tornado_chart(result),
        origins=wording.from_experts(Scenario.of_json(found.version.parameters)),
        competency_title=competency_title,
        words=wording,
    )


@blueprint.get("/studies/<int:study_id>/plan")
@requires(Action.PLAN_SKILLS)
def plan(study_id: int) -> str:
    """Seats of one year, what they leave, and what first come would have left."""
    found, result = _finished(study_id)
    years = {str(each["year"]): each for each in result["plan"]}
    shown = years.get(request.args.get("year", ""), result["plan"][0] if result["plan"] else None)
    return render_template(
        "foresight/plan.html",
        found=found,
        result=result,
        year=shown,
        seats=page_of_rows(shown["seats"], wanted("seats")) if shown else None,
        unmet=page_of_rows(presentation.unmet(shown), wanted("unmet")) if shown else None,
        prices=presentation.prices(shown) if shown else [],
        totals_chart=presentation.totals_chart(result),
        totals=presentation.totals_rows(result),
        side_by_side=presentation.side_by_side(result),
        sensitivity=presentation.sensitivity_rows(result),
        percent=percent,
        competency_title=competency_title,
        words=wording,
    )


@blueprint.get("/studies/<int:study_id>/gap.csv")
@requires(Action.PLAN_SKILLS)
def gap_csv(study_id: int) -> Response:
    _found, result = _finished(study_id)
    return _csv(as_csv(export.GAP_COLUMNS, export.gap_rows(result)), f"foresight-{study_id}-gap.csv")


@blueprint.get("/studies/<int:study_id>/plan.csv")
@requires(Action.PLAN_SKILLS)
def plan_csv(study_id: int) -> Response:
    _found, result = _finished(study_id)
    return _csv(as_csv(export.PLAN_COLUMNS, export.plan_rows(result)), f"foresight-{study_id}-plan.csv")


@blueprint.get("/studies/<int:study_id>/foresight.xlsx")
@requires(Action.PLAN_SKILLS)
def workbook(study_id: int) -> Response:
    found, result = _finished(study_id)
    file = file_to_send()
    export.write_workbook(file, found, result)
    return sent(file, f"foresight-{study_id}.xlsx", WORKBOOK)


def _csv(text: str, name: str) -> Response:
    file = file_to_send()
    file.write(text.encode())
    return sent(file, name, "text/csv")


def _finished(study_id: int) -> tuple[queries.StudySummary, dict[str, Any]]:
    """Raises NotFound, also for a study that has no result yet."""
    found = queries.study_of_academy(session(), current_account(), study_id)
    if found.study.result is None:
        raise NotFound
    return found, found.study.result


def competency_title(code: str) -> str:
    """The title of a competency in the reader's language; nothing for one that the framework no longer has."""
    competency = catalogue().competencies.get(code)
    return competency.title.in_language(language()) if competency else ""
