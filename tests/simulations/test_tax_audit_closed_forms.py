"""The model of tax_audit against numbers known from theory, and its estimators against what they estimate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import Decision, load, replay
from simulations.estimates import stability_index
from simulations.inquiries import wilson
from simulations.replay import position_after
from simulations.scenarios.tax_audit.estimates import auc, horvitz_thompson_mean
from simulations.scenarios.tax_audit.response import deterrence_slope, evasion_probability, net_gain
from simulations.scenarios.tax_audit.tool import COLUMNS, fit, kept_columns
from simulations.scenarios.tax_audit.world import BORDER_DISTRICT, draw_firms, signal_strength
from simulations.scoring import policy_run

shares = st.floats(0.0, 1.0)


def form(scenario, **values):
    """The default form with some values changed; the risk list takes what the other arms leave."""
    changed = scenario.default_values | values
    left = 75 - changed["random_audits"] - changed["campaign_audits"]
    return changed | {"risk_audits": left}


def played(scenario, seed, *forms):
    return replay(scenario, seed, [Decision(number, values) for number, values in enumerate(forms, start=1)])


def assert_unbiased(errors):
    """The mean of independent errors lies within two standard errors of zero."""
    assert abs(np.mean(errors)) < 2 * np.std(errors, ddof=1) / np.sqrt(len(errors))


@given(share=st.floats(0.01, 1.0))
def test_an_audit_chance_of_one_half_makes_evasion_worth_nothing(share):
    gain = net_gain(np.array([share]), np.array([0.5]), 1.0, 1.0, np.array([0.0]))
    assert gain == pytest.approx(0.0)
    assert net_gain(np.array([share]), np.array([0.49]), 1.0, 1.0, np.array([0.0])) > 0
    assert net_gain(np.array([share]), np.array([0.51]), 1.0, 1.0, np.array([0.0])) < 0


@given(gain=st.floats(-2.0, 2.0), noise=st.floats(0.01, 1.0))
def test_the_response_is_a_logit_with_one_half_at_no_gain(gain, noise):
    assert evasion_probability(np.zeros(1), noise) == pytest.approx(0.5)
    chance = float(evasion_probability(np.array([gain]), noise)[0])
    assert chance == pytest.approx(1 / (1 + np.exp(-gain / noise)), abs=1e-12)


@given(share=shares, moral=shares, low=shares, high=shares)
def test_a_higher_audit_chance_never_makes_evasion_likelier(share, moral, low, high):
    perceived = np.array(sorted([low, high]))
    gain = net_gain(np.full(2, share), perceived, 0.75, 1.0, np.full(2, moral))
    first, second = evasion_probability(gain, 0.08)
    assert second <= first + 1e-12


def test_the_deterrence_slope_is_that_of_firms_drawn_at_random(tax_audit):
    p, die = tax_audit.model.p, np.random.default_rng(5)
    share, moral = die.uniform(0, 0.6, 400_000), die.exponential(0.25, 400_000)

    def evaded(perceived):
        gain = net_gain(share, np.full(len(share), perceived), 0.75, 1.0, moral)
        return float((share * evasion_probability(gain, 0.08)).mean())

    assert deterrence_slope(p) == pytest.approx((evaded(0.05) - evaded(0.10)) / 0.05, rel=0.02)
    assert deterrence_slope(p) > 0


def test_the_random_arm_estimates_the_tax_gap_without_bias(tax_audit):
    by_lot = form(tax_audit, random_audits=75, campaign_audits=0)
    errors, covered = [], []
    for seed in range(500):
        result = played(tax_audit, seed, by_lot).results[0]
        gap = result.truth["tax_gap"]
        errors.append(result.kpis["gap_estimate"] - gap)
        covered.append(result.kpis["gap_low"] <= gap <= result.kpis["gap_high"])
    assert_unbiased(errors)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.03)


def test_the_random_arm_stays_unbiased_beside_a_risk_list(tax_audit):
    mixed = form(tax_audit, random_audits=15, ai_mode="auto", ranking="yield", field_share=0.5, letters=200)
    errors = []
    for seed in range(200):
        result = played(tax_audit, seed, mixed, mixed).results[1]
        errors.append(result.kpis["gap_estimate"] - result.truth["tax_gap"])
    assert_unbiased(errors)


def test_inverse_chances_give_the_population_mean_from_unequal_audits(tax_audit):
    mixed = form(tax_audit, random_audits=15, campaign_audits=20, campaign_sector="food", ai_mode="auto")
    errors, plain = [], []
    for seed in range(300):
        run = played(tax_audit, seed, mixed)
        records = position_after(tax_audit, seed, [run.results[0].decision]).state.records
        now = records.quarter == 1
        evaded = 100 * records.found[now] / records.quality[now]
        truth = run.results[0].truth["tax_gap"]
        errors.append(horvitz_thompson_mean(evaded, records.inclusion[now], tax_audit.model.p.firms) - truth)
        plain.append(evaded.mean() - truth)
    assert_unbiased(errors)
    assert np.mean(plain) > 5 * np.std(plain, ddof=1) / np.sqrt(len(plain))


@given(values=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), population=st.integers(30, 1000))
def test_with_equal_chances_the_estimate_is_the_sample_mean(values, population):
    chance = np.full(len(values), len(values) / population)
    assert horvitz_thompson_mean(np.array(values), chance, population) == pytest.approx(np.mean(values), abs=1e-6)


def test_a_tool_only_looks_accurate_on_those_it_chose_to_audit(tax_audit):
    held = []
    for seed in range(60):
        results = policy_run(tax_audit, seed, "ai_only").results
        audited = np.mean([result.truth["auc_labelled"] for result in results])
        held.append(np.mean([result.truth["auc_all"] for result in results]) < audited)
    assert np.mean(held) >= 0.9


def test_inverse_chances_make_the_tool_right_about_firms_nobody_used_to_audit(tax_audit):
    gained = []
    for seed in range(40):
        delivered, weighted = (
            played(tax_audit, seed, tax_audit.default_values | {"training": training}).results[0].truth
            for training in ("vendor", "weighted")
        )
        gained.append(weighted["auc_all"] - delivered["auc_all"])
        assert weighted["auc_labelled"] < delivered["auc_labelled"]
    assert np.mean(gained) > 0.05


def test_the_rule_change_makes_the_delivered_tool_worse_at_once(tax_audit):
    fell = []
    for seed in range(40):
        results = played(tax_audit, seed, *[tax_audit.default_values] * 4).results
        fell.append(results[2].truth["auc_all"] - results[3].truth["auc_all"])
    assert np.mean(fell) > 0.05


def test_the_delivered_tool_has_the_accuracy_of_the_parameters(tax_audit):
    start = [played(tax_audit, seed, tax_audit.default_values).results[0].truth for seed in range(60)]
    p = tax_audit.model.p
    assert np.mean([truth["auc_labelled"] for truth in start]) == pytest.approx(p.claimed_auc, abs=0.03)
    assert np.mean([truth["auc_all"] for truth in start]) == pytest.approx(p.true_auc, abs=0.03)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_the_area_under_the_curve_counts_pairs(rows):
    score, evading = np.array([row[0] for row in rows], dtype=float), np.array([row[1] for row in rows])
    above = score[evading][:, None] - score[~evading][None, :]
    expected = ((above > 0) + 0.5 * (above == 0)).mean() if above.size else 0.5
    assert auc(score, evading) == pytest.approx(expected)


def test_wilson_interval_matches_published_values():
    # Newcombe (1998), Statistics in Medicine 17: 81 of 263 -> 0.2553 to 0.3662; 0 of 20 -> 0 to 0.1611
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_stability_index_of_a_doubled_decile_is_known():
    then = np.arange(100.0)
    now = np.concatenate([np.arange(10.0), np.arange(90.0)])  # 0.2 in the first decile, none in the last
    lost = (0.01 - 0.1) * np.log(0.01 / 0.1)
    assert stability_index(then, then) == pytest.approx(0.0)
    assert stability_index(then, now) == pytest.approx(0.1 * np.log(2) + lost, rel=1e-6)


def logistic_sample(size=40_000):
    die = np.random.default_rng(3)
    rows = die.standard_normal((size, len(COLUMNS)))
    chance = 1 / (1 + np.exp(-(1.0 * rows[:, 0] - 0.5 * rows[:, 3] - 0.3)))
    return rows, (die.random(size) < chance).astype(float)


def test_the_logit_finds_the_weights_its_data_came_from():
    rows, found = logistic_sample()
    score = fit(rows, found, np.ones(len(rows)), 1.0, kept_columns(0))
    expected = np.zeros(len(COLUMNS))
    expected[[0, 3]] = 1.0, -0.5
    assert score.weights == pytest.approx(expected, abs=0.05)
    assert score.constant == pytest.approx(-0.3, abs=0.05)


@settings(max_examples=10, deadline=None)
@given(copies=st.lists(st.integers(1, 4), min_size=60, max_size=60))
def test_a_weight_is_worth_that_many_copies(copies):
    rows, found = (values[:60] for values in logistic_sample(60))
    weighted = fit(rows, found, np.array(copies, dtype=float), 2.0, kept_columns(0))
    copied = fit(np.repeat(rows, copies, axis=0), np.repeat(found, copies), np.ones(sum(copies)), 2.0, kept_columns(0))
    assert weighted.weights == pytest.approx(copied.weights, abs=1e-8)


def test_a_feature_the_tool_may_not_use_has_no_weight():
    rows, found = logistic_sample(500)
    score = fit(rows, found, np.ones(500), 2.0, kept_columns(1))
    banned = [name.startswith("district") for name in COLUMNS]
    assert not score.weights[banned].any()
    assert score.weights[0] > 0


def signals(quarter, exposure, *, border):
    """Signal strength by (firm, behaviour) of the firms of one kind of district."""
    p = load("tax_audit").model.p
    firms = draw_firms(p, 1)
    return signal_strength(p, firms, quarter, exposure)[(firms.district == BORDER_DISTRICT) == border]


@settings(max_examples=20, deadline=None)
@given(quarter=st.integers(1, 3), exposure=st.floats(0, 5))
def test_guessable_signals_fade_by_a_fifth_and_the_input_ratio_turns_round(quarter, exposure):
    before, after, turned = (
        signals(number, exposed, border=False)
        for number, exposed in ((quarter, exposure), (quarter, exposure + 1), (4, exposure))
    )
    assert after[:, [0, 1, 3]] == pytest.approx(0.8 * before[:, [0, 1, 3]])
    assert after[:, 2] == pytest.approx(before[:, 2])
    assert turned[:, 0] == pytest.approx(-before[:, 0])
    assert turned[:, 1:] == pytest.approx(before[:, 1:])


def test_refund_claims_speak_for_honesty_in_the_border_district_only():
    assert signals(1, 0.0, border=True)[:, 1].max() < 0
    assert signals(1, 0.0, border=False)[:, 1].min() >= 0


def test_letters_and_campaigns_deter(tax_audit):
    quiet = form(tax_audit, random_audits=5, campaign_audits=0)
    loud = form(tax_audit, random_audits=5, campaign_audits=0, letters=400)
    campaign = form(tax_audit, random_audits=5, campaign_audits=60, campaign_sector="wholesale")
    fell, moved = [], []
    for seed in range(40):
        plain = played(tax_audit, seed, quiet, quiet).results
        warned = played(tax_audit, seed, loud).results[0]
        fell.append(plain[0].truth["evasion_rate"] - warned.truth["evasion_rate"])
        after = played(tax_audit, seed, campaign, quiet).results[1]
        moved.append(plain[1].truth["evasion_rate"] - after.truth["evasion_rate"])
    assert min(fell) >= 0
    assert np.mean(fell) > 0.2
    assert np.mean(moved) > 3 * np.std(moved, ddof=1) / np.sqrt(len(moved))
