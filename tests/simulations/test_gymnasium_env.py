"""A scenario as a Gymnasium environment: the API, admissible actions, returns equal to losses."""

import subprocess
import sys
import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import load, scenario_ids
from simulations.engine import decision_problems
from simulations.gymnasium_env import ScenarioEnv
from simulations.scoring import policy_run, run_loss

ENV = ScenarioEnv("grievance")


@pytest.mark.parametrize("scenario_id", scenario_ids())
def test_gymnasium_itself_finds_no_fault(scenario_id):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that figures have no bounds is meant
        check_env(ScenarioEnv(scenario_id), skip_render_check=True)


@pytest.mark.parametrize("policy", ["baseline", "random", "best"])
def test_a_reference_policy_played_through_the_environment_returns_minus_its_loss(policy):
    scenario = load("grievance")
    run = policy_run(scenario, 6, policy)
    ENV.reset(seed=6)
    total, finished = 0.0, False
    for number, result in enumerate(run.results, start=1):
        _, reward, finished, truncated, info = ENV.step(ENV.action(result.decision.values))
        assert info["form"] == dict(result.decision.values)
        assert info["kpis"] == dict(result.kpis)
        assert (finished, truncated) == (number == scenario.rounds, False)
        total += reward
    assert finished
    assert total == pytest.approx(-run_loss(scenario, run))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**31 - 1))
def test_every_action_of_the_space_is_an_admissible_decision(seed):
    space = ENV.action_space
    space.seed(seed)
    form = ENV.form(space.sample())
    assert decision_problems(ENV.scenario.fields, ENV.scenario.sum_rules, form) == ()


def test_an_observation_shows_the_desk_and_marks_what_is_not_known():
    seen, info = ENV.reset(seed=6)
    situation = info["situation"]
    known = {key for key, flag in zip(ENV.figure_ids, seen["known"], strict=True) if flag}
    assert known == set(situation.figures)
    assert seen["figures"][ENV.figure_ids.index("backlog")] == situation.figures["backlog"]
    assert (
        seen["table"][ENV.row_ids.index("health"), ENV.column_ids.index("backlog")]
        == (situation.table[2].values["backlog"])
    )
    assert seen["played"] == 0


def test_the_hidden_truth_is_neither_observed_nor_told():
    truth = {kpi.id for kpi in ENV.scenario.truth_kpis}
    _, first = ENV.reset(seed=6)
    *_, later = ENV.step(ENV.action(ENV.scenario.default_values))
    assert truth.isdisjoint(ENV.figure_ids)
    assert truth.isdisjoint({*first, *later, *later["kpis"], *later["situation"].figures})


def test_without_a_seed_every_reset_starts_another_run():
    ENV.reset(seed=6)
    drawn = {ENV.reset()[1]["seed"] for _ in range(5)}
    assert len(drawn) == 5
    ENV.reset(seed=6)
    assert {ENV.reset()[1]["seed"] for _ in range(5)} == drawn


def test_a_step_before_reset_or_after_the_end_is_refused():
    env = ScenarioEnv("grievance")
    action = env.action(env.scenario.default_values)
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(action)
    env.reset(seed=1)
    for _ in range(env.scenario.rounds):
        env.step(action)
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(action)


def test_the_library_itself_does_not_need_gymnasium():
    code = "import sys, simulations.commands; assert 'gymnasium' not in sys.modules and 'scipy' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_weights_divide_a_total_in_proportion():
    weights = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    form = ENV.form(ENV.action(ENV.scenario.default_values) | {"split_0": weights})
    assert [form[key] for key in ENV.scenario.sum_rules[0].field_ids] == [100, 100, 100, 100, 0, 0, 0]
