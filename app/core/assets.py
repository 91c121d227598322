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


def _digest_of_scripts(folder: Path) -> str:
    """Of all scripts together, in their path: what one imports from another is of the same version."""
    content = b"".join(path.read_bytes() for path in sorted(folder.rglob("*.js")))
    return hashlib.sha256(content).hexdigest()[:12]


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

    scripts = _digest_of_scripts(folder)

    def script(name: str) -> str:
        return url_for("static", filename=f"{scripts}/{name}")

    app.jinja_env.globals.update(asset=asset, script=script)
    files = WhiteNoise(app.wsgi_app, root=str(folder), prefix="static/", max_age=YEAR_SECONDS, autorefresh=app.debug)
    files.add_files(str(folder), prefix=f"static/{scripts}/")
    app.wsgi_app = files  # type: ignore[method-assign]
