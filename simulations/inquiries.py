"""What inquiries of every scenario lean on: their shape in a scenario's table, and the interval of a sampled share."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np

NORMAL_95 = 1.959964
View = TypeVar("View")
Figures = Mapping[str, float]


def plain(inquiry: Callable[[View], Figures]) -> Callable[[View, int], Figures]:
    """An inquiry without a size in the shape of one that has it."""
    return lambda view, _size: inquiry(view)


def nothing(_view: object, _size: int) -> Figures:
    """A decoy: plausible, costs minutes, carries no information."""
    return {}


DECOYS: Mapping[str, Callable[[object, int], Figures]] = {
    "minister_speech": nothing,
    "vendor_video": nothing,
    "national_ranking": nothing,
}


def wilson(successes: int, n: int) -> tuple[float, float]:
    """95 % Wilson score interval of a share. Source: Wilson (1927), JASA 22. (0, 1) when n is zero."""
    if n == 0:
        return 0.0, 1.0
    z2, share = NORMAL_95**2, successes / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = NORMAL_95 / (1 + z2 / n) * float(np.sqrt(share * (1 - share) / n + z2 / (4 * n * n)))
    return max(0.0, centre - half), min(1.0, centre + half)
