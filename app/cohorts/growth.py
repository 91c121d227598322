"""How much a group grew between two estimates of each person: paired statistics on shares from 0 to 1.

Formulas: Hake (1998, American Journal of Physics 66), normalised gain; Marx and Cummings (2007, American Journal of
Physics 75), normalised change; Cumming (2012, Understanding the New Statistics), standardised difference and its small
sample factor; Efron (1987, Journal of the American Statistical Association 82), BCa bootstrap; Fisher (1935, The Design
of Experiments), permutation of signs. The portal's process has the distributions of scipy.special only: scipy.stats
takes forty-five megabytes, and says the same (tests/app/cohorts/test_cohorts_growth.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

RESAMPLES = 2_000
# Fixed, so that the same pairs always give the same interval.
SEED = 2_027
CONFIDENCE = 0.95
# Differences that are equal but for the rounding of floating point.
NO_SPREAD = 1e-12
# From so many persons on regression to the mean is told from growth by a line.
LEAST_FOR_LINE = 40
# All signs of so many persons are tried: half a million ways, some megabytes for a moment.
MOST_PERMUTED = 19

Pair = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """How much of a difference between persons before is left after: the slope of after on before, with 95% interval.

    One: all grew alike. Below one: who was low grew more than who was high, as regression to the mean makes it, too.
    """

    slope: float
    low: float
    high: float


@dataclass(frozen=True)
class Growth:
    """Paired growth of `people` persons.

    before, after: means (shares). difference: mean of after less before, with its 95% interval low to high.
    gain: Hake's, of the means; change: mean of the persons' own; effect: standardised difference with small-sample
    factor. Each of the three is None where it is not defined. line: None for fewer than forty persons, or where all
    were alike before.
    """

    people: int
    before: float
    after: float
    difference: float
    low: float
    high: float
    gain: float | None
    change: float | None
    effect: float | None
    line: Line | None


def growth(pairs: Sequence[Pair]) -> Growth:
    """Growth of these persons, each with the share before and after. Raises ValueError for fewer than two."""
    if len(pairs) < 2:
        raise ValueError("growth needs at least two persons")
    before, after = (math.fsum(shares) / len(pairs) for shares in zip(*pairs, strict=True))
    low, high = interval([later - earlier for earlier, later in pairs])
    return Growth(
        people=len(pairs),
        before=before,
        after=after,
        difference=after - before,
        low=low,
        high=high,
        gain=normalised_gain(before, after),
        change=mean_change(pairs),
        effect=standardised_difference(pairs),
        line=line_of(pairs),
    )


def normalised_gain(before: float, after: float) -> float | None:
    """Hake's: the part of what was left to gain that was gained; None where nothing was left."""
    return None if before >= 1 else (after - before) / (1 - before)


def mean_change(pairs: Sequence[Pair]) -> float | None:
    """Mean of the normalised changes of those persons who have one."""
    changes = [change for pair in pairs if (change := normalised_change(*pair)) is not None]
    return math.fsum(changes) / len(changes) if changes else None


def normalised_change(before: float, after: float) -> float | None:
    """Marx and Cummings': the part gained of what was left, or lost of what was there; None for twice 0 or twice 1."""
    if before == after:
        return None if before in (0, 1) else 0.0
    return (after - before) / (1 - before) if after > before else (after - before) / before


def standardised_difference(pairs: Sequence[Pair]) -> float | None:
    """Mean difference in units of the mean of both standard deviations; None where nobody differs from another."""
    table = np.array(pairs)
    spread = float(table.std(axis=0, ddof=1).mean())
    if spread < NO_SPREAD:
        return None
    return float((table[:, 1] - table[:, 0]).mean()) / spread * small_sample_factor(len(pairs))


def line_of(pairs: Sequence[Pair]) -> Line | None:
    """The line of analysis of covariance; None where it is not defined, or says too little."""
    before, after = np.array(pairs).T
    if len(pairs) < LEAST_FOR_LINE or np.ptp(before) < NO_SPREAD:
        return None
    (slope, _level), covariance = np.polyfit(before, after, 1, cov=True)
    reach = float(stdtrit(len(pairs) - 2, (1 + CONFIDENCE) / 2) * math.sqrt(covariance[0, 0]))
    return Line(float(slope), float(slope) - reach, float(slope) + reach)


def chance_of_no_growth(pairs: Sequence[Pair]) -> float:
    """Two-sided p of the mean difference where signs are as good as thrown: for groups too small for the interval.

    Raises ValueError for more persons than MOST_PERMUTED.
    """
    if len(pairs) > MOST_PERMUTED:
        raise ValueError("so many persons have an interval")
    sums = np.zeros(1)
    for before, after in pairs:
        sums = np.concatenate([sums + (after - before), sums - (after - before)])
    # The first is the sum with the signs that were found.
    return float(np.mean(np.abs(sums) >= abs(sums[0]) - NO_SPREAD))


def small_sample_factor(people: int) -> float:
    """By how much the standardised difference of so few persons has to be shrunk."""
    return 1 - 3 / (4 * (people - 1) - 1)


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """The 95% interval of the mean of these differences: BCa bootstrap; no width where all are equal."""
    values = np.array(differences)
    if np.ptp(values) < NO_SPREAD:
        mean = float(values.mean())
        return mean, mean
    drawn = np.random.default_rng(SEED).integers(0, len(values), (RESAMPLES, len(values)))
    means, mean = values[drawn].mean(axis=1), values.mean()
    apart = values - mean
    acceleration = (apart**3).sum() / (6 * (apart**2).sum() ** 1.5)
    bias = ndtri(((means < mean).mean() + (means <= mean).mean()) / 2)
    ends = bias + ndtri([(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    low, high = np.quantile(means, ndtr(bias + ends / (1 - acceleration * ends)))
    return float(low), float(high)
