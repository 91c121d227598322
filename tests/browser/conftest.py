"""The whole product as three real processes, and a browser that notes everything it should not see."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from app.supervisor import prepare
from config import ROOT, Settings
from tools.product import own_environment, running

# Pages that were found right, by width and text: most tests begin with the same page to sign in.
FOUND_RIGHT: set[tuple[int, str]] = set()
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# Other tests run beside these, on machines of any speed.
expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Demo:
    """The demo data, brought in once, which takes most of a start.

    environment: of the product that all tests share, which begins with it; copy: a folder for others to begin with.
    """

    environment: dict[str, str]
    copy: Path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder, copy = tmp_path_factory.mktemp("product"), tmp_path_factory.mktemp("demo")
    environment = own_environment(folder)
    prepare(Settings.from_environment(environment))
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    return Demo(environment, copy)


@pytest.fixture(scope="session")
def furnished(demo: Demo) -> Callable[[Path], dict[str, str]]:
    """The environment of a product whose things lie in this folder, the demo data among them.

    Credentials of the demo name the address of the product that all tests share.
    """

    def furnish(folder: Path) -> dict[str, str]:
        shutil.copytree(demo.copy, folder, dirs_exist_ok=True)
        return own_environment(folder)

    return furnish


@pytest.fixture(scope="session")
def product(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Portal, worker and notebook origin on free ports, with the demo data."""
    with running(demo.environment, tmp_path_factory.mktemp("log") / "log") as settings:
        yield settings


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
        self.page.wait_for_load_state()
        # Half-way through a change of colour a button has a contrast that nobody reads.
        self.page.emulate_media(reduced_motion="reduce")
        try:
            violations = self._violations()
        except Error:
            # What was clicked before only now led to another page.
            self.page.wait_for_load_state()
            violations = self._violations()
        assert violations == [], self.page.url
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), self.page.url
        assert self.faults == []

    def _violations(self) -> list[tuple[str, list[str]]]:
        looked_at = (self.page.evaluate("innerWidth"), self._text_without_token())
        if looked_at in FOUND_RIGHT:
            return []
        self.page.evaluate(AXE.read_text())
        # To describe what is right, too, takes as long again.
        found = self.page.evaluate(
            "axe.run({exclude: [['iframe']]},"
            " {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})"
        )
        if not found["violations"]:
            FOUND_RIGHT.add(looked_at)
        return [
            (violation["id"], [node["target"] for node in violation["nodes"]][:3]) for violation in found["violations"]
        ]

    def _text_without_token(self) -> str:
        """The document; every form of it has the token that the head names."""
        text: str = self.page.evaluate(
            """() => document.documentElement.outerHTML.replaceAll(
                 document.querySelector("meta[name=csrf-token]")?.content || "\\0", "")"""
        )
        return text


@pytest.fixture
def arrival(chromium: Browser) -> Iterator[Callable[[int, Settings], Visitor]]:
    """Somebody at a browser window of this width, before this product."""
    contexts: list[BrowserContext] = []

    def arrive(width: int, settings: Settings) -> Visitor:
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
        contexts.append(context)
        someone = Visitor(context.new_page(), settings)
        origins = (settings.portal_origin, settings.notebook_origin, "data:", "blob:")
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


@pytest.fixture
def visitor(arrival: Callable[[int, Settings], Visitor], product: Settings) -> Callable[[int], Visitor]:
    """Somebody before the product that all tests share."""
    return lambda width: arrival(width, product)
