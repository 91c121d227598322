"""Estimators of the audit results, each with its source."""

import numpy as np

from simulations.engine import Bools, Floats
from simulations.inquiries import NORMAL_95


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
