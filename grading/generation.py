"""What trainees are given, and what an assignment measures."""

from __future__ import annotations

from collections.abc import Mapping

from grading.autotests import instantiate
from grading.source import read_assignment
from grading.types import NO_FILES, GradedCell


def release(source: bytes, files: Mapping[str, bytes] = NO_FILES) -> bytes:
    """The version for trainees, by nbgrader's generate chain: solutions, hidden tests and marking schemes
    cleared, cells locked, checksums written. Raises InvalidSource.

    files: as of instantiate, for a source with AUTOTEST lines; only then a sandbox is needed (SandboxUnavailable).
    """
    return read_assignment(instantiate(source, files)).released


def inspect(source: bytes, files: Mapping[str, bytes] = NO_FILES) -> tuple[GradedCell, ...]:
    """The graded cells of a source notebook in their order. Raises as release."""
    return read_assignment(instantiate(source, files)).graded
