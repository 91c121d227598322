"""The model of targeting against numbers known from theory, and its measures against what they measure."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from simulations import Decision, load
from simulations.estimates import stability_index
from simulations.scenarios.targeting.chances import cumulative, quantile
from simulations.scenarios.targeting.measures import (
    error_at_one_half,
    exclusion_error,
    inclusion_error,
    line_of,
    lowest,
    poverty_index,
)
from simulations.scenarios.targeting.office import Period, opening, plan
from simulations.scenarios.targeting.policies import transfer_for
from simulations.scenarios.targeting.tool import contributions, old_score, tool_score
from simulations.scenarios.targeting.world import NOMAD, SETTLED, SLUM, draw_dice, draw_district, gaps

PARAMETERS = load("targeting").model.p
DISTRICT = draw_district(PARAMETERS, 1)

welfares = st.lists(st.floats(-3, 3), min_size=4, max_size=60).map(np.array)


@pytest.fixture(scope="module")
def targeting():
    return load("targeting")


@pytest.fixture(scope="module")
def p(targeting):
    return targeting.model.p


def worked(p, seed, values):
    """The first period of a run, as hidden outcome."""
    homes, truth = draw_district(p, seed)
    _, outcome = Period(p, homes, truth, opening(homes), draw_dice(p, seed, 1), plan(values)).play()
    return homes, outcome


def test_with_half_poor_and_half_paid_both_errors_are_known():
    for r_squared, percent in ((0.5, 25.0), (0.25, 100 / 3), (0.75, 50 / 3)):
        assert 100 * error_at_one_half(r_squared) == pytest.approx(percent)
    assert error_at_one_half(0.0) == pytest.approx(0.5)
    assert error_at_one_half(1.0) == pytest.approx(0.0)


@pytest.mark.parametrize("r_squared", [0.25, 0.5, 0.75])
def test_a_simulated_score_has_that_error(r_squared):
    die, size = np.random.default_rng(4), 200_000
    score = die.standard_normal(size)
    welfare = np.sqrt(r_squared) * score + np.sqrt(1 - r_squared) * die.standard_normal(size)
    poor, paid = welfare < line_of(welfare, 0.5), lowest(score, size // 2)
    assert exclusion_error(poor, paid) == pytest.approx(error_at_one_half(r_squared), abs=0.004)
    assert inclusion_error(poor, paid) == exclusion_error(poor, paid)


@given(welfare=welfares, share=st.floats(0.1, 0.9), seed=st.integers(0, 1000))
def test_paying_as_many_as_are_poor_makes_both_errors_equal(welfare, share, seed):
    size = max(1, round(share * len(welfare)))
    poor = lowest(welfare, size)
    paid = lowest(np.random.default_rng(seed).random(len(welfare)), size)
    assert exclusion_error(poor, paid) == inclusion_error(poor, paid)


@given(welfare=welfares, share=st.floats(0.1, 0.9))
def test_paying_everybody_leaves_nobody_out_and_includes_all_who_are_not_poor(welfare, share):
    poor = lowest(welfare, round(share * len(welfare)))
    everybody = np.ones(len(welfare), dtype=bool)
    assert exclusion_error(poor, everybody) == 0.0
    assert inclusion_error(poor, everybody) == pytest.approx(1 - poor.mean())


def test_the_least_payment_is_a_universal_one(targeting, p):
    _, outcome = worked(p, 3, targeting.default_values | {"transfer": 500})
    assert outcome.paid.all()
    assert exclusion_error(outcome.poor, outcome.paid) == 0.0
    assert inclusion_error(outcome.poor, outcome.paid) == pytest.approx(1 - p.poor_share)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_without_a_transfer_the_head_count_is_the_poor_share(seed):
    p = load("targeting").model.p
    homes, truth = draw_district(p, seed)
    left = gaps(p, homes, truth.welfare, np.zeros(len(homes)))
    assert poverty_index(left, 0) == p.poor_share
    assert poverty_index(left, 2) <= poverty_index(left, 1) <= poverty_index(left, 0)


def test_poverty_indices_of_a_worked_example():
    left = np.array([0.5, 0.2, 0.0, 0.0])
    assert [poverty_index(left, power) for power in (0, 1, 2)] == pytest.approx([0.5, 0.175, 0.0725])


@settings(max_examples=25, deadline=None)
@given(transfer=st.floats(0, 20_000), more=st.floats(0, 5_000))
def test_a_transfer_closes_the_gap_by_its_share_of_the_line_and_never_below_zero(transfer, more):
    p, (homes, truth) = PARAMETERS, DISTRICT
    none, some, greater = (
        gaps(p, homes, truth.welfare, np.full(len(homes), t)) for t in (0, transfer, transfer + more)
    )
    line = p.line_per_person * homes.size
    assert some == pytest.approx(np.maximum(0, none - transfer / line))
    assert np.all(greater <= some)


@given(values=st.lists(st.integers(0, 9), min_size=1, max_size=40), size=st.integers(0, 45))
def test_the_lowest_are_those_a_stable_sort_puts_first(values, size):
    expected = np.zeros(len(values), dtype=bool)
    expected[np.argsort(values, kind="stable")[:size]] = True
    assert np.array_equal(lowest(np.array(values, dtype=float), size), expected)


def test_the_normal_table_agrees_with_scipy():
    points = np.linspace(-6, 6, 1001)
    assert cumulative(points) == pytest.approx(special.ndtr(points), abs=1e-6)
    chances = np.linspace(0.001, 0.999, 999)
    assert quantile(chances) == pytest.approx(special.ndtri(chances), abs=1e-4)


def explained(score, welfare):
    """Share of the variance of welfare that a score explains."""
    return float(np.corrcoef(score, welfare)[0, 1] ** 2)


def test_the_scores_explain_what_the_parameters_say(p):
    old, new = [], []
    for seed in range(12):
        homes, truth = draw_district(p, seed)
        mine = homes.group == SETTLED
        old.append(explained(old_score(p, homes)[mine], truth.welfare[mine]))
        new.append(explained(tool_score(p, homes)[mine], truth.welfare[mine]))
    # women at the head and disability add a little variance that no score sees
    assert np.mean(old) == pytest.approx((p.mark_weights[:3] ** 2).sum(), abs=0.03)
    assert np.mean(new) == pytest.approx((p.mark_weights**2).sum(), abs=0.03)


def test_the_tool_takes_a_herd_and_a_shared_meter_for_wealth(p):
    over = {SETTLED: [], SLUM: [], NOMAD: []}
    for seed in range(20):
        homes, truth = draw_district(p, seed)
        away = tool_score(p, homes) - 50 - p.points_per_unit * truth.welfare
        for group, values in over.items():
            values.append(away[homes.group == group].mean())
    shift = p.points_per_unit * np.array([p.meter_shift * p.mark_weights[4], p.herd_shift * p.mark_weights[3]])
    expected = shift - p.points_per_unit * p.group_shift_mean[[SLUM, NOMAD]]
    flags = np.mean(over[SETTLED])
    assert 0 < flags < 1.5
    assert np.mean(over[SLUM]) - flags == pytest.approx(expected[0], abs=2.5)
    assert np.mean(over[NOMAD]) - flags == pytest.approx(expected[1], abs=2.5)
    assert min(expected) > 8


def test_contributions_add_up_to_the_score(p):
    homes, _ = draw_district(p, 2)
    score = tool_score(p, homes)
    for row in (0, 5, 77):
        assert 50 + sum(contributions(p, homes, row).values()) == pytest.approx(score[row], abs=1e-3)


@settings(deadline=None)
@given(funds=st.floats(50, 400), households=st.integers(200, 2000))
def test_a_transfer_for_so_many_pays_for_them(funds, households):
    p = load("targeting").model.p
    transfer = transfer_for(p, funds, households)
    assert transfer % 250 == 0
    if 500 < transfer < 6000:
        cost = (transfer + p.fee_pkr) * p.months * households * p.household_weight / 1e6
        assert cost <= funds
        assert cost + 250 * p.months * households * p.household_weight / 1e6 > funds


def test_a_flood_lowers_welfare_and_moves_no_score(targeting, p):
    share = []
    for seed in range(12):
        homes, truth = draw_district(p, seed)
        lost = truth.now(p, flooded=False) - truth.now(p, flooded=True)
        assert set(np.round(lost * p.consumption_spread, 9)) == {0.0, p.flood_loss}
        assert not truth.hit[~homes.river].any()
        share.append(truth.hit.mean())
    assert np.mean(share) == pytest.approx(0.39, abs=0.04)


def test_a_stability_index_of_nothing_moved_is_zero():
    then = np.arange(100.0)
    assert stability_index(then, then) == pytest.approx(0.0)
    assert stability_index(then, then + 50) > 0.25


def test_meetings_strike_as_the_parameters_say(targeting, p):
    form = targeting.default_values | {"ai_mode": "auto"}
    right, wrong, expected = 0.0, 0.0, 0.0
    for seed in range(60):
        homes, outcome = worked(p, seed, form)
        position, _ = targeting.model.advance(targeting.model.start(seed), Decision(1, form | {"meetings": 0.3}))
        struck = position.state.verdict < 0
        right += np.count_nonzero(struck & ~outcome.poor)
        wrong += np.count_nonzero(struck & outcome.poor)
        others = np.count_nonzero(outcome.paid & ~outcome.poor)
        expected += 0.3 * p.meeting_strikes * others
        assert len(homes) == p.households
    assert right == pytest.approx(expected, rel=0.15)
    assert wrong < 0.4 * right
