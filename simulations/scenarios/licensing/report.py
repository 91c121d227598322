"""Indicators of play and debrief, the table on the desk, equity. All of one run: lane 0."""

from collections.abc import Mapping

import numpy as np

from simulations.engine import Floats
from simulations.estimates import percent
from simulations.scenarios.licensing.hall import Hall
from simulations.scenarios.licensing.office import Plan, Result, State, left_again
from simulations.scenarios.licensing.world import (
    ASSISTED,
    BLOCK_HOURS,
    BLOCKS,
    DAYS,
    GROUPS,
    OTHERS,
    SLICES_IN_BLOCK,
    Parameters,
)
from simulations.types import SituationRow


def ninth_decile(values: Floats, weights: Floats) -> float:
    """The least value that nine tenths of the weight do not exceed; 0 without weight."""
    order = np.argsort(np.round(values, 9), kind="stable")
    total = np.cumsum(weights[order])
    if not len(total) or total[-1] <= 0:
        return 0.0
    return float(values[order][np.searchsorted(total, 0.9 * total[-1])])


def block_waits(hall: Hall) -> tuple[float, ...]:
    """Mean minutes until somebody who comes is called, by block."""
    arrived = hall.arrived[0].sum(axis=-1).reshape(DAYS, len(BLOCKS), SLICES_IN_BLOCK)
    minutes = (hall.ahead[0].reshape(arrived.shape) * arrived).sum(axis=(0, 2))
    return tuple(float(number) for number in minutes / np.maximum(arrived.sum(axis=(0, 2)), 1.0))


def table(plan: Plan, hall: Hall) -> tuple[SituationRow, ...]:
    """Last week by block of the day."""
    arrived = hall.arrived[0].sum(axis=-1).reshape(DAYS, len(BLOCKS), SLICES_IN_BLOCK).sum(axis=(0, 2))
    rows = zip(BLOCKS, plan.counters[0], arrived / (DAYS * BLOCK_HOURS), block_waits(hall), strict=True)
    return tuple(
        SituationRow(block, {"counters": float(count), "arrivals": float(rate), "wait": wait})
        for block, count, rate, wait in rows
    )


def reported(plan: Plan, state: State, result: Result) -> dict[str, float]:
    """What the office reports. ``state`` is that after the week."""
    hall, fate = result.hall, result.fate
    arrived = hall.arrived[0].sum(axis=-1)
    came = float(arrived.sum())
    seen, asked = float(fate.seen[0]), float(fate.asked[0])
    staff = float(plan.counters[0].sum()) * SLICES_IN_BLOCK * DAYS
    return {
        "wait_mean": 60 * float(result.hours.sum()) / max(came, 1.0),
        "wait_p90": ninth_decile(hall.ahead[0].reshape(-1), arrived.reshape(-1)),
        "days_to_licence": float(state.days[0]),
        "pool": float(state.pool[0]),
        "left": percent(float(left_again(hall)[0]), came),
        "incomplete": percent(float(result.incomplete[0]), float(result.incomplete[0] + result.decided[0])),
        "decided": float(result.decided[0]),
        "asked_door": asked,
        "turned_away": asked - seen,
        "forged_confirmed": float(result.forged[0, 0]),
        "forged_found": float(result.forged[0, 1]),
        # who finishes a file after their counter has closed works overtime, which is no use of a counter
        "utilisation": percent(float(np.minimum(hall.busy[0], hall.counters[0]).sum()), staff),
    }


def equity_shares(p: Parameters, state: State) -> Floats:
    """Share of honest applicants refused so far, by group, 0 to 1; smoothed with files at the overall share."""
    wrong, decided = state.wrong[0], state.decided[0]
    overall = wrong.sum() / max(float(decided.sum()), 1.0)
    extra = p.equity_smoothing
    return np.asarray((wrong + extra * overall) / (decided + extra), dtype=np.float64)


def equity_ratio(p: Parameters, state: State) -> float:
    """Share of honest applicants refused in the worst group over that in the best; 1 when nobody was."""
    shares = equity_shares(p, state)
    return float(shares.max() / shares.min()) if shares.min() > 0 else 1.0


def assisted_ratio(result: Result) -> float:
    """Mean wait of the assisted over that of the others; 1 where nobody waits."""
    came = result.hall.arrived[0].sum(axis=(0, 1))
    waits = result.hours[0] / np.maximum(came, 1.0)
    return float(waits[ASSISTED] / waits[OTHERS]) if waits[OTHERS] > 0 else 1.0


def hidden(p: Parameters, state: State, result: Result) -> dict[str, float]:
    """Indicators of the debrief."""
    shares = {f"refused_{group}": 100 * float(s) for group, s in zip(GROUPS, equity_shares(p, state), strict=True)}
    return {
        "forged_loose": float(result.forged[0, 2]),
        "forged_per_thousand": percent(10 * float(result.forged[0, 2]), float(result.decided[0])),
        "bribe_payers": 100 * float(result.crowd.agents[0]),
        **shares,
        "equity_ratio": equity_ratio(p, state),
        "assisted_wait_ratio": assisted_ratio(result),
    }


def first_figures(state: State) -> Mapping[str, float]:
    """What the office inherited."""
    return {"pool": float(state.pool[0]), "days_to_licence": float(state.days[0])}
