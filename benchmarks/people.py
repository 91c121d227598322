"""Ten thousand people brought in from a file by an administrator, on SQLite: seconds of each step, and memory."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook
from playwright.sync_api import APIRequestContext, APIResponse, FilePayload, sync_playwright

from benchmarks import memory
from benchmarks.figures import Figure, measured
from tools.product import own_environment, running

GROUP = "People from a file: 10,000 rows"
RUNS = 3
PEOPLE = 10_000
DEPARTMENTS = 40
IMPORTS = "/administration/imports"
HEADINGS = ("username", "full name", "department", "grade", "posting date", "district", "language")


def measure(folder: Path) -> list[Figure]:
    """Each kind of file has a product of its own, as `make run` starts it, that gets it several times."""
    figures = []
    for name, make in FILES.items():
        (place := folder / name).mkdir()
        with running(own_environment(place), place / "log") as settings, sync_playwright() as playwright:
            process = memory.process_of_the_portal(settings)
            farid = memory.signed_in(playwright, settings, "farid")
            before = memory.mebibytes("VmHWM", process)
            runs = [_brought_in(farid, f"people.{name}", make()) for _run in range(RUNS)]
            peak = memory.mebibytes("VmHWM", process)
        figures += [measured(GROUP, f"{name.upper()}: {step}", "s", [each[step] for each in runs]) for step in runs[0]]
        figures += [
            Figure(GROUP, f"{name.upper()}: memory of the portal's process, at most", peak, "MiB"),
            Figure(GROUP, f"{name.upper()}: of that, above what signing in took", peak - before, "MiB"),
        ]
    return figures


def _rows() -> list[tuple[str | int, ...]]:
    begin = date(2015, 1, 1)
    return [
        (
            f"officer{number}",
            f"Officer Number {number}",
            f"Department {number % DEPARTMENTS}",
            number % 22 + 1,
            (begin + timedelta(days=number % 4000)).isoformat(),
            f"District {number % 36}",
            ("en", "ur")[number % 2],
        )
        for number in range(PEOPLE)
    ]


def _csv() -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([HEADINGS, *_rows()])
    return file.getvalue().encode()


def _workbook() -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (HEADINGS, *_rows()):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


FILES: Mapping[str, Callable[[], bytes]] = {"csv": _csv, "xlsx": _workbook}


def _brought_in(farid: APIRequestContext, file_name: str, content: bytes) -> dict[str, float]:
    """Seconds of each step by its name. Raises RuntimeError for one that fails."""
    found: dict[str, float] = {}

    def step(name: str, ask: Callable[[], APIResponse]) -> APIResponse:
        began = time.perf_counter()
        answer = ask()
        found[name] = time.perf_counter() - began
        if answer.status >= 400:
            raise RuntimeError(f"{name} was answered with {answer.status}")
        return answer

    def send(address: str, page: str, **said: str | FilePayload) -> APIResponse:
        return farid.post(address, multipart={"csrf_token": memory.token(page), **said}, max_redirects=0)

    page = farid.get(IMPORTS).text()
    upload: FilePayload = {"name": file_name, "mimeType": "application/octet-stream", "buffer": content}
    preview = step("read and preview", lambda: send(IMPORTS, page, people=upload)).headers["location"]
    page = farid.get(preview).text()
    step("apply", lambda: send(f"{preview}/apply", page))
    undoing = step("show what undoing would do", lambda: farid.get(f"{preview}/undo")).text()
    digest = re.search(r'name="digest" value="(\w+)"', undoing)
    if digest is None:
        raise RuntimeError("the page of undoing has no form")
    step("undo", lambda: send(f"{preview}/undo", undoing, digest=digest[1]))
    return found
