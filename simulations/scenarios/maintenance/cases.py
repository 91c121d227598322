"""Two bridges of this half-year to be judged before the tool's advice: is it in grade 4 or 5?"""

import numpy as np

from simulations.engine import stream
from simulations.estimates import lowest_first
from simulations.scenarios.maintenance import tool
from simulations.scenarios.maintenance.ledger import Page
from simulations.scenarios.maintenance.office import State
from simulations.scenarios.maintenance.report import EVEN
from simulations.scenarios.maintenance.world import BAD, REGIONS, Network, Parameters
from simulations.types import Case, Value

DOUBTFUL = 10
ANSWERS = ("yes", "no")


def draw_cases(p: Parameters, seed: int, network: Network, state: State, page: Page) -> tuple[Case, ...]:
    """A bridge of each region, by lot among those where the book leaves most doubt; urban ones have a sensor."""
    dice = stream(seed, "cases", state.round).random(len(REGIONS))
    found = []
    for region, name in enumerate(REGIONS):
        rows = np.flatnonzero((network.region == region) & (state.records.has_sensor == (region == 0)))
        doubtful = lowest_first(np.abs(page.bad - EVEN), rows, DOUBTFUL)
        if len(doubtful):
            found.append(_case(p, state, int(doubtful[int(dice[region] * len(doubtful))]), name))
    return tuple(found)


def _case(p: Parameters, state: State, bridge: int, region: str) -> Case:
    records = state.records
    chance = float(tool.bad_chance(p, records.rating)[bridge])
    flagged = chance >= EVEN
    values: dict[str, Value] = {
        "place": region,
        "seen_grade": int(records.seen_grade[bridge]),
        "seen_ago": int(state.round - records.seen_round[bridge]),
        "reading": round(float(records.reading[bridge]), 1) if records.has_sensor[bridge] else "none",
    }
    return Case(
        id=f"{state.round}_{bridge}",
        values=values,
        answers=ANSWERS,
        advice=ANSWERS[0] if flagged else ANSWERS[1],
        confidence=chance if flagged else 1 - chance,
        truth=ANSWERS[0] if int(p.grade_of[state.hidden.condition[bridge]]) >= BAD else ANSWERS[1],
        group=region,
    )
