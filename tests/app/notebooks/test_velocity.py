"""Curiosity velocity of notebooks: what must never pay does not, whatever a lab declares."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.truths import ClaimColumn, ClaimGroup, ClaimMeasure, PlantedTruth, PlantedTruths, question_of
from app.content.values import Bilingual
from app.notebooks.velocity import IDLE_SECONDS, LEAST_MINUTES, Judged, Verdict, active_seconds, index, judge

WORDS = Bilingual(en="words", ur="الفاظ")
MINUTES = st.floats(min_value=0, max_value=6_000)
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


@st.composite
def declarations(draw: st.DrawFn) -> PlantedTruths:
    """Any lab: measures, columns of groups or numbers, and in each question at most a highest and a lowest truth."""
    columns = tuple(
        ClaimColumn(
            id=f"c{number}",
            words=WORDS,
            groups=tuple(ClaimGroup(id=f"g{group}", words=WORDS) for group in range(size)),
        )
        for number, size in enumerate(draw(st.lists(st.sampled_from((0, 2, 3, 7)), min_size=1, max_size=3)))
    )
    measures = tuple(
        ClaimMeasure(id=f"m{number}", words=WORDS, by=tuple(column.id for column in columns))
        for number in range(draw(st.integers(1, 3)))
    )
    true = [
        f"{measure.id}/{column.id}/{answer}"
        for measure in measures
        for column in columns
        for answer in (("highest/g0", "lowest/g1") if column.groups else ("rises",))
    ]
    planted = draw(st.lists(st.sampled_from(true), min_size=1, unique=True))
    truths = tuple(
        PlantedTruth(id=f"t{number}", weight=draw(st.integers(1, 5)), claims=(claim,), look=WORDS)
        for number, claim in enumerate(planted)
    )
    also = tuple(claim for claim in true if claim not in planted and draw(st.booleans()))
    return PlantedTruths(note=WORDS, measures=measures, columns=columns, truths=truths, also_true=also)


@st.composite
def lists(draw: st.DrawFn) -> tuple[PlantedTruths, list[Judged]]:
    truths = draw(declarations())
    chosen = draw(st.lists(st.sampled_from(sorted(truths.offered)), unique=True))
    return truths, [judge(truths, claim) for claim in chosen]


@given(lists(), MINUTES)
def test_a_wrong_claim_never_raises_it(found: tuple[PlantedTruths, list[Judged]], minutes: float) -> None:
    truths, claims = found
    judged = [judge(truths, claim) for claim in truths.offered]
    for wrong in (each for each in judged if each.verdict is Verdict.WRONG):
        assert wrong.weight >= 1
        assert index([*claims, wrong], minutes) <= index(claims, minutes)


@given(lists(), MINUTES, MINUTES)
def test_more_time_never_raises_it(
    found: tuple[PlantedTruths, list[Judged]], minutes: float, more_minutes: float
) -> None:
    assert index(found[1], minutes + more_minutes) <= index(found[1], minutes)


@given(declarations(), MINUTES)
def test_claiming_everything_is_never_better_than_nothing(truths: PlantedTruths, minutes: float) -> None:
    assert index([judge(truths, claim) for claim in truths.offered], minutes) == index([], minutes) == 0


@given(declarations())
def test_claiming_every_answer_to_one_question_takes_away_more_than_it_brings(truths: PlantedTruths) -> None:
    for claim in truths.hits:
        answers = [judge(truths, each) for each in truths.offered if question_of(each) == question_of(claim)]
        brought = sum(each.weight for each in answers if each.verdict is Verdict.FOUND)
        assert brought < sum(each.weight for each in answers if each.verdict is Verdict.WRONG)


@given(declarations(), MINUTES)
def test_finding_every_truth_brings_the_whole_weight_and_haste_below_ten_minutes_nothing(
    truths: PlantedTruths, minutes: float
) -> None:
    everything = [judge(truths, claim) for claim in truths.hits]
    whole = sum(truth.weight for truth in truths.truths)
    assert index(everything, minutes) == pytest.approx(10 * whole / max(10, minutes))
    assert index(everything, LEAST_MINUTES * 0.1) == index(everything, LEAST_MINUTES) == whole


def test_a_truth_that_two_claims_hit_counts_once() -> None:
    column = ClaimColumn(
        id="sex", words=WORDS, groups=(ClaimGroup(id="man", words=WORDS), ClaimGroup(id="woman", words=WORDS))
    )
    same = ("rate/sex/highest/man", "rate/sex/lowest/woman")
    truths = PlantedTruths(
        note=WORDS,
        measures=(ClaimMeasure(id="rate", words=WORDS, by=("sex",)),),
        columns=(column,),
        truths=(PlantedTruth(id="one", weight=2, claims=same, look=WORDS),),
    )
    assert index([judge(truths, claim) for claim in same], 10) == index([judge(truths, same[0])], 10) == 2


@given(st.lists(st.integers(0, 100_000), max_size=30), st.integers(0, 100_000))
def test_active_time_grows_with_signs_of_work_and_never_by_more_than_a_pause_allows(
    seconds: list[int], more: int
) -> None:
    moments = [BEGIN + timedelta(seconds=each) for each in seconds]
    active = active_seconds(moments)
    assert active <= IDLE_SECONDS * max(0, len(moments) - 1)
    assert not moments or active <= (max(moments) - min(moments)).total_seconds()
    assert active_seconds([*moments, BEGIN + timedelta(seconds=more)]) >= active


def test_of_a_pause_a_minute_counts() -> None:
    assert active_seconds([BEGIN + timedelta(seconds=each) for each in (0, 7_200, 30)]) == 30 + IDLE_SECONDS
