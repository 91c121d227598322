"""Scores of patrol: regret against the references on the same seed, and with luck averaged out."""

import numpy as np
import pytest

import simulations
from simulations import Decision, decision_score, reference_runs, rollouts, score
from simulations.replay import position_after
from simulations.scenarios.patrol.office import plans
from simulations.scenarios.patrol.policies import expectation
from simulations.scenarios.patrol.referee import candidates, desk
from simulations.scenarios.patrol.world import rates
from simulations.scoring import equity_of, policy_run, publication_faults, run_loss

SAMPLE = 30


@pytest.fixture(scope="module")
def patrol():
    return simulations.load("patrol")


@pytest.fixture(scope="module")
def losses(patrol):
    policies = ("baseline", "random", "greedy", "ai_only", "best")
    return {
        name: np.array([run_loss(patrol, policy_run(patrol, seed, name)) for seed in range(SAMPLE)])
        for name in policies
    }


def made(run):
    return [result.decision for result in run.results]


def test_the_published_parameters_leave_room_to_learn(patrol):
    assert patrol.reference.seeds == 200
    assert patrol.reference.best_policy == "best"
    assert publication_faults(patrol.reference) == ()


def test_published_averages_agree_with_a_sample_of_seeds(patrol, losses):
    for policy, mean in patrol.reference.mean_loss.items():
        error = np.std(losses[policy], ddof=1) / np.sqrt(SAMPLE)
        assert losses[policy].mean() == pytest.approx(mean, abs=4 * error)


@pytest.mark.parametrize("policy", ["baseline", "random", "greedy", "ai_only"])
def test_best_beats_every_other_policy_on_the_same_seeds(losses, policy):
    gains = losses[policy] - losses["best"]
    assert gains.mean() - 1.96 * gains.std(ddof=1) / np.sqrt(SAMPLE) > 0


def test_best_scores_100_and_baseline_0_on_their_own_seed(patrol):
    runs = reference_runs(patrol, 5)
    assert score(patrol, 5, made(runs["best"])).outcome <= 100
    assert score(patrol, 5, made(runs["best"])).raw == pytest.approx(100)
    assert score(patrol, 5, made(runs["baseline"])).outcome == pytest.approx(0)


def test_the_parts_of_the_loss_count_incidents_and_complaints(patrol):
    run = policy_run(patrol, 5, "greedy")
    found = score(patrol, 5, made(run))
    assert sum(found.parts.values()) == pytest.approx(found.loss)
    assert found.parts["incidents"] == sum(result.truth["incidents"] for result in run.results)
    assert found.parts["complaints"] == 2 * sum(result.kpis["complaints"] for result in run.results)


def test_greedy_records_more_finds_and_has_more_incidents_than_best(patrol):
    apart = []
    for seed in range(SAMPLE):
        greedy, best = (policy_run(patrol, seed, name).results for name in ("greedy", "best"))
        apart.append(sum(r.truth["incidents"] for r in greedy) - sum(r.truth["incidents"] for r in best))
    assert np.mean(apart) > 0


def test_the_best_policy_normally_passes_the_equity_gate_and_the_tool_does_not(patrol):
    exceeded = {
        name: np.mean([equity_of(patrol, policy_run(patrol, seed, name)).exceeded for seed in range(SAMPLE)])
        for name in ("best", "ai_only")
    }
    assert exceeded["best"] <= 0.15
    assert exceeded["ai_only"] >= 0.85


def test_the_equity_gate_caps_a_run_that_watches_one_beat(patrol):
    found = score(patrol, 5, made(policy_run(patrol, 5, "ai_only")))
    assert found.capped == (found.equity_value > patrol.model.p.equity_threshold)
    assert found.outcome <= (60 if found.capped else 100)
    assert max(found.groups["own"].values()) == found.equity_value


def test_the_best_policy_earns_at_least_95_for_its_decisions(patrol):
    found = decision_score(patrol, 3, made(policy_run(patrol, 3, "best")), replicates=8)
    assert found.score >= 95
    assert [row.round for row in found.rounds] == list(range(1, 13))


def test_the_baseline_earns_at_most_10_for_its_decisions(patrol):
    assert decision_score(patrol, 3, made(policy_run(patrol, 3, "baseline")), replicates=4).score <= 10


def test_even_hours_earn_a_score_between(patrol):
    even = [Decision(number, patrol.default_values) for number in range(1, 13)]
    assert 10 < decision_score(patrol, 3, even, replicates=4).score < 95


def test_neighbours_obey_the_form(patrol):
    for seed in range(10):
        for centre in (patrol.model.policies[name](patrol.model.start(seed)) for name in ("best", "baseline")):
            found = candidates(centre, [patrol.default_values] * 5)
            assert len(found) == 9
            assert found[0] == centre
            for form in found:
                assert sum(form[f"hours_{b}"] for b in "abcdef") + form["community_hours"] + form["tool_hours"] == 480
                assert all(0 <= form[f"hours_{b}"] <= 240 for b in "abcdef")
                assert 0 <= form["community_hours"] <= 60


def test_side_by_side_play_gives_what_single_play_gives(patrol):
    model = patrol.model
    position = position_after(patrol, 6, made(policy_run(patrol, 6, "greedy"))[:9])
    worlds = model.possible(position, 3, 6, asked=True)
    forms = [model.policies[name](position) for name in ("best", "ai_only")]
    found = model.losses_to_go(worlds, forms)
    single = rollouts.losses_to_go(model, 10, 12, worlds, forms)
    assert found == pytest.approx(single)
    assert plans(forms).hours.shape == (2, 1, 6)


@pytest.fixture(scope="module", params=[0, 3, 7])
def resampled(patrol, request):
    """A position after some weeks of the baseline, and worlds the referee thinks possible there."""
    position = position_after(patrol, 8, made(policy_run(patrol, 8, "baseline"))[: request.param])
    return position, {asked: patrol.model.possible(position, 200, 8, asked=asked) for asked in (True, False)}


def test_possible_worlds_look_like_the_real_one_and_differ_in_truth(patrol, resampled):
    position, worlds = resampled
    for asked, possible in worlds.items():
        assert all(patrol.model.situation(world) == patrol.model.situation(position) for world in possible[:20])
        assert len({tuple(world.truth.level) for world in possible}) > 1
        kept = [np.array_equal(world.survey[:, :10], position.survey[:, :10]) for world in possible]
        assert all(kept) if asked else not any(kept)
        assert all(np.all(world.state.last.incidents >= world.state.last.reported) for world in possible)


def test_who_never_asked_meets_worlds_with_other_surveys_and_another_history(patrol, resampled):
    position, worlds = resampled
    assert any(not np.array_equal(world.history, position.history) for world in worlds[False])
    assert all(np.array_equal(world.history, position.history) for world in worlds[True])
    assert all(np.array_equal(world.state.told, position.state.told) for world in worlds[True])
    hidden = patrol.model.hidden(worlds[False][0])
    assert set(hidden) == {f"{name}_{beat}" for name in ("rate", "trust") for beat in "abcdef"}


def test_possible_worlds_follow_the_posterior_mean(patrol, resampled):
    position, worlds = resampled
    p, week = patrol.model.p, position.state.round
    for asked, possible in worlds.items():
        expected = expectation(p, desk(p, position, 12, asked=asked)).rate
        drawn = np.array([rates(p, world.truth, week) for world in possible])
        error = drawn.std(axis=0, ddof=1) / np.sqrt(len(possible))
        assert np.all(np.abs(drawn.mean(axis=0) - expected) <= 4 * error + 0.35)


def test_the_posterior_is_calibrated_over_seeds(patrol):
    p, apart, believed, true = patrol.model.p, [], [], []
    for seed in range(80):
        position = position_after(patrol, seed, made(policy_run(patrol, seed, "baseline"))[:3])
        mean = expectation(p, desk(p, position, 12, asked=False)).rate
        apart.append(mean - rates(p, position.truth, 4))
        believed += list(mean)
        true += list(rates(p, position.truth, 4))
    error = np.std(apart, ddof=1) / np.sqrt(80)
    assert np.mean(apart) == pytest.approx(0.0, abs=1e-6)
    believed, true = np.array(believed), np.array(true)
    for part in np.array_split(np.argsort(believed), 4):
        assert believed[part].mean() == pytest.approx(true[part].mean(), abs=4 * error)
    assert np.corrcoef(believed, true)[0, 1] > 0.6


@pytest.mark.parametrize(
    ("inquiry_id", "argument", "figure", "attribute"),
    [("victim_survey", 20, "told_{}", "level"), ("ask_residents", None, "would_{}", "trust"),
     ("history", None, "reported_{}", "level")],
)  # fmt: skip
def test_informative_inquiries_answer_as_the_hidden_truth_of_a_world_has_it(
    patrol, inquiry_id, argument, figure, attribute
):
    worlds = patrol.model.possible(patrol.model.start(8), 200, 8, asked=False)
    found = [patrol.model.investigate(world, inquiry_id, argument) for world in worlds]
    told, truth = [], []
    for place, beat in enumerate("abcdef"):
        told += [values[figure.format(beat)] for values in found]
        truth += [getattr(world.truth, attribute)[place] for world in worlds]
    assert abs(np.corrcoef(told, truth)[0, 1]) > 0.3


def test_no_inquiry_but_the_decoys_says_the_same_in_every_world(patrol):
    worlds = patrol.model.possible(patrol.model.start(8), 30, 8, asked=False)
    for kind in patrol.inquiries:
        argument = kind.default_argument
        answers = {tuple(patrol.model.investigate(world, kind.id, argument).items()) for world in worlds}
        is_decoy = kind.id in ("minister_speech", "vendor_video", "national_ranking")
        assert (len(answers) == 1) is is_decoy, kind.id
