"""Differences of groups against published examples, closed forms and scipy's own distributions."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nct, t, ttest_ind

from app.reports.comparing import difference, mean_interval, small_sample_factor

groups = st.lists(st.floats(0.01, 0.99), min_size=3, max_size=30).filter(
    lambda shares: max(shares) - min(shares) > 0.05
)


def test_the_interval_of_a_mean_by_hand():
    # Mean .5, standard deviation .1, three persons: t of .975 with two degrees is 4.302653.
    low, high = mean_interval([0.4, 0.5, 0.6])
    reach = 4.302653 * 0.1 / math.sqrt(3)
    assert (low, high) == pytest.approx((0.5 - reach, 0.5 + reach), abs=1e-6)


def test_the_interval_of_a_mean_stays_among_shares_and_has_no_width_where_nobody_differs():
    assert mean_interval([0.0, 0.9]) == (0.0, 1.0)
    assert mean_interval([0.3, 0.3, 0.3]) == (0.3, 0.3)


@pytest.mark.parametrize(("share", "sizes"), [(0.7, (20, 23)), (0.6, (20, 30))])
def test_groups_that_all_have_the_same_share_do_not_differ_by_rounding(share, sizes):
    one, other = ([share] * size for size in sizes)
    assert not difference(one, other, comparisons=1).is_decided


def test_welch_by_hand():
    # Variances .01 and .04, three and five persons: error sqrt(.01 / 3 + .04 / 5), Welch and Satterthwaite's degrees.
    one, other = [0.4, 0.5, 0.6], [0.2 + 0.2 * math.sqrt(2) * step / 2 for step in (-2, -1, 0, 1, 2)]
    spread = sum((each - 0.2) ** 2 for each in other) / 4
    error = math.sqrt(0.01 / 3 + spread / 5)
    freedom = error**4 / ((0.01 / 3) ** 2 / 2 + (spread / 5) ** 2 / 4)
    found = difference(one, other, comparisons=1)
    reach = float(t.ppf(0.975, freedom)) * error
    assert found.difference == pytest.approx(0.3)
    assert (found.low, found.high) == pytest.approx((0.3 - reach, 0.3 + reach))


@given(groups, groups)
def test_welch_is_that_of_scipy(one, other):
    found, known = difference(one, other, comparisons=4), ttest_ind(one, other, equal_var=False)
    assert (found.low, found.high) == pytest.approx(tuple(known.confidence_interval(1 - 0.05 / 4)))


def test_the_small_sample_factor_is_the_exact_one():
    # Gamma(m / 2) / (sqrt(m / 2) Gamma((m - 1) / 2)), of two degrees of freedom 1 / sqrt(pi), of four sqrt(2 / pi).
    assert small_sample_factor(2) == pytest.approx(1 / math.sqrt(math.pi))
    assert small_sample_factor(4) == pytest.approx(math.sqrt(2 / math.pi))
    # Hedges' own approximation, 1 - 3 / (4 m - 1), is close to it.
    assert small_sample_factor(50) == pytest.approx(1 - 3 / 199, abs=1e-4)


def test_g_is_the_difference_in_units_of_the_common_spread():
    # Both variances .01, so the pooled deviation is .1; difference .1; four degrees of freedom.
    found = difference([0.4, 0.5, 0.6], [0.3, 0.4, 0.5], comparisons=1)
    assert found.effect is not None
    assert found.effect.g == pytest.approx(1.0 * small_sample_factor(4))


@given(groups, groups)
def test_the_ends_of_the_interval_of_g_are_those_of_the_noncentral_t(one, other):
    found = difference(one, other, comparisons=1).effect
    assert found is not None
    freedom, scale = len(one) + len(other) - 2, math.sqrt(1 / len(one) + 1 / len(other))
    observed = found.g / small_sample_factor(freedom) / scale
    assert nct.cdf(observed, freedom, found.low / scale) == pytest.approx(0.975, abs=1e-4)
    assert nct.cdf(observed, freedom, found.high / scale) == pytest.approx(0.025, abs=1e-4)


@given(groups, groups)
def test_turned_round_a_difference_is_its_own_mirror(one, other):
    found, turned = difference(one, other, comparisons=3), difference(other, one, comparisons=3)
    assert (turned.difference, turned.low, turned.high) == pytest.approx((-found.difference, -found.high, -found.low))


def test_of_more_differences_each_has_a_wider_interval():
    one, other = [0.4, 0.5, 0.6, 0.7], [0.2, 0.3, 0.5, 0.5]
    single, several = (difference(one, other, comparisons=count) for count in (1, 6))
    assert several.low < single.low < single.high < several.high
    assert single.effect is not None
    assert several.effect is not None
    assert several.effect.low < single.effect.low < single.effect.high < several.effect.high
    assert several.effect.g == single.effect.g


def test_where_nobody_differs_there_is_no_spread_to_measure_by():
    found = difference([0.5, 0.5], [0.3, 0.3, 0.3], comparisons=1)
    assert (found.low, found.high) == pytest.approx((0.2, 0.2))
    assert found.effect is None


def test_of_one_person_nothing_is_computed():
    with pytest.raises(ValueError, match="at least two"):
        mean_interval([0.5])
    with pytest.raises(ValueError, match="at least two"):
        difference([0.5], [0.4, 0.5], comparisons=1)
