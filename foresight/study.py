"""A whole study: gap without training, plan of three years, first come beside it, what moves what. Pure and seeded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from foresight.first_come import first_come
from foresight.gap import Gaps, Swing, demand, gaps, headcount, next_supply, present_supply, tornado
from foresight.method import METHOD_VERSION, PLAN_YEARS
from foresight.planning import Plan, Seats, plan, relaxed
from foresight.programme import Cell, Equity, Programme
from foresight.sampling import HIGH, LOW, Sample, draw, median
from foresight.scenarios import Scenario
from foresight.world import LEVELS, Array, Site, World

QUARTERS = 4
# A year of work.
WORKING_HOURS = 1_600
FACTORS = (0.5, 0.75, 1.0, 1.25, 1.5)
# A gap smaller than this is nobody.
LEAST_GAP = 1e-6


@dataclass(frozen=True)
class PlannedYear:
    """Seats of a year by the plan and as they go to whoever asks first."""

    year: int
    programme: Programme
    plan: Plan
    first_come: Plan


@dataclass(frozen=True)
class Quarterly:
    """Whole seats of a course in a quarter, 1 to 4."""

    quarter: int
    seats: Seats


@dataclass(frozen=True)
class Sensitive:
    """The weighted gap that the first year's plan leaves when its budget or its seats are multiplied."""

    what: str
    factor: float
    objective: float | None


@dataclass(frozen=True)
class Study:
    """planned: gap with the plan, came_first: with first come, each over the same draws as `untrained`.

    better: share of the draws in which the plan leaves less in the year after its last seats than first come.
    """

    untrained: Gaps
    planned: Gaps
    came_first: Gaps
    plan_years: tuple[PlannedYear, ...]
    swings: tuple[Swing, ...]
    sensitivity: tuple[Sensitive, ...]
    compared_place: int
    better: float


def study(world: World, scenario: Scenario, seed: int) -> Study:
    """Everything a study shows. Raises NotSolved when the solver finds no plan in its time."""
    sample = draw(world, scenario, seed)
    years = plan_years(world, scenario, median(sample), seed)
    planned = gaps(world, scenario, sample, _given(world, [(each.year, each.plan) for each in years]))
    came_first = gaps(world, scenario, sample, _given(world, [(each.year, each.first_come) for each in years]))
    place = min(len(years), len(world.years) - 1)
    return Study(
        untrained=gaps(world, scenario, sample),
        planned=planned,
        came_first=came_first,
        plan_years=tuple(years),
        swings=tornado(world, scenario, sample),
        sensitivity=sensitivity(years[0].programme) if years else (),
        compared_place=place,
        better=float(np.mean(planned.weighted[:, place] < came_first.weighted[:, place])),
    )


def plan_years(world: World, scenario: Scenario, likely: Sample, seed: int) -> list[PlannedYear]:
    """Plans of the first years, each from what the one before leaves. likely: a sample of one draw.

    First come goes its own way from the same beginning.
    """
    found: list[PlannedYear] = []
    held = {"plan": present_supply(world, likely), "first_come": present_supply(world, likely)}
    for place in range(min(PLAN_YEARS, len(world.years) - 1)):
        ours = programme_of(world, scenario, likely, held["plan"], place)
        theirs = programme_of(world, scenario, likely, held["first_come"], place)
        worth_closing = tuple(cell for cell in ours.cells if cell.gap > LEAST_GAP)
        ours = replace(ours, cells=worth_closing)
        year = PlannedYear(world.years[place], ours, plan(ours), first_come(theirs, seed + place))
        found.append(year)
        for name, made in (("plan", year.plan), ("first_come", year.first_come)):
            held[name] = next_supply(world, likely, held[name], place, seats_in(world, made))
    return found


def programme_of(world: World, scenario: Scenario, likely: Sample, held: Array, place: int) -> Programme:
    """The programme of a year: it is to close the gap of the next. held (1, d, c, l): at its beginning."""
    later = next_supply(world, likely, held, place)[0]
    gap = np.maximum(0.0, demand(world, scenario, likely, place + 1)[0] - later)
    people = headcount(world, likely, place)[0].sum(axis=1)
    below = np.concatenate([np.broadcast_to(people[:, None, None], (*held.shape[1:3], 1)), held[0, :, :, :-1]], axis=2)
    eligible = np.maximum(0.0, below - held[0])
    weights = world.weights * scenario.discount**place
    cells = tuple(
        Cell(department, competency, level, float(gap[d, c, at]), float(weights[d, c, at]), float(eligible[d, c, at]))
        for d, department in enumerate(world.departments)
        for c, competency in enumerate(world.competencies)
        for at, level in enumerate(LEVELS)
        if weights[d, c, at] > 0 and (gap[d, c, at] > LEAST_GAP or eligible[d, c, at] >= 1)
    )
    # Staff of a department that begins later is there from then on.
    there = {name for d, name in enumerate(world.departments) if people[d] > 0}
    sites = tuple(site for site in world.sites if site.department in there)
    return Programme(
        cells=cells,
        sites=sites,
        modes=world.capacity.get(world.years[place], ()),
        success={
            (mode, level): float(likely.success[0, m, at])
            for m, mode in enumerate(world.modes)
            for at, level in enumerate(LEVELS)
        },
        budget_pkr=scenario.budget_pkr,
        release_hours={
            name: scenario.release_share * WORKING_HOURS * float(people[d]) for d, name in enumerate(world.departments)
        },
        equity=_equity(world, scenario, sites) if scenario.is_equitable else None,
    )


def _equity(world: World, scenario: Scenario, sites: Sequence[Site]) -> Equity:
    staff = sum(site.people for site in sites) or 1.0
    districts = sorted({site.district for site in sites})
    return Equity(
        women_share=sum(site.women for site in sites) / staff,
        district_shares={
            name: sum(site.people for site in sites if site.district == name) / staff for name in districts
        },
        tolerance=scenario.district_tolerance,
        floors={
            name: scenario.floor_share * sum(site.people for site in sites if site.department == name)
            for name in world.departments
        },
    )


def seats_in(world: World, made: Plan) -> Array:
    """Seats of a plan as an array (d, c, l, m)."""
    seats = np.zeros((len(world.departments), len(world.competencies), len(LEVELS), len(world.modes)))
    for each in made.seats:
        place = (
            world.departments.index(each.cell.department),
            world.competencies.index(each.cell.competency),
            each.cell.level - 1,
            world.modes.index(each.mode),
        )
        seats[place] += each.seats
    return seats


def _given(world: World, made: Iterable[tuple[int, Plan]]) -> Array:
    """Seats of all years (d, c, l, m, y)."""
    nothing = seats_in(world, Plan())
    by_year = {year: seats_in(world, each) for year, each in made}
    return np.stack([by_year.get(year, nothing) for year in world.years[:-1]], axis=-1)


def sensitivity(programme: Programme) -> tuple[Sensitive, ...]:
    """What more and less money or seats would do; None where no plan exists."""

    def objective(changed: Programme) -> float | None:
        found = relaxed(changed)
        return None if found.infeasible else found.objective

    found = []
    for factor in FACTORS:
        richer = replace(programme, budget_pkr=programme.budget_pkr * factor)
        roomier = replace(programme, modes=tuple(replace(mode, seats=mode.seats * factor) for mode in programme.modes))
        found += [
            Sensitive("budget", factor, objective(richer)),
            Sensitive("seats", factor, objective(roomier)),
        ]
    return tuple(sorted(found, key=lambda each: (each.what, each.factor)))


def by_quarter(programme: Programme, made: Plan) -> tuple[Quarterly, ...]:
    """Whole seats spread over the year, the heaviest gaps first; a quarter holds a fourth of the seats of a mode."""
    found = []
    for mode in programme.modes:
        whole = int(mode.seats)
        room = [whole // QUARTERS + (quarter < whole % QUARTERS) for quarter in range(QUARTERS)]
        for each in sorted((one for one in made.seats if one.mode == mode.name), key=lambda one: -one.cell.weight):
            left, women = int(each.seats), int(each.women)
            for quarter in range(QUARTERS):
                taken = min(left, room[quarter])
                if taken:
                    of_women = min(women, taken)
                    found.append(Quarterly(quarter + 1, replace(each, seats=taken, women=of_women)))
                    left, women, room[quarter] = left - taken, women - of_women, room[quarter] - taken
    return tuple(found)


def band(draws: Array) -> tuple[float, float, float]:
    """10th percentile, median and 90th percentile of draws."""
    low, middle, high = np.quantile(draws, [LOW, 0.5, HIGH])
    return float(low), float(middle), float(high)


def as_json(world: World, found: Study) -> dict[str, object]:
    """A study in plain values, rounded to what a reader can tell apart."""
    tables = {name: np.round(getattr(found.untrained, name), 1).tolist() for name in ("low", "median", "high")}
    tables |= {name: np.round(getattr(found.untrained, name), 1).tolist() for name in ("demand", "supply")}
    ways = {"untrained": found.untrained, "planned": found.planned, "first_come": found.came_first}
    place = found.compared_place
    difference = found.came_first.by_department[..., place] - found.planned.by_department[..., place]
    return {
        "method": METHOD_VERSION,
        "departments": list(world.departments),
        "competencies": list(world.competencies),
        "years": list(world.years),
        "gap": tables,
        "totals": {
            name: [[round(value, 1) for value in band(each.weighted[:, year])] for year in range(len(world.years))]
            for name, each in ways.items()
        },
        "swings": [asdict(each) for each in found.swings],
        "plan": [_year_as_json(each) for each in found.plan_years],
        "sensitivity": [asdict(each) for each in found.sensitivity],
        "compared_year": world.years[place],
        "better": found.better,
        "difference": band(difference.sum(axis=1)),
        "differences": {
            name: {"band": band(difference[:, d]), "better": float(np.mean(difference[:, d] > 0))}
            for d, name in enumerate(world.departments)
        },
    }


def _year_as_json(year: PlannedYear) -> dict[str, object]:
    made = year.plan
    return {
        "year": year.year,
        "cost_pkr": made.cost_pkr,
        "objective": made.objective,
        "infeasible": [asdict(limit) for limit in made.infeasible],
        "seats": [
            {
                **_course_as_json(each.seats),
                "district": each.seats.site.district,
                "mode": each.seats.mode,
                "quarter": each.quarter,
                "seats": each.seats.seats,
                "women": each.seats.women,
            }
            for each in by_quarter(year.programme, made)
        ],
        "unmet": [
            {
                "department": each.cell.department,
                "competency": each.cell.competency,
                "level": each.cell.level,
                "gap": round(each.cell.gap, 1),
                "unmet": round(each.unmet, 1),
                "because": asdict(each.because) if each.because else None,
            }
            for each in made.unmet
        ],
        "prices": [{"limit": asdict(each.limit), "price": each.price} for each in made.prices],
        "first_come": {
            "cost_pkr": year.first_come.cost_pkr,
            "objective": year.first_come.objective,
            "seats": [
                {**_course_as_json(each), "mode": each.mode, "seats": each.seats} for each in year.first_come.seats
            ],
        },
    }


def _course_as_json(each: Seats) -> dict[str, object]:
    return {"department": each.cell.department, "competency": each.cell.competency, "level": each.cell.level}
