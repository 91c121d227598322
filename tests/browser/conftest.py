"""The whole product as three real processes, and a browser that notes everything it should not see."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app.core.db import make_engine
from app.core.migration import migrate
from app.demo import seed
from config import ROOT, Settings

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Portal, worker and notebook origin on free ports, with the demo data."""
    folder = tmp_path_factory.mktemp("product")
    environment = os.environ | {
        "SECRET_KEY": "b" * 32,
        "DATABASE_URL": f"sqlite:///{folder / 'hunar.sqlite3'}",
        "QUEUE_DATABASE_URL": f"sqlite:///{folder / 'queue.sqlite3'}",
        "STORAGE_FOLDER": str(folder / "storage"),
        "PORTAL_PORT": str(free_port()),
        "NOTEBOOK_PORT": str(free_port()),
        "SIGN_IN_LIMIT": "1000 per minute",
    }
    settings = Settings.from_environment(environment)
    environment |= {"NOTEBOOK_SITE": str(settings.notebook_site_folder), "PORTAL_ORIGIN": settings.portal_origin}
    engine = make_engine(settings.database_url)
    migrate(engine)
    seed(engine, settings)
    gunicorn = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "8", "--bind"]
    commands = (
        [*gunicorn, f"127.0.0.1:{settings.portal_port}", "app.wsgi:app"],
        [*gunicorn, f"127.0.0.1:{settings.notebook_port}", "lab.wsgi:create()"],
        [sys.executable, "-m", "app.worker"],
    )
    log = (folder / "log").open("wb")
    processes = [subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) for command in commands]
    try:
        for address in (settings.portal_origin, settings.notebook_origin):
            wait_until_it_answers(address, folder / "log")
        yield settings
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=20)
        log.close()


def wait_until_it_answers(address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A person at a browser. `faults`: foreign requests, console errors and CSP violations seen so far."""

    page: Page
    settings: Settings
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.settings.portal_origin + path)

    def sign_in(self, name: str, password: str) -> None:
        self.open("/sign-in")
        self.check()
        self.page.fill("[name=username]", name)
        self.page.fill("[name=password]", password)
        self.page.click("main button[type=submit]")

    def check(self) -> None:
        """No accessibility violation (WCAG 2.2 A and AA) on our page, no overflow at 360 px, no fault so far."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(
            "axe.run({exclude: [['iframe']]}, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})"
        )
        violations = [
            (violation["id"], [node["target"] for node in violation["nodes"]][:3]) for violation in found["violations"]
        ]
        assert violations == [], self.page.url
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), self.page.url
        assert self.faults == []


@pytest.fixture
def visitor(chromium: Browser, product: Settings) -> Iterator[Callable[[int], Visitor]]:
    contexts: list[BrowserContext] = []

    def arrive(width: int) -> Visitor:
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
        contexts.append(context)
        someone = Visitor(context.new_page(), product)
        origins = (product.portal_origin, product.notebook_origin, "data:", "blob:")
        context.on(
            "request",
            lambda request: (
                None if request.url.startswith(origins) else someone.faults.append(f"foreign {request.url}")
            ),
        )
        someone.page.on(
            "console", lambda line: someone.faults.append(f"console {line.text}") if line.type == "error" else None
        )
        someone.page.on("pageerror", lambda error: someone.faults.append(f"error {error}"))
        return someone

    yield arrive
    for context in contexts:
        context.close()
