"""How well the items of a scale hold together: Cronbach's alpha and McDonald's omega, each with a 95% interval.

alpha: by pingouin, with the interval of Feldt (1965, Psychometrika 30). omega: loadings of one factor by principal axes
(statsmodels), then McDonald (1999, Test Theory, chapter 6): the square of the sum of loadings, over itself and the sum
of the unique variances, in the units of the items. Its interval is a percentile bootstrap (scipy).

The portal has both worked out in a process of its own (app/core/apart.py): these libraries take two hundred megabytes.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core import apart

CONFIDENCE = 0.95
RESAMPLES = 200
# Fixed, so that the same answers always give the same interval.
SEED = 2_027

# Steps towards the loadings, at most.
STEPS = 100
# Scales of which both are kept: what was answered in a closed wave changes no more, and the bootstrap takes a while.
KEPT = 256

Rows = tuple[tuple[float, ...], ...]
Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of reliability, at most 1, with its 95% interval; None for one that cannot be worked out."""

    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Reliability:
    """Of one scale."""

    alpha: Coefficient | None
    omega: Coefficient | None


_kept: dict[Rows, Reliability] = {}


def reliabilities(scales: Iterable[Rows]) -> list[Reliability]:
    """Of each of these scales; one other process works out all that are not known yet."""
    wanted = list(scales)
    known = {rows: kept for rows in wanted if (kept := _kept.get(rows)) is not None}
    if unknown := [rows for rows in dict.fromkeys(wanted) if rows not in known]:
        made = pickle.loads(apart.made("app.surveys.reliability:worked_out", unknown))  # noqa: S301 - of our own
        known |= zip(unknown, made, strict=True)
        if len(_kept) > KEPT:
            _kept.clear()
        _kept.update(known)
    return [known[rows] for rows in wanted]


def worked_out(scales: Iterable[Rows]) -> bytes:
    """For `reliabilities`, in the other process."""
    return pickle.dumps([Reliability(alpha(rows), omega(rows)) for rows in scales])


def alpha(rows: Rows) -> Coefficient | None:
    """Cronbach's alpha. rows: scored answers, one row a person; None where everybody answered an item alike."""
    import pandas as pd  # noqa: PLC0415 - only in a process of its own
    import pingouin  # noqa: PLC0415

    table = np.array(rows, dtype=float)
    if not _tells_people_apart(table):
        return None
    value, (low, high) = pingouin.cronbach_alpha(pd.DataFrame(table), ci=CONFIDENCE)
    return Coefficient(float(value), (float(low), float(high)))


def omega(rows: Rows) -> Coefficient | None:
    """McDonald's omega of one factor. rows: as of `alpha`; None where no factor can be found."""
    from scipy.stats import bootstrap  # noqa: PLC0415

    table = np.array(rows, dtype=float)
    value = _omega(table)
    if np.isnan(value):
        return None
    drawn = bootstrap(
        (np.arange(len(table)),),
        lambda chosen: _omega(table[chosen]),
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        vectorized=False,
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    ends = float(drawn.low), float(drawn.high)
    return Coefficient(value, None if np.isnan(ends).any() else ends)


def _omega(table: Table) -> float:
    """Omega of these rows; not a number where an item is the same for everybody or no factor can be found."""
    from statsmodels.multivariate.factor import Factor  # noqa: PLC0415

    if not _tells_people_apart(table):
        return np.nan
    spreads = table.std(axis=0, ddof=1)
    try:
        found = Factor(corr=np.corrcoef(table, rowvar=False), n_factor=1, method="pa").fit(maxiter=STEPS)
    except np.linalg.LinAlgError:
        # Two items that everybody answers alike say the same twice.
        return np.nan
    common = float((found.loadings[:, 0] * spreads).sum()) ** 2
    # In a sample an item may share more than all it has (a Heywood case); it then has nothing of its own.
    unique = float((found.uniqueness.clip(min=0) * spreads**2).sum())
    return common / (common + unique)


def _tells_people_apart(table: Table) -> bool:
    return len(table) > 1 and bool((table.std(axis=0) > 0).all())
