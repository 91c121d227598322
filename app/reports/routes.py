"""Cohorts compared, the report on a cohort, and what is taken away of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Flask, current_app, render_template, request
from flask_babel import force_locale
from werkzeug.wrappers import Response

from app.accounts.models import Account
from app.accounts.queries import current_account
from app.cohorts.queries import all_cohorts
from app.competencies.estimation import METHOD_VERSION
from app.content.current import catalogue
from app.content.schemas import Catalogue
from app.core import apart, files, running
from app.core.access import Action, requires
from app.core.charts import for_print, percent
from app.core.db import begin, engine_of, session
from app.core.locale import language
from app.core.privacy import SMALLEST_EXACT_GROUP, SMALLEST_GROUP, SMALLEST_SURVEYED_GROUP
from app.core.security import limiter
from app.reports import presentation, queries, service
from app.reports.forms import ComparisonForm, PrintForm, TakeAwayForm
from app.reports.writing import MIMETYPES, Format
from app.surveys import presentation as survey_words

blueprint = Blueprint("reports", __name__, template_folder="templates")

STYLE = Path(__file__).with_name("report.css")


@blueprint.get("/skills/compare")
@requires(Action.SEE_GROUP_FIGURES)
def compare() -> str | tuple[str, int]:
    """Cohorts by name; with cohorts in the address, compared."""
    competencies = catalogue().competencies
    form = ComparisonForm(formdata=request.args).offer(
        presentation.choices(all_cohorts(session(), current_account())),
        [(code, presentation.title(each)) for code, each in competencies.items()],
    )
    is_asked = "cohort" in request.args or "competency" in request.args
    if not is_asked or not form.validate():
        page = _comparison_page(form, None)
        return (page, 422) if is_asked else page
    codes = {form.competency.data} if form.competency.data else set(competencies)
    found = queries.compared(session(), current_account(), form.cohort_ids, codes, list(competencies))
    return _comparison_page(form, found)


def _comparison_page(form: ComparisonForm, found: queries.Comparison | None) -> str:
    return render_template(
        "reports/compare.html",
        form=form,
        found=found,
        competencies=catalogue().competencies,
        **_rules(),
    )


@blueprint.get("/cohorts/<int:cohort_id>/report")
@requires(Action.SEE_GROUP_FIGURES)
def report(cohort_id: int) -> str:
    return _report_page(cohort_id)


def _report_page(cohort_id: int, form: TakeAwayForm | None = None, print_form: PrintForm | None = None) -> str:
    found = queries.report(session(), current_account(), catalogue(), cohort_id, silent_after=_silent_after())
    return render_template(
        "reports/report.html",
        form=form or _take_away_form(found.is_reachable, formdata=None),
        print_form=print_form or PrintForm(formdata=None, language=language()),
        **_report(found, catalogue()),
    )


@blueprint.post("/cohorts/<int:cohort_id>/report.pdf")
@limiter.limit("20 per minute")
@requires(Action.SEE_GROUP_FIGURES)
def printed(cohort_id: int) -> Response | tuple[str, int]:
    """The same, to be printed, in the language that was asked for."""
    form = PrintForm()
    if not form.validate_on_submit():
        return _report_page(cohort_id, print_form=form), 422
    chosen, reader_id, content = form.language.data, current_account().id, catalogue()
    service.note_printed(session(), current_account(), cohort_id, chosen)
    app, fonts = cast(Flask, current_app._get_current_object()), files.fonts_folder()  # type: ignore[attr-defined]

    def make() -> bytes:
        # Of a large cohort all this takes seconds, in which nobody should wait to write.
        with app.app_context(), force_locale(chosen), begin(engine_of(app), read_only=True) as fresh:
            reader = fresh.get_one(Account, reader_id)
            found = queries.report(fresh, reader, content, cohort_id, silent_after=_silent_after())
            page = render_template("reports/printed.html", for_print=for_print, **_report(found, content))
        return files.printed(page, fonts, STYLE)

    return files.sent_when_made(make, f"cohort-{cohort_id}-report.pdf", "application/pdf")


@blueprint.post("/cohorts/<int:cohort_id>/records")
@limiter.limit("20 per minute")
@requires(Action.SEE_GROUP_FIGURES)
def take_away(cohort_id: int) -> Response | tuple[str, int]:
    """The cohort's skill records as a file."""
    reaches = service.reaches_pages(session(), current_account(), cohort_id)
    form = _take_away_form(reaches)
    if not form.validate_on_submit():
        return _report_page(cohort_id, form), 422
    content, name = form.content.data, form.format.data
    package = service.take_records(session(), current_account(), catalogue(), cohort_id, content, name)
    return files.sent_when_made(
        lambda: apart.made("app.reports.writing:written", package, name),
        f"cohort-{cohort_id}-{content}.{name}",
        MIMETYPES[Format(name)],
    )


def _take_away_form(reaches: bool, **values: Any) -> TakeAwayForm:
    return TakeAwayForm(**values).offer(named=service.sees_names(current_account(), reaches=reaches))


def _silent_after() -> timedelta:
    return timedelta(days=running.settings().silent_days)


def _report(found: queries.CohortReport, content: Catalogue) -> dict[str, Any]:
    return {
        "found": found,
        "competencies": content.competencies,
        "silent_days": _silent_after().days,
        "smallest_surveyed_group": SMALLEST_SURVEYED_GROUP,
        "survey_words": survey_words,
        **_rules(),
    }


def _rules() -> dict[str, Any]:
    return {
        "words": presentation,
        "percent": percent,
        "method": METHOD_VERSION,
        "smallest_group": SMALLEST_GROUP,
        "smallest_exact": SMALLEST_EXACT_GROUP,
    }
