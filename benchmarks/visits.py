"""What a first and a repeated visit bring over the link, and how long the first cell of a lab takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Playwright, sync_playwright

from app.demo import DEMO_PASSWORD, MODULE_ID
from benchmarks.figures import Figure, measured
from config import Settings
from tools.chromium import CHROMIUM, FLAGS
from tools.product import own_environment, running

PORTAL_PAGES = ("/learn", f"/learn/{MODULE_ID}", f"/learn/{MODULE_ID}/counts-and-rates", f"/learn/{MODULE_ID}/quiz")
LAB = f"/notebooks/{MODULE_ID}/grievances"
PATIENCE_MS = 180_000
WARM_RUNS = 3
# Host, status and bytes of the body as sent, compressed where it was: headers are not counted.
LOG_FORMAT = "%({host}i)s %(s)s %({content-length}o)s"


def measure(folder: Path) -> list[Figure]:
    """A fresh browser profile, then new browser processes with the same profile."""
    log = folder / "access.log"
    arguments = f"--access-logfile {log} --access-logformat '{LOG_FORMAT}'"
    environment = own_environment(folder, {"GUNICORN_CMD_ARGS": arguments})
    with running(environment, folder / "visits.log") as settings, sync_playwright() as playwright:
        traffic = _Traffic(log, settings)
        first, cold = _visit(playwright, settings, folder / "profile", traffic)
        later = [_visit(playwright, settings, folder / "profile", traffic) for _run in range(WARM_RUNS)]
    kilobytes = [
        measured("Bytes over the link", f"{where}, {visit} visit", "kB", [each / 1000 for each in found[where]])
        for visit, found in (("first", _by_origin([first])), ("repeated", _by_origin([sent for sent, _s in later])))
        for where in ("portal", "notebook")
    ]
    return [
        *kilobytes,
        measured("First executed cell of the lab", "first visit", "s", [cold]),
        measured("First executed cell of the lab", "repeated visit", "s", [seconds for _sent, seconds in later]),
    ]


def _by_origin(visits: list[dict[str, int]]) -> dict[str, list[int]]:
    return {where: [visit[where] for visit in visits] for where in ("portal", "notebook")}


class _Traffic:
    """What both origins sent since the last look."""

    def __init__(self, log: Path, settings: Settings) -> None:
        self.log = log
        self.origins = {
            f"{settings.portal_host}:{settings.portal_port}": "portal",
            f"{settings.portal_host}:{settings.notebook_port}": "notebook",
        }
        self.seen = 0

    def since_last_look(self) -> dict[str, int]:
        lines = self.log.read_text().splitlines()
        sent = dict.fromkeys(self.origins.values(), 0)
        for line in lines[self.seen :]:
            host, status, length = line.split()
            if host in self.origins and status == "200" and length.isdecimal():
                sent[self.origins[host]] += int(length)
        self.seen = len(lines)
        return sent


def _visit(
    playwright: Playwright, settings: Settings, profile: Path, traffic: _Traffic
) -> tuple[dict[str, int], float]:
    """Sign in, read, open the lab and run its first cell; the bytes, and the seconds to the cell's result."""
    traffic.since_last_look()
    with _browser(playwright, profile) as page:
        page.goto(settings.portal_origin + "/sign-in")
        if page.locator("[name=password]").count():
            page.fill("[name=username]", "amina")
            page.fill("[name=password]", DEMO_PASSWORD)
            page.click("main button[type=submit]")
        for address in PORTAL_PAGES:
            page.goto(settings.portal_origin + address)
        began = time.monotonic()
        _run_the_first_cell(page, settings.portal_origin + LAB)
        seconds = time.monotonic() - began
    return traffic.since_last_look(), seconds


@contextmanager
def _browser(playwright: Playwright, profile: Path) -> Iterator[Page]:
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=CHROMIUM, args=list(FLAGS), viewport={"width": 1280, "height": 900}
    )
    yield context.pages[0]
    context.close()


def _run_the_first_cell(page: Page, address: str) -> None:
    page.goto(address)
    frame = page.frame_locator("iframe.notebook-frame")
    cell = frame.locator(".jp-CodeCell").first
    cell.locator(".cm-content").click(timeout=PATIENCE_MS)
    page.keyboard.press("Shift+Enter")
    cell.locator(".jp-OutputArea-output table").wait_for(timeout=PATIENCE_MS)
