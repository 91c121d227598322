"""Estimators of the audit results, each with its source."""

import numpy as np

from simulations.engine import Bools, Floats, Ints
from simulations.inquiries import NORMAL_95

PSI_FLOOR = 0.01


def horvitz_thompson_mean(values: Floats, inclusion: Floats, population: int) -> float:
    """Population mean from a sample with unequal chances: sum of value over chance, by population size.

    inclusion: each sampled unit's probability of having been sampled, 0 < pi <= 1.
    Source: Horvitz & Thompson (1952), JASA 47.
    """
    return float((values / inclusion).sum()) / population


def mean_interval(values: Floats) -> tuple[float, float, float]:
    """Mean of independent values with its 95 % interval (normal approximation); needs two values or more."""
    mean = float(values.mean())
    half = NORMAL_95 * float(values.std(ddof=1)) / float(np.sqrt(len(values)))
    return mean, mean - half, mean + half


def auc(score: Floats, evading: Bools) -> float:
    """Probability that an evading firm scores above an honest one; 0.5 where one kind is missing.

    Source: Mann & Whitney (1947) rank sum; ties count one half.
    """
    evaders = int(np.count_nonzero(evading))
    honest = len(evading) - evaders
    if evaders == 0 or honest == 0:
        return 0.5
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((rank[evading].sum() - evaders * (evaders + 1) / 2) / (evaders * honest))


def stability_index(then: Floats, now: Floats, bins: int = 10) -> float:
    """Population stability index of a feature over the deciles it had then; 0 when nothing moved."""
    edges = np.quantile(then, np.arange(1, bins) / bins)

    def shares(values: Floats) -> Floats:
        counts = np.bincount(np.searchsorted(edges, values), minlength=bins)
        return np.asarray(np.maximum(counts / len(values), PSI_FLOOR), dtype=np.float64)

    old, new = shares(then), shares(now)
    return float(((new - old) * np.log(new / old)).sum())


def lowest_first(values: Floats, rows: Ints, size: int) -> Ints:
    """The ``size`` rows of least value; equal to nine decimals means equal, the earlier row then wins."""
    order = np.argsort(np.round(values[rows], 9), kind="stable")
    return np.asarray(rows[order[:size]], dtype=np.intp)
