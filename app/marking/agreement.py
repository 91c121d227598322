"""How far two markers agree on the same answers: exact agreement and Cohen's kappa.

Kappa is the agreement beyond what chance would give two markers who use each value as often as these did (Cohen,
1960); weighted kappa counts a difference by its square (Cohen, 1968), so that a near miss costs little. Of several
tasks it is pooled: all that the marks of a task differ by, beside what they would by chance within that task (De Vries
and others, 2008). By chance across tasks, hard and easy ones would look like agreement.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Of `pairs` answers. exact: share with the same value.

    kappa, weighted: 1 for full agreement, 0 for what chance gives; None when both markers gave every answer one and
    the same value, where chance agrees as well.
    """

    pairs: int
    exact: float
    kappa: float | None
    weighted: float | None


def agreement(first: Sequence[float], second: Sequence[float]) -> Agreement:
    """Agreement of two markers; both sequences name the same answers in the same order. Raises ValueError for none."""
    pairs = list(zip(first, second, strict=True))
    if not pairs:
        raise ValueError("no answer was marked twice")
    exact = sum(one == other for one, other in pairs) / len(pairs)
    squares = math.fsum((one - other) ** 2 for one, other in pairs) / len(pairs)
    return Agreement(
        pairs=len(pairs),
        exact=exact,
        kappa=_beyond_chance(1 - exact, _by_chance(first, second, lambda one, other: float(one != other))),
        weighted=_beyond_chance(squares, _by_chance(first, second, lambda one, other: (one - other) ** 2)),
    )


@dataclass(frozen=True)
class Pooled:
    """Over several tasks. pairs: in tasks of two and more; weighted: as in Agreement."""

    pairs: int
    weighted: float | None


def pooled(tasks: Iterable[Sequence[tuple[float, float]]]) -> Pooled:
    """Weighted kappa over tasks, each with its pairs of marks as shares of full marks.

    A task with a single pair is left out: nothing says what chance would do in it.
    """
    counted = [pairs for pairs in tasks if len(pairs) > 1]
    count = sum(len(pairs) for pairs in counted)
    differing = math.fsum((one - other) ** 2 for pairs in counted for one, other in pairs)
    by_chance = math.fsum(len(pairs) * _squares_by_chance(pairs) for pairs in counted)
    return Pooled(count, _beyond_chance(differing, by_chance))


def _beyond_chance(disagreement: float, by_chance: float) -> float | None:
    return None if math.isclose(by_chance, 0.0, abs_tol=1e-12) else 1 - disagreement / by_chance


def _squares_by_chance(pairs: Sequence[tuple[float, float]]) -> float:
    first, second = [one for one, _other in pairs], [other for _one, other in pairs]
    return _by_chance(first, second, lambda one, other: (one - other) ** 2)


def _by_chance(first: Sequence[float], second: Sequence[float], cost: Callable[[float, float], float]) -> float:
    """Mean cost of a value of the one marker beside any value of the other."""
    ones, others = Counter(first), Counter(second)
    summed = math.fsum(
        count * other_count * cost(one, other) for one, count in ones.items() for other, other_count in others.items()
    )
    return summed / (len(first) * len(second))
