"""What a contract, the mended form and their terms are worth in PKR m; shared by the office and its expectations."""

from dataclasses import dataclass

import numpy as np

from simulations.engine import Floats
from simulations.scenarios.ai_vendor.world import (
    AI_USES,
    DATA,
    ENGLISH,
    EXIT,
    FAIRNESS,
    LOCAL,
    OVERSIGHT,
    Bid,
    Parameters,
)

Clauses = tuple[bool, bool, bool, bool]


@dataclass(frozen=True)
class Terms:
    """What a contract says. acceptance: share right that passes the test; the shares are those of the price."""

    acceptance: float
    advance: float
    on_acceptance: float
    final: float
    training: float


def take_up(p: Parameters, readiness: float, training: float) -> float:
    """Share of staff that use a new system: the ready, and of the others those that training convinces."""
    return 1 - (1 - readiness) * float(np.exp(-training / p.training_scale))


def best_training(p: Parameters, gross: float, readiness: float, most: int) -> int:
    """Training in whole PKR m that maximises gross * take-up - training; the optimum is s ln(gross (1 - r) / s)."""
    pull = gross * (1 - readiness) / p.training_scale
    if pull <= 1:
        return 0
    exact = p.training_scale * float(np.log(pull))
    near = [min(most, max(0, int(np.floor(exact)) + step)) for step in (0, 1)]
    return max(near, key=lambda t: (round(gross * take_up(p, readiness, t) - t, 9), -t))


def gross_benefit(p: Parameters, use: str, right: Floats, clauses: Clauses) -> Floats:
    """PKR m if every officer uses the system: value of right cases less harm of wrong ones."""
    number = AI_USES.index(use)
    harm = p.use_harm[number] * (1 - p.oversight_relief * clauses[OVERSIGHT])
    return np.asarray(p.use_value[number] * right - harm * (1 - right), dtype=np.float64)


def mixture(right: Floats, local_share: float) -> Floats:
    """Share right over all cases from those by language (last axis)."""
    return np.asarray((1 - local_share) * right[..., ENGLISH] + local_share * right[..., LOCAL], dtype=np.float64)


def contract_price(p: Parameters, bid: Bid, clauses: Clauses, jump: float) -> float:
    """Price in PKR m with clauses and exchange rate, before the terms of payment."""
    return bid.price * (1 + float(p.clause_price @ np.array(clauses, dtype=np.float64))) * (1 + jump * bid.abroad)


def terms_factor(p: Parameters, terms: Terms) -> float:
    """What terms of payment and a hard test add to the price: a factor, 1 or more."""
    strictness = max(0.0, terms.acceptance - 0.6)
    return 1 + p.financing * (1 - terms.advance) ** 2 + p.risk_premium * strictness**2


def fails_test(p: Parameters, share_right: Floats, acceptance: float | Floats, clauses: Clauses) -> Floats:
    """Languages that fail the acceptance test (last axis), as 0 or 1; ``acceptance`` broadcasts over the other axes.

    With fairness clauses each language must pass by itself. Without them the vendor chooses mostly English cases,
    and mends English.
    """
    shown = np.round(share_right, 9)
    if clauses[FAIRNESS]:
        return np.asarray(shown < np.asarray(acceptance)[..., None], dtype=np.float64)
    failed = np.round(mixture(shown, p.vendor_mix), 9) < acceptance
    return np.stack([failed, np.zeros_like(failed)], axis=-1).astype(np.float64)


def mended(p: Parameters, right: Floats, failed: Floats, unpaid: float) -> Floats:
    """Share right after mending: the vendor mends a failed language the better, the more of its price is unpaid."""
    strength = p.fix_capability * min(1.0, unpaid / p.fix_leverage)
    return np.asarray(right + strength * failed * (1 - right), dtype=np.float64)


def upkeep(p: Parameters, final: float) -> float:
    """Share right that is lost in the last period when little of the price is left to earn."""
    return p.upkeep_loss * (1 - min(1.0, final / p.upkeep_share))


def exit_bill(p: Parameters, bid: Bid, clauses: Clauses) -> float:
    """PKR m to leave a vendor."""
    return bid.lock_in * (1 - p.exit_relief * clauses[EXIT])


def data_bill(p: Parameters, bid: Bid, clauses: Clauses, *, bought: bool) -> float:
    """PKR m of harm if the rule on data bites: data go abroad to a foreign or bought vendor unless clauses hold."""
    return p.data_harm * ((bid.abroad or bought) and not clauses[DATA])


def form_benefit(p: Parameters, form_share: float, readiness: float, training: float, late: int) -> float:
    """PKR m of the mended form; late: 0 at stage 1, 1 at stage 5, 2 at stage 6, 3 at stage 7."""
    return p.form_value * form_share * float(p.form_late[late]) * take_up(p, readiness, training)
