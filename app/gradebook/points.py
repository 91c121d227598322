"""What a submission is worth: the points of its tests and, where a person marks, of the newest mark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.gradebook.models import CellGrade, CellMark, RegradeRequest


@dataclass(frozen=True)
class MarkedCell:
    """A graded cell with the newest mark of a person and the newest request for a re-grade, if there are any."""

    grade: CellGrade
    mark: CellMark | None
    request: RegradeRequest | None

    @property
    def points(self) -> float | None:
        """None while it waits for a person."""
        if self.mark is not None:
            return self.mark.points
        return None if self.grade.needs_manual_grade else self.grade.score

    @property
    def waits(self) -> bool:
        return self.points is None

    @property
    def could_not_run(self) -> bool:
        """Whether the test ended with something other than a verdict on the answer: a name that is missing, say."""
        return bool(self.grade.message) and not self.grade.message.startswith("AssertionError")

    @property
    def mark_number(self) -> int:
        """Number of the mark that counts, 0 for none."""
        return self.mark.number if self.mark else 0

    @property
    def is_disputed(self) -> bool:
        """Whether a request waits for its answer, which is the next mark."""
        return self.request is not None and self.mark_number <= self.request.mark_seen


def total(cells: Sequence[MarkedCell]) -> float:
    """Points so far; a cell that waits counts nothing."""
    return math.fsum(cell.points or 0.0 for cell in cells)


def is_final(cells: Sequence[MarkedCell]) -> bool:
    """Whether nothing waits for a person any more."""
    return not any(cell.waits for cell in cells)
