"""Possible worlds behind a position, and the decisions that are compared in them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.file_routing.fluid import Fluid
from simulations.scenarios.file_routing.office import Placed, form
from simulations.scenarios.file_routing.policies import Desk, best, neighbours, suited
from simulations.scenarios.file_routing.world import (
    ASSISTANT,
    DIARY,
    Dice,
    File,
    Hidden,
    Parameters,
    draw_dice,
    week_of,
)
from simulations.types import Value

_SUITED = 4


def candidates(fluid: Fluid, desk: Desk) -> tuple[Mapping[str, Value], ...]:
    """The best policy's decision first, then plans one step away from it and those that suit single truths."""
    centre = best(fluid, desk)
    plans = dict.fromkeys((centre, *neighbours(centre), *suited(fluid, desk)[:_SUITED]))
    return tuple(form(chosen) for chosen in plans)


def _redrawn(hidden: Hidden, file: File, dice: Dice, renamed_die: float, *, opened: bool) -> File:
    """A file that looks the same with its luck, and whether its subject was renamed, drawn anew.

    A renamed subject matters to a file only until an assistant of the right section has opened it.
    """
    renamed = file.renamed
    if not opened:
        renamed = week_of(file.arrived) >= hidden.drift_week and renamed_die < hidden.renamed_share
    return replace(file, renamed=renamed, dice=dice)


def redrawn_files(
    p: Parameters, hidden: Hidden, placed: Sequence[Placed], post: Sequence[File], seed: int
) -> tuple[tuple[Placed, ...], tuple[File, ...]]:
    """Files on the desks and in the post as they look, their hidden part drawn anew.

    What remains of a service in hand is exponential again, since the exponential has no memory.
    """
    die = stream(seed, "redrawn")
    count = len(placed) + len(post)
    dice, renamed = draw_dice(die, count), die.random(count).tolist()
    left = die.standard_exponential(len(placed)).tolist()
    found = []
    for place, luck, renamed_die, work in zip(placed, dice, renamed, left, strict=False):
        opened = place.desk not in (DIARY, ASSISTANT)
        file = _redrawn(hidden, place.file, luck, renamed_die, opened=opened)
        remaining = None if place.remaining is None else work * _norm(p, place) / float(hidden.speed[place.desk])
        found.append(Placed(place.desk, file, remaining, place.until))
    rest = zip(post, dice[len(placed) :], renamed[len(placed) :], strict=True)
    return tuple(found), tuple(_redrawn(hidden, file, luck, d, opened=False) for file, luck, d in rest)


def _norm(p: Parameters, place: Placed) -> float:
    """Days of the service in hand at the working norm."""
    if place.desk != DIARY:
        return float(p.service_minutes[place.desk] * p.kind_factor[place.file.kind]) / p.minutes_per_day
    share = (0.0, p.advice_reading, 1.0)[place.file.router]
    return (float(p.service_minutes[DIARY]) + share * p.reading_minutes) / p.minutes_per_day


def numbers_on_desks(placed: Sequence[Placed], desks: int) -> Floats:
    """Files by desk, those on the way back last."""
    on_way = [place.until is not None for place in placed]
    places = [desks if away else place.desk for place, away in zip(placed, on_way, strict=True)]
    return np.bincount(np.array(places, dtype=np.intp), minlength=desks + 1).astype(np.float64)
