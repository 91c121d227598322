"""Grades notebooks in nbgrader's format: notebook bytes in, results out; no web framework, no database."""

from grading.feedback import feedback
from grading.grade import check, grade
from grading.release import inspect, release
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
    "Problem",
    "ProblemCode",
    "SandboxUnavailable",
    "check",
    "feedback",
    "grade",
    "inspect",
    "release",
]
