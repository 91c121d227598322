"""How far two groups of people differ: means with intervals, their difference, and its size beside the spread.

Sources: Welch (1947, Biometrika 34), difference of two means whose spreads may differ; Dunn (1961, Journal of
the American Statistical Association 56), intervals that hold together (Bonferroni); Hedges (1981, Journal of
Educational Statistics 6), standardised difference g and its exact small-sample factor; Steiger and Fouladi (1997, in
What If There Were No Significance Tests?), interval of a standardised difference by the noncentral t distribution, by
scipy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, nctdtrinc, stdtrit

CONFIDENCE = 0.95
# Shares that are equal but for the rounding of floating point.
NO_SPREAD = 1e-12

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Effect:
    """Hedges' g: a difference in units of the spread that both groups have in common, with its interval."""

    g: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """Mean of one group less that of another (shares), with its interval.

    effect: None where nobody in either group differs from another; the interval then has no width.
    """

    difference: float
    low: float
    high: float
    effect: Effect | None

    @property
    def is_decided(self) -> bool:
        """Whether the interval says which of the two is higher."""
        return self.low > 0 or self.high < 0


def mean_interval(shares: Sequence[float]) -> tuple[float, float]:
    """The 95% interval of the mean of these shares by Student's t, within 0 and 1. Raises ValueError below two."""
    if len(shares) < 2:
        raise ValueError("an interval needs at least two persons")
    values = np.array(shares)
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    if spread < NO_SPREAD:
        return mean, mean
    reach = float(stdtrit(len(values) - 1, (1 + CONFIDENCE) / 2)) * spread / math.sqrt(len(values))
    return max(0.0, mean - reach), min(1.0, mean + reach)


def difference(one: Sequence[float], other: Sequence[float], *, comparisons: int) -> Difference:
    """How far one group's mean is above the other's.

    comparisons: how many differences are told side by side; all their intervals together hold what they should with a
    probability of 95%, and so do all intervals of g. Raises ValueError for a group below two.
    """
    if min(len(one), len(other)) < 2:
        raise ValueError("a difference needs at least two persons in each group")
    first, second = np.array(one), np.array(other)
    apart = float(first.mean() - second.mean())
    if max(first.std(), second.std()) < NO_SPREAD:
        # Two means of the same shares differ by rounding.
        apart = apart if abs(apart) >= NO_SPREAD else 0.0
        return Difference(apart, apart, apart, None)
    confidence = 1 - (1 - CONFIDENCE) / comparisons
    reach = welch_reach(first, second, confidence=confidence)
    return Difference(apart, apart - reach, apart + reach, effect(first, second, confidence=confidence))


def welch_reach(one: Shares, other: Shares, *, confidence: float) -> float:
    """Half the width of the interval of the difference of two means; the groups are not both without spread."""
    errors = [(float(group.var(ddof=1)) / len(group), len(group) - 1) for group in (one, other)]
    error = sum(each for each, _freedom in errors)
    freedom = error**2 / sum(each**2 / own for each, own in errors)
    return float(stdtrit(freedom, (1 + confidence) / 2)) * math.sqrt(error)


def effect(one: Shares, other: Shares, *, confidence: float) -> Effect:
    """Hedges' g of two groups that are not both without spread."""
    sizes = len(one), len(other)
    freedom = sum(sizes) - 2
    pooled = math.sqrt(sum((len(group) - 1) * float(group.var(ddof=1)) for group in (one, other)) / freedom)
    standardised = float(one.mean() - other.mean()) / pooled
    scale = math.sqrt(sum(1 / size for size in sizes))
    tail = (1 - confidence) / 2
    low, high = (float(nctdtrinc(freedom, share, standardised / scale)) * scale for share in (1 - tail, tail))
    return Effect(standardised * small_sample_factor(freedom), low, high)


def small_sample_factor(freedom: int) -> float:
    """By how much a standardised difference with so many degrees of freedom has to be shrunk."""
    return math.exp(float(gammaln(freedom / 2) - gammaln((freedom - 1) / 2))) / math.sqrt(freedom / 2)
