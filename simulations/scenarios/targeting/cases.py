"""Two households of this period for the officer to judge before the tool's advice is seen."""

import numpy as np

from simulations.engine import stream
from simulations.scenarios.targeting.office import State
from simulations.scenarios.targeting.tool import claimed_chance, line_score, tool_score
from simulations.scenarios.targeting.world import (
    DWELLING,
    ELECTRICITY,
    GROUPS,
    LIVESTOCK,
    NOMAD,
    SCHOOLING,
    SETTLED,
    SLUM,
    WORKERS,
    Households,
    Parameters,
    Truth,
)
from simulations.types import Case, Value

ANSWERS = ("poor", "not_poor")
NEAR_POINTS = 22.0  # only households that could be either come to the officer's desk
SKIPS_IF_POOR, SKIPS_IF_NOT = 0.75, 0.15  # chance that a meal was skipped yesterday


def cases(p: Parameters, seed: int, homes: Households, truth: Truth, state: State) -> tuple[Case, ...]:
    """A household of the camps and slums and a settled one, both drawn from those not far from the line."""
    dice = stream(seed, "cases", state.round).random((2, 3))
    other = NOMAD if dice[0, 2] < 0.5 else SLUM
    near = np.abs(tool_score(p, homes) - line_score(p, homes)) < NEAR_POINTS
    found = []
    for group, die in zip((other, SETTLED), dice, strict=True):
        rows = np.flatnonzero(near & (homes.group == group))
        if len(rows):
            row = int(rows[int(die[0] * len(rows))])
            found.append(_case(p, homes, truth, state, row, float(die[1])))
    return tuple(found)


def _case(p: Parameters, homes: Households, truth: Truth, state: State, row: int, die: float) -> Case:
    is_flooded = state.round >= truth.flood_round
    poor = bool(truth.now(p, flooded=is_flooded)[row] < homes.line)
    chance = float(claimed_chance(p, homes)[row])
    says_poor = bool(tool_score(p, homes)[row] < line_score(p, homes))
    return Case(
        id=f"{state.round}_{row}",
        values=_seen(homes, row, poor=poor, die=die, is_flooded=is_flooded),
        answers=ANSWERS,
        advice=ANSWERS[0 if says_poor else 1],
        confidence=round(max(chance, 1 - chance), 3),
        truth=ANSWERS[0 if poor else 1],
        group=GROUPS[homes.group[row]],
    )


def _seen(homes: Households, row: int, *, poor: bool, die: float, is_flooded: bool) -> dict[str, Value]:
    """What form and doorstep show. The tool does not read how often the household skips a meal."""
    marks = homes.marks[row]
    skips = die < (SKIPS_IF_POOR if poor else SKIPS_IF_NOT)
    return {
        "group": GROUPS[homes.group[row]],
        "persons": int(homes.size[row]),
        "rooms": _count(2 + marks[DWELLING], 1),
        "schooling": _count(5 + 3 * marks[SCHOOLING], 0),
        "workers": _count(1.5 + 0.8 * marks[WORKERS], 0),
        "animals": _count(4 + 3 * marks[LIVESTOCK], 0),
        "electricity": _count(120 + 60 * marks[ELECTRICITY], 0),
        "meals": "skipped" if skips else "regular",
        "river": "flooded" if is_flooded and bool(homes.river[row]) else "dry",
    }


def _count(value: float, least: int) -> int:
    return max(least, round(float(value)))
