"""Grades one submission: sanitise here, run in the sandbox, score here by nbgrader's rules."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain
from typing import Any

from nbgrader.preprocessors import LimitOutput

from grading.autotests import instantiate
from grading.forgery import (
    NO_TRIALS,
    Plan,
    Sign,
    counters,
    forged_results,
    passed_wrongly,
    shown_hidden_tests,
    values_below_zero,
    with_counters,
)
from grading.messages import failure_message, plain
from grading.notebook import checked_outputs, error_output, serialise
from grading.ordinary import Answers
from grading.results import score_of
from grading.sandbox import Code, Run, Runs, SandboxOnDemand
from grading.source import Assignment, read_assignment
from grading.types import (
    MOST_CANARIES,
    NO_FILES,
    CellResult,
    CheckReport,
    GradedCell,
    GradeResult,
    Limits,
    Problem,
    ProblemCode,
    Status,
)
from grading.validate import Refused, deleted_cells, read_submission, sanitise, whole_characters

DEFAULT_LIMITS = Limits()
SKIP_TAG = "skip-execution"


def grade(
    source: bytes,
    submitted: bytes,
    *,
    files: Mapping[str, bytes] = NO_FILES,
    limits: Limits = DEFAULT_LIMITS,
    sandboxes: Runs | None = None,
    former: Iterable[bytes] = (),
) -> GradeResult:
    """Grade `submitted` against `source` with the points that `nbgrader autograde` gives.

    files: name -> content of what lies beside the notebook while it runs.
    sandboxes: where it runs; WarmSandboxes where many notebooks are graded, None for one of its own.
    former: older sources or releases, or what older versions graded; a role that a cell has in one of them is no fault.
    They are read once, and only where a cell has another role than in the source.
    A cell over its time is interrupted and the rest goes on, as in nbgrader. A run that ends early (a limit
    passed, the kernel dead) is "stopped" and gets no points at all, because nbgrader drops such a submission
    whole. A submission whose tests may have been bent (grading.forgery) is "held" for a person.
    Raises SandboxUnavailable, InvalidSource; never for anything in `submitted`.
    """
    if sandboxes is None:
        with closing(SandboxOnDemand()) as own:
            return grade(source, submitted, files=files, limits=limits, sandboxes=own, former=former)
    began = time.monotonic()
    assignment = read_assignment(instantiate(source, files, sandboxes=sandboxes))
    try:
        notebook = sanitise(read_submission(submitted, limits), assignment, former)
        result = _graded(notebook, assignment, lambda codes: _run(sandboxes, codes, files, limits), limits)
    except Refused as refusal:
        result = _without_points("refused", refusal.problem, assignment)
    return replace(result, seconds=time.monotonic() - began)


def check(source: bytes, files: Mapping[str, bytes] = NO_FILES, *, sandboxes: Runs | None = None) -> CheckReport:
    """Grade the author's own solution and the untouched release.

    sandboxes: as of grade. Raises SandboxUnavailable, InvalidSource.
    """
    if sandboxes is None:
        with closing(SandboxOnDemand()) as own:
            return check(source, files, sandboxes=own)
    source = instantiate(source, files, sandboxes=sandboxes)
    solution = grade(source, source, files=files, sandboxes=sandboxes)
    released = grade(source, read_assignment(source).released, files=files, sandboxes=sandboxes)
    tests = [cell for cell in solution.cells if cell.kind == "test"]
    passes_all = all(cell.score == cell.max_score and not cell.message for cell in tests)
    ran = solution.status == released.status == "graded"
    is_sound = ran and passes_all and released.points == 0 and bool(solution.cells)
    return CheckReport(solution, released, sound=is_sound)


def _run(sandboxes: Runs, codes: Sequence[Code], files: Mapping[str, bytes], limits: Limits) -> Run:
    run = sandboxes.run(codes, files, limits)
    replaced = tuple([plain(whole_characters(name)) for name in names] for names in run.replaced)
    return replace(run, outputs=tuple(map(_checked_outputs, run.outputs)), replaced=replaced)


def _graded(notebook: Any, assignment: Assignment, run: Callable[[Sequence[Code]], Run], limits: Limits) -> GradeResult:
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    codes = [_code(cell, assignment) for cell in cells]
    tests = {index: cell.source for index, cell in enumerate(cells) if _grade_id(cell) in assignment.tests}
    answers = _answers(cells, assignment)
    is_ordinary = answers.are_ordinary
    plan = Plan(codes, tests, canaries=1 if is_ordinary else MOST_CANARIES)
    tried = _with_trials(codes, tests, answers, assignment) if is_ordinary else plan
    plan, whole = _first_run(tried, plan, run)
    done = plan.of_notebook(whole)
    if done.stopped is not None:
        where = _place(cells, done.at, assignment)
        return _without_points("stopped", Problem(done.stopped, {**_limit(done, limits), **where}), assignment)
    _fill_in(cells, done)
    result = _scored(notebook, assignment, _note(notebook, cells, done, assignment, limits))
    of_values = values_below_zero(done, tests), forged_results(done, tests)
    shown, without_score = _shown(done, tests, answers.sources, assignment), _without_score(cells, tests)
    sign = next(chain(plan.signs(whole), *of_values, shown, without_score), None)
    if sign is None:
        given = {cell.grade_id: cell.score for cell in result.cells if cell.score}
        cleared = plan.failed_trials(whole)
        scores = ((index, given.get(_grade_id(cells[index]))) for index in tests if index not in cleared)
        worth = {index: score for index, score in scores if score is not None}
        changed = counters(codes, worth, assignment.numbers, scores=worth, only_true_of_nothing=is_ordinary)
        sign = next(passed_wrongly(run(with_counters(codes, changed)), changed, tests), None) if changed else None
    return result if sign is None else _held(result, sign, _place(cells, sign.at, assignment))


def _first_run(tried: Plan, plan: Plan, run: Callable[[Sequence[Code]], Run]) -> tuple[Plan, Run]:
    """With its trials, or as `plan` has it where they disturbed the run; and what was run."""
    whole = run(tried.codes)
    return (plan, run(plan.codes)) if tried.is_disturbed(whole) else (tried, whole)


def _with_trials(codes: Sequence[Code], tests: Mapping[int, str], answers: Answers, assignment: Assignment) -> Plan:
    """With a trial after each test that may hold of nothing, so that honest code is spared the second run.

    Not where code of the trainee's runs in the tests: it could tell the trial from the test, and this run from another.
    """
    may_run = answers.run_in_tests
    trials = NO_TRIALS if may_run else counters(codes, tests, assignment.numbers, only_true_of_nothing=True)
    return Plan(codes, tests, canaries=1, trials=trials)


def _shown(run: Run, tests: Mapping[int, str], written: Sequence[str], assignment: Assignment) -> Iterator[Sign]:
    hidden = [line for line in assignment.hidden if line not in assignment.visible]
    return shown_hidden_tests(run.outputs, hidden, set(tests), written)


def _tests_of(assignment: Assignment) -> list[str]:
    return [cell.source for cell in assignment.cells.values() if cell.locked and cell.cell_type == "code"]


def _answers(cells: Sequence[Any], assignment: Assignment) -> Answers:
    """What stands as it was released, and the tests, are the author's; all else is the trainee's."""
    tests = _tests_of(assignment)
    theirs = {*assignment.given, *tests}
    written = [cell.source for cell in cells if cell.source not in theirs]
    return Answers(written, prepared=assignment.prepared, unanswered=assignment.unanswered, tests=tests)


def _without_score(cells: Sequence[Any], tests: Iterable[int]) -> Iterator[Sign]:
    """Tests with a value of which nbgrader makes no score and gives the submission up, such as more than their points.

    The fault may be the author's, so a person decides.
    """
    return (Sign(ProblemCode.INVALID_SCORE, index) for index in sorted(tests) if score_of(cells[index]) is None)


def _held(result: GradeResult, sign: Sign, where: Mapping[str, str]) -> GradeResult:
    """No test counts until a person has looked; what a person marks anyway stays as it is."""
    cells = tuple(
        replace(cell, score=None, needs_manual_grade=True, message="") if cell.kind == "test" else cell
        for cell in result.cells
    )
    names = {"names": sign.names} if sign.names else {}
    points = sum(cell.score or 0.0 for cell in cells)
    return replace(result, status="held", problem=Problem(sign.code, {**names, **where}), cells=cells, points=points)


def _grade_id(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _without_points(status: Status, problem: Problem, assignment: Assignment) -> GradeResult:
    cells = tuple(_result(cell, 0.0, needs_manual_grade=False) for cell in assignment.graded)
    return GradeResult(status, problem, cells, 0.0, assignment.max_points, None, seconds=0.0)


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


def _fill_in(cells: Sequence[Any], run: Run) -> None:
    count = 0
    for cell, outputs in zip(cells, run.outputs, strict=True):
        if cell.source.strip():
            count += 1
            cell.execution_count = count
        cell.outputs = outputs


def _code(cell: Any, assignment: Assignment) -> Code:
    """A trainee's tag cannot keep a test from running: for locked cells only the author's tags count."""
    known = assignment.cells.get(_grade_id(cell))
    tags = known.tags if known is not None and known.locked else cell.metadata.get("tags", ())
    return Code(cell.source, skip=SKIP_TAG in tags)


def _limit(run: Run, limits: Limits) -> dict[str, float]:
    values: dict[ProblemCode, dict[str, float]] = {
        ProblemCode.TIMED_OUT: {"seconds": run.allowed_seconds},
        ProblemCode.OUT_OF_MEMORY: {"limit_bytes": limits.memory_bytes},
        ProblemCode.TOO_MANY_PROCESSES: {"limit_processes": limits.processes},
        ProblemCode.OUTPUT_TOO_LARGE: {"limit_bytes": limits.output_bytes},
    }
    return values.get(run.stopped, {}) if run.stopped else {}


def _place(cells: Sequence[Any], index: int, assignment: Assignment) -> dict[str, str]:
    grade_id = _grade_id(cells[index]) if index < len(cells) else ""
    return {"cell": grade_id, "title": assignment.title_of(grade_id)}


def _note(notebook: Any, cells: list[Any], run: Run, assignment: Assignment, limits: Limits) -> Problem | None:
    for index in run.timed_out:
        where = _place(cells, index, assignment)
        return Problem(ProblemCode.CELL_TIMED_OUT, {"seconds": limits.cell_seconds, **where})
    for grade_id in deleted_cells(notebook, assignment):
        return Problem(ProblemCode.CELL_DELETED, {"cell": grade_id, "title": assignment.title_of(grade_id)})
    for index in run.truncated:
        where = _place(cells, index, assignment)
        return Problem(ProblemCode.OUTPUT_TRUNCATED, {"limit_bytes": limits.output_bytes_per_cell, **where})
    return None


def _checked_outputs(outputs: list[Any]) -> list[Any]:
    """Outputs of a cell come from beside the trainee's code: what no notebook could hold counts as a failure."""
    try:
        return checked_outputs(outputs)
    except Exception:
        # Whatever a hostile structure provokes; which of them it was is found out one by one.
        return [error_output("InvalidOutput")] if len(outputs) == 1 else [_checked_outputs([raw])[0] for raw in outputs]


def _scored(notebook: Any, assignment: Assignment, note: Problem | None) -> GradeResult:
    LimitOutput()(notebook, {})
    by_id = {_grade_id(cell): cell for cell in notebook.cells}
    cells = tuple(_score(cell, by_id.get(cell.grade_id), assignment.hidden) for cell in assignment.graded)
    points = sum(cell.score or 0.0 for cell in cells)
    notebook.metadata["hunar"] = {
        "title": assignment.title,
        "points": points,
        "max_points": assignment.max_points,
    }
    return GradeResult("graded", note, cells, points, assignment.max_points, serialise(notebook), seconds=0.0)


def _score(graded: GradedCell, cell: Any | None, hidden: tuple[str, ...]) -> CellResult:
    """What nbgrader's SaveAutoGrades stores: no score, and a person to look at it, where it has no rule."""
    found = None if cell is None or graded.kind == "task" else score_of(cell)
    if found is None:
        return _result(graded, None, needs_manual_grade=True)
    points = found.points
    # Of a test that is worth nothing the score alone does not tell whether it failed.
    may_have_failed = graded.kind == "test" and (points != graded.max_score or not graded.max_score)
    message = failure_message(cell, hidden) if may_have_failed else ""
    return _result(graded, points, needs_manual_grade=points is None, message=message)
