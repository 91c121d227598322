"""What a study computes with, from the rows of a workbook: departments that begin later, and years without training."""

from __future__ import annotations

from typing import Any

import pytest

from app.foresight import reading
from app.foresight.example import FILE_NAME, example_workbook
from app.foresight.world import world_of
from foresight import STANDARD, Basis
from foresight.sampling import draw, median
from foresight.study import PlannedYear, plan_years

SCENARIO = STANDARD[Basis.PLANNED]


@pytest.fixture
def rows() -> dict[str, list[Any]]:
    return {name: list(found) for name, found in reading.read_files([(FILE_NAME, example_workbook())]).rows.items()}


def years_of(rows: dict[str, list[Any]]) -> list[PlannedYear]:
    world = world_of(rows, SCENARIO, {})
    return plan_years(world, SCENARIO, median(draw(world, SCENARIO, 1)), 1)


def later(found: list[Any], department: str = "") -> list[Any]:
    return [{**row, "year": row["year"] + 1} if department in ("", row.get("department")) else row for row in found]


def seats_of(year: PlannedYear, department: str) -> float:
    return sum(each.seats for each in year.plan.seats if each.cell.department == department)


def test_a_department_that_begins_later_gets_seats_from_then_on(rows: dict[str, list[Any]]) -> None:
    first, second, _third = years_of(rows | {"posts": later(rows["posts"], "Health")})
    assert seats_of(first, "Health") == 0
    assert seats_of(second, "Health") > 0
    unmet = [each for each in first.plan.unmet if each.cell.department == "Health" and each.unmet > 1]
    assert {each.because and each.because.kind.value for each in unmet} == {"no_staff"}
    assert not first.plan.infeasible


def test_a_year_without_training_says_so(rows: dict[str, list[Any]]) -> None:
    first, second, _third = years_of(rows | {"capacity": later(rows["capacity"])})
    assert {each.because and each.because.kind.value for each in first.plan.unmet if each.unmet > 1} == {"no_training"}
    assert second.plan.seats
