"""The model of maintenance against numbers known from theory; its book against the truth it never sees."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simulations
from simulations import Decision
from simulations.admissible import random_form
from simulations.registry import SCENARIOS, read_scenario
from simulations.scenarios.maintenance.ledger import LEAVE, POST, REPAIR, Belief, read_page
from simulations.scenarios.maintenance.policies import Desk, break_even, posting_threshold, worth_looking_at
from simulations.scenarios.maintenance.reliability import (
    leaving_chance,
    mean_in_use,
    optimal_age,
    replacement_rate,
    run_to_failure_rate,
    survival,
    weibull_lifetime,
    weibull_mean,
)
from simulations.scenarios.maintenance.tool import bad_chance, next_rating, worst_chance
from simulations.scenarios.maintenance.world import GRADES, URBAN, failure_chance, recorded_grade, worn

shapes, scales = st.floats(1.2, 4.0), st.floats(1.0, 30.0)


@pytest.fixture(scope="module")
def maintenance():
    return simulations.load("maintenance")


@pytest.fixture(scope="module")
def p(maintenance):
    return maintenance.model.p


def states_of(model, seed, rounds):
    """Positions of a run of random forms."""
    position, die = model.start(seed), np.random.default_rng(seed)
    found = [position]
    scenario = simulations.load("maintenance")
    for number in range(1, rounds + 1):
        position, _ = model.advance(position, Decision(number, random_form(scenario.fields, (), die)))
        found.append(position)
    return found


@pytest.mark.parametrize(
    ("shape", "failure", "age", "rate"), [(2.5, 6.0, 3.6007, 0.47180), (2.0, 10.0, 2.6916, 0.75702)]
)
def test_planned_replacement_has_the_age_and_rate_of_barlow_and_proschan(shape, failure, age, rate):
    found = optimal_age(shape, 8.0, planned=1.0, failure=failure)
    assert found == pytest.approx(age, abs=1e-4)
    assert replacement_rate(found, shape, 8.0, planned=1.0, failure=failure) == pytest.approx(rate, abs=5e-6)


def test_running_to_failure_costs_what_renewal_theory_says():
    assert run_to_failure_rate(2.5, 8.0, failure=6.0) == pytest.approx(0.84530, abs=5e-6)
    assert run_to_failure_rate(1.0, 8.0, failure=6.0) == pytest.approx(0.75)


def test_a_part_that_does_not_age_is_never_replaced_before_it_fails():
    assert optimal_age(1.0, 8.0, planned=1.0, failure=6.0) == math.inf
    assert optimal_age(2.5, 8.0, planned=6.0, failure=6.0) == math.inf


@settings(max_examples=40, deadline=None)
@given(shape=shapes, scale=scales, ratio=st.floats(2.0, 40.0), factor=st.floats(0.3, 3.0))
def test_no_other_age_of_replacement_costs_less(shape, scale, ratio, factor):
    age = optimal_age(shape, scale, planned=1.0, failure=ratio)
    if math.isfinite(age):
        least = replacement_rate(age, shape, scale, planned=1.0, failure=ratio)
        assert least <= replacement_rate(factor * age, shape, scale, planned=1.0, failure=ratio) * (1 + 1e-6)
        assert least <= run_to_failure_rate(shape, scale, failure=ratio) * (1 + 1e-6)


@given(shape=shapes, scale=scales)
def test_a_part_replaced_very_late_is_in_use_for_its_whole_life(shape, scale):
    assert mean_in_use(12 * scale, shape, scale) == pytest.approx(weibull_mean(shape, scale), rel=1e-4)


@pytest.mark.parametrize(("shape", "scale"), [(2.5, 8.0), (2.0, 4.0), (1.5, 6.0)])
def test_simulated_lifetimes_have_the_mean_of_weibull(shape, scale):
    lives = weibull_lifetime(np.random.default_rng(1).random(100_000), shape, scale)
    assert lives.mean() == pytest.approx(scale * math.gamma(1 + 1 / shape), rel=0.01)


@given(shape=shapes, scale=scales, steps=st.integers(1, 60))
def test_half_years_in_a_grade_multiply_to_the_survival_of_weibull(shape, scale, steps):
    stays = 1 - leaving_chance(0.5 * np.arange(steps), 0.5, shape, scale)
    assert np.prod(stays) == pytest.approx(float(survival(0.5 * steps, shape, scale)), rel=1e-9, abs=1e-15)


def test_a_bridge_stays_in_a_grade_as_long_as_weibull_says():
    patient = read_scenario(SCENARIOS / "maintenance", {"ages": 60}).model
    p, network = patient.p, patient.start(0).network
    urban = np.flatnonzero(network.region == URBAN)[:1].repeat(40_000)
    crowd = type(network)(*(getattr(network, name)[urban] for name in network.__dataclass_fields__))
    condition, half_years, dice = np.zeros(40_000, dtype=np.intp), np.zeros(40_000), np.random.default_rng(2)
    while (p.grade_of[condition] == 1).any():
        half_years += p.grade_of[condition] == 1
        condition = worn(p, crowd, condition, 0, dice.random(40_000))
    # a stay is counted in whole half-years, so on average a quarter of a year is added
    expected = weibull_mean(float(p.sojourn_shape[0]), float(p.sojourn_scale[0])) + 0.25
    assert half_years.mean() / 2 == pytest.approx(expected, rel=0.01)


def test_an_inspection_is_right_as_often_as_the_accuracy_says_and_never_far_off(p):
    dice = np.random.default_rng(3).random(50_000)
    assert p.seen_chance.sum(axis=1) == pytest.approx(1.0)
    for grade in range(1, GRADES + 1):
        condition = np.full(50_000, (grade - 1) * p.ages, dtype=np.intp)
        seen = np.bincount(recorded_grade(p, condition, dice), minlength=GRADES + 1)[1:] / 50_000
        assert seen == pytest.approx(p.seen_chance[grade - 1], abs=0.006)


def test_flood_and_weight_limit_multiply_the_rate_of_failure(p):
    no, yes = np.zeros(1, dtype=bool), np.ones(1, dtype=bool)
    rate = -np.log1p(-failure_chance(p, no, no)[0])
    assert rate == pytest.approx(p.failure_rate)
    assert -np.log1p(-failure_chance(p, yes, no)[0]) == pytest.approx(6 * rate)
    assert -np.log1p(-failure_chance(p, yes, yes)[0]) == pytest.approx(6 * 0.25 * rate)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_book_always_sums_to_one(maintenance, seed):
    for position in states_of(maintenance.model, seed, 10):
        belief = position.state.belief
        assert belief.weight.sum(axis=(2, 3)) == pytest.approx(1.0)
        assert belief.weight.min() >= 0
        assert belief.wear.sum() == pytest.approx(1.0)
        assert belief.conditions().sum(axis=(0, 2)) == pytest.approx(1.0)


def test_the_book_wears_a_bridge_down_with_the_chances_of_the_model(maintenance, p):
    network = maintenance.model.start(1).network
    for condition in (0, 5, p.ages - 1, 2 * p.ages + 3, p.states - 2, p.states - 1):
        weight = np.zeros((len(p.wear), len(network), 2, p.states))
        weight[:, :, 0, condition] = 1.0
        after = Belief(weight, np.zeros(len(p.wear))).half_a_year_later(p, network).weight[:, :, 0]
        expected = np.zeros_like(after)
        for place in range(len(p.wear)):
            for bridge in range(len(network)):
                leaves = p.leaving[place, network.region[bridge], condition]
                expected[place, bridge, p.older[condition]] += 1 - leaves
                expected[place, bridge, p.worse[condition]] += leaves
        assert after == pytest.approx(expected)


@pytest.fixture(scope="module")
def pages(maintenance):
    """Pages of the book and the truth behind them, after every round of runs with random forms."""
    found = []
    for seed in range(60):
        for position in states_of(maintenance.model, seed, 9)[::3]:
            found.append((position, position.bureau.page(position.state)))
    return found


def test_the_book_is_calibrated(maintenance, pages):
    grade_of = maintenance.model.p.grade_of
    said = np.concatenate([page.bad for _, page in pages])
    true = np.concatenate([grade_of[position.state.hidden.condition] >= 4 for position, _ in pages])
    for low in np.arange(0, 1, 0.2):
        group = (said >= low) & (said < low + 0.2 + 1e-9)
        assert true[group].mean() == pytest.approx(said[group].mean(), abs=0.03 + 2 / np.sqrt(group.sum()))
    expected = np.concatenate([page.expected_grade for _, page in pages])
    grades = np.concatenate([grade_of[position.state.hidden.condition] for position, _ in pages])
    assert expected.mean() == pytest.approx(grades.mean(), abs=0.03)


def test_the_book_learns_which_sensors_drift_and_how_fast_rural_bridges_age(pages):
    late = [position.state for position, _ in pages if position.state.round == 10]
    wear = np.mean([state.belief.wear[state.hidden.wear] for state in late])
    assert wear > 0.7
    right = []
    for state in late:
        first = state.records.has_sensor & (state.records.sensor_since < 1)
        drifts = np.einsum("w,wbc->bc", state.belief.wear, state.belief.weight.sum(axis=3))[first, 1]
        right.append(np.mean((drifts > 0.5) == state.hidden.drifting[first]))
    assert np.mean(right) > 0.9


def test_a_bridge_that_nobody_looks_at_grows_more_likely_to_be_bad(maintenance):
    position = maintenance.model.start(3)
    form = maintenance.default_values | {"inspections_urban": 0, "inspections_rural": 0, "repairs": 0}
    blind = ~position.state.records.has_sensor
    before = position.bureau.page(position.state)
    for number in (1, 2, 3):
        position, result = maintenance.model.advance(position, Decision(number, form))
        assert result.kpis["inspections"] == 0
    after = position.bureau.page(position.state)
    rebuilt = position.state.records.seen_round > 0
    assert np.all(after.bad[blind & ~rebuilt] > before.bad[blind & ~rebuilt] - 0.05)
    assert after.bad[blind & ~rebuilt].mean() > before.bad[blind & ~rebuilt].mean() + 0.02


def test_in_the_last_half_year_actions_cost_what_a_hand_computes(maintenance, p):
    position = maintenance.model.start(2)
    network, values = position.network, position.bureau.values
    bridge, worst, last = 0, p.states - 1, values.dry[-1]
    broken = p.failure_cost + p.hour_value * network.outage_hours[bridge]
    failing, limited = 1 - math.exp(-0.12), 1 - math.exp(-0.12 * 0.25)
    assert last[LEAVE, 0, bridge, worst] == pytest.approx(failing * broken + (1 - failing) * 8)
    posting = p.hour_value * network.posting_hours[bridge]
    assert last[POST, 0, bridge, worst] == pytest.approx(limited * broken + (1 - limited) * 8 + posting)
    assert last[REPAIR, 0, bridge, worst] == pytest.approx(4 * (1 + p.budget_price))
    assert last[LEAVE, 0, bridge, 0] == pytest.approx(0.0)


def test_knowing_more_never_costs_and_is_worth_nothing_to_the_certain(maintenance, p, pages):
    assert min(page.doubt.min() for _, page in pages) >= -1e-6
    position = maintenance.model.start(2)
    weight = np.zeros_like(position.state.belief.weight)
    weight[:, :, 0, 2 * p.ages] = 1.0
    dry = np.zeros(len(position.network), dtype=bool)
    certain = Belief(weight[:1].repeat(len(p.wear), axis=0), np.array([0.0, -800.0]))
    page = read_page(p, position.network, position.bureau.values, certain, 1, dry)
    assert page.doubt == pytest.approx(0.0, abs=1e-8)
    assert page.expected_grade == pytest.approx(3.0)


def test_a_weight_limit_pays_from_the_break_even_chance_of_grade_5(maintenance, p):
    network = maintenance.model.start(2).network
    averted = p.failure_rate[-1] * 0.75 * network.failure_loss(p)
    by_bridge = network.posting_loss(p) / averted
    assert by_bridge.min() < break_even(p, network) < by_bridge.max()
    assert 0.02 < break_even(p, network) < 0.3


def test_best_weighs_looks_against_repairs_as_a_search_over_all_numbers_does(p, pages):
    for position, page in pages[:40]:
        budget = position.state.budget
        chosen = np.count_nonzero(worth_looking_at(p, page, budget))
        doubt, gain = sorted(page.doubt, reverse=True), sorted(page.gain, reverse=True)

        def total(looks, budget=budget, doubt=doubt, gain=gain):
            repairs = int((budget - looks * 0.08) / 4 + 1e-9)
            net = sum(max(4 * (g - 1 - p.budget_price), 0.0) for g in gain[:repairs])
            return p.best_look_weight * sum(doubt[:looks]) - 0.08 * looks + net

        assert total(chosen) == pytest.approx(max(total(looks) for looks in range(41)), abs=1e-6)


def test_the_posting_threshold_averts_most_by_the_book(p, pages):
    for position, page in pages[:40]:
        desk = Desk(position.network, position.state.records, position.state.budget, lambda page=page: page)
        chosen = posting_threshold(p, desk.network, page)
        averted = [page.limit[page.worst >= step / 20].sum() for step in range(1, 21)]
        assert page.limit[page.worst >= chosen].sum() == pytest.approx(max(averted), abs=1e-6)


def test_the_tool_takes_a_missing_sensor_for_a_healthy_bridge(p):
    rating, none, reading = np.full(1, p.tool_fill), np.zeros(1, dtype=bool), np.zeros(1)
    for _ in range(10):
        rating = next_rating(p, rating, none, none, reading)
    assert rating == pytest.approx(p.tool_fill)
    assert bad_chance(p, rating)[0] < 0.05
    assert worst_chance(p, rating)[0] < bad_chance(p, rating)[0]
    assert bad_chance(p, np.array([3.5]))[0] == pytest.approx(0.5)
