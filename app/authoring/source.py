# ruff: noqa: E501 - one sentence a line reads better than wrapped ones
"""The source notebook as it arrives from an author: its stored form, and in plain words what is still wrong with it."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

import grading
from app.content.releases import preview
from app.content.schemas import Rubric
from app.core.errors import Refused
from app.notebooks import document
from app.notebooks.comparison import source_of
from app.notebooks.roles import WITH_POINTS, Kind, kind_of, marking_of

SCHEMA_VERSION = 3
GRADE_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
MOST_POINTS = 1000
LEVELS = range(1, 5)
# What programmes note while a cell runs; it would make another version of a notebook that was merely run.
NOTES_OF_RUNS = ("execution", "ExecuteTime", "collapsed")


# (grade, solution, locked, task) of each kind, as nbgrader's own extension writes them.
FLAGS: Mapping[Kind, tuple[bool, bool, bool, bool]] = {
    Kind.SOLUTION: (False, True, False, False),
    Kind.TESTS: (True, False, True, False),
    Kind.ANSWER: (True, True, False, False),
    Kind.TASK: (False, False, True, True),
    Kind.READ_ONLY: (False, False, True, False),
}
CELL_TYPES: Mapping[Kind, tuple[str, ...]] = {
    Kind.ORDINARY: ("code", "markdown", "raw"),
    Kind.SOLUTION: ("code",),
    Kind.TESTS: ("code",),
    Kind.ANSWER: ("markdown", "code"),
    Kind.TASK: ("markdown",),
    Kind.READ_ONLY: ("code", "markdown"),
}


@dataclass(frozen=True)
class Problem:
    """What is to be mended. cell: its number from 1, None for the whole notebook."""

    cell: int | None
    sentence: str


def stored_form(content: bytes, *, limit_bytes: int) -> bytes:
    """A source as it is kept: without results, so that running it makes no other version. Raises Refused.

    Only what would not open again is refused; whatever else is wrong with it can be mended later.
    """
    return without_results(document.read_draft(content, limit_bytes=limit_bytes))


def without_results(content: bytes) -> bytes:
    """The same notebook with no trace of a run; content must be one that opens."""
    notebook = json.loads(content)
    notebook["cells"] = [_cell_without_results(cell) for cell in notebook["cells"]]
    return json.dumps(notebook, ensure_ascii=False, sort_keys=True).encode()


def _cell_without_results(cell: Any) -> Any:
    if not isinstance(cell, dict):
        return cell
    kept = {**cell, "source": source_of(cell)}
    if isinstance(cell.get("metadata"), dict):
        kept["metadata"] = {name: value for name, value in cell["metadata"].items() if name not in NOTES_OF_RUNS}
    return kept | ({"outputs": [], "execution_count": None} if cell.get("cell_type") == "code" else {})


def problems(source: bytes, rubrics: Mapping[str, Rubric], competencies: Collection[str]) -> list[Problem]:
    """All that keeps this source from being given out, in the reader's language; quick, nothing is run.

    rubrics: by the names of cells, whose points must fit. competencies: the codes of the framework.
    """
    cells = json.loads(source)["cells"]
    found: list[Problem] = []
    named: dict[str, int] = {}
    for number, cell in enumerate(cells, start=1):
        if not _has_shape(cell):
            found.append(
                Problem(number, _("Cell %(number)s cannot be read. Delete it and write it anew.", number=number))
            )
            continue
        found += [Problem(number, each) for each in _of_cell(cell, number, rubrics, competencies)]
        grade_id = marking_of(cell).get("grade_id")
        if isinstance(grade_id, str) and (first := named.setdefault(grade_id, number)) != number:
            sentence = _(
                "Cells %(first)s and %(number)s have the same name, “%(name)s”. Give one of them another.",
                first=first,
                number=number,
                name=grade_id,
            )
            found.append(Problem(number, sentence))
    if not any(_has_shape(cell) and kind_of(marking_of(cell)) in WITH_POINTS for cell in cells):
        found.append(
            Problem(None, _("No cell has points yet. Mark at least one as tests, as a written answer or as a task."))
        )
    return found


def refuse_broken(source: bytes, *, limit_bytes: int) -> None:
    """What only Jupyter's and nbgrader's own rules find. Raises Refused with the reason; takes a second or two."""
    document.read_submission(source, limit_bytes=limit_bytes)
    try:
        release = preview(source)
    except grading.InvalidSource as refusal:
        raise Refused(
            _("nbgrader refuses this notebook. What it says: %(reason)s", reason=str(refusal)[:500])
        ) from refusal
    both = zip(json.loads(source)["cells"], json.loads(release)["cells"], strict=True)
    for number, (written, given_out) in enumerate(both, start=1):
        if written["cell_type"] == "code" and _is_python(source_of(written)) and not _is_python(source_of(given_out)):
            raise Refused(
                _(
                    "Cell %(number)s is Python as you wrote it, and no longer once the solution is taken out. Move “### BEGIN SOLUTION” as far in as the line below it.",
                    number=number,
                )
            )


def _is_python(code: str) -> bool:
    """Whether it can be read as Python alone; lines for IPython cannot."""
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


@dataclass(frozen=True)
class PointedCell:
    """A cell with points. points: None while no number is set."""

    name: str
    is_manual: bool
    points: float | None


def is_readable(source: bytes) -> bool:
    """Whether every cell has the shape that readers of notebooks count on."""
    return all(_has_shape(cell) for cell in json.loads(source)["cells"])


def cells_with_points(source: bytes) -> list[PointedCell]:
    """The cells with points and a usable name, in order, whatever else is to be mended in them."""
    cells = [
        cell for cell in json.loads(source)["cells"] if _has_shape(cell) and kind_of(marking_of(cell)) in WITH_POINTS
    ]
    found: dict[str, PointedCell] = {}
    for cell in cells:
        name, points = marking_of(cell).get("grade_id"), marking_of(cell).get("points")
        if isinstance(name, str) and GRADE_ID.fullmatch(name):
            is_manual = kind_of(marking_of(cell)) is not Kind.TESTS
            found.setdefault(name, PointedCell(name, is_manual, points if _is_points(points) else None))
    return list(found.values())


def _has_shape(cell: Any) -> bool:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        return False
    metadata = cell.get("metadata")
    return isinstance(metadata, dict) and all(isinstance(metadata.get(key, {}), dict) for key in ("nbgrader", "hunar"))


def _of_cell(
    cell: Mapping[str, Any], number: int, rubrics: Mapping[str, Rubric], competencies: Collection[str]
) -> Iterator[str]:
    marking = marking_of(cell)
    kind = kind_of(marking)
    if kind is None or (kind is not Kind.ORDINARY and marking.get("schema_version") != SCHEMA_VERSION):
        yield _(
            "The marking of cell %(number)s is not one that nbgrader has today. Choose again what the cell is.",
            number=number,
        )
        return
    if cell["cell_type"] not in CELL_TYPES[kind]:
        yield _(
            "Cell %(number)s is marked as something that a cell of its type cannot be: tests and answers with tests are code, a task is text. Change one of the two.",
            number=number,
        )
    if kind is not Kind.ORDINARY and not (
        isinstance(marking.get("grade_id"), str) and GRADE_ID.fullmatch(marking["grade_id"])
    ):
        yield _("Cell %(number)s needs a name of letters, digits, hyphens and underscores.", number=number)
    if kind in WITH_POINTS:
        yield from _of_points(cell, number, rubrics, competencies)
    yield from _of_regions(source_of(cell), kind, number)
    if grading.holds_autotest(cell):
        yield _(
            "Cell %(number)s holds a line with AUTOTEST, which stands for tests that are not written yet. Write the tests themselves.",
            number=number,
        )


def _of_points(
    cell: Mapping[str, Any], number: int, rubrics: Mapping[str, Rubric], competencies: Collection[str]
) -> Iterator[str]:
    marking, tags = marking_of(cell), cell["metadata"].get("hunar", {})
    points = marking.get("points")
    if not _is_points(points):
        yield _("Cell %(number)s needs points: a number from 0 to %(most)s.", number=number, most=MOST_POINTS)
        return
    rubric = rubrics.get(str(marking.get("grade_id"))) if kind_of(marking_of(cell)) is not Kind.TESTS else None
    if rubric is not None and (most := sum(row.most for row in rubric)) != points:
        yield _(
            "Cell %(number)s is marked by a rubric whose best levels add up to %(most)s points. Give the cell as many, or change the rubric.",
            number=number,
            most=f"{most:g}",
        )
    codes = tags.get("competencies")
    if (
        not isinstance(codes, list)
        or not codes
        or not all(isinstance(code, str) and code in competencies for code in codes)
    ):
        yield _("Choose at least one skill that cell %(number)s shows.", number=number)
    if tags.get("level") not in LEVELS or isinstance(tags.get("level"), bool):
        yield _("Choose the level of the skill that cell %(number)s shows.", number=number)


def _is_points(points: Any) -> bool:
    is_number = isinstance(points, int | float) and not isinstance(points, bool)
    return is_number and math.isfinite(points) and 0 <= points <= MOST_POINTS


def _of_regions(text: str, kind: Kind, number: int) -> Iterator[str]:
    """Lines that nbgrader takes out come in pairs, and only where it looks for them."""
    names: dict[str, tuple[tuple[Kind, ...], Callable[[], str]]] = {
        "SOLUTION": (
            (Kind.SOLUTION, Kind.ANSWER),
            lambda: _("Cell %(number)s holds a solution, but it is not marked as an answer, so trainees would see it. Mark it as an answer, or take the lines BEGIN SOLUTION and END SOLUTION out.", number=number),
        ),
        "HIDDEN TESTS": (
            (Kind.TESTS, Kind.ANSWER),
            lambda: _("Cell %(number)s holds hidden tests, but it is not marked as tests, so trainees would see them. Mark it as tests, or take the lines BEGIN HIDDEN TESTS and END HIDDEN TESTS out.", number=number),
        ),
        "MARK SCHEME": (
            (Kind.TASK,),
            lambda: _("Cell %(number)s holds a marking scheme, but it is not marked as a task, so trainees would see it. Mark it as a task, or take the lines BEGIN MARK SCHEME and END MARK SCHEME out.", number=number),
        ),
    }  # fmt: skip
    for name, (kinds, misplaced) in names.items():
        marks = [mark for line in text.split("\n") for mark in ("BEGIN", "END") if f"{mark} {name}" in line]
        if marks != ["BEGIN", "END"] * (len(marks) // 2):
            yield _(
                "In cell %(number)s each line “### BEGIN %(name)s” needs its “### END %(name)s” below it, and none may stand within another.",
                number=number,
                name=name,
            )
        elif marks and kind not in kinds:
            yield misplaced()
