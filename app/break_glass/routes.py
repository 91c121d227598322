"""The page before the record of one person, which every page of such a record leads to until it is open."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.admission import local_address
from app.accounts.queries import current_account
from app.break_glass import queries, service
from app.break_glass.forms import OpeningForm
from app.core import errors
from app.core.access import Action, RecordClosed, Scope, requires
from app.core.db import session
from app.core.errors import NotFound

blueprint = Blueprint("break_glass", __name__, template_folder="templates")
Answer = Response | tuple[str, int]


@blueprint.app_errorhandler(RecordClosed)
def ask_first(closed: RecordClosed) -> Answer:
    """Wherever a record is asked for that is not open: the page on which it is opened, and from there back."""
    try:
        record = queries.record(session(), current_account(), closed.person_id)
    except NotFound:
        # Somebody of whom there is no record; what a handler raises is handled by none.
        return errors.answer(404)
    if closed.scope is Scope.OPENED_WITH_WORK and record.appeal is None:
        return errors.answer(
            403,
            title=_("What this person submitted stays closed"),
            advice=_("An administrator sees it only while a complaint of this person waits for a decision."),
        )
    if "HX-Request" in request.headers:
        return errors.answer(403, title=_("This record is closed"), advice=_("Reload the page to open it again."))
    asked_for = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(url_for("break_glass.opening", account_id=closed.person_id, next=asked_for), code=303)


@blueprint.get("/people/<int:account_id>/opening")
@requires(Action.OPEN_RECORDS)
def opening(account_id: int) -> str:
    found = queries.record(session(), current_account(), account_id)
    return _page(found, OpeningForm.about(found.appeal, request.args.get("next", "")))


@blueprint.post("/people/<int:account_id>/opening")
@requires(Action.OPEN_RECORDS)
def open_record(account_id: int) -> Answer:
    found, form = queries.record(session(), current_account(), account_id), OpeningForm.offered()
    if not form.validate_on_submit():
        return _page(found, form), 422
    service.open_record(session(), current_account(), account_id, form.chosen, form.reason.data)
    flash(_("The record is open. The person is told."))
    return redirect(_way_on(account_id, form.next.data), code=303)


@blueprint.post("/people/<int:account_id>/opening/close")
@requires(Action.OPEN_RECORDS)
def close_record(account_id: int) -> Response:
    service.close_record(session(), current_account(), account_id)
    flash(_("The record is closed."))
    return redirect(url_for("people.person", account_id=account_id), code=303)


def _way_on(account_id: int, asked_for: str | None) -> str:
    return local_address(asked_for) if asked_for else url_for("competencies.record", trainee_id=account_id)


def _page(found: queries.Record, form: OpeningForm) -> str:
    return render_template(
        "break_glass/opening.html",
        found=found,
        form=form,
        minutes=int(service.OPEN_FOR.total_seconds() // 60),
    )
