"""The engine against numbers known from theory."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import Decision, Inquiry, Scenario, reference_runs, replay
from simulations.inquiries import wilson
from simulations.queueing import (
    Oversaturated,
    cost_rate_order,
    handled_per_week,
    priority_cost,
    priority_waits,
)
from simulations.registry import SCENARIOS, read_scenario
from simulations.scenarios.grievance.policies import MOST_HOURS, STEP_HOURS, in_steps
from simulations.scenarios.grievance.world import normal_quantile

SEEDS_FOR_GREEDY = 60


def test_handled_complaints_are_arrivals_over_one_minus_the_reopening_share():
    assert handled_per_week(120, 0.25) == pytest.approx(160)


def test_a_queue_where_everything_comes_back_is_refused():
    with pytest.raises(Oversaturated):
        handled_per_week(120, 1.0)


def one_class_scenario() -> Scenario:
    """120 municipal complaints a week, a quarter of closures comes back, staff enough, no shock."""
    return read_scenario(
        SCENARIOS / "grievance",
        {
            "arrivals_per_week": [120.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            "initial_backlog_weeks": 1.0,
            "work_hours": [0.4, 2.5, 2.5, 4.0, 3.0, 6.0],
            "careless_reopen_share": 0.25,
            "careful_reopen_share": 0.25,
            "duplicate_share": 0.0,
            "outage_silent_share": 0.0,
            "flood_factor": [1.0] * 6,
        },
    )


def test_the_simulated_office_settles_at_160_closures_a_week():
    scenario = one_class_scenario()
    form = scenario.default_values | {"hours_municipal": 200, "hours_health": 0, "hours_police": 0}
    form |= {"paper_cap": 0.0}
    events = [Decision(number, form) for number in range(1, 11)]
    closures = [result.kpis["closures"] for seed in range(40) for result in replay(scenario, seed, events).results[4:]]
    assert np.mean(closures) == pytest.approx(160, rel=0.03)


def test_cobham_waits_match_a_case_computed_by_hand():
    # loads 0.25 and 0.5, residual 0.25 + 0.5 = 0.75 with unit service rates
    assert priority_waits([0.25, 0.5], [1.0, 1.0]) == pytest.approx((1.0, 4.0))


rates = st.floats(0.2, 5.0)


@settings(max_examples=200, deadline=None)
@given(loads=st.tuples(st.floats(0.05, 0.45), st.floats(0.05, 0.45)), services=st.tuples(rates, rates),
       costs=st.tuples(rates, rates))  # fmt: skip
def test_the_cost_rate_order_beats_every_static_priority(loads, services, costs):
    arrivals = [load * service for load, service in zip(loads, services, strict=True)]
    order = cost_rate_order(costs, services)
    least = min(priority_cost(arrivals, services, costs, other) for other in itertools.permutations(range(2)))
    assert priority_cost(arrivals, services, costs, order) == pytest.approx(least, rel=1e-9)


def test_complaints_are_conserved(grievance):
    for seed in range(5):
        form = grievance.default_values | {
            "outreach_hours": 0,
            "hours_municipal": 115,
            "call_back_share": 0.3,
        }
        runs = [replay(grievance, seed, [Decision(n, form) for n in range(1, last + 1)]) for last in range(11)]
        for before, now, later in zip(runs, runs[1:], runs[2:], strict=False):
            result, following = now.results[-1].kpis, later.results[-1].kpis
            came_back = following["reopen_rate"] / 100 * result["closures"]
            mail = sum(row.values["arrivals"] for row in now.situation.table)
            expected = before.situation.figures["backlog"] - result["closures"] + came_back + mail
            assert result["backlog"] == pytest.approx(expected)


def test_greedy_reports_more_and_confirms_less_than_best(grievance):
    held = []
    for seed in range(SEEDS_FOR_GREEDY):
        runs = reference_runs(grievance, seed)
        greedy, best = runs["greedy"].results[-1], runs["best"].results[-1]
        reports_more = greedy.kpis["reported_resolution"] > best.kpis["reported_resolution"]
        held.append(reports_more and greedy.truth["true_resolution"] < best.truth["true_resolution"])
    assert np.mean(held) >= 0.95


@given(shares=st.lists(st.floats(0, 1e4), min_size=6, max_size=6), steps=st.integers(60, 80))
def test_hours_in_steps_add_up_and_stay_within_bounds(shares, steps):
    hours = in_steps(np.array(shares), steps * STEP_HOURS)
    assert sum(hours) == steps * STEP_HOURS
    assert all(0 <= value <= MOST_HOURS and value % STEP_HOURS == 0 for value in hours)


def test_wilson_interval_matches_published_values():
    # Newcombe (1998), Statistics in Medicine 17: 81 of 263 -> 0.2553 to 0.3662; 0 of 20 -> 0 to 0.1611
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)


@pytest.mark.parametrize(("probability", "value"), [(0.5, 0.0), (0.86, 1.0803), (0.48, -0.0502), (0.06, -1.5548)])
def test_the_quantile_table_is_close_to_the_normal_distribution(probability, value):
    assert normal_quantile(probability) == pytest.approx(value, abs=0.05)


def test_the_flag_reaches_the_recall_of_the_parameters(grievance):
    found, asked = {"pashto": 0.0, "english": 0.0}, {"pashto": 0.0, "english": 0.0}
    played = [Decision(number, grievance.default_values) for number in range(1, 6)]
    for seed in range(60):
        run = replay(grievance, seed, [*played, Inquiry(6, "error_by_group", 60)])
        for name in found:
            found[name] += run.findings[0].values[f"found_{name}"]
            asked[name] += run.findings[0].values[f"n_{name}"]
    # women's accounts (18 %) lose 0.12 of the recall of 0.48 and 0.86
    assert found["pashto"] / asked["pashto"] == pytest.approx(0.458, abs=0.05)
    assert found["english"] / asked["english"] == pytest.approx(0.838, abs=0.06)
