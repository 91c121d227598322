"""What trainees are given, and what an assignment measures."""

from __future__ import annotations

from grading.source import read_assignment
from grading.types import GradedCell


def release(source: bytes) -> bytes:
    """The version for trainees, by nbgrader's generate chain: solutions, hidden tests and marking schemes
    cleared, cells locked, checksums written. Raises InvalidSource."""
    return read_assignment(source).released


def inspect(source: bytes) -> tuple[GradedCell, ...]:
    """The graded cells of a source notebook in their order. Raises InvalidSource."""
    return read_assignment(source).graded
