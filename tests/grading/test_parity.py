"""Hunar gives the points of the nbgrader command, cell by cell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbgrader
import pytest
from nbgrader.api import Gradebook

import grading
import grading.notebook
from grading import GradeResult, Limits

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(400)]
SAMPLE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
CELL_SECONDS = 5
# nbgrader aborts the whole batch on this one.
ABORTS = "copied_cell"
Scores = dict[str, tuple[float | None, float, bool]]


class Course:
    """A course folder on which the real command is run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "nbgrader_config.py").write_text(f"c = get_config()\nc.Execute.timeout = {CELL_SECONDS}\n")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run nbgrader here; it looks for alembic on the path when it makes its database."""
        programs = Path(sys.prefix, "bin")
        environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}
        return subprocess.run(
            [str(programs / "nbgrader"), *arguments],
            cwd=self.root,
            check=False,
            capture_output=True,
            text=True,
            env=environment,
        )

    def add(self, folder: str, name: str, content: bytes) -> None:
        path = self.root / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def scores(self, student: str, assignment: str, notebook: str) -> Scores | None:
        """What the command stored; None when it gave the submission up."""
        if not (self.root / "autograded" / student / assignment / f"{notebook}.ipynb").exists():
            return None
        with Gradebook(f"sqlite:///{self.root}/gradebook.db") as gradebook:
            grades = gradebook.find_submission_notebook(notebook, assignment, student).grades
            return {g.name: (g.auto_score, g.max_score, g.needs_manual_grade) for g in grades}


def scores(result: GradeResult) -> Scores | None:
    if result.status != "graded":
        return None
    return {c.grade_id: (c.score, c.max_score, c.needs_manual_grade) for c in result.cells}


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory, source: bytes, submissions: Mapping[str, bytes]) -> Course:
    course = Course(tmp_path_factory.mktemp("course"))
    shutil.copytree(SAMPLE / "source" / "ps1", course.root / "source" / "ps1")
    shutil.copytree(SAMPLE / "submitted", course.root / "submitted")
    course.add("source/lab", "lab.ipynb", source)
    for name, content in submissions.items():
        course.add(f"submitted/{name}/lab", "lab.ipynb", content)
    for assignment in ("ps1", "lab"):
        made = course.command("generate_assignment", assignment)
        assert made.returncode == 0, made.stderr
    graded = course.command("autograde", "ps1")
    assert graded.returncode == 0, graded.stderr
    course.command("autograde", "lab", f"--CourseDirectory.student_id_exclude={ABORTS}")
    course.command("autograde", "lab", "--student", ABORTS)
    return course


@pytest.fixture(scope="session")
def ours(
    source: bytes, submissions: Mapping[str, bytes], warm_sandboxes: grading.WarmSandboxes
) -> Mapping[str, GradeResult]:
    limits = Limits(cell_seconds=CELL_SECONDS)
    with ThreadPoolExecutor(2) as pool:
        results = pool.map(
            lambda content: grading.grade(source, content, limits=limits, sandboxes=warm_sandboxes),
            submissions.values(),
        )
        return dict(zip(submissions, results, strict=True))


def test_every_submission_of_the_corpus_gets_the_points_of_the_command(
    course: Course, ours: Mapping[str, GradeResult]
) -> None:
    expected = {name: course.scores(name, "lab", "lab") for name in ours}
    assert {name: scores(result) for name, result in ours.items()} == expected


def test_the_corpus_holds_submissions_that_the_command_grades_and_some_that_it_gives_up(
    course: Course, submissions: Mapping[str, bytes]
) -> None:
    given_up = {name for name in submissions if course.scores(name, "lab", "lab") is None}
    assert given_up == {"copied_cell", "flag_removed", "answer_as_test", "kernel_dies", "score_above_the_points"}


@pytest.mark.parametrize("student", ["bitdiddle", "hacker"])
@pytest.mark.parametrize("notebook", ["problem1", "problem2"])
def test_nbgraders_own_sample_gets_the_points_of_the_command(
    course: Course, student: str, notebook: str, warm_sandboxes: grading.WarmSandboxes
) -> None:
    source = (SAMPLE / "source" / "ps1" / f"{notebook}.ipynb").read_bytes()
    submitted = (SAMPLE / "submitted" / student / "ps1" / f"{notebook}.ipynb").read_bytes()
    files = {"jupyter.png": b"not looked at"}
    result = grading.grade(source, submitted, files=files, sandboxes=warm_sandboxes)
    assert scores(result) == course.scores(student, "ps1", notebook)


@pytest.mark.parametrize(
    ("name", "code", "cell"),
    [
        ("copied_cell", "cell_duplicated", "mean"),
        ("flag_removed", "metadata_changed", "test_mean"),
        ("answer_as_test", "metadata_changed", "mean"),
        ("score_above_the_points", "invalid_score", "test_share"),
        ("kernel_dies", "kernel_died", "share"),
        ("deleted_test", "cell_deleted", "test_mean"),
        ("interrupted_loop", "cell_timed_out", "share"),
    ],
)
def test_what_is_wrong_is_named_with_its_cell(ours: Mapping[str, GradeResult], name: str, code: str, cell: str) -> None:
    problem = ours[name].problem
    assert problem is not None
    assert (problem.code, problem.values["cell"]) == (code, cell)


def test_an_honest_solution_has_no_problem_and_every_automatic_point(ours: Mapping[str, GradeResult]) -> None:
    result = ours["solved"]
    assert (result.status, result.problem, result.points, result.max_points) == ("graded", None, 6.0, 13.0)


def test_our_release_is_the_commands_release(course: Course, source: bytes) -> None:
    written = (course.root / "release" / "lab" / "lab.ipynb").read_bytes()
    assert grading.release(source).strip() == written.strip()


def test_our_autograded_notebook_is_the_commands(course: Course, ours: Mapping[str, GradeResult]) -> None:
    theirs = (course.root / "autograded" / "edited_test" / "lab" / "lab.ipynb").read_text()
    result = ours["edited_test"]
    assert result.autograded is not None
    assert cells_without_timing(result.autograded.decode()) == cells_without_timing(theirs)


def cells_without_timing(text: str) -> list[tuple[str, object, list[str]]]:
    cells = grading.notebook.parse(text).cells
    return [
        (cell.source, cell.metadata.get("nbgrader"), [out.output_type for out in cell.get("outputs", [])])
        for cell in cells
    ]
