"""What travels small: static files with a digest in their address, kept for good by browsers; compressed pages."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, url_for
from flask_compress import Compress
from whitenoise import WhiteNoise

YEAR_SECONDS = 365 * 24 * 3600


@cache
def _digest(path: Path, _modified_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def init_app(app: Flask) -> None:
    """Serve static files with WhiteNoise (brotli and gzip twins when `make assets` made them), and pages compressed.

    Only HTML is compressed on the way: the version of a draft travels in its ETag, which compressing would change.
    """
    app.config.update(COMPRESS_MIMETYPES=["text/html"], COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_BR_LEVEL=5)
    Compress(app)
    folder = Path(app.static_folder or "static")

    def asset(name: str) -> str:
        path = folder / name
        return url_for("static", filename=name, v=_digest(path, path.stat().st_mtime_ns))

    app.jinja_env.globals["asset"] = asset
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=str(folder), prefix="static/", max_age=YEAR_SECONDS, autorefresh=app.debug
    )
