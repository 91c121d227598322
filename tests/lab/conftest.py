"""The built notebook site, its real server, and a small page that embeds it like the portal does."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request, WebError

from lab.site import ROOT, Sources, build
from tests.lab.page import Lab
from tests.serving import served
from tools.product import free_port, wait_until_it_answers

ENGINE = ROOT / "simulations"
NOTEBOOK_FOLDER = "measure/grievances"
COMPLAINTS = "district,days\nPeshawar,3\nSwat,9\nSwat,5\n"
# What JupyterLab logs where a notebook is closed while it measures the toolbar, or before it is done with scrolling.
OF_A_CLOSED_NOTEBOOK = (
    "Error while computing the ReactiveToolbar TypeError: Cannot read properties of null (reading 'widgets')",
    "TypeError: Cannot read properties of null (reading 'footer')",
)
REPORT_VIOLATIONS = """addEventListener("securitypolicyviolation", event =>
  console.error("policy violation", event.violatedDirective, event.blockedURI, event.sourceFile));"""
PARENT_PAGE = """<!doctype html><html lang="en"><title>Parent</title>
<iframe id="lab" title="Notebook" style="width:100%;height:90vh;border:0"></iframe>
<script>
const target = "NOTEBOOK_ORIGIN";
const frame = document.getElementById("lab");
const waiting = new Map();
let last = 0;
window.events = [];
window.answers = [];
addEventListener("message", event => {
  if (event.source !== frame.contentWindow || event.origin !== target) return;
  const message = event.data;
  if (message.event) { events.push(message); return; }
  answers.push(message);
  const [resolve, reject] = waiting.get(message.id) ?? [];
  if (resolve) message.ok ? resolve(message.value) : reject(new Error(message.error));
});
window.post = message => frame.contentWindow.postMessage(message, target);
window.call = (op, args) => new Promise((resolve, reject) => {
  last += 1;
  waiting.set(last, [resolve, reject]);
  post({ hunar: 1, id: last, op, args });
});
frame.src = target + "/notebooks/index.html" + location.hash;
</script></html>"""


@pytest.fixture(scope="session")
def lab_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data files as the product lays them out: <module>/<notebook>/complaints.csv."""
    folder = tmp_path_factory.mktemp("lab-files")
    (folder / NOTEBOOK_FOLDER).mkdir(parents=True)
    (folder / NOTEBOOK_FOLDER / "complaints.csv").write_text(COMPLAINTS)
    return folder


@pytest.fixture(scope="session")
def built_site(lab_files: Path) -> Path:
    """The real site, built only when its inputs changed. Not var/site: that one has the product's data."""
    output = ROOT / "var/site-for-tests"
    build(output, Sources(files=lab_files, projects=(ENGINE,)))
    return output


class _ParentPages(ThreadingHTTPServer):
    """Serves PARENT_PAGE at every address and remembers what was asked for."""

    daemon_threads = True
    page = b""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _ParentHandler)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _ParentHandler(BaseHTTPRequestHandler):
    server: _ParentPages

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        found = self.path != "/favicon.ico"
        self.send_response(200 if found else 204)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        if found:
            self.wfile.write(self.server.page)

    def log_message(self, *_: object) -> None:
        """Keep the test's output free of access lines."""


@dataclass(frozen=True)
class Origins:
    """Where the portal's page, a stranger's page and the notebooks are served."""

    portal: _ParentPages
    stranger: _ParentPages
    notebook: str


@pytest.fixture(scope="session")
def origins(built_site: Path) -> Iterator[Origins]:
    portal, stranger, port = _ParentPages(), _ParentPages(), free_port()
    notebook = f"http://127.0.0.1:{port}"
    for parent in (portal, stranger):
        parent.page = PARENT_PAGE.replace("NOTEBOOK_ORIGIN", notebook).encode()
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "8"]
    command += ["--log-level", "warning", "--bind", f"127.0.0.1:{port}", "lab.wsgi:create()"]
    environment = {**os.environ, "NOTEBOOK_SITE": str(built_site), "PORTAL_ORIGIN": portal.origin}
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        wait_until_it_answers(f"{notebook}/hunar.json", server)
        with served(portal), served(stranger):
            yield Origins(portal, stranger, notebook)
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="session")
def profile(chromium: Browser) -> Iterator[BrowserContext]:
    """One person's browser: what it fetched once, the tests after it find there."""
    context = chromium.new_context(viewport={"width": 1100, "height": 850})
    context.add_init_script(REPORT_VIOLATIONS)
    yield context
    context.close()


@pytest.fixture
def lab(profile: BrowserContext, origins: Origins) -> Iterator[Lab]:
    """A new window of the browser on the portal's page."""
    watched = Lab(profile.new_page(), origins)
    allowed = (origins.portal.origin + "/", origins.notebook + "/", "data:", "blob:")

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(OF_A_CLOSED_NOTEBOOK):
            watched.errors.append(message.text)

    def failed(error: WebError) -> None:
        watched.errors.append(str(error.error))

    def asked(request: Request) -> None:
        if not request.url.startswith(allowed):
            watched.foreign.append(request.url)

    watching = (("console", heard), ("weberror", failed), ("request", asked))
    for event, listener in watching:
        profile.on(event, listener)
    yield watched
    watched.page.close()
    for event, listener in watching:
        profile.remove_listener(event, listener)
