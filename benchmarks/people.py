"""Ten thousand people brought in from a file by an administrator, on SQLite: seconds of each step, and memory."""

from __future__ import annotations

import csv
import io
import multiprocessing
import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook
from werkzeug.test import TestResponse

from benchmarks.figures import Figure, measured
from benchmarks.pages import fresh_portal, signed_in

GROUP = "People from a file: 10,000 rows"
RUNS = 3
PEOPLE = 10_000
DEPARTMENTS = 40
IMPORTS = "/administration/imports"
HEADINGS = ("username", "full name", "department", "grade", "posting date", "district", "language")


def measure(folder: Path) -> list[Figure]:
    """Each run has a process and a database of its own, so that its memory is its own too."""
    runs: dict[str, list[Mapping[str, float]]] = {}
    for name, make in FILES.items():
        for number in range(RUNS):
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
                made = process.submit(_run, folder / f"{name}{number}", f"people.{name}", make()).result()
            runs.setdefault(name, []).append(made)
    return [
        measured(GROUP, f"{name.upper()}: {step}", "MiB" if "memory" in step else "s", [each[step] for each in made])
        for name, made in runs.items()
        for step in made[0]
    ]


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


def _run(folder: Path, file_name: str, content: bytes) -> dict[str, float]:
    """Seconds of each step by its name, and MiB."""
    folder.mkdir()
    _settings, app, _engine = fresh_portal(folder)
    farid = signed_in(app, "farid")
    farid.get(IMPORTS)
    before = mebibytes("VmRSS")
    found: dict[str, float] = {}

    def step(name: str, ask: Callable[[], TestResponse]) -> TestResponse:
        began = time.perf_counter()
        answer = ask()
        found[name] = time.perf_counter() - began
        if answer.status_code >= 400:
            raise RuntimeError(f"{name} was answered with {answer.status_code}")
        return answer

    upload = {"people": (io.BytesIO(content), file_name)}
    preview = step("read and preview", lambda: farid.post(IMPORTS, data=upload)).location or ""
    step("apply", lambda: farid.post(f"{preview}/apply"))
    page = step("show what undoing would do", lambda: farid.get(f"{preview}/undo")).text
    digest = re.search(r'name="digest" value="(\w+)"', page)
    if digest is None:
        raise RuntimeError("the page of undoing has no form")
    step("undo", lambda: farid.post(f"{preview}/undo", data={"digest": digest[1]}))
    peak = mebibytes("VmHWM")
    return found | {"peak memory of the portal": peak, "of that memory, for the import": peak - before}


def mebibytes(name: str, process: int | str = "self") -> float:
    """Memory of a process, now or at most. Its peak by getrusage would be that of the process that began it."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"the system does not say {name}")
    return int(found[1]) / 1024
