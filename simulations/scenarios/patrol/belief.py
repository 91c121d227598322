"""What the record says of the hidden truth: Bayes' rule over all orders of the rates, exactly.

Reports, finds and complaints of a beat are independent Poisson counts given its rate, its reporting share and
whether the festival is there. The evidence is therefore a table by (beat, place of rate, festival, reporting share),
to which every week adds; only the order of the rates ties the beats together, and there are 720 orders.
"""

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from simulations.engine import Floats, Ints
from simulations.scenarios.patrol.world import BEATS, Parameters, complaint_rates, found_share, left_share, rate_table

N = len(BEATS)
ORDERS: Ints = np.array(list(permutations(range(N))), dtype=np.intp)  # (order, beat) -> place of the rate
# (beat, place of rate, order): 1 where the order gives the beat that rate
_HAS = (ORDERS.T[:, None, :] == np.arange(N)[None, :, None]).astype(np.float64)
_IMPOSSIBLE = -1e9


def _poisson(count: Floats | Ints, mean: Floats) -> Floats:
    """Log-likelihood of a count, less what does not depend on the mean."""
    return np.asarray(count * np.log(np.maximum(mean, 1e-12)) - mean, dtype=np.float64)


def week_evidence(
    p: Parameters, week: int, hours: Floats, trust_grid: Floats, reported: Ints, found: Ints, complaints: Ints
) -> Floats:
    """Log-likelihood of one week's record, by (..., beat, place of rate, festival, reporting share).

    hours, reported, found, complaints: (..., beat).  trust_grid: reporting shares that week, (..., beat, share).
    """
    table = rate_table(p, week)
    rest = _record_evidence(p, table, hours, trust_grid, (reported, found), 1)
    complained = _poisson(complaints[..., None, None], complaint_rates(p, hours[..., None, None], table))
    return np.asarray(rest + complained[..., None], dtype=np.float64)


def _record_evidence(
    p: Parameters, table: Floats, hours: Floats, trust_grid: Floats, counts: tuple[Ints, Ints], weeks: int
) -> Floats:
    left = (table * left_share(p, hours)[..., None, None])[..., None]
    trust = trust_grid[..., None, None, :]
    chance = found_share(p, hours)[..., None, None, None]
    reported, found = (count[..., None, None, None] for count in counts)
    finds = weeks * chance * (left * (1 - trust) + p.petty_rate)
    return _poisson(reported, weeks * left * trust) + _poisson(found, finds)


def history_evidence(p: Parameters, hours: Floats, history: Ints) -> Floats:
    """Log-likelihood of the weeks before the run, by (beat, place of rate, festival, reporting share)."""
    grid = np.broadcast_to(p.trust_grid, (N, p.trust_levels))
    return _record_evidence(p, rate_table(p, 0), hours, grid, (history[0], history[1]), p.history_weeks)


def survey_evidence(p: Parameters, week: int, survey: Ints) -> Floats:
    """Log-likelihood of the streets asked, (..., beat, street), in the shape of the evidence; trust plays no part."""
    mean = rate_table(p, week) * survey.shape[-1] / p.streets
    return _poisson(survey.sum(axis=-1)[..., None, None], mean)[..., None]


def festival_prior(watched: int, known: Ints | None) -> Floats:
    """Log-chances of the festival's beat, (..., beat): any but the watched one, until the newspapers name it."""
    allowed = np.arange(N) != watched if known is None else np.arange(N) == known[..., None]
    return np.where(allowed, 0.0, _IMPOSSIBLE)


@dataclass(frozen=True)
class Belief:
    """Chances given the evidence; leading axes as in the evidence."""

    joint: Floats  # (..., beat of the festival, order of rates)
    trust: Floats  # chances of a reporting share, (..., beat, place of rate, festival, share)

    @property
    def levels(self) -> Floats:
        """Chance of a rate and of the festival, (..., beat, place of rate, festival)."""
        whole = self.joint.sum(axis=-2) @ _HAS.reshape(N * N, -1).T
        here = np.stack([self.joint[..., beat, :] @ _HAS[beat].T for beat in range(N)], axis=-2)
        away = whole.reshape(*whole.shape[:-1], N, N) - here
        return np.stack([np.maximum(away, 0.0), here], axis=-1)


def belief(evidence: Floats, watched: int, festival: Ints | None) -> Belief:
    """The posterior; the watched beat is known not to be the busiest.

    evidence: (..., beat, place of rate, festival, reporting share).  festival: its beat once it is known.
    """
    top = evidence.max(axis=-1, keepdims=True)
    chance = np.exp(evidence - top)
    total = chance.sum(axis=-1, keepdims=True)
    by_level = np.log(total[..., 0]) + top[..., 0]
    away, extra = by_level[..., 0], by_level[..., 1] - by_level[..., 0]
    orders = away.reshape(*away.shape[:-2], N * N) @ _HAS.reshape(N * N, -1)
    orders = orders + np.where(ORDERS[:, watched] == 0, _IMPOSSIBLE, 0.0)
    joint = np.stack([extra[..., beat, :] @ _HAS[beat] for beat in range(N)], axis=-2)
    joint += orders[..., None, :]
    joint += festival_prior(watched, festival)[..., None]
    joint = np.exp(joint - joint.max(axis=(-2, -1), keepdims=True))
    return Belief(joint / joint.sum(axis=(-2, -1), keepdims=True), chance / total)
