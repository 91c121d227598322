"""What a panel of experts says together, and whether it has settled: numbers alone, no web, no database.

Dalkey and Helmer (1963), An experimental application of the Delphi method to the use of experts, Management Science
9(3): experts answer apart and without names, see the median, the quartiles and the reasons of all, and answer
again. That a panel ends when its answers are stable, and not when all agree: Dajani, Sincoff and Talley (1979),
Stability and agreement criteria for the termination of Delphi studies, Technological Forecasting and Social Change 13,
83-90. A change of less than 15 per cent as the mark of that: Scheibe, Skutsch and Schofer (1975), Experiments in Delphi
methodology, in Linstone and Turoff, The Delphi Method, 262-287, there of whole distributions; of the interquartile
range by the domain notes, section 5.2. What of this was compared with a source, and what not: docs/foresight.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foresight.scenarios import Range

ROUNDS = 2
LEAST_EXPERTS = 5
# An interquartile range that changes by less than this share of itself has settled.
SETTLED = 0.15


@dataclass(frozen=True)
class Consensus:
    """What so many experts say of one question in one round: quartiles of their most likely values, and the triangle
    of the medians of their least, most likely and largest ones.
    """

    experts: int
    lower_quartile: float
    upper_quartile: float
    triangle: Range

    @property
    def median(self) -> float:
        return self.triangle.likely

    @property
    def spread(self) -> float:
        """The interquartile range."""
        return self.upper_quartile - self.lower_quartile


def consensus(opinions: Sequence[Range]) -> Consensus:
    """Raises ValueError for no opinions.

    Medians of ordered values are in order, so the triangle is one. Quartiles are interpolated linearly.
    """
    if not opinions:
        raise ValueError("Nobody has said anything.")
    likely = np.array([each.likely for each in opinions])
    lower, upper = np.quantile(likely, [0.25, 0.75])
    triangle = Range(
        float(np.median([each.low for each in opinions])),
        float(np.median(likely)),
        float(np.median([each.high for each in opinions])),
    )
    return Consensus(len(opinions), float(lower), float(upper), triangle)


def change(first: Consensus, second: Consensus) -> float:
    """By which share of itself the interquartile range changed; less than 0 where it became narrower.

    From none to some is infinitely much, from none to none is nothing.
    """
    if math.isclose(first.spread, 0.0, abs_tol=1e-9):
        return 0.0 if math.isclose(second.spread, 0.0, abs_tol=1e-9) else math.inf
    return second.spread / first.spread - 1


def has_settled(first: Consensus, second: Consensus) -> bool:
    return abs(change(first, second)) < SETTLED
