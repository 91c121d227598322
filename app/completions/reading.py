"""A file of completions, row by row: what it says, and what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Self

from flask_babel import gettext as _

from app.completions.links import WrongLink, checked
from app.completions.models import Provider
from app.core.errors import Refused
from app.core.spreadsheets import FORMULA, FORMULA_SIGNS, Sheet, plain, read_csv

# By column: in English and in Urdu.
HEADINGS = {
    "username": ("username", "صارف نام"),
    "provider": ("provider", "ادارہ"),
    "title": ("title", "عنوان"),
    "completed_on": ("completed on", "تکمیل کی تاریخ"),
    "link": ("link", "رابطہ"),
    "competency": ("competency", "صلاحیت"),
}
FIRST_DAY = date(2010, 1, 1)
LONGEST_TITLE = 200
DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
PROVIDERS = {
    **{provider.value.replace("_", " "): provider for provider in Provider},
    "microsoft": Provider.MICROSOFT_LEARN,
    "amazon": Provider.AWS,
    "amazon web services": Provider.AWS,
    "grow with google": Provider.GOOGLE,
}


@dataclass
class Row:
    """A row. values: what its cells say, read; problems: column and code of what is wrong (wording).

    known: the same is reported already, so that the row does nothing.
    """

    number: int
    username: str
    values: dict[str, str] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    trainee_id: int | None = None
    known: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        return cls(**{**kept, "problems": [(column, code) for column, code in kept["problems"]]})


COLUMNS = {plain(name): column for column, names in HEADINGS.items() for name in names}


def read_file(content: bytes, *, competencies: AbstractSet[str], today: date) -> list[Row]:
    """Rows of a CSV file. Raises Refused for a file without rows or without a heading that is needed."""
    sheet = read_csv(content, lambda cell: plain(cell) in COLUMNS)
    found = [COLUMNS.get(plain(heading)) for heading in sheet.headings]
    known = [column for column in found if column]
    if missing := [" / ".join(names) for column, names in HEADINGS.items() if known.count(column) != 1]:
        raise Refused(_("The first row must hold each of these headings once: %(names)s.", names=", ".join(missing)))
    if not sheet.rows:
        raise Refused(_("The file has headings but no rows below them."))
    rows = _read_rows(sheet, found, competencies, today)
    _mark_repeated(rows)
    return rows


def _read_rows(sheet: Sheet, columns: Sequence[str | None], competencies: AbstractSet[str], today: date) -> list[Row]:
    readers: dict[str, Callable[[str], str]] = {
        "provider": _provider,
        "title": _title,
        "completed_on": lambda cell: _day(cell, today),
        "link": _link,
        "competency": lambda cell: _competency(cell, competencies),
    }
    return [
        _row(number, {column: cell for column, cell in zip(columns, cells, strict=True) if column}, readers)
        for number, cells in sheet.rows
    ]


class _WrongCell(ValueError):
    """The code of what is wrong with a cell."""


def _row(number: int, cells: Mapping[str, str], readers: Mapping[str, Callable[[str], str]]) -> Row:
    row = Row(number, " ".join(cells["username"].split()).lower()[:120])
    if not row.username:
        row.problems.append(("username", "missing"))
    for column, reader in readers.items():
        cell = " ".join(cells[column].split())
        try:
            if not cell:
                raise _WrongCell("missing")
            if cells[column] == FORMULA or cell.startswith(FORMULA_SIGNS):
                raise _WrongCell("formula")
            row.values[column] = reader(cell)
        except _WrongCell as wrong:
            row.problems.append((column, str(wrong)))
    return row


def _mark_repeated(rows: Sequence[Row]) -> None:
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        what = (row.username, *(row.values.get(name, "").casefold() for name in ("provider", "title", "competency")))
        if not row.problems and what in seen:
            row.problems.append(("", "repeated"))
        seen.add(what)


def _provider(cell: str) -> str:
    try:
        return PROVIDERS[plain(cell)].value
    except KeyError:
        raise _WrongCell("provider") from None


def _title(cell: str) -> str:
    if len(cell) > LONGEST_TITLE or not cell.isprintable():
        raise _WrongCell("title")
    return cell


def _day(cell: str, today: date) -> str:
    digits = "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in cell)
    parts = DAY_FIRST.fullmatch(digits)
    try:
        day = date(*(int(parts[place]) for place in (3, 2, 1))) if parts else date.fromisoformat(digits)
    except ValueError:
        raise _WrongCell("completed_on") from None
    if not FIRST_DAY <= day <= today:
        raise _WrongCell("completed_on_range")
    return day.isoformat()


def _link(cell: str) -> str:
    try:
        return checked(cell)
    except WrongLink:
        raise _WrongCell("link") from None


def _competency(cell: str, competencies: AbstractSet[str]) -> str:
    if cell.upper() not in competencies:
        raise _WrongCell("competency")
    return cell.upper()
