"""The one rule on figures about groups: what is hidden cannot be worked out from what is shown."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.core.privacy import (
    LEAST_SHARED,
    SMALLEST_GROUP,
    Counts,
    ShownShare,
    bearing_on,
    is_large_enough,
    shown_counts,
    shown_share,
    withheld_groups,
)

small_and_large = st.one_of(st.integers(0, 12), st.integers(0, 60))
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(small_and_large, min_size=width, max_size=width), min_size=1, max_size=4)
)
people = st.frozensets(st.integers(0, 40), max_size=35)
# Of a few kinds of people, so that many groups differ by several kinds together.
kinds = st.lists(st.integers(0, 7), max_size=6, unique=True)
crowds = kinds.map(lambda some: frozenset(person for kind in some for person in range(7 * kind, 7 * kind + 2 + kind)))


def figures(counts: Counts) -> list[list[int | None]]:
    """Cells and totals as one table, the totals last."""
    rows = [[*row, total] for row, total in zip(counts.cells, counts.row_totals, strict=True)]
    return [*rows, [*counts.column_totals, counts.total]]


def with_totals(cells: list[list[int]]) -> list[list[int]]:
    rows = [[*row, sum(row)] for row in cells]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def equations(rows: int, columns: int) -> NDArray[np.float64]:
    """Each row and column of a table with totals as an equation: its cells less its total are 0."""
    lines = []
    for row in range(rows):
        line = np.zeros((rows, columns))
        line[row] = [*[1] * (columns - 1), -1]
        lines.append(line.ravel())
    for column in range(columns):
        line = np.zeros((rows, columns))
        line[:, column] = [*[1] * (rows - 1), -1]
        lines.append(line.ravel())
    return np.array(lines)


@pytest.mark.parametrize(
    ("share", "group", "expected"),
    [
        (0.5, 9, None),
        (0.725, 10, ShownShare(0.7, 0.8)),
        (0.7, 19, ShownShare(0.7, 0.8)),
        (1.0, 12, ShownShare(0.9, 1.0)),
        (0.725, 20, ShownShare(0.725, 0.725)),
    ],
)
def test_a_share_is_withheld_banded_or_exact_by_the_size_of_its_group(share, group, expected):
    found = shown_share(share, group)
    if expected is None:
        assert found is None
    else:
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
        assert found.is_exact is (group >= 20)


@given(st.floats(0, 1), st.integers(10, 19))
def test_a_band_holds_its_share_and_is_ten_points_wide(share, group):
    found = shown_share(share, group)
    assert found.low - 1e-9 <= share <= found.high + 1e-9
    assert found.high - found.low == pytest.approx(0.1)
    assert 0 <= found.low < found.high <= 1 + 1e-9


def test_one_small_count_takes_the_next_smallest_of_its_row_and_column_with_it():
    # 4 is hidden; then 20 of its row, 15 of its column, and 30, which would follow from both.
    counts = shown_counts([[4, 20, 50], [15, 30, 60], [40, 70, 80]])
    assert counts.cells == ((None, None, 50), (None, None, 60), (40, 70, 80))
    assert (counts.row_totals, counts.column_totals, counts.total) == ((74, 105, 190), (59, 120, 190), 369)


def test_a_table_of_large_counts_is_shown_as_it_is():
    assert shown_counts([[10, 0], [12, 30]]) == Counts(((10, 0), (12, 30)), (10, 42), (22, 30), 52)


def test_a_small_group_shows_nothing_but_that_nobody_is_elsewhere():
    assert shown_counts([[4, 0, 3]]) == Counts(((None, 0, None),), (None,), (None, 0, None), None)


def test_two_small_counts_whose_sum_is_small_take_a_third_with_them():
    # 4 and 3 would be known to be 7 people together.
    assert shown_counts([[4, 3, 12, 40]]).cells == ((None, None, None, 40),)


@given(tables)
def test_no_small_count_is_shown(cells):
    for shown, true in zip(figures(shown_counts(cells)), with_totals(cells), strict=True):
        for figure, count in zip(shown, true, strict=True):
            assert figure in (None, count)
            assert figure is None or figure == 0 or figure >= SMALLEST_GROUP


@given(tables)
def test_no_hidden_count_follows_from_what_is_shown(cells):
    shown, true = figures(shown_counts(cells)), np.array(with_totals(cells))
    hidden = np.array([[figure is None for figure in row] for row in shown])
    if not hidden.any():
        return
    # Changes of the hidden figures that leave every total right: each figure must take part in one.
    unknown = equations(*true.shape)[:, hidden.ravel()]
    _left, sizes, right = np.linalg.svd(unknown)
    rank = int((sizes > 1e-9).sum())
    assert (np.abs(right[rank:]).max(axis=0, initial=0) > 1e-9).all()


@given(tables)
def test_the_hidden_counts_of_a_line_whose_total_is_shown_stand_for_a_large_group(cells):
    shown, true = figures(shown_counts(cells)), with_totals(cells)
    for lines, truths in ((shown, true), (zip(*shown, strict=True), zip(*true, strict=True))):
        for line, counts in zip(lines, truths, strict=True):
            *inner, total = line
            if total is not None and None in inner:
                hidden = [count for figure, count in zip(line, counts, strict=True) if figure is None]
                assert is_large_enough(sum(hidden))


def test_of_two_groups_that_differ_by_few_people_the_smaller_is_withheld():
    spring, autumn, other = set(range(25)), set(range(24)), set(range(100, 115))
    assert withheld_groups({"spring": spring, "autumn": autumn, "other": other}) == {"autumn"}


def test_two_groups_of_the_same_people_are_both_shown():
    assert withheld_groups({1: range(12), 2: range(12)}) == set()


def test_groups_that_differ_by_ten_people_are_both_shown():
    assert withheld_groups({1: range(20), 2: range(10)}) == set()
    assert withheld_groups({1: range(20), 2: range(11)}) == {2}


@given(st.dictionaries(st.integers(0, 20), people, min_size=1, max_size=8), st.data())
def test_only_groups_that_share_enough_people_bear_on_what_is_withheld(groups, data):
    asked = {data.draw(st.sampled_from(sorted(groups)))}
    sharing = [
        (one, other)
        for one in groups
        for other in groups
        if one < other and len(groups[one] & groups[other]) >= LEAST_SHARED
    ]
    compared = bearing_on(asked, sharing)
    among_few = withheld_groups({name: members for name, members in groups.items() if name in compared})
    assert asked & among_few == asked & withheld_groups(groups)


def test_groups_bear_on_each_other_through_others():
    assert bearing_on({1}, [(1, 2), (2, 3), (4, 5)]) == {1, 2, 3}
    assert bearing_on({1, 5}, []) == {1, 5}


def test_three_groups_that_tell_of_few_together_though_no_two_do_are_not_all_shown():
    """All less the first course less the second are the six who were in neither."""
    everybody, first, second = set(range(50)), set(range(22)), set(range(22, 44))
    assert withheld_groups({"all": everybody, "first": first, "second": second}) == {"second"}
    assert withheld_groups({"all": everybody, "first": first, "second": set(range(22, 40))}) == set()


def test_those_in_two_groups_at_once_are_told_of_by_the_group_of_both():
    one, other = set(range(20)), set(range(17, 40))
    assert withheld_groups({"one": one, "other": other, "both": one | other}) == {"one"}


def test_second_courses_drawn_evenly_from_the_first_ones_are_all_shown():
    courses = {("first", row): set(range(25 * row, 25 * row + 25)) for row in range(5)}
    courses |= {("second", row): {25 * of + 5 * row + each for of in range(5) for each in range(5)} for row in range(5)}
    assert withheld_groups(courses) == set()


def test_courses_mixed_anew_are_all_shown():
    """Everybody is of another kind, so that no few people are told of by any sum that could be looked through."""
    rows = {("row", row): {15 * row + column for column in range(15)} for row in range(15)}
    columns = {("column", column): {15 * row + column for row in range(15)} for column in range(15)}
    dice = random.Random(5)
    drawn = {("drawn", number): set(dice.sample(range(225), 40)) for number in range(30)}
    assert withheld_groups(rows | columns | drawn) == set()


def test_of_more_groups_than_all_sums_are_asked_of_what_their_parts_leave_is_still_few():
    """Twenty years of three courses in two sections each; three people of the year were in neither of a course."""
    years, sections = {}, {}
    for year in range(20):
        pool = [1_000 * year + number for number in range(60)]
        years["year", year] = set(pool)
        for course in range(3):
            part = pool[20 * course :] + pool[: 20 * course]
            sections |= {("section", year, course, half): set(part[half:-3:2]) for half in (0, 1)}
    everybody = {("everybody", half): set().union(*list(years.values())[half::2]) for half in (0, 1)}
    withheld = withheld_groups(years | sections | everybody)
    shown = sections.keys() - withheld
    assert withheld < sections.keys()
    for year in range(20):
        of_year = [[("section", year, course, half) in shown for half in (0, 1)] for course in range(3)]
        assert all(sum(of_course) < 2 for of_course in of_year)


@given(st.dictionaries(st.integers(0, 20), crowds, max_size=5))
def test_no_sum_or_difference_of_groups_that_are_shown_is_of_fewer_than_ten_people(groups):
    withheld = withheld_groups(groups)
    shown = [members for name, members in groups.items() if name not in withheld]
    everybody = sorted(set().union(*groups.values()))
    matrix = np.array([[person in group for person in everybody] for group in shown], dtype=int)
    for factors in product((-2, -1, 0, 1, 2), repeat=len(shown)):
        told = np.count_nonzero(np.array(factors, dtype=int) @ matrix) if shown else 0
        assert told == 0 or told >= SMALLEST_GROUP


@given(st.dictionaries(st.integers(0, 20), people, max_size=8))
def test_no_two_groups_that_are_shown_differ_by_fewer_than_ten_people(groups):
    withheld = withheld_groups(groups)
    shown = [members for name, members in groups.items() if name not in withheld]
    assert all(len(members) >= SMALLEST_GROUP for members in shown)
    for one in shown:
        assert all(one == other or len(one ^ other) >= SMALLEST_GROUP for other in shown)
