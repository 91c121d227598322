"""The page “What did you find?” of a lab whose data hold planted truths."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import consent
from app.accounts.queries import current_account
from app.content.current import catalogue
from app.content.schemas import Notebook
from app.content.truths import PlantedTruths
from app.core.access import Action, requires
from app.core.db import session
from app.core.errors import Refused
from app.notebooks import contact, curiosity, finding_pages, findings, queries

blueprint = Blueprint("findings", __name__, template_folder="templates")


def _lab(module_id: str, activity_id: str) -> Notebook:
    return queries.lab(session(), catalogue(), current_account(), module_id, activity_id)


@blueprint.get("/notebooks/<module_id>/<activity_id>/findings")
@requires(Action.KEEP_CURIOSITY_LOG)
def page(module_id: str, activity_id: str) -> str:
    """The trainee's findings: those claimed and the next one to claim, or what a closed list came to."""
    return _page(module_id, _lab(module_id, activity_id))


def _page(module_id: str, lab: Notebook, *, problem: str = "") -> str:
    truths = findings.truths_of(lab)
    found = findings.own(session(), current_account(), module_id, lab.id)
    measure, column = request.values.get("measure", ""), request.values.get("column", "")
    return render_template(
        "notebooks/findings.html",
        module=catalogue().module(module_id),
        activity=lab,
        agreed=consent.standing(session(), current_account().id, curiosity.PURPOSE),
        contact=contact.word(current_account().id),
        note=truths.note,
        measures=finding_pages.measures(truths),
        columns=finding_pages.columns(truths),
        measure=measure,
        column=column,
        question=finding_pages.question(truths, measure, column),
        mismatch=_mismatch(truths, measure, column),
        claims=[(each, finding_pages.in_words(truths, each.claim)) for each in found.claims] if found else [],
        is_over=findings.is_over(session(), current_account(), module_id, lab.id, found),
        outcome=finding_pages.outcome(truths, found) if found and found.is_closed else None,
        problem=problem,
    )


def _mismatch(truths: PlantedTruths, measure: str, column: str) -> str:
    """Why a chosen measure and column make no question; "" where they do or nothing was chosen."""
    if not (measure or column) or finding_pages.question(truths, measure, column) is not None:
        return ""
    possible = finding_pages.columns_of(truths, measure)
    if not possible:
        return str(_("Choose what you looked at, and by what you compared it."))
    return str(_("This can be compared by: %(columns)s. Choose one of them.", columns=" · ".join(possible)))


def _back(module_id: str, activity_id: str) -> AnyResponse:
    return redirect(url_for(".page", module_id=module_id, activity_id=activity_id), code=303)


@blueprint.post("/notebooks/<module_id>/<activity_id>/findings")
@requires(Action.KEEP_CURIOSITY_LOG)
def claim(module_id: str, activity_id: str) -> AnyResponse | tuple[str, int]:
    """Add a finding to the trainee's list."""
    lab = _lab(module_id, activity_id)
    try:
        findings.claim(session(), current_account(), module_id, lab, request.form.get("claim", ""))
    except Refused as refusal:
        return _page(module_id, lab, problem=refusal.message), refusal.status
    return _back(module_id, activity_id)


@blueprint.post("/notebooks/<module_id>/<activity_id>/findings/<int:claim_id>/withdraw")
@requires(Action.KEEP_CURIOSITY_LOG)
def withdraw(module_id: str, activity_id: str, claim_id: int) -> AnyResponse:
    """Take a finding off the list."""
    findings.withdraw(session(), current_account(), module_id, _lab(module_id, activity_id), claim_id)
    return _back(module_id, activity_id)


@blueprint.post("/notebooks/<module_id>/<activity_id>/findings/close")
@requires(Action.KEEP_CURIOSITY_LOG)
def close(module_id: str, activity_id: str) -> AnyResponse | tuple[str, int]:
    """Close the list, so that it is judged."""
    lab = _lab(module_id, activity_id)
    try:
        findings.close(session(), current_account(), module_id, lab)
    except Refused as refusal:
        return _page(module_id, lab, problem=refusal.message), refusal.status
    flash(_("Your list is closed. Below is what your findings were."))
    return _back(module_id, activity_id)
