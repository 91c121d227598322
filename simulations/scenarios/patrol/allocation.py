"""Sharing out hours: water-filling, its form in whole steps, and closed forms of feedback in a record."""

import numpy as np

from simulations.engine import Floats

__all__ = ["feedback_share", "hours_in_steps", "urn_shares", "water_filling"]


def water_filling(rates: Floats, total: float, preventable: float, scale: float) -> tuple[Floats, float]:
    """Hours by beat that leave the fewest incidents, and the incidents that one more hour would prevent.

    Minimises sum rate_i (1 - m (1 - exp(-h_i / scale))) with h_i >= 0 and sum h_i = total. The conditions of
    Karush (1939) and Kuhn & Tucker (1951) give h_i = max(0, scale ln(rate_i m / (scale nu))); nu follows in closed
    form once it is known which beats get hours. rates: incidents/week, > 0; total, scale: hours, > 0;
    preventable m: 0 to 1.
    """
    order = np.argsort(-rates, kind="stable")
    worth = np.log(rates[order] * preventable / scale)
    counts = np.arange(1, len(rates) + 1)
    levels = (np.cumsum(worth) - total / scale) / counts
    served = int(np.flatnonzero(worth > levels)[-1])
    hours = np.zeros(len(rates))
    hours[order] = np.maximum(0.0, scale * (worth - levels[served]))
    return hours, float(np.exp(levels[served]))


def hours_in_steps(losses: Floats, steps: int) -> Floats:
    """Steps given to each beat so that the sum of losses is least, by marginal analysis.

    losses: expected loss by (..., beat, steps given), convex in the last axis: then taking the largest gains first
    is optimal (Fox 1966, Management Science 13). Gains are rounded, so that no processor decides a tie.
    """
    gains = np.round(losses[..., :-1] - losses[..., 1:], 9)
    flat = gains.reshape(*gains.shape[:-2], -1)
    order = np.argsort(-flat, axis=-1, kind="stable")[..., :steps]
    taken = np.zeros(flat.shape, dtype=np.bool_)
    np.put_along_axis(taken, order, values=True, axis=-1)
    return np.asarray(taken.reshape(gains.shape).sum(axis=-1), dtype=np.float64)


def urn_shares(
    rates: tuple[float, float], draws: int, runs: int, dice: np.random.Generator, *, corrected: bool = False
) -> Floats:
    """Share of patrols in the first of two areas after ``draws`` days, one a run.

    A ball of the urn is drawn, a patrol goes to its area and finds an offence with the area's rate; a find adds a
    ball (Ensign et al. 2018, after Pólya). ``corrected``: a find is added only with the chance that the patrol would
    have gone to the other area.
    """
    balls = np.ones((runs, 2))
    for _ in range(draws):
        share = balls[:, 0] / balls.sum(axis=1)
        first = dice.random(runs) < share
        add = dice.random(runs) < np.where(first, rates[0], rates[1])
        if corrected:
            add &= dice.random(runs) < np.where(first, 1 - share, share)
        balls[:, 0] += add & first
        balls[:, 1] += add & ~first
    return np.asarray(balls[:, 0] / balls.sum(axis=1), dtype=np.float64)


def feedback_share(
    reported: tuple[float, float], found: tuple[float, float], *, report_weight: float = 1.0, find_weight: float = 1.0
) -> float:
    """Share of patrols at which a record of reports and finds in two areas comes to rest.

    The share x of the first area solves
    w_d (d_A - d_B) x^2 + (w_r (r_A + r_B) + w_d (d_B - d_A)) x - w_r r_A = 0: reports come wherever patrols go, finds
    only where they go. reported r, found d: rates of the two areas, >= 0.
    """
    square = find_weight * (found[0] - found[1])
    linear = report_weight * (reported[0] + reported[1]) - square
    constant = -report_weight * reported[0]
    if abs(square) < 1e-12:
        return -constant / linear
    root = np.sqrt(linear**2 - 4 * square * constant)
    shares = [(-linear + sign * root) / (2 * square) for sign in (1, -1)]
    return float(next(share for share in shares if -1e-9 <= share <= 1 + 1e-9))
