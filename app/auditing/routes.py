"""The page of the audit log, and the log as a file."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from app.accounts.queries import current_account
from app.auditing import queries, service
from app.auditing.forms import SoughtForm
from app.auditing.queries import Sought
from app.auditing.wording import acts
from app.core import audit, clock
from app.core.access import Action, requires
from app.core.db import session
from app.core.files import file_to_send, sent
from app.core.paging import wanted

blueprint = Blueprint("auditing", __name__, template_folder="templates")


@blueprint.get("/audit")
@requires(Action.READ_AUDIT_LOG)
def log() -> str | tuple[str, int]:
    form = SoughtForm()
    is_readable = form.validate()
    sought = _sought(form) if is_readable else Sought()
    page = render_template(
        "auditing/log.html",
        form=form,
        entries=queries.entries(session(), current_account(), sought, wanted()),
        # Reading the whole log takes time, so it waits until it is asked for.
        verification=audit.verify(session()) if "check" in request.args else None,
        acts=acts(),
    )
    return page if is_readable else (page, 422)


@blueprint.post("/audit/log.jsonl")
@requires(Action.READ_AUDIT_LOG)
def take_away() -> Response:
    file = file_to_send()
    service.take_away(session(), current_account(), file)
    name = f"audit-{current_account().academy.slug}-{clock.now():%Y-%m-%d}.jsonl"
    return sent(file, name, "application/jsonl")


def _sought(form: SoughtForm) -> Sought:
    return Sought(
        username=(form.username.data or "").strip().lower(),
        verb=form.verb.data or "",
        thing=(form.thing.data or "").strip(),
        first=form.first.data,
        last=form.last.data,
    )
