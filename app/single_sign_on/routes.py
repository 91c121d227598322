"""Pages to come in by the sign-on of one's academy."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from authlib.common.errors import AuthlibBaseError
from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from app.accounts.admission import PATIENCE, SIGN_ON, after_first_proof, local_address
from app.core import clock
from app.core.access import public
from app.core.db import begin, engine_of, keep_on_refusal, session
from app.core.errors import NotFound, Refused
from app.core.security import guesses, limiter
from app.single_sign_on import providers, queries, service
from app.single_sign_on.queries import NotLetIn, Sent

log = logging.getLogger(__name__)
blueprint = Blueprint("single_sign_on", __name__, template_folder="templates", url_prefix="/sign-in/academy")

SENT, NEXT = "sent_by_provider", "next_after_sign_on"


@blueprint.get("/<slug>")
@limiter.limit(guesses)
@public
def go(slug: str) -> Response:
    """Send the browser to the provider; `again`: which is to ask who it is, though it knows."""
    _provider(slug)
    prompt = {"prompt": "login"} if "again" in request.args else {}
    cookie[NEXT] = local_address(request.args.get("next"))
    try:
        away: Response = providers.client(slug).authorize_redirect(
            url_for(".back", slug=slug, _external=True), **prompt
        )
    except (RequestException, AuthlibBaseError, RuntimeError) as error:
        raise _unreachable(slug, error) from error
    return away


@blueprint.get("/<slug>/back")
@limiter.limit(guesses)
@public
def back(slug: str) -> str:
    provider = _provider(slug)
    claims = _claims(slug)
    try:
        sent = Sent.of_claims(slug, provider, claims)
        account, _is_linked = queries.account_of(session(), sent)
    except NotLetIn as refusal:
        # The browser comes by a plain address, whose own transaction cannot write.
        with begin(engine_of(current_app)) as writing:
            service.note_not_let_in(writing, slug, refusal)
        raise
    cookie[SENT] = {**sent.as_kept(), "until": (clock.now() + PATIENCE).timestamp()}
    return render_template("single_sign_on/back.html", account=account, provider=provider, slug=slug)


@blueprint.post("/<slug>/enter")
@public
def enter(slug: str) -> Response:
    provider, kept = _provider(slug), cookie.pop(SENT, None)
    if kept is None or kept.pop("until") < clock.now().timestamp() or kept["academy"] != slug:
        return redirect(url_for("accounts.sign_in"), code=303)
    try:
        account = service.take_in(session(), Sent(**kept))
    except NotLetIn as refusal:
        service.note_not_let_in(session(), slug, refusal)
        keep_on_refusal()
        raise
    return after_first_proof(
        session(), account, cookie.get(NEXT), by=SIGN_ON, vouched_for=provider.asks_for_second_factor
    )


def _provider(slug: str) -> providers.Provider:
    """Raises NotFound."""
    if (provider := providers.known().get(slug)) is None:
        raise NotFound
    return provider


def _claims(slug: str) -> Mapping[str, Any]:
    """What the provider says of whom it sent, checked. Raises Refused."""
    try:
        return dict(providers.client(slug).authorize_access_token()["userinfo"])
    except (RequestException, AuthlibBaseError, JoseError, RuntimeError, KeyError, ValueError) as error:
        raise _unreachable(slug, error) from error


def _unreachable(slug: str, error: Exception) -> Refused:
    log.warning("single sign-on of %s failed: %s: %s", slug, type(error).__name__, error)
    return Refused(
        _(
            "The sign-on of your academy did not answer as it should. Go back to the sign-in page and try again, "
            "or sign in with your password here."
        ),
        status=502,
    )
