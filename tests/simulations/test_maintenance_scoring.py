"""Scores of maintenance: regret against the references on the same seed, and with luck averaged out."""

import numpy as np
import pytest

import simulations
from simulations import Decision, Run, decision_score, reference_runs, score
from simulations.engine import decision_problems
from simulations.replay import position_after
from simulations.scenarios.maintenance.referee import candidates
from simulations.scoring import policy_run, publication_faults, run_loss

SAMPLE = 30
OTHERS = ("baseline", "random", "greedy", "ai_only")


@pytest.fixture(scope="module")
def maintenance():
    return simulations.load("maintenance")


def made(run: Run) -> list[Decision]:
    return [result.decision for result in run.results]


def end_of(scenario, seed, policy):
    return position_after(scenario, seed, made(policy_run(scenario, seed, policy)))


def test_the_published_parameters_leave_room_to_learn(maintenance):
    assert maintenance.reference.seeds == 200
    assert maintenance.reference.best_policy == "best"
    assert publication_faults(maintenance.reference) == ()


def test_published_averages_agree_with_a_sample_of_seeds(maintenance):
    for policy, mean in maintenance.reference.mean_loss.items():
        losses = [run_loss(maintenance, policy_run(maintenance, seed, policy)) for seed in range(SAMPLE)]
        assert np.mean(losses) == pytest.approx(mean, abs=4 * np.std(losses, ddof=1) / np.sqrt(SAMPLE))


@pytest.mark.parametrize("policy", OTHERS)
def test_best_loses_less_than_every_other_policy_on_the_same_seeds(maintenance, policy):
    gaps = np.array(
        [
            run_loss(maintenance, policy_run(maintenance, seed, policy))
            - run_loss(maintenance, policy_run(maintenance, seed, "best"))
            for seed in range(SAMPLE)
        ]
    )
    assert gaps.mean() > 1.96 * gaps.std(ddof=1) / np.sqrt(SAMPLE)


def test_best_scores_100_and_baseline_0_on_their_own_seed(maintenance):
    runs = reference_runs(maintenance, 5)
    found = score(maintenance, 5, made(runs["best"]))
    assert not found.capped
    assert found.outcome == pytest.approx(100)
    assert score(maintenance, 5, made(runs["baseline"])).outcome == pytest.approx(0)


def test_a_run_is_scored_with_its_parts_adding_up(maintenance):
    run = policy_run(maintenance, 5, "greedy")
    found = score(maintenance, 5, made(run))
    assert sum(found.parts.values()) == pytest.approx(found.loss)
    assert found.loss == pytest.approx(run.results[-1].truth["loss"])
    assert found.parts["works"] == pytest.approx(sum(result.kpis["spent"] for result in run.results))
    assert found.parts["failures"] == pytest.approx(55 * sum(result.kpis["failures"] for result in run.results))
    hours = sum(result.kpis["detour_hours"] for result in run.results)
    assert found.parts["detours"] == pytest.approx(0.3 * hours)
    bad = round(run.results[-1].truth["backlog"] * 40 / 100)
    assert found.parts["handed_over"] == pytest.approx(8 * bad)


def test_failures_counted_by_their_chance_leave_the_mean_as_it_is(maintenance):
    apart = []
    for seed in range(120):
        end = end_of(maintenance, seed, "baseline").state
        apart.append(end.loss.sum() - end.expected_loss)
    assert abs(np.mean(apart)) < 3 * np.std(apart, ddof=1) / np.sqrt(len(apart))


def test_the_tool_alone_exceeds_the_equity_gate_and_the_best_policy_keeps_within_it(maintenance):
    exceeded = {
        policy: np.mean(
            [maintenance.model.equity(end_of(maintenance, seed, policy)).exceeded for seed in range(SAMPLE)]
        )
        for policy in ("ai_only", "best")
    }
    assert exceeded["ai_only"] >= 0.8
    assert exceeded["best"] <= 0.2


def test_the_gate_caps_a_run_that_forgets_the_country(maintenance):
    found = score(maintenance, 5, made(policy_run(maintenance, 5, "ai_only")))
    assert found.capped
    assert found.outcome <= 60
    assert found.groups["own"]["rural"] > 2 * found.groups["own"]["urban"]
    assert found.groups["best"]["rural"] <= 2 * found.groups["best"]["urban"]


def test_the_tool_lets_rural_bridges_rot_and_opens_sound_ones_in_town(maintenance):
    ends = [policy_run(maintenance, seed, "ai_only").results[-1].truth for seed in range(SAMPLE)]
    best = [policy_run(maintenance, seed, "best").results[-1].truth for seed in range(SAMPLE)]
    assert np.mean([end["tool_missed"] for end in ends]) > 90
    assert np.mean([end["backlog_rural"] for end in ends]) > 3 * np.mean([end["backlog_urban"] for end in ends])
    assert np.mean([end["backlog_rural"] for end in best]) < 12
    alarms = [
        np.mean([r.kpis["false_alarms"] for r in policy_run(maintenance, s, "greedy").results]) for s in range(10)
    ]
    assert np.mean(alarms) > 50


def test_the_best_policy_earns_at_least_95_for_its_decisions(maintenance):
    found = decision_score(maintenance, 4, made(policy_run(maintenance, 4, "best")), replicates=8)
    assert found.score >= 95
    assert [row.round for row in found.rounds] == list(range(1, 11))


def test_the_baseline_earns_at_most_10_for_its_decisions(maintenance):
    assert decision_score(maintenance, 3, made(policy_run(maintenance, 3, "baseline")), replicates=3).score <= 10


def test_equal_decisions_have_equal_expected_losses_whatever_stands_beside_them(maintenance):
    model = maintenance.model
    position = model.start(4)
    worlds = model.possible(position, 3, 4, asked=True)
    best, baseline = (dict(model.policies[name](position)) for name in ("best", "baseline"))
    losses = model.losses_to_go(worlds, [best, baseline, best])
    assert np.array_equal(losses[0], losses[2])
    assert losses[0].mean() < losses[1].mean()
    assert np.array_equal(model.losses_to_go(worlds, [baseline])[0], losses[1])


def test_rollouts_play_what_the_model_plays(maintenance):
    model = maintenance.model
    position = position_after(maintenance, 8, made(policy_run(maintenance, 8, "greedy"))[:6])
    (world,) = model.possible(position, 1, 9, asked=False)
    form = dict(model.policies["greedy"](position))
    reached, _ = model.advance(world, Decision(7, form))
    for number in range(8, 11):
        reached, _ = model.advance(reached, Decision(number, model.policies["best"](reached)))
    expected = reached.state.expected_loss - world.state.expected_loss
    assert model.losses_to_go([world], [form])[0, 0] == pytest.approx(expected)


def test_candidates_obey_the_form_and_begin_with_the_best(maintenance):
    for seed in range(5):
        position = maintenance.model.start(seed)
        found = maintenance.model.candidates(position)
        assert found[0] == maintenance.model.policies["best"](position)
        for form in found:
            assert decision_problems(maintenance.fields, maintenance.sum_rules, form) == ()
    edge = {**found[0], "repairs": 8, "inspections_urban": 16, "inspections_rural": 0, "posting_threshold": 1.0}
    assert all(form["repairs"] <= 8 and form["posting_threshold"] <= 1 for form in candidates(edge))


@pytest.fixture(scope="module")
def resampled(maintenance):
    """A position after four half-years of the best policy, and worlds possible there."""
    position = position_after(maintenance, 8, made(policy_run(maintenance, 8, "best"))[:4])
    return position, maintenance.model.possible(position, 400, 8, asked=False)


def test_possible_worlds_look_the_same_to_the_office(maintenance, resampled):
    position, worlds = resampled
    model = maintenance.model
    situation, decision = model.situation(position), model.policies["best"](position)
    for world in worlds[:20]:
        assert model.situation(world) == situation
        assert model.policies["best"](world) == decision
    assert len({tuple(world.state.hidden.condition) for world in worlds}) > 300


def test_possible_worlds_average_to_the_book(maintenance, resampled):
    position, worlds = resampled
    p, page = maintenance.model.p, position.bureau.page(position.state)
    bad = np.mean([p.grade_of[world.state.hidden.condition] >= 4 for world in worlds], axis=0)
    assert bad == pytest.approx(page.bad, abs=4 * 0.5 / np.sqrt(len(worlds)))
    wear = np.mean([world.state.hidden.wear == 1 for world in worlds])
    assert wear == pytest.approx(position.state.belief.wear[1], abs=0.1)


def test_possible_worlds_average_to_the_truth_over_many_seeds(maintenance):
    p, apart = maintenance.model.p, []
    for seed in range(60):
        position = position_after(maintenance, seed, made(policy_run(maintenance, seed, "best"))[:3])
        true = np.count_nonzero(p.grade_of[position.state.hidden.condition] >= 4)
        worlds = maintenance.model.possible(position, 10, seed, asked=False)
        drawn = np.mean([np.count_nonzero(p.grade_of[w.state.hidden.condition] >= 4) for w in worlds])
        apart.append(drawn - true)
    assert abs(np.mean(apart)) < 3 * np.std(apart, ddof=1) / np.sqrt(len(apart))


def test_a_flood_that_has_not_come_is_open_and_one_that_has_stays(maintenance, resampled):
    _, worlds = resampled
    assert {world.state.hidden.flood.round for world in worlds} <= {5, 6}
    start = maintenance.model.possible(maintenance.model.start(8), 50, 8, asked=False)
    assert {world.state.hidden.flood.round for world in start} == {5, 6}
    assert len({world.state.hidden.flood.basins for world in start}) > 3
    late = position_after(maintenance, 8, made(policy_run(maintenance, 8, "best"))[:7])
    after = maintenance.model.possible(late, 5, 8, asked=False)
    assert {world.state.hidden.flood for world in after} == {late.state.hidden.flood}


def test_inquiries_differ_between_worlds_unless_they_are_decoys(maintenance, resampled):
    _, worlds = resampled
    for kind in maintenance.inquiries:
        argument = kind.default_argument
        found = {
            tuple(sorted(maintenance.model.investigate(world, kind.id, argument).items())) for world in worlds[:30]
        }
        decoy = kind.id in ("minister_speech", "vendor_video", "national_ranking")
        assert (len(found) == 1) == decoy
