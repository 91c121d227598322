"""A person's own notices."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import current_account
from app.core import running
from app.core.access import Action, requires
from app.core.db import session
from app.core.paging import wanted
from app.notices import queries, service
from app.notices.forms import MailForm
from app.notices.wording import page_of

blueprint = Blueprint("notices", __name__, template_folder="templates")


@blueprint.get("/notices")
@requires(Action.READ_NOTICES)
def notices() -> str:
    return _notices_page(None)


@blueprint.post("/notices/<int:notice_id>/read")
@requires(Action.READ_NOTICES)
def read(notice_id: int) -> Response:
    service.mark_read(session(), current_account(), notice_id)
    return redirect(url_for(".notices", page=wanted().number), code=303)


@blueprint.post("/notices/read")
@requires(Action.READ_NOTICES)
def read_all() -> Response:
    service.mark_all_read(session(), current_account().id)
    return redirect(url_for(".notices"), code=303)


@blueprint.post("/notices/mail")
@requires(Action.READ_NOTICES)
def set_mail() -> Response | tuple[str, int]:
    form = MailForm()
    if not form.validate_on_submit():
        return _notices_page(form), 422
    service.set_mail_address(session(), current_account(), form.typed_address)
    flash(_("Notices also go to this address.") if form.typed_address else _("Notices are in the portal only."))
    return redirect(url_for(".notices"), code=303)


def _notices_page(form: MailForm | None) -> str:
    person = current_account()
    address = queries.mail_address(session(), person.id)
    return render_template(
        "notices/notices.html",
        notices=queries.notices(session(), person.id, wanted()),
        unread=queries.unread(session(), person.id),
        form=form or MailForm(formdata=None, address=address),
        address=address,
        sends_mail=bool(running.settings().mail_host),
        page_of=page_of,
    )
