"""Whether sums over groups of people tell of a few of them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.privacy import tells_of_few

SIZES = st.sampled_from([0, 1, 5, 9, 10, 14, 30])


def groups(both: int, only_one: int, only_other: int, neither: int) -> list[set[int]]:
    """All, and two groups within them, by how many are in which."""
    ends = np.cumsum([both, only_one, only_other, neither]).tolist()
    everybody = set(range(ends[3]))
    return [everybody, set(range(ends[1])), set(range(ends[0])) | set(range(ends[1], ends[2]))]


@pytest.mark.parametrize(
    ("sizes", "tells"),
    [
        ((30, 0, 0, 0), False),
        ((30, 0, 0, 9), True),
        ((30, 0, 0, 10), False),
        ((30, 5, 4, 10), True),
        ((30, 5, 5, 10), False),
        ((0, 22, 22, 6), True),
        ((0, 22, 22, 10), False),
        ((0, 22, 0, 6), True),
        ((0, 5, 30, 3), True),
    ],
)
def test_two_groups_within_one_by_hand(sizes: tuple[int, int, int, int], tells: bool) -> None:
    assert tells_of_few(groups(*sizes)) == tells


def test_disjoint_groups_tell_of_the_few_outside_them() -> None:
    """All less the one less the other is the sum of the six who are in neither."""
    everybody = set(range(50))
    assert tells_of_few([everybody, set(range(22)), set(range(22, 44))])
    assert not tells_of_few([everybody, set(range(20)), set(range(20, 40))])


@given(SIZES, SIZES, SIZES, SIZES)
def test_it_finds_whatever_small_sums_and_differences_find(both: int, one: int, other: int, neither: int) -> None:
    found = groups(both, one, other, neither)
    everybody = sorted(found[0])
    matrix = np.array([[person in group for person in everybody] for group in found], dtype=float)
    for factors in product(range(-2, 3), repeat=3):
        told = np.count_nonzero(np.array(factors) @ matrix) if everybody else 0
        if 0 < told < 10:
            assert tells_of_few(found)
            return
    assert not tells_of_few(found)
