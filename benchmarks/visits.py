"""What a first, a repeated and a linkless visit to the lab cost, beside a plain `jupyter lite build` of its notebook.

Each goes over a link of benchmarks/link.py, whose bytes are counted, in a browser that benchmarks/slow_processor.py
slows. Times are from the opening of the page to the result of the first cell.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from playwright.sync_api import FrameLocator, Locator, Page, Response, expect, sync_playwright
from playwright.sync_api import TimeoutError as NothingCame

from app.demo import DEMO_PASSWORD, MODULE_ID
from benchmarks import plain_lite, python_alone
from benchmarks.figures import Figure, measured
from benchmarks.link import UNSHAPED, Link, Speed, open_link
from benchmarks.slow_processor import Slowed, processes_of, slowed
from config import ROOT, Settings
from tools.chromium import CHROMIUM, FLAGS
from tools.product import own_environment, running

PORTAL_PAGES = ("/learn", f"/learn/{MODULE_ID}", f"/learn/{MODULE_ID}/counts-and-rates", f"/learn/{MODULE_ID}/quiz")
LAB = f"/notebooks/{MODULE_ID}/grievances"
DATA = ROOT / "var" / "lab-files" / MODULE_ID / "grievances"
PATIENCE_MS = 180_000
SLOW_PATIENCE_MS = 1_800_000
# How long somebody looks on when nothing happens: until they press again, and until they open the page again.
PRESSED_AGAIN_MS = 5_000
OPENED_AGAIN_MS = 720_000
MOST_RUNS = 4
TABLE = ".jp-OutputArea-output table"
FAILURE = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']"
MEGABYTE = 1e6


@dataclass(frozen=True)
class Conditions:
    """How the visits are made. processor: how many times slower the browser is made; at_once: to both sites."""

    name: str
    speed: Speed
    processor: float
    warm_runs: int
    at_once: bool


UNHINDERED = Conditions("no limits", UNSHAPED, 1, 3, at_once=False)
HINDERED = Conditions("400 kbit/s, 300 ms, processor slowed 4 times", Speed(400_000 / 8, 0.3), 4, 1, at_once=True)


@dataclass(frozen=True)
class Visit:
    """seconds: to the first cell's result; portal, notebook: bytes received; memory_bytes: of the browser's pages.

    runs: how often the cell had to be run until it gave its result and no error. has_result: False where it never did,
    so that `seconds` is until somebody gave up.
    """

    seconds: float
    runs: int
    has_result: bool
    portal: int
    notebook: int
    memory_bytes: int

    @property
    def megabytes(self) -> float:
        """Over the link, headers included."""
        return (self.portal + self.notebook) / MEGABYTE


@dataclass(frozen=True)
class _Visitor:
    """Somebody with a browser profile and a link of their own. portal, notebook: ports of the origins that count."""

    profile: Path
    link: Link
    portal: int
    notebook: int

    def visit(self, address: str, *, framed: bool, before: tuple[str, ...] = ()) -> Visit:
        """With a new browser process: sign in and read (`before`), open the notebook, run its first cell."""
        earlier = self.link.received.copy()
        with browser(self.profile, self.link) as page:
            for other in before:
                page.goto(other)
                sign_in(page)
            began = time.monotonic()
            runs, has_result = run_the_first_cell(page, address, framed=framed)
            seconds = time.monotonic() - began
            memory = memory_of_pages(self.profile)
        got = self.link.received - earlier
        return Visit(seconds, runs, has_result, got[self.portal], got[self.notebook], memory)


@dataclass(frozen=True)
class _Ours:
    """All visits to Hunar. safe: seconds from an edit to the academy's answer that it has it."""

    visits: list[Visit]
    safe: float


def measure(folder: Path) -> list[Figure]:
    """Without limits."""
    return compare(folder, UNHINDERED)


def measure_hindered(folder: Path) -> list[Figure]:
    """On a slow link and a slow computer; it takes some twenty minutes."""
    return compare(folder, HINDERED)


def compare(folder: Path, conditions: Conditions) -> list[Figure]:
    """Hunar and the peer under the same conditions, each with a browser and a link of its own.

    Where the link is what takes the time both are visited at once, so that what disturbs the machine disturbs both.
    """
    with running(own_environment(folder), folder / "log") as settings:
        notebook = _notebook(settings.portal_origin + LAB)
        plain = plain_lite.build(folder / "plain", notebook, DATA)
        with (
            plain_lite.serving(plain) as plain_origin,
            slowed(CHROMIUM, conditions.processor) as processor,
            ThreadPoolExecutor(2 if conditions.at_once else 1) as pool,
        ):
            ours = pool.submit(_visit_ours, folder / "own", settings, conditions)
            theirs = pool.submit(_visit_theirs, folder / "peer", plain_origin, conditions)
            own, peer = ours.result(), theirs.result()
            bare = [] if conditions.at_once else _bare_visits(folder / "bare", settings, notebook, conditions)
        _keep_the_module(folder / "own", settings)
    with open_link() as link, slowed(CHROMIUM, conditions.processor):
        # Nothing answers any more.
        offline = _Visitor(folder / "own", link, 0, 0).visit(settings.portal_origin + LAB, framed=True)
    group = f"The lab's first cell: {conditions.name}"
    first, later = own.visits[:1], own.visits[1:]
    return [
        *_compared(group, "first visit", first, peer[:1]),
        _beside(group, "first visit: runs of the cell", "runs", [first[0].runs], [peer[0].runs]),
        *_compared(group, "repeated visit", later, peer[1:]),
        *_bounds(group, bare, peer),
        _beside(
            group,
            "memory of the page and its workers",
            "MB",
            [each.memory_bytes / MEGABYTE for each in later],
            [each.memory_bytes / MEGABYTE for each in peer[1:]],
        ),
        Figure(group, "kept on the device, while nothing answers: time", offline.seconds, "s"),
        *(
            measured(group, f"{where} alone, {visit}", "kB", [getattr(each, where) / 1e3 for each in made])
            for visit, made in (("first visit", first), ("repeated visit", later))
            for where in ("portal", "notebook")
        ),
        Figure(group, "an edit until it is safe at the academy", own.safe, "s"),
        *_of_the_conditions(group, conditions, [first[0], peer[0]], processor),
    ]


def _visit_ours(profile: Path, settings: Settings, conditions: Conditions) -> _Ours:
    portal = settings.portal_origin
    before = (f"{portal}/sign-in", *(portal + page for page in PORTAL_PAGES))
    with open_link(conditions.speed) as link:
        visitor = _Visitor(profile, link, settings.portal_port, settings.notebook_port)
        visits = [visitor.visit(portal + LAB, framed=True, before=before) for _run in range(1 + conditions.warm_runs)]
        return _Ours(visits, _seconds_until_safe(visitor, portal + LAB))


def _visit_theirs(profile: Path, origin: str, conditions: Conditions) -> list[Visit]:
    """The peer has one origin, which counts as the notebook's."""
    with open_link(conditions.speed) as link:
        visitor = _Visitor(profile, link, 0, int(origin.rsplit(":", 1)[1]))
        address = origin + plain_lite.PAGE
        return [visitor.visit(address, framed=False) for _run in range(1 + conditions.warm_runs)]


def _bare_visits(profile: Path, settings: Settings, notebook: bytes, conditions: Conditions) -> list[float]:
    """Seconds of as many visits to nothing but Python, each with a new browser process."""
    found = []
    with open_link(conditions.speed) as link:
        for _run in range(1 + conditions.warm_runs):
            with browser(profile, link, bypass_csp=True) as page:
                found.append(python_alone.seconds(page, settings.notebook_origin, notebook, DATA))
    return found


def _bounds(group: str, bare: list[float], peer: list[Visit]) -> Iterator[Figure]:
    """The highest ratios that any notebook in a browser could reach."""
    visits = (("first visit", bare[:1], peer[:1]), ("repeated visit", bare[1:], peer[1:]))
    for visit, ours, theirs in visits if bare else ():
        name = f"{visit}: no notebook can need less, Python and the cell alone"
        yield _beside(group, name, "s", ours, [each.seconds for each in theirs])


def _compared(group: str, visit: str, ours: list[Visit], theirs: list[Visit]) -> list[Figure]:
    megabytes, seconds = (
        [[getattr(each, name) for each in made] for made in (ours, theirs)] for name in ("megabytes", "seconds")
    )
    if not all(each.has_result for each in ours):
        raise RuntimeError(f"{visit}: our own cell gave no result")
    given_up = "" if all(each.has_result for each in theirs) else " (the peer was given up without a result)"
    return [
        _beside(group, f"{visit}: bytes over the link{given_up}", "MB", *megabytes),
        _beside(group, f"{visit}: time{given_up}", "s", *seconds),
    ]


def _beside(group: str, name: str, unit: str, ours: list[float], theirs: list[float]) -> Figure:
    return measured(group, name, unit, ours, peer_values=theirs, peer_name=plain_lite.NAME)


def _of_the_conditions(group: str, conditions: Conditions, first: list[Visit], processor: Slowed) -> list[Figure]:
    """That the link and the processor really were as slow as the heading says."""
    if conditions == UNHINDERED:
        return []
    ours, theirs = (visit.notebook * 8 / 1e3 / visit.seconds for visit in first)
    return [
        Figure(group, "the link gave, on the first visit", ours, "kbit/s", 1, theirs, None, plain_lite.NAME),
        Figure(group, "the browser's processes ran a share of the time of", 100 / processor.factor, "%"),
    ]


def _notebook(lab: str) -> bytes:
    """As a trainee gets it who has not begun."""
    with sync_playwright() as playwright:
        fresh = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = fresh.new_page()
        page.goto(lab)
        sign_in(page)
        notebook = page.request.get(f"{lab}/notebook.ipynb").body()
        fresh.close()
    return notebook


def sign_in(page: Page, name: str = "amina") -> None:
    """Where the page asks for it."""
    if page.locator("[name=password]").count():
        page.fill("[name=username]", name)
        page.fill("[name=password]", DEMO_PASSWORD)
        page.click("main button[type=submit]")


@contextmanager
def browser(profile: Path, link: Link, *, bypass_csp: bool = False) -> Iterator[Page]:
    """A browser with this profile whose every request goes over the link."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            args=list(FLAGS),
            viewport={"width": 1280, "height": 900},
            proxy=link.proxy,
            bypass_csp=bypass_csp,
        )
        context.set_default_timeout(SLOW_PATIENCE_MS)
        yield context.pages[0]
        context.close()


def _cells(page: Page, *, framed: bool) -> FrameLocator | Page:
    return page.frame_locator("iframe.notebook-frame") if framed else page


def run_the_first_cell(page: Page, address: str, *, framed: bool) -> tuple[int, bool]:
    """Open the page and run the first cell until it shows its table; how many runs that took, and whether it did.

    On a slow link a browser ends a service worker's download after five minutes. Whatever was to be imported is missing
    then, or the cell waits for ever; a person would run it again, or open the page again.
    """
    page.goto(address)
    cell = _cells(page, framed=framed).locator(".jp-CodeCell").first
    table, failure = cell.locator(TABLE), cell.locator(FAILURE)
    for runs in range(1, MOST_RUNS + 1):
        _run(page, cell)
        try:
            table.or_(failure).first.wait_for(timeout=OPENED_AGAIN_MS)
        except NothingCame:
            page.goto(address)
        if table.count():
            return runs, True
    return MOST_RUNS, False


def _run(page: Page, cell: Locator) -> None:
    """What is pressed too early is pressed again."""
    prompt, begun = cell.locator(".jp-InputPrompt"), False
    former = prompt.inner_text()
    while not begun:
        cell.locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        with suppress(AssertionError):
            expect(prompt).not_to_have_text(former, timeout=PRESSED_AGAIN_MS)
            begun = True


def memory_of_pages(profile: Path) -> int:
    """Bytes of the renderer processes of the browser with this profile, a shared page counted once."""
    [top] = [
        each for each in processes_of(CHROMIUM) if f"--user-data-dir={profile}" in each.cmdline()[1:] and _is_top(each)
    ]
    renderers = [each for each in top.children(recursive=True) if "--type=renderer" in each.cmdline()]
    return sum(each.memory_full_info().pss for each in renderers)


def _is_top(process: psutil.Process) -> bool:
    return not any(word.startswith("--type=") for word in process.cmdline())


def _seconds_until_safe(visitor: _Visitor, lab: str) -> float:
    line = "# until it is safe\n"

    def keeps(answer: Response) -> bool:
        return (
            answer.ok and answer.url.endswith("/draft") and json.dumps(line)[1:-1] in (answer.request.post_data or "")
        )

    with browser(visitor.profile, visitor.link) as page:
        page.goto(lab)
        cell = _cells(page, framed=True).locator(".jp-CodeCell .cm-content").first
        cell.click()
        page.wait_for_selector("#lab-status:not([data-state=Opening])")
        page.keyboard.press("Control+Home")
        began = time.monotonic()
        with page.expect_response(keeps):
            page.keyboard.insert_text(line)
        return time.monotonic() - began


def _keep_the_module(profile: Path, settings: Settings) -> None:
    with open_link() as link, browser(profile, link) as page:
        page.goto(f"{settings.portal_origin}/learn/{MODULE_ID}")
        page.click("#keep summary")
        page.click("#keep [data-do=keep]")
        page.wait_for_selector("#keep-status[data-state=Kept]")
