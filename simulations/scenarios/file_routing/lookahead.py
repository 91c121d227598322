"""Forms played ahead in the fluid: which are worth a look, and what they lose until the end of the run."""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np

from simulations.engine import Floats, Ints
from simulations.scenarios.file_routing.fluid import Fluid, Forms, Truths, paired
from simulations.scenarios.file_routing.office import (
    ADVISE,
    AUTO,
    COURT_FIRST,
    FIFO,
    IGNORE,
    PRIORITIES,
    READS,
    Plan,
)
from simulations.scenarios.file_routing.world import ASSISTANT, DESKS, DIARY

OFFICIALS = 12
MOST = 4
EQUAL = (2, 2, 2, 2, 2, 2)
THRESHOLDS = (0.6, 0.7, 0.8, 0.9)
DEFAULT_THRESHOLD = 0.8
# the size of a search never changes what a run is worth, only how well the best policy plays it
_KEPT_MARKINGS = 8
_USES_EACH = 2
_SCREENING_WEEKS, _SCREENING_STEPS = 2, 5
_LATER_STEPS = 3
_FOLLOWING_WEEKS = 3
_QUIET_DESK = 12.0
_DIGITS = 6


def compositions() -> tuple[tuple[int, ...], ...]:
    """All ways to seat twelve officials at six desks, one to four at each."""
    return tuple(seats for seats in product(range(1, MOST + 1), repeat=len(DESKS)) if sum(seats) == OFFICIALS)


@cache
def staffings() -> Ints:
    """``compositions`` as an array (staffing, desk)."""
    return np.array(compositions(), dtype=np.intp)


@cache
def markings() -> tuple[Plan, ...]:
    """All uses of the tool on a coarse grid, at equal staff."""
    plain = Plan(EQUAL, IGNORE, DEFAULT_THRESHOLD, 0, False, FIFO)
    used = [
        replace(plain, mode=mode, threshold=threshold, reads=reads)
        for mode, threshold, reads in product((ADVISE, AUTO), THRESHOLDS, range(len(READS)))
    ]
    return (plain, *used)


def least(losses: Floats, count: int) -> Ints:
    """Rows of the least losses, least first; equal to six digits means equal, the earlier row then wins."""
    return np.asarray(np.argsort(np.round(losses, _DIGITS), kind="stable")[:count], dtype=np.intp)


def kept(fluid: Fluid, forms: Forms, truths: Truths, week: int, numbers: Floats, weeks: int, steps: int) -> Floats:
    """Loss of keeping each form for some weeks, by (form, truth); weeks after the first go in few steps.

    numbers: files by desk on the first morning, those on the way back last.
    """
    rows, worlds = paired(forms, truths)
    here, total = np.tile(numbers, (len(rows), 1)), np.zeros(len(rows))
    for number in range(week, min(week + weeks, fluid.rounds + 1)):
        loss, here = fluid.play(rows, worlds, number, here, steps if number == week else _LATER_STEPS)
        total += loss
    return total.reshape(len(forms), len(truths))


def _useful_markings(fluid: Fluid, truth: Truths, week: int) -> list[Plan]:
    """The uses of the tool that cost diary, assistants and the files themselves the least time in the week."""
    every, p = markings(), fluid.p
    reading, first, again = fluid.marking(*paired(Forms.of(every), truth), week)
    repeats = first / (1 - again)
    read = p.reading_minutes * (reading + repeats)
    visits = (p.service_minutes[DIARY] + p.service_minutes[ASSISTANT]) * repeats
    away = p.return_days * p.minutes_per_day * repeats / OFFICIALS
    return [every[row] for row in least(read + visits + away, _KEPT_MARKINGS)]


def short_list(fluid: Fluid, truth: Truths, week: int, numbers: Floats) -> Forms:
    """All staffings screened with the useful markings in one truth; the best of them with every priority."""
    uses = [
        replace(use, delegated=delegated, priority=COURT_FIRST)
        for use, delegated in product(_useful_markings(fluid, truth, week), (False, True))
    ]
    seats, use = staffings(), Forms.of(uses)
    many, few = len(seats), len(uses)
    forms = replace(use.take(np.tile(np.arange(few), many)), staff=np.repeat(seats, few, axis=0))
    losses = kept(fluid, forms, truth, week, numbers, _SCREENING_WEEKS, _SCREENING_STEPS)
    rows = _varied(losses.reshape(many, few), fluid.p.shortlist)
    found = forms.take(np.repeat(rows, len(PRIORITIES)))
    return replace(found, priority=np.tile(np.arange(len(PRIORITIES)), len(rows)))


def _varied(losses: Floats, count: int) -> Ints:
    """Rows of the best uses of the tool of each of the best staffings; losses by (staffing, use)."""
    seats = least(losses.min(axis=1), count // _USES_EACH)
    uses = np.argsort(np.round(losses[seats], _DIGITS), axis=1, kind="stable")[:, :_USES_EACH]
    return np.asarray((seats[:, None] * losses.shape[1] + uses).ravel(), dtype=np.intp)


def later_forms(fluid: Fluid, forms: Forms, mean: Truths, week: int, numbers: Floats) -> Forms:
    """Of these forms the ones for weeks to come: good in quiet weeks, in the assembly's session, after the merger."""
    merged = float(fluid.p.renamed_range.mean())
    quiet = replace(mean, court=np.ones_like(mean.court), renamed=np.zeros_like(mean.renamed))
    session = replace(mean, court=np.full_like(mean.court, fluid.p.assembly_factor))
    drifted = replace(quiet, renamed=np.full_like(mean.renamed, merged))
    calm, chosen = np.minimum(numbers, _QUIET_DESK), []
    for view in (mean, quiet, session, drifted):
        losses = kept(fluid, forms, view, week, calm, _SCREENING_WEEKS, _SCREENING_STEPS)[:, 0]
        chosen += least(losses, fluid.p.rollout_forms // 4).tolist()
    return forms.take(np.array(list(dict.fromkeys(chosen)), dtype=np.intp))


def _following(fluid: Fluid, menu: Forms, mean: Truths, week: int, numbers: Floats) -> Ints:
    """The form of the menu that loses least in the weeks ahead if kept, by row of numbers."""
    count = len(numbers)
    forms, truths = menu.take(np.repeat(np.arange(len(menu)), count)), mean.take(np.zeros(len(menu) * count, np.intp))
    reached, total = np.tile(numbers, (len(menu), 1)), np.zeros(len(menu) * count)
    for number in range(week, min(week + _FOLLOWING_WEEKS, fluid.rounds + 1)):
        loss, reached = fluid.play(forms, truths, number, reached, _LATER_STEPS)
        total += loss
    return np.asarray(np.argmin(np.round(total.reshape(len(menu), count), _DIGITS), axis=0), dtype=np.intp)


def played_out(
    fluid: Fluid, forms: Forms, truths: Truths, menu: Forms, mean: Truths, week: int, numbers: Floats
) -> Floats:
    """Loss to the end of the run of a week of each form and the menu's best in every week after it, (form, truth).

    The menu is chosen from by ``mean``, what is believed now: whoever chooses does not know the truth it is played in.
    """
    rows, worlds = paired(forms, truths)
    here = np.tile(numbers, (len(rows), 1))
    total, here = fluid.play(rows, worlds, week, here, fluid.p.fluid_steps)
    for number in range(week + 1, fluid.rounds + 1):
        chosen = menu.take(_following(fluid, menu, mean, number, here))
        loss, here = fluid.play(chosen, worlds, number, here, fluid.p.fluid_steps // 2)
        total = total + loss
    return np.asarray(total.reshape(len(forms), len(truths)))
