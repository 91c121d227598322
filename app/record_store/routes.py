"""The administrator's page of the record store."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.accounts.queries import current_account
from app.core import running
from app.core.access import Action, requires
from app.core.db import session
from app.core.locale import age
from app.core.outgoing import Outgoing
from app.core.paging import wanted
from app.core.sealing import Seal
from app.record_store import queries, service
from app.record_store.forms import StoreForm
from app.record_store.models import RecordStore
from app.record_store.sending import PURPOSE_OF_SECRETS
from app.record_store.wording import findings, kind_names

blueprint = Blueprint("record_store", __name__, template_folder="templates", url_prefix="/administration/record-store")


@blueprint.get("")
@requires(Action.KEEP_RECORD_STORE)
def home() -> str:
    store = queries.store_of(session(), current_account().academy_id)
    return _page(store, StoreForm(outgoing=Outgoing.of(running.settings()), known=store))


@blueprint.post("")
@requires(Action.KEEP_RECORD_STORE)
def save() -> Response | tuple[str, int]:
    form = StoreForm(outgoing=Outgoing.of(running.settings()))
    store = queries.store_of(session(), current_account().academy_id)
    if not form.validate_on_submit():
        return _page(store, form), 422
    seal = Seal(running.settings().secret_key, PURPOSE_OF_SECRETS)
    try:
        service.set_store(session(), seal, current_account(), form.wish())
    except service.SecretNeeded as refusal:
        form.secret.errors = [refusal.message]
        return _page(store, form), refusal.status
    flash(_("Saved. The store is being tried; look again in a moment."))
    return redirect(url_for(".home"), code=303)


@blueprint.post("/try")
@requires(Action.KEEP_RECORD_STORE)
def try_store() -> Response:
    service.ask_to_try(session(), current_account())
    flash(_("The store is being tried; look again in a moment."))
    return redirect(url_for(".home"), code=303)


@blueprint.post("/pause")
@requires(Action.KEEP_RECORD_STORE)
def pause() -> Response:
    service.pause(session(), current_account())
    flash(_("Nothing is sent until you resume; what happens meanwhile waits and is not lost."))
    return redirect(url_for(".home"), code=303)


@blueprint.post("/resume")
@requires(Action.KEEP_RECORD_STORE)
def resume() -> Response:
    service.resume(session(), current_account())
    flash(_("What waits is being sent."))
    return redirect(url_for(".home"), code=303)


@blueprint.post("/set-aside/<int:statement_id>")
@requires(Action.KEEP_RECORD_STORE)
def send_again(statement_id: int) -> Response:
    service.send_again(session(), current_account(), statement_id)
    flash(_("The statement waits to be sent again."))
    return redirect(url_for(".home"), code=303)


@blueprint.post("/set-aside")
@requires(Action.KEEP_RECORD_STORE)
def send_all_again() -> Response:
    count = service.send_all_again(session(), current_account())
    flash(ngettext("%(num)s statement waits to be sent again.", "%(num)s statements wait to be sent again.", count))
    return redirect(url_for(".home"), code=303)


def _page(store: RecordStore | None, form: StoreForm) -> str:
    return render_template(
        "record_store/home.html",
        store=store,
        form=form,
        counts=queries.counts(session(), current_account().academy_id),
        set_aside=queries.set_aside(session(), current_account(), wanted("aside")),
        kind_names=kind_names(),
        findings=findings(),
        age=age,
    )
