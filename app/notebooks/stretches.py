"""Which of the many saved states of a notebook its history lists."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Select, cast, extract, func, or_, select

from app.core.db import Base

# A page saves every few seconds: of what one window wrote in each stretch only the last is listed.
STRETCH_SECONDS = 600


def listed(states: Select[Any], table: type[Base]) -> Select[int]:
    """Ids of those that were the newest when a stretch ended, or when another window or a choice took their place.

    states: all of one notebook, of `table`, which has the columns id, saved_at, writer and aside. What was kept aside
    was never the newest.
    """
    columns = table.__table__.c
    stretch = cast(extract("epoch", columns.saved_at), BigInteger) // STRETCH_SECONDS
    newest = states.where(columns.aside.is_(False)).order_by(None)
    each = newest.with_only_columns(
        columns.id,
        columns.writer,
        stretch.label("stretch"),
        func.lead(columns.writer).over(order_by=columns.id).label("next_writer"),
        func.lead(stretch).over(order_by=columns.id).label("next_stretch"),
    ).subquery()
    ended = each.c.next_stretch.is_distinct_from(each.c.stretch)
    # No window writes what was chosen: the original, an earlier version, answers moved into another version.
    replaced = or_(each.c.next_writer.is_distinct_from(each.c.writer), each.c.next_writer == "")
    return select(each.c.id).where(or_(ended, replaced))
