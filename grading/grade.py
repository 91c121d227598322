"""Grades one submission: sanitise here, run in the sandbox, score here by nbgrader's rules."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from nbgrader import utils
from nbgrader.preprocessors import CheckCellMetadata, LimitOutput

from grading import sandbox
from grading.messages import failure_message, hidden_texts
from grading.notebook import checked_output, error_output, serialise
from grading.source import Assignment, read_assignment
from grading.types import CellResult, CheckReport, GradedCell, GradeResult, Limits, Problem, ProblemCode
from grading.validate import Refused, deleted_cells, read_submission, sanitise

NO_FILES: Mapping[str, bytes] = MappingProxyType({})
DEFAULT_LIMITS = Limits()
SKIP_TAG = "skip-execution"


def grade(
    source: bytes,
    submitted: bytes,
    *,
    files: Mapping[str, bytes] = NO_FILES,
    limits: Limits = DEFAULT_LIMITS,
) -> GradeResult:
    """Grade `submitted` against `source` with the points that `nbgrader autograde` gives.

    files: name -> content of what lies beside the notebook while it runs.
    A cell over its time is interrupted and the rest goes on, as in nbgrader. A run that ends early (a limit
    passed, the kernel dead) is "stopped" and gets no points at all, because nbgrader drops such a submission
    whole. Raises SandboxUnavailable, InvalidSource; never for anything in `submitted`.
    """
    began = time.monotonic()
    assignment = read_assignment(source)
    try:
        notebook = sanitise(read_submission(submitted, limits), assignment)
        problem, stopped = _execute(notebook, assignment, files, limits)
        if stopped:
            return _without_points("stopped", problem, assignment, began)
        return _scored(notebook, assignment, problem, began)
    except Refused as refusal:
        return _without_points("refused", refusal.problem, assignment, began)


def check(source: bytes, files: Mapping[str, bytes] = NO_FILES) -> CheckReport:
    """Grade the author's own solution and the untouched release. Raises SandboxUnavailable, InvalidSource."""
    solution = grade(source, source, files=files)
    released = grade(source, read_assignment(source).released, files=files)
    earns_all = all(cell.score == cell.max_score for cell in solution.cells if cell.kind == "test")
    ran = solution.status == released.status == "graded"
    return CheckReport(solution, released, sound=ran and earns_all and released.points == 0)


def _without_points(status: Any, problem: Problem | None, assignment: Assignment, began: float) -> GradeResult:
    cells = tuple(_result(cell, 0.0, needs_manual_grade=False) for cell in assignment.graded)
    seconds = time.monotonic() - began
    return GradeResult(status, problem, cells, 0.0, assignment.max_points, None, seconds)


def _result(cell: GradedCell, score: float | None, *, needs_manual_grade: bool, message: str = "") -> CellResult:
    return CellResult(
        cell.grade_id,
        cell.kind,
        score,
        cell.max_score,
        needs_manual_grade,
        message,
        cell.competencies,
        cell.level,
    )


def _execute(
    notebook: Any, assignment: Assignment, files: Mapping[str, bytes], limits: Limits
) -> tuple[Problem | None, bool]:
    """Fill in the outputs. Returns a problem or None, and whether the run was stopped."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    run = sandbox.run([_code(cell, assignment) for cell in cells], files, limits)
    if run.stopped is not None:
        where = _place(cells[run.at : run.at + 1], assignment)
        return Problem(run.stopped, {**_limit(run.stopped, run, limits), **where}), True
    count = 0
    for cell, outputs in zip(cells, run.outputs, strict=True):
        if cell.source.strip():
            count += 1
            cell.execution_count = count
        cell.outputs = _checked_outputs(outputs)
    return _note(notebook, cells, run, assignment, limits), False


def _code(cell: Any, assignment: Assignment) -> sandbox.Code:
    """A trainee's tag cannot keep a test from running: for locked cells only the author's tags count."""
    known = assignment.cells.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
    tags = known.tags if known is not None and known.locked else cell.metadata.get("tags", ())
    return sandbox.Code(cell.source, skip=SKIP_TAG in tags)


def _limit(code: ProblemCode, run: sandbox.Run, limits: Limits) -> dict[str, float]:
    values: dict[ProblemCode, dict[str, float]] = {
        ProblemCode.TIMED_OUT: {"seconds": run.allowed_seconds},
        ProblemCode.OUT_OF_MEMORY: {"limit_bytes": limits.memory_bytes},
        ProblemCode.TOO_MANY_PROCESSES: {"limit_processes": limits.processes},
        ProblemCode.OUTPUT_TOO_LARGE: {"limit_bytes": limits.output_bytes},
    }
    return values.get(code, {})


def _place(cells: list[Any], assignment: Assignment) -> dict[str, str]:
    grade_id = next((cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in cells), "")
    return {"cell": grade_id, "title": assignment.title_of(grade_id)}


def _note(notebook: Any, cells: list[Any], run: sandbox.Run, assignment: Assignment, limits: Limits) -> Problem | None:
    for index in run.timed_out:
        where = _place(cells[index : index + 1], assignment)
        return Problem(ProblemCode.CELL_TIMED_OUT, {"seconds": limits.cell_seconds, **where})
    for grade_id in deleted_cells(notebook, assignment):
        return Problem(ProblemCode.CELL_DELETED, {"cell": grade_id, "title": assignment.title_of(grade_id)})
    for index in run.truncated:
        where = _place(cells[index : index + 1], assignment)
        return Problem(ProblemCode.OUTPUT_TRUNCATED, {"limit_bytes": limits.output_bytes_per_cell, **where})
    return None


def _checked_outputs(outputs: Any) -> list[Any]:
    """Outputs come from beside the trainee's code: what is not nbformat counts as a failure."""
    checked = []
    for raw in outputs:
        try:
            output = checked_output(raw)
            json.dumps(output, allow_nan=False).encode()
        except Exception:
            output = error_output("InvalidOutput")
        checked.append(output)
    return checked


def _scored(notebook: Any, assignment: Assignment, problem: Problem | None, began: float) -> GradeResult:
    LimitOutput()(notebook, {})
    CheckCellMetadata()(notebook, {})
    by_id = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    hidden = hidden_texts(cell.source for cell in assignment.cells.values())
    cells = tuple(_score(cell, by_id.get(cell.grade_id), hidden) for cell in assignment.graded)
    points = sum(cell.score or 0.0 for cell in cells)
    notebook.metadata["hunar"] = {
        "title": assignment.title,
        "points": points,
        "max_points": assignment.max_points,
    }
    autograded = serialise(notebook)
    seconds = time.monotonic() - began
    return GradeResult("graded", problem, cells, points, assignment.max_points, autograded, seconds)


def _score(graded: GradedCell, cell: Any | None, hidden: tuple[str, ...]) -> CellResult:
    """What nbgrader's SaveAutoGrades stores: no score, and a person to look at it, where it has no rule."""
    if cell is None or graded.kind == "task":
        return _result(graded, None, needs_manual_grade=True)
    try:
        score, _ = utils.determine_grade(cell)
    except (KeyError, ValueError) as error:
        values = {"cell": graded.grade_id, "title": graded.title}
        raise Refused(Problem(ProblemCode.INVALID_SCORE, values)) from error
    message = failure_message(cell, hidden) if graded.kind == "test" and score != graded.max_score else ""
    score = None if score is None else float(score)
    return _result(graded, score, needs_manual_grade=score is None, message=message)
