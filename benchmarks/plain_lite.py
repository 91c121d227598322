"""The peer of the lab: a plain `jupyter lite build` of the same notebook and data, and the server of its site.

What it is given. Applications, kernel and their settings as they come; of prebuilt extensions the kernel alone, though
this machine may have more. A default site fetches Pyodide from a CDN; here Pyodide lies in `static/pyodide`, where the
kernel's documentation puts it for a site of one's own, with the official lock and wheels as they come, and the wheel of
`comm`, which the kernel else fetches from PyPI. The server sends gzip (level 6) for texts, scripts and WebAssembly and
answers to If-Modified-Since and If-None-Match, as nginx does when its types are set so.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen
from typing import TYPE_CHECKING

from whitenoise import WhiteNoise

from config import ROOT
from lab import kernel, lite, packages, wheels
from lab.site import CORE_FILES, LOCK_FILE, PYODIDE
from tools.product import free_port, wait_until_it_answers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

NAME = "jupyter lite build"
NOTEBOOK = "grievances.ipynb"
PAGE = f"/notebooks/index.html?path={NOTEBOOK}"
CACHE = ROOT / "var" / "lab-cache" / "wheels"
GZIPPED = frozenset({".css", ".csv", ".html", ".ipynb", ".js", ".json", ".mjs", ".svg", ".txt", ".wasm"})
GZIP_LEVEL, GZIP_LEAST_BYTES = 6, 20
KERNEL_SPECIFICATION = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}


def build(folder: Path, notebook: bytes, data: Path) -> Path:
    """The site, in `folder`. notebook: as JSON; data: folder of the files beside it. LabError when it fails."""
    source, site = folder / "lite", folder / "site"
    files = shutil.copytree(data, source / "files")
    content = json.loads(notebook)
    content["metadata"]["kernelspec"] = KERNEL_SPECIFICATION
    (files / NOTEBOOK).write_text(json.dumps(content))
    _lay_pyodide(source)
    settings = {
        "ignore_sys_prefix": ["federated_extensions"],
        "federated_extensions": [str(kernel.EXTENSION)],
        "contents": [str(files)],
    }
    (source / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": settings}))
    lite.run("build", source, site)
    for path in site.rglob("*"):
        if path.suffix in GZIPPED and path.stat().st_size >= GZIP_LEAST_BYTES:
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), GZIP_LEVEL))
    return site


def _lay_pyodide(source: Path) -> None:
    """Pyodide as it is distributed, as far as the notebook goes."""
    home, beside = source / "static" / "pyodide", source / "pypi"
    home.mkdir(parents=True)
    beside.mkdir()
    wanted, places = packages.read_package_list(), wheels.WheelSource(wheels.download(CACHE))
    for name in (*CORE_FILES, LOCK_FILE):
        shutil.copy(PYODIDE / name, home / name)
    wheels.copy_locked(packages.closure(packages.read_lock(PYODIDE / LOCK_FILE), wanted.locked), places, home)
    wheels.copy_pinned(wanted.beside, places, beside)


def create(site: str) -> WSGIApplication:
    """The static server, for gunicorn."""

    def not_found(_environ: object, start_response: object) -> list[bytes]:
        start_response("404 Not Found", [("Content-Length", "0")])  # type: ignore[operator]
        return []

    application: WSGIApplication = WhiteNoise(not_found, root=site, max_age=None)
    return application


@contextmanager
def serving(site: Path) -> Iterator[str]:
    """Its origin, until the block ends; as many threads as the notebook origin of Hunar has."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "--threads", "8", "-b", f"127.0.0.1:{port}"]
    server = Popen([*command, f"benchmarks.plain_lite:create({str(site)!r})"], cwd=ROOT, stdout=DEVNULL, stderr=STDOUT)
    try:
        wait_until_it_answers(f"{origin}/index.html", server)
        yield origin
    finally:
        server.terminate()
        server.wait(timeout=20)
