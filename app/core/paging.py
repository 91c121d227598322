"""Long lists, a page at a time: by number, so that a link and the way back lead to the same place."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, TypeVarTuple
from urllib.parse import urlencode

from flask import request
from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

# Rows of a page: some ten kilobytes compressed, a few seconds on a weak link.
PAGE_SIZE = 50
Item = TypeVar("Item")
Made = TypeVar("Made")
Columns = TypeVarTuple("Columns")


@dataclass(frozen=True)
class Wanted:
    """Which page of a list is asked for. name: the list's own in the address; number: counts from 1."""

    name: str = "page"
    number: int = 1
    size: int = PAGE_SIZE

    def within(self, total: int) -> Wanted:
        """The page nearest to this that a list of `total` rows has."""
        return Wanted(self.name, min(max(1, self.number), max(1, math.ceil(total / self.size))), self.size)


@dataclass(frozen=True)
class Page(Generic[Item]):
    """A page of a list. total: rows of the whole list."""

    rows: tuple[Item, ...]
    total: int
    wanted: Wanted

    @property
    def number(self) -> int:
        return self.wanted.number

    @property
    def pages(self) -> int:
        """How many there are, at least one."""
        return max(1, math.ceil(self.total / self.wanted.size))

    @property
    def first(self) -> int:
        """Place of the first row in the list, counted from 1; one more than the last where the list is empty."""
        return (self.number - 1) * self.wanted.size + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def place(self) -> str:
        """Where in the document the list stands: an id."""
        return f"{self.wanted.name}-list"

    @property
    def numbers(self) -> tuple[int | None, ...]:
        """Pages to offer: the first, the last and those about this one; None where some are left out."""
        shown = sorted({1, *range(max(1, self.number - 1), min(self.pages, self.number + 1) + 1), self.pages})
        found: list[int | None] = []
        for number in shown:
            if found and found[-1] is not None and number > found[-1] + 1:
                found.append(None)
            found.append(number)
        return tuple(found)

    def address(self, number: int, path: str) -> str:
        """Where another page of this list is; everything else that the present address says stays."""
        kept = [(name, value) for name, value in request.args.items(multi=True) if name != self.wanted.name]
        query = urlencode([*kept, (self.wanted.name, str(number))] if number > 1 else kept)
        return f"{path}{'?' if query else ''}{query}#{self.place}"

    def made(self, make: Callable[[Sequence[Item]], Sequence[Made]]) -> Page[Made]:
        """The same page with other rows, made of its own at once."""
        return Page(tuple(make(self.rows)), self.total, self.wanted)


def wanted(name: str = "page", *, size: int = PAGE_SIZE) -> Wanted:
    """The page of a list that the present address asks for; the first where it names none, or nonsense."""
    try:
        return Wanted(name, int(request.args.get(name, "1")), size)
    except ValueError:
        return Wanted(name, 1, size)


def page_of(session: Session, statement: Select[*Columns], asked: Wanted) -> Page[Row[*Columns]]:
    """A page of what an ordered statement selects, the nearest there is to the one asked for.

    By two statements; by one where the first page holds the whole list.
    """
    if asked.number <= 1:
        beginning = session.execute(statement.limit(asked.size + 1)).all()
        if len(beginning) <= asked.size:
            return Page(tuple(beginning), len(beginning), asked.within(len(beginning)))
        return Page(tuple(beginning[: asked.size]), _total(session, statement), asked.within(1))
    total = _total(session, statement)
    found = asked.within(total)
    rows = session.execute(statement.limit(found.size).offset((found.number - 1) * found.size))
    return Page(tuple(rows), total, found)


def _total(session: Session, statement: Select[*Columns]) -> int:
    return session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0


def page_of_things(session: Session, statement: Select[Item], asked: Wanted) -> Page[Item]:
    """The same for a statement that selects one thing in each row."""
    return page_of(session, statement, asked).made(lambda rows: [row[0] for row in rows])


def page_of_rows(rows: Sequence[Item], asked: Wanted) -> Page[Item]:
    """A page of a list that had to be made as a whole."""
    found = asked.within(len(rows))
    begin = (found.number - 1) * found.size
    return Page(tuple(rows[begin : begin + found.size]), len(rows), found)
