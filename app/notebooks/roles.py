"""What a cell is to nbgrader: an answer, tests, a task; and its points."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _


class Kind(StrEnum):
    """What a cell is to nbgrader."""

    ORDINARY = "ordinary"
    SOLUTION = "solution"
    TESTS = "tests"
    ANSWER = "answer"
    TASK = "task"
    READ_ONLY = "read-only"


WITH_POINTS = (Kind.TESTS, Kind.ANSWER, Kind.TASK)


@dataclass(frozen=True)
class Role:
    """kind: None for flags that nbgrader has no kind for. points: None where there are none, or no number."""

    kind: Kind | None = Kind.ORDINARY
    points: float | None = None


def marking_of(cell: Any) -> Mapping[str, Any]:
    """What nbgrader notes in a cell; nothing where the cell is none or has no such note."""
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def role_of(cell: Any) -> Role:
    """As it stands in the file."""
    marking = marking_of(cell)
    kind, points = kind_of(marking), marking.get("points")
    is_number = isinstance(points, int | float) and not isinstance(points, bool) and math.isfinite(points)
    return Role(kind, points if kind in WITH_POINTS and is_number else None)


def kind_of(marking: Mapping[str, Any]) -> Kind | None:
    """As nbgrader reads the flags; None for flags that it has no kind for."""
    match bool(marking.get("grade")), bool(marking.get("solution")), bool(marking.get("task")):
        case False, False, True:
            return Kind.TASK
        case True, True, False:
            return Kind.ANSWER
        case True, False, False:
            return Kind.TESTS
        case False, True, False:
            return Kind.SOLUTION
        case False, False, False:
            return Kind.READ_ONLY if marking.get("locked") else Kind.ORDINARY
    return None


def kind_names() -> Mapping[Kind, str]:
    """In the reader's language."""
    return {
        Kind.ORDINARY: _("Ordinary text or code"),
        Kind.SOLUTION: _("Answer that tests grade"),
        Kind.TESTS: _("Tests with points"),
        Kind.ANSWER: _("Written answer with points"),
        Kind.TASK: _("Task with points"),
        Kind.READ_ONLY: _("Read-only"),
    }


def role_in_words(role: Role) -> str:
    """In the reader's language."""
    name = kind_names()[role.kind] if role.kind else _("Marked as nothing that nbgrader knows")
    if role.points is None:
        return str(name)
    return str(_("%(kind)s (points: %(points)s)", kind=name, points=f"{role.points:g}"))
