"""The vendor's rating of remaining life: it reads sensors, and takes a missing sensor for a healthy bridge."""

import numpy as np

from simulations.engine import Bools, Floats
from simulations.scenarios.maintenance.world import BAD, GRADES, Parameters


def first_rating(p: Parameters, has_sensor: Bools, reading: Floats) -> Floats:
    """Estimated grade of each bridge on the first morning; where no sensor reports, the network's usual value."""
    return np.where(has_sensor, reading, p.tool_fill)


def next_rating(p: Parameters, rating: Floats, has_sensor: Bools, renewed: Bools, reading: Floats) -> Floats:
    """Estimated grade half a year later: readings smoothed exponentially; works are entered, inspections are not."""
    known = np.where(renewed, 1.0, rating)
    smoothed = p.tool_memory * known + (1 - p.tool_memory) * reading
    return np.where(has_sensor, smoothed, np.minimum(known, rating))


def chance_from(p: Parameters, rating: Floats, grade: int) -> Floats:
    """The tool's probability, 0 to 1, that a bridge is in this grade or a worse one."""
    chance = 0.5 * (1 + np.tanh(p.tool_sharpness * (rating - grade + 0.5) / 2))
    return np.asarray(np.round(chance, 9), dtype=np.float64)


def bad_chance(p: Parameters, rating: Floats) -> Floats:
    """Its probability of grade 4 or 5."""
    return chance_from(p, rating, BAD)


def worst_chance(p: Parameters, rating: Floats) -> Floats:
    """Its probability of grade 5."""
    return chance_from(p, rating, GRADES)
