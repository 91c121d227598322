"""Four reference policies. They see what the office knows (``Desk``), never the hidden truth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

import numpy as np

from simulations.engine import Floats
from simulations.scenarios.file_routing.belief import Beliefs
from simulations.scenarios.file_routing.fluid import Fluid, Forms, Truths, paired
from simulations.scenarios.file_routing.office import ADVISE, AUTO, COURT_FIRST, FIFO, IGNORE, READS, Plan
from simulations.scenarios.file_routing.world import DESKS, Ints

OFFICIALS = 12
MOST = 4
EQUAL = (2, 2, 2, 2, 2, 2)
THRESHOLDS = (0.6, 0.7, 0.8, 0.9)
DEFAULT_THRESHOLD = 0.8
PRIORITIES = 3
_SCREENING_STEPS = 5
_KEPT_MARKINGS = 8
_USES_EACH = 2
_FIRST = 24
_CHANGES = 6
_DIGITS = 6


@dataclass(frozen=True)
class Desk:
    """What the office knows on Monday morning and a policy may use."""

    round: int
    numbers: Floats  # files by desk, and those on the way back
    last: Plan | None
    busy: Floats  # share of the officials' time at work last week, by desk
    conclude: Callable[[], Beliefs]  # possible truths, given the registers


def compositions() -> tuple[tuple[int, ...], ...]:
    """All ways to seat twelve officials at six desks, one to four at each."""
    return tuple(seats for seats in product(range(1, MOST + 1), repeat=len(DESKS)) if sum(seats) == OFFICIALS)


@cache
def markings() -> tuple[Plan, ...]:
    """All uses of the tool on a coarse grid, and delegation, at equal staff."""
    plain = Plan(EQUAL, IGNORE, DEFAULT_THRESHOLD, 0, False, FIFO)
    used = [
        replace(plain, mode=mode, threshold=threshold, reads=reads)
        for mode, threshold, reads in product((ADVISE, AUTO), THRESHOLDS, range(len(READS)))
    ]
    return (plain, *used)


@cache
def staffings() -> Ints:
    """``compositions`` as an array (staffing, desk)."""
    return np.array(compositions(), dtype=np.intp)


def baseline(_fluid: Fluid, _desk: Desk) -> Plan:
    """As always: two officials at each desk, the tool is ignored, first come first served."""
    return Plan(EQUAL, IGNORE, DEFAULT_THRESHOLD, 0, False, FIFO)


def ai_only(_fluid: Fluid, _desk: Desk) -> Plan:
    """The tool marks every file it is at least half sure of, and nothing else changes."""
    return Plan(EQUAL, AUTO, 0.5, 0, False, FIFO)


def greedy(_fluid: Fluid, desk: Desk) -> Plan:
    """Each week one official moves from the least busy desk that has two to the desk with the longest queue."""
    if desk.last is None:
        return baseline(_fluid, desk)
    staff = list(desk.last.staff)
    can_give = [number for number in range(len(DESKS)) if staff[number] > 1]
    can_take = [number for number in range(len(DESKS)) if staff[number] < MOST]
    taker = max(can_take, key=lambda number: (float(desk.numbers[number]), -number))
    giver = min(can_give, key=lambda number: (round(float(desk.busy[number]), _DIGITS), number))
    if giver != taker:
        staff[giver] -= 1
        staff[taker] += 1
    return replace(desk.last, staff=tuple(staff))


def _least(losses: Floats, count: int) -> Ints:
    """Rows of the least losses, least first; equal to six digits means equal, the earlier row then wins."""
    return np.asarray(np.argsort(np.round(losses, _DIGITS), kind="stable")[:count], dtype=np.intp)


def played_out(
    fluid: Fluid, forms: Forms, truths: Truths, week: int, numbers: Floats, weeks: int, steps: int
) -> tuple[Floats, Floats]:
    """Loss of keeping each form for some weeks, by (form, truth), and the numbers after them, by (form, truth, desk).

    numbers: those of the first morning, by desk, or by (form, truth, desk). Later weeks go in half as many steps.
    """
    shape = (len(forms), len(truths))
    rows, worlds = paired(forms, truths)
    here = np.broadcast_to(numbers, (*shape, numbers.shape[-1])).reshape(len(rows), -1)
    total = np.zeros(len(rows))
    for number in range(week, week + weeks):
        loss, here = fluid.play(rows, worlds, number, here, steps if number == week else (steps + 1) // 2)
        total += loss
    return total.reshape(shape), here.reshape(*shape, -1)


def _useful_markings(fluid: Fluid, truth: Truths, week: int) -> list[Plan]:
    """The uses of the tool that cost the offices at diary and assistant, and the files themselves, the least time."""
    every, p = markings(), fluid.p
    forms, worlds = paired(Forms.of(every), truth)
    reading, first, again = fluid.marking(forms, worlds, week)
    repeats = first / (1 - again)
    diary = p.service_minutes[0] + p.reading_minutes * (reading + repeats) + p.service_minutes[0] * repeats
    minutes = diary + p.service_minutes[1] * repeats + p.return_days * repeats * p.minutes_per_day / OFFICIALS
    return [every[row] for row in _least(minutes, _KEPT_MARKINGS)]


def menu(fluid: Fluid, desk: Desk, truths: Truths) -> Forms:
    """A short list of good forms: all staffings screened in the mean truth, then every priority for each kept."""
    mean = truths.mean()
    uses = [
        replace(use, delegated=delegated, priority=COURT_FIRST)
        for use, delegated in product(_useful_markings(fluid, mean, desk.round), (False, True))
    ]
    seats, use = staffings(), Forms.of(uses)
    many, few = len(seats), len(uses)
    forms = replace(use.take(np.tile(np.arange(few), many)), staff=np.repeat(seats, few, axis=0))
    weeks = min(2, fluid.rounds - desk.round + 1)
    losses, _ = played_out(fluid, forms, mean, desk.round, desk.numbers, weeks, _SCREENING_STEPS)
    kept = forms.take(np.repeat(_varied(losses.reshape(many, few), fluid.p.shortlist), PRIORITIES))
    return replace(kept, priority=np.tile(np.arange(PRIORITIES), len(kept) // PRIORITIES))


def _varied(losses: Floats, count: int) -> Ints:
    """Rows of the best uses of the tool of each of the best staffings; losses by (staffing, use)."""
    seats = _least(losses.min(axis=1), count // _USES_EACH)
    uses = np.argsort(np.round(losses[seats], _DIGITS), axis=1, kind="stable")[:, :_USES_EACH]
    return np.asarray((seats[:, None] * losses.shape[1] + uses).ravel(), dtype=np.intp)


def ranked(fluid: Fluid, desk: Desk, truths: Truths) -> list[Plan]:
    """Good forms in the order of expected loss, least first.

    Each form of the short list is kept for the weeks ahead; the first of these are then ranked by one week of the form
    and, for the weeks after it, the one of several staffings that goes best with it (rollout; Bertsekas 2020).
    """
    forms = menu(fluid, desk, truths)
    weeks = min(fluid.p.horizon_weeks, fluid.rounds - desk.round + 1)
    losses, _ = played_out(fluid, forms, truths, desk.round, desk.numbers, weeks, fluid.p.fluid_steps)
    order = _least(losses.mean(axis=1), len(forms))
    if weeks == 1:
        return [forms.plan(int(row)) for row in order]
    first, rest = forms.take(order[:_FIRST]), order[_FIRST:]
    total = _with_a_change(fluid, desk, truths, first, _distinct_staffings(forms, order), weeks - 1)
    return [*(first.plan(int(row)) for row in _least(total, _FIRST)), *(forms.plan(int(row)) for row in rest)]


def _distinct_staffings(forms: Forms, order: Ints) -> Forms:
    """The first forms of the order that differ in staff."""
    rows: dict[tuple[int, ...], int] = {}
    for row in order.tolist():
        rows.setdefault(tuple(forms.staff[row].tolist()), row)
        if len(rows) == _CHANGES:
            break
    return forms.take(np.array(list(rows.values()), dtype=np.intp))


def _with_a_change(fluid: Fluid, desk: Desk, truths: Truths, first: Forms, then: Forms, weeks: int) -> Floats:
    """Expected loss of a week of each form and of the best form to follow it, by form."""
    p = fluid.p
    loss, numbers = played_out(fluid, first, truths, desk.round, desk.numbers, 1, p.fluid_steps)
    many, few = len(first), len(then)
    later = then.take(np.tile(np.arange(few), many))
    reached = np.repeat(numbers, few, axis=0)
    after, _ = played_out(fluid, later, truths, desk.round + 1, reached, weeks, p.fluid_steps)
    return np.asarray(loss.mean(axis=1) + after.mean(axis=1).reshape(many, few).min(axis=1))


def best(fluid: Fluid, desk: Desk) -> Plan:
    """The form with the least expected loss over the next weeks, planned anew each week (rolling horizon).

    All 336 staffings are screened by the fluid approximation of the Jackson network; the best forty are played
    ahead, with every priority, in possible truths drawn from the posterior.
    """
    truths = Truths.of(fluid.p, desk.conclude(), fluid.rounds)
    return ranked(fluid, desk, truths.few(fluid.p.belief_worlds))[0]


def suited(fluid: Fluid, desk: Desk) -> list[Plan]:
    """What one would do if one knew the truth, for some possible truths; each plan once."""
    truths = Truths.of(fluid.p, desk.conclude(), fluid.rounds).take(np.arange(fluid.p.belief_worlds))
    forms = menu(fluid, desk, truths)
    weeks = min(fluid.p.horizon_weeks, fluid.rounds - desk.round + 1)
    losses, _ = played_out(fluid, forms, truths, desk.round, desk.numbers, weeks, fluid.p.fluid_steps // 2)
    plans = [forms.plan(int(np.argmin(np.round(column, _DIGITS)))) for column in losses.T]
    return list(dict.fromkeys(plans))


Rule = Callable[[Fluid, Desk], Plan]
RULES: Mapping[str, Rule] = {"baseline": baseline, "greedy": greedy, "ai_only": ai_only, "best": best}


def neighbours(centre: Plan) -> Sequence[Plan]:
    """Plans one step away: staff, threshold, who reads, mode, delegation and priority."""
    staff = np.array(centre.staff)
    giver = int(np.argmax(staff))
    moved = []
    for taker in range(len(staff)):
        if taker != giver and staff[taker] < MOST:
            changed = staff.copy()
            changed[giver] -= 1
            changed[taker] += 1
            moved.append(replace(centre, staff=tuple(changed.tolist())))
    reads = [replace(centre, reads=reads) for reads in range(len(READS)) if reads != centre.reads]
    modes = [replace(centre, mode=mode) for mode in (IGNORE, ADVISE, AUTO) if mode != centre.mode]
    other = [replace(centre, threshold=round(min(0.99, max(0.5, centre.threshold + step)), 2)) for step in (-0.1, 0.09)]
    rest = [replace(centre, delegated=not centre.delegated)]
    rest += [replace(centre, priority=order) for order in range(PRIORITIES) if order != centre.priority]
    return [*moved[:2], *reads, *modes, *other, *rest]
