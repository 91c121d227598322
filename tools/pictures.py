"""`make pictures`: screenshots of the running product for the README, in docs/images."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from app.demo import DEMO_PASSWORD, MODULE_ID
from config import ROOT, Settings
from tools.chromium import CHROMIUM, FLAGS
from tools.product import own_environment, running

FOLDER = ROOT / "docs" / "images"
WIDE, NARROW = 1180, 390
HEIGHT = 820
ROUNDS_PLAYED = 5
START_MS = 120_000


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(own_environment(Path(folder)), Path(folder, "log")) as settings,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        with _signed_in(browser, settings, "amina", WIDE) as page:
            _desk(page, settings)
            _lab(page, settings)
        with _signed_in(browser, settings, "bushra", NARROW) as page:
            page.goto(f"{settings.portal_origin}/learn/{MODULE_ID}/counts-and-rates")
            _take(page, "lesson-urdu")
        with _signed_in(browser, settings, "bilal", WIDE) as page:
            page.goto(f"{settings.portal_origin}/cohorts/1")
            page.locator("table.heat").first.scroll_into_view_if_needed()
            page.evaluate("scrollTo(0, document.querySelector('h2').offsetTop - 20)")
            _take(page, "cohort")
        browser.close()


@contextmanager
def _signed_in(browser: Browser, settings: Settings, name: str, width: int) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(settings.portal_origin + "/sign-in")
    page.fill("[name=username]", name)
    page.fill("[name=password]", DEMO_PASSWORD)
    page.click("main button[type=submit]")
    yield page
    context.close()


def _desk(page: Page, settings: Settings) -> None:
    page.goto(f"{settings.portal_origin}/simulations/{MODULE_ID}/grievance")
    page.click("main form button[type=submit]")
    for _round in range(ROUNDS_PLAYED):
        page.click("form[data-act=decide] button[type=submit]")
    page.evaluate("scrollTo(0, document.querySelector('.chart-row').offsetTop - 360)")
    _take(page, "desk")


def _lab(page: Page, settings: Settings) -> None:
    page.goto(f"{settings.portal_origin}/notebooks/{MODULE_ID}/grievances")
    frame = page.frame_locator("iframe.notebook-frame")
    frame.locator(".jp-CodeCell .cm-content").first.click(timeout=START_MS)
    page.keyboard.press("Shift+Enter")
    frame.locator(".jp-OutputArea-output table").wait_for(timeout=START_MS)
    page.locator("#lab-status").filter(has_text=re.compile("Saved at")).wait_for(timeout=START_MS)
    page.evaluate("scrollTo(0, document.querySelector('.lab-bar').offsetTop - 20)")
    frame.locator(".jp-CodeCell").first.scroll_into_view_if_needed()
    _take(page, "lab")


def _take(page: Page, name: str) -> None:
    page.evaluate("document.fonts.ready")
    page.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=82)


if __name__ == "__main__":
    main()
