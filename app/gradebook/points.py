"""What a submission is worth: the points of its tests and, where a person marks, of the newest mark; which counts."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.content.schemas import Rubric
from app.gradebook.models import CellGrade, CellMark, Grade, RegradeRequest
from app.notebooks.models import Submission
from app.notebooks.terms import Counts, Terms
from grading import STDERR

# Two sums of points that are this close are equal: they differ by rounding.
EQUAL_WITHIN = 1e-6


class Verdict(StrEnum):
    """What the tests of a cell found; static/js/check.js has the same words.

    BROKEN: they ended with something other than a verdict on the answer: a name that is missing, say. WARNED: nothing
    failed, but something was printed to stderr.
    """

    PASSED = "passed"
    PART = "part"
    WRONG = "wrong"
    BROKEN = "broken"
    WARNED = "warned"


@dataclass(frozen=True)
class MarkedCell:
    """A graded cell with the newest mark of a person and the newest request for a re-grade, if there are any.

    is_hidden: there is a mark, and the reader must not see it yet (app/core/blind.py).
    """

    submission_id: int
    grade: CellGrade
    mark: CellMark | None
    request: RegradeRequest | None
    is_hidden: bool = False

    @property
    def points(self) -> float | None:
        """None while it waits for a person, or is not shown."""
        if self.mark is not None:
            return self.mark.points
        return None if self.grade.needs_manual_grade else self.grade.score

    @property
    def waits(self) -> bool:
        return self.points is None

    @property
    def verdict(self) -> Verdict:
        """What its tests found."""
        message = self.grade.message
        if self.points == self.grade.max_score and not message:
            return Verdict.PASSED
        if message.startswith(STDERR):
            return Verdict.WARNED
        if message and not message.startswith("AssertionError"):
            return Verdict.BROKEN
        return Verdict.PART if self.points else Verdict.WRONG

    @property
    def mark_number(self) -> int:
        """Number of the mark that counts, 0 for none."""
        return self.mark.number if self.mark else 0

    @property
    def is_disputed(self) -> bool:
        """Whether a request waits for its answer, which is the next mark."""
        return self.request is not None and self.mark_number <= self.request.mark_seen


def rubric_points(rubric: Rubric, levels: Mapping[str, str]) -> float | None:
    """Points of the chosen level of each row; None when a row has no level, or one that the rubric does not have."""
    points = [row.points(levels.get(row.id, "")) for row in rubric]
    if not points or len(levels) != len(points) or None in points:
        return None
    return math.fsum(point for point in points if point is not None)


def rubric_most(rubric: Rubric) -> float:
    """Points of full marks by a rubric."""
    return math.fsum(row.most for row in rubric)


def total(cells: Sequence[MarkedCell]) -> float:
    """Points so far; a cell that waits counts nothing."""
    return math.fsum(cell.points or 0.0 for cell in cells)


def is_final(cells: Sequence[MarkedCell]) -> bool:
    """Whether nothing waits for a person any more."""
    return not any(cell.waits for cell in cells)


@dataclass(frozen=True)
class Attempt:
    """A submission with what became of it, and the terms under which it was handed in."""

    submission: Submission
    terms: Terms
    grade: Grade | None
    cells: tuple[MarkedCell, ...]

    @property
    def has_points(self) -> bool:
        """Whether it was graded, so that it can count."""
        return self.grade is not None and self.grade.has_points

    @property
    def is_withheld(self) -> bool:
        """Whether its trainee must wait for its points until all are told; one without points says why at once."""
        return self.has_points and self.terms.results_are_held

    @property
    def days_late(self) -> int:
        """Days begun after the deadline."""
        return self.terms.days_late(self.submission.submitted_at)

    @property
    def most(self) -> float:
        """Points of full marks."""
        return math.fsum(cell.grade.max_score for cell in self.cells)

    @property
    def points(self) -> float:
        """Points so far, less what lateness takes off."""
        return total(self.cells) * self.terms.share_left(self.submission.submitted_at)

    @property
    def is_final(self) -> bool:
        """Whether nothing of it waits for a person."""
        return is_final(self.cells)

    @property
    def hides_marks(self) -> bool:
        """Whether its points lack marks that the reader must not see yet."""
        return any(cell.is_hidden for cell in self.cells)

    def without_marks(self, hidden: Collection[str]) -> Attempt:
        """The attempt without the marks of these cells, and so without the points that they gave."""
        return replace(
            self,
            cells=tuple(
                replace(cell, mark=None, is_hidden=True) if cell.grade.cell in hidden else cell for cell in self.cells
            ),
        )


def counting(attempts: Sequence[Attempt]) -> Attempt | None:
    """The attempt that counts, of one trainee at one lab under the terms of one cohort; None when none has points.

    Under "best" it is the one with most points so far after lateness, of equals the last.
    """
    able = sorted((each for each in attempts if each.has_points), key=lambda each: each.submission.attempt)
    if not able:
        return None
    if able[-1].terms.counts is Counts.LAST:
        return able[-1]
    return max(able, key=lambda each: (round(each.points / EQUAL_WITHIN), each.submission.attempt))


def counting_ids(attempts: Sequence[Attempt]) -> frozenset[int]:
    """Ids of the submissions that count, of any number of trainees, labs and cohorts."""
    groups: dict[tuple[int, str, str, int | None], list[Attempt]] = {}
    for each in attempts:
        one = each.submission
        groups.setdefault((one.trainee_id, one.module_id, one.activity_id, one.cohort_id), []).append(each)
    return frozenset(found.submission.id for group in groups.values() if (found := counting(group)) is not None)
