"""The hot-spot tool: a moving average of the record, and hours by its ranking. It scores places, never persons."""

import numpy as np

from simulations.engine import Floats, Ints
from simulations.scenarios.patrol.world import BEATS, TOTAL_HOURS, Parameters

DATA = ("all", "reports", "per_hour")
ALL, REPORTS, PER_HOUR = range(3)
SPREADS = ("top_two", "proportional")
TOP_TWO, PROPORTIONAL = range(2)
_LEAST_SCORE = 0.1
_TOP = 2


def week_record(hours: Floats, reported: Ints, found: Ints) -> Floats:
    """One week as each choice of data counts it, (..., data, beat).

    All: reports and finds alike. Per hour: finds as if every beat had been patrolled for equal hours.
    """
    even = TOTAL_HOURS / len(BEATS)
    finds = found * even / np.maximum(hours, 1.0)
    return np.stack([reported + found, reported, reported + np.where(hours > 0, finds, 0.0)], axis=-2)


def updated(p: Parameters, record: Floats, week: Floats) -> Floats:
    """Exponentially weighted moving average: the newest week weighs ``record_memory``."""
    return np.asarray((1 - p.record_memory) * record + p.record_memory * week, dtype=np.float64)


def scores(record: Floats, data: Ints) -> Floats:
    """Score of each beat on the data chosen, (..., beat), above 0."""
    is_chosen = data[..., None] == np.arange(len(DATA))
    chosen = (is_chosen[..., None] * record).sum(axis=-2)
    return np.asarray(np.round(chosen, 9) + _LEAST_SCORE, dtype=np.float64)


def tool_shares(p: Parameters, score: Floats, spread: Ints) -> Floats:
    """Shares of the tool's hours by beat, adding up to 1.

    Top two: most to the two highest scores in their proportion, the rest to the others alike. score: (..., beat).
    """
    order = np.argsort(-score, axis=-1, kind="stable")
    top = np.zeros(score.shape)
    np.put_along_axis(top, order[..., :_TOP], 1.0, axis=-1)
    in_top = top * score / (top * score).sum(axis=-1, keepdims=True)
    rest = (1 - p.top_share) * (1 - top) / (len(BEATS) - _TOP)
    even = score / score.sum(axis=-1, keepdims=True)
    return np.asarray(np.where(spread[..., None] == TOP_TWO, p.top_share * in_top + rest, even), dtype=np.float64)
