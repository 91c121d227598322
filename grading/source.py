"""The assignment as its author wrote it: read, checked and put through nbgrader's generate chain."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import nbformat
from nbgrader import utils
from nbgrader.api import MissingEntry
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from grading.autotest_lines import holds_autotest
from grading.counter import constants
from grading.messages import hidden_texts
from grading.notebook import parse, serialise
from grading.types import MOST_POINTS, CellKind, GradedCell, InvalidSource

BEFORE_RECORDING = (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ComputeChecksums)
AFTER_RECORDING = (ClearHiddenTests, ClearMarkScheme, ComputeChecksums, CheckCellMetadata)


@dataclass(frozen=True)
class SourceCell:
    """What nbgrader's database remembers of a cell: the version without solution, with hidden tests."""

    name: str
    cell_type: str
    locked: bool
    source: str
    checksum: str | None
    max_score: float
    roles: tuple[bool, bool, bool]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assignment:
    """A source notebook, understood. Answers the questions that nbgrader's preprocessors ask a gradebook."""

    title: str
    kernelspec: Mapping[str, Any]
    cells: Mapping[str, SourceCell]
    graded: tuple[GradedCell, ...]
    titles: Mapping[str, str]
    released: bytes

    def find_source_cell(self, name: str, *_: str) -> SourceCell:
        if name not in self.cells:
            raise MissingEntry(name)
        return self.cells[name]

    def find_graded_cell(self, name: str, *_: str) -> SourceCell:
        if name not in {cell.grade_id for cell in self.graded}:
            raise MissingEntry(name)
        return self.cells[name]

    def title_of(self, grade_id: str) -> str:
        """The heading above a cell, or the cell's id."""
        return self.titles.get(grade_id, grade_id)

    @cached_property
    def tests(self) -> frozenset[str]:
        """Ids of the cells that are scored by running them."""
        return frozenset(cell.grade_id for cell in self.graded if cell.kind == "test")

    @cached_property
    def hidden(self) -> tuple[str, ...]:
        """Lines that no trainee is shown, longest first."""
        return hidden_texts(cell.source for cell in self.cells.values())

    @cached_property
    def given(self) -> tuple[str, ...]:
        """The code cells as trainees get them."""
        return tuple(cell.source for cell in self._cells_given if cell.cell_type == "code")

    @cached_property
    def prepared(self) -> tuple[str, ...]:
        """Of these the ones that are neither theirs to change nor tests."""
        cells = [cell for cell in self._cells_given if cell.cell_type == "code"]
        return tuple(cell.source for cell in cells if not utils.is_solution(cell) and not utils.is_grade(cell))

    @cached_property
    def unanswered(self) -> tuple[str, ...]:
        """The code cells that trainees fill in."""
        return tuple(cell.source for cell in self._cells_given if utils.is_solution(cell) and cell.cell_type == "code")

    @cached_property
    def numbers(self) -> Mapping[str, float]:
        """What the names stand for that the author binds to a number once, and leaves no one to bind."""
        tests = [self.cells[grade_id].source for grade_id in self.tests]
        once = constants([*self.prepared, *self.unanswered, *tests])
        return {name: once[name] for name in constants([*self.prepared, *tests]) if name in once}

    @cached_property
    def visible(self) -> str:
        """All that trainees can read in the release."""
        return "\n".join(cell.source for cell in self._cells_given)

    @cached_property
    def metadata(self) -> Mapping[str, Any]:
        """What nbgrader is told of each cell in the release, by grade_id."""
        said = [cell.metadata.get("nbgrader", {}) for cell in self._cells_given]
        return {meta["grade_id"]: meta for meta in said if meta.get("grade_id") in self.cells}

    @cached_property
    def _cells_given(self) -> list[Any]:
        return list(parse(self.released.decode()).cells)

    @property
    def max_points(self) -> float:
        return sum(cell.max_score for cell in self.graded)


@lru_cache(maxsize=64)
def read_assignment(source: bytes) -> Assignment:
    """Understand a source notebook. Raises InvalidSource with the reason when nbgrader would refuse it."""
    notebook = parse_source(source)
    _refuse_autotests(notebook)
    try:
        _apply(BEFORE_RECORDING, notebook)
        recorded = {cell.name: cell for cell in map(_record, notebook.cells) if cell is not None}
        _apply(AFTER_RECORDING, notebook)
        # Of what is given out: a heading in a solution or a mark scheme is nobody's to read.
        titles = _titles(notebook)
        graded = tuple(_graded(cell, titles) for cell in notebook.cells if _kind(cell) is not None)
    except InvalidSource:
        raise
    except Exception as error:
        raise InvalidSource(f"{type(error).__name__}: {error}") from error
    return Assignment(
        title=_first_heading(notebook) or "",
        kernelspec=copy.deepcopy(notebook.metadata.get("kernelspec", {})),
        cells=recorded,
        graded=graded,
        titles=titles,
        released=serialise(notebook),
    )


def parse_source(source: bytes) -> Any:
    """The notebook as nbformat 4. Raises InvalidSource."""
    try:
        # As of a submission, and with nothing guessed about its encoding.
        document = json.loads(source.decode("utf-8-sig"))
        text = json.dumps(document, ensure_ascii=False)
        # Half a character is valid JSON, but no release could be stored with it.
        text.encode()
        notebook = parse(text)
        nbformat.validate(notebook)
    except Exception as error:
        raise InvalidSource(f"Not a valid notebook: {error}") from error
    for number, cell in enumerate(notebook.cells, start=1):
        if not isinstance(cell.metadata.get("nbgrader", {}), dict):
            raise InvalidSource(f"Cell {number}: metadata.nbgrader must be an object.")
    return notebook


def _apply(chain: tuple[type, ...], notebook: Any) -> None:
    resources: dict[str, Any] = {}
    for preprocessor in chain:
        # Called, not .preprocess(): only the call respects `enabled`.
        preprocessor()(notebook, resources)


def autotest_cells(notebook: Any) -> list[Any]:
    """The cells with a line that nbgrader would replace by tests."""
    return [cell for cell in notebook.cells if holds_autotest(cell)]


def _refuse_autotests(notebook: Any) -> None:
    for cell in autotest_cells(notebook):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        raise InvalidSource(
            f"Cell {grade_id!r} holds an AUTOTEST line, which stands for tests. "
            "`python -m grading instantiate` writes the notebook with the tests themselves; use that one."
        )


def roles(cell: Any) -> tuple[bool, bool, bool]:
    """(grade, solution, task) as nbgrader reads them."""
    return bool(utils.is_grade(cell)), bool(utils.is_solution(cell)), bool(utils.is_task(cell))


def _record(cell: Any) -> SourceCell | None:
    if not (any(roles(cell)) or utils.is_locked(cell)):
        return None
    meta = cell.metadata.nbgrader
    return SourceCell(
        name=meta["grade_id"],
        cell_type=cell.cell_type,
        locked=bool(utils.is_locked(cell)),
        source=cell.source,
        checksum=meta.get("checksum"),
        max_score=float(meta.get("points", 0)),
        roles=roles(cell),
        tags=tuple(cell.metadata.get("tags", ())),
    )


def _kind(cell: Any) -> CellKind | None:
    grade, solution, task = roles(cell)
    if task:
        return "task"
    if grade:
        return "answer" if solution else "test"
    return None


def _graded(cell: Any, titles: Mapping[str, str]) -> GradedCell:
    kind = _kind(cell)
    if kind is None:
        raise InvalidSource("Only graded cells carry points.")
    meta = cell.metadata.nbgrader
    hunar = cell.metadata.get("hunar", {})
    competencies = hunar.get("competencies", [])
    level = hunar.get("level")
    if not isinstance(competencies, list) or not all(isinstance(item, str) for item in competencies):
        raise InvalidSource(f"Cell {meta.grade_id!r}: metadata.hunar.competencies must be a list of ids.")
    if level is not None and not isinstance(level, int):
        raise InvalidSource(f"Cell {meta.grade_id!r}: metadata.hunar.level must be a whole number.")
    return GradedCell(
        grade_id=meta.grade_id,
        kind=kind,
        max_score=_points(meta),
        competencies=tuple(competencies),
        level=level,
        title=titles.get(meta.grade_id, meta.grade_id),
    )


def _points(meta: Any) -> float:
    """JSON has no word for a number without end, but Python and nbgrader read one, and sums may become one."""
    points = float(meta.points)
    if not 0 <= points <= MOST_POINTS:
        raise InvalidSource(f"Cell {meta.grade_id!r}: its points must be a number from 0 on, at most {MOST_POINTS}.")
    return points


def _headings(cell: Any) -> list[str]:
    if cell.cell_type != "markdown":
        return []
    return [line.lstrip("#").strip() for line in cell.source.splitlines() if line.startswith("#")]


def _titles(notebook: Any) -> dict[str, str]:
    """The last Markdown heading above (or in) each nbgrader cell."""
    titles: dict[str, str] = {}
    heading = ""
    for cell in notebook.cells:
        heading = next(reversed(_headings(cell)), heading)
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id and heading:
            titles[grade_id] = heading
    return titles


def _first_heading(notebook: Any) -> str | None:
    return next((heading for cell in notebook.cells for heading in _headings(cell)), None)
