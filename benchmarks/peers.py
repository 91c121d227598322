"""The same ten notebooks at the nbgrader command, at otter-grader and here; then ten of which five are hostile.

otter-grader runs in a virtual environment of its own (`make bench` builds it) and without its containers. Neither peer
protects itself there, so the hostile class runs in a cage of ours (benchmarks.cage).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, select

import grading
from app.content.schemas import Notebook
from app.core.db import begin
from app.demo import MODULE_ID
from app.gradebook.models import CellGrade, Grade
from app.worker import CONCURRENCY, Workshop
from benchmarks import classes, otter_lab
from benchmarks.cage import Work, caged, watched
from benchmarks.figures import NBGRADER, Figure
from benchmarks.grading_speed import ASSIGNMENT, Course
from benchmarks.pages import fresh_portal, lab_of
from config import ROOT

OTTER = "otter-grader"
OTTER_PYTHON = ROOT / "var" / "otter" / "bin" / "python"
OTTER_CLASS = Path(__file__).with_name("otter_class.py")
HONEST_GROUP = "Ten notebooks of the lab, five with mistakes, {peer}"
HOSTILE_GROUP = "Ten notebooks of the lab, five of them hostile, {peer} in a cage of ours"
# After the first answer of every other notebook: a wrong answer, an error, a table that spoils what follows.
MISTAKES = (
    "open_count += 1",
    "row_count = None",
    "raise ValueError",
    "complaints = complaints.head(20_000)",
    "complaints['closed_on'] = complaints['filed_on']",
)
# When the cage is closed: nbgrader's for the whole command, otter's for each notebook.
NBGRADER_SECONDS, OTTER_SECONDS = 300.0, 60.0
FULL_POINTS = 18.0
HONEST_SECONDS = 1_200.0
HONEST_BYTES = 8 * 2**30

# Points of each test, None where the grader gave the notebook up.
Scores = list[Mapping[str, float] | None]


@dataclass(frozen=True)
class Outcome:
    """What a grader made of a class. peak_bytes: at most in memory; stopped: notebooks whose cage was closed."""

    seconds: float
    scores: Scores
    peak_bytes: int = 0
    stopped: int = 0

    def total(self, number: int) -> float | None:
        """Points of the tests of one notebook."""
        scores = self.scores[number]
        return None if scores is None else sum(scores.values())

    def count(self, numbers: Iterable[int], total: float | None) -> int:
        """How many of these notebooks have so many points; None: no result."""
        return sum(self.total(number) == total for number in numbers)


def measure(folder: Path) -> list[Figure]:
    """Raises RuntimeError when honest notebooks get other points than here: a speed for them means nothing."""
    # Whoever is in the cage must be able to walk to its folder.
    folder.chmod(0o711)
    settings, app, engine = fresh_portal(folder)
    lab = lab_of(app)
    data = settings.lab_files_folder / MODULE_ID / ASSIGNMENT
    sandboxes = grading.WarmSandboxes(CONCURRENCY)
    try:
        workshop = Workshop.of(settings, sandboxes)
        honest, hostile = _classes(lab)
        _at_hunar(app, engine, workshop, honest[:CONCURRENCY], "first")
        ours = _at_hunar(app, engine, workshop, honest, "honest")
        ours_hostile = _at_hunar(app, engine, workshop, hostile, "bad")
    finally:
        sandboxes.close()
    peers = (
        (NBGRADER, _at_nbgrader, f"stopped after {NBGRADER_SECONDS:.0f} s"),
        (OTTER, _at_otter, f"each stopped after {OTTER_SECONDS:.0f} s"),
    )
    figures: list[Figure] = []
    for peer, grade, stop in peers:
        place = folder / peer.replace(" ", "-")
        theirs = grade(place / "honest", lab, data, honest, is_caged=False)
        figures += _honest_figures(peer, ours, theirs)
        theirs = grade(place / "hostile", lab, data, hostile, is_caged=True)
        figures += _hostile_figures(peer, stop, ours_hostile, theirs)
    return figures


def _classes(lab: Notebook) -> tuple[list[bytes], list[bytes]]:
    """Every other notebook is as the author wrote it."""
    honest, hostile = (
        [classes.variant(lab.source, number, codes[number // 2] if number % 2 else "") for number in range(10)]
        for codes in (MISTAKES, classes.HOSTILE)
    )
    return honest, hostile


def _honest_figures(peer: str, ours: Outcome, theirs: Outcome) -> Iterator[Figure]:
    if theirs.scores != ours.scores:
        raise RuntimeError(f"{peer} gave other points: {theirs.scores} and not {ours.scores}")
    group, count = HONEST_GROUP.format(peer=peer), len(ours.scores)
    each = ours.seconds / count, theirs.seconds / count
    yield Figure(group, "each", each[0], "s", count, each[1], each[1] / each[0], peer)
    tests = sum(len(scores or ()) for scores in theirs.scores)
    yield Figure(group, "tests with the same points", tests, "tests", count, tests, None, peer)
    yield Figure(group, "memory at most (of ours the two sandboxes)", ours.peak_bytes / classes.MEGABYTE, "MB", count,
                 theirs.peak_bytes / classes.MEGABYTE, theirs.peak_bytes / ours.peak_bytes, peer)  # fmt: skip


def _hostile_figures(peer: str, stop: str, ours: Outcome, theirs: Outcome) -> Iterator[Figure]:
    group = HOSTILE_GROUP.format(peer=f"{peer} ({stop})")
    yield Figure(group, "time for all ten", ours.seconds, "s", 1, theirs.seconds, theirs.seconds / ours.seconds, peer)
    honest, hostile = range(0, 10, 2), range(1, 10, 2)
    counts: dict[str, Callable[[Outcome], float]] = {
        "honest ones with all their points": lambda outcome: outcome.count(honest, FULL_POINTS),
        "honest ones without a result": lambda outcome: outcome.count(honest, None),
        "hostile ones given all points": lambda outcome: outcome.count(hostile, FULL_POINTS),
        "hostile ones without a result: stopped, given up, held": lambda outcome: outcome.count(hostile, None),
        "times our cage was closed": lambda outcome: outcome.stopped,
    }
    for name, count in counts.items():
        yield Figure(group, name, count(ours), "", 1, count(theirs), None, peer)
    forged = classes.HOSTILE.index(classes.FORGED) * 2 + 1
    points = ours.total(forged) or 0.0, theirs.total(forged) or 0.0
    yield Figure(group, "points for an answer that equals everything", points[0], "", 1, points[1], None, peer)


def _at_hunar(app: Flask, engine: Engine, workshop: Workshop, contents: list[bytes], name: str) -> Outcome:
    """All included: sandbox, score, feedback page, database."""
    ids = classes.hand_in(app, engine, contents, name)
    with classes.sampled() as memory:
        seconds, grades = classes.graded(engine, workshop, ids)
    with begin(engine, read_only=True) as session:
        cells = list(session.scalars(select(CellGrade).where(CellGrade.grade_id.in_([grade.id for grade in grades]))))
        session.expunge_all()
    by_submission = {grade.submission_id: _test_scores(grade, cells) for grade in grades}
    return Outcome(seconds, [by_submission[submission_id] for submission_id in ids], max(memory))


def _test_scores(grade: Grade, cells: Sequence[CellGrade]) -> Mapping[str, float] | None:
    """None for what a person must look at first, and for what was stopped."""
    if grade.status != "graded":
        return None
    return {cell.cell: cell.score for cell in cells if cell.grade_id == grade.id and cell.score is not None}


def _at_nbgrader(folder: Path, lab: Notebook, data: Path, contents: list[bytes], *, is_caged: bool) -> Outcome:
    """One command for all notebooks; and one for all feedback, where the class is honest."""
    folder.mkdir(parents=True)
    course = Course(folder, lab, data)
    for number, content in enumerate(contents):
        course.hand_in(f"trainee{number}", content)
    commands = [course.line("autograde", ASSIGNMENT), course.line("generate_feedback", ASSIGNMENT)]
    done = (
        [caged(commands[0], folder, course.environment, seconds=NBGRADER_SECONDS)]
        if is_caged
        else [_watched(command, folder, course.environment) for command in commands]
    )
    return _outcome(done, [course.scores(f"trainee{number}") for number in range(len(contents))])


def _at_otter(folder: Path, lab: Notebook, data: Path, contents: list[bytes], *, is_caged: bool) -> Outcome:
    """One process for all honest notebooks; one for each where any may end or hang it."""
    if not OTTER_PYTHON.exists():
        raise RuntimeError("otter-grader is not set up; `make bench` does it")
    cells = grading.inspect(lab.source)
    files = {name: (data / name).read_bytes() for name in lab.data_files}
    pack, line = otter_lab.autograder(lab.source, cells, files), [str(OTTER_PYTHON), str(OTTER_CLASS)]
    notebooks = {f"trainee{number}": otter_lab.submission(content, cells) for number, content in enumerate(contents)}
    groups = [[name] for name in notebooks] if is_caged else [list(notebooks)]
    done = []
    for number, group in enumerate(groups):
        place = folder / str(number)
        place.mkdir(parents=True)
        (place / "autograder.zip").write_bytes(pack)
        for name in group:
            (place / f"{name}.ipynb").write_bytes(notebooks[name])
        command = [*line, "autograder.zip", *(f"{name}.ipynb" for name in group)]
        environment = {"PATH": os.environ["PATH"], "OPENBLAS_NUM_THREADS": "1"}
        done.append(
            caged(command, place, environment, seconds=OTTER_SECONDS)
            if is_caged
            else _watched(command, place, environment)
        )
    said = [json.loads(line) for work in done for line in work.output.splitlines() if line.startswith('{"name": ')]
    found = {each["name"]: each["points"] for each in said}
    return _outcome(done, [found.get(name) for name in notebooks])


def _watched(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Work:
    work = watched(command, folder, environment, seconds=HONEST_SECONDS, memory_bytes=HONEST_BYTES)
    if work.ending != "done":
        raise RuntimeError(f"{command[0]} ran {work.ending}: {work.output[-2000:]}")
    return work


def _outcome(done: Sequence[Work], scores: Scores) -> Outcome:
    stopped = sum(work.ending != "done" for work in done)
    return Outcome(sum(work.seconds for work in done), scores, max(work.peak_bytes for work in done), stopped)
