"""An uploaded file, whatever its form, read into rows."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from flask_babel import gettext as _

from app.core import sheets
from app.core.errors import Refused
from app.people import columns, oneroster
from app.people.columns import REQUIRED, GivenRow

ZIP_SIGN = b"PK"
WORKBOOK_PART = "[Content_Types].xml"


@dataclass(frozen=True)
class ReadFile:
    """ignored: headings that mean nothing here."""

    rows: list[GivenRow]
    ignored: list[str]


def read_file(content: bytes, *, today: date) -> ReadFile:
    """Rows of a CSV file, a workbook or a OneRoster archive, told apart by their content. Raises Refused."""
    if content.startswith(ZIP_SIGN) and not _is_workbook(content):
        return _checked(ReadFile(oneroster.read_archive(content, today=today), []))
    sheet = sheets.read_workbook(content) if content.startswith(ZIP_SIGN) else _csv(content)
    found, ignored = columns.columns_of(sheet)
    known = [column for column in found if column]
    if missing := [column for column in REQUIRED if column not in known]:
        raise Refused(
            _(
                "The first row must hold the headings, and these are missing: %(names)s.",
                names=", ".join(columns.heading(column) for column in missing),
            )
        )
    if twice := next((column for column in known if known.count(column) > 1), None):
        raise Refused(_("Two columns are headed “%(name)s”. Leave one of them.", name=columns.heading(twice)))
    return _checked(ReadFile(columns.read_rows(sheet, found, today=today), ignored))


def _is_workbook(content: bytes) -> bool:
    try:
        return WORKBOOK_PART in zipfile.ZipFile(BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _csv(content: bytes) -> sheets.Sheet:
    return sheets.read_csv(content, lambda cell: columns.plain(cell) in columns.COLUMNS)


def _checked(read: ReadFile) -> ReadFile:
    if not read.rows:
        raise Refused(_("The file has headings but no person. Each row below the headings is one person."))
    return read
