"""What a request holds, before anything reads it."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from app.core.errors import NotFound

# No page shows it and PostgreSQL keeps no text that holds it.
NUL = "\0"


def init_app(app: Flask) -> None:
    @app.before_request
    def leave_out_nul() -> None:
        """What was typed loses this sign and nothing else; of an address that has it there is nothing."""
        if NUL in request.path:
            raise NotFound
        request.args = _without_nul(request.args)
        request.form = _without_nul(request.form)
        for _field, upload in request.files.items(multi=True):
            upload.filename = (upload.filename or "").replace(NUL, "")


def _without_nul(sent: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    pairs = sent.items(multi=True)
    return ImmutableMultiDict([(name.replace(NUL, ""), value.replace(NUL, "")) for name, value in pairs])
