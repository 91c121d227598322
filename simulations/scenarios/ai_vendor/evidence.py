"""Beta-binomial evidence: posterior means, the value of a sample before it is drawn, and of choosing after it.

Source: Raiffa & Schlaifer (1961), Applied Statistical Decision Theory (preposterior analysis, Beta-binomial).
"""

from collections.abc import Sequence

import numpy as np

from simulations.engine import Floats

Prior = tuple[float, float]


def posterior_mean(prior: Prior, successes: float, n: float) -> float:
    """Mean of the posterior of a success rate: (a + x) / (a + b + n)."""
    return (prior[0] + successes) / (prior[0] + prior[1] + n)


def outcome_chances(prior: Prior, n: int) -> Floats:
    """Beta-binomial probability of 0..n successes, from the ratio of neighbouring terms."""
    a, b = prior
    k = np.arange(n, dtype=np.float64)
    logs = np.concatenate(([0.0], np.cumsum(np.log((n - k) * (a + k)) - np.log((k + 1) * (b + n - k - 1)))))
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def posterior_means(prior: Prior, n: int) -> Floats:
    """Posterior mean for each of 0..n successes."""
    return np.asarray((prior[0] + np.arange(n + 1)) / (prior[0] + prior[1] + n), dtype=np.float64)


def expected_maximum(options: Sequence[tuple[Floats, Floats]], fallback: float) -> float:
    """Mean of the largest of independent discrete values and a sure fallback.

    options: (values, probabilities) each; the distribution function of a maximum is the product of theirs.
    """
    if not options:
        return fallback
    support = np.unique(np.concatenate([np.maximum(values, fallback) for values, _ in options]))
    below = np.ones(len(support))
    for values, chances in options:
        order = np.argsort(values, kind="stable")
        total = np.concatenate(([0.0], np.cumsum(chances[order])))
        below *= total[np.searchsorted(values[order], support, side="right")]
    return float((support * np.diff(below, prepend=0.0)).sum())


def sample_value(prior: Prior, value: float, cost: float, n: int) -> float:
    """EVSI of n cases where acting is worth value * rate - cost and doing nothing 0; in the unit of ``value``."""
    informed = expected_maximum([(value * posterior_means(prior, n) - cost, outcome_chances(prior, n))], 0.0)
    return informed - max(0.0, value * posterior_mean(prior, 0, 0) - cost)


def pilot_outcomes(priors: Sequence[Prior], slopes: Sequence[float], sizes: Sequence[int]) -> tuple[Floats, Floats]:
    """What slope * posterior mean, summed over languages, can become after a pilot, with probabilities."""
    values, chances = np.zeros(1), np.ones(1)
    for prior, slope, n in zip(priors, slopes, sizes, strict=True):
        values = np.add.outer(values, slope * posterior_means(prior, n)).ravel()
        chances = np.multiply.outer(chances, outcome_chances(prior, n)).ravel()
    return values, chances
