# ruff: noqa: E501 - one sentence a line reads better than wrapped ones
"""Data files as authors bring them: CSV or a workbook, checked line by line, kept as CSV in UTF-8, and described."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from flask_babel import gettext as _

from app.authoring.personal import likeness
from app.content.schemas import DataColumn
from app.core import spreadsheets
from app.core.errors import Refused
from app.core.numbers import read_number

MOST_FILES = 10
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 200_000, 200, 5_000
LONGEST_COLUMN_NAME = 80
LONGEST_NAME = 60
NAMED_LINES = 5
FIRST_ROWS = 10
MEBIBYTE = 1024 * 1024
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.csv")
ENDINGS = (".csv", ".xlsx")
# What pandas reads as an empty value (the default of `na_values` in read_csv of 2.2).
EMPTY_TO_PANDAS = frozenset(
    [
        "",
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
        "<NA>",
        "N/A",
        "NA",
        "NULL",
        "NaN",
        "None",
        "n/a",
        "nan",
        "null",
    ]
)


@dataclass(frozen=True)
class DataTable:
    """A data file. content: as it is kept, CSV in UTF-8 with commas."""

    name: str
    content: bytes
    row_count: int
    columns: tuple[DataColumn, ...]


def read(file_name: str, content: bytes, *, limit_bytes: int) -> DataTable:
    """A file that was sent, as it is kept. Raises Refused with what is wrong and where."""
    name = _name(file_name)
    if len(content) > limit_bytes:
        raise Refused(
            _(
                "“%(name)s” has %(size)s MB; a data file may have %(limit)s MB. Leave out rows or columns that the lab does not need.",
                name=file_name,
                size=f"{len(content) / MEBIBYTE:.1f}",
                limit=f"{limit_bytes / MEBIBYTE:g}",
            ),
            status=413,
        )
    if not content.strip():
        raise Refused(_("“%(name)s” is empty. Its first line must hold the names of the columns.", name=file_name))
    is_workbook = spreadsheets.is_workbook(content)
    records = _of_workbook(file_name, content) if is_workbook else _of_csv(file_name, content)
    return _checked(file_name, name, records)


def _name(file_name: str) -> str:
    """Under which it lies beside the notebook: a workbook becomes a CSV file. Raises Refused."""
    ending = next((each for each in ENDINGS if file_name.lower().endswith(each)), None)
    if ending is None:
        raise Refused(
            _("“%(name)s” is neither a CSV file nor a workbook (.xlsx). Save it as one of these.", name=file_name)
        )
    name = file_name[: -len(ending)] + ".csv"
    if not FILE_NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise Refused(
            _(
                "Rename “%(name)s”: trainees type the name in code, so it has English letters, digits, hyphens and underscores, no spaces, and at most %(most)s signs.",
                name=file_name,
                most=LONGEST_NAME,
            )
        )
    return name


Record = tuple[int, Sequence[str]]


def _of_csv(file_name: str, content: bytes) -> Iterator[Record]:
    """Each record with the line on which it begins; empty lines are passed over."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise Refused(
            _(
                "“%(name)s” is not in UTF-8: line %(line)s cannot be read. In the spreadsheet choose “CSV UTF-8” when you save it, or send the workbook itself.",
                name=file_name,
                line=line,
            )
        ) from None
    separator = spreadsheets.separator_of(text, lambda _heading: False)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for record in reader:
            if record:
                yield begins, record
            begins = reader.line_num + 1
    except csv.Error:
        raise Refused(
            _(
                "“%(name)s” cannot be read as CSV from line %(line)s on: a quotation mark is not closed, or stands inside a cell. Mend that line, or send the workbook.",
                name=file_name,
                line=begins,
            )
        ) from None


def _of_workbook(file_name: str, content: bytes) -> Iterator[Record]:
    sheet = spreadsheets.read_workbook(content)
    yield 1, sheet.headings
    for number, cells in sheet.rows:
        if spreadsheets.FORMULA in cells:
            raise Refused(
                _(
                    "Row %(row)s of “%(name)s” holds a formula. Paste the values in its place, or save the sheet as CSV.",
                    name=file_name,
                    row=number,
                )
            )
        yield number, cells


def _checked(file_name: str, name: str, records: Iterable[Record]) -> DataTable:
    waiting = iter(records)
    _line, headings = next(waiting, (1, ()))
    names = [heading.strip() for heading in headings]
    _check_headings(file_name, names)
    rows = _rows(file_name, waiting, len(names))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    columns = tuple(_column(heading, [row[place] for row in rows]) for place, heading in enumerate(names))
    return DataTable(name, text.getvalue().encode(), len(rows), columns)


def _check_headings(file_name: str, names: Sequence[str]) -> None:
    if len(names) > MOST_COLUMNS:
        raise Refused(
            _(
                "“%(name)s” has %(count)s columns; at most %(most)s can be taken.",
                name=file_name,
                count=len(names),
                most=MOST_COLUMNS,
            )
        )
    if empty := [str(number) for number, name in enumerate(names, 1) if not name]:
        raise Refused(
            _(
                "In “%(name)s” these columns have no name in the first line: %(columns)s. Name them, or take them out.",
                name=file_name,
                columns=str(_(", ")).join(empty[:NAMED_LINES]),
            )
        )
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise Refused(
            _(
                "In “%(name)s” more than one column is called “%(column)s”. Give each its own name.",
                name=file_name,
                column=twice[0],
            )
        )
    if long := next(
        (name for name in names if len(name) > LONGEST_COLUMN_NAME or spreadsheets.is_unreadable(name)), None
    ):
        raise Refused(
            _(
                "In “%(name)s” the name of a column is too long or holds signs that are no text: “%(column)s”. Write it anew.",
                name=file_name,
                column=long[:LONGEST_COLUMN_NAME],
            )
        )
    if all(_is(read_number, name) for name in names):
        raise Refused(
            _(
                "The first line of “%(name)s” holds numbers where the names of the columns belong. Put a line with names above it.",
                name=file_name,
            )
        )


def _rows(file_name: str, records: Iterable[Record], width: int) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = []
    ragged: list[tuple[int, int]] = []
    for line, cells in records:
        if len(rows) == MOST_ROWS:
            raise Refused(
                _(
                    "“%(name)s” has more than %(most)s rows. Leave out what the lab does not need.",
                    name=file_name,
                    most=f"{MOST_ROWS:,}",
                ),
                status=413,
            )
        if any(len(cell) > LONGEST_CELL or "\0" in cell for cell in cells):
            raise Refused(
                _(
                    "A cell on line %(line)s of “%(name)s” is longer than %(most)s signs, or holds signs that are no text.",
                    name=file_name,
                    line=line,
                    most=f"{LONGEST_CELL:,}",
                )
            )
        if len(cells) != width:
            ragged.append((line, len(cells)))
        rows.append(cells)
    if ragged:
        raise Refused(_ragged(file_name, ragged, width))
    if not rows:
        raise Refused(_("“%(name)s” has names of columns but no row below them.", name=file_name))
    return rows


def _ragged(file_name: str, ragged: Sequence[tuple[int, int]], width: int) -> str:
    named = str(_("; ")).join(
        str(_("line %(line)s: %(cells)s", line=line, cells=cells)) for line, cells in ragged[:NAMED_LINES]
    )
    return str(
        _(
            "“%(name)s” has %(width)s columns, but %(count)s lines have more or fewer cells. The first of them: %(lines)s. Mend these lines.",
            name=file_name,
            width=width,
            count=len(ragged),
            lines=named,
        )
    )


def first_rows(path: Path) -> list[list[str]]:
    """The first rows of a file as it is kept, without the headings."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(islice(csv.reader(file), 1, FIRST_ROWS + 1))


def _column(name: str, cells: Sequence[str]) -> DataColumn:
    """As a notebook sees it that reads the file with pandas."""
    values = [cell.strip() for cell in cells if cell not in EMPTY_TO_PANDAS]
    looks_like = likeness(name, values) or ""
    return DataColumn(name=name, kind=_kind(values), missing=len(cells) - len(values), looks_like=looks_like)


def _kind(values: Sequence[str]) -> str:
    if not values:
        return "empty"
    for kind, reads in (("whole", int), ("number", float), ("date", date.fromisoformat)):
        if all(_is(reads, value) for value in values):
            return kind
    return "text"


def _is(reads: Callable[[str], object], value: str) -> bool:
    try:
        reads(value)
    except ValueError:
        return False
    return "_" not in value and value.isascii()
