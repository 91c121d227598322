"""What stands in a notebook for a person to mark."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from app.core.blobs import Blobs
from app.marking.work import Answer
from app.notebooks.roles import WITH_POINTS, Kind, kind_of, marking_of

TRAINEES_OWN = (Kind.ORDINARY, Kind.SOLUTION, Kind.ANSWER)


@dataclass(frozen=True)
class Passage:
    """One cell. is_code: a program and not a text."""

    text: str
    is_code: bool


@dataclass(frozen=True)
class Written:
    """An answer, cell by cell. test: the code that tests it, if any.

    is_deleted: the cell is gone, and these are all others that its trainee could write in.
    """

    passages: tuple[Passage, ...]
    test: str = ""
    is_deleted: bool = False


def written(blobs: Blobs, found: Answer) -> Written:
    """The answer itself, from the autograded notebook.

    To a task it stands below, up to the next cell with points; to a test in the code between the test before and it.
    """
    cells = json.loads(blobs.get(found.grade.autograded_sha256 or ""))["cells"]
    at = next((at for at, cell in enumerate(cells) if marking_of(cell).get("grade_id") == found.key.part), None)
    if at is None:
        return Written(_trainees_own(cells), is_deleted=True)
    kind = _kind(cells[at])
    if kind is Kind.TASK:
        return Written(_trainees_own(takewhile(lambda cell: _kind(cell) not in WITH_POINTS, cells[at + 1 :])))
    passage = _passage(cells[at])
    if kind is not Kind.TESTS:
        return Written((passage,))
    above = list(takewhile(lambda cell: _kind(cell) is not Kind.TESTS, reversed(cells[:at])))
    code = [each.text for each in map(_passage, reversed(above)) if each.is_code]
    return Written((Passage("\n\n".join(code), is_code=True),), test=passage.text)


def _kind(cell: Any) -> Kind | None:
    return kind_of(marking_of(cell))


def _passage(cell: Any) -> Passage:
    return Passage("".join(cell["source"]), cell["cell_type"] == "code")


def _trainees_own(cells: Iterable[Any]) -> tuple[Passage, ...]:
    """What is not empty of the cells that a trainee may write in."""
    passages = [_passage(cell) for cell in cells if _kind(cell) in TRAINEES_OWN]
    return tuple(each for each in passages if each.text.strip())
