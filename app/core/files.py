"""Files that are made for one answer: in memory while they are small, else on the disk until they are sent."""

from __future__ import annotations

import tempfile
from typing import IO, cast

from flask import Response, send_file

IN_MEMORY_BYTES = 4 * 1024 * 1024


def file_to_send() -> IO[bytes]:
    """An empty file to be written and then `sent`."""
    return cast(IO[bytes], tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES))  # closed with the answer


def sent(file: IO[bytes], name: str, mimetype: str) -> Response:
    """The answer that gives the file to the reader under this name."""
    file.seek(0)
    return send_file(file, mimetype=mimetype, as_attachment=True, download_name=name)
