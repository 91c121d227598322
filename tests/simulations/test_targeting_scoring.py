"""Scores of targeting: regret against the references on the same seed, and with luck averaged out."""

import numpy as np
import pytest

from simulations import Decision, Run, decision_score, load, reference_runs, rollouts, score
from simulations.engine import decision_problems
from simulations.replay import position_after
from simulations.scenarios.targeting import referee
from simulations.scoring import policy_run, publication_faults, run_loss

SAMPLE = 16
POLICIES = ("baseline", "greedy", "ai_only", "best")


@pytest.fixture(scope="module")
def targeting():
    return load("targeting")


def made(run: Run) -> list[Decision]:
    return [result.decision for result in run.results]


def ends(scenario, policy, count=SAMPLE):
    return [policy_run(scenario, seed, policy).results[-1].truth for seed in range(count)]


def test_the_published_parameters_leave_room_to_learn(targeting):
    assert targeting.reference.seeds == 200
    assert publication_faults(targeting.reference) == ()


def test_published_averages_agree_with_a_sample_of_seeds(targeting):
    for policy, mean in targeting.reference.mean_loss.items():
        losses = [run_loss(targeting, policy_run(targeting, seed, policy)) for seed in range(SAMPLE)]
        assert np.mean(losses) == pytest.approx(mean, abs=4 * np.std(losses, ddof=1) / np.sqrt(SAMPLE))


def test_the_best_policy_beats_every_other_on_the_same_seeds(targeting):
    best = np.array([run_loss(targeting, policy_run(targeting, seed, "best")) for seed in range(SAMPLE)])
    for policy in ("baseline", "greedy", "ai_only", "random"):
        gain = [run_loss(targeting, policy_run(targeting, seed, policy)) for seed in range(SAMPLE)] - best
        assert gain.mean() > 2 * gain.std(ddof=1) / np.sqrt(SAMPLE)


def test_best_scores_100_and_baseline_0_on_their_own_seed(targeting):
    runs = reference_runs(targeting, 5)
    assert score(targeting, 5, made(runs["best"])).outcome == pytest.approx(100)
    assert score(targeting, 5, made(runs["baseline"])).outcome == pytest.approx(0)


def test_a_run_is_scored_with_its_parts_adding_up(targeting):
    found = score(targeting, 5, made(policy_run(targeting, 5, "greedy")))
    assert sum(found.parts.values()) == pytest.approx(found.loss)
    assert set(found.parts) == {"hardship", "exclusion"}


def test_a_poor_household_left_out_costs_fifteen_hundred_rupees_a_month(targeting):
    run = policy_run(targeting, 5, "baseline")
    left_out = sum(40_000 * r.truth["poor_share"] / 100 * r.truth["exclusion_error"] / 100 for r in run.results)
    assert score(targeting, 5, made(run)).parts["exclusion"] == pytest.approx(left_out * 6 * 1500 / 1e6)


def test_paying_everybody_leaves_only_hardship(targeting):
    form = targeting.default_values | {"transfer": 500}
    found = score(targeting, 5, [Decision(number, form) for number in range(1, 6)])
    assert found.parts["exclusion"] == 0
    assert found.equity_value == 0
    assert set(found.groups["own"].values()) == {0.0}


def test_the_best_policy_passes_the_equity_gate_and_the_tool_alone_does_not(targeting):
    assert np.mean([end["equity_gap"] <= 15 for end in ends(targeting, "best")]) >= 0.95
    assert np.mean([end["equity_gap"] > 15 for end in ends(targeting, "ai_only")]) >= 0.95


def test_the_equity_gate_caps_what_the_tool_gains(targeting):
    for seed in range(4):
        found = score(targeting, seed, made(policy_run(targeting, seed, "ai_only")))
        assert found.capped
        assert found.outcome <= 60


def test_the_tool_is_right_more_often_than_the_old_form_and_misses_more_of_the_poor_nomads(targeting):
    old, new = ends(targeting, "baseline"), ends(targeting, "ai_only")
    assert np.mean([end["missed_settled"] for end in new]) < np.mean([end["missed_settled"] for end in old]) - 5
    for group in ("slum", "nomad"):
        assert np.mean([end[f"missed_{group}"] for end in new]) > np.mean([end[f"missed_{group}"] for end in old]) + 10


def test_priority_for_a_flag_moves_places_on_the_list_and_makes_none(targeting):
    plain, flagged = (targeting.default_values | {"priority_female": on, "ai_mode": "auto"} for on in ("off", "on"))
    fewer = []
    for seed in range(12):
        start = targeting.model.start(seed)
        one, other = (targeting.model.advance(start, Decision(1, form))[1] for form in (plain, flagged))
        assert one.kpis["paid_households"] == other.kpis["paid_households"]
        assert other.truth["missed_disability"] >= one.truth["missed_disability"] - 8
        fewer.append(one.truth["missed_female_head"] - other.truth["missed_female_head"])
    assert min(fewer) >= 0
    assert np.mean(fewer) > 10


def test_the_best_policy_earns_at_least_95_and_the_baseline_at_most_10_for_its_decisions(targeting):
    best = decision_score(targeting, 3, made(policy_run(targeting, 3, "best")), replicates=6)
    assert best.score >= 95
    assert [row.round for row in best.rounds] == list(range(1, 6))
    assert decision_score(targeting, 3, made(policy_run(targeting, 3, "baseline")), replicates=2).score <= 10


def test_a_list_with_a_mobile_desk_but_the_usual_payment_earns_a_score_between(targeting):
    form = targeting.default_values | {"ai_mode": "advise", "desk_budget": 2.0, "desk": "mobile"}
    found = decision_score(targeting, 3, [Decision(number, form) for number in range(1, 6)], replicates=2)
    assert 15 <= found.score <= 90


def test_losses_to_go_are_those_of_the_common_rollout(targeting):
    model = targeting.model
    position = position_after(targeting, 4, made(policy_run(targeting, 4, "best"))[:2])
    worlds = model.possible(position, 3, 9, asked=True)
    forms = [model.policies[name](position) for name in POLICIES]
    common = rollouts.losses_to_go(model, 3, 5, worlds, forms)
    assert model.losses_to_go(worlds, forms) == pytest.approx(common, rel=1e-12)


def test_neighbours_are_forms_the_office_accepts(targeting):
    centre = targeting.default_values
    found = referee.candidates(centre)
    assert len(found) == 9
    assert found[0] == centre
    for form in found:
        assert decision_problems(targeting.fields, targeting.sum_rules, form) == ()


@pytest.fixture(scope="module")
def resampled(targeting):
    """Late positions of the best policy on many seeds, each with worlds the referee thinks possible there."""
    found = []
    for seed in range(12):
        position = position_after(targeting, seed, made(policy_run(targeting, seed, "best"))[:4])
        found.append((position, targeting.model.possible(position, 16, seed, asked=False)))
    return found


def poor_now(scenario, position):
    flooded = position.state.round >= position.truth.flood_round
    return position.truth.now(scenario.model.p, flooded=flooded) < position.homes.line


def test_resampled_worlds_look_like_the_real_one_to_the_office(targeting, resampled):
    for position, worlds in resampled[:3]:
        for world in worlds:
            assert targeting.model.situation(world) == targeting.model.situation(position)
            assert world.seed != position.seed
        assert not np.array_equal(worlds[0].truth.welfare, worlds[1].truth.welfare)


def chance_of_being_poor(scenario, position):
    """The referee's posterior for each household, were it told what is common to many."""
    p, state, truth = scenario.model.p, position.state, position.truth
    part = referee.parts(p, position.homes, state, truth.group_shift, truth.hit_share)
    poor, hit, spared = referee.weights(state, part)
    total = poor + hit + spared + 1 - part.poor - part.brink
    return (poor + hit if state.round >= truth.flood_round else poor) / total


def test_the_posterior_of_a_household_is_calibrated(targeting, resampled):
    believed = np.concatenate([chance_of_being_poor(targeting, position) for position, _ in resampled])
    true = np.concatenate([poor_now(targeting, position) for position, _ in resampled])
    for low in (0.0, 0.25, 0.5, 0.75):
        group = (believed >= low) & (believed < low + 0.25 + (low == 0.75))
        assert true[group].mean() == pytest.approx(believed[group].mean(), abs=0.025)
    assert believed[true].mean() > believed[~true].mean() + 0.5


def test_worlds_average_to_the_truth(targeting, resampled):
    """Poor households, and of them those on the last list: the worlds' mean has no bias over districts."""
    shares, paid = [], []
    for position, worlds in resampled:
        true = poor_now(targeting, position)
        drawn = np.array([poor_now(targeting, world) for world in worlds])
        shares.append(drawn.mean() - true.mean())
        paid.append(drawn[:, position.state.paid].mean() - true[position.state.paid].mean())
    for errors in (shares, paid):
        assert np.mean(errors) == pytest.approx(0.0, abs=3 * np.std(errors, ddof=1) / np.sqrt(len(errors)) + 0.003)


def test_what_is_common_to_a_group_is_learnt_from_checks(resampled):
    for group in (1, 2):
        true = [position.truth.group_shift[group] for position, _ in resampled]
        believed = [np.mean([world.truth.group_shift[group] for world in worlds]) for _, worlds in resampled]
        assert np.corrcoef(true, believed)[0, 1] > 0.4
        assert np.mean(true) == pytest.approx(np.mean(believed), abs=0.15)


def test_before_any_check_worlds_are_drawn_from_the_prior(targeting):
    p = targeting.model.p
    worlds = [
        w for seed in range(4) for w in targeting.model.possible(targeting.model.start(seed), 40, seed, asked=True)
    ]
    assert np.mean([w.truth.group_shift[2] for w in worlds]) == pytest.approx(p.group_shift_mean[2], abs=0.08)
    assert {w.truth.flood_round for w in worlds} == {3, 4}
    assert np.mean([poor_now(targeting, w).mean() for w in worlds]) == pytest.approx(p.poor_share, abs=0.02)


def test_worlds_know_that_the_flood_has_not_come_yet(targeting):
    for seed in range(4):
        position = position_after(targeting, seed, made(policy_run(targeting, seed, "baseline"))[:2])
        expected = {3} if position.truth.flood_round == 3 else {4}
        assert {w.truth.flood_round for w in targeting.model.possible(position, 4, seed, asked=False)} == expected


def test_a_damage_register_is_believed_but_for_false_claims(targeting):
    form = targeting.default_values | {"flood_relief": "damage_survey"}
    position = position_after(targeting, 2, [Decision(number, form) for number in range(1, 5)])
    assert position.state.surveyed
    for world in targeting.model.possible(position, 6, 2, asked=False):
        assert not world.truth.hit[~position.state.damage].any()
        assert np.array_equal(world.state.damage, position.state.damage)
        register = world.truth.hit | (position.homes.river & world.truth.false_claim)
        assert np.array_equal(register, position.state.damage)


def test_what_the_officer_of_a_possible_world_sees_follows_its_hidden_truth(targeting):
    position = targeting.model.start(3)
    worlds = targeting.model.possible(position, 60, 1, asked=False)
    shift = [world.truth.group_shift[2] for world in worlds]
    hungry = [targeting.model.investigate(world, "field_officer", None)["hungry"] for world in worlds]
    assert np.corrcoef(shift, hungry)[0, 1] < -0.5
    decoys = {tuple(targeting.model.investigate(world, "vendor_video", None).items()) for world in worlds}
    assert decoys == {()}


def test_cases_show_the_tool_right_often_and_wrong_more_where_its_survey_never_was(targeting):
    right, officer = {}, {}
    for seed in range(100):
        for case in targeting.model.cases(targeting.model.start(seed)):
            assert case.advice in case.answers
            assert case.truth in case.answers
            right.setdefault(case.group, []).append(case.advice == case.truth)
            seen = "poor" if case.values["meals"] == "skipped" else "not_poor"
            officer.setdefault(case.group, []).append(seen == case.truth)
    assert np.mean(right["settled"]) > 0.75
    for group in ("slum", "nomad"):
        assert np.mean(right[group]) < np.mean(right["settled"]) - 0.1
        assert np.mean(officer[group]) > np.mean(right[group]) + 0.1
