"""Files of rows as they come: CSV of any usual encoding and separator, and workbooks of a spreadsheet.

Everything a file may do to the reader is bounded here: its unpacked size, its rows, columns and the length of a cell.
"""

from __future__ import annotations

import codecs
import csv
import io
import lzma
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from flask_babel import gettext as _
from openpyxl import load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from app.core.errors import Refused

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 10_000, 60, 1_000
# So many lines for each row that a table may have: empty ones are passed over, but not without end.
LINES_A_ROW = 5
# So far to the right a workbook is looked through for cells that are too many: to the end of older formats (IV).
FARTHEST_COLUMN = 256
MEBIBYTE = 1024 * 1024
MOST_UNPACKED = 64 * MEBIBYTE
MOST_FILES = 500
# Bytes in which headings in UTF-8 hold no zero, and those in UTF-16 at least that of a separator.
HEADINGS_BEGIN = 40
SEPARATORS = ",;\t"
FORMULA = "\N{NULL}formula"
# A spreadsheet takes a cell that begins like this for something to compute.
FORMULA_SIGNS = ("=", "+", "-", "@")
# Signs before it that some spreadsheets pass over, and the wide forms that some read as the sign itself.
COMPUTED = (*FORMULA_SIGNS, "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# What zipfile raises for a file that is damaged, encrypted or packed in a way that it does not know: by itself, or from
# the library that unpacks a part.
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError)
WORKBOOK_PART = "[Content_Types].xml"
Made = TypeVar("Made")


@dataclass(frozen=True)
class Sheet:
    """A table. rows: each with its number, the headings' being 1; every row has as many cells as the widest."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


class EmptyTable(Refused):
    """A table that has not even headings."""


def read_csv(content: bytes, is_known: Callable[[str], bool], *, most_rows: int = MOST_ROWS) -> Sheet:
    """A CSV file. is_known: whether a heading is one of those by which its separator is told. Raises Refused."""
    text = decoded(content)
    separator = separator_of(text, is_known)
    try:
        return sheet_of(csv.reader(io.StringIO(text, newline=""), delimiter=separator), most_rows)
    except csv.Error:
        raise Refused(
            _("The file cannot be read as CSV. Save it anew from the spreadsheet, or send the workbook.")
        ) from None


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8 or UTF-16, with or without a byte order mark. Raises Refused."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif 0 in (begin := content[:HEADINGS_BEGIN])[1::2]:
        encoding = "utf-16-le"
    elif 0 in begin[::2]:
        encoding = "utf-16-be"
    else:
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise Refused(
            _(
                "The letters of this file cannot be read: it is neither UTF-8 nor UTF-16. "
                "In the spreadsheet choose “CSV UTF-8” when you save it, or send the workbook itself."
            )
        ) from None


def separator_of(text: str, is_known: Callable[[str], bool]) -> str:
    """Comma, semicolon or tab: the one by which the first line falls into the most known headings, then cells."""

    def worth(separator: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
        except csv.Error:
            return 0, 0
        return sum(is_known(cell) for cell in cells), len(cells)

    return max(SEPARATORS, key=worth)


def read_workbook(content: bytes) -> Sheet:
    """The first sheet of a workbook (XLSX); a cell that holds a formula is marked as one. Raises Refused."""
    return _read(content, lambda book: _sheet(book.worksheets[0]))


def read_sheets(content: bytes, is_known: Callable[[str], bool]) -> tuple[dict[str, Sheet], list[str]]:
    """The sheets of a workbook that bear a known name and hold anything, by name; and names of all others.

    Raises Refused.
    """

    def known(book: Any) -> tuple[dict[str, Sheet], list[str]]:
        titles = [str(title) for title in book.sheetnames]
        found = {title: _sheet_that_holds_anything(book[title]) for title in titles if is_known(title)}
        filled = {title: sheet for title, sheet in found.items() if sheet is not None}
        return filled, [title for title in titles if title not in filled]

    return _read(content, known)


def _sheet_that_holds_anything(sheet: Any) -> Sheet | None:
    try:
        return _sheet(sheet)
    except EmptyTable:
        return None


def _sheet(sheet: Any) -> Sheet:
    return sheet_of([_written(cell) for cell in row] for row in sheet.iter_rows(max_col=FARTHEST_COLUMN))


def _read(content: bytes, read: Callable[[Any], Made]) -> Made:
    with opened(content):
        try:
            return read(load_workbook(io.BytesIO(content), read_only=True, keep_links=False))
        # openpyxl raises whatever a damaged part of the workbook leads to.
        except (*DAMAGED, KeyError, TypeError, IndexError, AttributeError, SyntaxError):
            raise Refused(_("The workbook cannot be read. Save it anew as .xlsx, or as CSV UTF-8.")) from None


def _written(cell: Any) -> str:
    if cell.data_type == "f":
        return FORMULA
    match cell.value:
        case None:
            return ""
        case datetime() as moment:
            return moment.date().isoformat()
        case date() as day:
            return day.isoformat()
        case (int() | float()) as number if not isinstance(number, bool):
            return _number(number, cell.number_format or "")
        case value:
            return str(value)


def _number(number: float, shown_as: str) -> str:
    """As a person reads it in the cell. shown_as: the cell's format."""
    if "%" in shown_as:
        return f"{100 * number:.12g}%"
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)


def opened(content: bytes) -> zipfile.ZipFile:
    """A packed file whose parts are few and small enough to be unpacked. Raises Refused."""
    try:
        packed = zipfile.ZipFile(io.BytesIO(content))
    except DAMAGED:
        raise Refused(_("The file is damaged: it cannot be unpacked. Save or download it anew.")) from None
    parts = packed.infolist()
    # A part gives no more than the size it declares (zipfile), so the sum of these is a bound.
    if len(parts) > MOST_FILES or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Refused(_("Unpacked, the file would be too large. Split it into several."), status=413)
    return packed


def is_workbook(content: bytes) -> bool:
    """Whether a file is a workbook, whatever it is called."""
    try:
        return WORKBOOK_PART in zipfile.ZipFile(io.BytesIO(content)).namelist()
    except DAMAGED:
        return False


def plain(heading: str) -> str:
    """A heading without what people write differently: capitals, lines between words, marks above letters."""
    decomposed = unicodedata.normalize("NFKD", heading.replace("\N{ZERO WIDTH NON-JOINER}", " "))
    letters = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[_\-]", " ", unicodedata.normalize("NFKC", letters)).casefold().split())


def is_unreadable(cell: str) -> bool:
    """Whether a cell holds signs that are no text."""
    return any(unicodedata.category(sign) in ("Cc", "Cs", "Co", "Cn") for sign in cell)


def sheet_of(records: Iterable[Sequence[str]], most_rows: int = MOST_ROWS) -> Sheet:
    """Headings and rows of a table whose first line that is not empty holds the headings.

    Raises EmptyTable where there is no such line; Refused.
    """
    filled = _filled(records, LINES_A_ROW * most_rows)
    first = next(filled, None)
    if first is None:
        raise EmptyTable(_("The file is empty. Its first row must hold the headings."))
    headings = first[1]
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in filled:
        if len(rows) == most_rows:
            raise Refused(
                _("The file has more than %(most)s rows. Split it into several.", most=f"{most_rows:,}"), status=413
            )
        rows.append((number, cells))
    width = max([len(headings), *(len(cells) for _number, cells in rows)])
    padded = tuple((number, cells + ("",) * (width - len(cells))) for number, cells in rows)
    return Sheet(headings + ("",) * (width - len(headings)), padded)


def _filled(records: Iterable[Sequence[str]], last_line: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, record in enumerate(records, 1):
        if number > last_line:
            raise Refused(_("The file goes on for too many empty rows. Delete them and send it again."), status=413)
        cells = _without_empty_end(record)
        if len(cells) > MOST_COLUMNS:
            raise Refused(_("Row %(row)s has more than %(most)s cells.", row=number, most=MOST_COLUMNS), status=413)
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise Refused(
                _("A cell of row %(row)s is longer than %(most)s characters.", row=number, most=f"{LONGEST_CELL:,}"),
                status=413,
            )
        if any(cell.strip() for cell in cells):
            yield number, cells


def _without_empty_end(cells: Sequence[str]) -> tuple[str, ...]:
    end = next((place for place in range(len(cells), 0, -1) if cells[place - 1]), 0)
    return tuple(cells[:end])


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would compute is marked as a text; signs that a workbook cannot hold are left out."""
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    return f"'{text}" if text.startswith(COMPUTED) else text


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Text with a byte order mark, by which spreadsheets know Urdu letters; empty cells for what is None."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([harmless(value) for value in row] for row in rows)
    return "\ufeff" + text.getvalue()
