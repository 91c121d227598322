"""Scores: regret against the references on the same seed, and with luck averaged out."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations import Decision, InvalidEvent, Run, decision_score, reference_runs, score
from simulations.replay import position_after
from simulations.scenarios.grievance.office import OPEN
from simulations.scoring import outcome_percent, policy_run, publication_faults, regret_share, run_loss
from simulations.types import ReferenceSummary

SAMPLE = 24


def made(run: Run) -> list[Decision]:
    return [result.decision for result in run.results]


def test_the_published_parameters_leave_room_to_learn(grievance):
    assert grievance.reference.seeds == 200
    assert publication_faults(grievance.reference) == ()


def test_published_averages_agree_with_a_sample_of_seeds(grievance):
    for policy, mean in grievance.reference.mean_loss.items():
        losses = [run_loss(grievance, policy_run(grievance, seed, policy)) for seed in range(SAMPLE)]
        error = np.std(losses, ddof=1) / np.sqrt(SAMPLE)
        assert np.mean(losses) == pytest.approx(mean, abs=4 * error)


def test_parameters_without_room_or_with_noise_are_refused():
    summary = ReferenceSummary("x", 200, {"baseline": 100.0, "best": 95.0}, "best", 5.0, 0.1, 0.0)
    assert any("no room" in fault for fault in publication_faults(summary))
    noisy = dataclasses.replace(summary, paired_gap=30.0, paired_error=10.0)
    assert any("noise" in fault for fault in publication_faults(noisy))


def test_best_scores_100_and_baseline_0_on_their_own_seed(grievance):
    runs = reference_runs(grievance, 5)
    assert score(grievance, 5, made(runs["best"])).outcome == pytest.approx(100)
    assert score(grievance, 5, made(runs["baseline"])).outcome == pytest.approx(0)


def test_a_run_is_scored_with_its_parts_adding_up(grievance):
    found = score(grievance, 5, made(reference_runs(grievance, 5)["ai_only"]))
    assert sum(found.parts.values()) == pytest.approx(found.loss)
    assert set(found.reference_kpis) == {"baseline", "greedy", "ai_only", "best"}


def unfair(decision: Decision) -> Decision:
    """The best policy's work, but the tool's flags are all the office knows of urgency."""
    return Decision(decision.round, {**decision.values, "ai_mode": "auto", "reading_share": 0.0})


def test_the_equity_gate_caps_a_good_but_unfair_run(grievance):
    held_back = []
    for seed in range(12):
        events = [unfair(decision) for decision in made(reference_runs(grievance, seed)["best"])]
        found = score(grievance, seed, events)
        assert found.capped == (found.equity_value > found.equity_threshold)
        assert found.outcome == (min(60, found.raw) if found.capped else min(found.raw, 100))
        held_back.append(found.capped and found.raw > 60)
    assert sum(held_back) >= 8


def test_the_best_policy_passes_the_equity_gate(grievance):
    ratios = [reference_runs(grievance, seed)["best"].results[-1].truth["equity_ratio"] for seed in range(30)]
    assert max(ratios) <= 1.5


def test_an_unfinished_run_is_not_scored(grievance):
    for scorer in (score, decision_score):
        with pytest.raises(InvalidEvent):
            scorer(grievance, 5, [Decision(1, grievance.default_values)])


@given(
    losses=st.lists(st.floats(1, 1e5), min_size=3, max_size=3),
    means=st.lists(st.floats(1, 1e5), min_size=2, max_size=2),
    factor=st.floats(1e-3, 1e3),
)
def test_the_outcome_does_not_change_when_losses_are_rescaled(losses, means, factor):
    def outcome(scale: float) -> float:
        average = {"baseline": means[0] * scale + means[1] * scale, "best": means[1] * scale}
        summary = ReferenceSummary("x", 1, average, "best", 0.0, 0.0, 0.0)
        return outcome_percent(*(loss * scale for loss in losses), summary)

    assert outcome(factor) == pytest.approx(outcome(1.0), rel=1e-6, abs=1e-6)


@given(
    pairs=st.lists(st.tuples(st.floats(0, 1e4), st.floats(1, 1e4)), min_size=1, max_size=10),
    factor=st.floats(1e-2, 1e3),
)
def test_the_decision_score_does_not_change_when_losses_are_rescaled(pairs, factor):
    regrets, gaps = zip(*pairs, strict=True)
    scaled = regret_share([r * factor for r in regrets], [g * factor for g in gaps])
    assert scaled == pytest.approx(regret_share(regrets, gaps), rel=1e-6, abs=1e-6)
    assert 0 <= scaled <= 100 + 1e-9


def test_the_best_policy_earns_at_least_95_for_its_decisions(grievance):
    found = decision_score(grievance, 3, made(reference_runs(grievance, 3)["best"]))
    assert found.score >= 95
    assert [row.round for row in found.rounds] == list(range(1, 11))


def test_the_baseline_earns_at_most_10_for_its_decisions(grievance):
    found = decision_score(grievance, 3, made(reference_runs(grievance, 3)["baseline"]), replicates=6)
    assert found.score <= 10


def test_sound_decisions_without_the_plan_earn_a_score_between(grievance):
    sound = grievance.default_values | {"paper_cap": 0.0, "call_back_share": 0.2}
    found = decision_score(grievance, 3, [Decision(n, sound) for n in range(1, 11)], replicates=6)
    assert 20 <= found.score <= 95


def test_resampled_worlds_look_like_the_real_one_to_the_office(grievance):
    events = [Decision(number, grievance.default_values) for number in range(1, 7)]
    position = position_after(grievance, 8, events)
    worlds = grievance.model.possible(position, 5, 8, asked=True)
    real = position.state.status == OPEN
    for world in worlds:
        mine = world.state.status == OPEN
        assert np.array_equal(world.table.category[mine], position.table.category[real])
        assert np.array_equal(world.table.evidence[mine], position.table.evidence[real])
        assert np.array_equal(world.state.deadline[mine], position.state.deadline[real])
        assert grievance.model.situation(world) == grievance.model.situation(position)
    first, second = (world.state.severity[world.state.status == OPEN] for world in worlds[:2])
    assert not np.array_equal(first, second)


def test_what_staff_have_read_is_never_resampled(grievance):
    form = grievance.default_values | {"reading_share": 1.0}
    position = position_after(grievance, 8, [Decision(1, form)])
    read = (position.state.status == OPEN) & position.state.read
    assert read.any()
    for world in grievance.model.possible(position, 3, 8, asked=True):
        known = (world.state.status == OPEN) & world.state.read
        assert np.array_equal(world.state.severity[known], position.state.severity[read])


def test_a_sample_of_closed_complaints_tells_possible_worlds_apart(grievance):
    position = position_after(grievance, 8, [Decision(number, grievance.default_values) for number in range(1, 4)])
    worlds = grievance.model.possible(position, 12, 8, asked=False)
    solved = [grievance.model.investigate(world, "call_back_sample", 40)["solved"] for world in worlds]
    assert len(set(solved)) > 3
    assert len({tuple(grievance.model.investigate(world, "minister_speech", None)) for world in worlds}) == 1
