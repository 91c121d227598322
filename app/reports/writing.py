"""Tables to take away in each format. All of it is done apart (app/core/apart.py), where pyarrow is loaded as well."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from app.core import spreadsheets
from app.core.spreadsheets import harmless
from app.reports.tidy import Package, TidyTable

DICTIONARY = ("table", "column", "kind", "unit", "meaning", "مطلب")
WIDTHS = {"about": (18, 90), "dictionary": (12, 20, 12, 12, 70, 60)}
WIDTH = 16


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


MIMETYPES = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PARQUET: "application/vnd.apache.parquet",
}


def written(package: Package, format_name: str) -> bytes:
    """The tables as a file of this format; CSV and Parquet hold the first of them."""
    writers = {Format.CSV: as_csv, Format.XLSX: as_workbook, Format.PARQUET: as_parquet}
    return writers[Format(format_name)](package)


def as_csv(package: Package) -> bytes:
    """UTF-8; moments in ISO 8601, empty cells for what is not known."""
    table = package.tables[0]
    rows = ([value.isoformat() if isinstance(value, datetime) else value for value in row] for row in table.rows)
    return spreadsheets.as_csv([column.name for column in table.columns], rows).encode()


def as_workbook(package: Package) -> bytes:
    """Sheets: what the file is of, each table, and the dictionary of all columns."""
    from openpyxl import Workbook  # noqa: PLC0415 - only for this format
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    sheets: dict[str, list[Any]] = {
        "about": [("what", "value"), *package.about],
        **{table.name: [[column.name for column in table.columns], *table.rows] for table in package.tables},
        "dictionary": [DICTIONARY, *_dictionary(package)],
    }
    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for place, width in enumerate(WIDTHS.get(name, (WIDTH,) * len(rows[0])), 1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        for row in rows:
            sheet.append([harmless(_without_zone(value)) for value in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def as_parquet(package: Package) -> bytes:
    """The first table with its types; the file's metadata says of what and by which method, each field's what it is.

    Nothing computes the texts of such a file, so they are kept as they are.
    """
    import pyarrow  # noqa: PLC0415 - sixty megabytes
    from pyarrow import parquet  # noqa: PLC0415

    table = package.tables[0]
    types = {
        "text": pyarrow.string(),
        "whole": pyarrow.int64(),
        "number": pyarrow.float64(),
        "moment": pyarrow.timestamp("us", tz="UTC"),
    }
    fields = [
        pyarrow.field(
            column.name,
            types[column.kind],
            metadata={"unit": column.unit, "meaning": column.english, "meaning_ur": column.urdu},
        )
        for column in table.columns
    ]
    about = {f"hunar.{name}": value for name, value in package.about}
    schema = pyarrow.schema(fields, metadata={**about, "hunar.dictionary": json.dumps(_dictionary(package))})
    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    arrays = [pyarrow.array(column, field.type) for column, field in zip(columns, fields, strict=True)]
    target = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=schema), target)
    return target.getvalue()


def _dictionary(package: Package) -> list[tuple[str, ...]]:
    return [_entry(table, place) for table in package.tables for place in range(len(table.columns))]


def _entry(table: TidyTable, place: int) -> tuple[str, ...]:
    column = table.columns[place]
    return table.name, column.name, column.kind, column.unit, column.english, column.urdu


def _without_zone(value: Any) -> Any:
    """A workbook knows no time zones; its moments are of UTC, as the dictionary says."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
