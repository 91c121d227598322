"""A class hands in: 50 graded with all that belongs to it, beside nbgrader."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from flask import Flask
from sqlalchemy import Engine, select

import grading
from app.accounts.models import Account
from app.content.schemas import Notebook
from app.core.db import begin, make_engine
from app.core.jobs import Job
from app.core.migration import migrate
from app.demo import MODULE_ID
from app.gradebook.models import Grade
from app.notebooks import service
from app.worker import CONCURRENCY, Workshop
from benchmarks.cage import memory_of
from benchmarks.cells_alone import seconds_each
from benchmarks.figures import Figure
from benchmarks.grading_speed import ASSIGNMENT, Course
from benchmarks.pages import fresh_portal, lab_of
from config import ROOT
from tools.product import own_environment

GROUP = "A class of 50 hands in the lab (all included: sandbox, score, feedback page, database)"
CLASS, AT_NBGRADER, ALONE = 50, 10, 5
BOUND = "no grader can need less: the cells in bare forks"
SAMPLE_SECONDS = 2.0
SETTLE_SECONDS = 30.0
MEGABYTE = 1_000_000
FORGED = (
    "class Agrees(int):\n    def __eq__(self, other): return True\nrow_count, open_count = Agrees(25_000), Agrees(5)"
)
HOSTILE = (
    "while True: pass",
    "import os\nos._exit(1)",
    "import os\nwhile True: os.fork()",
    "x = b'x' * (3 * 2**30)",
    FORGED,
)


@dataclass(frozen=True)
class _Class:
    """each, alone: seconds for each in the batch, and for one more; idle, peak: bytes of the sandboxes."""

    each: float
    alone: float
    idle: int
    peak: int


def measure(folder: Path) -> list[Figure]:
    """Raises RuntimeError when a submission is lost or points differ: a speed without them means nothing."""
    settings, app, engine = fresh_portal(folder)
    lab = lab_of(app)
    sandboxes = grading.WarmSandboxes(CONCURRENCY)
    try:
        workshop = Workshop.of(settings, sandboxes)
        own = _class(app, engine, workshop, lab)
        hostile = [*_hostile_class(app, engine, workshop, lab)]
        data = settings.lab_files_folder / MODULE_ID / ASSIGNMENT
        each, single = _at_nbgrader(folder / "course", lab, data)
        at_once = seconds_each(lab.source, data, runs=CLASS, processes=CONCURRENCY)
        one_by_one = seconds_each(lab.source, data, runs=ALONE, processes=1)
        figures = [
            _beside("each, in the batch", own.each, CLASS, each),
            _beside(f"in the batch, {BOUND}", at_once, CLASS, each),
            _beside("one that arrives alone", own.alone, 1, single),
            _beside(f"alone, {BOUND}", one_by_one, ALONE, single),
            Figure(GROUP, "memory of the warm sandboxes, idle", own.idle / CONCURRENCY / MEGABYTE, "MB each"),
            Figure(GROUP, "memory of all sandboxes, at most", own.peak / MEGABYTE, "MB"),
            *hostile,
        ]
    finally:
        sandboxes.close()
    return [*figures, _idle_worker(folder)]


def _beside(what: str, ours: float, runs: int, theirs: float) -> Figure:
    return Figure(GROUP, what, ours, "s", runs, theirs, theirs / ours)


def _idle_worker(folder: Path) -> Figure:
    """Of a worker with nothing to do, on a database of its own, without its sandboxes."""
    place = folder / "idle"
    place.mkdir()
    environment = own_environment(place)
    migrate(make_engine(environment["DATABASE_URL"]))
    with (place / "log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "app.worker"], cwd=ROOT, env=environment, stderr=log, stdout=log
        )
    try:
        time.sleep(SETTLE_SECONDS)
        if worker.poll() is not None or "worker is ready" not in (place / "log").read_text():
            raise RuntimeError(f"the worker is not ready: {(place / 'log').read_text()[-2000:]}")
        return Figure(GROUP, "memory of an idle worker", psutil.Process(worker.pid).memory_info().rss / MEGABYTE, "MB")
    finally:
        worker.kill()
        worker.wait()


def variant(source: bytes, number: int, code: str = "") -> bytes:
    """The author's notebook, told apart by a comment; `code`: what stands after the first answer."""
    notebook = json.loads(source)
    cell = next(each for each in notebook["cells"] if each["metadata"].get("nbgrader", {}).get("grade_id") == "look")
    cell["source"] = f"{''.join(cell['source'])}\n# {number}\n{code}"
    return json.dumps(notebook).encode()


def hand_in(app: Flask, engine: Engine, contents: list[bytes], name: str) -> list[int]:
    """Through the portal's service; the ids of the submissions in the same order."""
    with begin(engine) as session:
        trainee = session.scalars(select(Account).where(Account.username == "amina")).one()
        return [
            service.submit(
                session, app.extensions["blobs"], trainee, MODULE_ID, ASSIGNMENT, content, key=f"{name}{n}"
            ).id
            for n, content in enumerate(contents)
        ]


def graded(engine: Engine, workshop: Workshop, ids: list[int]) -> tuple[float, list[Grade]]:
    """Seconds for all of them, and the grades; every one must have its own."""
    with begin(engine, read_only=True) as session:
        jobs = [(job.id, job.kind, job.thing_id) for job in session.scalars(select(Job).where(Job.thing_id.in_(ids)))]
    began = time.perf_counter()
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        list(pool.map(lambda job: workshop.attempt(*job), jobs))
    taken = time.perf_counter() - began
    with begin(engine, read_only=True) as session:
        grades = list(session.scalars(select(Grade).where(Grade.submission_id.in_(ids))))
        session.expunge_all()
    if len(grades) != len(ids):
        raise RuntimeError(f"{len(ids) - len(grades)} of {len(ids)} submissions have no grade")
    return taken, grades


def _class(app: Flask, engine: Engine, workshop: Workshop, lab: Notebook) -> _Class:
    graded(engine, workshop, hand_in(app, engine, [variant(lab.source, -1)] * CONCURRENCY, "first"))
    idle = _memory()
    with sampled() as peak:
        ids = hand_in(app, engine, [variant(lab.source, n) for n in range(CLASS)], "class")
        taken, grades = graded(engine, workshop, ids)
    if {(grade.status, grade.points) for grade in grades} != {("graded", 18.0)}:
        raise RuntimeError("an honest notebook did not get its points")
    [one] = hand_in(app, engine, [variant(lab.source, 1000)], "one")
    return _Class(taken / CLASS, graded(engine, workshop, [one])[0], idle, max(peak))


def _hostile_class(app: Flask, engine: Engine, workshop: Workshop, lab: Notebook) -> Iterator[Figure]:
    codes = [HOSTILE[n // 10] if n % 10 == 0 else "" for n in range(CLASS)]
    contents = [variant(lab.source, n, code) for n, code in enumerate(codes)]
    ids = hand_in(app, engine, contents, "hostile")
    taken, grades = graded(engine, workshop, ids)
    honest = {number for number, code in zip(ids, codes, strict=True) if not code}
    if {(grade.status, grade.points) for grade in grades if grade.submission_id in honest} != {("graded", 18.0)}:
        raise RuntimeError("an honest notebook beside hostile ones did not get its points")
    states = Counter(grade.status for grade in grades)
    yield Figure(GROUP, f"all, with {len(HOSTILE)} hostile ones among them", taken, "s")
    for status, count in sorted(states.items()):
        yield Figure(GROUP, f"of these {status}", count, "submissions")


def _at_nbgrader(folder: Path, lab: Notebook, data: Path) -> tuple[float, float]:
    """Seconds for each of a smaller class, and for one that arrives alone: a command to grade, and one for feedback."""
    folder.mkdir()
    course = Course(folder, lab, data)
    for number in range(AT_NBGRADER):
        course.hand_in(f"trainee{number}", variant(lab.source, number))
    began = time.perf_counter()
    course.command("autograde", ASSIGNMENT)
    course.command("generate_feedback", ASSIGNMENT)
    taken = time.perf_counter() - began
    course.hand_in("late", variant(lab.source, AT_NBGRADER))
    began = time.perf_counter()
    course.command("autograde", ASSIGNMENT, "--student", "late")
    course.command("generate_feedback", ASSIGNMENT, "--student", "late")
    single = time.perf_counter() - began
    if {course.points(name) for name in (*(f"trainee{number}" for number in range(AT_NBGRADER)), "late")} != {18.0}:
        raise RuntimeError("the nbgrader command gave other points")
    return taken / AT_NBGRADER, single


def _memory() -> int:
    """Bytes of all processes that this one started."""
    return memory_of(psutil.Process().children(recursive=True))


@contextmanager
def sampled() -> Iterator[list[int]]:
    found, stop = [0], threading.Event()

    def look() -> None:
        while not stop.wait(SAMPLE_SECONDS):
            found.append(_memory())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()
