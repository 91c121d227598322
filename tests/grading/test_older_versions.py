"""Work that goes on from an older version of an assignment is graded by the present one, cell by cell."""

from __future__ import annotations

import codecs
import copy
from collections.abc import Callable
from typing import Any

import pytest

import grading
from grading.notebook import parse
from tests.grading.conftest import cell_of, nbgrader, to_bytes

pytestmark = pytest.mark.sandbox

ROLES = {
    "a test that became an ordinary cell": ("test_mean", {}, 4.0),
    "a test that is only read now": ("test_mean", nbgrader("test_mean", locked=True), 4.0),
    "an answer that nobody marks any more": ("chart", nbgrader("chart", solution=True), 6.0),
    "a tested answer that a person marks now": ("mean", nbgrader("mean", points=2, grade=True, solution=True), 6.0),
}


@pytest.fixture
def present(source: bytes) -> Callable[..., bytes]:
    """The source with one cell as a newer version has it."""

    def make(grade_id: str, change: Callable[[Any, Any], None]) -> bytes:
        notebook = parse(source.decode())
        change(notebook, cell_of(notebook, grade_id))
        return to_bytes(notebook)

    return make


def rename(_notebook: Any, cell: Any) -> None:
    cell.metadata.nbgrader.grade_id = "renamed"


def remove(notebook: Any, cell: Any) -> None:
    notebook.cells.remove(cell)


@pytest.mark.parametrize(("change", "missing"), [(rename, "renamed"), (remove, None)])
def test_a_cell_that_the_source_has_no_longer_is_an_ordinary_one_and_the_others_keep_their_points(
    present: Callable[..., bytes],
    solve: Callable[..., Any],
    warm_sandboxes: grading.WarmSandboxes,
    change: Callable[[Any, Any], None],
    missing: str | None,
) -> None:
    result = grading.grade(present("test_mean", change), to_bytes(solve()), sandboxes=warm_sandboxes)
    problem = (result.problem.code, result.problem.values["cell"]) if result.problem else (None, None)
    assert (result.status, result.points) == ("graded", 4.0)
    assert problem == ("cell_deleted" if missing else None, missing)
    assert [cell.needs_manual_grade for cell in result.cells if cell.grade_id == missing] == [True] * bool(missing)


@pytest.mark.parametrize("before", [b"", codecs.BOM_UTF8], ids=["as it is", "with a mark of its byte order"])
@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_a_cell_had_in_an_older_version_gives_way_to_the_present_one(
    present: Callable[..., bytes],
    released: Any,
    solve: Callable[..., Any],
    warm_sandboxes: grading.WarmSandboxes,
    role: str,
    before: bytes,
) -> None:
    grade_id, meta, points = ROLES[role]

    def change(_notebook: Any, cell: Any) -> None:
        cell.metadata.pop("nbgrader")
        cell.metadata.update(meta)
        cell.source = cell.source.partition("### BEGIN HIDDEN TESTS")[0]

    source = present(grade_id, change)
    result = grading.grade(source, to_bytes(solve()), sandboxes=warm_sandboxes, former=[before + to_bytes(released)])
    assert (result.status, result.problem, result.points) == ("graded", None, points)
    waiting = {cell.grade_id for cell in result.cells if cell.needs_manual_grade}
    assert (grade_id in waiting) == bool(meta and meta["nbgrader"]["grade"])


def test_a_role_that_no_version_gave_is_refused_whatever_is_known_of_older_ones(
    source: bytes, released: Any, solve: Callable[..., Any]
) -> None:
    notebook = solve()
    cell_of(notebook, "mean").metadata.nbgrader.update(grade=True, points=50)
    result = grading.grade(source, to_bytes(notebook), former=[to_bytes(released)])
    assert result.status == "refused"
    assert result.problem is not None
    assert (result.problem.code, result.problem.values["cell"]) == ("metadata_changed", "mean")


def test_a_test_of_today_runs_also_where_it_was_an_answer(
    source: bytes, solve: Callable[..., Any], warm_sandboxes: grading.WarmSandboxes
) -> None:
    notebook = solve()
    older = copy.deepcopy(notebook)
    for each in (notebook, older):
        test = cell_of(each, "test_mean")
        test.metadata.update(nbgrader("test_mean", solution=True))
        test.source = "assert True"
    cell_of(notebook, "mean").source = "def mean(days): return 0"
    result = grading.grade(source, to_bytes(notebook), sandboxes=warm_sandboxes, former=[to_bytes(older)])
    assert (result.status, result.points) == ("graded", 4.0)
