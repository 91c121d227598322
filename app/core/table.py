"""A table as a page prints it, with `figures_table` of macros/table.html."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """columns: headings, the first names the rows; rows: cells as texts."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
