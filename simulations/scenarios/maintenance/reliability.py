"""Lifetimes and planned replacement in closed form: Weibull (1951); Barlow & Proschan (1965), ch. 4."""

import math

import numpy as np

from simulations.engine import Floats

_STEPS = 2000  # of Simpson's rule; even
_NEVER = math.inf
_LONGEST_LIVES = 50.0


def survival(age: Floats | float, shape: float, scale: float) -> Floats:
    """Probability that a Weibull lifetime exceeds ``age``, in the unit of ``scale``. Source: Weibull (1951)."""
    return np.asarray(np.exp(-((np.asarray(age) / scale) ** shape)), dtype=np.float64)


def weibull_mean(shape: float, scale: float) -> float:
    """Mean of a Weibull lifetime: scale times gamma(1 + 1 / shape)."""
    return scale * math.gamma(1 + 1 / shape)


def weibull_lifetime(die: Floats, shape: float, scale: float) -> Floats:
    """Lifetimes from uniform dice in [0, 1), by inversion of the survival function."""
    return np.asarray(scale * (-np.log1p(-die)) ** (1 / shape), dtype=np.float64)


def leaving_chance(age: Floats, step: float, shape: float, scale: float) -> Floats:
    """Probability that a lifetime which has reached ``age`` ends within ``step``; all in the unit of ``scale``."""
    grown = ((age + step) / scale) ** shape - (age / scale) ** shape
    return np.asarray(-np.expm1(-grown), dtype=np.float64)


def mean_in_use(age: float, shape: float, scale: float) -> float:
    """Mean time until failure or planned replacement at ``age``: the integral of survival from 0 to ``age``."""
    points = np.linspace(0.0, age, _STEPS + 1)
    weights = np.where(np.arange(_STEPS + 1) % 2 == 1, 4.0, 2.0)
    weights[[0, -1]] = 1.0
    return float((weights * survival(points, shape, scale)).sum() * age / _STEPS / 3)


def replacement_rate(age: float, shape: float, scale: float, *, planned: float, failure: float) -> float:
    """Long-run cost per unit of time if parts are replaced at failure or at ``age``, whichever comes first.

    planned, failure: cost of a planned replacement and of a failure.  Source: Barlow & Proschan (1965).
    """
    alive = float(survival(age, shape, scale))
    return (planned * alive + failure * (1 - alive)) / mean_in_use(age, shape, scale)


def run_to_failure_rate(shape: float, scale: float, *, failure: float) -> float:
    """Long-run cost per unit of time if parts are replaced at failure only."""
    return failure / weibull_mean(shape, scale)


def optimal_age(shape: float, scale: float, *, planned: float, failure: float) -> float:
    """Age of planned replacement that costs least; infinite where planned replacement never pays.

    Solves hazard(T) times mean_in_use(T) less the chance of failure by T = planned / (failure - planned), whose
    left side rises with T exactly when the hazard does, i.e. when ``shape`` exceeds 1 (Barlow & Proschan 1965).
    """
    if shape <= 1 or failure <= planned:
        return _NEVER
    target = planned / (failure - planned)

    def excess(age: float) -> float:
        hazard = float(shape / scale * (age / scale) ** (shape - 1))
        dead = 1 - float(survival(age, shape, scale))
        return hazard * mean_in_use(age, shape, scale) - dead - target

    low, high = 0.0, scale
    while excess(high) < 0:
        high *= 2
        if high > _LONGEST_LIVES * scale:
            return _NEVER
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) < 0 else (low, middle)
    return (low + high) / 2
