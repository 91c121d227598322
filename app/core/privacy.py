"""The one rule on figures about groups: which are withheld, and how exactly the others are given.

Domain notes, section 4.4. A figure about fewer than ten people is withheld; a share of ten to nineteen is given as a
band of ten points. In a table of counts whose totals are shown, further cells are withheld until nothing that is hidden
can be worked out from what is shown; and of two groups that differ by a few people only one is shown. Of what people
answer in a survey, nothing is shown of fewer than fifteen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

import numpy as np
import numpy.typing as npt

SMALLEST_GROUP = 10
# What people think of their work is nearer to them than what they can do.
SMALLEST_SURVEYED_GROUP = 15
SMALLEST_EXACT_GROUP = 20
BAND = 0.10
# Two groups of ten or more that differ by nine or fewer have at least so many people in common: (10 + 10 - 9) / 2.
LEAST_SHARED = (SMALLEST_GROUP + 2) // 2

Name = TypeVar("Name", bound=Hashable)
Cell = tuple[int, int]


@dataclass(frozen=True)
class ShownShare:
    """A share as exactly as its group allows: the band that holds it, or twice the share itself."""

    low: float
    high: float

    @property
    def is_exact(self) -> bool:
        return self.low == self.high


def is_large_enough(people: int) -> bool:
    """Whether a figure about so many people may be shown at all."""
    return people >= SMALLEST_GROUP


def is_large_enough_for_survey(people: int) -> bool:
    """Whether a figure about what so many people answered in a survey may be shown at all."""
    return people >= SMALLEST_SURVEYED_GROUP


def shown_share(share: float, people: int) -> ShownShare | None:
    """What may be shown of a share (0 to 1) that describes so many people; None for nothing."""
    if not is_large_enough(people):
        return None
    if people >= SMALLEST_EXACT_GROUP:
        return ShownShare(share, share)
    # Rounded first, since 0.7 in floating point may lie just below 0.7; the last band holds 1 as well.
    low = min(math.floor(round(share / BAND, 9)), round(1 / BAND) - 1) * BAND
    return ShownShare(low, low + BAND)


def may_stand_beside(people: Collection[int], shown: Collection[int]) -> bool:
    """Whether means of these people may be shown beside those of a group that is shown."""
    return is_large_enough(len(people)) and not _too_alike(frozenset(people), frozenset(shown))


def withheld_groups(groups: Mapping[Name, Collection[int]]) -> set[Name]:
    """Names of the groups of people about which nothing is shown.

    They are too small, or differ from a group that is shown by so few people that the difference would tell of those.
    Larger groups go before smaller ones; two groups of the same people tell nothing by their difference.
    """
    members = {name: frozenset(people) for name, people in groups.items()}
    shown: list[Name] = []
    withheld: set[Name] = set()
    shown_with: dict[int, set[int]] = {}
    for name in sorted(members, key=lambda each: -len(members[each])):
        people = members[name]
        # Groups that share nobody differ by at least one whole group, so only the others are compared.
        rivals = {place for person in people for place in shown_with.get(person, ())}
        if not is_large_enough(len(people)) or any(_too_alike(people, members[shown[place]]) for place in rivals):
            withheld.add(name)
            continue
        for person in people:
            shown_with.setdefault(person, set()).add(len(shown))
        shown.append(name)
    return withheld


def tells_of_few(groups: Sequence[Collection[Hashable]]) -> bool:
    """Whether something about one to nine people follows from the sums over these groups of people, all shown.

    People of the same groups stand together in every sum. A few of them are told of when some combination of the sums
    leaves all others out: when, without those people, fewer of the sums are independent of one another.
    """
    alike = Counter(tuple(person in group for group in groups) for person in set().union(*groups))
    kinds = sorted(alike)
    sums = np.array(kinds, dtype=float).T
    few = (
        some
        for size in range(1, len(kinds) + 1)
        for some in combinations(range(len(kinds)), size)
        if sum(alike[kinds[kind]] for kind in some) < SMALLEST_GROUP
    )
    return any(_independent(np.delete(sums, list(some), axis=1)) < _independent(sums) for some in few)


def _independent(sums: npt.NDArray[np.float64]) -> int:
    """How many of these sums do not follow from the others."""
    return int(np.linalg.matrix_rank(sums)) if sums.size else 0


def bearing_on(names: Collection[int], sharing: Collection[tuple[int, int]]) -> set[int]:
    """These groups and all others that could decide, one through another, whether they are withheld.

    sharing: pairs of groups that have LEAST_SHARED people or more in common; fewer never make two too alike.
    """
    neighbours: dict[int, set[int]] = {}
    for one, other in sharing:
        neighbours.setdefault(one, set()).add(other)
        neighbours.setdefault(other, set()).add(one)
    found, waiting = set(names), list(names)
    while waiting:
        further = neighbours.get(waiting.pop(), set()) - found
        found |= further
        waiting += further
    return found


def _too_alike(one: frozenset[int], other: frozenset[int]) -> bool:
    return 0 < len(one ^ other) < SMALLEST_GROUP


@dataclass(frozen=True)
class Counts:
    """A table of counts with its totals, as it may be shown; None stands for what is withheld."""

    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None


def shown_counts(cells: Sequence[Sequence[int]]) -> Counts:
    """What may be shown of a table that counts people, each in one cell. cells: rows of counts.

    Counts from 1 to 9 are withheld, totals included, and then more, the smallest first, until every line (a row or a
    column with its total) holds none or several hidden figures, its hidden cells stand for ten people or more, and no
    hidden figure follows from all that is shown. A count of nobody is shown.
    """
    table = _with_totals(cells)
    hidden = {cell for cell, count in _counts(table) if 0 < count < SMALLEST_GROUP}
    while (further := _next_to_hide(table, hidden)) is not None:
        hidden.add(further)
    shown = [
        [None if (row, column) in hidden else count for column, count in enumerate(counts)]
        for row, counts in enumerate(table)
    ]
    return Counts(
        cells=tuple(tuple(row[:-1]) for row in shown[:-1]),
        row_totals=tuple(row[-1] for row in shown[:-1]),
        column_totals=tuple(shown[-1][:-1]),
        total=shown[-1][-1],
    )


def shown_opinions(counts: Sequence[int]) -> Counts | None:
    """What may be shown of a survey's question, answered so often in each way; None where nothing may be.

    That is of fewer than fifteen people, and of people who all gave one answer, which would tell each one's own.
    """
    if not is_large_enough_for_survey(sum(counts)) or max(counts) == sum(counts):
        return None
    return shown_counts([counts])


def _with_totals(cells: Sequence[Sequence[int]]) -> list[list[int]]:
    rows = [[*row, sum(row)] for row in cells]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def _counts(table: list[list[int]]) -> Iterator[tuple[Cell, int]]:
    for row, counts in enumerate(table):
        for column, count in enumerate(counts):
            yield (row, column), count


def _next_to_hide(table: list[list[int]], hidden: set[Cell]) -> Cell | None:
    """One more figure that has to be hidden; None once the table is safe."""
    for line in _lines(table):
        in_line = [cell for cell in line if cell in hidden]
        if in_line and _gives_away(table, line, in_line) and (found := _smallest(table, hidden, line)):
            return found
    bridges = _bridges(hidden)
    for cell in sorted(bridges):
        crossing = [other for other, _count in _counts(table) if (other[0] == cell[0]) != (other[1] == cell[1])]
        if found := _smallest(table, hidden, crossing):
            return found
    return _smallest(table, hidden, [cell for cell, _count in _counts(table)]) if bridges else None


def _lines(table: list[list[int]]) -> list[list[Cell]]:
    """Rows and columns, the rows and columns of totals included; the last figure of each is its total."""
    rows, columns = range(len(table)), range(len(table[0]))
    return [[(row, column) for column in columns] for row in rows] + [
        [(row, column) for row in rows] for column in columns
    ]


def _gives_away(table: list[list[int]], line: list[Cell], in_line: list[Cell]) -> bool:
    """Whether the line's total tells the one hidden figure, or how few people all hidden ones stand for."""
    if len(in_line) == 1:
        return True
    return line[-1] not in in_line and not is_large_enough(sum(table[row][column] for row, column in in_line))


def _smallest(table: list[list[int]], hidden: set[Cell], among: list[Cell]) -> Cell | None:
    """The smallest figure among these that is still shown and counts somebody."""
    shown = [cell for cell in among if cell not in hidden and table[cell[0]][cell[1]] > 0]
    return min(shown, key=lambda cell: (table[cell[0]][cell[1]], cell), default=None)


def _bridges(hidden: set[Cell]) -> set[Cell]:
    """Hidden figures that follow from the rest of the table.

    Rows and columns are the points of a graph and hidden figures its edges. Figures may change together, unseen in any
    total, along a closed walk of edges only; an edge on none of them, a bridge, is fixed (Tarjan's low numbers).
    """
    neighbours: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for row, column in hidden:
        neighbours.setdefault(("row", row), []).append(("column", column))
        neighbours.setdefault(("column", column), []).append(("row", row))
    found: set[Cell] = set()
    order: dict[tuple[str, int], int] = {}

    def lowest(point: tuple[str, int], parent: tuple[str, int] | None) -> int:
        order[point] = low = len(order)
        for other in neighbours[point]:
            if other == parent:
                continue
            if other in order:
                low = min(low, order[other])
                continue
            below = lowest(other, point)
            low = min(low, below)
            if below > order[point]:
                found.add(_edge(point, other))
        return low

    for point in neighbours:
        if point not in order:
            lowest(point, None)
    return found


def _edge(one: tuple[str, int], other: tuple[str, int]) -> Cell:
    return (one[1], other[1]) if one[0] == "row" else (other[1], one[1])
