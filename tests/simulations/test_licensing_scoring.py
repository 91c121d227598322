"""Scores of licensing: regret against the references on the same seed, and with luck averaged out."""

import numpy as np
import pytest

from simulations import Decision, Run, decision_score, load, reference_runs, score
from simulations.engine import decision_problems
from simulations.replay import position_after
from simulations.scenarios.licensing import belief
from simulations.scoring import policy_run, publication_faults, run_loss

SAMPLE = 12


@pytest.fixture(scope="module")
def licensing():
    return load("licensing")


def made(run: Run) -> list[Decision]:
    return [result.decision for result in run.results]


def test_the_published_parameters_leave_room_to_learn(licensing):
    assert licensing.reference.seeds == 200
    assert publication_faults(licensing.reference) == ()


def test_published_averages_agree_with_a_sample_of_seeds(licensing):
    for policy, mean in licensing.reference.mean_loss.items():
        losses = [run_loss(licensing, policy_run(licensing, seed, policy)) for seed in range(SAMPLE)]
        error = np.std(losses, ddof=1) / np.sqrt(SAMPLE)
        assert np.mean(losses) == pytest.approx(mean, abs=4 * error)


def test_best_loses_less_than_any_other_policy_in_paired_means(licensing):
    best = np.array([run_loss(licensing, policy_run(licensing, seed, "best")) for seed in range(SAMPLE)])
    for policy in ("baseline", "random", "greedy", "ai_only"):
        gaps = [run_loss(licensing, policy_run(licensing, seed, policy)) for seed in range(SAMPLE)] - best
        assert gaps.mean() > 1.96 * gaps.std(ddof=1) / np.sqrt(SAMPLE)


def test_best_scores_100_and_baseline_0_on_their_own_seed(licensing):
    runs = reference_runs(licensing, 5)
    assert score(licensing, 5, made(runs["best"])).outcome == pytest.approx(100)
    assert score(licensing, 5, made(runs["baseline"])).outcome == pytest.approx(0)


def test_a_run_is_scored_with_its_parts_adding_up(licensing):
    run = policy_run(licensing, 5, "ai_only")
    found = score(licensing, 5, made(run))
    assert sum(found.parts.values()) == pytest.approx(found.loss)
    loose = sum(result.truth["forged_loose"] for result in run.results)
    assert found.parts["forged"] == pytest.approx(60 * loose)
    assert found.parts["outlays"] == 0


def test_the_fast_tool_shortens_the_queue_and_lets_more_forgeries_through(licensing):
    def parts_of(policy):
        runs = [policy_run(licensing, seed, policy) for seed in range(8)]
        return np.mean([list(score(licensing, run.seed, made(run)).parts.values()) for run in runs], axis=0)

    parts = {policy: parts_of(policy) for policy in ("baseline", "ai_only")}
    waiting, forged, refusals = range(3)
    assert parts["ai_only"][waiting] < 0.8 * parts["baseline"][waiting]
    assert parts["ai_only"][forged] > 1.1 * parts["baseline"][forged]
    assert parts["ai_only"][refusals] > 1.2 * parts["baseline"][refusals]


def test_the_equity_gate_caps_the_tool_alone_and_normally_lets_the_best_pass(licensing):
    exceeded = {}
    for policy in ("ai_only", "best", "baseline"):
        found = [score(licensing, seed, made(policy_run(licensing, seed, policy))) for seed in range(SAMPLE)]
        assert all(one.capped == (one.equity_value > 2.0) for one in found)
        assert all(one.outcome <= 60 for one in found if one.capped)
        exceeded[policy] = np.mean([one.capped for one in found])
    assert exceeded["ai_only"] >= 0.5
    assert exceeded["best"] <= 0.25
    assert exceeded["baseline"] == 0


def test_a_door_makes_automatic_decisions_fair(licensing):
    form = licensing.default_values | {"ai_mode": "auto", "ai_threshold": 0.9, "reminder": "on"}
    ratios = []
    for door, counters in ((7, (5, 6, 5, 5)), (0, (5, 9, 7, 7))):
        keys = ("counters_8_10", "counters_10_12", "counters_12_14", "counters_14_16")
        moved = dict(zip(keys, counters, strict=True)) | {"door_officers": door}
        ratios.append(score(licensing, 2, [Decision(number, form | moved) for number in range(1, 9)]).equity_value)
    assert ratios[0] < 1.6
    assert ratios[1] > 2.0


def test_the_decisions_of_the_best_policy_earn_95_on_average_and_those_of_the_baseline_at_most_10(licensing):
    best, baseline = (
        [
            decision_score(licensing, seed, made(policy_run(licensing, seed, policy)), replicates=replicates).score
            for seed in (1, 5)
        ]
        for policy, replicates in (("best", 6), ("baseline", 2))
    )
    assert np.mean(best) >= 92  # few replicates leave noise; with 24 of them five seeds gave 97 on average
    assert max(baseline) <= 10


def test_equal_decisions_have_equal_expected_losses_whatever_stands_beside_them(licensing):
    model = licensing.model
    position = model.start(4)
    best, baseline = (dict(model.policies[name](position)) for name in ("best", "baseline"))
    worlds = model.possible(position, 3, 4, asked=False)
    losses = model.losses_to_go(worlds, [best, baseline, best])
    assert (losses[0] == losses[2]).all()
    assert losses[0].mean() < losses[1].mean()
    assert (model.losses_to_go(worlds, [baseline])[0] == losses[1]).all()


def test_rollouts_side_by_side_agree_with_one_run_after_another(licensing):
    from simulations import rollouts

    position = position_after(licensing, 6, made(policy_run(licensing, 6, "best"))[:5])
    worlds = licensing.model.possible(position, 3, 6, asked=True)
    forms = [licensing.model.policies[name](position) for name in ("best", "ai_only")]
    slow = rollouts.losses_to_go(licensing.model, 6, licensing.rounds, worlds, forms)
    assert licensing.model.losses_to_go(worlds, forms) == pytest.approx(slow)


def test_candidates_are_admissible_and_the_best_stands_first(licensing):
    position = licensing.model.start(3)
    found = licensing.model.candidates(position)
    assert len(found) == 11
    assert found[0] == licensing.model.policies["best"](position)
    for form in found:
        assert decision_problems(licensing.fields, licensing.sum_rules, form) == ()


@pytest.fixture(scope="module")
def resampled(licensing):
    """A position after three weeks of the best policy, and worlds the referee thinks possible there."""
    position = position_after(licensing, 8, made(policy_run(licensing, 8, "best"))[:3])
    return position, licensing.model.possible(position, 200, 8, asked=False)


def test_possible_worlds_look_like_the_real_one_to_the_office(licensing, resampled):
    position, worlds = resampled
    model = licensing.model
    for world in worlds[:20]:
        assert model.situation(world) == model.situation(position)
        assert model.loss_parts(world) == model.loss_parts(position)
        values = [[case.values for case in model.cases(place)] for place in (world, position)]
        assert values[0] == values[1] or world.truth.new_share[0] != position.truth.new_share[0]
    assert len({world.seed for world in worlds}) == 200


def test_what_was_seen_narrows_the_possible_worlds(licensing, resampled):
    position, worlds = resampled
    names = np.array([world.truth.name_rejects[0] for world in worlds])
    assert (names == position.truth.name_rejects[0]).mean() > 0.9
    prior = licensing.model.possible(licensing.model.start(8), 200, 8, asked=False)
    assert np.std([world.truth.name_rejects[0] for world in prior]) > 0.05


def test_beliefs_are_calibrated_over_seeds(licensing):
    p, errors = licensing.model.p, []
    for seed in range(60):
        form = licensing.default_values | {"ai_mode": "auto", "audit_share": 0.3}
        position = position_after(licensing, seed, [Decision(1, form)])
        believed = belief.expected_truth(p, position.state.seen)
        errors.append([
            believed.name_rejects[0] - position.truth.name_rejects[0],
            believed.forgery[0] - position.truth.forgery[0],
            believed.peak[0] - position.truth.peak[0],
        ])  # fmt: skip
    mean, error = np.mean(errors, axis=0), np.std(errors, axis=0, ddof=1) / np.sqrt(60)
    assert (np.abs(mean) < 3 * error + 1e-3).all()


def test_with_the_tool_off_nothing_is_learnt_about_it(licensing):
    position = position_after(licensing, 4, [Decision(1, licensing.default_values)])
    assert (position.state.seen.name_rejects == 0).all()
    assert np.ptp(position.state.seen.forgery) == 0
    assert position.state.seen.peak.std() > 0


def test_inquiries_answer_for_the_world_they_are_asked_in(licensing):
    position = licensing.model.start(5)
    worlds = licensing.model.possible(position, 120, 5, asked=False)
    few, many = (
        [
            licensing.model.investigate(world, "law", None)["set_aside"]
            for world in worlds
            if kept(world.truth.name_rejects[0])
        ]
        for kept in (lambda share: share <= 0.10, lambda share: share >= 0.23)
    )
    assert np.mean(many) > np.mean(few) + 2
    assert {tuple(licensing.model.investigate(world, "vendor_video", None)) for world in worlds} == {()}


def test_the_average_of_possible_worlds_is_the_belief_of_the_office(licensing, resampled):
    position, worlds = resampled
    believed = belief.expected_truth(licensing.model.p, position.state.seen)
    for name in ("name_rejects", "forgery", "new_share", "peak"):
        drawn = np.array([getattr(world.truth, name)[0] for world in worlds])
        error = drawn.std() / np.sqrt(len(drawn))
        assert drawn.mean() == pytest.approx(getattr(believed, name)[0], abs=4 * error + 0.01)
