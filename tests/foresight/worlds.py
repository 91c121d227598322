"""Small worlds whose figures can be worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from foresight import LEVELS, Mode, Range, Site, Use, World
from foresight.sampling import Sample


def world(*, years: int = 3, departments: int = 2, staff: float = 100.0, **others: Any) -> World:
    """Departments of one cadre that needs level 2 of one competency; half of its staff holds level 1, a fourth 2."""
    names = tuple(f"Department {place}" for place in range(departments))
    shape, count = (departments, 1, len(LEVELS)), len(LEVELS)
    values: dict[str, Any] = {
        "departments": names,
        "competencies": ("D2.1",),
        "years": tuple(range(2026, 2026 + years)),
        "modes": ("workshop",),
        "posts": np.full((departments, 1, years), staff),
        "since": np.zeros((departments, 1, years)),
        "needs": np.array([[[1.0, 1.0, 0.0, 0.0]]]),
        "share_now": np.array([[0.5]]),
        "weights": np.array([[[1.0, 1.0, 0.0, 0.0]]] * departments),
        "uses": tuple(Use(place, Range.exactly(2027.0)) for place in range(departments)),
        "retirements": np.zeros((departments, years)),
        "transfers": np.zeros((departments, departments, years)),
        "intake": np.zeros((departments, years)),
        "fade_ratio": np.ones(1),
        "assessed": np.full((departments, 1), staff),
        "shares": np.broadcast_to(np.array([0.5, 0.25, 0.0, 0.0]), shape).copy(),
        "behind": np.full((departments, 1), staff),
        "trained": np.full((1, count), 96.0),
        "reached": np.full((1, count), 78.0),
        "newcomers_trained": np.zeros(count),
        "newcomers_reached": np.zeros(count),
        "spreads": {},
        "capacity": {2026 + year: (Mode("workshop", 20, 10_000, 1_000, 10),) for year in range(years)},
        "sites": tuple(Site(name, "Swat", staff, staff / 4) for name in names),
    }
    return World(**(values | others))


def sample(world: World, **values: Any) -> Sample:
    """One draw in which nothing is lost and nothing grows, but for these values."""
    departments, years = len(world.departments), len(world.years)
    given: dict[str, Any] = {
        **dict.fromkeys(("growth", "resignation"), 0.0),
        **dict.fromkeys(("posts", "transfers", "intake", "unassessed"), 1.0),
        "ceiling": 0.6,
        "speed": 0.8,
        "half_life_years": np.inf,
    }
    arrays: dict[str, Any] = {
        "retirement": np.zeros((1, departments, years)),
        "success": np.full((1, len(world.modes), len(LEVELS)), 0.8),
        "newcomers": np.zeros((1, len(LEVELS))),
        "held": world.shares[None],
        **{
            name: np.array([[each.likely if (each := getattr(use, kept)) else np.nan for use in world.uses]])
            for name, kept in (("use_ceiling", "ceiling"), ("use_speed", "speed"), ("middle_year", "middle_year"))
        },
    }
    ones = {name: np.array([value]) for name, value in (given | values).items() if name not in arrays}
    return Sample(**ones, **{name: values.get(name, array) for name, array in arrays.items()})
