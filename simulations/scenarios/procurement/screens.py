"""Screens of tenders and the closed forms behind them: spread of bids, first digits, draws by lot."""

from math import comb

import numpy as np

from simulations.engine import Floats, Ints

BENFORD = np.log10(1 + 1 / np.arange(1, 10))
CRITICAL_95 = 15.507  # chi-square, 8 degrees of freedom
LEAST_AMOUNTS = 300
LEAST_ORDERS = 2.0


def first_digits(amounts: Floats) -> Ints:
    """Leading digit, 1 to 9, of positive amounts in any unit."""
    exponent = np.floor(np.round(np.log10(amounts), 9))
    digits = np.floor(np.round(amounts / 10.0**exponent, 9))
    return np.asarray(np.clip(digits, 1, 9), dtype=np.intp)


def digit_distance(digits: Ints) -> float:
    """Chi-square distance of first digits from Benford's frequencies; 8 degrees of freedom.

    Meaningful only where amounts span two orders of magnitude and are several hundred. Source: Nigrini (2012),
    Benford's Law.
    """
    seen = np.bincount(digits, minlength=10)[1:]
    expected = len(digits) * BENFORD
    return float(((seen - expected) ** 2 / expected).sum())


def suits_benford(amounts: Floats) -> bool:
    """Whether the screen may be used at all: 300 amounts or more over at least two orders of magnitude."""
    return len(amounts) >= LEAST_AMOUNTS and float(np.log10(amounts.max() / amounts.min())) >= LEAST_ORDERS


def chance_of_none(population: int, bad: int, drawn: int) -> float:
    """Probability that a draw without replacement holds no bad item (hypergeometric)."""
    return comb(population - bad, drawn) / comb(population, drawn)
