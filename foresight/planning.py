"""The plan of a year: solved by HiGHS (scipy), first with parts of seats for prices, then with whole seats.

Domain notes, section 5.4. The prices are those of the linear programme: what one more unit would take off the
weighted gap, at the margin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import eye_array, hstack

from foresight.method import RELATIVE_GAP, SOLVER_NODES, SOLVER_NODES_TO_A_PLAN
from foresight.programme import Cell, Limit, LimitKind, Programme, System, system
from foresight.world import Array, Site

TOLERANCE = 1e-6
SOLVER_SECONDS = 120.0
INFEASIBLE = 2
# Rows of bookkeeping, whose price says nothing to anybody.
UNPRICED = frozenset({LimitKind.GAP, LimitKind.WOMEN_SEATED})


class NotSolved(RuntimeError):
    """The solver found no plan in its time; the message is its own."""


@dataclass(frozen=True)
class Seats:
    """Seats given to a course at a site, and how many of them to women."""

    site: Site
    cell: Cell
    mode: str
    seats: float
    women: float


@dataclass(frozen=True)
class Price:
    """By how much one more unit of a limit (a seat, an hour, a rupee, a person) would lower the weighted gap."""

    limit: Limit
    price: float


@dataclass(frozen=True)
class Unmet:
    """What stays of a gap. because: the limit that weighs most on its courses, or has no room for one more of its
    seats, or why else it stays; None where nothing stays."""

    cell: Cell
    unmet: float
    because: Limit | None


@dataclass(frozen=True)
class Plan:
    """objective: weighted gap that stays. infeasible: limits that cannot hold together; then there is nothing else."""

    seats: tuple[Seats, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    prices: tuple[Price, ...] = ()
    objective: float = 0.0
    cost_pkr: float = 0.0
    infeasible: tuple[Limit, ...] = ()


def relaxed(programme: Programme) -> Plan:
    """The best plan with parts of seats, and its prices."""
    return _relaxed(programme, system(programme))


def plan(programme: Programme) -> Plan:
    """The best plan with whole seats, checked against every row again. Raises NotSolved."""
    numbers = system(programme)
    fractional = _relaxed(programme, numbers)
    if fractional.infeasible or not programme.seats:
        return fractional
    best = _in_whole_seats(numbers)
    if best is None:
        # Parts of seats can reach a floor that whole ones cannot.
        return Plan(infeasible=tuple(row.limit for row in numbers.rows if row.limit.kind is LimitKind.FLOOR))
    # Rounded up, since seats of a course and women there are whole numbers, women still fit.
    amounts = np.where(numbers.whole > 0, np.rint(best), np.ceil(best - TOLERANCE))
    amounts = _with_least_unmet(programme, amounts)
    if (numbers.matrix @ amounts > numbers.most + TOLERANCE * (1 + np.abs(numbers.most))).any():
        raise NotSolved("whole seats do not fit")
    reasons = {each.cell: each.because for each in fractional.unmet}
    made = _told(programme, amounts, reasons)
    unmet = tuple(
        each
        if each.unmet <= TOLERANCE or each.because is not None
        else replace(each, because=_reason_of_whole(programme, numbers, amounts, place, each.unmet))
        for place, each in enumerate(made.unmet)
    )
    return replace(made, unmet=unmet, prices=fractional.prices)


def _in_whole_seats(numbers: System) -> Array | None:
    """Amounts of the best plan with whole seats; None where no such plan exists.

    Districts' shares to be kept exactly leave few plans, which take a longer search to find; after that one, no seats.
    """
    for nodes in (SOLVER_NODES, SOLVER_NODES_TO_A_PLAN):
        found = milp(
            numbers.cost,
            integrality=numbers.whole,
            bounds=Bounds(0.0, np.floor(numbers.highest)),
            constraints=LinearConstraint(numbers.matrix.tocsr(), -np.inf, numbers.most),
            options={"time_limit": SOLVER_SECONDS, "node_limit": nodes, "mip_rel_gap": RELATIVE_GAP},
        )
        if found.status == INFEASIBLE:
            return None
        if found.x is not None:
            return np.asarray(found.x)
    return np.zeros_like(numbers.cost)


def _relaxed(programme: Programme, numbers: System) -> Plan:
    if not programme.columns:
        return Plan(infeasible=broken_limits(numbers))
    found = linprog(
        numbers.cost,
        A_ub=numbers.matrix.tocsr(),
        b_ub=numbers.most,
        bounds=np.column_stack([np.zeros(programme.columns), numbers.highest]),
        method="highs",
    )
    if found.status == INFEASIBLE:
        return Plan(infeasible=broken_limits(numbers))
    if found.x is None:
        raise NotSolved(str(found.message))
    prices = -np.asarray(found.ineqlin.marginals)
    reasons = {cell: _reason(programme, numbers, prices, place) for place, cell in enumerate(programme.cells)}
    told = _told(programme, found.x, reasons)
    priced = [
        Price(row.limit, float(price))
        for row, price in zip(numbers.rows, prices, strict=True)
        if price > TOLERANCE and row.limit.kind not in UNPRICED
    ]
    return replace(told, prices=tuple(sorted(priced, key=lambda each: -each.price)))


def broken_limits(numbers: System) -> tuple[Limit, ...]:
    """The limits that have to give way for a plan to exist: those stretched where the least is stretched in all."""
    count = len(numbers.rows)
    if count == 0:
        return ()
    stretched = hstack([numbers.matrix, -eye_array(count)]).tocsr()
    scale = 1 / np.maximum(1.0, np.abs(numbers.most))
    highest = np.concatenate([numbers.highest, np.full(count, np.inf)])
    found = linprog(
        np.concatenate([np.zeros(len(numbers.cost)), scale]),
        A_ub=stretched,
        b_ub=numbers.most,
        bounds=np.column_stack([np.zeros(len(highest)), highest]),
        method="highs",
    )
    given_way = found.x[-count:]
    return tuple(row.limit for row, by in zip(numbers.rows, given_way, strict=True) if by > TOLERANCE)


def _reason(programme: Programme, numbers: System, prices: Array, cell: int) -> Limit | None:
    """The limit whose price weighs most on the courses of a cell, or why there are none; None without a price."""
    if not programme.modes:
        return Limit(LimitKind.NO_TRAINING)
    columns = set(programme.seats_of(cell))
    if not columns:
        return Limit(LimitKind.NO_STAFF, programme.cells[cell].department)
    weighing = [
        (price * max(row.factors[column] for column in columns & row.factors.keys()), place)
        for place, (row, price) in enumerate(zip(numbers.rows, prices, strict=True))
        if price > TOLERANCE and row.limit.kind not in UNPRICED and columns & row.factors.keys()
    ]
    heaviest, place = max(weighing, default=(0.0, -1))
    return numbers.rows[place].limit if heaviest > TOLERANCE else None


def _reason_of_whole(programme: Programme, numbers: System, amounts: Array, cell: int, unmet: float) -> Limit:
    """Why whole seats leave something of a gap that parts of seats would close, or that no price tells of."""
    level, columns = programme.cells[cell].level, programme.seats_of(cell)
    effects = [programme.success[programme.modes[programme.seats[column][1]].name, level] for column in columns]
    if unmet < max(effects):
        return Limit(LimitKind.WHOLE_SEATS)
    room = numbers.most - numbers.matrix @ amounts
    full = [_without_room(programme, numbers, amounts, room, column) for column in columns]
    if any(not limits for limits in full):
        return Limit(LimitKind.NEAR_ENOUGH)
    often = Counter(limit for limits in full for limit in limits)
    return often.most_common(1)[0][0]


def _without_room(programme: Programme, numbers: System, amounts: Array, room: Array, column: int) -> list[Limit]:
    """The limits that one more of these seats would break, given to a woman where there is one left."""
    course, _mode = programme.seats[column]
    of_women = len(programme.seats) + course
    added = {column: 1.0}
    if amounts[of_women] + 1 <= numbers.highest[of_women]:
        added[of_women] = 1.0
    return [
        row.limit
        for row, left in zip(numbers.rows, room, strict=True)
        if row.limit.kind not in UNPRICED
        and sum(row.factors.get(each, 0.0) * by for each, by in added.items()) > max(0.0, left) + TOLERANCE
    ]


def _with_least_unmet(programme: Programme, amounts: Array) -> Array:
    """The same seats with what they leave unmet worked out exactly."""
    made = amounts.copy()
    for place, left in enumerate(unmet_of(programme, amounts[: len(programme.seats)])):
        made[programme.unmet_column(place)] = left
    return made


def unmet_of(programme: Programme, seats: Array) -> list[float]:
    """What these seats (in the order of the columns) leave of each gap."""
    places = {cell: place for place, cell in enumerate(programme.cells)}
    closed = [0.0] * len(programme.cells)
    for amount, (course, mode) in zip(seats, programme.seats, strict=True):
        cell = programme.courses[course][1]
        closed[places[cell]] += float(amount) * programme.success[programme.modes[mode].name, cell.level]
    return [max(0.0, cell.gap - by) for cell, by in zip(programme.cells, closed, strict=True)]


def _told(programme: Programme, amounts: Array, reasons: dict[Cell, Limit | None]) -> Plan:
    count = len(programme.seats)
    women = [float(each) for each in amounts[count : count + len(programme.courses)]]
    seats = seats_of(programme, amounts[:count], women)
    left = [float(amounts[programme.unmet_column(place)]) for place in range(len(programme.cells))]
    return Plan(
        seats=seats,
        unmet=tuple(
            Unmet(cell, by, reasons.get(cell) if by > TOLERANCE else None)
            for cell, by in zip(programme.cells, left, strict=True)
        ),
        objective=sum(cell.weight * by for cell, by in zip(programme.cells, left, strict=True)),
        cost_pkr=cost_of(programme, amounts[:count]),
    )


def cost_of(programme: Programme, seats: Array) -> float:
    """PKR."""
    costs = [programme.modes[mode].cost_pkr for _course, mode in programme.seats]
    return float(sum(amount * cost for amount, cost in zip(seats, costs, strict=True)))


def seats_of(programme: Programme, amounts: Array, women: Sequence[float]) -> tuple[Seats, ...]:
    """Seats that are given, in words. women: of each course, over all its modes."""
    left = list(women)
    found = []
    for amount, (course, mode) in zip(amounts, programme.seats, strict=True):
        if amount <= TOLERANCE:
            continue
        site, cell = programme.courses[course]
        of_women = min(left[course], float(amount))
        left[course] -= of_women
        found.append(Seats(site, cell, programme.modes[mode].name, float(amount), of_women))
    return tuple(found)
