"""Grades notebooks in nbgrader's format: notebook bytes in, results out; no web framework, no database.

What needs nbgrader is loaded when it is first asked for: it takes fifty megabytes, and who only looks at notebooks, or
hands the work to another process, does without.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from grading.autotest_lines import holds_autotest
from grading.similarity import Pair, Passage, cut_cells, similar_pairs
from grading.types import (
    MOST_POINTS,
    STDERR,
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

if TYPE_CHECKING:
    from grading.autograding import check, grade
    from grading.autotests import instantiate
    from grading.course_export import Submitted, course_folder
    from grading.course_import import ImportedAssignment, ImportedLab, Tag, import_assignment
    from grading.feedback_page import feedback
    from grading.generation import inspect, release
    from grading.pool import WarmSandboxes
    from grading.sandbox import Runs, SandboxOnDemand

_MODULES = {
    "autograding": ("check", "grade"),
    "autotests": ("instantiate",),
    "course_export": ("Submitted", "course_folder"),
    "course_import": ("ImportedAssignment", "ImportedLab", "Tag", "import_assignment"),
    "feedback_page": ("feedback",),
    "generation": ("inspect", "release"),
    "pool": ("WarmSandboxes",),
    "sandbox": ("Runs", "SandboxOnDemand"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "MOST_POINTS",
    "STDERR",
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
    "cut_cells",
    "feedback",
    "grade",
    "holds_autotest",
    "import_assignment",
    "inspect",
    "instantiate",
    "load",
    "release",
    "similar_pairs",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def load() -> None:
    """Load everything, for a process whose first submission is not to wait for it."""
    for module in _MODULES:
        import_module(f"{__name__}.{module}")
