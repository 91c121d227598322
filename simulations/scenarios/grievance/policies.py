"""Four reference policies. They see the desk (``Desk``), never the hidden truth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simulations.engine import Floats
from simulations.scenarios.grievance.office import HOUR_FIELDS, OPEN, State
from simulations.scenarios.grievance.world import (
    CLASSES,
    DAYS,
    Complaints,
    Parameters,
    expected_arrivals,
    is_outage,
)
from simulations.types import Value

TOTAL_HOURS = 400
STEP_HOURS = 5
MOST_HOURS = 200
OUTREACH_IN_OUTAGE = 5
AFTERMATH_WEEKS = 2
_TIE_BREAK = 1e-3


@dataclass(frozen=True)
class Desk:
    """What the officer sees of the backlog at the start of a round, one row per run."""

    round: int
    rounds: int
    flooded: tuple[int, ...]
    open_counts: Floats  # (run, class)
    severity: Floats  # (run, class): mean believed severity of what waits
    due: Floats  # (run, class, week): waiting complaints weighted by the part of that week they are overdue


def read_desk(p: Parameters, table: Complaints, state: State, rounds: int, flooded: Sequence[int]) -> Desk:
    """Count the visible backlog by class and by the week its deadline falls in."""
    rows = np.flatnonzero(state.status == OPEN)
    cell = table.run[rows] * len(CLASSES) + table.category[rows]
    size, shape = state.runs * len(CLASSES), (state.runs, len(CLASSES))

    def total(weights: Floats) -> Floats:
        return np.bincount(cell, weights=weights, minlength=size).reshape(shape).astype(np.float64)

    counts = total(np.ones(len(rows)))
    believed = np.where(state.read[rows], state.severity[rows], p.class_severity[table.category[rows]])
    severity = (total(believed) + p.class_severity) / (counts + 1)
    ends = DAYS * (state.round + np.arange(_weeks(p, state.round, rounds) + AFTERMATH_WEEKS))
    due = [total(np.clip((end - state.deadline[rows]) / DAYS, 0, 1)) for end in ends]
    known = tuple(flooded) if state.round >= p.flood_week else ()
    return Desk(state.round, rounds, known, counts, severity, np.stack(due, axis=2))


def _weeks(p: Parameters, round_number: int, rounds: int) -> int:
    return min(p.planning_weeks, rounds - round_number + 1)


def _coming(p: Parameters, desk: Desk, weeks: int) -> tuple[Floats, Floats]:
    """Expected new complaints: available by week, and due by week, both cumulative, by (class, week)."""
    length = weeks + AFTERMATH_WEEKS
    available, due = np.zeros((len(CLASSES), length)), np.zeros((len(CLASSES), length))
    for week in range(weeks):
        number = desk.round + week
        mean = expected_arrivals(p, number, desk.flooded).sum(axis=1) if desk.flooded else p.arrivals_per_week
        mean = mean * (1 - p.duplicate_share * p.duplicate_recall)
        available[:, week + 1 :] += mean[:, None]
        ends = DAYS * (desk.round + np.arange(length))
        filed = DAYS * (number - 0.5)
        late = np.clip((ends[None, :] - filed - p.deadline_days[:, None]) / DAYS, 0, 1)
        due += mean[:, None] * late
    return available, due


@lru_cache(maxsize=64)
def _blocks(work: tuple[float, ...], weeks: int, runs: int) -> object:
    """Constraint matrix of the fluid plan, one block per run; columns are hours, then shortfalls."""
    from scipy import sparse  # noqa: PLC0415  scipy is needed by this policy only

    length, classes = weeks + AFTERMATH_WEEKS, len(work)
    so_far = np.tril(np.ones((length, length)))[:, :weeks]
    done = sparse.kron(sparse.diags(1 / np.array(work)), sparse.csr_matrix(so_far))
    shortfall = sparse.eye(classes * length)
    hours = sparse.kron(np.ones((1, classes)), sparse.eye(weeks))
    block = sparse.bmat([[-done, -shortfall], [done, None], [hours, None]])
    return sparse.kron(sparse.eye(runs), block, format="csr")


def fluid_plan(p: Parameters, desk: Desk, capacity: Floats) -> Floats:
    """Hours by (run, class) of the first week.

    Minimises severity-weighted overdue weeks of the fluid model over ``planning_weeks`` and the handover.
    ``capacity`` is hours per week by run. Solved by HiGHS for all runs at once.
    """
    from scipy.optimize import linprog  # noqa: PLC0415

    weeks, runs = _weeks(p, desk.round, desk.rounds), len(desk.open_counts)
    length, classes = weeks + AFTERMATH_WEEKS, len(CLASSES)
    available, due = _coming(p, desk, weeks)
    limits = np.concatenate(
        [
            -(desk.due + due).reshape(runs, -1),
            (desk.open_counts[:, :, None] + available).reshape(runs, -1),
            np.repeat(capacity[:, None], weeks, axis=1),
        ],
        axis=1,
    )
    lateness = np.repeat(DAYS * desk.severity, length, axis=1)
    sooner = np.tile(_TIE_BREAK * np.arange(1, weeks + 1), (runs, classes))
    cost = np.concatenate([sooner, lateness], axis=1)
    work = tuple(float(hours) for hours in p.work_hours + p.call_hours * p.best_call_back)
    solved = linprog(cost.ravel(), A_ub=_blocks(work, weeks, runs), b_ub=limits.ravel(), method="highs")
    hours = solved.x.reshape(runs, -1)[:, : classes * weeks].reshape(runs, classes, weeks)[:, :, 0]
    return np.asarray(hours, dtype=np.float64)


def in_steps(shares: Floats, total: int) -> list[int]:
    """Whole steps of hours in proportion to ``shares``, at most ``MOST_HOURS`` each, adding to ``total``."""
    weights = np.maximum(shares, 1e-9)
    exact = weights / weights.sum() * (total / STEP_HOURS)
    steps = np.minimum(np.floor(np.round(exact, 6)), MOST_HOURS / STEP_HOURS).astype(np.intp)
    ranked = np.argsort(-(np.round(exact, 6) - steps), kind="stable")
    missing, place = total // STEP_HOURS - int(steps.sum()), 0
    while missing > 0:
        chosen = ranked[place % len(ranked)]
        if steps[chosen] < MOST_HOURS // STEP_HOURS:
            steps[chosen] += 1
            missing -= 1
        place += 1
    return [int(step) * STEP_HOURS for step in steps]


def _form(hours: Floats, outreach: int, **rest: Value) -> dict[str, Value]:
    filled = in_steps(hours, TOTAL_HOURS - outreach)
    return {**dict(zip(HOUR_FIELDS, filled, strict=True)), "outreach_hours": outreach, **rest}


def baseline(p: Parameters, desk: Desk) -> list[dict[str, Value]]:
    """First come first served, hours in proportion to usual work, no tool, no call-back."""
    form = _form(
        p.arrivals_per_week * p.work_hours,
        0,
        triage="first_come",
        ai_mode="ignore",
        ai_threshold=0.5,
        reading_share=0.0,
        reading_focus="all",
        merge="off",
        paper_cap=0.2,
        call_back_share=0.0,
    )
    return [form] * len(desk.open_counts)


def greedy(p: Parameters, desk: Desk) -> list[dict[str, Value]]:
    """As many reported closures as possible: paper closing, quick classes first, every merger taken."""
    forms = []
    for counts in desk.open_counts:
        hours = np.zeros(len(CLASSES))
        left = float(TOTAL_HOURS)
        for category in np.argsort(p.work_hours, kind="stable"):
            hours[category] = min(left, MOST_HOURS, counts[category] * (0.5 * p.work_hours[category] + 0.2))
            left -= hours[category]
        extra: dict[str, Value] = {"merge": "ai_auto", "paper_cap": 0.5, "call_back_share": 0.0}
        forms.append(
            _form(
                hours,
                0,
                triage="first_come",
                ai_mode="ignore",
                ai_threshold=0.5,
                reading_share=0.0,
                reading_focus="all",
                **extra,
            )
        )
    return forms


def ai_only(p: Parameters, desk: Desk) -> list[dict[str, Value]]:
    """Whatever the tool says: its flags order the queue, its mergers are taken, nobody checks."""
    form = _form(
        p.arrivals_per_week * p.work_hours,
        0,
        triage="ai_urgency",
        ai_mode="auto",
        ai_threshold=0.5,
        reading_share=0.0,
        reading_focus="all",
        merge="ai_auto",
        paper_cap=0.2,
        call_back_share=0.0,
    )
    return [form] * len(desk.open_counts)


def _blended_hours(p: Parameters, desk: Desk, planned: Floats, capacity: Floats) -> Floats:
    """Hours by (run, class): the plan; ``best_even_share`` and what is left follow the waiting work."""
    waiting = desk.severity * desk.open_counts * p.work_hours
    even = waiting / np.maximum(waiting.sum(axis=1, keepdims=True), 1e-9)
    kept = np.maximum(planned, 0)
    spare = np.maximum(capacity - kept.sum(axis=1), 0) + p.best_even_share * capacity
    return np.asarray((1 - p.best_even_share) * kept + spare[:, None] * even, dtype=np.float64)


def best(p: Parameters, desk: Desk) -> list[dict[str, Value]]:
    """Weekly fluid plan, severity-times-age order from reading and checked flags.

    The plan empties one class at a time; as it does not see the noise, part of the hours follows the queue.
    """
    outreach = OUTREACH_IN_OUTAGE if desk.round > 1 and is_outage(p, desk.round - 1) else 0
    fresh = p.arrivals_per_week.sum() * (p.initial_backlog_weeks if desk.round == 1 else 1.0)
    overhead = p.reading_hours * fresh * p.best_reading_share
    capacity = np.full(len(desk.open_counts), TOTAL_HOURS - outreach - overhead)
    hours = _blended_hours(p, desk, fluid_plan(p, desk, capacity), capacity)
    return [_form(row, outreach, **_BEST_RULES, **_tuned(p)) for row in hours]


_BEST_RULES: Mapping[str, Value] = {
    "triage": "severity_age",
    "ai_mode": "advise",
    "reading_focus": "pashto_roman",
    "merge": "ai_suggest",
    "paper_cap": 0.0,
}


def _tuned(p: Parameters) -> Mapping[str, Value]:
    return {
        "ai_threshold": p.best_threshold,
        "reading_share": p.best_reading_share,
        "call_back_share": p.best_call_back,
    }


Rule = Callable[[Parameters, Desk], list[dict[str, Value]]]
RULES: Mapping[str, Rule] = {"baseline": baseline, "greedy": greedy, "ai_only": ai_only, "best": best}
