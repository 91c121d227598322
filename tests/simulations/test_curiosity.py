"""Curiosity velocity: what a finding is worth, whether it was used, and what must not be rewarded."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import simulations
from simulations import Decision, Inquiry, InvalidEvent, scenarios
from simulations.curiosity import RoundTiming, curiosity_of
from simulations.curiosity.desk import desk_after
from simulations.curiosity.information import Beliefs, Figures, figures_of, information_value
from simulations.curiosity.rounds import has_moved
from simulations.registry import add_scenarios
from simulations.types import Field
from tests.simulations import curious_bots as bots

DICE = 20261124
SEEDS, MORE_SEEDS = range(4), range(8)
GRIEVANCE_SEEDS, GRIEVANCE_WORLDS = (0, 1), 48
PRIOR, GAIN, COST = (3, 2), 100.0, 55.0


@pytest.fixture(scope="module")
def counter(new_counter: Path) -> Iterator[simulations.Scenario]:
    """The skeleton with three decoys; other tests do not see it among the scenarios."""
    known = list(scenarios.__path__)
    add_scenarios(new_counter)
    yield bots.decoyed(simulations.load("counter"))
    scenarios.__path__[:] = known


def standard(column: np.ndarray) -> np.ndarray:
    return ((column - column.mean()) / column.std())[:, None]


def venture(worlds: int, trials: int, seed: int = DICE) -> tuple[np.ndarray, np.ndarray]:
    """Losses of doing and leaving a thing that succeeds with a Beta(3, 2) share, and successes in some trials."""
    dice = np.random.default_rng(seed)
    share = dice.beta(*PRIOR, size=worlds)
    return np.stack([COST - GAIN * share, np.zeros(worlds)]), dice.binomial(trials, share).astype(float)


@pytest.mark.parametrize(("trials", "value"), [(1, 2.0), (8, 4.4056)])
def test_a_sample_is_worth_what_preposterior_analysis_says(trials, value):
    losses, successes = venture(40_000, trials)
    assert information_value(losses, standard(successes)) == pytest.approx(value, abs=0.25)


def test_with_64_worlds_a_sample_is_worth_that_on_average():
    found = [information_value(losses, standard(seen)) for losses, seen in (venture(64, 8, n) for n in range(150))]
    assert np.mean(found) == pytest.approx(4.4056, abs=1.2)


@pytest.mark.parametrize("figures", [1, 6])
def test_noise_is_worth_next_to_nothing(figures):
    found = []
    for number in range(150):
        losses, _ = venture(64, 8, number)
        found.append(information_value(losses, np.random.default_rng(number).standard_normal((64, figures))))
    assert np.mean(found) < 0.05 * 4.4056
    assert np.mean([value == 0 for value in found]) > 0.85


def test_what_is_the_same_in_all_worlds_is_worth_exactly_nothing():
    losses, _ = venture(64, 8)
    told = figures_of([{"claimed": 96.0}] * 64, {"claimed": 96.0})
    assert information_value(losses, told.possible) == 0
    assert information_value(losses, figures_of([{}] * 64, {}).possible) == 0


def test_a_decision_without_alternative_makes_every_finding_idle():
    losses, successes = venture(64, 8)
    assert information_value(losses[:1], standard(successes)) == 0


def test_a_positive_rescaling_of_the_loss_rescales_the_value():
    losses, successes = venture(64, 8)
    value = information_value(losses, standard(successes))
    assert value > 0
    assert information_value(7 * losses + 1000, standard(successes)) == pytest.approx(7 * value)


def two_samples(found: float) -> Beliefs:
    """Beliefs before two samples of a venture; the first would bring ``found`` standard deviations."""
    losses, first = venture(2000, 40)
    second = venture(2000, 40)[1] + np.random.default_rng(DICE).normal(0, 1, 2000)
    answers = (Figures(standard(first), np.array([found])), Figures(standard(second), np.array([found])))
    return Beliefs(losses, dict(zip([("sample", 10), ("other", None)], answers, strict=True)))


def test_a_repeat_no_larger_is_worth_nothing():
    beliefs = two_samples(0.0)
    assert beliefs.value(("sample", 10)) > 0
    assert beliefs.after(("sample", 10)).value(("sample", 10)) == 0


def test_who_knows_one_sample_gains_less_from_one_like_it():
    beliefs = two_samples(2.0)
    assert beliefs.after(("sample", 10)).value(("other", None)) < 0.3 * beliefs.value(("other", None))


def test_a_bad_sample_turns_the_best_decision_round():
    assert two_samples(2.0).after(("sample", 10)).best == 0
    assert two_samples(-2.0).after(("sample", 10)).best == 1


HOURS = Field("hours", "integer", "hours", 0, 100, 5, 0, (), "staff")
TOOL = Field("tool", "choice", "mode", 0, 0, 0, "off", ("off", "on"), "ai")


@pytest.mark.parametrize(
    ("made", "moved"),
    [
        ({"hours": 10, "tool": "on"}, True),
        ({"hours": 40, "tool": "off"}, False),  # the finding spoke of the tool, not of the hours
        ({"hours": 10, "tool": "off"}, False),
    ],
)
def test_a_decision_moves_where_the_findings_changed_the_best_one(made, moved):
    before, target, usual = {"hours": 40, "tool": "off"}, {"hours": 40, "tool": "on"}, {"hours": 10, "tool": "off"}
    assert has_moved((HOURS, TOOL), before, target, usual, made) == moved


def test_findings_that_confirm_count_for_any_step_of_more_than_a_twentieth_toward_the_best():
    best, usual = {"hours": 40, "tool": "off"}, {"hours": 10, "tool": "off"}
    assert has_moved((HOURS, TOOL), best, best, usual, {"hours": 20, "tool": "off"})
    assert not has_moved((HOURS, TOOL), best, best, usual, {"hours": 15, "tool": "off"})
    assert not has_moved((HOURS, TOOL), best, best, usual, {"hours": 100, "tool": "off"})


def test_a_decoy_of_a_scenario_is_worth_exactly_nothing_and_an_audit_something(counter):
    values: dict[str, float] = {}
    for seed in SEEDS:
        beliefs = desk_after(counter, seed, [Decision(1, counter.default_values)]).beliefs
        for question in beliefs.figures:
            values[question[0]] = values.get(question[0], 0.0) + beliefs.value(question)
    assert values["ai_card"] == values["speech"] == values["video"] == values["ranking"] == 0
    assert values["audit"] > 0


def test_worlds_without_questions_asked_differ_in_the_tool_and_span_claim_and_truth(counter):
    position = counter.model.start(3)
    errors = np.array([world.p.tool_error for world in counter.model.possible(position, 64, 3, asked=False)])
    assert (errors >= position.p.claimed_error).all()
    assert (errors.max(axis=0) > position.p.tool_error).all()
    assert all(world.p is position.p for world in counter.model.possible(position, 4, 3, asked=True))


def test_who_asks_what_pays_and_heeds_it_scores_high(counter):
    runs = [bots.oracle(counter, seed) for seed in SEEDS]
    assert bots.average(runs) >= 90
    assert all(run.aim in (None, pytest.approx(1)) and run.uptake in (None, 1) for run in runs)


def test_a_random_inquirer_scores_in_between(counter):
    runs = [bots.play(counter, seed, bots.at_random, heeds=True, minutes=12) for seed in MORE_SEEDS]
    assert 10 <= bots.average(runs) <= 50


@pytest.mark.parametrize("heeds", [False, True])
def test_clicking_everything_does_not_pay(counter, heeds):
    runs = [bots.play(counter, seed, bots.everything, heeds=heeds, minutes=12) for seed in MORE_SEEDS]
    assert bots.average(runs) <= 25


def test_speed_without_a_question_scores_nothing_and_is_not_shown(counter):
    run = bots.play(counter, 1, bots.nothing, heeds=False, minutes=1)
    assert (run.computed, run.net_value, run.index, run.reason) == (0, 0, None, "too_few_inquiries")


@pytest.mark.parametrize("minutes", [3, 12])
def test_opening_and_ignoring_does_not_pay(counter, minutes):
    runs = [bots.play(counter, seed, bots.best_first(0.0), heeds=False, minutes=minutes) for seed in SEEDS]
    assert bots.average(runs) <= 25


@pytest.fixture(scope="module")
def four_weeks(grievance):
    """Grievance cut to its first four weeks: a whole run takes a worker a minute."""
    model = type(grievance.model)(grievance.model.p, 4)
    return replace(grievance, rounds=4, digest=f"{grievance.digest}-four", model=model)


def test_in_grievance_findings_bear_on_no_decision_but_teach_what_the_tool_misses(four_weeks):
    room = desk_after(four_weeks, 1, [], worlds=GRIEVANCE_WORLDS)
    values = {question: room.beliefs.value(question) for question in room.beliefs.figures}
    assert room.beliefs.learning == pytest.approx(0.01 * room.gap)
    assert values["error_by_group", 60] > 0
    assert values["why_this_case", None] > 0
    assert [values[name, None] for name in ("minister_speech", "vendor_video", "national_ranking")] == [0, 0, 0]
    assert all(value <= room.beliefs.learning for value in values.values())


def test_the_bots_come_out_as_designed_on_grievance(four_weeks):
    def mean(ask, *, heeds, minutes):
        return bots.average(
            [
                bots.play(four_weeks, seed, ask, heeds=heeds, minutes=minutes, worlds=GRIEVANCE_WORLDS)
                for seed in GRIEVANCE_SEEDS
            ]
        )

    best = [bots.oracle(four_weeks, seed, worlds=GRIEVANCE_WORLDS) for seed in GRIEVANCE_SEEDS]
    assert bots.average(best) >= 90
    assert 10 <= mean(bots.at_random, heeds=True, minutes=12) <= 50
    assert mean(bots.everything, heeds=True, minutes=12) <= 25
    assert mean(bots.best_first(0.0), heeds=False, minutes=3) <= 25
    assert mean(bots.nothing, heeds=False, minutes=1) == 0


def test_slow_reading_lowers_pace_but_not_below_ten_minutes(counter):
    quick, brisk, slow = (
        bots.play(counter, 2, bots.everything, heeds=True, minutes=minutes).pace for minutes in (1, 2.5, 24)
    )
    assert quick == brisk == 1
    assert slow == pytest.approx(0.5)


@pytest.mark.parametrize(("minutes", "pace"), [(4, 1), (16, 0.5)])
def test_pace_is_against_what_others_usually_take(counter, minutes, pace):
    events, timing = run_of(counter, [("audit", 20)]), [RoundTiming(minutes, (20.0,))] * counter.rounds
    found = curiosity_of(counter, 5, events, timing, reference_minutes=8)
    assert (found.pace, found.minutes_a_round) == pytest.approx((pace, minutes))


def test_less_than_ten_usual_minutes_in_all_count_as_ten_too(counter):
    events, timing = run_of(counter, [("audit", 20)]), [RoundTiming(0.5, (20.0,))] * counter.rounds
    assert curiosity_of(counter, 5, events, timing, reference_minutes=0.5).pace == 1


def run_of(counter, asked):
    events = []
    for number in range(1, counter.rounds + 1):
        events += [Inquiry(number, *question) for question in asked] + [Decision(number, counter.default_values)]
    return events


def test_the_same_run_gives_the_same_curiosity_with_an_interval_around_it(counter):
    events = run_of(counter, [("audit", 20), ("audit", 20)])
    timing = [RoundTiming(12, (20.0, 20.0))] * counter.rounds
    first, again = (curiosity_of(counter, 5, events, timing) for _ in range(2))
    assert first == again
    assert first.interval[0] <= first.computed <= first.interval[1]
    for each in first.rounds:
        assert each.inquiries[1].value == 0
        assert {inquiry.credit for inquiry in each.inquiries} <= {0.25, 1}


def test_a_finding_not_looked_at_earns_nothing(counter):
    timing = [RoundTiming(12, (2.0,))] * counter.rounds
    found = curiosity_of(counter, 5, run_of(counter, [("audit", 20)]), timing)
    assert {inquiry.credit for each in found.rounds for inquiry in each.inquiries} == {0}


def test_an_unfinished_run_has_no_curiosity(counter):
    with pytest.raises(InvalidEvent):
        curiosity_of(counter, 5, [Decision(1, counter.default_values)], [RoundTiming(12)])
