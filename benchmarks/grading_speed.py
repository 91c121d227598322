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
PROGRAMS = Path(sys.prefix, "bin")
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
    course = Course(folder, lab, data)
    course.hand_in(STUDENT, lab.source)
    files = {name: (data / name).read_bytes() for name in lab.data_files}
    sandboxes = grading.WarmSandboxes(1)
    result = grading.grade(lab.source, lab.source, files=files, sandboxes=sandboxes)
    if result.autograded is None:
        raise RuntimeError(f"the author's own notebook was not graded: {result.problem}")
    page_source = result.autograded
    work: dict[str, Callable[[], object]] = {
        "command": lambda: _hunar(folder, data),
        "their command": lambda: course.command("autograde", ASSIGNMENT, "--force"),
        "grade": lambda: grading.grade(lab.source, lab.source, files=files, sandboxes=sandboxes),
        "feedback": lambda: grading.feedback(page_source),
        "their feedback": lambda: course.command("generate_feedback", ASSIGNMENT, "--force"),
    }
    grading.feedback(page_source)
    rounds = [{name: _timed(step) for name, step in work.items()} for _run in range(RUNS)]
    seconds = {name: [each[name] for each in rounds] for name in work}
    sandboxes.close()
    if abs(course.points(STUDENT) - result.points) > 1e-9:
        raise RuntimeError(f"Hunar gave {result.points} points, the nbgrader command {course.points(STUDENT)}")
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


class Course:
    """A course folder on which the real command is run."""

    def __init__(self, folder: Path, lab: Notebook, data: Path) -> None:
        self.folder, self._data = folder, data
        (folder / "nbgrader_config.py").write_text("c = get_config()\n")
        self._put(folder / "source", lab.source)
        self.command("generate_assignment", ASSIGNMENT)

    def hand_in(self, student: str, notebook: bytes) -> None:
        """As a trainee's submission that was collected."""
        self._put(self.folder / "submitted" / student, notebook)

    def _put(self, place: Path, notebook: bytes) -> None:
        shutil.copytree(self._data, place / ASSIGNMENT)
        (place / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").write_bytes(notebook)

    def command(self, *words: str) -> None:
        """Raises CalledProcessError when nbgrader fails."""
        subprocess.run(self.line(*words), cwd=self.folder, env=self.environment, check=True, capture_output=True)

    def line(self, *words: str) -> list[str]:
        """The command as it stands in a shell."""
        return [str(PROGRAMS / "nbgrader"), *words]

    @property
    def environment(self) -> dict[str, str]:
        """nbgrader looks for alembic on the path when it makes its database."""
        return os.environ | {"PATH": f"{PROGRAMS}:{os.environ['PATH']}"}

    def points(self, student: str) -> float:
        """What the command gave."""
        with Gradebook(f"sqlite:///{self.folder}/gradebook.db") as gradebook:
            return float(gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student).score)

    def scores(self, student: str) -> dict[str, float] | None:
        """Of each test; None when the command gave the submission up."""
        if not (self.folder / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").exists():
            return None
        with Gradebook(f"sqlite:///{self.folder}/gradebook.db") as gradebook:
            grades = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student).grades
            return {grade.name: grade.auto_score for grade in grades if grade.auto_score is not None}


def _hunar(folder: Path, data: Path) -> None:
    notebook = str(folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    words = ["--source", notebook, "--submitted", notebook, "--files", str(data)]
    subprocess.run([sys.executable, "-m", "grading", "grade", *words], cwd=ROOT, check=True, capture_output=True)
