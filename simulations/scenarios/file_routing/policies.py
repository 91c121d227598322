"""Four reference policies. They see what the office knows (``Desk``), never the hidden truth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Floats
from simulations.scenarios.file_routing import lookahead
from simulations.scenarios.file_routing.belief import Beliefs
from simulations.scenarios.file_routing.fluid import Fluid, Forms, Truths
from simulations.scenarios.file_routing.lookahead import DEFAULT_THRESHOLD, EQUAL, MOST, least
from simulations.scenarios.file_routing.office import ADVISE, AUTO, FIFO, IGNORE, PRIORITIES, READS, Plan
from simulations.scenarios.file_routing.world import DESKS

_TRUTHS = 8
_DIGITS = 6


@dataclass(frozen=True)
class Desk:
    """What the office knows on Monday morning and a policy may use."""

    round: int
    numbers: Floats  # files by desk, and those on the way back
    last: Plan | None
    busy: Floats  # share of the officials' time at work last week, by desk
    conclude: Callable[[], Beliefs]  # possible truths, given the registers

    def truths(self, fluid: Fluid) -> Truths:
        """The possible truths as the fluid takes them."""
        return Truths.of(fluid.p, self.conclude(), fluid.rounds)


def baseline(_fluid: Fluid, _desk: Desk) -> Plan:
    """As always: two officials at each desk, the tool is ignored, first come first served."""
    return Plan(EQUAL, IGNORE, DEFAULT_THRESHOLD, 0, False, FIFO)


def ai_only(_fluid: Fluid, _desk: Desk) -> Plan:
    """The tool marks every file it is at least half sure of, and nothing else changes."""
    return Plan(EQUAL, AUTO, 0.5, 0, False, FIFO)


def greedy(fluid: Fluid, desk: Desk) -> Plan:
    """Each week one official moves from the least busy desk that has two to the desk with the longest queue."""
    if desk.last is None:
        return baseline(fluid, desk)
    staff = list(desk.last.staff)
    can_give = [number for number in range(len(DESKS)) if staff[number] > 1]
    can_take = [number for number in range(len(DESKS)) if staff[number] < MOST]
    taker = max(can_take, key=lambda number: (float(desk.numbers[number]), -number))
    giver = min(can_give, key=lambda number: (round(float(desk.busy[number]), _DIGITS), number))
    if giver != taker:
        staff[giver] -= 1
        staff[taker] += 1
    return replace(desk.last, staff=tuple(staff))


def best(fluid: Fluid, desk: Desk) -> Plan:
    """The form with the least expected loss to the end of the run, planned anew each week (rolling horizon).

    All 336 staffings are screened in the fluid approximation of the Jackson network, at the mean of the posterior
    (certainty equivalence). The best are kept for some weeks with every priority, and the first of these played out to
    the end, a good form following in every later week (rollout; Bertsekas, Tsitsiklis & Wu 1997).
    """
    p, week, numbers, mean = fluid.p, desk.round, desk.numbers, desk.truths(fluid).mean()
    forms = lookahead.short_list(fluid, mean, week, numbers)
    losses = lookahead.kept(fluid, forms, mean, week, numbers, p.horizon_weeks, p.fluid_steps)
    first = forms.take(least(losses[:, 0], p.finalists))
    if week == fluid.rounds:
        return first.plan(0)
    menu = lookahead.later_forms(fluid, forms, mean, week, numbers)
    losses = lookahead.played_out(fluid, first, mean, menu, mean, week, numbers)
    return first.plan(int(least(losses[:, 0], 1)[0]))


def suited(fluid: Fluid, desk: Desk) -> list[Plan]:
    """What one would do if one knew the truth, for some possible truths; each plan once."""
    every = desk.truths(fluid)
    truths = every.take(np.arange(_TRUTHS))
    forms = lookahead.short_list(fluid, every.mean(), desk.round, desk.numbers)
    steps = fluid.p.fluid_steps // 2
    losses = lookahead.kept(fluid, forms, truths, desk.round, desk.numbers, fluid.p.horizon_weeks, steps)
    plans = [forms.plan(int(least(column, 1)[0])) for column in losses.T]
    return list(dict.fromkeys(plans))


def expected(fluid: Fluid, desk: Desk, truths: Truths, plans: Sequence[Plan]) -> Floats:
    """Loss to the end of the run of each plan this week, good forms following, by (plan, truth)."""
    mean = truths.mean()
    forms = lookahead.short_list(fluid, mean, desk.round, desk.numbers)
    menu = lookahead.later_forms(fluid, forms, mean, desk.round, desk.numbers)
    return lookahead.played_out(fluid, Forms.of(plans), truths, menu, mean, desk.round, desk.numbers)


def neighbours(centre: Plan) -> Sequence[Plan]:
    """Plans one step away: staff, who reads, mode, threshold, delegation and priority."""
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
    steps = [round(min(0.99, max(0.5, centre.threshold + step)), 2) for step in (-0.1, 0.09)]
    marks = [replace(centre, threshold=threshold) for threshold in steps]
    orders = [replace(centre, priority=order) for order in range(len(PRIORITIES)) if order != centre.priority]
    return [*moved[:2], *reads, *modes, *marks, replace(centre, delegated=not centre.delegated), *orders]


Rule = Callable[[Fluid, Desk], Plan]
RULES: Mapping[str, Rule] = {"baseline": baseline, "greedy": greedy, "ai_only": ai_only, "best": best}
