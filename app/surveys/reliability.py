"""How well the items of a scale hold together: Cronbach's alpha and McDonald's omega, each with a 95% interval.

alpha: by pingouin, with the interval of Feldt (1965, Psychometrika 30). omega: loadings of one factor by principal axes
(statsmodels), then McDonald (1999, Test Theory, chapter 6): the square of the sum of loadings, over itself and the sum
of the unique variances, in the units of the items. Its interval is a percentile bootstrap (scipy).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.stats import bootstrap

CONFIDENCE = 0.95
RESAMPLES = 200
# Fixed, so that the same answers always give the same interval.
SEED = 2_027

# Steps towards the loadings, at most.
STEPS = 100
# Scales whose omega is kept: what was answered in a closed wave changes no more, and the bootstrap takes a while.
KEPT = 256

Rows = tuple[tuple[float, ...], ...]
Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of reliability, at most 1, with its 95% interval; None for one that cannot be worked out."""

    value: float
    interval: tuple[float, float] | None


def alpha(rows: Rows) -> Coefficient | None:
    """Cronbach's alpha. rows: scored answers, one row a person; None where everybody answered an item alike."""
    # Only here: pingouin brings scikit-learn along, for which other pages need not wait.
    import pandas as pd  # noqa: PLC0415
    import pingouin  # noqa: PLC0415

    table = np.array(rows, dtype=float)
    if not _tells_people_apart(table):
        return None
    value, (low, high) = pingouin.cronbach_alpha(pd.DataFrame(table), ci=CONFIDENCE)
    return Coefficient(float(value), (float(low), float(high)))


@lru_cache(maxsize=KEPT)
def omega(rows: Rows) -> Coefficient | None:
    """McDonald's omega of one factor. rows: as of `alpha`; None where no factor can be found."""
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
