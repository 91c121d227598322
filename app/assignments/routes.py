"""Pages of a cohort's lab: who stands where, terms, release, re-grades, submissions that are alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

import grading
from app.accounts.queries import current_account
from app.assignments import queries, service
from app.assignments.forms import RegradeForm, TermsForm
from app.assignments.queries import Assignment, Standing
from app.competencies.queries import readable
from app.content.current import catalogue, installed
from app.core import apart, files, running
from app.core.access import Action, requires
from app.core.db import session
from app.core.errors import Refused
from app.core.locale import language
from app.core.paging import page_of_rows, wanted
from app.gradebook import regrades
from app.gradebook.models import Regrade
from app.gradebook.regrade_preview import Change
from app.gradebook.regrade_preview import as_shown_to as changes_as_shown_to
from app.gradebook.regrade_preview import preview as preview_of
from app.gradebook.shown_lab import shown_lab
from app.gradebook.wording import points_sentence
from app.notebooks.terms import changes as changes_of_terms

blueprint = Blueprint("assignments", __name__, template_folder="templates")


def _found(cohort_id: int, activity_id: str) -> Assignment:
    return queries.assignment(session(), current_account(), catalogue(), cohort_id, activity_id)


def _to(found: Assignment) -> Response:
    return redirect(url_for(".lab", cohort_id=found.cohort.id, activity_id=found.lab.id), code=303)


@blueprint.get("/cohorts/<int:cohort_id>/labs/<activity_id>")
@requires(Action.KEEP_GRADEBOOK)
def lab(cohort_id: int, activity_id: str) -> str:
    found = _found(cohort_id, activity_id)
    return _lab_page(found)


def _lab_page(found: Assignment, *, regrade_form: RegradeForm | None = None) -> str:
    instructor, module_id = current_account(), found.cohort.module_id
    return render_template(
        "assignments/lab.html",
        found=found,
        standings=queries.standings(session(), instructor, found, wanted("trainees")),
        state=_state,
        outdated=regrades.outdated(session(), instructor, module_id, found.lab),
        open_regrade=regrades.open_regrade(session(), instructor, module_id, found.lab.id),
        regrade_form=regrade_form or RegradeForm(),
    )


def _state(standing: Standing) -> str:
    """What became of a trainee's work, in words."""
    attempt = standing.counting or standing.last
    if attempt is None:
        return str(_("nothing handed in"))
    if attempt.grade is None:
        return str(_("being graded"))
    if attempt.has_points:
        return points_sentence(attempt)
    return str(_("not graded: open it to see why"))


@blueprint.get("/cohorts/<int:cohort_id>/labs/<activity_id>/terms")
@requires(Action.KEEP_GRADEBOOK)
def terms(cohort_id: int, activity_id: str) -> str:
    found = _found(cohort_id, activity_id)
    return _terms_page(found, _terms_form(found))


@blueprint.post("/cohorts/<int:cohort_id>/labs/<activity_id>/terms")
@requires(Action.KEEP_GRADEBOOK)
def set_terms(cohort_id: int, activity_id: str) -> Response | tuple[str, int]:
    found = _found(cohort_id, activity_id)
    form = _terms_form(found)
    if not form.validate_on_submit():
        return _terms_page(found, form), 422
    new = service.NewTerms(form.terms, form.reason_given, form.changes_seen)
    try:
        service.set_terms(session(), current_account(), catalogue(), found, new)
    except service.TermsChangedMeanwhile as refusal:
        fresh = _found(cohort_id, activity_id)
        form.seen.data = str(_changes(fresh))
        return _terms_page(fresh, form, refusal=refusal.message), refusal.status
    flash(_("The terms are set."))
    return _to(found)


def _terms_form(found: Assignment) -> TermsForm:
    is_begun = bool(queries.submissions(session(), found))
    return TermsForm.of(found.terms, changes=_changes(found), is_begun=is_begun)


def _changes(found: Assignment) -> int:
    """How often the terms were changed."""
    return len(changes_of_terms(session(), found.cohort.id, found.lab.id))


def _terms_page(found: Assignment, form: TermsForm, *, refusal: str = "") -> str:
    return render_template("assignments/terms.html", found=found, form=form, refusal=refusal)


@blueprint.post("/cohorts/<int:cohort_id>/labs/<activity_id>/release")
@requires(Action.KEEP_GRADEBOOK)
def release(cohort_id: int, activity_id: str) -> Response:
    found = _found(cohort_id, activity_id)
    service.release(session(), current_account(), catalogue(), found)
    flash(_("The cohort sees its results now."))
    return _to(found)


@blueprint.post("/cohorts/<int:cohort_id>/labs/<activity_id>/course.zip")
@requires(Action.KEEP_GRADEBOOK)
def course(cohort_id: int, activity_id: str) -> Response:
    """The lab and the attempts that count as a course folder for the nbgrader command."""
    found = _found(cohort_id, activity_id)
    settings = running.settings()
    contents = queries.course(session(), running.blobs(), settings.lab_files_folder, found)
    service.note_export(session(), current_account(), found)
    return files.sent_when_made(
        lambda: apart.made("app.assignments.archive:packed", contents), f"{found.lab.id}-course.zip", "application/zip"
    )


@blueprint.post("/cohorts/<int:cohort_id>/labs/<activity_id>/regrade")
@requires(Action.KEEP_GRADEBOOK)
def propose_regrade(cohort_id: int, activity_id: str) -> Response | tuple[str, int]:
    found, form = _found(cohort_id, activity_id), RegradeForm()
    if not form.validate_on_submit():
        return _lab_page(found, regrade_form=form), 422
    made = regrades.propose(session(), current_account(), found.cohort.module_id, found.lab, form.reason_given)
    return redirect(url_for(".regrade", regrade_id=made.id), code=303)


def _regrade(regrade_id: int) -> Regrade:
    return regrades.regrade_of_academy(session(), current_account(), regrade_id)


@blueprint.get("/regrades/<int:regrade_id>")
@requires(Action.REGRADE_LABS)
def regrade(regrade_id: int) -> str:
    return _regrade_page("assignments/regrade.html", _regrade(regrade_id))


@blueprint.get("/regrades/<int:regrade_id>/preview")
@requires(Action.REGRADE_LABS)
def preview(regrade_id: int) -> str:
    """The changing part of the page."""
    return _regrade_page("assignments/_preview.html", _regrade(regrade_id))


@blueprint.post("/regrades/<int:regrade_id>/apply")
@requires(Action.REGRADE_LABS)
def apply(regrade_id: int) -> Response | tuple[str, int]:
    found = _regrade(regrade_id)
    try:
        made = regrades.apply(session(), current_account(), found, catalogue())
    except Refused as refusal:
        return _regrade_page("assignments/regrade.html", found, refusal=refusal.message), refusal.status
    changed = len(made.changed)
    flash(ngettext("%(num)s submission has other points now.", "%(num)s submissions have other points now.", changed))
    return redirect(url_for(".regrade", regrade_id=found.id), code=303)


@blueprint.post("/regrades/<int:regrade_id>/drop")
@requires(Action.REGRADE_LABS)
def drop(regrade_id: int) -> Response | tuple[str, int]:
    found = _regrade(regrade_id)
    try:
        regrades.drop(session(), current_account(), found)
    except Refused as refusal:
        return _regrade_page("assignments/regrade.html", found, refusal=refusal.message), refusal.status
    flash(_("The re-grade is dropped; nobody's points changed."))
    return redirect(url_for(".regrade", regrade_id=found.id), code=303)


def _regrade_page(template: str, found: Regrade, *, refusal: str = "") -> str:
    lab = shown_lab(catalogue(), found, language())
    is_told = not (found.dropped_at or (found.is_open and lab.is_gone))
    shown = preview_of(session(), found, lab.rubrics) if is_told else None
    names = regrades.names(session(), found)
    changed = page_of_rows(shown.changed if shown else (), wanted()).made(_as_shown)
    return render_template(
        template,
        regrade=found,
        asked_by=names[found.asked_by],
        decided_by=names.get(found.decided_by or 0, ""),
        lab=lab,
        preview=shown,
        changed=changed,
        readable=readable(session(), current_account(), [change.trainee.id for change in changed.rows]),
        points_sentence=points_sentence,
        refusal=refusal,
    )


def _as_shown(changes: Sequence[Change]) -> list[Change]:
    return changes_as_shown_to(session(), current_account(), changes)


@blueprint.get("/cohorts/<int:cohort_id>/labs/<activity_id>/alike")
@requires(Action.KEEP_GRADEBOOK)
def alike(cohort_id: int, activity_id: str) -> str:
    found = _found(cohort_id, activity_id)
    likeness = queries.alike(session(), running.blobs(), installed(), found)
    pairs = page_of_rows(likeness.pairs, wanted())
    return render_template("assignments/alike.html", found=found, pairs=pairs, cut=likeness.cut)


@blueprint.get("/cohorts/<int:cohort_id>/labs/<activity_id>/alike/<int:first>/<int:second>")
@requires(Action.KEEP_GRADEBOOK)
def pair(cohort_id: int, activity_id: str, first: int, second: int) -> str:
    found = _found(cohort_id, activity_id)
    both = queries.pair_of(session(), running.blobs(), installed(), found, first, second)
    sides = [
        (side.submission, _shared_cells(side), bool(grading.cut_cells(side.notebook)))
        for side in (both.first, both.second)
    ]
    return render_template("assignments/pair.html", found=found, sides=sides)


@dataclass(frozen=True)
class SharedCell:
    """A cell of which something is shared. lines: each line, and whether it is shared."""

    is_code: bool
    lines: tuple[tuple[str, bool], ...]


def _shared_cells(side: queries.Side) -> list[SharedCell]:
    cells = json.loads(side.notebook)["cells"]
    numbers = sorted({each.cell for each in side.passages})
    return [_shared_cell(cells[number], side.passages, number) for number in numbers]


def _shared_cell(cell: dict[str, str], passages: tuple[grading.Passage, ...], number: int) -> SharedCell:
    lines = "".join(cell["source"]).split("\n")
    shared = {line for each in passages if each.cell == number for line in range(each.first, each.last + 1)}
    return SharedCell(cell["cell_type"] == "code", tuple((line, place in shared) for place, line in enumerate(lines)))
