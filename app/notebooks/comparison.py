"""Two versions of a notebook, cell by cell and line by line: the text of each cell, and what it is to nbgrader."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any, TypeVar

from app.notebooks.roles import Role, marking_of, role_of

# Lines of one side times lines of the other, over all cells of a comparison: about a second at the very worst.
MOST_LINE_PAIRS = 1_000_000

Key = tuple[str, object]


ORDINARY = Role()


@dataclass(frozen=True)
class Cell:
    """A cell as it is read. number: its place in its notebook, from 1."""

    number: int
    is_code: bool
    source: str
    role: Role = ORDINARY


Cells = Mapping[Key, Cell]


@dataclass(frozen=True)
class Passage:
    """Lines that follow each other. is_own: only this version has them."""

    text: str
    is_own: bool


@dataclass(frozen=True)
class Side:
    """A cell of one of the two versions."""

    cell: Cell
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Difference:
    """A cell that differs. A side is None where the version does not have the cell."""

    earlier: Side | None
    present: Side | None

    @property
    def number(self) -> int:
        """Its place in the present version; in the other for a cell that only that one has."""
        side = self.present or self.earlier
        return side.cell.number if side else 0

    @property
    def has_other_role(self) -> bool:
        """Whether it is something else to nbgrader, or has other points; what is not there counts as ordinary."""
        earlier, present = (side.cell.role if side else Role() for side in (self.earlier, self.present))
        return earlier != present

    @property
    def has_other_kind(self) -> bool:
        """Whether code became text, or text code."""
        return bool(self.earlier and self.present and self.earlier.cell.is_code != self.present.cell.is_code)


@dataclass(frozen=True)
class Same:
    """Cells that follow each other and are equal in both versions."""

    cells: tuple[Cell, ...]


def cells_of(content: bytes) -> Cells:
    """The cells of a stored notebook by what they are matched by, in their order; none of what is no notebook."""
    return {key: _read(cell, number) for number, (key, cell) in enumerate(by_key(content).items(), start=1)}


def by_key(content: bytes) -> dict[Key, Any]:
    """The same with each cell as it stands in the file."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    cells = document.get("cells") if isinstance(document, dict) else None
    found: dict[Key, Any] = {}
    nameless = 0
    for cell in cells if isinstance(cells, list) else []:
        key = next((key for key in names_of(cell) if key not in found), None)
        if key is None:
            nameless += 1
            key = ("place", nameless)
        found[key] = cell
    return found


def source_of(cell: Any) -> str:
    """The text of a cell."""
    if not isinstance(cell, dict):
        return _as_text(cell)
    source = cell.get("source", "")
    return "".join(map(_as_text, source if isinstance(source, list) else [source]))


def names_of(cell: Any) -> Iterator[Key]:
    """What the cell may be matched by, best first; a copied cell has the name of another."""
    if not isinstance(cell, dict):
        return
    for kind, name in (("grade_id", marking_of(cell).get("grade_id")), ("id", cell.get("id"))):
        if name and isinstance(name, str):
            yield kind, name


def _read(cell: Any, number: int) -> Cell:
    is_code = isinstance(cell, dict) and cell.get("cell_type") == "code"
    return Cell(number, is_code=is_code, source=source_of(cell), role=role_of(cell))


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def differing(earlier: Cells, present: Cells) -> int:
    """How many cells are not the same in both."""
    return sum(not _is_same(pair) for pair in _pairs(earlier, present))


def compare(earlier: Cells, present: Cells) -> tuple[Same | Difference, ...]:
    """The whole of both in one order: runs of equal cells, and each cell that differs."""
    parts: list[Same | Difference] = []
    left = MOST_LINE_PAIRS
    for is_same, run in groupby(_pairs(earlier, present), key=_is_same):
        if is_same:
            parts.append(Same(tuple(cell for _earlier, cell in run if cell)))
            continue
        for pair in run:
            left -= _line_pairs(pair)
            parts.append(_difference(*pair, by_line=left >= 0))
    return tuple(parts)


Pair = tuple[Cell | None, Cell | None]


def _pairs(earlier: Cells, present: Cells) -> Iterator[Pair]:
    """Every cell once, in the present version's order; what only the earlier has follows what it followed there."""
    following = cells_following(earlier, present)
    yield from _only_earlier(following.get(None, ()))
    for key, cell in present.items():
        yield earlier.get(key), cell
        yield from _only_earlier(following.get(key, ()))


Value = TypeVar("Value")


def cells_following(one: Mapping[Key, Value], other: Mapping[Key, object]) -> Mapping[Key | None, list[Value]]:
    """What only the one has, by the common cell that it follows there; None for what stands before all of them."""
    following: dict[Key | None, list[Value]] = {}
    before: Key | None = None
    for key, cell in one.items():
        if key in other:
            before = key
        else:
            following.setdefault(before, []).append(cell)
    return following


def _only_earlier(cells: Iterable[Cell]) -> Iterator[Pair]:
    return ((cell, None) for cell in cells)


def _is_same(pair: Pair) -> bool:
    earlier, present = pair
    if earlier is None or present is None:
        return False
    return replace(earlier, number=present.number) == present


def _line_pairs(pair: Pair) -> int:
    earlier, present = pair
    if earlier is None or present is None:
        return 0
    return (earlier.source.count("\n") + 1) * (present.source.count("\n") + 1)


def _difference(earlier: Cell | None, present: Cell | None, *, by_line: bool) -> Difference:
    if earlier is None or present is None or not by_line:
        return Difference(_whole(earlier), _whole(present))
    old, new = earlier.source.split("\n"), present.source.split("\n")
    opcodes = SequenceMatcher(None, old, new).get_opcodes()
    return Difference(
        Side(earlier, _passages((tag, old[start:end]) for tag, start, end, _start, _end in opcodes)),
        Side(present, _passages((tag, new[start:end]) for tag, _start, _end, start, end in opcodes)),
    )


def _whole(cell: Cell | None) -> Side | None:
    return Side(cell, (Passage(cell.source, is_own=True),)) if cell else None


def _passages(tagged: Iterable[tuple[str, list[str]]]) -> tuple[Passage, ...]:
    return tuple(Passage("\n".join(lines), is_own=tag != "equal") for tag, lines in tagged if lines)
