"""Demand, supply and gap against figures worked out by hand (domain notes, 5.2 to 5.4)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foresight import STANDARD, Basis, Range, Use
from foresight.gap import adoption, demand, gaps, next_supply, present_supply, tornado, years
from foresight.sampling import draw, median, names
from tests.foresight.worlds import sample, world

PLANNED = STANDARD[Basis.PLANNED]
shares = st.floats(0, 1)


def test_half_of_the_ceiling_is_reached_in_the_middle_year() -> None:
    reached = adoption(2027, ceiling=np.array([0.6]), speed=np.array([0.8]), middle_year=2027)
    assert reached == pytest.approx([0.3])


def test_adoption_follows_the_logistic_curve_and_stays_below_its_ceiling() -> None:
    curve = [
        float(adoption(year, ceiling=np.array([0.85]), speed=np.array([1.1]), middle_year=2028)[0])
        for year in range(2020, 2060)
    ]
    assert curve == sorted(curve)
    assert curve[9] == pytest.approx(0.85 / (1 + np.exp(-1.1)))
    assert 0.849 < curve[-1] < 0.85


def test_demand_is_what_is_needed_anyway_and_what_ai_changes() -> None:
    small = world()
    needed = demand(small, PLANNED, sample(small), 1)
    # 100 posts: half need it anyway, of the others 30 per cent in the middle year.
    assert needed[0, 0, 0] == pytest.approx([65.0, 65.0, 0.0, 0.0])


def test_posts_grow_from_the_year_in_which_they_were_given() -> None:
    small = world(since=np.array([[[0.0, 1.0, 2.0]]] * 2), uses=())
    needed = demand(small, PLANNED, sample(small, growth=0.1), 2)
    assert needed[0, 0, 0, 0] == pytest.approx(50 * 1.21)


def test_of_several_uses_of_ai_the_furthest_counts() -> None:
    early, late = Range.exactly(2027.0), Range.exactly(2050.0)
    several = world(uses=(Use(0, early), Use(0, late), Use(0, early, ceiling=Range.exactly(0.9))))
    assert demand(several, PLANNED, sample(several), 1)[0, :, 0, 0] == pytest.approx([50 + 50 * 0.45, 50])


def test_law_first_needs_duties_by_law_everywhere_at_once() -> None:
    legal = world(competencies=("D5.1",))
    scenario = STANDARD[Basis.LAW_FIRST]
    assert demand(legal, scenario, sample(legal), 0)[0, 0, 0, 0] == pytest.approx(100)
    assert demand(legal, PLANNED, sample(legal), 0)[0, 0, 0, 0] < 70
    other = world(competencies=("D2.1",))
    assert demand(other, scenario, sample(other), 0)[0, 0, 0, 0] < 70


def test_of_people_whom_nobody_assessed_less_is_believed_while_few_are() -> None:
    few = world(assessed=np.array([[40.0], [60.0]]))
    held = present_supply(few, sample(few, unassessed=0.8))
    # 40 of 100 are too few: 0.5 x (40 + 0.8 x 60). With 60 the share is that of all.
    assert held[0, :, 0, 0] == pytest.approx([44.0, 50.0])


def test_without_training_attrition_and_fading_supply_is_constant() -> None:
    still = world(years=6)
    supplies = [supply for _needed, supply in years(still, PLANNED, sample(still))]
    assert all(np.array_equal(supply, supplies[0]) for supply in supplies)


def test_a_skill_fades_by_half_in_its_half_life_and_leavers_take_theirs_along() -> None:
    small = world()
    held = present_supply(small, sample(small))
    assert next_supply(small, sample(small, half_life_years=1.0), held, 0)[0, 0, 0, 0] == pytest.approx(25)
    assert next_supply(small, sample(small, resignation=0.04), held, 0)[0, 0, 0, 0] == pytest.approx(48)
    half = world(fade_ratio=np.array([0.5]))
    assert next_supply(half, sample(half, half_life_years=2.0), held, 0)[0, 0, 0, 0] == pytest.approx(25)


def test_training_and_recruits_add_those_who_reach_the_level() -> None:
    small = world(intake=np.full((2, 3), 10.0))
    seats = np.zeros((2, 1, 4, 1))
    seats[0, 0, 1, 0] = 20
    known = sample(small, newcomers=np.array([[0.3, 0.1, 0.0, 0.0]]))
    later = next_supply(small, known, present_supply(small, known), 0, seats)
    assert later[0, :, 0] == pytest.approx(np.array([[53, 42, 0, 0], [53, 26, 0, 0]]))


def test_nobody_holds_a_level_twice() -> None:
    small = world()
    seats = np.full((2, 1, 4, 1), 500.0)
    later = next_supply(small, sample(small), present_supply(small, sample(small)), 0, seats)
    assert later.max() == 100


@given(
    st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=3, max_size=3),
    st.lists(shares, min_size=3, max_size=3),
)
def test_transfers_carry_skills_along_and_lose_none(moving: list[list[int]], held: list[float]) -> None:
    transfers = np.array(moving, dtype=float)
    np.fill_diagonal(transfers, 0)
    # Room for everybody who comes, so that no department is full.
    large = world(
        departments=3,
        posts=np.full((3, 1, 3), 1_000.0),
        transfers=np.repeat(transfers[:, :, None], 3, axis=2),
        shares=np.array(held)[:, None, None] * np.full((1, 1, 4), 0.5),
    )
    before = present_supply(large, sample(large))
    after = next_supply(large, sample(large), before, 0)
    assert after.sum(axis=1) == pytest.approx(before.sum(axis=1))


@given(shares, shares, st.floats(0, 0.3))
def test_more_holders_never_make_a_gap_larger(fewer: float, more: float, resignation: float) -> None:
    low, high = sorted((fewer, more))
    found = []
    for share in (low, high):
        small = world(shares=np.full((2, 1, 4), share))
        found.append(gaps(small, PLANNED, sample(small, resignation=resignation)).weighted)
    assert (found[1] <= found[0] + 1e-9).all()


def test_the_band_holds_its_median_and_one_seed_gives_one_result() -> None:
    small = world(spreads={"posts": 0.1})
    first, again = (gaps(small, PLANNED, draw(small, PLANNED, 7)) for _time in range(2))
    assert (first.low <= first.median).all()
    assert (first.median <= first.high).all()
    assert (first.high > first.low).any()
    assert np.array_equal(first.weighted, again.weighted)
    assert not np.array_equal(first.weighted, gaps(small, PLANNED, draw(small, PLANNED, 8)).weighted)


def test_draws_of_a_share_are_about_what_was_observed() -> None:
    small = world()
    drawn = draw(small, PLANNED, 3)
    assert drawn.success.mean() == pytest.approx(0.8, abs=0.01)
    assert drawn.held[..., 0].mean() == pytest.approx(0.5, abs=0.01)
    assert (drawn.held[..., 0] >= drawn.held[..., 1]).all()
    assert (drawn.newcomers == 0).all()
    assert (drawn.retirement == 0).all()


def test_the_tornado_names_the_input_that_alone_can_move_the_gap() -> None:
    calm = replace(
        PLANNED,
        **{
            name: replace(getattr(PLANNED, name), low=getattr(PLANNED, name).likely, high=getattr(PLANNED, name).likely)
            for name in ("ceiling", "growth", "resignation", "half_life_years", "unassessed")
        },
    )
    small = world(behind=np.full((2, 1), 1e9))
    swings = tornado(small, calm, draw(small, calm, 1))
    assert len(swings) == 5
    assert swings[0].name == "speed"
    assert swings[0].low != swings[0].high
    assert all(abs(each.high - each.low) < 0.01 for each in swings[1:])


def test_every_input_has_a_median() -> None:
    small = world()
    middle = median(draw(small, PLANNED, 1))
    assert {len(getattr(middle, name)) for name in names()} == {1}
