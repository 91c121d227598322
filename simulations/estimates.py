"""Small statistics that scenarios share: percentages, a stable order, and how far a distribution has moved."""

import numpy as np

from simulations.engine import Floats, Ints

LEAST_SHARE = 0.01
BINS = 10


def percent(part: float, whole: float) -> float:
    """Part of a whole in percent; 0 of nothing."""
    return 100.0 * part / whole if whole else 0.0


def lowest_first(values: Floats, rows: Ints, size: int) -> Ints:
    """The ``size`` rows of least value; equal to nine decimals means equal, the earlier row then wins."""
    order = np.argsort(np.round(values[rows], 9), kind="stable")
    return np.asarray(rows[order[:size]], dtype=np.intp)


def share_stability(then: Floats | float, now: Floats) -> float:
    """Population stability index of shares against the shares then, all above 0; 0 when nothing moved."""
    return float(((now - then) * np.log(now / then)).sum())


def stability_index(then: Floats, now: Floats, edges: Floats | None = None, least_share: float = LEAST_SHARE) -> float:
    """The same for values, over the deciles they had then or over bins with these inner edges.

    A share below ``least_share`` counts as ``least_share``.
    """
    inner = np.quantile(then, np.arange(1, BINS) / BINS) if edges is None else edges

    def shares(values: Floats) -> Floats:
        counts = np.bincount(np.searchsorted(inner, values), minlength=len(inner) + 1)
        return np.asarray(np.maximum(counts / max(len(values), 1), least_share), dtype=np.float64)

    return share_stability(shares(then), shares(now))
