"""What of Hunar a platform can open: a module, one of its quizzes, simulations or labs, or an exercise of a cohort.

A part is named by the address of its own page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.content.schemas import Activity, Catalogue, Module, Notebook, Quiz, Simulation
from app.core.wording import Language
from app.sims.models import SimulationExercise

PATH = re.compile(
    r"/learn/(?P<module>[a-z0-9-]{1,60})(?:/(?P<activity>[a-z0-9-]{1,60}))?|/exercises/(?P<exercise>\d{1,9})"
)
# A simulation is scored in percent.
SIMULATION_POINTS = 100.0


@dataclass(frozen=True)
class Place:
    """Which part an address names: a module with or without an activity, or an exercise."""

    module_id: str = ""
    activity_id: str = ""
    exercise_id: int | None = None

    @property
    def path(self) -> str:
        if self.exercise_id is not None:
            return f"/exercises/{self.exercise_id}"
        return f"/learn/{self.module_id}/{self.activity_id}" if self.activity_id else f"/learn/{self.module_id}"


@dataclass(frozen=True)
class Part:
    """A part with its title. points: of full marks; None where there is no score."""

    place: Place
    title: str
    kind: str
    points: float | None


def place_of(address: str, *, origin: str) -> Place | None:
    """The part that an address of this portal names; None for none."""
    if not address.startswith(f"{origin}/"):
        return None
    try:
        parts = urlsplit(address[len(origin) :])
    except ValueError:
        return None
    return None if parts.netloc or parts.query or parts.fragment else place_of_path(parts.path)


def place_of_path(path: str) -> Place | None:
    found = PATH.fullmatch(path)
    if found is None:
        return None
    if number := found["exercise"]:
        return Place(exercise_id=int(number))
    return Place(found["module"], found["activity"] or "")


def part_at(
    catalogue: Catalogue, exercises: Sequence[SimulationExercise], place: Place, language: Language
) -> Part | None:
    """The part of this place, if a platform may open it."""
    offered = [*(each for module in catalogue.modules.values() for each in parts_of(module, language))]
    offered += [part_of_exercise(each) for each in exercises]
    return next((each for each in offered if each.place == place), None)


def parts_of(module: Module, language: Language) -> list[Part]:
    """The module as a whole, then what of it is scored."""
    whole = Part(Place(module.id), module.title.in_language(language), "module", None)
    scored = [each for each in module.activities if isinstance(each, Quiz | Simulation | Notebook)]
    return [whole] + [
        Part(Place(module.id, each.id), each.title.in_language(language), each.kind, points_of(each)) for each in scored
    ]


def part_of_exercise(exercise: SimulationExercise) -> Part:
    return Part(Place(exercise_id=exercise.id), exercise.title, "exercise", SIMULATION_POINTS)


def points_of(activity: Activity) -> float | None:
    """Points of full marks."""
    match activity:
        case Quiz():
            return activity.max_points
        case Simulation():
            return SIMULATION_POINTS
        case Notebook():
            return math.fsum(cell.points for cell in activity.graded_cells)
        case _:
            return None
