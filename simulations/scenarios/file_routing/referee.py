"""Possible worlds behind a position, and what decisions lose in them by the fluid approximation."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.file_routing.fluid import Fluid, Forms, Truths, paired
from simulations.scenarios.file_routing.office import Placed, form, plan
from simulations.scenarios.file_routing.policies import Desk, best, neighbours, ranked, suited
from simulations.scenarios.file_routing.world import (
    ASSISTANT,
    DIARY,
    Dice,
    File,
    Hidden,
    Ints,
    Parameters,
    draw_dice,
    week_of,
)
from simulations.types import Value

_DIGITS = 6
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


def _menu(fluid: Fluid, desk: Desk, truths: Truths) -> Forms:
    """Forms for the weeks to come: good now, good in the session of the assembly, good after the merger."""
    share = fluid.p.rollout_forms // 3
    mean = truths.mean()
    everyday = replace(mean, court=np.ones_like(mean.court), renamed=np.zeros_like(mean.renamed))
    session = replace(mean, court=np.full_like(mean.court, fluid.p.assembly_factor))
    merged = replace(everyday, renamed=np.full_like(mean.renamed, float(fluid.p.renamed_range.mean())))
    quiet = replace(desk, numbers=np.minimum(desk.numbers, 12.0))
    plans = [chosen for view in (everyday, session, merged) for chosen in ranked(fluid, quiet, view)[:share]]
    return Forms.of(list(dict.fromkeys(plans)))


def _following(fluid: Fluid, menu: Forms, mean: Truths, week: int, numbers: Floats) -> Ints:
    """The form of the menu that the best policy would take in this week, by row of numbers."""
    count = len(numbers)
    forms, truths = menu.take(np.repeat(np.arange(len(menu)), count)), mean.take(np.zeros(len(menu) * count, np.intp))
    reached, total = np.tile(numbers, (len(menu), 1)), np.zeros(len(menu) * count)
    for number in range(week, min(week + 2, fluid.rounds + 1)):
        loss, reached = fluid.play(forms, truths, number, reached, fluid.p.fluid_steps // 2)
        total += loss
    return np.asarray(np.argmin(np.round(total.reshape(len(menu), count), _DIGITS), axis=0), dtype=np.intp)


def losses_to_go(fluid: Fluid, desk: Desk, truths: Truths, decisions: Sequence[Mapping[str, Value]]) -> Floats:
    """Loss from now on, PKR thousand, of each decision followed by the best policy, (decision, world).

    In the weeks to come the policy chooses from a menu by what it believes now: it does not learn the world's truth.
    """
    forms, worlds = paired(Forms.of([plan(values) for values in decisions]), truths)
    menu, mean = _menu(fluid, desk, truths), truths.mean()
    numbers = np.tile(desk.numbers, (len(forms), 1))
    total, numbers = fluid.play(forms, worlds, desk.round, numbers, fluid.p.fluid_steps)
    for week in range(desk.round + 1, fluid.rounds + 1):
        chosen = menu.take(_following(fluid, menu, mean, week, numbers))
        loss, numbers = fluid.play(chosen, worlds, week, numbers, fluid.p.fluid_steps)
        total = total + loss
    return np.asarray(total.reshape(len(decisions), len(truths)))
