"""The best policy's search: square-root staffing, then integer local search over planned weeks, remembered by view.

A form is a row of whole numbers here (``COLUMNS``), so that many weeks can be searched side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Floats, Ints
from simulations.scenarios.licensing import belief
from simulations.scenarios.licensing.office import (
    COUNTERS,
    Plan,
    State,
    block_rates,
    costs,
    expected_crowd,
    forged_means,
    opening,
    pool_after,
    visits_expected,
    work,
)
from simulations.scenarios.licensing.papers import ADVISE, AUTO, MODES, template_spread
from simulations.scenarios.licensing.stationary import rounded_staffing, square_root_staffing
from simulations.scenarios.licensing.world import (
    BLOCK_HOURS,
    BLOCKS,
    LEAST_COUNTERS,
    MOST_COUNTERS,
    MOST_DOOR,
    OFFICERS,
    Parameters,
    Truth,
    Week,
    draw_week,
)
from simulations.types import Value

STAFF = len(BLOCKS) + 1
DOOR, MODE, THRESHOLD, APPOINTMENTS, AUDIT = range(STAFF - 1, STAFF + 4)
LEAST = np.array([LEAST_COUNTERS] * len(BLOCKS) + [0, 0, 0, 0, 0], dtype=np.intp)
MOST = np.array([MOST_COUNTERS] * len(BLOCKS) + [MOST_DOOR, 2, 19, 8, 3], dtype=np.intp)
LEAST_THRESHOLD = 0.8
FIRST_DOORS, FIRST_APPOINTMENTS = (2, 4, 6, 9), (3, 6)
FIRST_RULES = ((AUTO, 5), (AUTO, 12), (AUTO, 17), (ADVISE, 15))  # use of the tool, steps of the threshold
PLANNING_SEED, PLANNING_DAYS = 9, 2
LOCAL_STEPS, CHUNK = 12, 64
VIEW_STEPS = np.array([500.0, 4.0, 0.07, 0.5, 0.5, 0.05])  # pool, days, name rejects, known, new forgeries, peak

View = tuple[int, ...]


def _moves() -> Ints:
    """One step away: an officer moved, threshold, appointments or audit changed."""
    rows = []
    for giver in range(STAFF):
        for taker in range(STAFF):
            if giver != taker:
                row = np.zeros(len(LEAST), dtype=np.intp)
                row[giver], row[taker] = -1, 1
                rows.append(row)
    for column, steps in ((THRESHOLD, (-3, -1, 1, 3)), (APPOINTMENTS, (-1, 1)), (AUDIT, (-1, 1))):
        for step in steps:
            row = np.zeros(len(LEAST), dtype=np.intp)
            row[column] = step
            rows.append(row)
    return np.array(rows)


MOVES = _moves()


def seen_from(p: Parameters, state: State, truth: Truth) -> Ints:
    """What each lane plans for, in whole steps so that like weeks share one search; first the week itself.

    truth: what the office takes to be true.
    """
    new = truth.new_share * template_spread(p, state.round)
    columns = [state.pool, state.days, truth.name_rejects, truth.forgery * (1 - new), truth.forgery * new, truth.peak]
    steps = np.round(np.round(np.column_stack(columns), 6) / VIEW_STEPS).astype(np.intp)
    return np.column_stack([np.full(len(steps), state.round, dtype=np.intp), steps])


def imagined(p: Parameters, views: Ints) -> tuple[State, Truth]:
    """The week and the truth that a view stands for, a lane each; all of the same week."""
    pool, days, names, known, new, peak = (views[:, 1:] * VIEW_STEPS).T
    state = replace(opening(p), round=int(views[0, 0]), pool=pool, days=days, loss=np.zeros((len(views), 1)))
    forgery = np.maximum(known + new, VIEW_STEPS[3] / 2)
    names = np.maximum(names, VIEW_STEPS[2] / 2)
    spread = template_spread(p, state.round)
    return state, Truth(names, forgery, np.minimum(new / forgery / spread, 1.0), peak)


def as_plan(rows: Ints) -> Plan:
    """Rows of whole numbers as a plan of the best kind: priority, reminders, published times, no slots."""
    yes = np.ones(len(rows), dtype=np.bool_)
    return Plan(
        counters=rows[:, : len(BLOCKS)].astype(np.float64),
        door=rows[:, DOOR].astype(np.float64),
        appointments=rows[:, APPOINTMENTS] / 10,
        priority=yes,
        reminder=yes,
        mode=rows[:, MODE],
        threshold=np.round(LEAST_THRESHOLD + rows[:, THRESHOLD] / 100, 2),
        audit=rows[:, AUDIT] / 10,
        publish=yes,
        slots=np.zeros(len(rows)),
    )


def as_form(row: Sequence[int]) -> dict[str, Value]:
    """One row as a form."""
    return {
        **{key: int(number) for key, number in zip(COUNTERS, row, strict=False)},
        "door_officers": int(row[DOOR]),
        "appointments": round(int(row[APPOINTMENTS]) / 10, 1),
        "priority": "on",
        "reminder": "on",
        "publish": "yes",
        "slots": 0,
        "ai_mode": MODES[int(row[MODE])],
        "ai_threshold": round(LEAST_THRESHOLD + int(row[THRESHOLD]) / 100, 2),
        "audit_share": round(int(row[AUDIT]) / 10, 1),
    }


def first_rows() -> Ints:
    """A coarse grid to start from; the counters are set by the square-root rule."""
    rows = [
        [LEAST_COUNTERS] * len(BLOCKS) + [door, mode, threshold, share, 0]
        for door in FIRST_DOORS
        for mode, threshold in FIRST_RULES
        for share in FIRST_APPOINTMENTS
    ]
    return np.array(rows, dtype=np.intp)


def staffed(p: Parameters, views: Ints, rows: Ints) -> Ints:
    """The same rows, a lane each, with the counters that square-root staffing gives them."""
    state, truth = imagined(p, views)
    plan = as_plan(rows)
    crowd = expected_crowd(p, state, plan, truth.peak)
    by_block = block_rates(p, plan, visits_expected(p, state), truth.peak).sum(axis=2)
    loads = by_block / BLOCK_HOURS * crowd.minutes[:, None] / 60
    staff = OFFICERS - plan.door
    counters = rounded_staffing(square_root_staffing(loads, staff), staff, LEAST_COUNTERS, MOST_COUNTERS)
    return np.column_stack([counters.astype(np.intp), rows[:, len(BLOCKS) :]])


@dataclass(frozen=True)
class Planner:
    """Searches once a view and remembers the answer; the answer depends on the view alone."""

    p: Parameters
    rounds: int
    known: dict[View, tuple[int, ...]]
    dice: Week

    def rows(self, state: State) -> Ints:
        """The best row for every lane, at what the office believes."""
        return self.rows_if(state, belief.cautious_truth(self.p, state.seen))

    def rows_if(self, state: State, truth: Truth) -> Ints:
        """The best row for every lane if that were the truth."""
        views = [tuple(int(number) for number in row) for row in seen_from(self.p, state, truth)]
        unknown = sorted({view for view in views if view not in self.known})
        for first in range(0, len(unknown), CHUNK):
            part = unknown[first : first + CHUNK]
            found = self._searched(np.array(part, dtype=np.intp))
            self.known.update(zip(part, (tuple(int(n) for n in row) for row in found), strict=True))
        return np.array([self.known[view] for view in views], dtype=np.intp)

    def form(self, state: State) -> Mapping[str, Value]:
        """The best form for a state of one lane."""
        return as_form(self.rows(state)[0].tolist())

    def alternatives(self, state: State) -> list[Mapping[str, Value]]:
        """The best forms for a state of one lane if one part of the hidden truth were low or high."""
        truths = belief.plausible_truths(self.p, state.seen)
        return [as_form(self.rows_if(state, truth)[0].tolist()) for truth in truths]

    def losses(self, views: Ints, rows: Ints) -> Floats:
        """Expected loss of the week, and what the people left over will cost later, PKR by lane."""
        state, truth = imagined(self.p, views)
        plan = as_plan(rows)
        result = work(self.p, state, plan, truth, self.dice)
        forged = forged_means(self.p, result.files, result.fate, plan.audit)
        result = replace(result, wrong=result.fate.wrong, forged=forged)
        pool = pool_after(self.p, state, result)
        later = self.p.best_pool_value if state.round < self.rounds else 0.0
        return np.asarray(np.round(costs(self.p, plan, result, pool).sum(axis=1) + later * pool, 3), dtype=np.float64)

    def _start(self, views: Ints) -> tuple[Ints, Floats]:
        grid = first_rows()
        seen = np.repeat(views, len(grid), axis=0)
        rows = staffed(self.p, seen, np.tile(grid, (len(views), 1)))
        losses = self.losses(seen, rows).reshape(len(views), len(grid))
        chosen = np.argmin(losses, axis=1)
        return rows.reshape(len(views), len(grid), -1)[np.arange(len(views)), chosen], losses.min(axis=1)

    def _searched(self, views: Ints) -> Ints:
        here, loss = self._start(views)
        active = np.arange(len(views))
        for _ in range(LOCAL_STEPS):
            around = here[active, None] + MOVES
            allowed = ((around >= LEAST) & (around <= MOST)).all(axis=2)
            tried = np.where(allowed[..., None], around, here[active, None]).reshape(-1, len(LEAST))
            losses = self.losses(np.repeat(views[active], len(MOVES), axis=0), tried).reshape(len(active), -1)
            chosen, better = np.argmin(losses, axis=1), losses.min(axis=1) < loss[active]
            rows = tried.reshape(len(active), len(MOVES), -1)[np.arange(len(active)), chosen]
            active, rows, least = active[better], rows[better], losses.min(axis=1)[better]
            if not len(active):
                break
            here[active], loss[active] = rows, least
        return here


def planner(p: Parameters, rounds: int) -> Planner:
    """A planner that remembers nothing yet."""
    return Planner(p, rounds, {}, draw_week(PLANNING_SEED, 0, PLANNING_DAYS))
