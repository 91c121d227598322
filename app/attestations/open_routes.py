"""The page that a supervisor's link opens, without an account."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.attestations import queries, service, wording
from app.attestations.forms import AnswerForm
from app.attestations.models import Shared, State
from app.content.current import installed
from app.core.access import public
from app.core.db import session
from app.core.security import guesses, limiter

blueprint = Blueprint("attestation_links", __name__, template_folder="templates")


@blueprint.get("/attest/<token>")
@limiter.limit(guesses, deduct_when=lambda answer: answer.status_code == 404)
@public
def link(token: str) -> Response:
    found = queries.opened_by(session(), token)
    is_gone = not found.is_open and found.attestation.answered_at is None
    return _page(token, found, AnswerForm.of_reader(formdata=None), 410 if is_gone else 200)


@blueprint.post("/attest/<token>")
@limiter.limit(guesses)
@public
def answer(token: str) -> Response:
    found = queries.opened_by(session(), token)
    form = AnswerForm.of_reader()
    if not found.is_open:
        return _page(token, found, form, 410)
    if not form.validate_on_submit():
        return _page(token, found, form, 422)
    service.answer(session(), token, form.said, by=_signed_in())
    return _private(redirect(url_for(".link", token=token), code=303))


def _page(token: str, found: queries.Opened, form: AnswerForm, status: int) -> Response:
    each = found.attestation
    page = render_template(
        "attestations/link.html",
        token=token,
        found=found,
        each=each,
        competency=installed().competencies.get(each.competency),
        form=form,
        own=_signed_in() == each.trainee_id,
        State=State,
        Shared=Shared,
        wording=wording,
    )
    return _private(make_response(page, status))


def _private(answer: Response) -> Response:
    """Nobody whom this page leads to, and no search engine, is told its address."""
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _signed_in() -> int | None:
    return int(current_user.id) if current_user.is_authenticated else None
