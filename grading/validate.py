"""A submission is read and brought into shape on the host; nothing of it is executed here.

The shape is nbgrader's: its own preprocessors overwrite the test cells from the source. Where they would
abort the command, the submission is refused with the cell's name. One rule is stricter than nbgrader's: a
cell whose role (test, answer, task) was changed is refused, while nbgrader would run an answer as a test. One is
milder: what an older version of the assignment says of a cell is no fault of whoever goes on from it.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

from jsonschema.validators import validator_for  # type: ignore[import-untyped]
from nbgrader import utils
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.nbgraderformat.common import BaseMetadataValidator
from nbgrader.preprocessors import (
    ClearOutput,
    DeduplicateIds,
    NbGraderPreprocessor,
    OverwriteCells,
)

from grading.notebook import is_nested_too_deep, normalised, parse
from grading.source import Assignment, roles
from grading.types import Limits, Problem, ProblemCode

# Each bracket becomes a Python object of some hundred bytes or more.
MAX_JSON_CONTAINERS = 400_000


class Refused(Exception):
    """The submission cannot be graded; carries the problem for its author."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def read_submission(submitted: bytes, limits: Limits) -> Any:
    """The notebook in `submitted` as nbformat 4. Raises Refused."""
    if len(submitted) > limits.notebook_bytes:
        values = {"bytes": len(submitted), "limit_bytes": limits.notebook_bytes}
        raise Refused(Problem(ProblemCode.TOO_LARGE, values))
    notebook = _as_notebook(_as_json(submitted))
    if len(notebook.cells) > limits.cells:
        values = {"cells": len(notebook.cells), "limit_cells": limits.cells}
        raise Refused(Problem(ProblemCode.TOO_MANY_CELLS, values))
    if not notebook.metadata.get("language_info", {}).get("name"):
        notebook.metadata.pop("language_info", None)
    return notebook


def _as_json(submitted: bytes) -> Any:
    if submitted.count(b"{") + submitted.count(b"[") > MAX_JSON_CONTAINERS:
        raise Refused(Problem(ProblemCode.NOT_A_NOTEBOOK))
    try:
        return json.loads(submitted.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused(Problem(ProblemCode.NOT_JSON)) from error


def _as_notebook(document: Any) -> Any:
    is_object = isinstance(document, dict) and not is_nested_too_deep(document)
    if not is_object or not isinstance(document.get("nbformat"), int):
        raise Refused(Problem(ProblemCode.NOT_A_NOTEBOOK))
    try:
        # Reading also drops metadata.trusted, which JupyterLite adds to every cell.
        notebook = parse(whole_characters(json.dumps(document, ensure_ascii=False)))
        for cell in notebook.cells:
            cell.metadata.pop("trusted", None)
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        notebook = normalised(notebook)
    except Exception as error:
        # nbformat raises whatever the hostile structure provokes; none of it is our fault.
        raise Refused(Problem(ProblemCode.NOT_A_NOTEBOOK)) from error
    return notebook


def whole_characters(text: str) -> str:
    """Without halves of characters, which are left where a program cut an emoji in two; nothing could store them."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def sanitise(notebook: Any, assignment: Assignment, former: Iterable[bytes] = ()) -> Any:
    """Do to the submission what `nbgrader autograde` does before it runs it. Raises Refused.

    former: notebooks with the roles that cells had in older versions of the assignment.
    """
    _refuse_odd_metadata(notebook, assignment)
    _take_present_roles(notebook, assignment, former)
    _refuse_duplicates(notebook, assignment)
    try:
        for preprocessor in (ClearOutput(), DeduplicateIds()):
            preprocessor(notebook, {})
        if assignment.kernelspec:
            notebook.metadata["kernelspec"] = dict(assignment.kernelspec)
        OverwriteFromSource(assignment)(notebook, {})
        _check_metadata(notebook, assignment)
    except Refused:
        raise
    except Exception as error:
        raise Refused(_changed("", assignment)) from error
    return notebook


def deleted_cells(notebook: Any, assignment: Assignment) -> tuple[str, ...]:
    """The graded cells of the source that the submission no longer has."""
    present = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
    return tuple(cell.grade_id for cell in assignment.graded if cell.grade_id not in present)


def _changed(grade_id: str, assignment: Assignment) -> Problem:
    return Problem(ProblemCode.METADATA_CHANGED, {"cell": grade_id, "title": assignment.title_of(grade_id)})


def _refuse_odd_metadata(notebook: Any, assignment: Assignment) -> None:
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if not isinstance(meta, dict) or not isinstance(meta.get("grade_id", ""), str):
            raise Refused(_changed("", assignment))


def _take_present_roles(notebook: Any, assignment: Assignment, former: Iterable[bytes]) -> None:
    """The source decides what a cell is: what it does not know is an ordinary cell, of which nobody has points.

    A role that a cell had in an older version gives way to the present one; any other was changed by hand.
    """

    @cache
    def before() -> set[tuple[str, tuple[bool, bool, bool]]]:
        return {(_grade_id(cell), roles(cell)) for content in former for cell in _cells_of(content)}

    for cell in notebook.cells:
        grade_id = _grade_id(cell)
        known = assignment.cells.get(grade_id)
        if grade_id and known is None:
            del cell.metadata["nbgrader"]
        elif known is not None and roles(cell) != known.roles:
            if (grade_id, roles(cell)) not in before():
                raise Refused(_changed(grade_id, assignment))
            cell.metadata["nbgrader"] = copy.deepcopy(assignment.metadata[grade_id])


def _cells_of(content: bytes) -> list[Any]:
    # An author's file may begin with a mark of its byte order.
    return list(parse(content.decode("utf-8-sig")).cells)


def _grade_id(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _refuse_duplicates(notebook: Any, assignment: Assignment) -> None:
    """nbgrader empties the metadata of a copied cell, and then refuses the notebook for it."""
    ids = Counter(
        cell.metadata.nbgrader.get("grade_id")
        for cell in notebook.cells
        if utils.is_grade(cell) or utils.is_solution(cell) or utils.is_locked(cell)
    )
    copied = next((grade_id for grade_id, count in ids.items() if grade_id and count > 1), None)
    if copied is not None:
        values = {"cell": copied, "title": assignment.title_of(copied)}
        raise Refused(Problem(ProblemCode.CELL_DUPLICATED, values))


class _SchemaOnce(BaseMetadataValidator):  # type: ignore[misc]
    """Stands between nbgrader's validator and its base, which checks the schema itself anew for each cell."""

    def __init__(self) -> None:
        super().__init__()
        self._compiled = validator_for(self.schema)(self.schema)

    def validate_cell(self, cell: Any) -> None:
        meta = cell.metadata.get("nbgrader")
        is_known = meta is None or meta.get("schema_version") == self.schema_version
        if not is_known or not (meta is None or self._compiled.is_valid(meta)):
            super().validate_cell(cell)


class QuickValidator(MetadataValidator, _SchemaOnce):  # type: ignore[misc]
    """nbgrader's validator of its metadata, with its rules and errors."""


@cache
def _validator() -> QuickValidator:
    return QuickValidator()


def _check_metadata(notebook: Any, assignment: Assignment) -> None:
    """As nbgrader does, which does not say in which cell it found the fault."""
    try:
        _validator().validate_nb(notebook)
    except Exception:
        _refuse_broken_metadata(notebook, assignment)
        raise


def _refuse_broken_metadata(notebook: Any, assignment: Assignment) -> None:
    validator = _validator()
    for cell in notebook.cells:
        try:
            validator.validate_cell(cell)
        except Exception as error:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            raise Refused(_changed(grade_id, assignment)) from error


class OverwriteFromSource(OverwriteCells):  # type: ignore[misc]
    """nbgrader's OverwriteCells, asking the source notebook instead of a database."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__()
        self.gradebook = assignment
        self.notebook_id = self.assignment_id = ""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        return NbGraderPreprocessor.preprocess(self, nb, resources)

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> Any:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        try:
            return super().preprocess_cell(cell, resources, cell_index)
        except Exception as error:
            raise Refused(_changed(grade_id, self.gradebook)) from error
