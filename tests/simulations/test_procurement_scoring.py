"""Scores of procurement: regret against the references on the same seed, and with luck averaged out."""

import numpy as np
import pytest

import simulations
from simulations import Decision, Run, decision_score, reference_runs, rollouts, score
from simulations.replay import position_after
from simulations.scenarios.procurement.referee import candidates, moved
from simulations.scenarios.procurement.world import HONEST
from simulations.scoring import equity_of, policy_run, publication_faults, regret_share, run_loss

SAMPLE = 16


@pytest.fixture(scope="module")
def procurement():
    return simulations.load("procurement")


def made(run: Run) -> list[Decision]:
    return [result.decision for result in run.results]


def test_the_published_parameters_leave_room_to_learn(procurement):
    assert procurement.reference.seeds == 200
    assert publication_faults(procurement.reference) == ()


def test_published_averages_agree_with_a_sample_of_seeds(procurement):
    for policy, mean in procurement.reference.mean_loss.items():
        losses = [run_loss(procurement, policy_run(procurement, seed, policy)) for seed in range(SAMPLE)]
        error = np.std(losses, ddof=1) / np.sqrt(SAMPLE)
        assert np.mean(losses) == pytest.approx(mean, abs=4 * error)


@pytest.mark.parametrize("policy", ["baseline", "random", "greedy", "ai_only"])
def test_the_best_policy_beats_each_other_with_certainty(procurement, policy):
    gains = np.array(
        [
            run_loss(procurement, policy_run(procurement, seed, policy))
            - run_loss(procurement, policy_run(procurement, seed, "best"))
            for seed in range(SAMPLE)
        ]
    )
    assert gains.mean() > 1.96 * gains.std(ddof=1) / np.sqrt(SAMPLE)


def test_best_scores_100_and_baseline_0_on_their_own_seed(procurement):
    runs = reference_runs(procurement, 5)
    assert score(procurement, 5, made(runs["best"])).outcome == pytest.approx(100)
    assert score(procurement, 5, made(runs["baseline"])).outcome == pytest.approx(0)


def test_a_run_is_scored_with_its_parts_adding_up(procurement):
    run = policy_run(procurement, 5, "greedy")
    found = score(procurement, 5, made(run))
    assert sum(found.parts.values()) == pytest.approx(found.loss)
    assert found.parts["overpaid"] == pytest.approx(run.results[-1].truth["unrecovered"])
    lost = sum(result.truth["overpaid"] - result.truth["recovered"] for result in run.results)
    assert found.parts["overpaid"] == pytest.approx(lost)
    assert found.parts["delay"] == pytest.approx(0.15 * run.results[-1].truth["honest_days"])


def test_the_office_pays_for_days_hearings_and_publication(procurement):
    form = procurement.default_values | {"publication": "full", "hearing": "none", "holds": 0}
    found = score(procurement, 5, [Decision(number, form) for number in range(1, 9)])
    assert found.parts["office"] == pytest.approx(8 * (20 * 0.05 + 0.8))
    assert found.parts["delay"] == 0


def test_acting_on_every_flag_costs_sound_suppliers_more_than_it_brings_back(procurement):
    held = []
    for seed in range(SAMPLE):
        greedy = score(procurement, seed, made(policy_run(procurement, seed, "greedy"))).parts
        run = policy_run(procurement, seed, "greedy")
        held.append(greedy["delay"] > sum(result.truth["recovered"] for result in run.results))
    assert np.mean(held) >= 0.95


def test_the_tool_alone_exceeds_the_equity_gate_and_the_best_policy_does_not(procurement):
    ratios = {
        policy: [equity_of(procurement, policy_run(procurement, seed, policy)) for seed in range(24)]
        for policy in ("ai_only", "best", "baseline")
    }
    assert np.mean([equity.exceeded for equity in ratios["ai_only"]]) >= 0.9
    assert not any(equity.exceeded for equity in ratios["best"])
    assert all(equity.value == 1.0 for equity in ratios["baseline"])
    for equity in ratios["ai_only"]:
        assert equity.value == pytest.approx(equity.groups["small"] / equity.groups["large"])


def test_the_equity_gate_caps_an_unfair_run(procurement):
    run = policy_run(procurement, 4, "ai_only")
    found = score(procurement, 4, made(run))
    assert found.capped == (found.equity_value > 2.0)
    assert found.outcome <= 60
    assert set(found.groups["own"]) == {"large", "small"}


def test_comparing_with_peers_lightens_the_burden_of_small_offices(procurement):
    form = procurement.default_values | {"lot_days": 0, "desk_days": 20, "field_days": 0, "points_single_bid": 4}
    shares = {}
    for comparison in ("all_offices", "own_peers"):
        events = [Decision(number, form | {"comparison": comparison}) for number in range(1, 9)]
        shares[comparison] = [
            procurement.model.equity(position_after(procurement, seed, events)).value for seed in range(20)
        ]
    assert np.mean(shares["all_offices"]) > 2
    assert np.mean(shares["own_peers"]) < 0.6 * np.mean(shares["all_offices"])


@pytest.fixture(scope="module")
def judged(procurement):
    """Every case of some runs: its month, group, whether it is abused, the tool's advice and a Bayesian's."""
    rows = []
    for seed in range(50):
        position = procurement.model.start(seed)
        for number in range(1, 9):
            chance = 1 - position.desk.kind_chance[:, HONEST]
            for case in procurement.model.cases(position):
                believed = chance[int(case.id.split("_")[1])] > 0.06  # the odds at which cases are half and half
                rows.append((number, case.group, case.truth == "wrong", case.advice == "wrong", believed))
            position, _ = procurement.model.advance(position, Decision(number, procurement.default_values))
    return rows


def right(rows, column, *, group, months):
    return np.mean([row[column] == row[2] for row in rows if row[1] == group and row[0] in months])


def test_cases_are_abused_half_the_time_and_one_of_each_size(judged):
    assert np.mean([row[2] for row in judged]) == pytest.approx(0.5, abs=0.07)
    assert sum(row[1] == "small" for row in judged) == sum(row[1] == "large" for row in judged) == 400


def test_the_tool_is_right_often_and_wrong_more_for_small_offices(judged):
    early, late = range(1, 3), range(5, 9)
    assert right(judged, 3, group="large", months=early) > 0.75
    assert right(judged, 3, group="small", months=early) > 0.6
    for months in (early, late):
        assert right(judged, 3, group="large", months=months) > right(judged, 3, group="small", months=months)
    assert right(judged, 3, group="large", months=late) < right(judged, 3, group="large", months=early)
    sound = [row for row in judged if not row[2]]
    warned = {group: np.mean([row[3] for row in sound if row[1] == group]) for group in ("large", "small")}
    assert warned["small"] > warned["large"] + 0.15


def test_an_officer_who_weighs_the_file_does_better_than_the_tool_at_small_offices(judged):
    for group, margin in (("small", 0.08), ("large", 0.0)):
        assert (
            right(judged, 4, group=group, months=range(1, 9))
            > right(judged, 3, group=group, months=range(1, 9)) + margin
        )


def test_a_case_shows_what_lies_on_the_desk(procurement):
    position = procurement.model.start(12)
    for case in procurement.model.cases(position):
        row = int(case.id.split("_")[1])
        tenders = position.desk.tenders
        assert case.values["bidders"] == tenders.bidders[row]
        assert case.values["price"] == pytest.approx(tenders.price[row], abs=0.06)
        assert (case.truth == "sound") == (tenders.kind[row] == HONEST)
        assert 0.5 <= case.confidence <= 1


def test_no_candidate_is_clearly_better_than_the_best_policy(procurement):
    """As the decision score, over two months with few worlds; scores of whole runs stand in README."""
    regrets, gaps = [], []
    for seed in (3, 4):
        played = made(policy_run(procurement, seed, "best"))
        position = position_after(procurement, seed, played[:6])
        forms = [*procurement.model.candidates(position), procurement.model.policies["baseline"](position)]
        worlds = procurement.model.possible(position, 40, seed, asked=True)
        losses = procurement.model.losses_to_go(worlds, forms)
        apart = losses - losses[0]
        assert np.all(apart.mean(axis=1) > -3 * apart.std(axis=1, ddof=1) / np.sqrt(len(worlds)) - 1e-9)
        regrets.append(losses[0].mean() - losses.mean(axis=1).min())
        gaps.append(losses[-1].mean() - losses.mean(axis=1).min())
    assert regret_share(regrets, gaps) >= 75


def test_the_baseline_earns_at_most_10_for_its_decisions(procurement):
    found = decision_score(procurement, 3, made(policy_run(procurement, 3, "baseline")), replicates=1)
    assert found.score <= 10


def test_losses_to_go_are_those_of_the_common_rollout(procurement):
    model = procurement.model
    position = position_after(procurement, 6, made(policy_run(procurement, 6, "best"))[:5])
    worlds = model.possible(position, 3, 1, asked=True)
    forms = [model.policies[name](position) for name in ("best", "baseline")]
    expected = rollouts.losses_to_go(model, 6, 8, worlds, forms)
    assert model.losses_to_go(worlds, forms) == pytest.approx(expected)


def test_candidates_obey_the_sum_of_days_and_hold_best_first(procurement):
    for seed in range(6):
        position = procurement.model.start(seed)
        found = candidates(procurement.model.p, position.desk, 8)
        assert found[0] == procurement.model.policies["best"](position)
        assert 7 <= len(found) <= 16
        for form in found:
            assert sum(form[key] for key in ("lot_days", "desk_days", "field_days", "forensic_days")) == 20


def test_days_move_only_as_far_as_there_are(procurement):
    form = procurement.default_values | {"lot_days": 1, "desk_days": 0}
    assert moved(form, 2)["lot_days"] == 1
    assert moved(form, -2) == form | {"lot_days": 0, "desk_days": 1}


@pytest.fixture(scope="module")
def resampled(procurement):
    """A position after three months of the best policy, and worlds the referee thinks possible there."""
    position = position_after(procurement, 8, made(policy_run(procurement, 8, "best"))[:3])
    return position, procurement.model.possible(position, 400, 8, asked=True)


def test_possible_worlds_look_like_the_real_one_to_the_office(procurement, resampled):
    position, worlds = resampled
    real = procurement.model.situation(position)
    form = procurement.model.policies["best"](position)
    for world in worlds[:20]:
        assert procurement.model.situation(world) == real
        assert procurement.model.policies["best"](world) == form
        assert world.desk.belief == pytest.approx(position.desk.belief)
    assert len({world.hidden for world in worlds}) > 10
    assert any(not np.array_equal(world.desk.tenders.kind, worlds[0].desk.tenders.kind) for world in worlds)


def test_possible_worlds_average_to_the_belief(resampled):
    position, worlds = resampled
    desk, tables = position.desk, position.desk.tables
    mains = np.bincount([world.hidden.schemes[4] for world in worlds], minlength=3) / len(worlds)
    believed = np.bincount(tables.main, weights=desk.belief, minlength=3)
    assert mains == pytest.approx(believed, abs=3.5 * np.sqrt(0.25 / len(worlds)))
    wrong = np.mean([world.desk.tenders.kind != HONEST for world in worlds], axis=0)
    assert wrong.mean() == pytest.approx(1 - desk.kind_chance[:, HONEST].mean(), abs=0.004)
    assert np.abs(wrong - (1 - desk.kind_chance[:, HONEST])).max() < 5 * np.sqrt(0.25 / len(worlds))


def test_possible_worlds_average_to_the_truth_over_runs(procurement):
    """Over many runs the real money overpaid is neither more nor less than in the worlds behind their desks."""
    apart = []
    for seed in range(50):
        position = position_after(procurement, seed, [Decision(1, procurement.default_values)])
        worlds = procurement.model.possible(position, 24, seed, asked=True)
        drawn = np.mean([world.desk.tenders.overpaid.sum() for world in worlds])
        apart.append(drawn - position.desk.tenders.overpaid.sum())
    assert abs(np.mean(apart)) < 3 * np.std(apart, ddof=1) / np.sqrt(len(apart))


def test_a_decision_is_worth_the_same_whatever_stands_beside_it(procurement):
    position = position_after(procurement, 4, made(policy_run(procurement, 4, "best"))[:6])
    worlds = procurement.model.possible(position, 4, 2, asked=True)
    best, baseline = (dict(procurement.model.policies[name](position)) for name in ("best", "baseline"))
    losses = procurement.model.losses_to_go(worlds, [best, baseline, best])
    assert np.array_equal(losses[0], losses[2])
    assert np.array_equal(procurement.model.losses_to_go(worlds, [baseline])[0], losses[1])
