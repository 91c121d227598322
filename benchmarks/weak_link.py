"""Half an hour of work on a link that breaks at random: every edit is at the academy in the end, once and in order."""

from __future__ import annotations

import json
import random
import re
import statistics
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Response, sync_playwright

from app.demo import DEMO_PASSWORD
from benchmarks.figures import Figure
from benchmarks.visits import LAB, PATIENCE_MS
from config import Settings
from tools.chromium import CHROMIUM, FLAGS
from tools.product import own_environment, running

GROUP = "Thirty minutes of work on a link that breaks at random"
MINUTES, SEED = 30.0, 6
EDIT_SECONDS = (1.5, 6.0)
# How long the link holds, and how long it is gone, on average.
UP_SECONDS, DOWN_SECONDS = 20.0, 15.0
# Of the moments at which the link comes or goes, those at which the window is closed as well.
CLOSED_SHARE = 0.15
# The notebook tells the page of a change after a third of a second; what is typed later than that may be closed away.
TYPED_SECONDS = 2.0


@dataclass
class Story:
    """What happened. safe: seconds from an edit to "safe at the academy", where the link held all the while."""

    edits: int = 0
    broken: int = 0
    closed: int = 0
    safe: list[float] = field(default_factory=list)


def measure(folder: Path, minutes: float = MINUTES) -> list[Figure]:
    """Raises RuntimeError when the page never says in the end that all is safe."""
    story = Story()
    with running(own_environment(folder), folder / "log") as settings, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        text = _work(context, settings, story, minutes)
        browser.close()
    found = [int(number) for number in re.findall(r"# edit (\d+)\\n", text)]
    return [
        Figure(GROUP, "edits made", story.edits, "edits"),
        Figure(GROUP, "link broken", story.broken, "times"),
        Figure(GROUP, "window closed and opened again", story.closed, "times"),
        Figure(GROUP, "edits lost", story.edits - len(set(found)), "edits"),
        Figure(GROUP, "edits doubled or out of order", _misplaced(found), "edits"),
        Figure(
            GROUP, "an edit until it is safe at the academy", statistics.median(story.safe), "s", runs=len(story.safe)
        ),
    ]


def _misplaced(found: list[int]) -> int:
    """Each edit was put above the one before it."""
    return sum(later >= earlier for earlier, later in pairwise(found))


def _work(context: BrowserContext, settings: Settings, story: Story, minutes: float) -> str:
    """Sign in and work; the notebook that the academy has in the end."""
    dice = random.Random(SEED)
    page = context.new_page()
    page.goto(settings.portal_origin + "/sign-in")
    page.fill("[name=username]", "amina")
    page.fill("[name=password]", DEMO_PASSWORD)
    page.click("main button[type=submit]")
    address = settings.portal_origin + LAB
    _open(page, address)
    ends = time.monotonic() + 60 * minutes
    is_up = True
    while time.monotonic() < ends:
        turns = time.monotonic() + dice.expovariate(1 / (UP_SECONDS if is_up else DOWN_SECONDS))
        while time.monotonic() < turns:
            _edit(page, story, waits=is_up and dice.random() < 0.2)
            page.wait_for_timeout(1000 * dice.uniform(*EDIT_SECONDS))
        is_closed = dice.random() < CLOSED_SHARE
        if is_closed:
            page.wait_for_timeout(1000 * TYPED_SECONDS)
            page.close()
            story.closed += 1
        is_up = is_closed or not is_up
        context.set_offline(not is_up)
        story.broken += not is_up
        if is_closed:
            page = context.new_page()
            _open(page, address)
    context.set_offline(False)
    page.wait_for_selector("#lab-status[data-state=Saved]", timeout=PATIENCE_MS)
    return page.request.get(f"{address}/notebook.ipynb").text()


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.frame_locator("iframe.notebook-frame").locator(".jp-CodeCell .cm-content").first.wait_for(timeout=PATIENCE_MS)
    page.wait_for_selector("#lab-status:not([data-state=Opening])", timeout=PATIENCE_MS)


def _edit(page: Page, story: Story, *, waits: bool) -> None:
    """One line more at the top of the first code cell. waits: see how long it takes to be safe."""
    story.edits += 1
    line = f"# edit {story.edits}\n"
    page.frame_locator("iframe.notebook-frame").locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Control+Home")
    if not waits:
        return page.keyboard.insert_text(line)
    began = time.monotonic()
    with page.expect_response(lambda answer: _keeps(answer, line), timeout=PATIENCE_MS):
        page.keyboard.insert_text(line)
    return story.safe.append(time.monotonic() - began)


def _keeps(answer: Response, line: str) -> bool:
    return answer.ok and answer.url.endswith("/draft") and json.dumps(line)[1:-1] in (answer.request.post_data or "")
