"""Memory of the portal's process: when it is ready, and after every page that links lead to was asked for."""

from __future__ import annotations

import html
import re
from collections import Counter
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from playwright.sync_api import APIRequestContext, Playwright, sync_playwright

from app.accounts.service import HASH_MEBIBYTES
from app.demo import DEMO_PASSWORD
from benchmarks.figures import Figure
from config import Settings
from tools.product import own_environment, running

GROUP = "Memory of the portal's process, with the demo data"
# One of each role, and a trainee who reads Urdu.
READERS = ("amina", "bushra", "bilal", "farid", "qasim")
LINK = re.compile(r'<a [^>]*?href="(/[^"#]*)')
NUMBER = re.compile(r"\d+")
# Addresses that differ by numbers only are pages of one kind; so many of each are asked for.
OF_A_KIND = 3
PATIENCE_MS = 120_000


def measure(folder: Path) -> list[Figure]:
    """The portal as `make run` starts it."""
    with running(own_environment(folder), folder / "log") as settings, sync_playwright() as playwright:
        process = process_of_the_portal(settings)
        ready = mebibytes("VmRSS", process)
        pages = 0
        for name in READERS:
            pages += walk(playwright, settings, name)
            print(f"{name}: {mebibytes('VmRSS', process):.0f} MiB after {pages} pages", flush=True)
        after, most = mebibytes("VmRSS", process), mebibytes("VmHWM", process)
    return [
        Figure(GROUP, "when it is ready", ready, "MiB"),
        Figure(GROUP, f"after every page was asked for ({pages} addresses)", after, "MiB"),
        Figure(
            GROUP, f"at most, while somebody signs in ({HASH_MEBIBYTES} MiB for the hash of the password)", most, "MiB"
        ),
    ]


def process_of_the_portal(settings: Settings) -> int:
    """Its number: of gunicorn's two processes the one that answers, which is the larger."""
    portals: list[int] = [
        each.pid
        for each in psutil.process_iter(["cmdline"])
        if f"{settings.portal_host}:{settings.portal_port}" in " ".join(each.info["cmdline"] or ())
    ]
    return max(portals, key=lambda process: mebibytes("VmRSS", process))


def walk(playwright: Playwright, settings: Settings, name: str) -> int:
    """Sign in and ask for every page and file that links lead to; how many. Raises RuntimeError for one that fails."""
    request = signed_in(playwright, settings, name)
    waiting, asked, of_a_kind = ["/"], 0, Counter[str]()
    known = set(waiting)
    while waiting:
        address = waiting.pop()
        answer = request.get(address)
        if answer.status >= 500:
            raise RuntimeError(f"{address} was answered with {answer.status}")
        asked += 1
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for found in map(html.unescape, LINK.findall(answer.text())):
            kind = NUMBER.sub("0", found)
            if found not in known and of_a_kind[kind] < OF_A_KIND:
                known.add(found)
                of_a_kind[kind] += 1
                waiting.append(found)
    return asked


def signed_in(playwright: Playwright, settings: Settings, name: str) -> APIRequestContext:
    """Whoever asks the portal for pages as one of the demo accounts."""
    request = playwright.request.new_context(base_url=settings.portal_origin, timeout=PATIENCE_MS)
    form: dict[str, str | float | bool] = {
        "username": name,
        "password": DEMO_PASSWORD,
        "csrf_token": token(request.get("/sign-in").text()),
    }
    request.post("/sign-in", form=form)
    return request


def token(page: str) -> str:
    """What a form of this page sends with it to show that it is the portal's own. Raises RuntimeError without one."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise RuntimeError("the page has no form")
    return found[1]


def mebibytes(name: str, process: int) -> float:
    """Memory of a process, now or at most. Raises RuntimeError where the system does not say."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"the system does not say {name}")
    return int(found[1]) / 1024
