"""What every scenario promises: worlds that look alike, cases that can be judged, equity by group."""

import numpy as np
import pytest

import simulations
from simulations import Decision
from simulations.engine import decision_problems
from simulations.replay import position_after
from simulations.scoring import policy_run

SEEDS = range(12)
LATER = 3


@pytest.fixture(scope="module", params=simulations.scenario_ids())
def scenario(request):
    return simulations.load(request.param)


def position_later(scenario, seed):
    """The start of the third round of the baseline."""
    made = [result.decision for result in policy_run(scenario, seed, "baseline").results[: LATER - 1]]
    return position_after(scenario, seed, made)


def all_cases(scenario, share=1.0):
    """Cases of the first ``share`` of the rounds of the baseline, over all seeds."""
    found = []
    for seed in SEEDS:
        decisions = [result.decision for result in policy_run(scenario, seed, "baseline").results]
        for number in range(int(share * scenario.rounds)):
            found += scenario.model.cases(position_after(scenario, seed, decisions[:number]))
    return found


@pytest.mark.parametrize("asked", [False, True])
def test_possible_worlds_show_the_same_desk(scenario, asked):
    position = position_later(scenario, 5)
    worlds = scenario.model.possible(position, 3, 7, asked=asked)
    assert len(worlds) == 3
    assert all(scenario.model.situation(world) == scenario.model.situation(position) for world in worlds)


def test_possible_worlds_are_drawn_from_their_seed_alone(scenario):
    position, forms = position_later(scenario, 5), [scenario.default_values]
    first, again, other = (
        scenario.model.losses_to_go(scenario.model.possible(position, 3, seed, asked=True), forms) for seed in (7, 7, 8)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_two_cases_a_round_and_none_twice_in_a_run(scenario):
    decisions = [result.decision for result in policy_run(scenario, 2, "baseline").results]
    ids = []
    for number in range(scenario.rounds):
        cases = scenario.model.cases(position_after(scenario, 2, decisions[:number]))
        assert len(cases) == 2
        ids += [case.id for case in cases]
    assert len(set(ids)) == len(ids)


def test_before_the_shock_the_tool_is_useful_on_cases_but_no_oracle(scenario):
    cases = all_cases(scenario, share=0.5)
    assert len({case.group for case in cases}) > 1
    assert 1.05 / len(cases[0].answers) < np.mean([case.advice == case.truth for case in cases]) < 0.95


def test_no_answer_is_right_nearly_always(scenario):
    truths = [case.truth for case in all_cases(scenario)]
    assert max(truths.count(answer) for answer in set(truths)) / len(truths) < 0.8


def test_cases_and_worlds_shift_no_die(scenario):
    untouched = simulations.replay(scenario, 4, [Decision(1, scenario.default_values)]).digest
    position = scenario.model.start(4)
    scenario.model.cases(position)
    scenario.model.possible(position, 2, 4, asked=False)
    assert simulations.replay(scenario, 4, [Decision(1, scenario.default_values)]).digest == untouched


def test_candidates_obey_the_form(scenario):
    for values in scenario.model.candidates(position_later(scenario, 5)):
        assert decision_problems(scenario.fields, scenario.sum_rules, values) == ()


def test_equity_says_whom_it_compares(scenario):
    made = [result.decision for result in policy_run(scenario, 3, "ai_only").results]
    equity = scenario.model.equity(position_after(scenario, 3, made))
    assert len(equity.groups) > 1
    assert all(scenario.texts(language).equity_group(group) for language in ("en", "ur") for group in equity.groups)
