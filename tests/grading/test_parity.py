"""Hunar gives the points of the nbgrader command, cell by cell."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

import grading
import grading.notebook
from grading import GradeResult, Limits
from tests.grading.nbgrader_command import USER_GUIDE, Course, scores

# One process of several builds the courses of the nbgrader command, which takes minutes.
pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(400)]
CELL_SECONDS = 5
# nbgrader aborts the whole batch on these.
ABORTS = ("copied_cell", "copied_test", "older_schema")
CONFIGURATION = f"""\
c = get_config()
c.Execute.timeout = {CELL_SECONDS}
c.LateSubmissionPlugin.penalty_method = "zero"
"""
DUE, LATE = "2026-01-01 12:00:00 UTC", b"2026-01-02 12:00:00 UTC"


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory, source: bytes, submissions: Mapping[str, bytes]) -> Course:
    course = Course(tmp_path_factory.mktemp("course"), CONFIGURATION)
    shutil.copytree(USER_GUIDE / "source" / "ps1", course.root / "source" / "ps1")
    shutil.copytree(USER_GUIDE / "submitted", course.root / "submitted")
    course.add("source/lab", {"lab.ipynb": source})
    course.add("submitted", {f"{name}/lab/lab.ipynb": content for name, content in submissions.items()})
    course.add("submitted/late/lab", {"timestamp.txt": LATE})
    for assignment in ("ps1", "lab"):
        course.succeed("generate_assignment", assignment)
    with course.gradebook as gradebook:
        gradebook.update_or_create_assignment("lab", duedate=DUE)
    course.succeed("autograde", "ps1")
    course.command("autograde", "lab", f"--CourseDirectory.student_id_exclude={','.join(ABORTS)}")
    for student in ABORTS:
        course.command("autograde", "lab", "--student", student)
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
    for_metadata = {"flag_removed", "answer_as_test", "unknown_nbgrader_key", "older_schema"}
    assert given_up == {*for_metadata, "copied_cell", "copied_test", "kernel_dies", "score_above_the_points"}


@pytest.mark.parametrize("student", ["bitdiddle", "hacker"])
@pytest.mark.parametrize("notebook", ["problem1", "problem2"])
def test_nbgraders_own_sample_gets_the_points_of_the_command(
    course: Course, student: str, notebook: str, warm_sandboxes: grading.WarmSandboxes
) -> None:
    source = (USER_GUIDE / "source" / "ps1" / f"{notebook}.ipynb").read_bytes()
    submitted = (USER_GUIDE / "submitted" / student / "ps1" / f"{notebook}.ipynb").read_bytes()
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


def test_a_value_above_the_points_that_the_command_gives_up_waits_for_a_person(ours: Mapping[str, GradeResult]) -> None:
    result = ours["score_above_the_points"]
    tests = [(cell.score, cell.needs_manual_grade) for cell in result.cells if cell.kind == "test"]
    assert (result.status, result.autograded is not None, tests) == ("held", True, [(None, True)] * 3)


def test_an_honest_solution_has_no_problem_and_every_automatic_point(ours: Mapping[str, GradeResult]) -> None:
    result = ours["solved"]
    assert (result.status, result.problem, result.points, result.max_points) == ("graded", None, 6.0, 13.0)


def test_a_question_that_nobody_answers_fails_at_once_and_uses_up_no_time(ours: Mapping[str, GradeResult]) -> None:
    result = ours["asks_for_input"]
    assert (result.status, result.problem) == ("graded", None)


def test_our_release_is_the_commands_release(course: Course, source: bytes) -> None:
    assert grading.release(source).strip() == course.released("lab", "lab").strip()


def test_a_late_submission_keeps_its_cells_points_and_the_penalty_stands_apart(course: Course) -> None:
    assert course.scores("late", "lab", "lab") == course.scores("solved", "lab", "lab")
    with course.gradebook as gradebook:
        late = gradebook.find_submission_notebook("lab", "lab", "late")
        assert late.late_submission_penalty == late.score > 0


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
