"""k-anonymity holds for any table, little is lost for it, and noise is spread as it should be."""

from __future__ import annotations

import math
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from app.research.anonymity import ANY, anything, as_it_is, generalise, two_sided_geometric

LADDERS = {
    "place": (as_it_is, lambda value: value[:1], anything),
    "grade": (as_it_is, anything),
    "language": (as_it_is, anything),
}
ROWS = some.lists(
    some.fixed_dictionaries(
        {
            "place": some.sampled_from(["aa", "ab", "ba", "bb", "bc", "c"]),
            "grade": some.sampled_from(["16", "17", "18"]),
            "language": some.sampled_from(["en", "ur"]),
        }
    ),
    max_size=60,
)


@given(rows=ROWS, k=some.integers(2, 12))
def test_whoever_is_left_has_k_alike_in_any_table(rows: list[dict[str, str]], k: int) -> None:
    found = generalise(rows, LADDERS, k)
    assert len(found.rows) == len(rows)
    sizes = Counter(tuple(sorted(row.items())) for row in found.rows if row is not None)
    assert all(size >= k for size in sizes.values())
    assert found.smallest_class == min(sizes.values(), default=0)
    assert found.suppressed == sum(row is None for row in found.rows)


@given(rows=ROWS, k=some.integers(2, 12))
def test_every_value_is_the_row_s_own_or_coarser(rows: list[dict[str, str]], k: int) -> None:
    found = generalise(rows, LADDERS, k)
    for row, shown in zip(rows, found.rows, strict=True):
        for name, value in (shown or {}).items():
            assert value == LADDERS[name][found.steps[name]](row[name])


@given(rows=ROWS, k=some.integers(2, 12))
def test_nobody_is_left_out_for_nothing(rows: list[dict[str, str]], k: int) -> None:
    """Whoever is left out would stand among fewer than k; with k rows or more somebody is always left."""
    found = generalise(rows, LADDERS, k)
    coarse = [tuple(LADDERS[name][found.steps[name]](row[name]) for name in LADDERS) for row in rows]
    for values, shown in zip(coarse, found.rows, strict=True):
        assert (shown is None) == (coarse.count(values) < k)
    if len(rows) >= k:
        assert found.smallest_class >= k


def test_alike_people_keep_everything_and_a_lone_one_is_left_out_rather_than_all_coarsened() -> None:
    alike = [{"place": "aa", "grade": "17", "language": "en"}] * 30
    assert generalise(alike, LADDERS, 10).rows == tuple(alike)
    lone = {"place": "c", "grade": "18", "language": "ur"}
    found = generalise([*alike, lone], LADDERS, 10)
    assert found.rows == (*alike, None)
    assert found.suppressed == 1


def test_many_lone_ones_are_coarsened_together() -> None:
    rows = [{"place": "aa" if number % 2 else "ab", "grade": "17", "language": "en"} for number in range(18)]
    found = generalise(rows, LADDERS, 10)
    assert found.steps == {"place": 1, "grade": 0, "language": 0}
    assert {row["place"] for row in found.rows if row} == {"a"}
    assert ANY not in str(found.rows)


def test_diversity_is_that_of_the_most_uniform_class() -> None:
    rows = [{"place": place, "grade": "17", "language": "en"} for place in ("aa", "ba") for _person in range(10)]
    found = generalise(rows, LADDERS, 10)
    assert found.diversity(["0.5"] * 10 + ["0.5", "0.6", "0.7", "0.8", "0.9"] * 2) == 1
    assert found.diversity(["0.4", "0.5"] * 5 + ["0.5", "0.6", "0.7", "0.8", "0.9"] * 2) == 2


@pytest.mark.parametrize("epsilon", [0.5, 1.0, 2.0])
def test_noise_is_two_sided_geometric(epsilon: float) -> None:
    dice, drawn = Random(20270101), 40_000
    found = Counter(two_sided_geometric(epsilon, dice) for _number in range(drawn))
    alpha = math.exp(-epsilon)
    inner = range(-4, 5)
    expected = [drawn * (1 - alpha) / (1 + alpha) * alpha ** abs(number) for number in inner]
    observed = [found[number] for number in inner]
    rest = (drawn - sum(observed), drawn - sum(expected))
    assert stats.chisquare([*observed, rest[0]], [*expected, rest[1]]).pvalue > 0.01


def test_one_person_more_or_less_can_hardly_be_told_from_a_count() -> None:
    """The chances of any count with and without one person differ by a factor of e at most, where epsilon is 1."""
    dice, drawn = Random(7), 100_000
    noise = [two_sided_geometric(1.0, dice) for _number in range(drawn)]
    with_them, without = Counter(5 + each for each in noise), Counter(4 + each for each in noise)
    for count in range(2, 8):
        assert with_them[count] / without[count] < math.e * 1.1
        assert without[count] / with_them[count] < math.e * 1.1
