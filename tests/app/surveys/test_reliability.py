"""Alpha and omega against what is known in closed form."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from app.surveys.reliability import alpha, omega

PEOPLE = 60


def as_rows(table: npt.NDArray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in table.tolist())


def with_covariance(covariance: npt.ArrayLike) -> tuple[tuple[float, ...], ...]:
    """Rows whose sample covariance is exactly this."""
    size = len(np.array(covariance))
    drawn = np.random.default_rng(3).normal(size=(PEOPLE, size))
    centred = drawn - drawn.mean(axis=0)
    white = centred @ np.linalg.inv(np.linalg.cholesky(np.cov(centred, rowvar=False))).T
    return as_rows(white @ np.linalg.cholesky(np.array(covariance)).T)


def of_one_factor(loadings: list[float], uniqueness: list[float]) -> tuple[tuple[float, ...], ...]:
    return with_covariance(np.outer(loadings, loadings) + np.diag(uniqueness))


@pytest.mark.parametrize(("items", "correlation"), [(3, 0.5), (4, 0.3), (5, 0.7)])
def test_of_parallel_items_both_are_what_spearman_and_brown_say(items: int, correlation: float) -> None:
    rows = with_covariance(np.full((items, items), correlation) + (1 - correlation) * np.eye(items))
    expected = items * correlation / (1 + (items - 1) * correlation)
    assert alpha(rows).value == pytest.approx(expected)
    assert omega(rows).value == pytest.approx(expected, abs=1e-4)


def test_of_items_that_load_unequally_omega_is_the_larger() -> None:
    loadings = [0.5, 0.6, 0.7, 0.8]
    rows = of_one_factor(loadings, [1 - each**2 for each in loadings])
    # 2.6² / (2.6² + 2.26), and 4/3 (1 - 4 / 9.02).
    assert omega(rows).value == pytest.approx(6.76 / 9.02, abs=1e-4)
    assert alpha(rows).value == pytest.approx(4 / 3 * (1 - 4 / 9.02))


def test_omega_is_of_the_items_in_their_own_units() -> None:
    rows = of_one_factor([1.0, 0.4, 0.9, 1.2], [0.5, 0.3, 1.1, 0.2])
    assert omega(rows).value == pytest.approx(3.5**2 / (3.5**2 + 2.1), abs=1e-4)


@pytest.mark.parametrize("coefficient", [alpha, omega])
def test_the_interval_holds_the_value_and_is_the_same_each_time(coefficient) -> None:
    rows = of_one_factor([0.5, 0.6, 0.7, 0.8], [0.75, 0.64, 0.51, 0.36])
    found = coefficient(rows)
    low, high = found.interval
    assert low < found.value < high <= 1
    assert coefficient(rows) == found


def test_fewer_people_make_the_intervals_wider() -> None:
    rows = as_rows(np.round(3 + np.array(of_one_factor([0.7] * 4, [0.5] * 4))))
    for coefficient in (alpha, omega):
        (low, high), (low_of_few, high_of_few) = coefficient(rows).interval, coefficient(rows[:20]).interval
        assert high_of_few - low_of_few > high - low


@pytest.mark.parametrize("coefficient", [alpha, omega])
def test_of_an_item_that_all_answer_alike_there_is_none(coefficient) -> None:
    assert coefficient(((1, 2, 3), (2, 1, 3), (4, 4, 3), (5, 3, 3))) is None


def test_of_items_that_say_the_same_twice_there_is_no_omega() -> None:
    answers = (1.0, 2.0, 3.0, 4.0, 5.0) * 6
    assert omega(tuple((each, each, 6 - each) for each in answers)) is None
