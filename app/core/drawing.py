"""A sample drawn by a hash, so that nobody can choose it: the same in Python and in the database."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import ColumnElement, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

SQLITE_FUNCTION = "hunar_drawn"


def drawn(name: str) -> int:
    """A number from 0 to 99 that the name of a thing decides: below n for n percent of all things."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % 100


class drawn_in_database(FunctionElement[int]):  # noqa: N801 - reads as a function of SQL
    """`drawn` of a text column."""

    type = Integer()
    inherit_cache = True

    def __init__(self, name: ColumnElement[str]) -> None:
        super().__init__(name)


@compiles(drawn_in_database, "sqlite")
def _on_sqlite(element: drawn_in_database, compiler: Any, **options: Any) -> str:
    return f"{SQLITE_FUNCTION}({compiler.process(element.clauses, **options)})"


@compiles(drawn_in_database, "postgresql")
def _on_postgresql(element: drawn_in_database, compiler: Any, **options: Any) -> str:
    name = compiler.process(element.clauses, **options)
    return f"mod(('x' || substr(encode(sha256(convert_to({name}, 'UTF8')), 'hex'), 1, 8))::bit(32)::bigint, 100)"
