"""Refusals in the reader's language, and the pages for everything that can go wrong."""

from __future__ import annotations

import logging

from flask import Flask, g, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

log = logging.getLogger(__name__)


class Refused(Exception):
    """What was asked cannot be done. The message says, in the reader's language, why and what to do next."""

    def __init__(self, message: str, *, status: int = 422) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class NotFound(Exception):
    """There is no such thing, or none that this person may see: the two look the same on purpose."""


def explanation(code: int) -> tuple[str, str]:
    """Title and advice for a status code."""
    known = {
        400: (_("This request could not be read"), _("Go back, check what you typed and send it again.")),
        401: (
            _("Please sign in again"),
            _("Your session has ended. Sign in; your work up to the last saving is kept."),
        ),
        403: (
            _("This page is not for your role"),
            _("Go to your start page, or sign in with another account."),
        ),
        404: (
            _("Page not found"),
            _("Check the address, or go to your start page and follow a link from there."),
        ),
        405: (
            _("This address cannot be used like that"),
            _("Go to your start page and follow a link from there."),
        ),
        409: (
            _("This was changed in the meantime"),
            _("Reload the page to see the newest state, then try again."),
        ),
        413: (_("This is too large"), _("Remove large outputs or pictures from it and send it again.")),
        429: (_("Too many attempts"), _("Wait a minute, then try again.")),
        503: (_("The portal is busy"), _("Nothing was lost. Wait a moment and send it again.")),
    }
    return known.get(
        code, (_("Something went wrong"), _("The fault is ours and has been noted. Try again in a moment."))
    )


def answer(code: int, *, title: str | None = None, advice: str | None = None) -> tuple[str, int]:
    """The error page, or only its message box for a request made by htmx or a script."""
    known_title, known_advice = explanation(code)
    partial = "HX-Request" in request.headers
    template = "errors/message.html" if partial else "errors/error.html"
    page = render_template(template, code=code, title=title or known_title, advice=advice or known_advice)
    return page, code


def init_app(app: Flask) -> None:
    @app.errorhandler(Refused)
    def refused(error: Refused) -> tuple[str, int]:
        if not g.get("keep_on_refusal", False):
            _give_up()
        return answer(error.status, title=_("This could not be done"), advice=error.message)

    @app.errorhandler(NotFound)
    def not_found(_error: NotFound) -> tuple[str, int]:
        return answer(404)

    @app.errorhandler(CSRFError)
    def form_expired(_error: CSRFError) -> tuple[str, int]:
        return answer(
            400,
            title=_("The page had been open for too long"),
            advice=_("Reload the page and send the form again."),
        )

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> tuple[str, int] | HTTPException:
        if error.code is None or error.code < 400:
            return error
        if error.code >= 500:
            # As when the last step of a request failed, which comes here by Flask's own error.
            _give_up()
        return answer(error.code)

    @app.errorhandler(OperationalError)
    def database_busy(error: OperationalError) -> tuple[str, int]:
        log.error("database refused: %s", error)
        _give_up()
        return answer(503)

    @app.errorhandler(DataError)
    def not_kept(error: DataError) -> tuple[str, int]:
        # Of forms and addresses it is left out before (app/core/received.py), not of files and what scripts send.
        if "NUL" not in str(error.orig):
            return fault(error)
        _give_up()
        return answer(
            400, advice=_("What was sent holds a sign that no text can hold (NUL). Remove it and send it again.")
        )

    @app.errorhandler(Exception)
    def fault(error: Exception) -> tuple[str, int]:
        log.exception("unexpected fault on %s %s", request.method, request.path, exc_info=error)
        _give_up()
        return answer(500)


def _give_up() -> None:
    """End what the request began in the database: what failed there would fail the error page too, which reads."""
    if (opened := g.get("session")) is not None:
        opened.rollback()
