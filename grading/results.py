"""What a test cell may show as its result, which nbgrader takes for its score.

A number is partial credit, anything else all points, and an error counts only before the first of them. So a result
that the cell does not give itself is worth as much as a right answer.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, NamedTuple

from nbgrader import utils

from grading.syntax import as_ipython_reads, parsed


class Score(NamedTuple):
    """What nbgrader makes of a graded cell. points: None where a person decides."""

    points: float | None
    most: float


def score_of(cell: Any) -> Score | None:
    """By what a graded cell shows; None where nbgrader makes no score of that, and gives the submission up."""
    try:
        points, most = utils.determine_grade(cell)
    except (KeyError, ValueError):
        return None
    return Score(None if points is None else float(points), float(most))


def gives_result(source: str) -> bool:
    """Whether the author's cell ends in an expression, as one that gives a score does."""
    statements = _statements(source)
    return statements is None or (bool(statements) and isinstance(statements[-1], ast.Expr))


def are_own(outputs: Sequence[Any], source: str) -> bool:
    """Whether the results among the outputs of the author's cell can all be its own.

    In a cell that gives none, those of its other expressions may be shown by a setting of IPython's; they can only
    lower the score, as long as nothing fails.
    """
    shown = len(results(outputs))
    # Most tests show nothing, and need not be read for it.
    if not shown:
        return True
    if has_failed(outputs):
        return False
    return shown <= (1 if gives_result(source) else _expressions(source))


def are_own_before_an_error(outputs: Sequence[Any], source: str) -> bool:
    """As are_own, of a cell that had to fail."""
    shown = len(results(outputs))
    return shown == 0 or (not gives_result(source) and shown <= _expressions(source))


def are_one_of(outputs: Sequence[Any], numbers: Sequence[float]) -> bool:
    """Whether there is one result, and it is one of these numbers, however many zeros are shown of it."""
    shown = results(outputs)
    try:
        return len(shown) == 1 and float(shown[0]) in numbers
    except ValueError:
        return False


def results(outputs: Sequence[Any]) -> list[str]:
    """The results, as text."""
    found = (out.get("data", {}) for out in outputs if out.get("output_type") == "execute_result")
    return [str(data.get("text/plain", "")) for data in found]


def has_failed(outputs: Sequence[Any]) -> bool:
    """Whether an error is among them."""
    return any(out.get("output_type") == "error" for out in outputs)


def _expressions(source: str) -> int:
    statements = _statements(source) or []
    return sum(isinstance(node, ast.Expr) for each in statements for node in ast.walk(each))


def _statements(source: str) -> list[ast.stmt] | None:
    """As IPython reads them, magics included; None when it cannot."""
    transformed = as_ipython_reads(source)
    tree = None if transformed is None else parsed(transformed)
    return None if tree is None else tree.body
