"""What the columns of a file are called, in English and Urdu, and what their cells mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.accounts.postings import FIRST_GRADE, LAST_GRADE
from app.core.access import Role
from app.core.numbers import number_between
from app.core.spreadsheets import FORMULA, FORMULA_SIGNS, Sheet, is_unreadable, plain

# By column: in English and in Urdu, the one that our pages name first.
HEADINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "username": (("username", "user name", "login"), ("صارف نام", "صارف کا نام", "یوزر نیم")),
    "full_name": (("full name", "name"), ("نام", "پورا نام")),
    "department": (("department",), ("محکمہ",)),
    "grade": (("grade", "bps", "bps grade", "pay scale"), ("گریڈ", "بی پی ایس", "سکیل", "اسکیل")),
    "posting_date": (
        ("posting date", "posted on", "date of posting"),
        ("تعیناتی کی تاریخ", "تاریخ تعیناتی"),
    ),
    "district": (("district",), ("ضلع",)),
    "role": (("role",), ("کردار",)),
    "language": (("language",), ("زبان",)),
    "cohort": (("cohort",), ("گروپ",)),
}
REQUIRED = ("username", "full_name")
ROLES: dict[str, Role] = {
    **{role.value: role for role in Role},
    "student": Role.TRAINEE,
    "teacher": Role.INSTRUCTOR,
    "زیر تربیت افسر": Role.TRAINEE,
    "انسٹرکٹر": Role.INSTRUCTOR,
    "منتظم": Role.ADMINISTRATOR,
    "آڈیٹر": Role.AUDITOR,
}
LANGUAGES = {"en": "en", "english": "en", "انگریزی": "en", "ur": "ur", "urdu": "ur", "اردو": "ur"}
LENGTHS = {"full_name": 120, "department": 120, "district": 80, "cohort": 120}
USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,119}")
GRADE = re.compile(r"(?:(?:bps|bs|scale|بی پی ایس)[\s.-]*)?(\w+)")
DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
FIRST_DAY = date(1950, 1, 1)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell, or with a row where `column` is empty. code: one of app.people.wording."""

    column: str
    code: str
    value: str = ""

    def as_json(self) -> dict[str, str]:
        return {"column": self.column, "code": self.code, "value": self.value}


@dataclass
class GivenRow:
    """A row, read. values: what its cells that are not empty say, by column; cohorts, and those it teaches: by name."""

    number: int
    username: str
    values: dict[str, Any] = field(default_factory=dict)
    cohorts: list[str] = field(default_factory=list)
    teaches: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        values = {name: value.isoformat() if isinstance(value, date) else value for name, value in self.values.items()}
        return {"values": values, "cohorts": self.cohorts, "teaches": self.teaches}

    @classmethod
    def of_json(cls, number: int, username: str, kept: Mapping[str, Any]) -> GivenRow:
        values = dict(kept["values"])
        if "posting_date" in values:
            values["posting_date"] = date.fromisoformat(values["posting_date"])
        # A preview that an earlier version kept says nothing of who teaches.
        return cls(number, username, values, list(kept["cohorts"]), list(kept.get("teaches", ())))


class WrongCell(ValueError):
    """A cell that does not say what its column asks for; the code of the problem."""


COLUMNS = {plain(heading): column for column, names in HEADINGS.items() for heading in (*names[0], *names[1])}
_ROLES = {plain(name): role for name, role in ROLES.items()}
_LANGUAGES = {plain(name): code for name, code in LANGUAGES.items()}


def heading(column: str) -> str:
    """What our pages call a column of a file: in English and in Urdu."""
    english, urdu = HEADINGS[column]
    return f"{english[0]} ({urdu[0]})"


def columns_of(sheet: Sheet) -> tuple[list[str | None], list[str]]:
    """The column that each heading means, None where it means none; and the headings that mean none."""
    found = [COLUMNS.get(plain(heading)) for heading in sheet.headings]
    unknown = [heading.strip() for heading, column in zip(sheet.headings, found, strict=True) if column is None]
    return found, [heading for heading in unknown if heading]


def read_rows(sheet: Sheet, columns: Sequence[str | None], *, today: date) -> list[GivenRow]:
    """Every row of a table whose columns are known, with what is wrong in it."""
    rows = [
        read_row(number, {column: cell for column, cell in zip(columns, cells, strict=True) if column}, today=today)
        for number, cells in sheet.rows
    ]
    for (_number, cells), row in zip(sheet.rows, rows, strict=True):
        spare = (cell for cell, heading in zip(cells, sheet.headings, strict=True) if not heading.strip())
        if any(cell.strip() for cell in spare):
            row.problems.append(Problem("", "cell_without_heading"))
    mark_repeated(rows)
    return rows


def read_row(number: int, cells: Mapping[str, str], *, today: date) -> GivenRow:
    """What the cells of a row say, by column."""
    row = GivenRow(number, " ".join(cells.get("username", "").split())[:120].lower())
    for column, written in cells.items():
        cell = written if written == FORMULA else " ".join(written.split())
        if not cell:
            continue
        try:
            value = read_cell(column, cell, today)
        except WrongCell as wrong:
            row.problems.append(Problem(column, str(wrong), "" if cell == FORMULA else cell[:80]))
        else:
            if column == "cohort":
                row.cohorts.append(value)
            elif column != "username":
                row.values[column] = value
    if not row.username:
        row.problems.append(Problem("username", "missing"))
    return row


def mark_repeated(rows: Sequence[GivenRow]) -> None:
    """A person has one row; each later one is wrong and names the first."""
    first: dict[str, int] = {}
    for row in rows:
        if row.username and first.setdefault(row.username, row.number) != row.number:
            row.problems.append(Problem("username", "repeated", str(first[row.username])))


def read_cell(column: str, cell: str, today: date) -> Any:
    """What a cell that is not empty means. Raises WrongCell."""
    if cell == FORMULA or (column not in ("grade", "posting_date") and cell.startswith(FORMULA_SIGNS)):
        raise WrongCell("formula")
    if is_unreadable(cell):
        raise WrongCell("unreadable")
    if len(cell) > LENGTHS.get(column, len(cell)):
        raise WrongCell("too_long")
    reader: Callable[[str], Any] | None = READERS.get(column)
    if column == "posting_date":
        return _day(cell, today)
    return reader(cell) if reader else cell


def _username(cell: str) -> str:
    if not USERNAME.fullmatch(cell.lower()):
        raise WrongCell("username")
    return cell.lower()


def _grade(cell: str) -> int:
    digits = GRADE.fullmatch(cell.lower())
    number = number_between(digits[1], FIRST_GRADE, LAST_GRADE) if digits else None
    if number is None or number != int(number):
        raise WrongCell("grade")
    return int(number)


def _day(cell: str, today: date) -> date:
    digits = "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in cell)
    parts = DAY_FIRST.fullmatch(digits)
    try:
        day = date(int(parts[3]), int(parts[2]), int(parts[1])) if parts else datetime.fromisoformat(digits).date()
    except ValueError:
        raise WrongCell("posting_date") from None
    if not FIRST_DAY <= day <= today:
        raise WrongCell("posting_date_range")
    return day


def _role(cell: str) -> str:
    try:
        return _ROLES[plain(cell)].value
    except KeyError:
        raise WrongCell("role") from None


def _language(cell: str) -> str:
    try:
        return _LANGUAGES[plain(cell)]
    except KeyError:
        raise WrongCell("language") from None


READERS: dict[str, Callable[[str], Any]] = {
    "username": _username,
    "grade": _grade,
    "role": _role,
    "language": _language,
}
