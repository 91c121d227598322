"""The page of what is known of somebody, and all of it as a file."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.queries import current_account
from app.core import clock
from app.core.access import Action, requires
from app.core.blobs import Blobs
from app.core.db import session
from app.core.errors import Refused
from app.core.files import file_to_send, sent
from app.core.paging import wanted
from app.core.security import limiter
from app.record_store import queries as record_stores
from app.record_store.wording import kind_names
from app.research import queries as research
from app.rights import queries, service
from app.rights.wording import part_names

blueprint = Blueprint("rights", __name__, template_folder="templates")


@blueprint.get("/account/data")
@requires(Action.USE_ACCOUNT)
def own_data() -> str:
    return render_template("rights/own_data.html", parts=part_names())


@blueprint.post("/account/data.zip")
@limiter.limit("5 per minute")
@requires(Action.USE_ACCOUNT)
def take_away() -> Response:
    person, now = current_account(), clock.now()
    cover = render_template("rights/cover.html", person=person, parts=part_names(), now=now)
    file = file_to_send()
    service.write_archive(session(), cast(Blobs, current_app.extensions["blobs"]), person, file, cover)
    return sent(file, f"hunar-{person.username}-{now:%Y-%m-%d}.zip", "application/zip")


@blueprint.get("/account/choices")
@requires(Action.GIVE_CONSENT)
def choices() -> str:
    person = current_account()
    store = record_stores.store_of(session(), person.academy_id)
    return render_template(
        "rights/choices.html",
        agreed=queries.agreed(session(), person.id),
        store=store,
        host=record_stores.host(store) if store else "",
        kind_names=kind_names(),
        releases=research.releases(session(), person.academy_id, wanted("releases")),
    )


@blueprint.post("/account/choices")
@requires(Action.GIVE_CONSENT)
def choose() -> AnyResponse:
    purpose, said = request.form.get("purpose", ""), request.form.get("answer", "")
    if purpose not in queries.ASKED_HERE or said not in ("yes", "no"):
        raise Refused(_("Choose one of the answers on the page."))
    service.choose(session(), current_account(), queries.ASKED_HERE[purpose], is_given=said == "yes")
    flash(_("You have agreed.") if said == "yes" else _("You have withdrawn your consent."))
    return redirect(url_for(".choices", _anchor=purpose.replace("_", "-")), code=303)
