"""The notebook origin: static files, compressed and cached, under a strict content security policy."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.headers import Headers

from whitenoise import WhiteNoise

from lab.errors import LabError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONFIG_PATH = "/hunar.json"
FOUND = "302 Found"
ONE_YEAR_SECONDS = 31_536_000
ORIGIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?")
# Names that change with their content: webpack's chunks, the bridge, fonts, Pyodide's folder, and wheels.
HASHED = re.compile(r"\.[0-9a-f]{7,20}\.(?:js|css|woff2?|ttf)$|^/static/pyodide-[0-9a-f]{12}/|\.whl$")
# Files of Python's whose arrival a page counts (lab/early/worker.js), and their length before they were packed.
COUNTED = re.compile(r"\.(?:whl|zip|wasm)$")
PLAIN_LENGTH = "Hunar-Length"

# Jupyter inserts style elements while it runs, and tables and plots bring style attributes.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
# The kernel is a worker and is bound by the policy of its own file: WebAssembly is compiled only there.
WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"


def checked_origin(portal_origin: str) -> str:
    """The origin, as browsers write it. LabError unless it is one http(s) origin and nothing more."""
    if not ORIGIN.fullmatch(portal_origin):
        raise LabError(
            f"PORTAL_ORIGIN must be an origin such as http://127.0.0.1:8000, without a path; it is {portal_origin!r}."
        )
    return portal_origin


def create_app(site: Path, portal_origin: str) -> "WSGIApplication":
    """The server of the notebook site; only pages of `portal_origin` may embed it and speak to it.

    LabError when the site has not been built or the origin is not one.
    """
    if not (site / "notebooks/index.html").is_file():
        raise LabError(f"There is no notebook site in {site}. Run `python -m lab build --output {site}`.")
    origin = checked_origin(portal_origin)

    def add_headers(headers: Headers, path: str, url: str) -> None:
        for name, value in security_headers(url, origin).items():
            headers[name] = value
        if not HASHED.search(url):
            headers["Cache-Control"] = "no-cache"
        if COUNTED.search(url):
            headers[PLAIN_LENGTH] = str(Path(path).stat().st_size)

    static = WhiteNoise(
        _Fallback(origin),
        root=str(site),
        max_age=None,
        allow_all_origins=False,
        charset="utf-8",
        mimetypes={".ipynb": "application/json", ".whl": "application/zip"},
        immutable_file_test=lambda _path, url: bool(HASHED.search(url)),
        add_headers_function=add_headers,
    )
    application: WSGIApplication = static
    return application


def security_headers(url: str, portal_origin: str) -> dict[str, str]:
    """The headers that every answer carries."""
    policy = WORKER_POLICY if url.endswith(".js") else PAGE_POLICY
    return {
        "Content-Security-Policy": f"{policy}; frame-ancestors {portal_origin}",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


class _Fallback:
    """Answers what is not a file: the bridge's configuration, the bare address, and "not found"."""

    def __init__(self, portal_origin: str) -> None:
        self._origin = portal_origin
        self._config = json.dumps({"portal": portal_origin}).encode()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        status, body = self._answer(environ.get("PATH_INFO", ""))
        headers = {
            **security_headers(CONFIG_PATH, self._origin),
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
        }
        if status == FOUND:
            headers["Location"] = "/index.html"
        start_response(status, list(headers.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _answer(self, path: str) -> tuple[str, bytes]:
        if path == CONFIG_PATH:
            return "200 OK", self._config
        if path in ("", "/"):
            return FOUND, b""
        return "404 Not Found", b'{"error": "not found"}'
