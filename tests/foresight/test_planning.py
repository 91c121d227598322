"""The plan against figures worked out by hand, and what must hold of any plan (domain notes, 5.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foresight import STANDARD, Basis, Mode, Site
from foresight.first_come import first_come
from foresight.method import PLAN_YEARS
from foresight.planning import TOLERANCE, plan, relaxed
from foresight.programme import Cell, Equity, Limit, LimitKind, Programme, system
from foresight.sampling import draw, median
from foresight.study import as_json, by_quarter, plan_years, study
from tests.foresight.worlds import world

WORKSHOP = Mode("workshop", 35, 100_000, 0, 1)


def of_domain(seats: float, **others: Any) -> Programme:
    """Gaps of 30 and 20 people with weights 3 and 1, which .8 and all of the participants close."""
    cells = (Cell("Health", "D2.1", 1, 30, 3, 1_000), Cell("Health", "D2.2", 2, 20, 1, 1_000))
    values: dict[str, Any] = {
        "cells": cells,
        "sites": (Site("Health", "Swat", 1_000, 300),),
        "modes": (replace(WORKSHOP, seats=seats),),
        "success": {("workshop", 1): 0.8, ("workshop", 2): 1.0},
        "budget_pkr": 1_000_000,
        "release_hours": {"Health": 80_000},
    }
    return Programme(**(values | others))


def seats_by_course(made) -> dict[str, float]:
    found: dict[str, float] = {}
    for each in made.seats:
        found[each.cell.competency] = found.get(each.cell.competency, 0) + each.seats
    return found


@pytest.mark.parametrize(
    ("seats", "given_out", "unmet", "objective", "price"),
    [(35, {"D2.1": 35}, [2, 20], 26, 2.4), (45, {"D2.1": 37.5, "D2.2": 7.5}, [0, 12.5], 12.5, 1.0)],
)
def test_seats_go_to_the_heavier_gap_first(
    seats: float, given_out: dict[str, float], unmet: list[float], objective: float, price: float
) -> None:
    found = relaxed(of_domain(seats))
    assert seats_by_course(found) == pytest.approx(given_out)
    assert [each.unmet for each in found.unmet] == pytest.approx(unmet)
    assert found.objective == pytest.approx(objective)
    [priced] = found.prices
    assert priced.limit == Limit(LimitKind.SEATS, "workshop")
    assert priced.price == pytest.approx(price)
    assert {each.because for each in found.unmet if each.unmet > 0} == {priced.limit}


def test_whole_seats_are_the_best_of_the_whole_ones() -> None:
    # 38 and 7 leave 0 and 13; 37 and 8 leave 0.4 x 3 and 12: the same 13.0 against 13.2.
    found = plan(of_domain(45))
    assert seats_by_course(found) == {"D2.1": 38, "D2.2": 7}
    assert found.objective == pytest.approx(13)
    assert found.prices[0].price == pytest.approx(1.0)


def test_a_budget_below_nothing_is_named_as_what_cannot_hold() -> None:
    assert plan(of_domain(35, budget_pkr=-1)).infeasible == (Limit(LimitKind.BUDGET),)
    assert plan(of_domain(35, budget_pkr=-1, cells=())).infeasible == (Limit(LimitKind.BUDGET),)


def test_seats_promised_beyond_the_seats_there_are_name_both_sides() -> None:
    promised = Equity(0.0, {"Swat": 1.0}, 0.2, {"Health": 50.0})
    kinds = {limit.kind for limit in plan(of_domain(35, equity=promised)).infeasible}
    assert kinds & {LimitKind.FLOOR, LimitKind.SEATS}


def test_a_floor_that_only_parts_of_seats_can_reach_is_named() -> None:
    promised = Equity(0.0, {"Swat": 1.0}, 0.2, {"Health": 34.5})
    found = plan(of_domain(34.6, equity=promised))
    assert [limit.kind for limit in found.infeasible] == [LimitKind.FLOOR]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"budget_pkr": 10_000, "modes": (Mode("workshop", 35, 100_000, 1_000, 1),)}, LimitKind.BUDGET),
        ({"modes": (Mode("workshop", 35, 20, 0, 10, 10),)}, LimitKind.TRAINER_HOURS),
        ({"release_hours": {"Health": 20}}, LimitKind.RELEASE),
        ({"cells": (Cell("Health", "D2.1", 1, 30, 3, 4),)}, LimitKind.ELIGIBLE),
        ({"sites": (Site("Health", "Swat", 3, 1),)}, LimitKind.STAFF),
    ],
)
def test_what_binds_is_named_and_priced(changes: dict[str, Any], kind: LimitKind) -> None:
    found = plan(of_domain(35, **changes))
    assert found.prices[0].limit.kind is kind
    assert found.unmet[0].because is not None
    assert found.unmet[0].because.kind is kind


def test_without_modes_nothing_is_given_and_all_stays_unmet() -> None:
    found = plan(of_domain(35, modes=()))
    assert found.seats == ()
    assert found.objective == pytest.approx(110)


def reasons(programme: Programme) -> dict[str, str]:
    return {each.cell.name: each.because.kind.value for each in plan(programme).unmet if each.because is not None}


def test_without_modes_or_staff_the_reason_is_that() -> None:
    health = ["Health / D2.1 / 1", "Health / D2.2 / 2"]
    assert reasons(of_domain(35, modes=())) == dict.fromkeys(health, "no_training")
    assert reasons(of_domain(35, sites=())) == dict.fromkeys(health, "no_staff")
    schools = Cell("Schools", "D2.1", 1, 5, 3, 1_000)
    found = plan(of_domain(100, cells=(*of_domain(0).cells, schools), release_hours={"Health": 80_000, "Schools": 0}))
    assert [each.because for each in found.unmet] == [None, None, Limit(LimitKind.NO_STAFF, "Schools")]


def test_whole_seats_are_the_reason_for_less_than_one_seat_alone() -> None:
    """Parts of seats close both gaps; of whole ones 13 fit, of which one more for the second gap has no room."""
    cells = (Cell("Health", "D2.1", 1, 10, 3, 1_000), Cell("Health", "D2.2", 2, 0.9, 1, 1_000))
    found = plan(of_domain(13.4, cells=cells))
    assert [round(each.unmet, 1) for each in found.unmet] == [0, 0.9]
    assert reasons(of_domain(13.4, cells=cells)) == {"Health / D2.2 / 2": "whole_seats"}
    large = (cells[0], replace(cells[1], level=1, gap=0.72, competency="D2.2"))
    assert reasons(of_domain(13.4, cells=large)) == {"Health / D2.2 / 1": "whole_seats"}


def test_where_parts_of_seats_close_a_gap_and_whole_ones_do_not_the_limit_without_room_is_named() -> None:
    """Each of four districts has room for a part of a seat, and for no whole one."""
    sites = tuple(Site("Health", f"District {place}", 0.5, 0) for place in range(4))
    cells = (Cell("Health", "D2.1", 1, 1.6, 3, 1_000),)
    found = plan(of_domain(35, sites=sites, cells=cells))
    assert found.unmet[0].unmet == pytest.approx(1.6)
    assert found.unmet[0].because is not None
    assert found.unmet[0].because.kind is LimitKind.STAFF


def test_shares_that_whole_seats_can_hardly_keep_exactly_end_in_a_plan() -> None:
    """Of 42 people 25 and 17: the nodes that are searched first hold no plan."""
    people = {("Health", "Swat"): (8, 4), ("Health", "Mardan"): (10, 7), ("Revenue", "Swat"): (17, 8)}
    people["Revenue", "Mardan"] = (7, 3)
    gaps = {("Health", "D2.1", 1): (23, 39), ("Health", "D5.1", 2): (19, 20), ("Revenue", "D2.1", 1): (11, 28)}
    gaps["Revenue", "D5.1", 2] = (27, 11)
    found = plan(
        Programme(
            cells=tuple(Cell(*cell, gap, 1.0, eligible) for cell, (gap, eligible) in gaps.items()),
            sites=tuple(Site(*where, *who) for where, who in people.items()),
            modes=(Mode("online", 26, 178, 3143, 14), Mode("workshop", 39, 139, 1108, 2)),
            success={("online", 1): 0.36, ("online", 2): 1.0, ("workshop", 1): 0.36, ("workshop", 2): 0.36},
            budget_pkr=99_241,
            release_hours={"Health": 373, "Revenue": 10},
            equity=Equity(
                women_share=11 / 21, district_shares={"Swat": 25 / 42, "Mardan": 17 / 42}, tolerance=0, floors={}
            ),
        )
    )
    assert (sum(each.seats for each in found.seats), found.objective) == (0, 80)
    assert all(each.because is not None for each in found.unmet)


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    departments = ("Health", "Revenue")
    sites = tuple(
        Site(department, district, people, draw(st.integers(0, people)))
        for department in departments
        for district in ("Swat", "Mardan")
        if (people := draw(st.integers(0, 60)))
    )
    people = sum(site.people for site in sites) or 1
    cells = tuple(
        Cell(
            department,
            code,
            level,
            draw(st.integers(1, 40)),
            draw(st.sampled_from([1.0, 2.0, 3.0])),
            draw(st.integers(1, 40)),
        )
        for department in departments
        for code, level in (("D2.1", 1), ("D5.1", 2))
    )
    modes = tuple(
        Mode(
            name,
            draw(st.integers(0, 40)),
            draw(st.integers(0, 400)),
            draw(st.integers(0, 5_000)),
            draw(st.integers(1, 20)),
        )
        for name in ("online", "workshop")
    )
    return Programme(
        cells=cells,
        sites=sites,
        modes=modes,
        success={(mode.name, level): draw(st.floats(0.1, 1)) for mode in modes for level in (1, 2)},
        budget_pkr=draw(st.integers(0, 100_000)),
        release_hours={department: draw(st.integers(0, 500)) for department in departments},
        equity=Equity(
            women_share=sum(site.women for site in sites) / people,
            district_shares={
                name: sum(site.people for site in sites if site.district == name) / people
                for name in {site.district for site in sites}
            },
            tolerance=draw(st.floats(0, 1)),
            floors={},
        ),
    )


@settings(max_examples=40)
@given(programmes())
def test_whole_seats_keep_every_limit(programme: Programme) -> None:
    found = plan(programme)
    assert not found.infeasible
    assert all(each.seats == int(each.seats) and 0 <= each.women <= each.seats for each in found.seats)
    assert sum(each.seats for each in found.seats if each.mode == "online") <= programme.modes[0].seats
    assert found.cost_pkr <= programme.budget_pkr + 1e-6
    women, total = (sum(getattr(each, name) for each in found.seats) for name in ("women", "seats"))
    assert women >= programme.equity.women_share * total - 1e-6
    for district, share in programme.equity.district_shares.items():
        here = sum(each.seats for each in found.seats if each.site.district == district)
        assert abs(here - share * total) <= programme.equity.tolerance * share * total + 1e-5


@settings(max_examples=40)
@given(programmes())
def test_whatever_stays_has_a_reason_that_holds(programme: Programme) -> None:
    there = {site.department for site in programme.sites}
    for each in plan(replace(programme, equity=None)).unmet:
        assert (each.because is None) == (each.unmet <= TOLERANCE)
        if each.because is not None:
            most = max(programme.success[mode.name, each.cell.level] for mode in programme.modes)
            assert each.because.kind is not LimitKind.WHOLE_SEATS or each.unmet < most
            assert (each.because.kind is LimitKind.NO_STAFF) == (each.cell.department not in there)


@given(programmes())
def test_without_the_rows_of_equity_the_plan_is_never_worse(programme: Programme) -> None:
    assert relaxed(replace(programme, equity=None)).objective <= relaxed(programme).objective + 1e-6


@given(programmes(), st.integers(0, 5))
def test_no_handing_out_is_better_than_the_plan_without_equity(programme: Programme, seed: int) -> None:
    # First come keeps seats, hours, budget and staff; so the best plan without the other rows is at least as good.
    free = replace(programme, equity=None, release_hours=dict.fromkeys(programme.release_hours, 1e9))
    handed_out = first_come(free, seed)
    assert relaxed(free).objective <= handed_out.objective + 1e-6
    assert handed_out.cost_pkr <= free.budget_pkr
    assert sum(each.seats for each in handed_out.seats if each.mode == "workshop") <= free.modes[1].seats
    assert handed_out == first_come(free, seed)


@given(programmes())
def test_a_relaxed_plan_satisfies_its_own_rows(programme: Programme) -> None:
    numbers = system(programme)
    nothing = np.zeros(programme.columns)
    for place, cell in enumerate(programme.cells):
        nothing[programme.unmet_column(place)] = cell.gap
    assert (numbers.matrix @ nothing <= numbers.most + 1e-9).all()
    assert relaxed(programme).objective <= sum(cell.gap * cell.weight for cell in programme.cells) + 1e-6


def test_quarters_hold_a_fourth_of_the_seats_and_the_heavy_gaps_come_first() -> None:
    programme = of_domain(46)
    found = by_quarter(programme, plan(programme))
    by_place = [sum(each.seats.seats for each in found if each.quarter == quarter) for quarter in (1, 2, 3, 4)]
    assert by_place == [12, 12, 11, 11]
    assert found[0].seats.cell.competency == "D2.1"
    assert found[-1].seats.cell.competency == "D2.2"


def test_a_study_plans_three_years_each_from_what_the_former_left() -> None:
    small = world(years=6)
    scenario = STANDARD[Basis.PLANNED]
    years = plan_years(small, scenario, median(draw(small, scenario, 1)), 1)
    assert [each.year for each in years] == [2026, 2027, 2028][:PLAN_YEARS]
    assert all(sum(seat.seats for seat in each.plan.seats) <= 20 for each in years)
    # Nobody is trained for a level who does not hold the one below.
    assert {cell.level for each in years for cell in each.programme.cells} <= {1, 2}


def test_a_study_with_one_seed_is_the_same_and_never_trains_for_the_worse() -> None:
    small, scenario = world(years=5), STANDARD[Basis.FAST]
    first, again = study(small, scenario, 11), study(small, scenario, 11)
    assert as_json(small, first) == as_json(small, again)
    assert (first.planned.weighted <= first.untrained.weighted + 1e-9).all()
    assert 0 <= first.better <= 1
    assert {each.what for each in first.sensitivity} == {"budget", "seats"}
    by_seats = [each.objective for each in first.sensitivity if each.what == "seats"]
    assert by_seats == sorted(by_seats, reverse=True)


def test_more_seats_promised_than_there_are_make_a_study_without_a_plan() -> None:
    scenario = replace(STANDARD[Basis.PLANNED], floor_share=1.0)
    small = world()
    found = as_json(small, study(small, scenario, 1))
    assert found["plan"][0]["infeasible"]
    assert found["plan"][0]["seats"] == []
    assert {each["objective"] for each in found["sensitivity"] if each["what"] == "budget"} == {None}
