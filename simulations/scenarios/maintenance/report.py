"""What a half-year reports to the office, and what stays hidden until the debrief."""

import numpy as np

from simulations.engine import Bools, Floats
from simulations.estimates import percent
from simulations.scenarios.maintenance import tool
from simulations.scenarios.maintenance.office import Records, Result, State
from simulations.scenarios.maintenance.world import BAD, REGIONS, RURAL, URBAN, Network, Parameters

RECENT = 4  # half-years
EVEN = 0.5


def percent_of(part: Bools, whole: Bools) -> float:
    """Share of ``whole`` that is in ``part``, in percent; 0 of nothing."""
    return percent(float(np.count_nonzero(part & whole)), float(np.count_nonzero(whole)))


def recently_seen(records: Records, round_number: int) -> Bools:
    """Bridges whose grade was recorded within the two years up to this round."""
    return np.asarray(records.seen_round > round_number - RECENT, dtype=np.bool_)


def reported(network: Network, before: State, after: State, result: Result) -> dict[str, float]:
    """Indicators the office has at the end of a half-year."""
    seen, works = recently_seen(after.records, before.round), after.repairs + after.failures
    return {
        "failures": float(np.count_nonzero(result.failed)),
        "detour_hours": float(result.hours.sum()) / 1000,
        "spent": result.spent,
        "unplanned_share": 100.0 * after.failures / works if works else 0.0,
        "false_alarms": percent_of(result.opened_grade < BAD, result.repaired),
        "coverage_urban": percent_of(seen, ~network.rural),
        "coverage_rural": percent_of(seen, network.rural),
        "inspections": float(np.count_nonzero(result.inspected)),
        "repairs": float(np.count_nonzero(result.repaired)),
        "posted": float(np.count_nonzero(result.posted)),
        "next_budget": after.budget,
    }


def hours_by_head(p: Parameters, state: State) -> Floats:
    """Expected person-hours of detour per 1,000 people so far, urban and rural.

    A failure counts by its probability given the true grade: what a region was exposed to, not its luck.
    """
    return np.asarray(1000 * state.risk_hours / p.population, dtype=np.float64)


def equity_ratio(p: Parameters, state: State) -> float:
    """Rural hours a head over urban ones; 1 before the first half-year."""
    hours = hours_by_head(p, state)
    return float(hours[RURAL] / hours[URBAN]) if hours[URBAN] > 0 else 1.0


def hidden(p: Parameters, network: Network, before: State, after: State, result: Result) -> dict[str, float]:
    """Indicators of the debrief; the backlog is that at the end of the half-year, the tool's that at its start."""
    bad = p.grade_of[after.hidden.condition] >= BAD
    was_bad = result.opened_grade >= BAD
    flagged = tool.bad_chance(p, before.records.rating) >= EVEN
    hours = hours_by_head(p, after)
    everywhere = np.ones(len(network), dtype=np.bool_)
    return {
        "loss": float(after.loss.sum()),
        "backlog": percent_of(bad, everywhere),
        **{f"backlog_{name}": percent_of(bad, network.region == place) for place, name in enumerate(REGIONS)},
        "tool_missed": percent_of(~flagged, was_bad & network.rural),
        "tool_false": percent_of(flagged & ~was_bad, ~network.rural),
        "posted_sound": float(np.count_nonzero(result.posted & ~was_bad)),
        **{f"hours_{name}": float(hours[place]) for place, name in enumerate(REGIONS)},
        "equity_ratio": equity_ratio(p, after),
    }
