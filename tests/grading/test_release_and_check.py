"""What the author's notebook becomes, and whether it may be given out."""

from __future__ import annotations

import json
from typing import Any

import pytest

import grading
from grading import GradedCell, InvalidSource


def test_the_release_has_neither_solutions_nor_hidden_tests(source: bytes) -> None:
    released = grading.release(source).decode()
    assert "sum(days)" not in released
    assert "secret tens" not in released
    assert "the mean of 1, 2, 3 is 2" in released


def test_a_release_of_the_same_source_is_the_same(source: bytes) -> None:
    assert grading.release(source) == grading.release(bytes(bytearray(source)))


def test_inspect_tells_kind_points_competencies_and_title_of_each_graded_cell(source: bytes) -> None:
    cells = grading.inspect(source)
    assert cells[0] == GradedCell("test_mean", "test", 2.0, ("measure.mean", "data.read"), 2, "The mean")
    assert [(cell.grade_id, cell.kind) for cell in cells[1:]] == [
        ("test_share", "test"),
        ("test_limit", "test"),
        ("chart", "answer"),
        ("memo", "answer"),
        ("talk", "task"),
    ]


def test_no_title_is_a_heading_of_what_is_not_given_out(source: bytes) -> None:
    notebook = json.loads(source)
    by_id = {nbgrader_id(cell): cell for cell in notebook["cells"]}
    by_id["memo"]["source"] = "# Five days is right"
    by_id["talk"]["source"] = "Talk.\n### BEGIN MARK SCHEME\n# Two points\n### END MARK SCHEME"
    content = json.dumps(notebook).encode()
    released = json.loads(grading.release(content))
    titles = {cell.grade_id: cell.title for cell in grading.inspect(content)}
    assert titles["memo"] == titles["talk"] == titles["chart"]
    assert "Two points" not in json.dumps(released)


@pytest.mark.sandbox
def test_an_assignment_whose_solution_earns_all_and_whose_release_earns_nothing_is_sound(source: bytes) -> None:
    # test_limit needs nothing of the trainee, so it must go before the lab is sound.
    notebook = json.loads(source)
    notebook["cells"] = [cell for cell in notebook["cells"] if nbgrader_id(cell) != "test_limit"]
    assert grading.check(json.dumps(notebook).encode()).sound


@pytest.mark.sandbox
def test_an_assignment_in_which_nothing_is_graded_is_unsound(source: bytes) -> None:
    notebook = json.loads(source)
    notebook["cells"] = [cell for cell in notebook["cells"] if nbgrader_id(cell) in ("", "setup", "mean")]
    report = grading.check(json.dumps(notebook).encode())
    assert report.grades_nothing
    assert not report.sound


@pytest.mark.sandbox
def test_an_assignment_that_only_persons_mark_is_sound(source: bytes) -> None:
    notebook = json.loads(source)
    notebook["cells"] = [cell for cell in notebook["cells"] if nbgrader_id(cell) in ("chart", "memo", "talk")]
    report = grading.check(json.dumps(notebook).encode())
    assert not report.grades_nothing
    assert report.sound


@pytest.mark.sandbox
def test_an_assignment_that_gives_points_for_nothing_is_unsound(source: bytes) -> None:
    report = grading.check(source)
    assert not report.sound
    assert report.released.points == 1.0


@pytest.mark.sandbox
def test_an_assignment_whose_solution_fails_its_own_test_is_unsound(source: bytes) -> None:
    assert not grading.check(source.replace(b"100 * part", b"99 * part")).sound


@pytest.mark.sandbox
@pytest.mark.parametrize(("test", "is_sound"), [("assert mean([2]) == 2", True), ("assert mean([2]) == 3", False)])
def test_a_test_that_is_worth_nothing_has_to_pass_too(source: bytes, test: str, is_sound: bool) -> None:
    notebook = json.loads(source)
    unneeded = next(cell for cell in notebook["cells"] if nbgrader_id(cell) == "test_limit")
    unneeded["metadata"]["nbgrader"]["points"] = 0
    unneeded["source"] = test
    report = grading.check(json.dumps(notebook).encode())
    [found] = [cell for cell in report.solution.cells if cell.grade_id == "test_limit"]
    assert (found.score, found.message) == (0.0, "" if is_sound else "AssertionError")
    assert report.sound == is_sound


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("does", "message"),
    [
        ("import warnings; warnings.warn('old style')", "stderr: import warnings; warnings.warn('old style')"),
        ("import sys; print('AssertionError: no', file=sys.stderr)", "stderr: AssertionError: no"),
        ("import sys; print(file=sys.stderr)", "stderr"),
        ("import warnings\nwarnings.warn('old style')\nassert 1 == 2, 'no'", "AssertionError: no"),
        ("raise ValueError('stderr')", "ValueError: stderr"),
    ],
)
def test_what_a_test_printed_is_told_from_an_error_of_it(source: bytes, does: str, message: str) -> None:
    notebook = json.loads(source)
    by_id = {nbgrader_id(cell): cell for cell in notebook["cells"]}
    by_id["test_mean"]["source"] = does
    result = grading.grade(json.dumps(notebook).encode(), source)
    assert (result.cells[0].score, result.cells[0].message) == (0.0, message)


@pytest.mark.sandbox
def test_data_files_lie_beside_the_notebook_and_can_be_written(source: bytes) -> None:
    notebook = json.loads(source)
    by_id = {nbgrader_id(cell): cell for cell in notebook["cells"]}
    by_id["test_mean"]["source"] = [
        "assert open('data/days.csv').read() == '1,2,3'\n",
        "open('data/days.csv', 'a').write('4')\n",
        "import numpy, pandas, matplotlib.pyplot as plt\n",
        "figure = plt.figure()",
    ]
    result = grading.grade(json.dumps(notebook).encode(), source, files={"data/days.csv": b"1,2,3"})
    assert (result.cells[0].score, result.cells[0].message) == (2.0, "")


@pytest.mark.parametrize(
    "broken",
    [
        b"no notebook",
        b"{}",
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}'.encode("utf-16"),
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}',
    ],
)
def test_a_source_that_is_no_notebook_is_the_authors_fault(broken: bytes) -> None:
    with pytest.raises(InvalidSource):
        grading.release(broken)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda cell: cell.update(source="### BEGIN SOLUTION\nx = 1"), "solution"),
        (lambda cell: cell["metadata"]["nbgrader"].update(grade_id="test_share"), "Duplicate|validate"),
        (lambda cell: cell["metadata"]["nbgrader"].update(schema_version=1), "schema"),
        (lambda cell: cell["metadata"].update(hunar={"competencies": "one"}), "competencies"),
        *(
            (lambda cell, value=value: cell["metadata"].update(nbgrader=value), r"metadata\.nbgrader must be an object")
            for value in ([1], "test", None)
        ),
        *(
            (lambda cell, points=points: cell["metadata"]["nbgrader"].update(points=points), "must be a number from 0")
            for points in (float("inf"), float("nan"))
        ),
    ],
)
def test_a_mistake_in_the_source_is_named(source: bytes, change: Any, reason: str) -> None:
    notebook = json.loads(source)
    change(next(cell for cell in notebook["cells"] if nbgrader_id(cell) == "test_mean"))
    with pytest.raises(InvalidSource, match=reason):
        grading.inspect(json.dumps(notebook).encode())


def nbgrader_id(cell: Any) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
