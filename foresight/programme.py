"""A year of training as a linear programme: its columns, and its rows with the limit that each stands for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array

from foresight.world import Array, Mode, Site

# Only to prefer the cheaper of two plans that leave the same gap.
TIE_BREAK = 1e-6


class LimitKind(StrEnum):
    """Of the rows; then why a gap stays that no row holds back."""

    SEATS = "seats"
    TRAINER_HOURS = "trainer_hours"
    BUDGET = "budget"
    RELEASE = "release"
    ELIGIBLE = "eligible"
    STAFF = "staff"
    WOMEN = "women"
    DISTRICT_LEAST = "district_least"
    DISTRICT_MOST = "district_most"
    FLOOR = "floor"
    GAP = "gap"
    WOMEN_SEATED = "women_seated"
    NO_TRAINING = "no_training"
    NO_STAFF = "no_staff"
    WHOLE_SEATS = "whole_seats"
    NEAR_ENOUGH = "near_enough"


@dataclass(frozen=True)
class Limit:
    """What a row stands for, or why a gap stays.

    name: of the mode, department or district, or what a course is called; may be empty.
    """

    kind: LimitKind
    name: str = ""


@dataclass(frozen=True)
class Cell:
    """A course for a department, and the gap it is to close. eligible: who lacks the level and holds the one below."""

    department: str
    competency: str
    level: int
    gap: float
    weight: float
    eligible: float

    @property
    def name(self) -> str:
        return f"{self.department} / {self.competency} / {self.level}"


@dataclass(frozen=True)
class Equity:
    """women_share: of all seats at least; district_shares: of staff, about which seats may vary by `tolerance`;
    floors: seats by department at least."""

    women_share: float
    district_shares: Mapping[str, float]
    tolerance: float
    floors: Mapping[str, float]


@dataclass(frozen=True)
class Programme:
    """success: share that reaches a level, by mode and level. release_hours: that a department can do without.

    equity: None for a plan without its rows.
    """

    cells: tuple[Cell, ...]
    sites: tuple[Site, ...]
    modes: tuple[Mode, ...]
    success: Mapping[tuple[str, int], float]
    budget_pkr: float
    release_hours: Mapping[str, float]
    equity: Equity | None = None

    @cached_property
    def courses(self) -> tuple[tuple[Site, Cell], ...]:
        """Each course at each site of its department."""
        return tuple((site, cell) for cell in self.cells for site in self.sites if site.department == cell.department)

    @cached_property
    def seats(self) -> tuple[tuple[int, int], ...]:
        """Columns of seats: (place of the course, place of the mode)."""
        return tuple((course, mode) for course in range(len(self.courses)) for mode in range(len(self.modes)))

    @cached_property
    def columns(self) -> int:
        """Seats, then seats of women by course, then what stays unmet by cell."""
        return len(self.seats) + len(self.courses) + len(self.cells)

    def seats_of(self, cell: int) -> list[int]:
        """Columns of the seats of a cell."""
        wanted = self.cells[cell]
        return [column for column, (course, _mode) in enumerate(self.seats) if self.courses[course][1] is wanted]

    def unmet_column(self, cell: int) -> int:
        return len(self.seats) + len(self.courses) + cell


@dataclass(frozen=True)
class Row:
    """The sum of these columns times their factors is no more than `most`."""

    limit: Limit
    factors: Mapping[int, float]
    most: float


@dataclass(frozen=True)
class System:
    """A programme in numbers: least cost subject to matrix x columns <= most, and 0 <= columns <= highest."""

    rows: tuple[Row, ...]
    matrix: coo_array
    most: Array
    cost: Array
    highest: Array
    whole: Array


def system(programme: Programme) -> System:
    """The linear programme; `whole` marks the columns that have to be whole: seats. Those of women then may be, too."""
    rows = tuple(_rows(programme))
    entries = [(place, column, factor) for place, row in enumerate(rows) for column, factor in row.factors.items()]
    places, columns, factors = zip(*entries, strict=True) if entries else ((), (), ())
    dearest = max((mode.cost_pkr for mode in programme.modes), default=0.0) or 1.0
    cost = [TIE_BREAK * programme.modes[mode].cost_pkr / dearest for _course, mode in programme.seats]
    cost += [0.0] * len(programme.courses) + [cell.weight for cell in programme.cells]
    highest = [np.inf] * len(programme.seats) + [site.women for site, _cell in programme.courses]
    others = len(programme.courses) + len(programme.cells)
    return System(
        rows=rows,
        matrix=coo_array((factors, (places, columns)), shape=(len(rows), programme.columns)),
        most=np.array([row.most for row in rows]),
        cost=np.array(cost),
        highest=np.array(highest + [np.inf] * len(programme.cells)),
        whole=np.array([1.0] * len(programme.seats) + [0.0] * others),
    )


def _rows(programme: Programme) -> Iterator[Row]:
    by_mode, by_course, by_department, by_cell = _groups(programme)
    yield from _capacity(programme, by_mode)
    for department, columns in by_department.items():
        hours = {column: programme.modes[programme.seats[column][1]].hours for column in columns}
        yield Row(Limit(LimitKind.RELEASE, department), hours, programme.release_hours[department])
    for cell, columns in zip(programme.cells, by_cell, strict=True):
        yield Row(Limit(LimitKind.ELIGIBLE, cell.name), dict.fromkeys(columns, 1.0), cell.eligible)
    for place, ((site, cell), columns) in enumerate(zip(programme.courses, by_course, strict=True)):
        name = f"{cell.name} / {site.district}"
        yield Row(Limit(LimitKind.STAFF, name), dict.fromkeys(columns, 1.0), site.people)
        seated = {len(programme.seats) + place: 1.0} | dict.fromkeys(columns, -1.0)
        yield Row(Limit(LimitKind.WOMEN_SEATED, name), seated, 0.0)
    for place, (cell, columns) in enumerate(zip(programme.cells, by_cell, strict=True)):
        closed = {
            column: -programme.success[programme.modes[programme.seats[column][1]].name, cell.level]
            for column in columns
        }
        yield Row(Limit(LimitKind.GAP, cell.name), closed | {programme.unmet_column(place): -1.0}, -cell.gap)
    if programme.equity is not None:
        yield from _equity(programme, programme.equity, by_department)


def _groups(
    programme: Programme,
) -> tuple[dict[int, list[int]], list[list[int]], dict[str, list[int]], list[list[int]]]:
    """Columns of seats by mode, course, department and cell."""
    by_mode: dict[int, list[int]] = defaultdict(list)
    by_course: list[list[int]] = [[] for _course in programme.courses]
    by_department: dict[str, list[int]] = defaultdict(list)
    places = {cell: place for place, cell in enumerate(programme.cells)}
    by_cell: list[list[int]] = [[] for _cell in programme.cells]
    for column, (course, mode) in enumerate(programme.seats):
        _site, cell = programme.courses[course]
        by_mode[mode].append(column)
        by_course[course].append(column)
        by_department[cell.department].append(column)
        by_cell[places[cell]].append(column)
    return by_mode, by_course, by_department, by_cell


def _capacity(programme: Programme, by_mode: Mapping[int, Iterable[int]]) -> Iterator[Row]:
    cost: dict[int, float] = {}
    for place, mode in enumerate(programme.modes):
        columns = list(by_mode.get(place, ()))
        yield Row(Limit(LimitKind.SEATS, mode.name), dict.fromkeys(columns, 1.0), mode.seats)
        hours = dict.fromkeys(columns, mode.hours / mode.group_size)
        yield Row(Limit(LimitKind.TRAINER_HOURS, mode.name), hours, mode.trainer_hours)
        cost |= dict.fromkeys(columns, mode.cost_pkr)
    yield Row(Limit(LimitKind.BUDGET), cost, programme.budget_pkr)


def _equity(programme: Programme, equity: Equity, by_department: Mapping[str, list[int]]) -> Iterator[Row]:
    seats, courses = range(len(programme.seats)), range(len(programme.courses))
    women = dict.fromkeys(seats, equity.women_share) | {len(programme.seats) + course: -1.0 for course in courses}
    yield Row(Limit(LimitKind.WOMEN), women, 0.0)
    districts = [programme.courses[course][0].district for course, _mode in programme.seats]
    for district, share in equity.district_shares.items():
        most, least = (1 + equity.tolerance) * share, (1 - equity.tolerance) * share
        here = [1.0 if each == district else 0.0 for each in districts]
        yield Row(Limit(LimitKind.DISTRICT_MOST, district), {seat: here[seat] - most for seat in seats}, 0.0)
        yield Row(Limit(LimitKind.DISTRICT_LEAST, district), {seat: least - here[seat] for seat in seats}, 0.0)
    for department, floor in equity.floors.items():
        if floor > 0:
            columns = by_department.get(department, [])
            yield Row(Limit(LimitKind.FLOOR, department), dict.fromkeys(columns, -1.0), -floor)
