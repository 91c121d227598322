"""The columns of a lab's data files, as far as the curiosity log names them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MOST_GROUPS = 50


@dataclass(frozen=True)
class Column:
    """has_groups: it holds from 2 to MOST_GROUPS different values, so that groups could be compared by it."""

    name: str
    has_groups: bool


def columns(paths: Iterable[Path]) -> tuple[Column, ...]:
    """The columns of these tables (CSV), each name once; one that is not there has none."""
    found: dict[str, Column] = {}
    for path in paths:
        if path.is_file():
            for column in _of_file(path, path.stat().st_mtime_ns):
                found.setdefault(column.name, column)
    return tuple(found.values())


@cache
def _of_file(path: Path, _changed_at: int) -> tuple[Column, ...]:
    with path.open(encoding="utf-8", newline="") as table:
        rows = csv.reader(table)
        names = next(rows, [])
        values: list[set[str]] = [set() for _name in names]
        for row in rows:
            for seen, value in zip(values, row, strict=False):
                if value and len(seen) <= MOST_GROUPS:
                    seen.add(value)
    return tuple(Column(name, 1 < len(seen) <= MOST_GROUPS) for name, seen in zip(names, values, strict=True))
