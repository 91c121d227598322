"""The grievances lab: its own solution earns every automatic point, what trainees receive earns none."""

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest

from app.content import Module, Notebook
from grading import CheckReport, WarmSandboxes, check, grade, release


@pytest.fixture(scope="module")
def notebook(module: Module) -> Notebook:
    activity = module.activity("grievances")
    assert isinstance(activity, Notebook)
    return activity


@pytest.fixture(scope="module")
def files(notebook: Notebook, lab_folder: Path) -> dict[str, bytes]:
    folder = lab_folder / "measure-to-manage" / "grievances"
    return {name: (folder / name).read_bytes() for name in notebook.data_files}


@pytest.fixture(scope="module")
def report(notebook: Notebook, files: dict[str, bytes]) -> CheckReport:
    return check(notebook.source, files)


@pytest.mark.sandbox
def test_the_solution_earns_every_automatic_point(report: CheckReport) -> None:
    tests = [cell for cell in report.solution.cells if cell.kind == "test"]
    assert report.solution.status == "graded"
    assert {cell.grade_id: cell.score for cell in tests} == {cell.grade_id: cell.max_score for cell in tests}
    assert sum(cell.max_score for cell in tests) == 18


@pytest.mark.sandbox
def test_the_released_notebook_earns_nothing(report: CheckReport) -> None:
    assert report.released.status == "graded"
    assert report.released.points == 0
    assert report.sound


def with_solution_changed(source: bytes, right: str, wrong: str) -> bytes:
    """The author's notebook with one place of one solution cell changed."""
    content = json.loads(source)
    cells = [cell for cell in content["cells"] if cell["metadata"].get("nbgrader", {}).get("solution")]
    (cell,) = [cell for cell in cells if right in "".join(cell["source"])]
    cell["source"] = "".join(cell["source"]).replace(right, wrong)
    return json.dumps(content).encode("utf-8")


WRONG_TURNS = {
    "the closed complaints counted as open": ('== "open"', '!= "open"', {"look-check"}),
    "whole rows compared instead of ids": (
        'complaints.drop_duplicates("complaint_id")',
        "complaints.drop_duplicates()",
        {"duplicates-check", "counts-check", "rates-check", "gap-check", "silent-check"},
    ),
    "a rate per 1,000 people": ("population * 100_000", "population * 1_000", {"rates-check"}),
    "the mean instead of the median": (
        'groupby(clean["category"]).median()',
        'groupby(clean["category"]).mean()',
        {"days-check"},
    ),
    "the most called language": ("called_percent.idxmin()", "called_percent.idxmax()", {"silent-check"}),
    "an axis that starts at 50": ("ax.set_ylim(0, 100)", "ax.set_ylim(50, 100)", {"chart-check"}),
}


@pytest.mark.sandbox
@pytest.mark.parametrize("name", WRONG_TURNS)
def test_a_wrong_turn_loses_the_points_of_its_question(
    notebook: Notebook, files: dict[str, bytes], name: str, warm_sandboxes: WarmSandboxes
) -> None:
    right, wrong, lost = WRONG_TURNS[name]
    submitted = with_solution_changed(notebook.source, right, wrong)
    result = grade(notebook.source, submitted, files=files, sandboxes=warm_sandboxes)
    assert result.status == "graded"
    assert {cell.grade_id for cell in result.cells if cell.kind == "test" and cell.score == 0} == lost


@pytest.mark.sandbox
def test_the_written_answer_waits_for_a_person(report: CheckReport) -> None:
    manual = [cell for cell in report.solution.cells if cell.needs_manual_grade]
    assert [(cell.grade_id, cell.max_score) for cell in manual] == [("answer", 4)]


def test_the_catalogue_lists_the_graded_cells_with_their_competencies(notebook: Notebook) -> None:
    automatic = [cell for cell in notebook.graded_cells if not cell.is_manual]
    assert 6 <= len(automatic) <= 8
    assert [cell.grade_id for cell in notebook.graded_cells if cell.is_manual] == ["answer"]
    assert sum(cell.points for cell in notebook.graded_cells) == 22


def test_what_trainees_receive_holds_neither_solutions_nor_hidden_tests(notebook: Notebook) -> None:
    released = release(notebook.source).decode("utf-8")
    assert "HIDDEN TESTS" in notebook.source.decode("utf-8")
    for secret in ("SOLUTION", "HIDDEN", "expected =", "idxmin()\\n", "A model answer"):
        assert secret not in released


def test_every_graded_test_has_a_visible_check_and_a_hidden_one(notebook: Notebook) -> None:
    for cell in json.loads(notebook.source)["cells"]:
        nbgrader = cell["metadata"].get("nbgrader", {})
        if nbgrader.get("grade") and not nbgrader["solution"]:
            visible, hidden = "".join(cell["source"]).split("### BEGIN HIDDEN TESTS")
            assert "assert " in visible, cell["id"]
            assert "assert " in hidden, cell["id"]


def test_the_notebook_is_valid_nbformat_4_5_without_outputs(notebook: Notebook) -> None:
    content = json.loads(notebook.source)
    nbformat.validate(content)
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_instructions_and_messages_stand_in_both_languages(notebook: Notebook) -> None:
    cells = json.loads(notebook.source)["cells"]
    instructions = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown" and not c["metadata"]]
    assert len(instructions) > 10
    for text in instructions:
        english, urdu = text.split('<div dir="rtl" lang="ur">')
        assert re.search(r"[A-Za-z]{3}", english)
        assert re.search(r"[ٹڈڑںھہےگچپکی]", urdu)
        assert urdu.rstrip().endswith("</div>")
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    checks = [statement for statement in ast.walk(ast.parse(code)) if isinstance(statement, ast.Assert)]
    assert len(checks) > 20
    for statement in checks:
        assert isinstance(statement.msg, ast.Constant), ast.unparse(statement)
        english, urdu = str(statement.msg.value).split(" | ")
        assert re.search(r"[A-Za-z]{3}", english)
        assert re.search(r"[\u0600-\u06FF]{2}", urdu)
