"""The evidence of ai_vendor against numbers known from theory, and its economics against what they claim."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import load
from simulations.scenarios.ai_vendor import worth
from simulations.scenarios.ai_vendor.evidence import (
    expected_maximum,
    outcome_chances,
    pilot_outcomes,
    posterior_mean,
    posterior_means,
    sample_value,
)
from simulations.scenarios.ai_vendor.office import ranking
from simulations.scenarios.ai_vendor.world import (
    VENDORS,
    beta_prior,
    chance_excluded,
    chance_uncertified,
    draw_shock,
    draw_start,
)

weights = st.floats(0.5, 30.0)
priors = st.tuples(weights, weights)


@pytest.fixture(scope="module")
def parameters():
    return load("ai_vendor").model.p


@pytest.mark.parametrize(
    ("prior", "cost", "n", "value"),
    [
        ((3.0, 2.0), 55.0, 1, 2.0),
        ((3.0, 2.0), 55.0, 8, 4.405594),
        ((3.0, 2.0), 55.0, 20, 5.288820),
        ((4.0, 4.0), 50.0, 10, 5.039079),
    ],
)
def test_the_value_of_a_sample_is_that_of_the_design(prior, cost, n, value):
    assert sample_value(prior, 100.0, cost, n) == pytest.approx(value, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(prior=priors, cost=st.floats(0.0, 100.0), n=st.integers(0, 60))
def test_a_sample_is_worth_nothing_at_no_cases_more_with_more_and_never_more_than_all_knowledge(prior, cost, n):
    assert sample_value(prior, 100.0, cost, 0) == pytest.approx(0.0, abs=1e-9)
    less, more = (sample_value(prior, 100.0, cost, size) for size in (n, n + 1))
    assert more >= less - 1e-7
    assert more <= perfect_value(prior, 100.0, cost) + 0.05


def perfect_value(prior, value, cost):
    """EVPI by the distribution of the rate itself."""
    from scipy.stats import beta

    rate = beta.ppf((np.arange(2_000) + 0.5) / 2_000, *prior)
    return float(np.maximum(value * rate - cost, 0).mean()) - max(0.0, value * prior[0] / sum(prior) - cost)


@settings(max_examples=50, deadline=None)
@given(prior=priors, n=st.integers(0, 80))
def test_outcomes_are_beta_binomial(prior, n):
    from scipy.stats import betabinom

    assert outcome_chances(prior, n) == pytest.approx(betabinom.pmf(np.arange(n + 1), n, *prior), abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(prior=priors, n=st.integers(0, 80), data=st.data())
def test_the_posterior_mean_adds_successes_and_averages_to_the_prior(prior, n, data):
    x = data.draw(st.integers(0, n))
    a, b = prior
    assert posterior_mean(prior, x, n) == pytest.approx((a + x) / (a + b + n))
    assert posterior_means(prior, n)[x] == pytest.approx(posterior_mean(prior, x, n))
    assert float(outcome_chances(prior, n) @ posterior_means(prior, n)) == pytest.approx(a / (a + b))


def brute_force(prior_pair, values, costs, sizes, fallback):
    """Award after a pilot by listing every sequence of right and wrong cases; its chance by Polya's urn."""
    total = 0.0
    for sequences in product(*(list(product((0, 1), repeat=n)) for n in sizes)):
        chance, options = 1.0, [fallback]
        for prior, value, cost, sequence in zip(prior_pair, values, costs, sequences, strict=True):
            a, b = prior
            for case in sequence:
                chance *= (a if case else b) / (a + b)
                a, b = a + case, b + 1 - case
            options.append(value * a / (a + b) - cost)
        total += chance * max(options)
    return total


@settings(max_examples=12, deadline=None)
@given(one=priors, other=priors, sizes=st.tuples(st.integers(0, 4), st.integers(0, 4)), fallback=st.floats(-5, 60))
def test_working_backwards_from_the_award_equals_brute_force_for_two_vendors(one, other, sizes, fallback):
    options = [
        (value * posterior_means(prior, n) - cost, outcome_chances(prior, n))
        for prior, value, cost, n in zip((one, other), (100.0, 120.0), (50.0, 70.0), sizes, strict=True)
    ]
    expected = brute_force((one, other), (100.0, 120.0), (50.0, 70.0), sizes, fallback)
    assert expected_maximum(options, fallback) == pytest.approx(expected)
    # One stage further back: the best sizes by both ways are the same.
    grid = list(product(range(3), repeat=2))

    def lattice(plan):
        chosen = [
            (value * posterior_means(prior, n) - cost, outcome_chances(prior, n))
            for prior, value, cost, n in zip((one, other), (100.0, 120.0), (50.0, 70.0), plan, strict=True)
        ]
        return expected_maximum(chosen, fallback) - 0.5 * sum(plan)

    def listed(plan):
        return brute_force((one, other), (100.0, 120.0), (50.0, 70.0), plan, fallback) - 0.5 * sum(plan)

    assert max(map(lattice, grid)) == pytest.approx(max(map(listed, grid)))


def test_without_options_only_the_fallback_is_left():
    assert expected_maximum([], 7.0) == 7.0


@settings(max_examples=50, deadline=None)
@given(english=priors, local=priors, sizes=st.tuples(st.integers(0, 20), st.integers(0, 20)))
def test_a_pilot_does_not_move_the_mean(english, local, sizes):
    values, chances = pilot_outcomes((english, local), (40.0, 60.0), sizes)
    assert chances.sum() == pytest.approx(1.0)
    prior_mean = 40 * english[0] / sum(english) + 60 * local[0] / sum(local)
    assert float(values @ chances) == pytest.approx(prior_mean)


@settings(max_examples=50, deadline=None)
@given(gross=st.floats(0.0, 300.0), readiness=st.floats(0.0, 1.0))
def test_the_training_of_the_closed_form_is_the_best_of_all_whole_budgets(parameters, gross, readiness):
    def net(training):
        return gross * worth.take_up(parameters, readiness, training) - training

    chosen = worth.best_training(parameters, gross, readiness, 15)
    assert net(chosen) == pytest.approx(max(net(budget) for budget in range(16)), abs=1e-8)


def test_claims_are_optimistic_and_most_so_in_local_languages_where_nobody_tested(parameters):
    errors = {True: [], False: []}
    for seed in range(300):
        desk, truth = draw_start(parameters, seed)
        for bid, right in zip(desk.bids, truth.right, strict=True):
            errors[bid.abroad].append(bid.claim - np.array(right))
    for abroad, optimism in ((True, parameters.foreign_optimism), (False, parameters.tested_optimism)):
        apart = np.array(errors[abroad])
        assert np.all(np.abs(apart.mean(axis=0) - optimism) < 4 * apart.std(axis=0) / np.sqrt(len(apart)))
    assert parameters.foreign_optimism[1] > 2 * parameters.tested_optimism[1]


def test_the_assistant_omits_one_exclusion_in_five_and_invents_certificates(parameters):
    excluded = omitted = invented = bids = 0
    listed, true = [], []
    for seed in range(500):
        desk, truth = draw_start(parameters, seed)
        for bid, excludes, certified in zip(desk.bids, truth.excludes, truth.certified, strict=True):
            bids += 1
            excluded += excludes
            omitted += excludes and not bid.exclusion_listed
            invented += bid.certificate_listed and not certified
            listed.append((chance_excluded(parameters, bid), chance_uncertified(parameters, bid)))
            true.append((excludes, not certified))
            assert excludes or not bid.exclusion_listed
            assert bid.certificate_listed or not certified
    assert omitted / excluded == pytest.approx(0.2, abs=0.03)
    assert invented / bids == pytest.approx(0.24, abs=0.03)
    # Bayes: what the office believes of papers it has not read is right on average.
    assert np.mean(listed, axis=0) == pytest.approx(np.mean(true, axis=0), abs=0.03)


def test_every_vendor_may_be_bought_and_prices_rise_by_fifteen_percent_on_average(parameters):
    shocks = [draw_shock(parameters, seed) for seed in range(400)]
    assert {shock.bought for shock in shocks} == set(range(len(VENDORS)))
    assert np.mean([shock.jump for shock in shocks]) == pytest.approx(0.15, abs=0.01)


def test_a_heavier_weight_of_quality_moves_higher_claims_up(parameters):
    for seed in range(40):
        desk, _ = draw_start(parameters, seed)
        places = [[ranking(desk, weight).index(v) for v in range(4)] for weight in (0.5, 0.8)]
        claims = [bid.claim for bid in desk.bids]
        highest = int(np.argmax(claims))
        assert places[1][highest] <= places[0][highest]


def test_with_fairness_clauses_each_language_must_pass_and_is_mended(parameters):
    shares = np.array([0.95, 0.6])
    with_clauses, without = (False, False, True, False), (False, False, False, False)
    assert worth.fails_test(parameters, shares, 0.8, with_clauses).tolist() == [0.0, 1.0]
    assert worth.fails_test(parameters, shares, 0.8, without).tolist() == [0.0, 0.0]
    assert worth.fails_test(parameters, np.array([0.7, 0.95]), 0.8, without).tolist() == [1.0, 0.0]
    after = worth.mended(parameters, shares, np.array([0.0, 1.0]), 0.6)
    assert after == pytest.approx([0.95, 0.6 + 0.4 * parameters.fix_capability])


@settings(max_examples=50, deadline=None)
@given(unpaid=st.floats(0.0, 1.0), right=st.floats(0.0, 1.0))
def test_mending_never_harms_and_grows_with_what_is_unpaid(parameters, unpaid, right):
    shares, failed = np.array([right, right]), np.ones(2)
    after = worth.mended(parameters, shares, failed, unpaid)
    assert np.all(after >= shares - 1e-12)
    assert np.all(after <= worth.mended(parameters, shares, failed, 1.0) + 1e-12)


def test_priors_have_the_weights_of_the_table(parameters):
    desk, _ = draw_start(parameters, 1)
    for bid in desk.bids:
        weights = parameters.foreign_weight if bid.abroad else parameters.tested_weight
        assert [sum(pair) for pair in beta_prior(parameters, bid)] == pytest.approx(list(weights))
