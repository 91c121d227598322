"""Poverty and targeting measures, each with its source. Nothing here knows of an office or a tool."""

import numpy as np

from simulations.engine import Bools, Floats


def poverty_index(gap: Floats, aversion: int) -> float:
    """Mean of the gaps raised to ``aversion``; 0 counts the poor, 1 the gap, 2 weighs deep gaps more.

    gap: shortfall as a share of the line by household, 0 for those on or above it.
    Source: Foster, Greer & Thorbecke (1984), Econometrica 52.
    """
    return float((gap > 0).mean() if aversion == 0 else (gap**aversion).mean())


def exclusion_error(poor: Bools, paid: Bools) -> float:
    """Share of the poor who are not paid, 0 to 1; 0 where nobody is poor."""
    return float(np.count_nonzero(poor & ~paid)) / max(1, int(np.count_nonzero(poor)))


def inclusion_error(poor: Bools, paid: Bools) -> float:
    """Share of the paid who are not poor, 0 to 1; 0 where nobody is paid."""
    return float(np.count_nonzero(paid & ~poor)) / max(1, int(np.count_nonzero(paid)))


def error_at_one_half(r_squared: float) -> float:
    """Exclusion and inclusion error, 0 to 1, where half are poor and half are paid and both are bivariate normal.

    1 - 2 (1/4 + asin(R) / (2 pi)), from the orthant probability of a bivariate normal (Sheppard 1899).
    r_squared: share of the variance of welfare that the score explains, 0 to 1.
    """
    return float(1 - 2 * (0.25 + np.arcsin(np.sqrt(r_squared)) / (2 * np.pi)))


def lowest(values: Floats, size: int) -> Bools:
    """Marks the ``size`` least values, of equal ones the earlier row; round beforehand what libraries may differ in."""
    if not 0 < size < len(values):
        return np.full(len(values), size > 0, dtype=np.bool_)
    last = np.partition(values, size - 1)[size - 1]
    chosen = np.asarray(values < last, dtype=np.bool_)
    chosen[np.flatnonzero(values == last)[: size - np.count_nonzero(chosen)]] = True
    return chosen


def line_of(welfare: Floats, poor_share: float) -> float:
    """The poverty line that leaves ``poor_share`` of the households below it, halfway between two of them."""
    ranked = np.sort(welfare)
    count = round(poor_share * len(ranked))
    return float((ranked[count - 1] + ranked[count]) / 2)
