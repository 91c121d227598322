"""The graded cells of an nbgrader source notebook, as far as the portal must know them before anything is run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

import grading
from app.content.schemas import GradedCell
from app.content.values import repeated_values

# Takes the key and the message of a fault.
Report = Callable[[str, str], None]


class UnusableSource(ValueError):
    """A source notebook that no catalogue can hold; the message names the fault, for the log."""


# Every request of the academy asks for the same few sources.
@lru_cache(maxsize=64)
def graded_cells(source: bytes) -> tuple[GradedCell, ...]:
    """Of a source notebook. Raises UnusableSource."""
    faults: list[str] = []
    cells = read_graded_cells(source, lambda key, message: faults.append(f"{key}: {message}"))
    if cells is None or faults:
        raise UnusableSource("; ".join(faults))
    return cells


def read_graded_cells(source: bytes, report: Report) -> tuple[GradedCell, ...] | None:
    """The graded cells of a source notebook (cell metadata schema 3), in order; None when it is no notebook.

    Whatever is wrong is reported, each fault once.
    """
    try:
        cells = json.loads(source.decode("utf-8-sig"))["cells"]
        metadata = [cell["metadata"] for cell in cells if _is_graded(cell["metadata"].get("nbgrader", {}))]
        has_autotests = any(grading.holds_autotest(cell) for cell in cells)
    except (ValueError, LookupError, TypeError, AttributeError):
        report("", "is not a notebook; open it in Jupyter and save it again.")
        return None
    if has_autotests:
        command = "python -m grading instantiate"
        report("", f"holds AUTOTEST lines, which stand for tests; `{command}` writes the tests themselves.")
    graded = [_graded_cell(report, entry) for entry in metadata]
    if not graded:
        report("", "has no graded cell; mark at least one with nbgrader.")
    if repeated := repeated_values([cell.grade_id for cell in graded if cell is not None]):
        report(repeated[0], "is the id of more than one graded cell.")
    return tuple(cell for cell in graded if cell is not None)


def _is_graded(role: Mapping[str, Any]) -> bool:
    return bool(role.get("grade") or role.get("task"))


def _graded_cell(report: Report, metadata: Mapping[str, Any]) -> GradedCell | None:
    role, tags = metadata["nbgrader"], metadata.get("hunar", {})
    try:
        return GradedCell.model_validate(
            {
                "grade_id": role.get("grade_id"),
                "points": role.get("points"),
                "is_manual": bool(role.get("solution") or role.get("task")),
                **tags,
            }
        )
    except ValidationError as error:
        for detail in error.errors():
            part = "nbgrader" if detail["loc"][0] in {"grade_id", "points"} else "hunar"
            key = f"{role.get('grade_id')}.metadata.{part}.{'.'.join(map(str, detail['loc']))}"
            report(key, f"{detail['msg']}.")
        return None
