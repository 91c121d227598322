"""Indicators of play and debrief, and the burden of patrols by beat."""

from collections.abc import Mapping

import numpy as np

from simulations.engine import Floats
from simulations.scenarios.patrol.office import Outcome, State
from simulations.scenarios.patrol.world import BEATS, Parameters, Truth, rates

_RESPONSE_LEAST, _RESPONSE_SPAN, _RESPONSE_HOURS = 6.0, 40.0, 40.0


def response_minutes(hours: Floats) -> Floats:
    """Minutes until a patrol arrives, by beat, from 46 without patrols towards 6. Assumed."""
    return np.asarray(_RESPONSE_LEAST + _RESPONSE_SPAN * np.exp(-hours / _RESPONSE_HOURS), dtype=np.float64)


def reported(outcome: Outcome) -> dict[str, float]:
    """Indicators the office sees."""
    reports, finds = float(outcome.reported.sum()), float(outcome.found.sum())
    weights = (outcome.reported + 1.0) / (outcome.reported + 1.0).sum()
    return {
        "reported": reports,
        "found": finds,
        "found_per_report": finds / max(reports, 1.0),
        "complaints": float(outcome.complaints.sum()),
        "response": float((weights * response_minutes(outcome.hours)).sum()),
        "largest_share": 100 * float(outcome.hours.max() / outcome.hours.sum()) if outcome.hours.sum() > 0 else 0.0,
    }


def burdens(state: State) -> Floats:
    """A beat's share of patrol hours so far over its share of incidents without patrols, 1 where they agree."""
    if state.hours.sum() <= 0:
        return np.ones(len(BEATS))
    return np.asarray((state.hours / state.hours.sum()) / (state.rates / state.rates.sum()), dtype=np.float64)


def hidden(p: Parameters, truth: Truth, before: State, after: State) -> Mapping[str, float]:
    """Indicators of the debrief."""
    last, rate = after.last, rates(p, truth, before.round)
    happened = float(last.incidents.sum())
    unseen = happened - float(last.reported.sum()) - float(last.serious.sum())
    apart = np.abs(last.hours / max(float(last.hours.sum()), 1.0) - rate / rate.sum())
    return {
        "incidents": happened,
        "averted": float(rate.sum()) - happened,
        "unseen_share": 100 * unseen / max(happened, 1.0),
        "hours_gap": 100 * float(apart.max()),
        "trust": 100 * float((after.trust * rate).sum() / rate.sum()),
        "busiest_hours": float(last.hours[int(np.argmax(rate))]),
        "equity_ratio": float(burdens(after).max()),
    }
