"""Files that are made for one answer: in memory while they are small, else on the disk until they are sent."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast

from flask import Response, current_app, send_file

from app.core import apart

IN_MEMORY_BYTES = 4 * 1024 * 1024

log = logging.getLogger(__name__)


def file_to_send() -> IO[bytes]:
    """An empty file to be written and then `sent`."""
    return cast(IO[bytes], tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES))  # closed with the answer


def sent(file: IO[bytes], name: str, mimetype: str) -> Response:
    """The answer that gives the file to the reader under this name."""
    file.seek(0)
    return send_file(file, mimetype=mimetype, as_attachment=True, download_name=name)


def sent_when_made(make: Callable[[], bytes], name: str, mimetype: str) -> Response:
    """The answer that gives the reader what `make` makes, once the transaction of the request has ended.

    So whoever writes does not wait for it. There is no context of the request or the app by then. A fault ends the
    connection early, and the reader has no file.
    """

    def body() -> Iterator[bytes]:
        try:
            yield make()
        except Exception:
            log.exception("%s could not be made", name)
            raise

    answer = Response(body(), mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers.set("Cache-Control", "no-store")
    return answer


def printed(page: str, fonts: Path, style: Path) -> bytes:
    """A page of our own as a PDF. style: what this page has beside the style of all of them."""
    return apart.made("app.core.printing:pdf_of", page, fonts, style)


def fonts_folder() -> Path:
    """Where the fonts of printed pages are."""
    return Path(current_app.static_folder or "static") / "vendor" / "fonts"
