"""The page of what is known of somebody, and all of it as a file."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, current_app, render_template

from app.accounts.queries import current_account
from app.core import clock
from app.core.access import Action, requires
from app.core.blobs import Blobs
from app.core.db import session
from app.core.files import file_to_send, sent
from app.core.security import limiter
from app.rights import service
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
