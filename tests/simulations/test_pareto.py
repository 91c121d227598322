"""Pareto-optimal policies: nobody is better everywhere, and whoever is left out is beaten by one who is in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations import ScenarioError
from simulations.evaluation import play_seed
from simulations.pareto import dominates, pareto_optimal, pareto_view, weighted_index
from simulations.scoring import POLICIES

KPIS = ("pending", "answered", "wrong")
directions = st.fixed_dictionaries({kpi: st.sampled_from(["lower", "higher"]) for kpi in KPIS})
point = st.fixed_dictionaries({kpi: st.integers(0, 5).map(float) for kpi in KPIS})
clouds = st.dictionaries(st.sampled_from("abcdefgh"), point, min_size=1)


@given(points=clouds, better=directions)
def test_no_optimal_point_is_dominated_and_every_other_is_dominated_by_an_optimal_one(points, better):
    optimal = pareto_optimal(points, better)
    assert optimal
    for name, mine in points.items():
        beaten = any(dominates(points[rival], mine, better) for rival in optimal)
        assert beaten == (name not in optimal)


@given(points=clouds, better=directions)
def test_the_best_on_any_weighted_sum_is_optimal(points, better):
    signs = {kpi: 1 if better[kpi] == "higher" else -1 for kpi in KPIS}
    weights = dict(zip(KPIS, (1.0, 2.0, 0.5), strict=True))
    value = {name: sum(signs[k] * weights[k] * at[k] for k in KPIS) for name, at in points.items()}
    assert {name for name in points if value[name] == max(value.values())} <= set(pareto_optimal(points, better))


@given(points=clouds, better=directions)
def test_turning_every_direction_and_every_sign_changes_nothing(points, better):
    turned = {kpi: "lower" if way == "higher" else "higher" for kpi, way in better.items()}
    mirrored = {name: {kpi: -value for kpi, value in at.items()} for name, at in points.items()}
    assert pareto_optimal(mirrored, turned) == pareto_optimal(points, better)


@given(points=clouds, better=directions, kpi=st.sampled_from(KPIS))
def test_on_one_indicator_the_optimal_are_those_with_the_best_value(points, better, kpi):
    choose = max if better[kpi] == "higher" else min
    best = choose(at[kpi] for at in points.values())
    found = pareto_optimal(points, {kpi: better[kpi]})
    assert found == tuple(name for name, at in points.items() if at[kpi] == best)


def test_the_view_of_a_scenario_holds_its_means_and_directions(grievance):
    chosen = ("true_resolution", "checking_hours")
    view = pareto_view(grievance, [0, 1], kpi_ids=chosen, workers=1)
    assert view.better == {"true_resolution": "higher", "checking_hours": "lower"}
    assert tuple(view.means) == POLICIES
    expected = np.mean([play_seed(grievance, "greedy", seed).kpis["true_resolution"] for seed in (0, 1)])
    assert view.means["greedy"]["true_resolution"] == pytest.approx(expected)
    assert view.optimal == pareto_optimal(view.means, view.better)
    assert "best" in view.optimal
    assert "random" not in view.optimal


def test_the_view_takes_all_indicators_unless_told(grievance):
    view = pareto_view(grievance, [0], workers=1)
    assert set(view.better) == {kpi.id for kpi in (*grievance.kpis, *grievance.truth_kpis)}


def test_an_unknown_indicator_or_no_seeds_is_refused(grievance):
    with pytest.raises(ScenarioError, match="no indicator “glory”"):
        pareto_view(grievance, [0], kpi_ids=["glory"])
    with pytest.raises(ScenarioError, match="at least one seed"):
        pareto_view(grievance, [])


importances = st.fixed_dictionaries({kpi: st.integers(0, 5) for kpi in KPIS}).filter(lambda found: any(found.values()))


@given(points=clouds, better=directions, weights=importances)
def test_the_index_lies_between_0_and_100_and_never_prefers_the_dominated(points, better, weights):
    index = weighted_index(points, better, weights)
    assert all(-1e-9 <= value <= 100 + 1e-9 for value in index.values())
    for name, mine in points.items():
        for rival, other in points.items():
            if dominates(mine, other, better):
                assert index[name] >= index[rival] - 1e-9


@given(points=clouds, better=directions, weights=importances)
def test_only_the_proportions_of_the_weights_count(points, better, weights):
    thrice = weighted_index(points, better, {kpi: 3 * weight for kpi, weight in weights.items()})
    assert thrice == pytest.approx(weighted_index(points, better, weights))


def test_an_index_by_hand():
    points = {"own": {"pending": 10.0, "answered": 4.0}, "best": {"pending": 0.0, "answered": 4.0}}
    better = {"pending": "lower", "answered": "higher"}
    assert weighted_index(points, better, {"pending": 2, "answered": 1}) == {"own": 0.0, "best": 100.0}
    points["best"]["answered"] = 2.0
    assert weighted_index(points, better, {"pending": 2, "answered": 1}) == pytest.approx(
        {"own": 100 / 3, "best": 200 / 3}
    )


def test_without_any_weight_there_is_no_index():
    with pytest.raises(ScenarioError, match="at least one indicator"):
        weighted_index({"own": {"pending": 1.0}}, {"pending": "lower"}, {"pending": 0, "other": 5})
