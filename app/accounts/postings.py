"""What a new word about where somebody works makes of the posting they have: one rule for forms and imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self

from app.accounts.models import Posting
from app.core.spreadsheets import plain

FIRST_GRADE, LAST_GRADE = 1, 22
# Bands of the Basic Pay Scale by which grades are generalised, each with its first and last grade.
GRADE_BANDS = ((FIRST_GRADE, 13), (14, 16), (17, 18), (19, 20), (21, LAST_GRADE))

# Letters of Arabic that keyboards put in the place of those of Urdu.
URDU_LETTERS = str.maketrans(
    "\N{ARABIC LETTER YEH}\N{ARABIC LETTER ALEF MAKSURA}\N{ARABIC LETTER KAF}\N{ARABIC LETTER HEH}",
    "\N{ARABIC LETTER FARSI YEH}\N{ARABIC LETTER FARSI YEH}\N{ARABIC LETTER KEHEH}\N{ARABIC LETTER HEH GOAL}",
)


def grade_band(grade: int | None) -> tuple[int, int] | None:
    """The band that a grade lies in; None where it lies in none."""
    return next(((first, last) for first, last in GRADE_BANDS if first <= (grade or 0) <= last), None)


class PostingChange(StrEnum):
    FIRST = "first"
    TRANSFER = "transfer"
    CORRECTION = "correction"


class BeginsTooEarly(ValueError):
    """A posting cannot begin before the one that it follows. begins_on: when that one began."""

    def __init__(self, begins_on: date) -> None:
        super().__init__(begins_on.isoformat())
        self.begins_on = begins_on


@dataclass(frozen=True)
class Place:
    """Where somebody works, and since when."""

    department: str = ""
    grade: int | None = None
    district: str = ""
    begins_on: date | None = None

    @classmethod
    def of(cls, posting: Posting) -> Self:
        return cls(posting.department, posting.grade, posting.district, posting.begins_on)

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        begins_on = kept["begins_on"]
        day = date.fromisoformat(begins_on) if begins_on else None
        return cls(kept["department"], kept["grade"], kept["district"], day)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"begins_on": self.begins_on.isoformat() if self.begins_on else None}

    def is_same_work_as(self, other: Place) -> bool:
        """Whatever the day on which it began, and however its names are spelled."""
        return self._work == other._work

    @property
    def _work(self) -> tuple[str, int | None, str]:
        return _without_spelling(self.department), self.grade, _without_spelling(self.district)


def _without_spelling(name: str) -> str:
    return plain(name).translate(URDU_LETTERS)


def change_of(
    present: Place | None, said: Mapping[str, Any], *, former_began_on: date | None, today: date
) -> tuple[PostingChange, Place] | None:
    """What `said`, some of the fields of a place, makes of the present one; None where it changes nothing.

    Other work is a transfer that begins on the day said, today where none is said; on the very day the present
    posting began it is a correction, as is another day or another spelling of the same work.
    former_began_on: when the posting before the present one did. Raises BeginsTooEarly.
    """
    if not said:
        return None
    if present is None:
        return PostingChange.FIRST, Place(**said)
    wanted = replace(present, **said)
    if wanted == present:
        return None
    if wanted.is_same_work_as(present):
        _check_order(former_began_on, wanted.begins_on)
        return PostingChange.CORRECTION, wanted
    begins_on = said.get("begins_on") or today
    _check_order(present.begins_on, begins_on)
    kind = PostingChange.CORRECTION if begins_on == present.begins_on else PostingChange.TRANSFER
    return kind, replace(wanted, begins_on=begins_on)


def _check_order(former: date | None, later: date | None) -> None:
    if former is not None and later is not None and later < former:
        raise BeginsTooEarly(former)
