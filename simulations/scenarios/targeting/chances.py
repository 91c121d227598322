"""The standard normal distribution by table, both ways: numpy has neither, and scipy must not be imported."""

from statistics import NormalDist

import numpy as np

from simulations.engine import Floats

_FARTHEST = 8.0
_POINTS = np.linspace(-_FARTHEST, _FARTHEST, 6401)
_CUMULATIVE = np.array([NormalDist().cdf(float(point)) for point in _POINTS])


def cumulative(point: Floats) -> Floats:
    """Probability that a standard normal lies below each point; exact to 1e-6."""
    return np.asarray(np.interp(point, _POINTS, _CUMULATIVE), dtype=np.float64)


def quantile(probability: Floats) -> Floats:
    """Points below which a standard normal lies with each probability, 0 to 1; the ends give -8 and 8."""
    return np.asarray(np.interp(probability, _CUMULATIVE, _POINTS), dtype=np.float64)
