"""Grades notebooks in nbgrader's format: notebook bytes in, results out; no web framework, no database."""

from grading.autotests import instantiate
from grading.course_export import Submitted, course_folder
from grading.course_import import ImportedAssignment, ImportedLab, Tag, import_assignment
from grading.feedback import feedback
from grading.grade import check, grade
from grading.pool import WarmSandboxes
from grading.release import inspect, release
from grading.sandbox import Runs, SandboxOnDemand
from grading.similarity import Pair, Passage, similar_pairs
from grading.source import holds_autotest
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
    WrongUse,
)

__all__ = [
    "CellResult",
    "CheckReport",
    "GradeResult",
    "GradedCell",
    "ImportedAssignment",
    "ImportedLab",
    "InvalidSource",
    "Limits",
    "Pair",
    "Passage",
    "Problem",
    "ProblemCode",
    "Runs",
    "SandboxOnDemand",
    "SandboxUnavailable",
    "Submitted",
    "Tag",
    "WarmSandboxes",
    "WrongUse",
    "check",
    "course_folder",
    "feedback",
    "grade",
    "holds_autotest",
    "import_assignment",
    "inspect",
    "instantiate",
    "release",
    "similar_pairs",
]
