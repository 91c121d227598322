"""The one rule on figures about groups: which are withheld, and how exactly the others are given.

Domain notes, section 4.4. A figure about fewer than ten people is withheld; a share of ten to nineteen is given as a
band of ten points. In a table of counts whose totals are shown, further cells are withheld until nothing that is hidden
can be worked out from what is shown; and of groups of people no more are shown than tell of nobody but ten or more, by
whatever sums and differences. Of what people answer in a survey, nothing is shown of fewer than fifteen.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
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
# A group that shares fewer people with all others together never decides whether sums and differences tell of few: of
# ten or more people with s shared, the others stand in no other sum, which would alone tell of 2s - 1 or fewer.
LEAST_SHARED = SMALLEST_GROUP // 2 + 1
# What a combination of sums tells of is looked for so long; where that is not enough, it counts as telling of few.
MOST_TRIED = 500
NOTHING = 1e-9

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

    They are too small, or some sum or difference with groups that are shown would tell of a few people. Larger groups
    go before smaller ones; two groups of the same people tell nothing by their difference.
    """
    members = {name: frozenset(people) for name, people in groups.items()}
    large = dict.fromkeys(
        sorted((each for each in members.values() if is_large_enough(len(each))), key=len, reverse=True)
    )
    hidden = {people for some in _apart(_entangled(list(large))) for people in _telling(some)}
    return {name for name, people in members.items() if people not in large or people in hidden}


def _entangled(groups: Sequence[frozenset[int]]) -> list[frozenset[int]]:
    """Those of these groups that can take part in telling of a few people, and so decide on each other.

    Whoever stands in one sum alone is told of by it. So of a group that takes part all but a few must be in others that
    do, and each of these brings the people whom it has alone: where those are as many as it shares, it does not help.
    See LEAST_SHARED as well.
    """
    left = list(groups)
    while True:
        bearing: dict[int, list[int]] = defaultdict(list)
        for place, people in enumerate(left):
            for person in people:
                bearing[person].append(place)
        alone = [sum(len(bearing[person]) == 1 for person in people) for people in left]
        kept = []
        for place, people in enumerate(left):
            shared = Counter(other for person in people for other in bearing[person] if other != place)
            helped = sum(max(0, count - alone[other]) for other, count in shared.items())
            told = max(alone[place], len(people) - helped)
            if told < SMALLEST_GROUP and len(people) - alone[place] >= LEAST_SHARED:
                kept.append(people)
        if len(kept) == len(left):
            return kept
        left = kept


def _apart(groups: Sequence[frozenset[int]]) -> list[list[frozenset[int]]]:
    """The same groups, in their order, by whether they share anybody, one through another."""
    found: list[tuple[set[int], set[int]]] = []
    for place, people in enumerate(groups):
        everybody, places = set(people), {place}
        for others in [each for each in found if each[0] & people]:
            found.remove(others)
            everybody, places = everybody | others[0], places | others[1]
        found.append((everybody, places))
    return [[groups[place] for place in sorted(places)] for _everybody, places in found]


def _telling(groups: Sequence[frozenset[int]]) -> set[frozenset[int]]:
    """Of these groups, in this order, those that would tell of few beside the shown ones that come before them."""
    shown: list[frozenset[int]] = []
    telling: set[frozenset[int]] = set()
    left = list(groups)
    while left:
        # What is safe stays so with fewer groups, so the first that is not is found by halving.
        safe, unsafe = 0, len(left) + 1
        middle = len(left)
        while unsafe - safe > 1:
            if tells_of_few([*shown, *left[:middle]]):
                unsafe = middle
            else:
                safe = middle
            middle = (safe + unsafe) // 2
        shown += left[:safe]
        telling.update(left[safe : safe + 1])
        left = left[safe + 1 :]
    return telling


def tells_of_few(groups: Sequence[Collection[Hashable]]) -> bool:
    """Whether something about one to nine people follows from the sums over these groups of people, all shown.

    People of the same groups stand together in every sum. A few of them are told of when some combination of the sums
    leaves all others out. Such a one leaves out all kinds of ten people or more, and those that do are few enough to be
    looked through; where they are not, the answer is yes.
    """
    places: dict[Hashable, int] = defaultdict(int)
    for place, group in enumerate(groups):
        for person in frozenset(group):
            places[person] |= 1 << place
    alike = Counter(places.values())
    kinds = sorted(alike)
    people = np.array([alike[kind] for kind in kinds], dtype=int)
    sums = np.array([[kind >> place & 1 for kind in kinds] for place in range(len(groups))], dtype=float)
    is_large = people >= SMALLEST_GROUP
    left_over = _basis(_left_null(sums[:, is_large]) @ sums[:, ~is_large])
    concerned = np.abs(left_over).max(axis=0, initial=0) > NOTHING
    return _is_light(left_over[:, concerned], people[~is_large][concerned])


def _left_null(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Combinations of rows that leave nothing, as many as are independent of one another."""
    if not sums.size:
        return np.eye(len(sums))
    _left, sizes, right = np.linalg.svd(sums.T, full_matrices=sums.shape[0] > sums.shape[1])
    return right[int((sizes > NOTHING).sum()) :]


def _basis(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Independent rows from which all of these follow."""
    if not rows.size:
        return np.zeros((0, rows.shape[1]))
    _left, sizes, right = np.linalg.svd(rows, full_matrices=False)
    return right[sizes > NOTHING]


def _is_light(basis: npt.NDArray[np.float64], people: npt.NDArray[np.int_]) -> bool:
    """Whether some combination of these independent rows stands for fewer than ten people, of so many in each column.

    The lightest leaves out as many columns as it can: as many independent ones as there are rows, but one. So it is
    found by trying these, or by trying what fewer than ten people are, whichever is less.
    """
    rows, columns = basis.shape
    if not rows:
        return False
    by_left_out, by_few = math.comb(columns, rows - 1), _ways_to_be_few(people)
    if min(by_left_out, by_few) > MOST_TRIED:
        return True
    if by_left_out <= by_few:
        return any(
            _stands_for(vector @ basis, people) < SMALLEST_GROUP
            for some in combinations(range(columns), rows - 1)
            for vector in _only(_left_null(basis[:, list(some)]))
        )
    few = _choices_of_few(people.tolist(), SMALLEST_GROUP - 1)
    return any(np.linalg.matrix_rank(np.delete(basis, some, axis=1)) < rows for some in few)


def _only(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The one vector; none of several, since what they make is found where more is left out."""
    return vectors if len(vectors) == 1 else vectors[:0]


def _stands_for(row: npt.NDArray[np.float64], people: npt.NDArray[np.int_]) -> int:
    return int(people[np.abs(row) > NOTHING].sum())


def _ways_to_be_few(people: npt.NDArray[np.int_]) -> int:
    """In how many ways columns of so many people can be chosen that are fewer than ten together."""
    ways = [1] + [0] * (SMALLEST_GROUP - 1)
    for count in people.tolist():
        for total in range(SMALLEST_GROUP - 1, count - 1, -1):
            ways[total] += ways[total - count]
    return sum(ways) - 1


def _choices_of_few(people: Sequence[int], most: int, begin: int = 0) -> Iterator[list[int]]:
    """These choices, as places of the columns, from one place on."""
    for place in range(begin, len(people)):
        if people[place] <= most:
            yield [place]
            for further in _choices_of_few(people, most - people[place], place + 1):
                yield [place, *further]


def bearing_on(names: Collection[int], sharing: Mapping[tuple[int, int], int]) -> set[int]:
    """These groups and all others that could decide, one through another, whether they are withheld, whoever of their
    people are left out.

    sharing: how many people pairs of groups have in common.
    """
    neighbours: dict[int, dict[int, int]] = defaultdict(dict)
    for (one, other), count in sharing.items():
        neighbours[one][other] = neighbours[other][one] = count
    apart = [name for name, others in neighbours.items() if sum(others.values()) < LEAST_SHARED]
    while apart:
        name = apart.pop()
        for other in neighbours.pop(name, {}):
            del neighbours[other][name]
            if sum(neighbours[other].values()) < LEAST_SHARED:
                apart.append(other)
    found, waiting = set(names), list(names)
    while waiting:
        further = neighbours.get(waiting.pop(), {}).keys() - found
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
