"""Scores of ai_vendor: regret against the references on the same seed, and with luck averaged out."""

import numpy as np
import pytest

from simulations import Decision, Run, decision_score, load, reference_runs, score
from simulations.engine import decision_problems
from simulations.replay import position_after
from simulations.scenarios.ai_vendor.evidence import posterior_mean
from simulations.scenarios.ai_vendor.world import beta_prior, form_posterior, mean_of
from simulations.scoring import policy_run, publication_faults, run_loss

SAMPLE = 30


@pytest.fixture(scope="module")
def ai_vendor():
    return load("ai_vendor")


def made(run: Run) -> list[Decision]:
    return [result.decision for result in run.results]


def losses(scenario, policy, seeds=range(SAMPLE)):
    return np.array([run_loss(scenario, policy_run(scenario, seed, policy)) for seed in seeds])


def test_the_published_parameters_leave_room_to_learn(ai_vendor):
    assert ai_vendor.reference.seeds == 200
    assert publication_faults(ai_vendor.reference) == ()


@pytest.mark.parametrize("policy", ["baseline", "random", "greedy", "ai_only"])
def test_best_beats_every_other_policy_in_paired_means(ai_vendor, policy):
    apart = losses(ai_vendor, policy) - losses(ai_vendor, "best")
    assert apart.mean() > 1.96 * apart.std(ddof=1) / np.sqrt(SAMPLE)


def test_published_averages_agree_with_a_sample_of_seeds(ai_vendor):
    for policy, mean in ai_vendor.reference.mean_loss.items():
        found = losses(ai_vendor, policy)
        assert found.mean() == pytest.approx(mean, abs=4 * found.std(ddof=1) / np.sqrt(SAMPLE))


def test_best_scores_100_and_baseline_0_on_their_own_seed(ai_vendor):
    runs = reference_runs(ai_vendor, 1)
    assert score(ai_vendor, 1, made(runs["best"])).raw == pytest.approx(100)
    assert score(ai_vendor, 1, made(runs["baseline"])).outcome == pytest.approx(0)


def test_nobody_does_better_than_the_yardstick_by_more_than_luck(ai_vendor):
    assert losses(ai_vendor, "best").min() > -1.0


def test_the_equity_gate_caps_an_unfair_run(ai_vendor):
    capped = []
    for seed in range(SAMPLE):
        found = score(ai_vendor, seed, made(policy_run(ai_vendor, seed, "ai_only")))
        assert found.capped == (found.equity_value > 10.0)
        assert found.outcome <= (60 if found.capped else 100)
        capped.append(found.capped)
    assert np.mean(capped) > 0.5


def test_the_best_policy_normally_passes_the_equity_gate(ai_vendor):
    ends = [policy_run(ai_vendor, seed, "best").results[-1].truth for seed in range(SAMPLE)]
    assert np.mean([end["true_gap"] > 10.0 for end in ends]) < 0.2


def decision_scores(scenario, policy, seeds, replicates):
    found = [decision_score(scenario, seed, made(policy_run(scenario, seed, policy)), replicates) for seed in seeds]
    assert all([row.round for row in one.rounds] == list(range(1, 8)) for one in found)
    return np.array([one.score for one in found])


def test_the_best_policy_earns_at_least_95_on_average_for_its_decisions(ai_vendor):
    # With few worlds the least of many means is too low, so that regret is overstated.
    found = decision_scores(ai_vendor, "best", (4, 7, 8, 9), 16)
    assert found.mean() >= 95
    assert found.min() >= 85


def test_the_baseline_earns_at_most_10_for_its_decisions(ai_vendor):
    assert decision_scores(ai_vendor, "baseline", (0, 4), 5).max() <= 10


def test_every_candidate_is_a_form_that_the_office_accepts(ai_vendor):
    for number in range(7):
        position = position_after(ai_vendor, 2, made(policy_run(ai_vendor, 2, "best"))[:number])
        found = ai_vendor.model.candidates(position)
        assert found[0] == ai_vendor.model.policies["best"](position)
        for values in found:
            assert decision_problems(ai_vendor.fields, ai_vendor.sum_rules, values) == ()


def piloted(scenario, stage):
    """A position before ``stage`` of a run that pilots all vendors and signs with vendor A."""
    form = scenario.default_values | {"use_case": "letters", "fairness_clauses": "yes", "shortlist": 4}
    form |= {"pilot_cases": 40, "award": "vendor_a", "acceptance": 0.9}
    return position_after(scenario, 8, [Decision(number, form) for number in range(1, stage)])


@pytest.mark.parametrize("stage", [1, 5, 6, 7])
def test_worlds_look_the_same_to_the_office_and_differ_in_what_is_hidden(ai_vendor, stage):
    position = piloted(ai_vendor, stage)
    worlds = ai_vendor.model.possible(position, 8, 3, asked=False)
    for world in worlds:
        assert ai_vendor.model.situation(world) == ai_vendor.model.situation(position)
        assert world.state == position.state
    assert len({world.scheme.truth.right for world in worlds}) == 8
    assert len({world.scheme.truth.form_share for world in worlds}) == 8


def test_worlds_average_to_the_posterior(ai_vendor):
    position = piloted(ai_vendor, 5)
    worlds = ai_vendor.model.possible(position, 400, 3, asked=True)
    p, desk, state = ai_vendor.model.p, position.scheme.desk, position.state
    drawn = np.array([world.scheme.truth.right for world in worlds])
    for vendor, bid in enumerate(desk.bids):
        for language, prior in enumerate(beta_prior(p, bid)):
            n, x = state.pilot_n[vendor][language], state.pilot_right[vendor][language]
            shares = drawn[:, vendor, language]
            error = shares.std() / np.sqrt(len(shares))
            assert shares.mean() == pytest.approx(posterior_mean(prior, x, n), abs=4 * error)
    forms = np.array([world.scheme.truth.form_share for world in worlds])
    assert forms.mean() == pytest.approx(mean_of(form_posterior(p, desk.form_faults)), abs=0.03)


def test_possible_shares_average_to_the_truth_over_seeds(ai_vendor):
    apart = []
    for seed in range(60):
        start = ai_vendor.model.start(seed)
        worlds = ai_vendor.model.possible(start, 12, seed, asked=False)
        believed = np.mean([world.scheme.truth.right for world in worlds], axis=0)
        apart.append(float((believed - np.array(start.scheme.truth.right)).mean()))
    assert abs(np.mean(apart)) < 4 * np.std(apart, ddof=1) / np.sqrt(len(apart))


def test_the_operating_report_moves_what_is_thought_possible(ai_vendor):
    position = piloted(ai_vendor, 7)
    state, p = position.state, ai_vendor.model.p
    assert len(state.report_right) == 2
    worlds = ai_vendor.model.possible(position, 300, 5, asked=False)
    after = np.array([world.scheme.truth.right[state.vendor] for world in worlds])
    strength = p.fix_capability * np.array(state.failed)  # 40 % unpaid gives two thirds of it
    seen = after + strength * (0.4 / p.fix_leverage) * (1 - after)
    reported = np.array(state.report_right) / p.report_cases
    assert np.abs(seen.mean(axis=0) - reported).max() < 0.12


def test_an_inquiry_with_news_differs_between_worlds_and_a_decoy_does_not(ai_vendor):
    worlds = ai_vendor.model.possible(ai_vendor.model.start(2), 40, 3, asked=False)
    for inquiry, argument, figure in (
        ("reference_call", 1, "right"),
        ("history", None, "faults"),
        ("law", None, "applies"),
        ("error_by_group", 40, "demo_local"),
        ("contract_diff", None, "misreported"),
    ):
        assert len({ai_vendor.model.investigate(world, inquiry, argument)[figure] for world in worlds}) > 1
    assert all(ai_vendor.model.investigate(world, "vendor_video", None) == {} for world in worlds)


def test_equal_decisions_have_equal_expected_losses_whatever_stands_beside_them(ai_vendor):
    model = ai_vendor.model
    position = piloted(ai_vendor, 5)
    best, baseline = (dict(model.policies[name](position)) for name in ("best", "baseline"))
    worlds = model.possible(position, 6, 4, asked=True)
    found = model.losses_to_go(worlds, [best, baseline, best])
    assert np.array_equal(found[0], found[2])
    assert np.array_equal(model.losses_to_go(worlds, [baseline])[0], found[1])
