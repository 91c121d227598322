"""Pages to nudge trainees of a cohort."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.accounts.queries import current_account
from app.content.current import catalogue
from app.core import running
from app.core.access import Action, requires
from app.core.db import session
from app.core.errors import Refused
from app.notices.wording import LANGUAGES, SENDER, reads
from app.nudges import queries, service
from app.nudges.forms import NudgeForm
from app.nudges.queries import PAUSE, Addressee
from app.nudges.wording import COHORT, NAME, WORK, Wording
from app.progress.queries import Plan
from app.progress.wording import status_names
from app.surveys.queries import asks_cohort

blueprint = Blueprint("nudges", __name__, template_folder="templates")


@dataclass(frozen=True)
class Preview:
    """What the first of the chosen who reads this language will read."""

    language: str
    name: str
    wording: Wording


@blueprint.get("/cohorts/<int:cohort_id>/nudge")
@requires(Action.SEND_NUDGES)
def nudge(cohort_id: int) -> str:
    plan, found = _addressees(cohort_id)
    ticked = {each.id for each in found if each.nudged_at is None}
    return _nudge_page(plan, found, ticked, NudgeForm.with_proposals(has_survey=asks_cohort(session(), plan.cohort.id)))


@blueprint.post("/cohorts/<int:cohort_id>/nudge/preview")
@requires(Action.SEND_NUDGES)
def preview(cohort_id: int) -> str | tuple[str, int]:
    """What the chosen would read. Nothing is changed; it is a POST because the texts are long."""
    plan, found = _addressees(cohort_id)
    form, ticked = NudgeForm(), _ticked()
    problem = _nobody_chosen(ticked)
    if not form.validate_on_submit() or problem:
        return _nudge_page(plan, found, ticked, form, problem=problem), 422
    return _nudge_page(plan, found, ticked, form, previews=_previews(plan, found, ticked, form.wordings()))


@blueprint.post("/cohorts/<int:cohort_id>/nudge")
@requires(Action.SEND_NUDGES)
def send(cohort_id: int) -> Response | tuple[str, int]:
    plan, found = _addressees(cohort_id)
    form, ticked = NudgeForm(), _ticked()
    problem = _nobody_chosen(ticked)
    if not form.validate_on_submit() or problem:
        return _nudge_page(plan, found, ticked, form, problem=problem), 422
    sent = service.nudge(
        session(),
        current_account(),
        catalogue(),
        cohort_id,
        ticked,
        form.wordings(),
        silent_after=_silent_after(),
    )
    if not sent.sent:
        raise Refused(_said(sent), status=409)
    flash(_said(sent))
    return redirect(url_for("progress.cohort", cohort_id=cohort_id), code=303)


def _addressees(cohort_id: int) -> tuple[Plan, list[Addressee]]:
    return queries.addressees(session(), current_account(), catalogue(), cohort_id, silent_after=_silent_after())


def _ticked() -> set[int]:
    """Numbers of the trainees whose boxes are ticked; what is no number is passed over."""
    return {int(value) for value in request.form.getlist("trainee") if value.isascii() and value.isdigit()}


def _nobody_chosen(ticked: set[int]) -> str:
    return "" if ticked else str(_("Choose at least one trainee."))


def _previews(plan: Plan, found: list[Addressee], ticked: set[int], wordings: dict[str, Wording]) -> list[Preview]:
    previews = []
    for language in LANGUAGES:
        readers = [each for each in found if each.id in ticked and reads(each.progress.trainee) == language]
        for first in readers[:1]:
            filled = wordings[language].filled(
                name=first.progress.trainee.full_name,
                work=first.work(plan, language),
                cohort=plan.cohort.name,
                sender=current_account().full_name,
            )
            previews.append(Preview(language, first.progress.trainee.full_name, filled))
    return previews


def _nudge_page(
    plan: Plan,
    found: list[Addressee],
    ticked: set[int],
    form: NudgeForm,
    *,
    problem: str = "",
    previews: list[Preview] | None = None,
) -> str:
    problems = [(field.id, field.errors[0]) for field in form if field.errors]
    return render_template(
        "nudges/nudge.html",
        plan=plan,
        found=found,
        ticked=ticked,
        form=form,
        problems=[*([("trainees", problem)] if problem else []), *problems],
        previews=previews or [],
        statuses=status_names(),
        signs={NAME: _("the name"), WORK: _("what is overdue"), COHORT: _("the cohort"), SENDER: _("your name")},
        pause_days=PAUSE.days,
        sends_mail=bool(running.settings().mail_host),
    )


def _said(sent: service.Sent) -> str:
    """What became of a nudge, in sentences."""
    told = [ngettext("%(num)s trainee has a notice now.", "%(num)s trainees have a notice now.", sent.sent)]
    if sent.nudged_lately:
        told.append(
            ngettext(
                "%(num)s was not told again: this cohort nudged them less than %(days)s days ago.",
                "%(num)s were not told again: this cohort nudged them less than %(days)s days ago.",
                sent.nudged_lately,
                days=PAUSE.days,
            )
        )
    if sent.passed_over:
        told.append(
            ngettext(
                "%(num)s was not told: no longer behind, or no longer in the cohort.",
                "%(num)s were not told: no longer behind, or no longer in the cohort.",
                sent.passed_over,
            )
        )
    return " ".join(told if sent.sent else [str(_("Nobody was told.")), *told[1:]])


def _silent_after() -> timedelta:
    return timedelta(days=running.settings().silent_days)
