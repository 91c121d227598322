"""The engine's random policy: every admissible form is as likely as any other, none other is drawn."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from simulations import Field, ScenarioError, SumRule, UnknownPolicy, load, scenario_ids
from simulations.admissible import option_count, random_form, split_of, value_at
from simulations.engine import decision_problems, stream
from simulations.replay import position_after
from simulations.scoring import policy_form, policy_run

STEPS = (1, 2, 0.05, 0.1, 0.25)


@st.composite
def shared_total(draw):
    """A few fields of different bounds and steps with a total that at least one form reaches."""
    fields = []
    for number in range(draw(st.integers(1, 4))):
        step, least, most = draw(st.sampled_from(STEPS)), draw(st.integers(0, 2)), draw(st.integers(0, 4))
        kind = "integer" if isinstance(step, int) else "number"
        top = least + most * step if kind == "integer" else round(least + most * step, 6)
        fields.append(Field(f"f{number}", kind, "hours", least, top, step, least, (), "staff"))
    total = sum(value_at(field, draw(st.integers(0, option_count(field) - 1))) for field in fields)
    return tuple(fields), SumRule(tuple(field.id for field in fields), round(total, 6), "hours")


def every_form(fields, rule):
    for steps in itertools.product(*(range(option_count(field)) for field in fields)):
        form = {field.id: value_at(field, k) for field, k in zip(fields, steps, strict=True)}
        if abs(sum(form.values()) - rule.total) < 1e-9:
            yield form


@settings(deadline=None)
@given(case=shared_total(), seed=st.integers(0, 10**6))
def test_a_drawn_form_breaks_no_rule(case, seed):
    fields, rule = case
    assert decision_problems(fields, [rule], random_form(fields, [rule], stream(seed, "test"))) == ()


@settings(deadline=None)
@given(case=shared_total())
def test_the_ways_to_fulfil_a_sum_rule_are_counted_exactly(case):
    fields, rule = case
    assert split_of(fields, rule).count == len(list(every_form(fields, rule)))


@settings(deadline=None)
@given(case=shared_total(), data=st.data())
def test_the_form_nearest_to_its_own_amounts_is_itself(case, data):
    fields, rule = case
    form = data.draw(st.sampled_from(list(every_form(fields, rule))))
    weights = [form[field.id] - field.minimum for field in fields]
    assume(sum(weights) > 0)
    assert split_of(fields, rule).nearest(weights) == form


@settings(deadline=None)
@given(case=shared_total(), data=st.data())
def test_the_nearest_form_breaks_no_rule_whatever_the_weights(case, data):
    fields, rule = case
    weights = data.draw(st.lists(st.floats(0, 1e6), min_size=len(fields), max_size=len(fields)))
    assert decision_problems(fields, [rule], split_of(fields, rule).nearest(weights)) == ()


def test_every_admissible_form_is_drawn_equally_often():
    fields = tuple(Field(f"f{n}", "integer", "hours", 0, top, 1, 0, (), "staff") for n, top in enumerate((3, 2, 4)))
    rule = SumRule(("f0", "f1", "f2"), 5, "hours")
    die = stream(11, "test")
    drawn = Counter(tuple(random_form(fields, [rule], die).values()) for _ in range(5000))
    assert set(drawn) == {tuple(form.values()) for form in every_form(fields, rule)}
    assert chisquare(list(drawn.values())).pvalue > 0.001


def test_fields_without_a_rule_take_each_of_their_values():
    mode = Field("mode", "choice", "mode", 0, 0, 0, "off", ("off", "on"), "ai")
    share = Field("share", "share", "share", 0.0, 0.3, 0.05, 0.0, (), "ai")
    die = stream(3, "test")
    drawn = {tuple(random_form((mode, share), (), die).values()) for _ in range(400)}
    assert drawn == set(itertools.product(("off", "on"), (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)))


def test_a_sum_no_steps_can_reach_is_refused():
    pair = tuple(Field(f"f{n}", "integer", "hours", 0, 10, 4, 0, (), "staff") for n in range(2))
    with pytest.raises(ScenarioError, match="No steps of f0, f1 add up to 6 hours"):
        split_of(pair, SumRule(("f0", "f1"), 6, "hours"))


@pytest.mark.parametrize("scenario_id", scenario_ids())
def test_the_random_policy_plays_every_scenario_to_its_end(scenario_id):
    scenario = load(scenario_id)
    run, other = (policy_run(scenario, seed, "random") for seed in (1, 2))
    assert run.finished
    assert run.results[0].decision.values != other.results[0].decision.values
    assert run.results[0].decision.values != run.results[1].decision.values


def test_the_random_decision_of_a_round_hangs_on_seed_and_round_alone(grievance):
    made = [result.decision for result in policy_run(grievance, 4, "baseline").results[:3]]
    expected = policy_run(grievance, 4, "random").results[3].decision.values
    position = position_after(grievance, 4, made)
    assert policy_form(grievance, "random", position, seed=4, round_number=4) == expected


def test_hours_of_the_random_policy_average_to_equal_shares(grievance):
    # exchangeable fields of one rule have equal means: six of 0..200 h and outreach of 0..100 h share 400 h
    forms = [policy_form(grievance, "random", None, seed=seed, round_number=1) for seed in range(600)]
    means = [np.mean([form[key] for form in forms]) for key in grievance.sum_rules[0].field_ids[:6]]
    assert max(means) - min(means) < 12
    assert sum(means) + np.mean([form["outreach_hours"] for form in forms]) == pytest.approx(400)


def test_an_unknown_policy_is_named_with_the_known_ones(grievance):
    with pytest.raises(UnknownPolicy, match="known are baseline, random, greedy, ai_only, best"):
        policy_run(grievance, 1, "oracle")
