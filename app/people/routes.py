"""Pages of imports, from the file to the undoing, and the page of a person."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.forms import ROLE_NAMES
from app.accounts.postings import BeginsTooEarly, PostingChange
from app.accounts.queries import account_of_academy, current_account, postings_of, reachable_cohorts
from app.core.access import Action, Role, holds, may_hand_code_to, requires
from app.core.db import session
from app.core.errors import Refused
from app.core.paging import page_of_rows, wanted
from app.core.security import limiter
from app.core.spreadsheets import MOST_ROWS
from app.people import queries, service, wording
from app.people.columns import HEADINGS, REQUIRED
from app.people.forms import PostingForm, UploadForm
from app.people.models import ROWS_KEPT, Outcome

# What needs a decision first.
SHOWN = (Outcome.WRONG, Outcome.NEW, Outcome.CHANGED, Outcome.SAME)
blueprint = Blueprint("people", __name__, template_folder="templates")


@blueprint.get("/administration/imports")
@requires(Action.KEEP_PEOPLE)
def imports() -> str:
    return _imports_page(UploadForm())


@blueprint.post("/administration/imports")
@requires(Action.KEEP_PEOPLE)
def upload() -> Response | tuple[str, int]:
    form = UploadForm()
    if not form.validate_on_submit():
        return _imports_page(form), 422
    file = form.people.data
    try:
        made = service.preview(
            session(), current_account(), file.read(), file_name=file.filename, gives_roles=form.gives_roles.data
        )
    except Refused as refusal:
        form.people.errors = [refusal.message]
        return _imports_page(form), refusal.status
    return redirect(url_for(".preview", import_id=made.id), code=303)


def _imports_page(form: UploadForm) -> str:
    return render_template(
        "people/imports.html",
        form=form,
        imports=queries.imports(session(), current_account(), wanted()),
        headings=HEADINGS,
        required=REQUIRED,
        most_rows=MOST_ROWS,
        undone_for=ROWS_KEPT,
        words=wording,
    )


@blueprint.get("/administration/imports/<int:import_id>")
@requires(Action.KEEP_PEOPLE)
def preview(import_id: int) -> str:
    """What a file does or did, one outcome at a time; what is wrong first."""
    made = queries.import_of_academy(session(), current_account(), import_id)
    outcomes = [outcome for outcome in SHOWN if wording.count_of(made, outcome)]
    shown = next((each for each in outcomes if each == request.args.get("show")), outcomes[0])
    return render_template(
        "people/import.html",
        made=made,
        outcomes=outcomes,
        shown=shown,
        rows=queries.rows_page(session(), made, shown, wanted("rows")),
        Outcome=Outcome,
        words=wording,
    )


@blueprint.post("/administration/imports/<int:import_id>/apply")
@limiter.limit("30 per hour", key_func=lambda: f"imports of people: {current_account().id}")
@requires(Action.KEEP_PEOPLE)
def apply(import_id: int) -> Response:
    made = service.apply(session(), current_account(), import_id)
    if made.applied_at is None:
        return redirect(url_for(".preview", import_id=made.id), code=303)
    flash(_("Done: %(new)s new, %(changed)s changed.", new=made.new_rows, changed=made.changed_rows))
    return redirect(url_for(".preview", import_id=made.id), code=303)


@blueprint.post("/administration/imports/<int:import_id>/drop")
@requires(Action.KEEP_PEOPLE)
def drop(import_id: int) -> Response:
    service.drop(session(), current_account(), import_id)
    flash(_("The preview is forgotten. Nothing was changed."))
    return redirect(url_for(".imports"), code=303)


@blueprint.get("/administration/imports/<int:import_id>/undo")
@requires(Action.KEEP_PEOPLE)
def undoing(import_id: int) -> str:
    made = queries.import_of_academy(session(), current_account(), import_id)
    plan = service.undoing(session(), current_account(), made)
    kept = queries.rows_by_id_page(session(), plan.used + plan.changed_since, wanted("rows"))
    taught = page_of_rows(plan.teaching_again, wanted("taught"))
    return render_template("people/undo.html", made=made, plan=plan, kept=kept, taught=taught, words=wording)


@blueprint.post("/administration/imports/<int:import_id>/undo")
@requires(Action.KEEP_PEOPLE)
def undo(import_id: int) -> Response:
    done = service.undo(session(), current_account(), import_id, request.form.get("digest", ""))
    flash(
        ngettext(
            "The import is undone: %(num)s account removed.",
            "The import is undone: %(num)s accounts removed.",
            len(done.removed),
        )
    )
    return redirect(url_for(".preview", import_id=import_id), code=303)


@blueprint.get("/people/<int:account_id>")
@requires(Action.SEE_PEOPLE)
def person(account_id: int) -> str:
    return _person_page(account_id, None)


@blueprint.post("/people/<int:account_id>/posting")
@requires(Action.KEEP_PEOPLE)
def change_posting(account_id: int) -> Response | tuple[str, int]:
    account_of_academy(session(), current_account(), account_id, Action.KEEP_PEOPLE)
    form = PostingForm()
    if not form.validate_on_submit():
        return _person_page(account_id, form), 422
    try:
        change = service.transfer(session(), current_account(), account_id, form.said)
    except BeginsTooEarly as early:
        day = format_date(early.begins_on, "medium", rebase=False)
        form.begins_on.errors = [
            _("The posting before this one began on %(day)s. Choose that day or a later one.", day=day)
        ]
        return _person_page(account_id, form), 422
    messages = {
        None: _("This is what was known already. Nothing was changed."),
        PostingChange.FIRST: _("The posting is noted."),
        PostingChange.CORRECTION: _("The present posting is corrected."),
        PostingChange.TRANSFER: _("The transfer is noted. The former posting stays in the history."),
    }
    flash(messages[change])
    return redirect(url_for(".person", account_id=account_id), code=303)


def _person_page(account_id: int, form: PostingForm | None) -> str:
    actor = current_account()
    found = account_of_academy(session(), actor, account_id, Action.SEE_PEOPLE)
    postings = postings_of(session(), found.id)
    present = next((each for each in postings if each.ends_on is None), None)
    keeps = holds(actor, Action.KEEP_PEOPLE)
    cohorts = queries.cohorts_of_person(session(), found.id)
    return render_template(
        "people/person.html",
        person=found,
        role_name=ROLE_NAMES[found.role],
        has_record=found.role is Role.TRAINEE,
        helps=found.id != actor.id and may_hand_code_to(actor, found.role),
        postings=postings,
        cohorts=cohorts,
        reachable=reachable_cohorts(session(), actor, [each.id for each in cohorts]),
        form=(form or PostingForm.about(present)) if keeps else None,
    )
