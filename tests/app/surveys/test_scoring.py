"""Answers become means of scales: reversed items, left-out items, and figures that may be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.schemas import SurveyItem
from app.content.values import Bilingual
from app.core.privacy import shown_opinions
from app.surveys import scoring

TEXT = Bilingual(en="x", ur="ا")
ITEMS = tuple(SurveyItem(id=f"item-{n}", scale="one", text=TEXT, reversed=n % 2 == 1) for n in range(5))
ANSWERS = st.dictionaries(st.sampled_from([item.id for item in ITEMS]), st.integers(1, 5))


def turned(answers: dict[str, int]) -> dict[str, int]:
    return {item: 6 - agreement for item, agreement in answers.items()}


def test_a_reversed_item_counts_the_other_way_round() -> None:
    assert [scoring.scored(ITEMS[1], agreement) for agreement in range(1, 6)] == [5, 4, 3, 2, 1]
    assert [scoring.scored(ITEMS[0], agreement) for agreement in range(1, 6)] == [1, 2, 3, 4, 5]


def test_a_mean_by_hand() -> None:
    assert scoring.scale_mean(ITEMS, {"item-0": 5, "item-1": 2, "item-2": 3}) == 4


@given(ANSWERS)
def test_a_mean_lies_on_the_scale_and_needs_more_than_half_of_the_items(answers: dict[str, int]) -> None:
    mean = scoring.scale_mean(ITEMS, answers)
    assert (mean is not None) == (len(answers) >= 3)
    assert mean is None or 1 <= mean <= 5


@given(ANSWERS)
def test_who_answers_the_other_way_round_has_the_mean_the_other_way_round(answers: dict[str, int]) -> None:
    mean, other = scoring.scale_mean(ITEMS, answers), scoring.scale_mean(ITEMS, turned(answers))
    if mean is not None:
        assert other == pytest.approx(6 - mean)


@given(st.lists(ANSWERS))
def test_every_answer_is_counted_once(responses: list[dict[str, int]]) -> None:
    for item in ITEMS:
        assert sum(scoring.counts(item, responses)) == sum(item.id in answers for answers in responses)
    complete = scoring.complete_rows(ITEMS, responses)
    assert len(complete) == sum(len(answers) == len(ITEMS) for answers in responses)
    means = sorted(scoring.scale_mean(ITEMS, answers) for answers in responses if len(answers) == len(ITEMS))
    assert sorted(sum(row) / len(row) for row in complete) == pytest.approx(means)


@given(st.floats(1, 5))
def test_a_share_leads_back_to_its_mean(mean: float) -> None:
    assert 0 <= scoring.as_share(mean) <= 1
    assert scoring.as_mean(scoring.as_share(mean)) == pytest.approx(mean)


@given(st.lists(st.integers(0, 40), min_size=5, max_size=5))
def test_opinions_are_shown_of_enough_people_who_differ(counts: list[int]) -> None:
    shown = shown_opinions(counts)
    assert (shown is None) == (sum(counts) < 15 or max(counts) == sum(counts))
    if shown is not None:
        assert all(each is None or each == 0 or each >= 10 for each in shown.cells[0])
        assert [each for each in shown.cells[0] if each is None] != [None]
