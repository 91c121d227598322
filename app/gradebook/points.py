"""What a submission is worth: the points of its tests and, where a person marks, of the newest mark."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.gradebook.models import CellGrade, CellMark


@dataclass(frozen=True)
class MarkedCell:
    """A graded cell with the newest mark of a person, if there is one."""

    grade: CellGrade
    mark: CellMark | None

    @property
    def points(self) -> float | None:
        """None while it waits for a person."""
        if self.mark is not None:
            return self.mark.points
        return None if self.grade.needs_manual_grade else self.grade.score

    @property
    def waits(self) -> bool:
        return self.points is None


def marked_cells(cells: Sequence[CellGrade], newest: Mapping[int, CellMark]) -> list[MarkedCell]:
    """`newest`: marks by the id of their cell grade."""
    return [MarkedCell(cell, newest.get(cell.id)) for cell in cells]


def total(cells: Sequence[MarkedCell]) -> float:
    """Points so far; a cell that waits counts nothing."""
    return math.fsum(cell.points or 0.0 for cell in cells)


def is_final(cells: Sequence[MarkedCell]) -> bool:
    """Whether nothing waits for a person any more."""
    return not any(cell.waits for cell in cells)
