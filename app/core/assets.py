"""What travels small: static files with a digest in their address, kept for good by browsers; compressed pages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import cast
from wsgiref.headers import Headers

from flask import Flask, current_app, url_for
from flask_compress import Compress
from whitenoise import WhiteNoise

YEAR_SECONDS = 365 * 24 * 3600
TWINS = frozenset({".br", ".gz"})
# What plays a simulation on a device: `tools/device.py` packs it, into a folder named by its content.
DESK = "vendor/desk"
WORKER = "js/desk-worker.js"
WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
STANDING_ALONE = frozenset({"vendor/htmx/htmx.min.js"})


@dataclass(frozen=True)
class Asset:
    """A static file as pages name it. bytes: of room; sent: bytes over the link, compressed where there is a twin."""

    address: str
    bytes: int
    sent: int


class Assets:
    """The static files of a folder and their addresses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scripts = _digest_of_scripts(folder)

    def asset(self, name: str) -> str:
        """The address of a style, a picture or a script that stands alone."""
        return url_for("static", filename=name, v=_digest_of(self.folder / name))

    def script(self, name: str) -> str:
        """The address of a module, by which it finds those that it imports."""
        return url_for("static", filename=f"{self.scripts}/{name}")

    @cached_property
    def version(self) -> str:
        """Changes with any of the files."""
        content = "".join(f"{path} {_digest_of(path)}\n" for path in self._paths())
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    def pages(self) -> list[Asset]:
        """Every file that pages need, by the address that pages, styles and scripts name it by."""
        return [self._described(path) for path in self._paths() if not path.is_relative_to(self.folder / DESK)]

    def desk_runtime(self) -> str:
        """The address of the folder with what plays a simulation on a device, by its content; "" if none was packed."""
        folders = list((self.folder / DESK).glob("*"))
        return url_for("static", filename=f"{DESK}/{folders[0].name}/") if folders else ""

    def desk(self) -> list[Asset]:
        """What plays a simulation on a device; each file is found beside the others."""
        paths = [path for path in self._paths() if path.is_relative_to(self.folder / DESK)]
        return [_sized(path, url_for("static", filename=path.relative_to(self.folder).as_posix())) for path in paths]

    def _paths(self) -> list[Path]:
        return [path for path in sorted(self.folder.rglob("*")) if path.is_file() and path.suffix not in TWINS]

    def _described(self, path: Path) -> Asset:
        name = path.relative_to(self.folder).as_posix()
        if path.suffix == ".woff2":
            address = url_for("static", filename=name)
        elif path.suffix == ".js" and name not in STANDING_ALONE:
            address = self.script(name)
        else:
            address = self.asset(name)
        return _sized(path, address)


def _sized(path: Path, address: str) -> Asset:
    size, twin = path.stat().st_size, path.with_name(f"{path.name}.br")
    return Asset(address, size, twin.stat().st_size if twin.exists() else size)


def _digest_of(path: Path) -> str:
    return _digest(path, path.stat().st_mtime_ns)


def current_assets() -> Assets:
    return cast(Assets, current_app.extensions["assets"])


def init_app(app: Flask) -> None:
    """Serve static files with WhiteNoise (brotli and gzip twins when `make assets` made them), and pages compressed.

    Only HTML is compressed on the way: the version of a draft travels in its ETag, which compressing would change.
    """
    app.config.update(COMPRESS_MIMETYPES=["text/html"], COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_BR_LEVEL=5)
    Compress(app)
    folder = Path(app.static_folder or "static")
    assets = app.extensions["assets"] = Assets(folder)
    app.jinja_env.globals.update(asset=assets.asset, script=assets.script, desk_runtime=assets.desk_runtime)
    files = WhiteNoise(
        app.wsgi_app,
        root=str(folder),
        prefix="static/",
        max_age=YEAR_SECONDS,
        autorefresh=app.debug,
        add_headers_function=_say_policy,
    )
    files.add_files(str(folder), prefix=f"static/{assets.scripts}/")
    app.wsgi_app = files  # type: ignore[method-assign]


def _say_policy(headers: Headers, path: str, _address: str) -> None:
    """The worker that plays a simulation compiles Python's machine code; no page may."""
    if path.endswith(WORKER):
        headers["Content-Security-Policy"] = WORKER_POLICY


@cache
def _digest(path: Path, _modified_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _digest_of_scripts(folder: Path) -> str:
    """Of all scripts together, in their path: what one imports from another is of the same version."""
    content = b"".join(path.read_bytes() for path in sorted(folder.rglob("*.js")))
    return hashlib.sha256(content).hexdigest()[:12]
