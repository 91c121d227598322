"""What a tidy table is. Apart from what makes one, so that the process that writes it loads nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "whole", "number", "moment"]
Content = Literal["records", "groups"]
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    """unit: empty where there is none."""

    name: str
    kind: Kind
    unit: str
    english: str
    urdu: str


@dataclass(frozen=True)
class TidyTable:
    """rows: values of the kinds of the columns; None for what is not known or withheld."""

    name: Content
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Package:
    """Tables to take away and what they are of; a file of a single table holds the first."""

    tables: tuple[TidyTable, ...]
    about: tuple[tuple[str, str], ...]
