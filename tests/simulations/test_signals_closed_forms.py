"""The junction against numbers known from traffic engineering."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import Decision, Inquiry, load, replay
from simulations.queueing import Oversaturated
from simulations.registry import SCENARIOS, read_scenario
from simulations.scenarios.signals.junction import queues
from simulations.scenarios.signals.webster import (
    delay_s,
    effective_greens_s,
    gap_delay_s,
    optimal_cycle_s,
    patience_outcome,
    random_delay_s,
    uniform_delay_s,
)
from simulations.scenarios.signals.world import draw_levels, gather, hour_of, posterior

SCENARIO = load("signals")
ratios = st.lists(st.floats(0.05, 0.3), min_size=2, max_size=3)


@pytest.mark.parametrize(
    ("flow_ratios", "cycle", "greens"),
    [((0.4, 0.3), 76.6667, (36.9524, 27.7143)), ((0.25, 0.2, 0.15), 57.5, (18.9583, 15.1667, 11.375))],
)
def test_webster_cycle_and_splits(flow_ratios, cycle, greens):
    found = optimal_cycle_s(flow_ratios, 12)
    assert found == pytest.approx(cycle, abs=1e-4)
    assert effective_greens_s(flow_ratios, found, 12) == pytest.approx(greens, abs=1e-4)


def test_webster_delay():
    case = (90, 40, 600, 1800)
    assert uniform_delay_s(*case) == pytest.approx(20.8333, abs=1e-4)
    assert random_delay_s(*case) == pytest.approx(6.75, abs=1e-4)
    assert delay_s(*case) == pytest.approx(24.7285, abs=1e-4)


@pytest.mark.parametrize("flow_ratios", [(0.5, 0.5), (0.7, 0.4)])
def test_a_demand_no_cycle_serves_is_refused(flow_ratios):
    with pytest.raises(Oversaturated):
        optimal_cycle_s(flow_ratios, 12)


def test_a_green_too_short_for_its_flow_is_refused():
    with pytest.raises(Oversaturated):
        delay_s(90, 30, 600, 1800)


@given(flow_ratios=ratios, lost=st.floats(4, 20))
def test_splits_fill_the_cycle_and_saturate_all_phases_alike(flow_ratios, lost):
    cycle = optimal_cycle_s(flow_ratios, lost)
    greens = effective_greens_s(flow_ratios, cycle, lost)
    assert sum(greens) + lost == pytest.approx(cycle)
    loads = [ratio * cycle / green for ratio, green in zip(flow_ratios, greens, strict=True)]
    assert max(loads) == pytest.approx(min(loads))
    assert max(loads) < 1


@settings(max_examples=50, deadline=None)
@given(first=st.floats(0.2, 0.4), second=st.floats(0.2, 0.4), lost=st.floats(6, 14))
def test_webster_cycle_is_near_the_least_of_his_delay(first, second, lost):
    # Webster (1958): between 0.75 and 1.5 times the optimum the delay is at most 10 to 20 % above its least
    def mean_delay(cycle: float) -> float:
        greens = effective_greens_s((first, second), cycle, lost)
        flows = (1800 * first, 1800 * second)
        delays = [delay_s(cycle, green, flow, 1800) for green, flow in zip(greens, flows, strict=True)]
        return float(np.average(delays, weights=flows))

    optimum = optimal_cycle_s((first, second), lost)
    shortest = lost / (1 - first - second)
    least = min(mean_delay(cycle) for cycle in np.linspace(1.1 * shortest, 4 * shortest, 60))
    assert mean_delay(optimum) <= 1.1 * least


def one_road_scenario():
    """600 cars an hour from north and south each, next to nobody else, no shock, no unknown level."""
    return read_scenario(
        SCENARIOS / "signals",
        {
            "usual_flow": [600.0, 600.0, 1.0, 1.0],
            "hour_factor": [[1.0] * 4] * 8,
            "vehicle_shares_day": [[1.0, 0.0, 0.0, 0.0]] * 4,
            "vehicle_shares_dusk": [[1.0, 0.0, 0.0, 0.0]] * 4,
            "level_sd": 0.0,
            "quarter_sd": 0.0,
            "vip_round": 99,
        },
    )


def test_the_simulated_delay_is_within_a_tenth_of_webster():
    scenario = one_road_scenario()
    form = scenario.default_values | {"green_north_south": 40, "green_east_west": 42}  # a cycle of 90 s
    events = [Decision(number, form) for number in range(1, 9)]
    delays = [result.kpis["delay_vehicle"] for seed in range(12) for result in replay(scenario, seed, events).results]
    assert np.mean(delays) == pytest.approx(24.7285, rel=0.1)


arrivals = st.lists(st.sampled_from([0.0, 0.3, 0.8, 1.0, 3.0]), min_size=1, max_size=60)


@settings(max_examples=100, deadline=None)
@given(pcu=arrivals, first=st.integers(1, 10), cycle=st.integers(11, 30))
def test_queues_follow_the_recursion_second_by_second(pcu, first, cycle):
    p, hour = SCENARIO.model.p, hour_of(SCENARIO.model.p, 1, 1)
    green = np.arange(len(pcu)) % cycle < first
    discharge = np.stack([green, ~green])[None]
    found = queues(p, hour, np.tile(pcu, (1, 4, 1)), discharge)[0, 0]
    waiting, expected = 0.0, []
    for came, is_green in zip(pcu, green, strict=True):
        waiting = max(0.0, waiting + came - (0.5 if is_green else 0.0))
        expected.append(waiting)
    assert found == pytest.approx(expected, abs=1e-9)


def test_the_wait_for_a_gap_agrees_with_random_traffic():
    # Adams (1936), checked on exponential headways: the wait is the sum of all gaps before the first long enough
    flow, gap = 0.2, 6.0
    headways = np.random.default_rng(7).exponential(1 / flow, size=400_000)
    short = headways < gap
    waits = headways[short].sum() / np.count_nonzero(~short)
    assert gap_delay_s(np.array(flow), np.array(gap)) == pytest.approx(waits, rel=0.02)


@given(half=st.floats(0.5, 400), patience=st.floats(1, 200))
def test_patience_agrees_with_the_survival_curve(half, patience):
    share, kept = patience_outcome(np.array(half), patience)
    second = np.linspace(0, patience, 20_001)
    still_waiting = (1 + second / half) * np.exp(-second / half)
    assert share == pytest.approx(still_waiting[-1], abs=1e-9)
    assert kept == pytest.approx(np.trapezoid(still_waiting, second), rel=1e-3)


@pytest.mark.parametrize("round_number", [1, 3, 6])
def test_what_the_evidence_says_of_the_day_is_calibrated(round_number):
    p, scores = SCENARIO.model.p, []
    for seed in range(200):
        hour, levels = hour_of(p, seed, round_number), draw_levels(p, seed, round_number)
        mean, covariance = posterior(p, hour, gather(p, hour, levels, seed))
        spread = np.sqrt(covariance[:, 0, 0])
        scores.extend((levels[:, 0] - mean[:, 0]) / spread)
    assert np.mean(scores) == pytest.approx(0, abs=0.12)
    assert np.std(scores) == pytest.approx(1, abs=0.1)


def counted_shares(round_number: int) -> dict[str, float]:
    """Share of each kind of road user that the camera counts, from 40 audits of 60."""
    events = [Decision(number, SCENARIO.default_values) for number in range(1, round_number)]
    asked = Inquiry(round_number, "error_by_group", 60)
    audits = [replay(SCENARIO, seed, [*events, asked]).findings[0].values for seed in range(40)]
    kinds = ("car", "motorcycle", "rickshaw", "bus", "pedestrian")
    return {kind: sum(a[f"counted_{kind}"] for a in audits) / sum(a[f"n_{kind}"] for a in audits) for kind in kinds}


@pytest.mark.parametrize(
    ("round_number", "kind", "share"),
    [
        (1, "motorcycle", 0.98),
        (3, "motorcycle", 0.98 * 0.78),
        (3, "car", 0.98),
        (2, "pedestrian", 0.98 * 0.6),
        (2, "bus", 0.98),
        (6, "bus", 0.98 * 0.65),
        (8, "motorcycle", 0.98 * 0.65 * 0.78),
    ],
)
def test_an_audit_finds_the_planted_errors(round_number, kind, share):
    assert counted_shares(round_number)[kind] == pytest.approx(share, abs=0.06)
