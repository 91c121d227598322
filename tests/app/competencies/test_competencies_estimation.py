"""The estimator against numbers worked out by hand, and rules that hold for any evidence."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.competencies.estimation import (
    CAPS,
    Cause,
    Piece,
    adjusted_outcome,
    age_days,
    change,
    decay,
    estimate,
    first_weight,
    half_life_days,
    standings,
    tally,
    within_caps,
)
from app.competencies.models import EvidenceKind

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
QUIZ, DECISION = EvidenceKind.QUIZ_ITEM, EvidenceKind.SIMULATION_DECISION
INQUIRY, CELL = EvidenceKind.INQUIRY, EvidenceKind.NOTEBOOK_CELL
WEIGHTS = {QUIZ: 0.5, DECISION: 2.0, INQUIRY: 1.0, CELL: 1.5} | {
    EvidenceKind.WRITTEN_PRODUCT: 2.0,
    EvidenceKind.EXTERNAL_COURSE: 0.3,
    EvidenceKind.ATTESTATION: 1.0,
}


def piece(
    number: int = 1,
    kind: EvidenceKind = QUIZ,
    *,
    outcome: float = 1.0,
    difficulty: float = 0.0,
    weight: float | None = None,
    days_ago: int = 0,
    source: str = "",
    is_seconded: bool = False,
) -> Piece:
    return Piece(
        id=number,
        kind=kind,
        outcome=outcome,
        difficulty=difficulty,
        weight=WEIGHTS[kind] if weight is None else weight,
        source=source or f"source:{number}",
        at=NOW - timedelta(days=days_ago),
        is_seconded=is_seconded,
    )


def several(count: int, kind: EvidenceKind = QUIZ, *, first: int = 1, outcome: float = 1.0) -> list[Piece]:
    return [piece(number, kind, outcome=outcome) for number in range(first, first + count)]


any_piece = st.builds(
    piece,
    number=st.integers(1, 10_000),
    kind=st.sampled_from(list(EvidenceKind)),
    outcome=st.floats(0, 1),
    difficulty=st.floats(-2, 2),
    days_ago=st.integers(0, 1_500),
    is_seconded=st.booleans(),
)
any_evidence = st.lists(any_piece, max_size=25, unique_by=lambda each: each.id)


def test_no_evidence_gives_one_half_with_the_widest_range_and_no_level():
    found = estimate("D2.1", [], now=NOW)
    assert (found.mean, found.level, found.effective_weight) == (0.5, None, 0.0)
    assert (found.low, found.high) == pytest.approx((0.1, 0.9))


def test_one_right_answer_moves_the_estimate_to_60_percent():
    # alpha 1 + .5, beta 1
    assert estimate("D2.1", [piece()], now=NOW).mean == pytest.approx(1.5 / 2.5)


def test_a_year_old_run_counts_half_beside_a_fresh_answer():
    # alpha 1 + .5 + 1 × .6 = 2.1, beta 1 + 1 × .4 = 1.4
    found = estimate("D2.1", [piece(1), piece(2, DECISION, outcome=0.6, days_ago=365)], now=NOW)
    assert found.mean == pytest.approx(2.1 / 3.5)
    assert found.effective_weight == pytest.approx(1.5)
    assert [each.weight_now for each in found.contributions] == pytest.approx([1.0, 0.5])
    assert [each.pull for each in found.contributions] == pytest.approx(
        [(0.6 - 2.1 / 3.5) / 3.5, 0.5 * (1 - 2.1 / 3.5) / 3.5]
    )


def test_the_range_is_the_middle_80_percent_of_the_beta_distribution():
    # One run with outcome .5 gives Beta(2, 2), whose distribution function is 3x² − 2x³.
    found = estimate("D2.1", [piece(1, DECISION, outcome=0.5)], now=NOW)
    assert 3 * found.low**2 - 2 * found.low**3 == pytest.approx(0.1)
    assert 3 * found.high**2 - 2 * found.high**3 == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("outcome", "difficulty", "expected"),
    [(0.5, 0.0, 0.5), (0.5, 1.0, 0.7310586), (1.0, 1.0, 1.0), (0.0, 1.0, 0.0), (0.8, -2.0, 0.3512143)],
)
def test_difficulty_shifts_an_outcome_on_the_logit_scale(outcome: float, difficulty: float, expected: float):
    assert adjusted_outcome(outcome, difficulty) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(
    ("outcome", "difficulty", "expected"),
    # 2 × .5 / (1 + e^-1) and 2 × .5 / (1 + e); half an outcome weighs what its kind weighs.
    [(1.0, 0.0, 0.5), (1.0, 1.0, 0.7310586), (0.0, 1.0, 0.2689414), (1.0, -1.0, 0.2689414), (0.5, 2.0, 0.5)],
)
def test_right_in_a_hard_task_weighs_more_and_wrong_less(outcome: float, difficulty: float, expected: float):
    assert first_weight(piece(outcome=outcome, difficulty=difficulty)) == pytest.approx(expected, abs=1e-7)


@given(st.floats(-4, 4), st.floats(-2, 2))
def test_many_answers_of_a_rasch_model_give_the_share_at_average_difficulty(skill: float, difficulty: float):
    right = 1 / (1 + math.exp(difficulty - skill))
    success, failure = (
        chance * first_weight(piece(outcome=outcome, difficulty=difficulty))
        for outcome, chance in ((1.0, right), (0.0, 1 - right))
    )
    assert success / (success + failure) == pytest.approx(1 / (1 + math.exp(-skill)))


@given(st.integers(0, 3_000), st.sampled_from(["D1.3", "D2.1", "D5.4"]))
def test_weight_halves_with_every_half_life(days: int, competency: str):
    half_life = half_life_days(competency)
    assert decay(days + round(half_life), half_life) == pytest.approx(decay(days, half_life) / 2)


def test_what_is_known_of_generative_ai_fades_twice_as_fast():
    assert (half_life_days("D1.3"), half_life_days("D2.1")) == (180, 365)


def test_evidence_dated_after_now_counts_as_fresh():
    assert age_days(NOW + timedelta(days=3), NOW) == 0


def test_age_changes_at_midnight_and_not_by_the_hour():
    evening, morning = datetime(2027, 2, 3, 23, 50, tzinfo=UTC), datetime(2027, 2, 4, 0, 10, tzinfo=UTC)
    assert (age_days(evening, morning), age_days(morning, morning + timedelta(hours=23))) == (1, 0)
    # Half past four in the morning in Karachi is still the day before by UTC.
    assert age_days(evening, datetime(2027, 2, 4, 4, 30, tzinfo=ZoneInfo("Asia/Karachi"))) == 0


def test_six_right_answers_reach_level_2():
    # Weight 3.0; Beta(4, 1) lies above .55 with probability 1 - .55^4 = .91, above .70 only with .76.
    assert estimate("D2.1", several(6), now=NOW).level == 2


def test_five_right_answers_are_too_little_to_name_a_level():
    found = estimate("D2.1", several(5), now=NOW)
    assert found.level is None
    assert found.checks[0].is_probable
    assert not found.checks[0].has_weight


def test_enough_but_middling_evidence_names_no_level():
    found = estimate("D2.1", several(6, outcome=0.5), now=NOW)
    assert found.level is None
    assert found.checks[0].has_weight
    assert not found.checks[0].is_probable


def test_four_perfect_runs_alone_stay_at_level_2_and_one_more_kind_opens_level_3():
    runs = several(4, DECISION)
    assert estimate("D2.1", runs, now=NOW).level == 2
    assert estimate("D2.1", [*runs, piece(9)], now=NOW).level == 3


def test_answers_and_inquiries_without_practice_stay_at_level_2():
    found = estimate("D2.2", [*several(8), *several(4, INQUIRY, first=20)], now=NOW)
    assert found.effective_weight == 8.0
    assert found.checks[2].is_probable
    assert found.level == 2


def test_level_4_is_not_reached_without_a_product_marked_by_a_second_person():
    everything = [*several(8), *several(4, DECISION, first=20), *several(6, CELL, first=30)]
    for product in (
        [],
        [piece(50, EvidenceKind.WRITTEN_PRODUCT)],
        [piece(50, CELL, is_seconded=True)],
    ):
        found = estimate("D2.1", [*everything, *product], now=NOW)
        assert found.checks[3].is_probable
        assert found.level == 3


def test_level_4_needs_three_kinds_one_of_them_practice_and_a_product_marked_by_two_people():
    product = piece(50, EvidenceKind.WRITTEN_PRODUCT, is_seconded=True)
    runs = several(4, DECISION, first=20)
    assert estimate("D2.1", [product, *runs, *several(8)], now=NOW).level == 4
    # It stays so beyond the cap, when newer products push it out that wait for their second mark.
    pushed_out = replace(product, at=NOW - timedelta(days=1))
    newer = several(3, EvidenceKind.WRITTEN_PRODUCT, first=60)
    assert estimate("D2.1", [pushed_out, *newer, *runs, *several(8)], now=NOW).level == 4
    assert estimate("D2.1", [product, *runs], now=NOW).level == 3
    elsewhere = [*several(8), *several(4, INQUIRY, first=70)]
    assert estimate("D2.1", [product, *elsewhere], now=NOW).level == 2


@pytest.mark.parametrize("kind", list(EvidenceKind))
def test_no_kind_counts_beyond_its_cap_within_90_days(kind: EvidenceKind):
    many = [piece(number, kind, days_ago=number * 4) for number in range(1, 21)]
    assert [each.id for each in within_caps(many)] == list(range(CAPS[kind], 0, -1))


def test_a_cap_is_free_again_after_90_days():
    earlier = [piece(number, days_ago=90) for number in range(1, 9)]
    assert len(within_caps([*earlier, *several(8, first=20)])) == 16
    closer = [piece(number, days_ago=89) for number in range(1, 9)]
    assert len(within_caps([*closer, *several(8, first=20)])) == 8


def test_pieces_90_days_apart_never_share_a_stretch():
    heavy = [piece(number, days_ago=90 if number < 5 else 0) for number in range(1, 9)]
    between = piece(9, weight=0.25, days_ago=45)
    assert between in within_caps([*heavy, between])
    crowded = [*heavy, *(piece(number, days_ago=60) for number in range(11, 15))]
    assert between not in within_caps([*crowded, between])


def test_a_repeated_attempt_does_not_push_out_the_first_one():
    first = [piece(number, days_ago=10) for number in range(1, 9)]
    again = [piece(number, weight=0.25, outcome=0.0) for number in range(11, 19)]
    assert within_caps([*first, *again]) == first


def test_the_cap_of_simulations_counts_runs_and_not_their_pieces():
    parts = [piece(10 * run + part, DECISION, source=f"run:{run}") for run in range(1, 6) for part in (1, 2)]
    assert {each.source for each in within_caps(parts)} == {"run:2", "run:3", "run:4", "run:5"}
    assert len(within_caps(parts)) == 8


@given(any_evidence, st.randoms())
def test_the_order_of_evidence_does_not_matter(evidence, dice):
    shuffled = list(evidence)
    dice.shuffle(shuffled)
    assert estimate("D2.1", shuffled, now=NOW) == estimate("D2.1", evidence, now=NOW)


@given(any_evidence)
def test_the_range_holds_the_estimate_and_all_pulls_balance(evidence):
    found = estimate("D2.1", evidence, now=NOW)
    assert 0 < found.low < found.mean < found.high < 1
    assert found.prior_pull + sum(each.pull for each in found.contributions) == pytest.approx(0, abs=1e-12)


@given(any_evidence.filter(len), st.data())
def test_a_better_outcome_never_lowers_the_estimate(evidence, data):
    chosen = data.draw(st.integers(0, len(evidence) - 1))
    better = replace(evidence[chosen], outcome=data.draw(st.floats(evidence[chosen].outcome, 1)))
    changed = [*evidence[:chosen], better, *evidence[chosen + 1 :]]
    assert estimate("D2.1", changed, now=NOW).mean >= estimate("D2.1", evidence, now=NOW).mean - 1e-12


@given(st.lists(any_piece, max_size=3, unique_by=lambda each: each.id), any_piece)
def test_further_evidence_better_than_the_estimate_raises_it(evidence, further):
    before = estimate("D2.1", evidence, now=NOW)
    after = estimate("D2.1", [*evidence, replace(further, id=20_000, source="source:20000")], now=NOW)
    better = adjusted_outcome(further.outcome, further.difficulty) - before.mean
    assert (after.mean - before.mean) * better >= -1e-15


@given(any_evidence, st.integers(1, 1_000))
def test_without_new_evidence_weight_only_shrinks(evidence, days):
    now = estimate("D2.1", evidence, now=NOW)
    later = estimate("D2.1", evidence, now=NOW + timedelta(days=days))
    assert later.effective_weight <= now.effective_weight


def test_one_more_right_answer_moves_the_estimate_by_its_weight_times_its_distance():
    # From 1.5 / 2.5 = .6 to 2 / 3: .5 × (1 - .6) / 3 = .0667
    found = change("D2.1", estimate("D2.1", [piece(1)], now=NOW), [piece(1), piece(2)], now=NOW)
    assert (found.before.mean, found.after.mean) == pytest.approx((0.6, 2 / 3))
    shares = {effect.piece.id: (effect.cause, effect.share) for effect in found.effects}
    assert shares[2] == (Cause.NEW, pytest.approx(0.2 / 3))
    assert shares[1] == (Cause.AGE, 0.0)


def test_evidence_that_is_marked_anew_leaves_and_comes():
    before = estimate("D2.1", [piece(1, CELL, outcome=0.0)], now=NOW)
    found = change("D2.1", before, [piece(2, CELL, outcome=1.0)], now=NOW)
    assert {effect.piece.id: effect.cause for effect in found.effects} == {1: Cause.REPLACED, 2: Cause.NEW}
    assert all(effect.share > 0 for effect in found.effects)


def test_evidence_that_newer_evidence_pushes_out_is_named():
    old = [piece(number, days_ago=80) for number in range(1, 9)]
    before = estimate("D2.1", old, now=NOW)
    found = change("D2.1", before, [*old, piece(9)], now=NOW)
    assert {effect.piece.id for effect in found.effects if effect.cause is Cause.CAPPED} == {1}


@given(any_evidence, any_evidence, st.integers(0, 400))
def test_the_effects_of_all_pieces_add_up_to_the_change_exactly(former, present, days):
    present = [replace(each, id=each.id + 20_000) for each in present]
    before = estimate("D2.1", former, now=NOW)
    found = change("D2.1", before, [*former[::2], *present], now=NOW + timedelta(days=days))
    assert sum(effect.share for effect in found.effects) == pytest.approx(
        found.after.mean - found.before.mean, abs=1e-12
    )


@given(any_evidence)
def test_where_nothing_happened_nothing_is_named(evidence):
    found = change("D2.1", estimate("D2.1", evidence, now=NOW), evidence, now=NOW)
    assert {effect.share for effect in found.effects} <= {0.0}
    assert {effect.cause for effect in found.effects} <= {Cause.AGE}


@given(st.lists(any_piece, min_size=1, max_size=25, unique_by=lambda each: each.id), st.integers(0, 2_000))
def test_the_kept_sums_give_the_estimate_of_any_later_day(evidence: list[Piece], days: int):
    later = NOW + timedelta(days=days)
    whole = estimate("D1.3", evidence, now=later)
    [found] = standings([tally("D1.3", evidence)], now=later)
    assert (found.mean, found.low, found.high) == pytest.approx((whole.mean, whole.low, whole.high))
    assert found.pieces == len(evidence)
    # At the very edge of a rule the last bit of a sum may decide.
    if all(abs(check.probability - 0.8) > 1e-9 for check in whole.checks) and all(
        abs(whole.effective_weight - check.minimum_weight) > 1e-9 for check in whole.checks
    ):
        assert found.level == whole.level


def test_standings_come_in_the_order_of_their_sums():
    low, high = ([piece(number, outcome=outcome) for number in range(4)] for outcome in (0.0, 1.0))
    found = standings([tally("D2.1", high), tally("D2.1", low), tally("D2.1", high)], now=NOW)
    assert found[0] == found[2]
    assert found[0].mean > 0.5 > found[1].mean
    assert standings([], now=NOW) == []


def test_nothing_can_be_added_up_of_no_evidence():
    with pytest.raises(ValueError, match="no evidence"):
        tally("D2.1", [])
