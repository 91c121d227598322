"""Kappa against tables that are worked out by hand, and what holds for any marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.marking.agreement import agreement

MARKS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)


def test_kappa_of_the_two_by_two_table_of_a_textbook() -> None:
    """Of 50 applications both say yes to 20 and no to 15; only the first says yes to 5, only the second to 10.

    Agreement is 35/50, by chance (25 x 30 + 25 x 20) / 2500 = 0.5, so kappa is 0.4.
    """
    first = [1.0] * 20 + [0.0] * 15 + [1.0] * 5 + [0.0] * 10
    second = [1.0] * 20 + [0.0] * 15 + [0.0] * 5 + [1.0] * 10
    found = agreement(first, second)
    assert (found.pairs, found.exact) == (50, pytest.approx(0.7))
    assert found.kappa == pytest.approx(0.4)
    assert found.weighted == pytest.approx(0.4)


def test_a_near_miss_costs_little_and_a_wide_one_much() -> None:
    """Squares of differences: 1 in four pairs; by chance each of 0, 2, 4, 4 beside each of 0, 2, 4, 3."""
    near = agreement([0, 2, 4, 4], [0, 2, 4, 3])
    by_chance = (0 + 4 + 16 + 9 + 4 + 0 + 4 + 1 + 2 * (16 + 4 + 0 + 1)) / 16
    assert near.weighted == pytest.approx(1 - 0.25 / by_chance)
    wide = agreement([0, 2, 4, 4], [0, 2, 4, 0])
    assert wide.weighted is not None
    assert near.weighted > wide.weighted


def test_where_all_marks_are_one_value_kappa_cannot_be_told() -> None:
    assert agreement([2, 2], [2, 2]).kappa is None


def test_without_pairs_there_is_no_agreement() -> None:
    with pytest.raises(ValueError, match="no answer was marked twice"):
        agreement([], [])


@given(MARKS)
def test_kappa_is_symmetric_at_most_one_and_one_only_for_full_agreement(pairs: list[tuple[int, int]]) -> None:
    first, second = [float(one) for one, _o in pairs], [float(other) for _o, other in pairs]
    found, turned = agreement(first, second), agreement(second, first)
    assert found.exact == turned.exact
    for value, other in ((found.kappa, turned.kappa), (found.weighted, turned.weighted)):
        assert (value is None) == (other is None)
        if value is not None:
            assert value == pytest.approx(other)
            assert value <= 1
            assert (value == pytest.approx(1)) == (found.exact == 1)
