"""One submission: Hunar's grading beside the nbgrader command on the same notebook, in turn."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from nbgrader.api import Gradebook

import grading
from app.content.data import write_lab_files
from app.content.loader import load_catalogue
from app.content.schemas import Notebook
from app.demo import MODULE_ID
from benchmarks.figures import Figure, measured
from config import ROOT

RUNS = 3
ASSIGNMENT, STUDENT = "grievances", "amina"
GROUP = "Grading one submission of the lab"


def measure(folder: Path) -> list[Figure]:
    """Whole process against whole process, then what a worker that is already running needs.

    Raises RuntimeError when the points differ: a speed for another result means nothing.
    """
    lab = next(each for each in load_catalogue(ROOT / "modules").module(MODULE_ID).activities if each.id == ASSIGNMENT)
    if not isinstance(lab, Notebook):
        raise RuntimeError(f"{ASSIGNMENT} is not a notebook lab")
    write_lab_files(load_catalogue(ROOT / "modules"), folder / "files")
    data = folder / "files" / MODULE_ID / ASSIGNMENT
    _make_course(folder, lab, data)
    files = {name: (data / name).read_bytes() for name in lab.data_files}
    result = grading.grade(lab.source, lab.source, files=files)
    if result.autograded is None:
        raise RuntimeError(f"the author's own notebook was not graded: {result.problem}")
    page_source = result.autograded
    work: dict[str, Callable[[], object]] = {
        "command": lambda: _hunar(folder, data),
        "their command": lambda: _nbgrader(folder, "autograde", ASSIGNMENT, "--student", STUDENT, "--force"),
        "grade": lambda: grading.grade(lab.source, lab.source, files=files),
        "feedback": lambda: grading.feedback(page_source),
        "their feedback": lambda: _nbgrader(folder, "generate_feedback", ASSIGNMENT, "--force"),
    }
    grading.feedback(page_source)
    rounds = [{name: _timed(step) for name, step in work.items()} for _run in range(RUNS)]
    seconds = {name: [each[name] for each in rounds] for name in work}
    _compare_points(folder, result)
    both, their_both = (
        [one + other for one, other in zip(seconds[grade], seconds[page], strict=True)]
        for grade, page in (("grade", "feedback"), ("their command", "their feedback"))
    )
    theirs = seconds["their command"]
    return [
        measured(GROUP, "grade, as a command", "s", seconds["command"], peer_values=theirs),
        measured(GROUP, "grade, in the running worker", "s", seconds["grade"], peer_values=theirs),
        measured(GROUP, "grade and feedback, in the running worker", "s", both, peer_values=their_both),
    ]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _make_course(folder: Path, lab: Notebook, data: Path) -> None:
    (folder / "nbgrader_config.py").write_text("c = get_config()\n")
    for place in (folder / "source" / ASSIGNMENT, folder / "submitted" / STUDENT / ASSIGNMENT):
        shutil.copytree(data, place)
        (place / f"{ASSIGNMENT}.ipynb").write_bytes(lab.source)
    _nbgrader(folder, "generate_assignment", ASSIGNMENT)


def _nbgrader(folder: Path, *words: str) -> None:
    programs = Path(sys.prefix, "bin")
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}
    subprocess.run([str(programs / "nbgrader"), *words], cwd=folder, env=environment, check=True, capture_output=True)


def _hunar(folder: Path, data: Path) -> None:
    notebook = str(folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    words = ["--source", notebook, "--submitted", notebook, "--files", str(data)]
    subprocess.run([sys.executable, "-m", "grading", "grade", *words], cwd=ROOT, check=True, capture_output=True)


def _compare_points(folder: Path, result: grading.GradeResult) -> None:
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        theirs = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, STUDENT).score
    if abs(theirs - result.points) > 1e-9:
        raise RuntimeError(f"Hunar gave {result.points} points, the nbgrader command {theirs}")
