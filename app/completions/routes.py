"""Pages of courses finished elsewhere: for who reports them, who decides, and who brings a file of them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.accounts.queries import current_account
from app.completions import queries, service, wording
from app.completions.forms import APPROVE, DecisionForm, ReportForm, UploadForm
from app.completions.links import host_of
from app.completions.models import State
from app.completions.reading import HEADINGS, Row
from app.content.current import catalogue
from app.core.access import Action, holds, requires
from app.core.db import session
from app.core.errors import NotFound, Refused
from app.core.paging import page_of_rows, wanted
from app.core.spreadsheets import MOST_ROWS

blueprint = Blueprint("completions", __name__, template_folder="templates")
Answer = Response | tuple[str, int]


@blueprint.get("/completions")
@requires(Action.KEEP_OWN_RECORD)
def own() -> str:
    """What somebody reported, and for trainees the form; whoever is none and reported nothing finds no page."""
    return _own_page(_report_form(formdata=None))


@blueprint.post("/completions")
@requires(Action.REPORT_COMPLETION)
def report() -> Answer:
    form = _report_form()
    if not form.validate_on_submit():
        return _own_page(form), 422
    try:
        made = service.report(session(), current_account(), form.values)
    except Refused as refusal:
        form.title.errors = [refusal.message]
        return _own_page(form), refusal.status
    flash(_("Reported. It counts as evidence once an instructor or administrator has approved it."))
    return redirect(url_for(".completion", completion_id=made.id), code=303)


def _report_form(**options: None) -> ReportForm:
    return ReportForm.of(catalogue().competencies.values(), **options)


def _own_page(form: ReportForm) -> str:
    found = queries.own(session(), current_account(), wanted())
    learns = holds(current_account(), Action.REPORT_COMPLETION)
    if not learns and not found.total:
        raise NotFound
    return render_template("completions/own.html", form=form, learns=learns, completions=found, wording=wording)


@blueprint.get("/completions/<int:completion_id>")
@requires(Action.SEE_COMPLETION)
def completion(completion_id: int) -> str:
    """What was reported and what became of it; where the evidence of it leads."""
    return _page(completion_id, DecisionForm(formdata=None))


def _page(completion_id: int, form: DecisionForm) -> str:
    actor = current_account()
    found = queries.completion_of(session(), actor, completion_id, Action.SEE_COMPLETION)
    state, own = found.completion.state, found.completion.trainee_id == actor.id
    may_judge = holds(actor, Action.JUDGE_COMPLETIONS) and not own
    judges = may_judge and state in (State.REPORTED, State.APPROVED)
    return render_template(
        "completions/completion.html",
        found=found,
        own=own,
        competency=catalogue().competencies.get(found.completion.competency),
        form=form if judges else None,
        State=State,
        host_of=host_of,
        wording=wording,
    )


@blueprint.post("/completions/<int:completion_id>/withdraw")
@requires(Action.KEEP_OWN_RECORD)
def withdraw(completion_id: int) -> Response:
    service.withdraw(session(), current_account(), completion_id)
    flash(_("Withdrawn. As evidence it no longer counts."))
    return redirect(url_for(".completion", completion_id=completion_id), code=303)


@blueprint.get("/completions/waiting")
@requires(Action.JUDGE_COMPLETIONS)
def waiting() -> str:
    return _waiting_page(DecisionForm(formdata=None))


@blueprint.post("/completions/decide")
@requires(Action.JUDGE_COMPLETIONS)
def decide() -> Answer:
    """Decide one or several alike."""
    form = DecisionForm()
    if not form.validate_on_submit():
        chosen = form.completions.data
        return (_page(chosen[0], form) if request.form.get("alone") and chosen else _waiting_page(form)), 422
    is_approved = form.decision.data == APPROVE
    try:
        count = service.decide(
            session(), current_account(), form.completions.data, approve=is_approved, reason=form.reason.data
        )
    except Refused as refusal:
        form.completions.errors = [refusal.message]
        return _waiting_page(form), refusal.status
    if is_approved:
        flash(ngettext("%(num)s completion approved.", "%(num)s completions approved.", count))
    else:
        flash(ngettext("%(num)s completion refused.", "%(num)s completions refused.", count))
    return redirect(url_for(".waiting"), code=303)


def _waiting_page(form: DecisionForm) -> str:
    found = queries.waiting(session(), current_account(), wanted())
    brings = holds(current_account(), Action.BRING_COMPLETIONS)
    return render_template(
        "completions/waiting.html", form=form, completions=found, brings=brings, host_of=host_of, wording=wording
    )


@blueprint.get("/administration/completions")
@requires(Action.BRING_COMPLETIONS)
def bring() -> str:
    return _bring_page(UploadForm(formdata=None))


@blueprint.post("/administration/completions")
@requires(Action.BRING_COMPLETIONS)
def upload() -> Answer:
    form = UploadForm()
    if not form.validate_on_submit():
        return _bring_page(form), 422
    file = form.file.data
    known = catalogue().competencies.keys()
    try:
        made = service.preview(session(), current_account(), file.read(), file_name=file.filename, competencies=known)
    except Refused as refusal:
        form.file.errors = [refusal.message]
        return _bring_page(form), refusal.status
    return redirect(url_for(".preview", import_id=made.id), code=303)


def _bring_page(form: UploadForm) -> str:
    return render_template("completions/bring.html", form=form, headings=HEADINGS, most_rows=MOST_ROWS, wording=wording)


@blueprint.get("/administration/completions/<int:import_id>")
@requires(Action.BRING_COMPLETIONS)
def preview(import_id: int) -> str:
    """What a file would bring; what is wrong first."""
    made = queries.import_of_academy(session(), current_account(), import_id)
    rows = sorted((Row.of_json(kept) for kept in made.rows), key=lambda row: (not row.problems, row.known, row.number))
    return render_template(
        "completions/preview.html",
        made=made,
        rows=page_of_rows(rows, wanted("rows")),
        wrong=sum(bool(row.problems) for row in rows),
        new=sum(not row.problems and not row.known for row in rows),
        wording=wording,
    )


@blueprint.post("/administration/completions/<int:import_id>/apply")
@requires(Action.BRING_COMPLETIONS)
def apply(import_id: int) -> Response:
    known = catalogue().competencies.keys()
    count = service.apply(session(), current_account(), import_id, competencies=known)
    flash(
        ngettext(
            "%(num)s completion brought in. It waits to be looked at.",
            "%(num)s completions brought in. They wait to be looked at.",
            count,
        )
    )
    return redirect(url_for(".waiting"), code=303)


@blueprint.post("/administration/completions/<int:import_id>/drop")
@requires(Action.BRING_COMPLETIONS)
def drop(import_id: int) -> Response:
    service.drop(session(), current_account(), import_id)
    flash(_("The preview is forgotten. Nothing was changed."))
    return redirect(url_for(".bring"), code=303)
