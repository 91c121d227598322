"""What is known of departments, their staff and the academy: plain arrays, whoever read them from wherever.

Axes are always in the order draw n, department d, competency c, level l, mode m, year y. Levels count cumulatively:
who is needed or held at level 3 is needed or held at levels 1 and 2 as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foresight.scenarios import Range

Array = npt.NDArray[np.float64]
LEVELS = (1, 2, 3, 4)
# Competencies of law, ethics, security and procurement.
LEGAL_DOMAIN = "D5."
WEIGHT_CRITICAL, WEIGHT_LEGAL, WEIGHT_OTHER = 3.0, 2.0, 1.0


@dataclass(frozen=True)
class Use:
    """A planned use of AI in a department (its place). middle_year: when half of the ceiling is reached.

    ceiling (share) and speed (1/year): None for those of the scenario.
    """

    department: int
    middle_year: Range
    ceiling: Range | None = None
    speed: Range | None = None


@dataclass(frozen=True)
class Site:
    """Staff of a department in a district: people, and the women among them."""

    department: str
    district: str
    people: float
    women: float


@dataclass(frozen=True)
class Mode:
    """A way of training in one year. hours: of a participant's time for a seat; group_size: seats for one trainer."""

    name: str
    seats: float
    trainer_hours: float
    cost_pkr: float
    hours: float
    group_size: float = 1.0


@dataclass(frozen=True)
class World:
    """Everything a study rests on besides the scenario.

    posts (d, role, y): filled posts as last given; since (d, role, y): years since then. needs (role, c, l): 1 where a
    role needs that level; share_now (role, c): share of its posts that need it whatever AI does. weights (d, c, l).
    retirements, intake (d, y), transfers (from, to, y): people in a year. fade_ratio (c): half-life of a competency
    over that of the others. assessed (d, c): people whose estimates are used; shares (d, c, l): share of them that
    holds a level; behind (d, c): people whose estimates stand behind these shares, 0 for nobody.
    trained, reached (m, l): former participants and how many reached the level; newcomers_*: the same of people who
    came in. spreads: by sheet, how far its figures may be off (share). capacity: modes offered, by year.
    """

    departments: tuple[str, ...]
    competencies: tuple[str, ...]
    years: tuple[int, ...]
    modes: tuple[str, ...]
    posts: Array
    since: Array
    needs: Array
    share_now: Array
    weights: Array
    uses: tuple[Use, ...]
    retirements: Array
    transfers: Array
    intake: Array
    fade_ratio: Array
    assessed: Array
    shares: Array
    behind: Array
    trained: Array
    reached: Array
    newcomers_trained: Array
    newcomers_reached: Array
    spreads: Mapping[str, float]
    capacity: Mapping[int, tuple[Mode, ...]]
    sites: tuple[Site, ...]

    @property
    def staff(self) -> Array:
        """People in filled posts (d, y) as last given."""
        total: Array = self.posts.sum(axis=1)
        return total
