"""The one rule on figures about groups: which are withheld, and how exactly the others are given.

Domain notes, section 4.4. A figure about fewer than ten people is withheld; a share of ten to nineteen is given as a
band of ten points. In a table of counts whose totals are shown, further cells are withheld until nothing that is hidden
can be worked out from what is shown; and of groups of people no more are shown than tell, by sums and differences, of
ten or more. Of what people answer in a survey, nothing is shown of fewer than fifteen.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
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
# A group of ten or more of which nine or fewer lie outside another, and more than that inside, shares so many with it.
LEAST_SHARED = SMALLEST_GROUP // 2 + 1
# Of more groups that share people, one through another, differences are asked, and not every combination.
MOST_TOGETHER = 12
# So many combinations of these are looked through.
MOST_TRIED = 200
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

    They are too small, or beside groups that are shown they would tell of a few people. Larger groups go before smaller
    ones; two groups of the same people tell nothing by their difference.
    """
    members = {name: frozenset(people) for name, people in groups.items()}
    large = [each for each in dict.fromkeys(members.values()) if is_large_enough(len(each))]
    large.sort(key=len, reverse=True)
    shared = _shared(large)
    neighbours = _neighbours(shared)
    hidden: set[frozenset[int]] = set()
    left = set(range(len(large)))
    while left:
        together = _reached({min(left)}, neighbours)
        left -= together
        hidden |= {large[place] for place in _telling(large, sorted(together), shared, neighbours)}
    return {name for name, people in members.items() if not is_large_enough(len(people)) or people in hidden}


def _shared(groups: Sequence[frozenset[int]]) -> dict[tuple[int, int], int]:
    """How many people two of these groups, by their places, have in common, where these are enough to count."""
    places: dict[int, list[int]] = defaultdict(list)
    for place, people in enumerate(groups):
        for person in people:
            places[person].append(place)
    pairs = Counter(pair for of_person in places.values() for pair in combinations(of_person, 2))
    return {pair: count for pair, count in pairs.items() if count >= LEAST_SHARED}


def _telling(
    groups: Sequence[frozenset[int]],
    together: Sequence[int],
    shared: Mapping[tuple[int, int], int],
    neighbours: Mapping[int, set[int]],
) -> set[int]:
    """Of the groups at these places, the largest first, those that would tell of few beside shown ones before them.

    neighbours: of the pairs that are `shared`.
    """
    is_asked_whole = len(together) <= MOST_TOGETHER
    shown: list[int] = []
    telling: set[int] = set()
    # What lies in a group that is shown, but for a few people.
    within: dict[int, list[int]] = defaultdict(list)
    for place in together:
        larger = sorted(each for each in neighbours.get(place, ()) if each < place and each not in telling)
        holding = [each for each in larger if len(groups[place]) - shared[each, place] < SMALLEST_GROUP]
        leaves_few = any(
            _is_left_with_few(groups[each], [groups[other] for other in (*within[each], place)]) for each in holding
        )
        if leaves_few or (
            is_asked_whole and tells_of_few([groups[each] for each in (*shown, place)], most_tried=MOST_TRIED)
        ):
            telling.add(place)
            continue
        shown.append(place)
        for each in holding:
            within[each].append(place)
    return telling


def _is_left_with_few(people: frozenset[int], others: Iterable[frozenset[int]]) -> bool:
    """Whether these people, less one after another of the groups that lie among them, are but a few."""
    left, beside = set(people), 0
    for other in others:
        taken = len(other & left)
        if taken > len(other) - taken and beside + len(other) - taken < SMALLEST_GROUP:
            left -= other
            beside += len(other) - taken
            if 0 < len(left) + beside < SMALLEST_GROUP:
                return True
    return False


def tells_of_few(groups: Sequence[Collection[Hashable]], *, most_tried: float = math.inf) -> bool:
    """Whether something about one to nine people follows from the sums over these groups of people, all shown.

    People of the same groups stand together in every sum. A few of them are told of when some combination of the sums
    leaves all others out. Such a one leaves out all kinds of ten people or more, and those that do are looked through;
    where they are more than `most_tried`, the answer is no.
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
    return _is_light(left_over[:, concerned], people[~is_large][concerned], most_tried)


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


def _is_light(basis: npt.NDArray[np.float64], people: npt.NDArray[np.int_], most_tried: float) -> bool:
    """Whether some combination of these independent rows stands for fewer than ten people, of so many in each column.

    The lightest leaves out as many columns as it can: as many independent ones as there are rows, but one. So it is
    found by trying these, or by trying what fewer than ten people are, whichever is less.
    """
    rows, columns = basis.shape
    if not rows:
        return False
    by_left_out, by_few = math.comb(columns, rows - 1), _ways_to_be_few(people)
    if min(by_left_out, by_few) > most_tried:
        return False
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


def bearing_on(names: Collection[int], sharing: Collection[tuple[int, int]]) -> set[int]:
    """These groups and all others that could decide, one through another, whether they are withheld.

    sharing: pairs of groups that have LEAST_SHARED people or more in common.
    """
    return _reached(set(names), _neighbours(sharing))


def _neighbours(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        found[one].add(other)
        found[other].add(one)
    return found


def _reached(begin: set[int], neighbours: Mapping[int, set[int]]) -> set[int]:
    found, waiting = set(begin), list(begin)
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
