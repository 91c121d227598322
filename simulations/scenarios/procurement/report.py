"""Indicators of play and debrief, and what equity compares."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Bools, Floats
from simulations.estimates import percent
from simulations.scenarios.procurement.office import Outcome
from simulations.scenarios.procurement.world import HONEST, KINDS, RING, SIZES, Climate, Parameters, Tenders


@dataclass(frozen=True)
class Tally:
    """Sums over the months played; hidden from the office."""

    losses: Floats  # by part, PKR m
    honest: Floats  # honest tenders by office size
    burdened: Floats  # of these, put on the list for review or held
    ring: float
    ring_proven: float
    honest_days: float


def empty_tally() -> Tally:
    """Before the first month."""
    return Tally(np.zeros(3), np.zeros(2), np.zeros(2), 0.0, 0.0, 0.0)


def add(tally: Tally, tenders: Tenders, outcome: Outcome) -> Tally:
    """The tally with one month more."""
    honest = tenders.kind == HONEST
    burdened = honest & (((outcome.level >= 0) & ~outcome.by_lot) | outcome.held)
    ring = tenders.kind == RING
    return replace(
        tally,
        losses=tally.losses + outcome.losses,
        honest=tally.honest + _by_size(tenders, honest),
        burdened=tally.burdened + _by_size(tenders, burdened),
        ring=tally.ring + float(np.count_nonzero(ring)),
        ring_proven=tally.ring_proven + float(np.count_nonzero(ring & outcome.proven)),
        honest_days=tally.honest_days + outcome.honest_days,
    )


def _by_size(tenders: Tenders, rows: Bools) -> Floats:
    return np.bincount(tenders.small[rows], minlength=len(SIZES)).astype(np.float64)


def burden_shares(p: Parameters, tally: Tally) -> Floats:
    """Share of honest tenders listed for review or held, large and small offices, 0 to 1.

    Smoothed with ``equity_smoothing`` tenders at the overall share, lest few decide.
    """
    overall = tally.burdened.sum() / max(float(tally.honest.sum()), 1.0)
    extra = p.equity_smoothing
    return np.asarray((tally.burdened + extra * overall) / (tally.honest + extra), dtype=np.float64)


def equity_ratio(p: Parameters, tally: Tally) -> float:
    """Share of burdened honest tenders of small offices over that of large ones; 1 where none was burdened."""
    large, small = burden_shares(p, tally)
    return float(small / large) if large > 0 else 1.0


def reported(tenders: Tenders, climate: Climate, outcome: Outcome) -> dict[str, float]:
    """Indicators the office has at the end of a month."""
    reviewed = outcome.level >= 0
    listed = reviewed & ~outcome.by_lot
    small = tenders.small == 1
    return {
        "reviews": float(np.count_nonzero(reviewed)),
        "proven": float(np.count_nonzero(outcome.proven)),
        "precision": percent(_count(outcome.proven & listed), _count(listed)),
        "lot_reviews": _count(outcome.by_lot),
        "lot_proven": _count(outcome.proven & outcome.by_lot),
        "ordered": float(outcome.ordered.sum()),
        "held": _count(outcome.held),
        "hold_days": float(outcome.hold_days.sum()),
        "review_rate_large": percent(_count(reviewed & ~small), _count(~small)),
        "review_rate_small": percent(_count(reviewed & small), _count(small)),
        "single_bids": percent(_count(tenders.bidders == 1), float(len(tenders))),
        "openness": 100 * climate.openness,
    }


def _count(rows: Bools) -> float:
    return float(np.count_nonzero(rows))


def hidden(p: Parameters, tenders: Tenders, outcome: Outcome, tally: Tally) -> dict[str, float]:
    """Indicators of the debrief."""
    large, small = burden_shares(p, tally)
    counts = np.bincount(tenders.kind, minlength=len(KINDS))
    abused = float(len(tenders) - counts[HONEST])
    return {
        "abuse_rate": percent(abused, float(len(tenders))),
        **{f"share_{kind}": percent(float(counts[number]), abused) for number, kind in enumerate(KINDS) if number},
        "overpaid": float(tenders.overpaid.sum()),
        "recovered": float(outcome.recovered.sum()),
        "unrecovered": float(tally.losses[0]),
        "ring_caught": percent(tally.ring_proven, tally.ring),
        "honest_days": tally.honest_days,
        "burden_large": 100 * float(large),
        "burden_small": 100 * float(small),
        "equity_ratio": equity_ratio(p, tally),
    }


def first_figures(tenders: Tenders) -> Mapping[str, float]:
    """What lies on the desk on the first morning."""
    return {
        "tenders": float(len(tenders)),
        "amount": float(tenders.price.sum()),
        "single_bids": percent(_count(tenders.bidders == 1), float(len(tenders))),
    }
