"""A release as one archive, with each table as Parquet as well. All of it is done apart (app/core/apart.py)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "whole", "decimal"]
READ = {"text": str, "whole": int, "decimal": float}


@dataclass(frozen=True)
class TypedColumn:
    """said: what the dictionary says of it, by the dictionary's own columns."""

    name: str
    kind: Kind
    said: Mapping[str, str]


@dataclass(frozen=True)
class TypedTable:
    """lines: as they stand in the CSV; an empty cell of a number is one that is not known."""

    file: str
    columns: tuple[TypedColumn, ...]
    lines: Sequence[Sequence[str | int]]
    about: Mapping[str, str]


def archived(texts: Mapping[str, str], tables: Sequence[TypedTable]) -> bytes:
    """A zip of these texts and tables, by the names of their files. No file says when it was written."""
    files: dict[str, str | bytes] = {**texts, **{table.file: as_parquet(table) for table in tables}}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def as_parquet(table: TypedTable) -> bytes:
    """The dictionary is in the metadata: of each field what it says of the column, of the file all of that as JSON."""
    import pyarrow  # noqa: PLC0415 - sixty megabytes
    from pyarrow import parquet  # noqa: PLC0415

    types = {"text": pyarrow.string(), "whole": pyarrow.int64(), "decimal": pyarrow.float64()}
    fields = [pyarrow.field(each.name, types[each.kind], metadata=dict(each.said)) for each in table.columns]
    dictionary = [{"column": each.name, **each.said} for each in table.columns]
    about = {f"hunar.{name}": value for name, value in table.about.items()}
    schema = pyarrow.schema(fields, metadata={**about, "hunar.dictionary": json.dumps(dictionary, ensure_ascii=False)})
    columns = zip(*table.lines, strict=True) if table.lines else [()] * len(fields)
    arrays = [
        pyarrow.array([_value(cell, each.kind) for cell in cells], types[each.kind])
        for each, cells in zip(table.columns, columns, strict=True)
    ]
    target = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=schema), target)
    return target.getvalue()


def _value(cell: str | int, kind: Kind) -> str | int | float | None:
    return None if kind != "text" and cell == "" else READ[kind](cell)
