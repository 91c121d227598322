"""What goes into the grader and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

MEBIBYTE = 1024 * 1024
NO_FILES: Mapping[str, bytes] = MappingProxyType({})

Status = Literal["graded", "refused", "stopped", "held"]
CellKind = Literal["test", "answer", "task"]
# Probes among the tests of a submission that gives reason for more than one.
MOST_CANARIES = 3

# With this the message of a test begins that ended without an error, but printed what takes its points.
STDERR = "stderr"

# Of one cell: sums of them stay numbers.
MOST_POINTS = 1_000_000


class ProblemCode(StrEnum):
    """Everything that can be wrong with a submission, with the values that each code always carries.

    A cell in the values is its grade_id (or "" where the cell has none); `title` is the heading above it.
    """

    # Refused: the submission was not run.
    NOT_JSON = "not_json"  # no values
    NOT_A_NOTEBOOK = "not_a_notebook"  # no values
    TOO_LARGE = "too_large"  # bytes, limit_bytes
    TOO_MANY_CELLS = "too_many_cells"  # cells, limit_cells
    CELL_DUPLICATED = "cell_duplicated"  # cell, title
    METADATA_CHANGED = "metadata_changed"  # cell, title
    # Stopped: the run broke a limit or ended early, so nothing of it counts.
    TIMED_OUT = "timed_out"  # seconds, cell, title
    OUT_OF_MEMORY = "out_of_memory"  # limit_bytes, cell, title
    TOO_MANY_PROCESSES = "too_many_processes"  # limit_processes, cell, title
    KERNEL_DIED = "kernel_died"  # cell, title
    OUTPUT_TOO_LARGE = "output_too_large"  # limit_bytes, cell, title
    OUTPUT_UNREADABLE = "output_unreadable"  # cell, title: the last one, since outputs come when all have run
    # Held: the tests may have been bent or be at fault, so no test of it counts until a person has looked.
    TESTS_REPLACED = "tests_replaced"  # names, cell, title
    TESTS_SILENCED = "tests_silenced"  # cell, title
    WRONG_EXPECTATION_MET = "wrong_expectation_met"  # cell, title
    SCORE_OUT_OF_RANGE = "score_out_of_range"  # cell, title: below 0, or not a number
    INVALID_SCORE = "invalid_score"  # cell, title: above the points of the cell, or nothing of which there is a score
    RESULT_FORGED = "result_forged"  # cell, title
    HIDDEN_TEST_SHOWN = "hidden_test_shown"  # cell, title
    # Notes on a graded submission: the first cell that this happened to.
    CELL_DELETED = "cell_deleted"  # cell, title
    CELL_TIMED_OUT = "cell_timed_out"  # seconds, cell, title
    OUTPUT_TRUNCATED = "output_truncated"  # limit_bytes, cell, title


@dataclass(frozen=True)
class Problem:
    """One reason why a submission was refused, stopped or held, or what to know about a graded one."""

    code: ProblemCode
    values: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Times in seconds of wall clock, sizes in bytes."""

    wall_seconds: float = 120.0
    cell_seconds: int = 30
    memory_bytes: int = 1024 * MEBIBYTE
    disk_bytes: int = 128 * MEBIBYTE
    file_bytes: int = 64 * MEBIBYTE
    processes: int = 48
    output_bytes_per_cell: int = MEBIBYTE
    output_bytes: int = 24 * MEBIBYTE
    notebook_bytes: int = 12 * MEBIBYTE
    cells: int = 1000


@dataclass(frozen=True)
class GradedCell:
    """A cell of an assignment that carries points.

    kind: "test" is scored by running it, "answer" and "task" by a person.
    competencies, level: from the cell's metadata["hunar"].  title: the heading above the cell, or its id.
    """

    grade_id: str
    kind: CellKind
    max_score: float
    competencies: tuple[str, ...]
    level: int | None
    title: str


@dataclass(frozen=True)
class CellResult:
    """The score of one graded cell, as `nbgrader autograde` stores it.

    score: None where nbgrader leaves it open: an answered manual cell, a task, a deleted cell.
    message: last line of the error in plain text, without anything of a hidden test; of a test without an error that
    printed to stderr "stderr: " and the last line of that; "" when nothing failed.
    """

    grade_id: str
    kind: CellKind
    score: float | None
    max_score: float
    needs_manual_grade: bool
    message: str
    competencies: tuple[str, ...]
    level: int | None


@dataclass(frozen=True)
class GradeResult:
    """What became of one submission.

    problem: the reason when refused, stopped or held; on a graded one None or a note.
    points: sum of the scores known so far.  max_points: of all graded cells of the source.
    autograded: nbgrader's autograded notebook with the hidden tests, so for graders only; None unless graded or held.
    seconds: wall clock of the whole grading.
    """

    status: Status
    problem: Problem | None
    cells: tuple[CellResult, ...]
    points: float
    max_points: float
    autograded: bytes | None
    seconds: float


@dataclass(frozen=True)
class CheckReport:
    """Whether an assignment can be given out: its solution passes every test, also one worth nothing; its release earns
    no point.

    One in which nothing is graded, neither by a test nor by a person, is not sound.
    """

    solution: GradeResult
    released: GradeResult
    sound: bool

    @property
    def grades_nothing(self) -> bool:
        """Whether no cell of it carries points."""
        return not self.solution.cells


class SandboxUnavailable(RuntimeError):
    """The sandbox cannot be built on this machine, so nothing was run. The message says what is missing."""


class InvalidSource(ValueError):
    """The assignment itself (source notebook or its files) is wrong; the message is for its author."""


class WrongUse(ValueError):
    """What was asked for cannot be done as it was asked; the message says what to give instead."""
