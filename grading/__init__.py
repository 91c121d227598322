"""Grades notebooks in nbgrader's format: notebook bytes in, results out; no web framework, no database."""

from grading.feedback import feedback
from grading.grade import check, grade
from grading.pool import WarmSandboxes
from grading.release import inspect, release
from grading.sandbox import Runs, SandboxOnDemand
from grading.similarity import Pair, Passage, similar_pairs
from grading.types import (
    CellResult,
    CheckReport,
    GradedCell,
    GradeResult,
    InvalidSource,
    Limits,
    Problem,
    ProblemCode,
    SandboxUnavailable,
)

__all__ = [
    "CellResult",
    "CheckReport",
    "GradeResult",
    "GradedCell",
    "InvalidSource",
    "Limits",
    "Pair",
    "Passage",
    "Problem",
    "ProblemCode",
    "Runs",
    "SandboxOnDemand",
    "SandboxUnavailable",
    "WarmSandboxes",
    "check",
    "feedback",
    "grade",
    "inspect",
    "release",
    "similar_pairs",
]
