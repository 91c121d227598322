"""Uploaded workbooks and CSV files, read into rows, with everything that is wrong in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from flask_babel import gettext as _

from app.core import spreadsheets
from app.core.errors import Refused
from app.core.spreadsheets import FORMULA, Sheet, is_workbook, plain
from app.foresight.columns import NEEDED_SHEETS, SHEETS, Column, Value, WrongCell, read_cell, sheet_named

Row = dict[str, Any]
Rows = dict[str, list[Row]]
# What a study can compute in a minute, and a page can show.
MOST_DEPARTMENTS, MOST_CADRES = 40, 60
KNOWN_HEADINGS = {plain(column.name) for columns in SHEETS.values() for column in columns}


@dataclass(frozen=True)
class Problem:
    """What is wrong. row: 0 for the whole sheet; column: empty for the whole row; code: see app.foresight.wording."""

    sheet: str
    row: int
    column: str
    code: str
    value: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"sheet": self.sheet, "row": self.row, "column": self.column, "code": self.code, "value": self.value}


@dataclass
class Read:
    """Rows by sheet; each has its number in the file under `row`. ignored: sheets and headings that mean nothing."""

    rows: Rows = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def read_files(files: Sequence[tuple[str, bytes]]) -> Read:
    """Files by name: one workbook, or CSV files named after their sheets. Raises Refused."""
    read = Read()
    for name, content in files:
        sheets, unknown = _sheets(name, content)
        read.ignored += unknown
        for title, sheet in sheets.items():
            known = sheet_named(title)
            if known is None:
                continue
            if known in read.rows:
                raise Refused(_("The sheet “%(name)s” is there twice. Send it once.", name=known))
            read.rows[known] = []
            _read_sheet(read, known, sheet)
    if not read.rows:
        raise Refused(_("No sheet is known. They must be named: %(names)s.", names=", ".join(SHEETS)))
    return read


def _sheets(name: str, content: bytes) -> tuple[Mapping[str, Sheet], list[str]]:
    if content.startswith(b"PK") and is_workbook(content):
        return spreadsheets.read_sheets(content, lambda title: sheet_named(title) is not None)
    title = PurePath(name).stem
    if sheet_named(title) is None:
        raise Refused(
            _(
                "“%(file)s” is no workbook, and no CSV file named after a sheet, like posts.csv. "
                "The sheets are: %(names)s.",
                file=name[-80:],
                names=", ".join(SHEETS),
            )
        )
    return {title: spreadsheets.read_csv(content, lambda cell: plain(cell) in KNOWN_HEADINGS)}, []


def _read_sheet(read: Read, name: str, sheet: Sheet) -> None:
    columns = {plain(column.name): column for column in SHEETS[name]}
    found = [columns.get(plain(heading)) for heading in sheet.headings]
    read.ignored += [
        f"{name}: {heading.strip()[:80]}"
        for heading, column in zip(sheet.headings, found, strict=True)
        if heading.strip() and column is None
    ]
    missing = [column for column in SHEETS[name] if column not in found and column.default is None]
    if missing:
        names = ", ".join(column.name for column in missing)
        read.problems.append(Problem(name, 1, "", "missing_columns", names))
        return
    if twice := [column.name for column in SHEETS[name] if found.count(column) > 1]:
        read.problems.append(Problem(name, 1, "", "repeated_headings", ", ".join(twice)))
        return
    for number, cells in sheet.rows:
        written = {column.name: cell for column, cell in zip(found, cells, strict=True) if column}
        row, problems = _read_row(name, number, written)
        without = (cell for cell, heading in zip(cells, sheet.headings, strict=True) if not heading.strip())
        if any(cell.strip() for cell in without):
            problems.append(Problem(name, number, "", "cell_without_heading"))
        read.problems += problems
        if not problems:
            read.rows[name].append(row)
    if not sheet.rows:
        read.problems.append(Problem(name, 1, "", "no_rows"))


def _read_row(name: str, number: int, written: Mapping[str, str]) -> tuple[Row, list[Problem]]:
    row: Row = {"row": number}
    problems = []
    for column in SHEETS[name]:
        cell = written.get(column.name, "")
        cell = cell if cell == FORMULA else " ".join(cell.split())
        try:
            row[column.name] = read_cell(column, cell)
        except WrongCell as wrong:
            problems.append(Problem(name, number, column.name, str(wrong), "" if cell == FORMULA else cell[:80]))
    return row, problems


def problems_between(rows: Rows, competencies: Collection[str]) -> list[Problem]:
    """What does not fit together in all sheets. competencies: codes of the framework."""
    missing = [Problem(name, 0, "", "missing_sheet") for name in NEEDED_SHEETS if not rows.get(name)]
    return [
        *missing,
        *(problem for name in rows for problem in _repeated(name, rows[name])),
        *_unknown(rows, competencies),
        *_impossible(rows),
        *_too_many_leave(rows),
    ]


def _repeated(name: str, rows: Iterable[Row]) -> Iterator[Problem]:
    keys = [column.name for column in SHEETS[name] if column.in_key]
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(plain(str(row[column])) for column in keys)
        if first.setdefault(key, row["row"]) != row["row"]:
            yield Problem(name, row["row"], "", "repeated", str(first[key]))


def _unknown(rows: Rows, competencies: Collection[str]) -> Iterator[Problem]:
    posts = rows.get("posts", [])
    departments = {plain(row["department"]) for row in posts}
    cadres = {plain(row["cadre"]) for row in posts}
    for what, names, most in (("departments", departments, MOST_DEPARTMENTS), ("cadres", cadres, MOST_CADRES)):
        if len(names) > most:
            yield Problem("posts", 0, "", f"too_many_{what}", str(most))
    for name, column in _columns_of("department", "from_department", "to_department"):
        for row in rows.get(name, []):
            if plain(row[column.name]) not in departments:
                yield Problem(name, row["row"], column.name, "unknown_department", row[column.name])
    for row in rows.get("role_profile", []):
        if plain(row["cadre"]) not in cadres:
            yield Problem("role_profile", row["row"], "cadre", "unknown_cadre", row["cadre"])
        if row["competency"] not in competencies:
            yield Problem("role_profile", row["row"], "competency", "unknown_competency", row["competency"])


def _columns_of(*names: str) -> list[tuple[str, Column]]:
    return [(name, column) for name, columns in SHEETS.items() for column in columns if column.name in names]


def _impossible(rows: Rows) -> Iterator[Problem]:
    for row in rows.get("posts", []):
        if row["women"] > row["filled"]:
            yield Problem("posts", row["row"], "women", "more_than_filled", str(row["women"]))
    for row in rows.get("outcomes", []):
        if row["reached"] > row["trained"]:
            yield Problem("outcomes", row["row"], "reached", "more_than_trained", str(row["reached"]))
    for row in rows.get("transfers", []):
        if plain(row["from_department"]) == plain(row["to_department"]):
            yield Problem("transfers", row["row"], "to_department", "same_department", row["to_department"])


def _too_many_leave(rows: Rows) -> Iterator[Problem]:
    """Nobody can leave who is not there: in no year more than the posts that were filled when last given."""
    filled: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows.get("posts", []):
        filled[plain(row["department"])][row["year"]] += row["filled"]
    leaving: dict[tuple[str, int], list[tuple[str, Row]]] = defaultdict(list)
    for name, column in (("retirements", "department"), ("transfers", "from_department")):
        for row in rows.get(name, []):
            leaving[plain(row[column]), row["year"]].append((name, row))
    for (department, year), found in leaving.items():
        given = [each for each in filled[department] if each <= year]
        present = filled[department][max(given)] if given else min(filled[department].values(), default=0)
        if filled[department] and sum(row["people"] for _name, row in found) > present:
            name, row = found[-1]
            yield Problem(name, row["row"], "people", "too_many_leave", str(present))


def value_of(row: Row, column: str) -> Value | None:
    """A cell that may be empty; None where it is."""
    value: Value = row[column]
    return None if value == "" else value
