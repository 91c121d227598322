"""Rows of which nobody is to tell whose they are or when they came (docs/surveys.md)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, insert
from sqlalchemy.orm import Session

from app.core.db import Base

# SQLite would else number rows as they come.
WITHOUT_ROW_NUMBERS = {"sqlite_with_rowid": False}


def write_anew(
    session: Session, table: type[Base], among: ColumnElement[bool], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Write these rows of a table in place of all among which they are, in an order and under numbers drawn now.

    So neither the place of a row nor what the database itself notes of a row (PostgreSQL's xmin) tells when it came.
    table: its key is `number`, of 32 signs.
    """
    numbered = [{**row, "number": secrets.token_hex(16)} for row in rows]
    secrets.SystemRandom().shuffle(numbered)
    session.execute(delete(table).where(among))
    if numbered:
        session.execute(insert(table), numbered)
