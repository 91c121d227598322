"""What experts say together, when they have settled, and that studies draw from the triangle that comes of it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foresight import STANDARD, Basis, Origin, Range, Scenario, Use, World, of_department
from foresight.delphi import SETTLED, change, consensus, has_settled
from foresight.gap import tornado
from foresight.sampling import DRAWS, HIGH, LOW, draw, with_one_at
from tests.foresight.worlds import world

PLANNED = STANDARD[Basis.PLANNED]
ranges = st.tuples(*[st.floats(0, 1)] * 3).map(sorted).map(lambda three: Range(*three))


def around(likely: float) -> Range:
    return Range(likely - 1, likely, likely + 2)


def test_medians_and_quartiles_are_those_of_a_hand() -> None:
    found = consensus([around(value) for value in (9.0, 1.0, 3.0, 5.0, 7.0)])
    assert (found.experts, found.median) == (5, 5.0)
    assert (found.lower_quartile, found.upper_quartile, found.spread) == (3.0, 7.0, 4.0)
    assert found.triangle == Range(4.0, 5.0, 7.0)
    with pytest.raises(ValueError, match="Nobody"):
        consensus([])


@given(st.lists(ranges, min_size=5, max_size=12))
def test_any_opinions_make_a_triangle_within_them(opinions: list[Range]) -> None:
    found = consensus(opinions)
    assert found.triangle.low <= found.triangle.likely <= found.triangle.high
    assert min(each.low for each in opinions) <= found.triangle.low
    assert found.triangle.high <= max(each.high for each in opinions)
    assert found.lower_quartile <= found.median <= found.upper_quartile


@pytest.mark.parametrize(
    ("spread", "expected", "is_settled"),
    [
        (4.0, 0.0, True),
        (3.44, -0.14, True),
        (3.4, -0.15, False),
        (4.56, 0.14, True),
        (4.6, 0.15, False),
        (2, -0.5, False),
    ],
)
def test_a_question_has_settled_when_its_range_changed_by_less_than_15_per_cent(
    spread: float, expected: float, is_settled: bool
) -> None:
    first = consensus([around(value) for value in (1.0, 3.0, 5.0, 7.0, 9.0)])
    second = consensus([around(5 + part * spread / 2) for part in (-2.0, -1.0, 0.0, 1.0, 2.0)])
    assert change(first, second) == pytest.approx(expected)
    if not math.isclose(abs(expected), SETTLED):
        assert has_settled(first, second) is is_settled


def test_experts_who_agreed_at_once_have_settled_unless_they_part() -> None:
    agreed = consensus([around(5.0)] * 5)
    apart = consensus([around(value) for value in (1.0, 3.0, 5.0, 7.0, 9.0)])
    assert change(agreed, agreed) == 0
    assert has_settled(agreed, agreed)
    assert change(agreed, apart) == math.inf
    assert not has_settled(agreed, apart)
    assert change(apart, agreed) == -1


def department_said(triangle: Range, name: str = "middle_year") -> tuple[World, str]:
    """A world of whose two uses the first has this triangle, and the name of its draws."""
    first, second = (Use(place, Range.exactly(2027)) for place in range(2))
    drawn = name if name == "middle_year" else f"use_{name}"
    return world(uses=(replace(first, **{name: triangle}), second)), drawn


@pytest.mark.parametrize("triangle", [Range(2025.0, 2027.0, 2035.0), Range(2026.0, 2026.0, 2029.0)])
def test_draws_have_mean_and_variance_of_the_triangular_distribution(triangle: Range) -> None:
    there, name = department_said(triangle)
    drawn = getattr(draw(there, PLANNED, seed=1, count=40_000), name)[:, 0]
    low, likely, high = triangle.low, triangle.likely, triangle.high
    mean = (low + likely + high) / 3
    variance = (low**2 + likely**2 + high**2 - low * likely - low * high - likely * high) / 18
    assert drawn.mean() == pytest.approx(mean, abs=4 * math.sqrt(variance / 40_000))
    assert drawn.var() == pytest.approx(variance, rel=0.04)
    assert drawn.min() >= low
    assert drawn.max() <= high


def quantile(triangle: Range, share: float) -> float:
    """The inverse of the distribution function, in closed form."""
    width = triangle.high - triangle.low
    if share <= (triangle.likely - triangle.low) / width:
        return triangle.low + math.sqrt(share * width * (triangle.likely - triangle.low))
    return triangle.high - math.sqrt((1 - share) * width * (triangle.high - triangle.likely))


@pytest.mark.parametrize("share", [LOW, HIGH])
@pytest.mark.parametrize("name", ["ceiling", "speed", "middle_year"])
def test_the_tornado_goes_to_the_10th_and_90th_percentile_of_the_triangle(share: float, name: str) -> None:
    triangle = Range(0.2, 0.5, 0.9)
    there, drawn = department_said(triangle, name)
    sample = draw(there, PLANNED, seed=2, count=20_000)
    found = getattr(with_one_at(sample, drawn, share), drawn)
    assert found[0, 0] == pytest.approx(quantile(triangle, share), abs=0.01)


def test_the_same_seed_draws_the_same_and_a_year_that_is_certain_changes_no_other_draw() -> None:
    there, name = department_said(Range(2025.0, 2027.0, 2035.0))
    one, again, other = (draw(there, PLANNED, seed=seed) for seed in (7, 7, 8))
    assert getattr(one, name).shape == (DRAWS, 2)
    assert np.array_equal(getattr(one, name), getattr(again, name))
    assert not np.array_equal(getattr(one, name), getattr(other, name))
    certain = draw(world(), PLANNED, seed=7)
    assert np.array_equal(one.ceiling, certain.ceiling)
    assert np.array_equal(one.held, certain.held)


def test_an_uncertain_year_of_a_department_moves_the_gap() -> None:
    there, _name = department_said(Range(2020.0, 2027.0, 2060.0))
    swings = {each.name: each.high - each.low for each in tornado(there, PLANNED, draw(there, PLANNED, seed=3))}
    assert swings["middle_year"] < 0
    still = {each.name: each.high - each.low for each in tornado(world(), PLANNED, draw(world(), PLANNED, seed=3))}
    assert still.get("middle_year", 0) == 0


def test_two_uses_of_a_department_of_which_the_same_is_said_are_drawn_together() -> None:
    triangle = Range(0.2, 0.5, 0.9)
    uses = (
        Use(0, Range.exactly(2027), triangle),
        Use(0, Range.exactly(2029), triangle),
        Use(1, Range.exactly(2027), triangle),
    )
    drawn = draw(world(uses=uses), PLANNED, seed=4).use_ceiling
    assert np.array_equal(drawn[:, 0], drawn[:, 1])
    assert not np.array_equal(drawn[:, 0], drawn[:, 2])


def test_a_scenario_comes_back_from_what_is_kept_of_it_and_so_does_one_of_before_there_were_panels() -> None:
    key = of_department("speed", "health")
    said = replace(
        PLANNED,
        departments={key: Range(0.4, 0.6, 0.9)},
        origins={key: Origin("delphi", "2026-11-29", 6, "C", 3, "Health")},
    )
    assert Scenario.of_json(said.as_json()) == said
    former = {name: each for name, each in PLANNED.as_json().items() if name not in {"departments", "origins"}}
    assert Scenario.of_json(former) == PLANNED
