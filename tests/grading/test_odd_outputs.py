"""Whatever a notebook shows, and however much of it: the answer is a result, and what nbgrader would give."""

from __future__ import annotations

from typing import Any

import pytest

import grading
from grading import GradeResult, Limits
from grading.notebook import parse
from tests.grading.conftest import TEST, nbformat, nbgrader, new_code_cell, to_bytes


def lab() -> Any:
    """One answer and its test, which gives what `answer` is worth of 4 points."""
    return nbformat.v4.new_notebook(
        cells=[
            new_code_cell(
                "### BEGIN SOLUTION\nanswer = 4\n### END SOLUTION", metadata=nbgrader("answer", solution=True)
            ),
            new_code_cell("answer", metadata=nbgrader("t", points=4, **TEST)),
        ]
    )


def submission(answer: str) -> bytes:
    notebook = parse(grading.release(to_bytes(lab())).decode())
    notebook.cells[0].source = answer
    return to_bytes(notebook)


def graded(answer: str, sandboxes: grading.Runs, limits: Limits | None = None) -> GradeResult:
    return grading.grade(to_bytes(lab()), submission(answer), sandboxes=sandboxes, limits=limits or Limits())


def outputs(result: GradeResult) -> list[list[Any]]:
    assert result.autograded is not None
    return [cell.outputs for cell in parse(result.autograded.decode()).cells]


@pytest.mark.sandbox
@pytest.mark.timeout(300)
def test_thousands_of_small_outputs_are_read_to_the_end(warm_sandboxes: grading.WarmSandboxes) -> None:
    limits = Limits(wall_seconds=200)
    result = graded("for number in range(10_000):\n    display(number)\nanswer = 4", warm_sandboxes, limits)
    assert (result.status, result.points) == ("graded", 4.0)
    assert result.problem is not None
    assert result.problem.code == "output_truncated"


@pytest.mark.sandbox
def test_what_was_cleared_is_not_taken_for_shown(warm_sandboxes: grading.WarmSandboxes) -> None:
    code = (
        "import sys\nfrom IPython.display import clear_output\nprint('first', file=sys.stderr)\n"
        "for number in range(300):\n    display(number)\n"
        "clear_output()\nprint('second', file=sys.stderr)\nanswer = 4"
    )
    result = graded(code, warm_sandboxes, Limits(output_bytes_per_cell=20_000))
    [[output], _] = outputs(result)
    assert output.text.startswith("second")
