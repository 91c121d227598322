"""k-anonymity by full-domain generalisation with suppression (Samarati 2001; Sweeney 2002), and noise for counts.

Every column by which somebody might be known is coarsened alike for all rows, by as many steps as its ladder has; rows
that still have fewer than k of their kind are left out. Of all combinations of steps the one is taken that loses least.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

# Stands for every value of a column.
ANY = "*"
# From a value to what stands for it, a step coarser each.
Ladder = Sequence[Callable[[str], str]]
Row = Mapping[str, str]


def as_it_is(value: str) -> str:
    return value


def anything(_value: str) -> str:
    return ANY


@dataclass(frozen=True)
class Generalised:
    """rows: for each row its coarsened values, None where it was left out. steps: taken in each column.

    smallest_class: the fewest rows that are alike, 0 where no row is left.
    """

    rows: tuple[dict[str, str] | None, ...]
    steps: Mapping[str, int]

    @property
    def suppressed(self) -> int:
        return sum(row is None for row in self.rows)

    @property
    def smallest_class(self) -> int:
        sizes = Counter(tuple(row.values()) for row in self.rows if row is not None)
        return min(sizes.values(), default=0)

    def diversity(self, outcomes: Sequence[str]) -> int:
        """The fewest different outcomes among rows that are alike (l-diversity, distinct)."""
        found: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for row, outcome in zip(self.rows, outcomes, strict=True):
            if row is not None:
                found[tuple(row.values())].add(outcome)
        return min((len(each) for each in found.values()), default=0)


def generalise(rows: Sequence[Row], ladders: Mapping[str, Ladder], k: int) -> Generalised:
    """The rows, so that each that is left has at least k - 1 others like it.

    The last step of each ladder should be `anything`; then all rows are left as long as there are k of them. Of
    combinations that lose as much, the one with the finest first columns is taken.
    """
    kinds = Counter(tuple(row[name] for name in ladders) for row in rows)
    every = itertools.product(*(range(len(ladder)) for ladder in ladders.values()))
    least = min(every, key=lambda steps: _lost(kinds, tuple(ladders.values()), steps, k))
    steps = dict(zip(ladders, least, strict=True))
    coarse = [{name: ladder[steps[name]](row[name]) for name, ladder in ladders.items()} for row in rows]
    sizes = Counter(tuple(row.values()) for row in coarse)
    kept = (row if sizes[tuple(row.values())] >= k else None for row in coarse)
    return Generalised(tuple(kept), steps)


def _lost(kinds: Mapping[tuple[str, ...], int], ladders: Sequence[Ladder], steps: Sequence[int], k: int) -> float:
    """What is given up: of each cell the share of its ladder that is climbed; of a row left out all cells and one.

    kinds: how many rows there are of each.
    """
    coarsen = [ladder[step] for ladder, step in zip(ladders, steps, strict=True)]
    sizes = Counter[tuple[str, ...]]()
    for kind, count in kinds.items():
        sizes[tuple(coarser(value) for coarser, value in zip(coarsen, kind, strict=True))] += count
    left_out = sum(size for size in sizes.values() if size < k)
    climbed = math.fsum(step / max(1, len(ladder) - 1) for ladder, step in zip(ladders, steps, strict=True))
    return left_out * (len(ladders) + 1) + (sizes.total() - left_out) * climbed


def two_sided_geometric(epsilon: float, dice: Random) -> int:
    """Noise that makes a count epsilon-differentially private where one person changes it by one at most.

    P(noise = n) is proportional to exp(-epsilon |n|) (Ghosh, Roughgarden and Sundararajan 2012).
    """
    return _geometric(math.exp(-epsilon), dice) - _geometric(math.exp(-epsilon), dice)


def _geometric(again: float, dice: Random) -> int:
    """How often in a row something of this probability happens."""
    count = 0
    while dice.random() < again:
        count += 1
    return count
