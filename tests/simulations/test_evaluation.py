"""Policies over many seeds: the same numbers whoever computes them, paired, cached only where asked."""

import dataclasses
import json

import numpy as np
import pytest

from simulations import InvalidEvent, ScenarioError, UnknownPolicy, evaluation
from simulations.evaluation import compare, estimate, evaluate, evaluate_own, play_own, play_seed, seed_results
from simulations.scoring import POLICIES, policy_run, run_loss, score

SEEDS = range(4)
QUICK = ("baseline", "random")


def test_several_processes_give_what_one_gives(grievance):
    serial = seed_results(grievance, QUICK, SEEDS, workers=1)
    assert seed_results(grievance, QUICK, SEEDS, workers=2) == serial
    assert [result.seed for result in serial["random"]] == list(SEEDS)


def test_a_seed_result_is_what_the_run_says(grievance):
    run = policy_run(grievance, 2, "random")
    result = play_seed(grievance, "random", 2)
    assert result.loss == run_loss(grievance, run)
    assert result.kpis == {**run.results[-1].kpis, **run.results[-1].truth}


def test_the_gain_is_paired_on_the_same_seeds(grievance):
    found = evaluate(grievance, "random", SEEDS, workers=1)
    gains = [play_seed(grievance, "baseline", s).loss - play_seed(grievance, "random", s).loss for s in SEEDS]
    assert found.gain == estimate(gains)
    assert found.gain.half_width == pytest.approx(1.959964 * np.std(gains, ddof=1) / 2)


def test_the_baseline_gains_nothing_over_itself(grievance):
    assert evaluate(grievance, "baseline", SEEDS, workers=1).gain == evaluation.Estimate(0.0, (0.0, 0.0))


def test_the_interval_covers_the_mean_about_95_times_in_100():
    dice = np.random.default_rng(5)
    covered = [low <= 3 <= high for low, high in (estimate(dice.normal(3, 2, 100)).ci95 for _ in range(1000))]
    assert 0.92 <= np.mean(covered) <= 0.97


def test_all_policies_are_compared_on_the_same_seeds(grievance):
    found = compare(grievance, SEEDS, workers=1)
    assert tuple(found.evaluations) == tuple(found.scores) == POLICIES
    assert found.summary.mean_loss == {p: row.loss.mean for p, row in found.evaluations.items()}
    assert found.scores["baseline"].mean == 0
    assert found.scores["best"].mean == 100


def test_scores_agree_with_those_of_single_runs(grievance):
    # best and baseline enter both alike; the averages differ, but decide only on seeds with a small gap
    made = [[r.decision for r in policy_run(grievance, seed, "ai_only").results] for seed in SEEDS]
    single = [score(grievance, seed, events).outcome for seed, events in zip(SEEDS, made, strict=True)]
    assert compare(grievance, SEEDS, workers=1).scores["ai_only"].mean == pytest.approx(np.mean(single))


def test_the_random_policy_is_never_the_yardstick(grievance):
    row = dataclasses.replace(play_seed(grievance, "random", 0), loss=-1.0)
    losses = {policy: np.array([row.loss if policy == "random" else 9.0] * 2) for policy in POLICIES}
    assert evaluation.summarise(grievance, losses).best_policy == "greedy"


def test_results_are_kept_where_the_caller_says_and_found_again(grievance, tmp_path, monkeypatch):
    folder = tmp_path / "results"
    first = seed_results(grievance, QUICK, SEEDS, workers=1, cache=folder)
    assert len(list(folder.iterdir())) == len(QUICK)
    monkeypatch.setattr(evaluation, "play_seed", lambda *_: pytest.fail("played again"))
    assert seed_results(grievance, QUICK, SEEDS, workers=1, cache=folder) == first


def test_nothing_is_written_without_a_folder(grievance, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seed_results(grievance, ["baseline"], SEEDS, workers=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "policies", "seeds"),
    [
        ({"version": "2"}, ["baseline"], SEEDS),
        ({"digest": "0" * 64}, ["baseline"], SEEDS),
        ({}, ["random"], SEEDS),
        ({}, ["baseline"], range(1, 5)),
    ],
)
def test_another_version_digest_policy_or_seed_is_never_served_from_the_cache(
    grievance, tmp_path, change, policies, seeds
):
    seed_results(grievance, ["baseline"], SEEDS, workers=1, cache=tmp_path)
    other = dataclasses.replace(grievance, **change)
    found = seed_results(other, policies, seeds, workers=1, cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    assert found == seed_results(other, policies, seeds, workers=1)


def test_a_cache_file_that_belongs_to_another_key_is_not_believed(grievance, tmp_path):
    expected = seed_results(grievance, ["baseline"], SEEDS, workers=1, cache=tmp_path)
    (path,) = tmp_path.iterdir()
    content = json.loads(path.read_text())
    content["key"]["version"], content["results"][0]["loss"] = "0", -1.0
    path.write_text(json.dumps(content))
    assert seed_results(grievance, ["baseline"], SEEDS, workers=1, cache=tmp_path) == expected


def test_an_unknown_policy_is_refused_before_anything_is_played(grievance):
    with pytest.raises(UnknownPolicy, match="“oracle”"):
        seed_results(grievance, ["baseline", "oracle"], SEEDS)


def test_an_interval_of_one_seed_is_refused(grievance):
    for ask in (lambda: evaluate(grievance, "random", [1]), lambda: compare(grievance, [1])):
        with pytest.raises(ScenarioError, match="at least 2 seeds, not 1"):
            ask()


def test_a_policy_of_ones_own_is_played_by_the_rules_and_paired_with_the_baseline(grievance):
    found = evaluate_own(grievance, lambda run: run.defaults, SEEDS, name="as proposed")
    runs = [play_own(grievance, lambda run: run.defaults, seed) for seed in SEEDS]
    assert (found.policy, found.seeds) == ("as proposed", 4)
    assert found.loss == estimate([run_loss(grievance, run) for run in runs])
    gains = [play_seed(grievance, "baseline", seed).loss - run_loss(grievance, runs[seed]) for seed in SEEDS]
    assert found.gain == estimate(gains)


def test_a_policy_of_ones_own_never_sees_what_only_the_debrief_tells(grievance):
    seen = []

    def decide(run):
        seen.append(run)
        return run.defaults

    finished = play_own(grievance, decide, 5)
    assert [run.next_round for run in seen] == list(range(1, grievance.rounds + 1))
    assert all(result.truth == {} for run in seen for result in run.results)
    assert all(result.truth for result in finished.results)


def test_a_policy_of_ones_own_that_breaks_a_rule_is_told_which(grievance):
    with pytest.raises(InvalidEvent, match="hours_health: missing"):
        play_own(grievance, lambda run: {k: v for k, v in run.defaults.items() if k != "hours_health"}, 0)
