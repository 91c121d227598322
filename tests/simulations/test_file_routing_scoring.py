"""Scores of file_routing: regret against the references on the same seed, and with luck averaged out."""

import numpy as np
import pytest

from simulations import Decision, Scenario, decision_score, load, reference_runs, score
from simulations.engine import decision_problems
from simulations.replay import position_after
from simulations.scenarios.file_routing.inquiries import ASK
from simulations.scoring import equity_of, policy_run, publication_faults, run_loss

DECOYS = {"minister_speech", "vendor_video", "national_ranking"}
CHEAP = ("baseline", "random", "greedy", "ai_only")
SAMPLE = 6


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("file_routing")


def made(run):
    return [result.decision for result in run.results]


@pytest.fixture(scope="module")
def midway(scenario):
    """A position after three weeks of the best policy, and worlds that look like it."""
    position = position_after(scenario, 8, made(policy_run(scenario, 8, "best"))[:3])
    return position, scenario.model.possible(position, 48, 8, asked=False)


def test_the_published_parameters_leave_room_to_learn(scenario):
    assert scenario.reference.seeds == 200
    assert publication_faults(scenario.reference) == ()


@pytest.mark.parametrize("policy", [*CHEAP, "best"])
def test_published_averages_agree_with_a_sample_of_seeds(scenario, policy):
    losses = [run_loss(scenario, policy_run(scenario, seed, policy)) for seed in range(SAMPLE)]
    error = np.std(losses, ddof=1) / np.sqrt(SAMPLE)
    assert np.mean(losses) == pytest.approx(scenario.reference.mean_loss[policy], abs=4 * error)


@pytest.mark.parametrize("policy", CHEAP)
def test_the_best_policy_gains_on_every_other(scenario, policy):
    gains = [
        run_loss(scenario, policy_run(scenario, seed, policy)) - run_loss(scenario, policy_run(scenario, seed, "best"))
        for seed in range(SAMPLE)
    ]
    assert np.mean(gains) > 2.3 * np.std(gains, ddof=1) / np.sqrt(SAMPLE)


def test_best_scores_100_and_baseline_0_on_their_own_seed(scenario):
    runs = reference_runs(scenario, 5)
    assert score(scenario, 5, made(runs["best"])).raw == pytest.approx(100)
    assert score(scenario, 5, made(runs["baseline"])).raw == pytest.approx(0)


def test_a_run_is_scored_with_its_parts_adding_up(scenario):
    run = policy_run(scenario, 5, "greedy")
    found = score(scenario, 5, made(run))
    assert sum(found.parts.values()) == pytest.approx(found.loss)
    assert found.parts["court"] == pytest.approx(20 * sum(r.kpis["court_missed"] for r in run.results))
    assert found.parts["rework"] == pytest.approx(0.3 * sum(r.kpis["rework_hours"] for r in run.results))


def test_the_tool_alone_makes_handwritten_files_wait_and_exceeds_the_gate(scenario):
    found = [equity_of(scenario, policy_run(scenario, seed, "ai_only")) for seed in range(16)]
    assert np.mean([equity.exceeded for equity in found]) >= 0.5
    assert np.mean([equity.groups["handwritten"] / equity.groups["english"] for equity in found]) > 1.15


def test_the_best_policy_and_the_baseline_stay_within_the_gate_in_most_runs(scenario):
    for policy, least in (("best", 0.6), ("baseline", 0.9)):
        within = [not equity_of(scenario, policy_run(scenario, seed, policy)).exceeded for seed in range(14)]
        assert np.mean(within) >= least


def test_an_unfair_run_is_capped(scenario):
    unfair = next(seed for seed in range(20) if equity_of(scenario, policy_run(scenario, seed, "ai_only")).exceeded)
    found = score(scenario, unfair, made(policy_run(scenario, unfair, "ai_only")))
    assert found.capped
    assert found.equity_value > found.equity_threshold == 1.2
    assert found.outcome <= 60


def test_the_best_policys_own_decisions_score_95_on_average_and_the_baselines_nothing(scenario):
    found = [
        decision_score(scenario, seed, made(policy_run(scenario, seed, "best")), replicates=12).score for seed in (1, 5)
    ]
    assert np.mean(found) >= 95
    low = decision_score(scenario, 4, made(policy_run(scenario, 4, "baseline")), replicates=4)
    assert low.score <= 10
    assert [row.round for row in low.rounds] == list(range(1, 9))


def test_equal_decisions_have_equal_expected_losses_whatever_stands_beside_them(scenario, midway):
    position, worlds = midway
    best, baseline = (dict(scenario.model.policies[name](position)) for name in ("best", "baseline"))
    losses = scenario.model.losses_to_go(worlds, [best, baseline, best])
    assert np.array_equal(losses[0], losses[2])
    assert losses[0].mean() < losses[1].mean()
    assert np.allclose(scenario.model.losses_to_go(worlds, [baseline])[0], losses[1])


def test_candidates_obey_the_form_and_begin_with_the_best(scenario, midway):
    position, _ = midway
    found = scenario.model.candidates(position)
    assert found[0] == scenario.model.policies["best"](position)
    assert len(found) >= 9
    for values in found:
        assert decision_problems(scenario.fields, scenario.sum_rules, values) == ()


def test_possible_worlds_look_alike_and_differ_in_what_is_hidden(scenario, midway):
    position, worlds = midway
    seen = scenario.model.situation(position)
    for world in worlds:
        assert scenario.model.situation(world) == seen
        assert scenario.model.loss_parts(world) == scenario.model.loss_parts(position)
    assert len({world.hidden.speed[0] for world in worlds}) == len(worlds)
    assert len({world.coming for world in worlds}) == len(worlds)


def test_possible_worlds_average_to_the_truth_over_runs(scenario):
    """Ranks of the truth among its possible worlds are uniform: mean one half, spread 1/sqrt(12)."""
    ranks = []
    for seed in range(20):
        forms = made(policy_run(scenario, seed, "greedy"))[:3]
        position = position_after(scenario, seed, forms)
        worlds = scenario.model.possible(position, 24, seed + 1, asked=False)
        for draw in (lambda h: h.speed[1], lambda h: h.overstated[2], lambda h: h.person_error[0]):
            ranks.append(np.mean([draw(world.hidden) < draw(position.hidden) for world in worlds]))
    assert np.mean(ranks) == pytest.approx(0.5, abs=0.11)
    assert np.std(ranks) == pytest.approx(1 / np.sqrt(12), abs=0.07)


def test_only_sessions_that_agree_with_what_was_seen_are_possible(scenario):
    for seed in range(6):
        position = position_after(scenario, seed, made(policy_run(scenario, seed, "baseline"))[:3])
        starts = {w.hidden.assembly_week for w in scenario.model.possible(position, 20, 1, asked=False)}
        assert starts == {position.hidden.assembly_week}
    first = scenario.model.start(1)
    assert {w.hidden.assembly_week for w in scenario.model.possible(first, 40, 1, asked=False)} == {4, 5}


def test_every_inquiry_but_the_decoys_differs_between_possible_worlds(scenario):
    """The session is known from week 4 on and the merger comes in week 3 at the earliest, so two weeks are tried."""
    told = set()
    for weeks in (0, 3):
        position = position_after(scenario, 2, made(policy_run(scenario, 2, "baseline"))[:weeks])
        worlds = scenario.model.possible(position, 24, 1, asked=False)
        for kind in scenario.inquiries:
            argument = 60 if kind.argument else None
            found = {tuple(scenario.model.investigate(w, kind.id, argument).items()) for w in worlds}
            told |= {kind.id} if len(found) > 1 else set()
    assert told == set(ASK) - DECOYS


def test_what_an_inquiry_says_moves_with_the_hidden_truth(scenario):
    worlds = scenario.model.possible(scenario.model.start(1), 200, 3, asked=False)

    def correlation(figure, truth):
        return np.corrcoef([figure(w) for w in worlds], [truth(w.hidden) for w in worlds])[0, 1]

    ask = scenario.model.investigate
    assert correlation(lambda w: ask(w, "error_by_group", 60)["right_handwritten"], lambda h: h.overstated[2]) < -0.4
    assert correlation(lambda w: ask(w, "desk_time_study", None)["assistant"], lambda h: h.speed[1]) < -0.4
    assert correlation(lambda w: ask(w, "why_this_case", None)["words"], lambda h: h.overstated[2]) < -0.8
    assert correlation(lambda w: ask(w, "history", None)["back_english"], lambda h: h.person_error[0]) > 0.3


def test_reading_handwritten_files_oneself_earns_a_score_between(scenario):
    form = dict(policy_run(scenario, 4, "baseline").results[0].decision.values)
    form |= {"ai_mode": "auto", "ai_threshold": 0.85, "person_reads": "handwritten", "priority": "court_first"}
    found = decision_score(scenario, 4, [Decision(number, form) for number in range(1, 9)], replicates=4)
    assert 5 <= found.score <= 95
