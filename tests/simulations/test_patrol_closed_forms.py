"""Closed forms of patrol: urns and fixed points of a record, water-filling, thinned counts, Bayes' rule."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import simulations
from simulations.scenarios.patrol.allocation import feedback_share, hours_in_steps, urn_shares, water_filling
from simulations.scenarios.patrol.belief import belief, survey_evidence
from simulations.scenarios.patrol.office import happenings
from simulations.scenarios.patrol.policies import expectation, week_losses
from simulations.scenarios.patrol.referee import desk
from simulations.scenarios.patrol.world import (
    Truth,
    complaint_rates,
    draw_week,
    found_share,
    left_share,
    rate_table,
    rates,
    status_quo,
)

RATES = np.array([36.0, 20, 12, 8, 6, 4])
PREVENTABLE, SCALE = 0.6, 50.0


@pytest.fixture(scope="module")
def p():
    return simulations.load("patrol").model.p


def above_floor(hours):
    return float((RATES * PREVENTABLE * np.exp(-np.asarray(hours) / SCALE)).sum())


def test_an_urn_of_equal_areas_comes_to_rest_anywhere():
    shares = urn_shares((1.0, 1.0), 400, 5000, np.random.default_rng(3))
    assert stats.kstest(shares, "uniform").pvalue > 0.01


def test_finds_alone_run_away_and_the_correction_brings_the_truth_back():
    dice = np.random.default_rng(4)
    assert urn_shares((0.6, 0.4), 50_000, 200, dice).mean() > 0.9
    corrected = urn_shares((0.6, 0.4), 50_000, 200, dice, corrected=True)
    assert corrected.mean() == pytest.approx(0.6, abs=0.02)


def test_reports_and_finds_come_to_rest_at_the_fixed_point():
    share = feedback_share((0.3, 0.2), (0.6, 0.4))
    assert share == pytest.approx(0.68614, abs=1e-5)
    dice, record = np.random.default_rng(5), np.ones((300, 2))
    for _ in range(4000):
        first = dice.random(300) < record[:, 0] / record.sum(axis=1)
        record += dice.random((300, 2)) < [0.3, 0.2]
        finds = dice.random(300) < np.where(first, 0.6, 0.4)
        record[:, 0] += finds & first
        record[:, 1] += finds & ~first
    assert (record[:, 0] / record.sum(axis=1)).mean() == pytest.approx(share, abs=0.02)


@given(reports=st.tuples(st.floats(0.05, 1), st.floats(0.05, 1)), found=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_the_fixed_point_solves_its_equation(reports, found):
    x = feedback_share(reports, found)
    gain = (reports[0] + found[0] * x, reports[1] + found[1] * (1 - x))
    assert gain[0] / sum(gain) == pytest.approx(x, abs=1e-6)


def test_equal_finds_leave_the_share_of_reports():
    assert feedback_share((0.3, 0.2), (0.5, 0.5)) == pytest.approx(0.6)


def test_water_filling_gives_the_published_hours():
    hours, _ = water_filling(RATES, 480.0, PREVENTABLE, SCALE)
    assert hours == pytest.approx([139.83, 110.44, 84.90, 64.62, 50.24, 29.97], abs=0.005)
    assert above_floor(hours) == pytest.approx(7.9080, abs=5e-5)
    assert above_floor(np.full(6, 80.0)) == pytest.approx(10.4179, abs=5e-5)


@given(
    levels=st.lists(st.floats(0.1, 100), min_size=2, max_size=8),
    total=st.floats(1, 1000),
    scale=st.floats(5, 200),
)
def test_water_filling_satisfies_the_conditions_of_an_optimum(levels, total, scale):
    levels = np.array(levels)
    hours, price = water_filling(levels, total, PREVENTABLE, scale)
    worth = levels * PREVENTABLE / scale * np.exp(-hours / scale)
    assert hours.sum() == pytest.approx(total, rel=1e-8)
    assert hours.min() >= 0
    assert worth[hours > 0] == pytest.approx(price, rel=1e-8)
    assert np.all(worth <= price * (1 + 1e-8))


@given(scales=st.lists(st.floats(0.1, 50), min_size=3, max_size=3), steps=st.integers(0, 8))
def test_marginal_analysis_finds_what_trying_everything_finds(scales, steps):
    losses = np.array(scales)[:, None] * np.exp(-np.arange(9) / 3)
    given_steps = hours_in_steps(losses, steps)
    found = sum(row[int(number)] for row, number in zip(losses, given_steps, strict=True))
    splits = (split for split in product(range(steps + 1), repeat=3) if sum(split) == steps)
    least = min(sum(row[n] for row, n in zip(losses, split, strict=True)) for split in splits)
    assert given_steps.sum() == steps
    assert found == pytest.approx(least, abs=1e-8)


def test_steps_of_five_hours_come_close_to_water_filling(p):
    grid = np.arange(0, 241, 5).astype(float)
    steps = hours_in_steps(RATES[:, None] * left_share(p, grid), 96)
    hours, _ = water_filling(RATES, 480.0, PREVENTABLE, SCALE)
    assert np.abs(5 * steps - hours).max() <= 5
    assert above_floor(5 * steps) < above_floor(hours) * 1.001


def test_the_loss_of_a_week_is_convex_in_the_hours(p):
    model = simulations.load("patrol").model
    for seed in range(5):
        losses = week_losses(p, expectation(p, desk(p, model.start(seed), 12)))
        assert np.diff(losses, n=2, axis=-1).min() > -1e-9


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), beat=st.integers(0, 5), few=st.integers(0, 47), more=st.integers(1, 48))
def test_more_hours_never_mean_more_incidents(seed, beat, few, more):
    p = simulations.load("patrol").model.p
    truth = Truth(np.arange(6), np.zeros(6, dtype=np.intp), np.array(3))
    dice, rate = draw_week(p, truth, seed, 1), rates(p, truth, 1)
    hours = np.full(6, 5.0 * few)
    after = hours.copy()
    after[beat] = min(240.0, 5.0 * (few + more))
    one, other = (happenings(p, h, p.trust_grid[truth.trust], rate, dice) for h in (hours, after))
    assert other.incidents[beat] <= one.incidents[beat]
    assert other.complaints[beat] >= one.complaints[beat]
    rest = np.arange(6) != beat
    assert np.array_equal(one.incidents[rest], other.incidents[rest])
    assert np.array_equal(one.found[rest], other.found[rest])


def test_a_week_has_the_means_of_its_thinned_counts(p):
    truth = Truth(np.arange(6), np.full(6, 4), np.array(3))
    hours, trust, rate = status_quo(p, 2).astype(float), p.trust_grid[truth.trust], rates(p, truth, 8)
    weeks = [happenings(p, hours, trust, rate, draw_week(p, truth, seed, 8)) for seed in range(800)]
    happened = rate * left_share(p, hours)
    means = {
        "incidents": happened,
        "reported": happened * trust,
        "serious": happened * (1 - trust) * found_share(p, hours),
        "found": (happened * (1 - trust) + p.petty_rate) * found_share(p, hours),
        "complaints": complaint_rates(p, hours, rate),
    }
    for name, mean in means.items():
        counts = np.mean([getattr(week, name) for week in weeks], axis=0)
        assert np.abs(counts - mean).max() < 4 * np.sqrt(mean.max() / 800), name


def test_the_festival_moves_incidents_and_makes_none(p):
    truth = Truth(np.arange(6), np.zeros(6, dtype=np.intp), np.array(5))
    before, after = rates(p, truth, 6), rates(p, truth, 7)
    assert before == pytest.approx(RATES)
    assert after == pytest.approx([25.2, 14, 8.4, 5.6, 4.2, 2.8 + 25.8])
    assert after.sum() == pytest.approx(before.sum())


def test_the_posterior_is_that_of_trying_every_order(p):
    dice = np.random.default_rng(6)
    evidence = dice.normal(0, 2, (6, 6, 2, p.trust_levels))
    watched, found = 2, np.zeros((6, 6, 2))
    for order in permutations(range(6)):
        for festival in range(6):
            if order[watched] == 0 or festival == watched:
                continue
            terms = [np.exp(evidence[beat, order[beat], int(beat == festival)]).sum() for beat in range(6)]
            for beat in range(6):
                found[beat, order[beat], int(beat == festival)] += np.prod(terms)
    levels = belief(evidence, watched, None).levels
    assert levels == pytest.approx(found / found[0].sum(), abs=1e-9)
    assert levels.sum(axis=(0, 2)) == pytest.approx(np.ones(6))
    known = belief(evidence, watched, np.array(4)).levels
    assert known[4, :, 1].sum() == pytest.approx(1.0)
    assert known[[0, 1, 2, 3, 5], :, 1].max() == pytest.approx(0.0, abs=1e-12)


def test_a_survey_weighs_rates_by_their_poisson_chance(p):
    survey = np.array([[3, 1], [0, 0], [1, 0], [0, 0], [2, 0], [0, 1]])
    found = survey_evidence(p, 1, survey)[..., 0]
    means = rate_table(p, 1) * 2 / 50
    expected = stats.poisson.logpmf(survey.sum(axis=1)[:, None, None], means)
    apart = found - expected
    assert apart == pytest.approx(np.broadcast_to(apart[:, :1, :1], apart.shape))
