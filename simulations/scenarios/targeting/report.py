"""What the office reports after a period, what only the debrief shows, and how unequally the poor were reached."""

from collections.abc import Mapping

import numpy as np

from simulations.estimates import percent
from simulations.scenarios.targeting.measures import exclusion_error, inclusion_error, poverty_index
from simulations.scenarios.targeting.office import EQUITY_GROUPS, Outcome, State
from simulations.scenarios.targeting.world import Households, Parameters
from simulations.types import Equity


def reported(p: Parameters, outcome: Outcome, after: State) -> Mapping[str, float]:
    """What the office itself can count; nobody at the desk knows who is poor."""
    weight = p.household_weight
    return {
        "paid_households": float(weight * np.count_nonzero(outcome.paid)),
        "cutoff": outcome.cutoff,
        "money_in_hand": percent(outcome.transfers_pkr_m, outcome.spent_pkr_m),
        "found_poor": float(weight * outcome.found),
        "struck_off": float(weight * outcome.struck),
        "appeals": float(weight * outcome.appeals),
        "appeals_heard": float(weight * outcome.heard),
        "appeals_upheld": percent(outcome.upheld, outcome.heard),
        "savings": after.savings_pkr_m,
    }


def hidden(p: Parameters, homes: Households, outcome: Outcome, after: State) -> Mapping[str, float]:
    """The debrief's figures, shares in percent."""
    poor_paid = np.count_nonzero(outcome.paid & outcome.poor)
    reached = outcome.transfers_pkr_m * poor_paid / max(1, np.count_nonzero(outcome.paid))
    before, left = poverty_index(outcome.gap_before, 1), poverty_index(outcome.gap_after, 1)
    fair = equity(p, after)
    return {
        "poor_share": percent(float(np.count_nonzero(outcome.poor)), len(homes)),
        "exclusion_error": 100 * exclusion_error(outcome.poor, outcome.paid),
        "inclusion_error": 100 * inclusion_error(outcome.poor, outcome.paid),
        "gap_reduction": 100 * (before - left),
        "cost_per_rupee": outcome.spent_pkr_m / max(reached, 1.0),
        **{f"missed_{group}": fair.groups[group] for group in EQUITY_GROUPS},
        "equity_gap": fair.value,
    }


def equity(p: Parameters, state: State) -> Equity:
    """Exclusion error of the worst group less that of all poor, percentage points, over the whole run so far.

    Each group is drawn towards the overall share by ``equity_smoothing`` poor households.
    """
    settled, slum, nomad = (EQUITY_GROUPS.index(name) for name in ("settled", "slum", "nomad"))
    all_poor = state.poor_periods[[settled, slum, nomad]].sum()
    overall = state.missed_periods[[settled, slum, nomad]].sum() / max(1.0, all_poor)
    extra = p.equity_smoothing
    shares = (state.missed_periods + extra * overall) / (state.poor_periods + extra)
    groups = {name: 100 * float(share) for name, share in zip(EQUITY_GROUPS, shares, strict=True)}
    return Equity(max(groups.values()) - 100 * float(overall), p.equity_threshold, groups)
