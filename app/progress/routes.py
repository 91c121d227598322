"""Pages of a cohort's plan and progress, and a trainee's own calendar."""

from __future__ import annotations

import math
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Cohort
from app.accounts.queries import current_account
from app.content.current import catalogue, catalogue_for
from app.core import clock, running
from app.core.access import Action, holds, public, requires
from app.core.charts import percent
from app.core.db import session
from app.core.errors import NotFound
from app.core.locale import language, today
from app.core.paging import page_of_rows, wanted
from app.enrolment.queries import cohort as cohort_to_keep
from app.learning.keeping import activity_address
from app.progress import queries, service
from app.progress.feed import written
from app.progress.forms import MOST_WEEKS, DaysForm, PlanForm, ProposalForm
from app.progress.planning import WEEK_DAYS
from app.progress.standing import Status
from app.progress.wording import order_names, status_names
from app.surveys.queries import OwnSurvey

blueprint = Blueprint("progress", __name__, template_folder="templates")

USUAL_WEEKS = 4


@blueprint.get("/cohorts/<int:cohort_id>/progress")
@requires(Action.SEE_COHORTS)
def cohort(cohort_id: int) -> str:
    found = queries.cohort_progress(
        session(), current_account(), catalogue(), cohort_id, silent_after=timedelta(days=_silent_days())
    )
    status, order = _chosen_status(), _chosen_order()
    return render_template(
        "progress/cohort.html",
        found=found,
        trainees=page_of_rows(found.chosen(status, order), wanted()),
        status=status,
        statuses=status_names(),
        order=order,
        orders=order_names(),
        percent=percent,
        **_words(found.plan.cohort),
    )


@blueprint.get("/cohorts/<int:cohort_id>/progress/<int:trainee_id>")
@requires(Action.SEE_COHORTS)
def trainee(cohort_id: int, trainee_id: int) -> str:
    plan, found = queries.trainee_progress(
        session(),
        current_account(),
        catalogue(),
        cohort_id,
        trainee_id,
        silent_after=timedelta(days=_silent_days()),
    )
    return render_template(
        "progress/trainee.html",
        plan=plan,
        found=found,
        statuses=status_names(),
        now=clock.now(),
        last_day=queries.last_day,
        **_words(plan.cohort),
    )


@blueprint.get("/cohorts/<int:cohort_id>/plan")
@requires(Action.KEEP_COHORTS)
def plan(cohort_id: int) -> str | tuple[str, int]:
    """The plan as it is, or, with first_day and weeks in the address, as it is proposed."""
    found = _plan_to_keep(cohort_id)
    if "weeks" not in request.args:
        return _plan_page(found, _forms(found), _proposal_form(found.cohort))
    asked = ProposalForm(formdata=request.args)
    if not asked.validate():
        return _plan_page(found, _forms(found), asked), 422
    proposed = asked.proposal(found.activity_ids)
    forms = [DaysForm.of(found.cohort, part, proposed[part.activity.id]) for part in found.parts]
    return _plan_page(found, forms, asked, is_proposed=True)


@blueprint.post("/cohorts/<int:cohort_id>/plan")
@requires(Action.KEEP_COHORTS)
def set_plan(cohort_id: int) -> Response | tuple[str, int]:
    found = _plan_to_keep(cohort_id)
    token, forms = PlanForm(), [DaysForm(found.cohort, part) for part in found.parts]
    # Every form is asked, so that all that is wrong is told at once.
    if not all([token.validate_on_submit(), *(form.validate() for form in forms)]):
        return _plan_page(found, forms, _proposal_form(found.cohort)), 422
    service.set_plan(session(), current_account(), cohort_id, {form.part.activity.id: form.days for form in forms})
    flash(_("The plan is kept. Trainees see it in their calendar."))
    return redirect(url_for(".cohort", cohort_id=cohort_id), code=303)


@blueprint.get("/calendar")
@requires(Action.LEARN)
def calendar() -> str:
    return _calendar_page()


@blueprint.post("/calendar/address")
@requires(Action.LEARN)
def make_address() -> str:
    """The new address is shown by this answer and never again."""
    token = service.make_calendar_address(session(), current_account())
    return _calendar_page(running.settings().public_origin + url_for(".feed", token=token))


@blueprint.post("/calendar/address/withdraw")
@requires(Action.LEARN)
def withdraw_address() -> Response:
    service.withdraw_calendar_address(session(), current_account())
    flash(_("The former address of your calendar no longer works."))
    return redirect(url_for(".calendar"), code=303)


@blueprint.get("/calendar/<token>.ics")
@public
def feed(token: str) -> Response:
    """The calendar for whoever has its secret address."""
    owner = queries.owner_of_calendar(session(), token)
    with force_locale(owner.language):
        due = queries.all_due(session(), catalogue_for(owner.academy_id), owner)
        surveys = queries.surveys_with_days(session(), owner)
        content = written(due, surveys, running.settings().portal_host, _address_of)
    return Response(content, content_type="text/calendar; charset=utf-8")


def _address_of(due: queries.Due | OwnSurvey) -> str:
    if isinstance(due, OwnSurvey):
        return running.settings().public_origin + url_for("surveys.own")
    return running.settings().public_origin + activity_address(due.cohort.module_id, due.part.activity)


def _calendar_page(address: str = "") -> str:
    return render_template(
        "progress/calendar.html",
        found=queries.calendar_of(session(), catalogue(), current_account()),
        one_week=timedelta(days=WEEK_DAYS - 1),
        has_address=queries.has_calendar_address(session(), current_account().id),
        address=address,
        find=catalogue().find,
    )


def _plan_to_keep(cohort_id: int) -> queries.Plan:
    """The plan of a cohort that the present account may keep. Raises NotFound, without content too."""
    found = queries.plan_of(session(), catalogue(), cohort_to_keep(session(), current_account(), cohort_id))
    if found.module is None:
        raise NotFound
    return found


def _forms(found: queries.Plan) -> list[DaysForm]:
    return [DaysForm.of(found.cohort, part, part.days) for part in found.parts]


def _proposal_form(cohort: Cohort) -> ProposalForm:
    """What a proposal is usually made from: the days of the cohort."""
    first = cohort.begins_on or today()
    return ProposalForm(formdata=None, first_day=first, weeks=_weeks(first, cohort.ends_on))


def _weeks(first: date, last: date | None) -> int:
    if last is None:
        return USUAL_WEEKS
    return min(max(1, math.floor(((last - first).days + 1) / WEEK_DAYS)), MOST_WEEKS)


def _plan_page(
    found: queries.Plan, forms: list[DaysForm], proposal_form: ProposalForm, *, is_proposed: bool = False
) -> str:
    problems = [
        (field.id, f"{form.part.activity.title.in_language(language())}: {field.errors[0]}")
        for form in forms
        for field in form
        if field.errors
    ] + [(field.id, field.errors[0]) for field in proposal_form if field.errors]
    return render_template(
        "progress/plan.html",
        plan=found,
        forms=forms,
        token=PlanForm(),
        proposal_form=proposal_form,
        problems=problems,
        is_proposed=is_proposed,
        **_words(found.cohort),
    )


def _words(cohort: Cohort) -> dict[str, object]:
    module = catalogue().modules.get(cohort.module_id)
    return {
        "module_title": module.title.in_language(language()) if module else cohort.module_id,
        "silent_days": _silent_days(),
        "keeps_cohort": holds(current_account(), Action.KEEP_COHORTS),
        "sends_nudges": holds(current_account(), Action.SEND_NUDGES),
        "keeps_gradebook": holds(current_account(), Action.KEEP_GRADEBOOK),
    }


def _silent_days() -> int:
    return running.settings().silent_days


def _chosen_status() -> Status | None:
    """The status that the address asks for; None for all, and for what is none."""
    try:
        return Status(request.args.get("status", ""))
    except ValueError:
        return None


def _chosen_order() -> str:
    asked = request.args.get("order", "")
    return asked if asked in queries.ORDERS else "name"
