"""Scores of tax_audit: regret against the references on the same seed, and with luck averaged out."""

import numpy as np
import pytest

from simulations import Decision, Run, decision_score, reference_runs, score
from simulations.replay import position_after
from simulations.scenarios.tax_audit.office import current_rows
from simulations.scenarios.tax_audit.referee import candidates, draw_pool
from simulations.scoring import policy_run, publication_faults, run_loss

SAMPLE = 24


def made(run: Run) -> list[Decision]:
    return [result.decision for result in run.results]


def test_the_published_parameters_leave_room_to_learn(tax_audit):
    assert tax_audit.reference.seeds == 200
    assert publication_faults(tax_audit.reference) == ()


def test_published_averages_agree_with_a_sample_of_seeds(tax_audit):
    for policy, mean in tax_audit.reference.mean_loss.items():
        losses = [run_loss(tax_audit, policy_run(tax_audit, seed, policy)) for seed in range(SAMPLE)]
        error = np.std(losses, ddof=1) / np.sqrt(SAMPLE)
        assert np.mean(losses) == pytest.approx(mean, abs=4 * error)


def test_best_scores_100_and_baseline_0_on_their_own_seed(tax_audit):
    runs = reference_runs(tax_audit, 5)
    assert score(tax_audit, 5, made(runs["best"])).outcome == pytest.approx(100)
    assert score(tax_audit, 5, made(runs["baseline"])).outcome == pytest.approx(0)


def test_a_run_is_scored_with_its_parts_adding_up(tax_audit):
    run = policy_run(tax_audit, 5, "greedy")
    found = score(tax_audit, 5, made(run))
    assert sum(found.parts.values()) == pytest.approx(found.loss)
    assert found.parts["uncollected"] == pytest.approx(run.results[-1].truth["uncollected"])
    hours = sum(result.truth["honest_hours"] for result in run.results)
    assert found.parts["honest_hours"] == pytest.approx(0.15 * 0.004 * hours)


def test_letters_cost_two_hundred_rupees_each(tax_audit):
    form = tax_audit.default_values | {"letters": 350}
    found = score(tax_audit, 5, [Decision(number, form) for number in range(1, 7)])
    assert found.parts["letters"] == pytest.approx(6 * 350 * 200 / 1e6)


def test_greedy_shows_the_higher_hit_rate_and_loses_more_tax_than_best(tax_audit):
    held = []
    for seed in range(SAMPLE):
        greedy, best = (policy_run(tax_audit, seed, name).results for name in ("greedy", "best"))
        hits = [np.mean([result.kpis["hit_rate"] for result in results]) for results in (greedy, best)]
        held.append(hits[0] > hits[1] and greedy[-1].truth["uncollected"] > best[-1].truth["uncollected"])
    assert np.mean(held) >= 0.95


def test_the_equity_gate_caps_an_unfair_run(tax_audit):
    arms = {"risk_audits": 75, "random_audits": 0, "campaign_audits": 0}
    form = tax_audit.default_values | arms | {"ai_mode": "auto", "ai_threshold": 0.0, "features": "no_input_ratio"}
    ratios = []
    for seed in range(20):
        found = score(tax_audit, seed, [Decision(number, form) for number in range(1, 7)])
        assert found.capped == (found.equity_value > 2.0)
        assert found.outcome <= (60 if found.capped else 100)
        ratios.append(found.equity_value)
    assert np.mean(np.array(ratios) > 2.0) >= 0.8


def test_the_delivered_tool_burdens_the_honest_of_the_border_district_most(tax_audit):
    ends = [policy_run(tax_audit, seed, "ai_only").results[-1].truth for seed in range(40)]
    apart = [end["false_audits_border"] - end["false_audits_familiar"] for end in ends]
    assert np.mean(apart) > 3 * np.std(apart, ddof=1) / np.sqrt(len(apart))
    assert np.mean([end["equity_ratio"] > 2.0 for end in ends]) >= 0.4


def test_the_best_policy_passes_the_equity_gate(tax_audit):
    ratios = [policy_run(tax_audit, seed, "best").results[-1].truth["equity_ratio"] for seed in range(40)]
    assert max(ratios) <= 2.0


def test_the_best_policy_earns_at_least_95_for_its_decisions(tax_audit):
    found = decision_score(tax_audit, 3, made(policy_run(tax_audit, 3, "best")), replicates=24)
    assert found.score >= 95
    assert [row.round for row in found.rounds] == list(range(1, 7))


def test_the_baseline_earns_at_most_10_for_its_decisions(tax_audit):
    found = decision_score(tax_audit, 3, made(policy_run(tax_audit, 3, "baseline")), replicates=4)
    assert found.score <= 10


def test_ranking_by_money_without_lot_campaign_or_letters_earns_a_score_between(tax_audit):
    form = tax_audit.default_values | {"ai_mode": "auto", "ranking": "yield", "field_share": 0.5}
    form |= {"risk_audits": 75, "random_audits": 0, "campaign_audits": 0}
    found = decision_score(tax_audit, 3, [Decision(number, form) for number in range(1, 7)], replicates=4)
    assert 20 <= found.score <= 90


def test_equal_decisions_have_equal_expected_losses_whatever_stands_beside_them(tax_audit):
    model = tax_audit.model
    position = model.start(4)
    best, baseline = (dict(model.policies[name](position)) for name in ("best", "baseline"))
    worlds = model.possible(position, 3, 4, asked=True)
    losses = model.losses_to_go(worlds, [best, baseline, best])
    assert np.array_equal(losses[0], losses[2])
    assert losses[0].mean() < losses[1].mean()
    assert np.array_equal(model.losses_to_go(worlds, [baseline])[0], losses[1])


def test_neighbours_stay_within_the_75_audits():
    centre = {"risk_audits": 3, "random_audits": 0, "campaign_audits": 72, "field_share": 0.5, "ai_threshold": 0.0}
    found = candidates(centre)
    assert len(found) == 9
    assert found[0] == centre
    for form in found:
        arms = [form[key] for key in ("risk_audits", "random_audits", "campaign_audits")]
        assert sum(arms) == 75
        assert min(arms) >= 0
        assert 0 <= form["field_share"] <= 0.5
        assert form["ai_threshold"] >= 0


@pytest.fixture(scope="module")
def resampled(tax_audit):
    """A position after three quarters of the best policy, and worlds the referee thinks possible there."""
    position = position_after(tax_audit, 8, made(policy_run(tax_audit, 8, "best"))[:3])
    return position, tax_audit.model.possible(position, 12, 8, asked=True)


def test_resampled_worlds_look_like_the_real_one_to_the_office(tax_audit, resampled):
    position, possible = resampled
    p = tax_audit.model.p
    real = current_rows(p, position.firms, position.state, draw_now(tax_audit, position))
    for world in possible:
        assert np.array_equal(world.firms.register, position.firms.register)
        assert np.array_equal(world.state.records.found, position.state.records.found)
        assert current_rows(p, world.firms, world.state, world.assumed) == pytest.approx(real)
    assert not np.array_equal(possible[0].firms.evasion_share, possible[1].firms.evasion_share)
    assert not np.array_equal(possible[0].firms.liability, position.firms.liability)


def draw_now(tax_audit, position):
    from simulations.scenarios.tax_audit.world import draw_quarter

    return draw_quarter(tax_audit.model.p, position.seed, position.state.round)


def test_what_an_audit_found_is_never_resampled_far_from_it(tax_audit, resampled):
    position, possible = resampled
    records = position.state.records
    hit = records.found > 0
    for world in possible:
        firm = records.firm[hit]
        assert np.array_equal(world.firms.liability[firm], position.firms.liability[firm])
        apart = np.abs(world.firms.evasion_share[firm] - records.found[hit])
        assert apart.max() < 5 * tax_audit.model.p.share_precision


def test_unknown_liabilities_are_drawn_around_the_register(resampled):
    position, possible = resampled
    records = position.state.records
    unknown = np.ones(len(position.firms), dtype=bool)
    unknown[records.firm[records.found > 0]] = False
    true = np.log(position.firms.liability[unknown])
    drawn = np.log([world.firms.liability[unknown] for world in possible])
    assert (drawn - true).mean() == pytest.approx(0.0, abs=0.03)
    # register error 0.3 against a spread of 0.6: error of a draw is 0.3 sqrt(0.8) on both sides
    assert (drawn - true).std() == pytest.approx(0.3 * np.sqrt(1.6), rel=0.1)


def test_the_referee_is_calibrated_and_learns_from_behaviour(tax_audit, resampled):
    position, possible = resampled
    true = position.firms.evasion_share > position.firms.moral_cost
    believed = np.mean([world.firms.evasion_share > world.firms.moral_cost for world in possible], axis=0)
    for low in (0.0, 0.25, 0.5, 0.75):
        group = (believed >= low) & (believed < low + 0.25 + (low == 0.75))
        error = 3 * np.sqrt(0.25 / group.sum())
        assert true[group].mean() == pytest.approx(believed[group].mean(), abs=0.06 + error)
    assert believed[true].mean() > believed[~true].mean() + 0.15


def test_possible_natures_fill_the_population_evenly(tax_audit):
    p = tax_audit.model.p
    pool = draw_pool(p, 1)
    assert pool.evasion_share.mean() == pytest.approx(0.3, abs=0.005)
    assert pool.moral_cost.mean() == pytest.approx(p.moral_cost_mean, rel=0.05)
    assert np.corrcoef(pool.evasion_share, pool.moral_cost)[0, 1] == pytest.approx(0, abs=0.2)
