"""Data files that an academy brought into a lab, on their way to the pages that open it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from flask import Response, request, send_file

from app.content.own_data import Files
from app.content.schemas import OwnFile
from app.core.blobs import Blobs

PACKED = "gzip"


class FileAddress(TypedDict):
    """name: under which it lies beside the notebook."""

    name: str
    address: str


def addresses(files: Files, address: Callable[[str], str]) -> list[FileAddress]:
    """Where a page fetches each file, to hand it to the notebook; the notebook's own site has none of them."""
    return [FileAddress(name=name, address=address(name)) for name in files]


def as_data_file(blobs: Blobs, file: OwnFile, name: str) -> Response:
    """The file, compressed where the browser takes it. A browser asks each time whether it may still have it."""
    is_packed = request.accept_encodings.quality(PACKED) > 0
    digest = file.packed_sha256 if is_packed else file.sha256
    answer = send_file(
        blobs.path(digest).resolve(), mimetype="text/csv", as_attachment=True, download_name=name, etag=digest
    )
    if is_packed:
        answer.headers["Content-Encoding"] = PACKED
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.add("Accept-Encoding")
    return answer
