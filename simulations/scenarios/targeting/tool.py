"""Two scores, 0 for the poorest to about 100: the old form's, and that of the tool, which has not met everybody."""

import numpy as np

from simulations.engine import Floats
from simulations.scenarios.targeting.chances import cumulative
from simulations.scenarios.targeting.world import MARKS, OLD_MARKS, Households, Parameters

MIDDLE = 50.0


def old_score(p: Parameters, homes: Households) -> Floats:
    """The old form: dwelling, schooling and workers only, the same weights for everybody."""
    columns = list(OLD_MARKS)
    return np.round(MIDDLE + p.points_per_unit * (homes.marks[:, columns] @ p.mark_weights[columns]), 3)


def tool_score(p: Parameters, homes: Households) -> Floats:
    """The tool: all five marks with weights learnt among settled households.

    A herd and a shared meter therefore count as wealth wherever they stand.
    """
    return np.round(MIDDLE + p.points_per_unit * (homes.marks @ p.mark_weights), 3)


def line_score(p: Parameters, homes: Households) -> float:
    """The score that stands for the poverty line."""
    return MIDDLE + p.points_per_unit * homes.line


def claimed_chance(p: Parameters, homes: Households) -> Floats:
    """The tool's own probability that each household is poor, 0 to 1; right for settled households only."""
    away = (line_score(p, homes) - tool_score(p, homes)) / p.points_per_unit
    return cumulative(away / p.noise)


def contributions(p: Parameters, homes: Households, row: int) -> dict[str, float]:
    """Points that each mark adds to one household's score above the middle."""
    points = p.points_per_unit * homes.marks[row] * p.mark_weights
    return {name: float(value) for name, value in zip(MARKS, points, strict=True)}
