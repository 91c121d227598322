"""A run of ai_vendor is a pure function of seed and events; decisions shift no die and show no truth."""

import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import Decision, InvalidEvent, load, replay
from simulations.checks import faults
from simulations.registry import SCENARIOS, read_scenario
from simulations.replay import position_after
from simulations.scenarios.ai_vendor.policies import assistant_pick
from simulations.scoring import policy_run
from simulations.types import ScenarioError
from tests.simulations import played
from tests.simulations.played import decisions, forms_of, seeds

SCENARIO = load("ai_vendor")
forms = partial(forms_of, SCENARIO)
asked = partial(played.asked, SCENARIO)
DECOYS = ("minister_speech", "vendor_video", "national_ranking")
CLAUSES = ("data_clauses", "exit_clauses", "fairness_clauses", "oversight_clauses")


def form(**values):
    return SCENARIO.default_values | values


def test_the_folder_keeps_the_contract():
    assert faults(SCENARIO, ("schema", "model")) == []


def test_loading_the_scenario_brings_no_scipy():
    code = "import simulations, sys; simulations.load('ai_vendor'); sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@settings(max_examples=15, deadline=None)
@given(seed=seeds, small=st.integers(1, 9), more=st.integers(1, 10))
def test_a_larger_pilot_holds_the_smaller_one(seed, small, more):
    def right(cases):
        played = [form(), form(), form(shortlist=4), form(pilot_cases=cases)]
        return np.array(position_after(SCENARIO, seed, decisions(played)).state.pilot_right)

    few, many = right(20 * small), right(20 * (small + more))
    assert np.all(few <= many)
    assert np.all(many - few <= 10 * more)


@settings(max_examples=15, deadline=None)
@given(seed=seeds, one=st.lists(forms(), min_size=4, max_size=4), other=st.lists(forms(), min_size=4, max_size=4))
def test_the_shock_and_the_desk_are_the_same_whatever_was_decided(seed, one, other):
    ends = [position_after(SCENARIO, seed, decisions(values)) for values in (one, other)]
    assert ends[0].state.shock == ends[1].state.shock
    assert ends[0].scheme == ends[1].scheme
    assert SCENARIO.model.events(ends[0].state) == SCENARIO.model.events(ends[1].state) != ()


@settings(max_examples=25, deadline=None)
@given(seed=seeds, values=st.lists(forms(), min_size=7, max_size=7))
def test_money_adds_up_in_every_run(seed, values):
    end = position_after(SCENARIO, seed, decisions(values))
    money, last = end.state.money, replay(SCENARIO, seed, decisions(values)).results[-1]
    assert last.kpis["spent"] == pytest.approx(money.vendor + money.form + money.pilot + money.training)
    assert last.truth["public_value"] == pytest.approx(money.value)
    loss = sum(SCENARIO.model.loss_parts(end).values())
    assert loss == pytest.approx(last.truth["best_possible"] - last.truth["public_value"])
    assert money.training == values[4]["training_budget"]
    assert 0 <= last.kpis["clauses_held"] <= 11


@settings(max_examples=25, deadline=None)
@given(seed=seeds, values=st.lists(forms(), min_size=1, max_size=6))
def test_fields_of_other_stages_have_no_effect(seed, values):
    stages = {"stage_1": (1,), "stage_2": (2,), "stage_3": (3,), "stage_4": (4,), "stage_5": (5,), "release": (5,)}
    stages["stage_6"] = (6, 7)
    reset = [
        {f.id: made[f.id] if number in stages[f.group] else f.default for f in SCENARIO.fields}
        for number, made in enumerate(values, start=1)
    ]
    one, other = (position_after(SCENARIO, seed, decisions(played)) for played in (values, reset))
    assert one == other


def test_no_ai_ends_the_tender_and_training_still_helps():
    base = [form(use_case="fix_form")] + [form()] * 3
    ends = [
        position_after(SCENARIO, 3, decisions([*base, form(award=award, training_budget=money), form(), form()]))
        for award, money in (("none", 0), ("vendor_b", 0), ("none", 6))
    ]
    assert ends[0].state.money == ends[1].state.money
    assert ends[2].state.money.benefit > ends[0].state.money.benefit
    assert SCENARIO.model.equity(ends[0]).groups == pytest.approx({"english": 90.0, "local": 88.0})


def test_stopping_saves_the_money_not_yet_released():
    base = [form(), form(), form(), form(), form(award="vendor_a")]
    price = position_after(SCENARIO, 4, decisions(base)).state.price
    paid = []
    for acts in (("stop", "continue"), ("continue", "stop"), ("continue", "continue")):
        end = position_after(SCENARIO, 4, decisions([*base, *(form(go_on=act) for act in acts)]))
        paid.append(end.state.money.vendor)
    assert paid[1] - paid[0] == pytest.approx(0.3 * price)
    assert paid[2] - paid[1] == pytest.approx(0.1 * price)


def test_clauses_are_paid_for_and_cut_the_cost_of_leaving():
    def end(**held):
        played = [form(), form(**held), form(), form(), form(award="vendor_a")]
        return replay(SCENARIO, 4, decisions(played)).results[-1].kpis

    bare, full = end(), end(**dict.fromkeys(CLAUSES, "yes"))
    assert (bare["clauses_held"], full["clauses_held"]) == (0, 11)
    assert full["exit_cost"] == pytest.approx(0.2 * bare["exit_cost"])
    assert full["spent"] > bare["spent"]


def test_the_tool_is_right_often_in_english_and_fails_on_local_documents_where_counting_helps():
    right = {"english": [], "local": []}
    for seed in range(300):
        for case in SCENARIO.model.cases(SCENARIO.model.start(seed)):
            short = case.values["clauses_summarised"] < case.values["clauses_seen"]
            own = "incomplete" if short else "complete"
            right[case.group].append((case.advice == case.truth, own == case.truth))
    tool, officer = zip(*(np.mean(rows, axis=0) for rows in right.values()), strict=True)
    assert tool[0] > 0.85
    assert tool[1] < 0.7
    assert min(officer) > 0.78
    assert officer[1] > tool[1] + 0.1


def test_the_planted_flaws_can_be_found_by_asking():
    summaries, demos, missing, pages = [], [], [], []
    for seed in range(40):
        told = asked(seed, [], "error_by_group", 60)
        summaries.append(told["summary_english"] - told["summary_local"])
        pick = assistant_pick(SCENARIO.model.start(seed).scheme.desk)
        if SCENARIO.model.start(seed).scheme.desk.bids[pick].abroad:
            demos.append(told["demo_english"] - told["demo_local"])
        missing.append(asked(seed, [], "contract_diff")["misreported"])
        pages.append(asked(seed, [], "why_this_case")["page"] == 0)
    assert np.mean(summaries) > 4 * np.std(summaries) / np.sqrt(len(summaries))
    assert np.mean(demos) > 4 * np.std(demos) / np.sqrt(len(demos))
    assert np.mean(missing) > 0.5
    assert 0.1 < np.mean(pages) < 0.6
    assert asked(1, [], "ai_card") == {"claimed": 98.0, "local": 0.0}


def test_decoys_say_nothing():
    for decoy in DECOYS:
        assert asked(3, [], decoy) == {}


def test_informative_inquiries_follow_the_truth():
    model = SCENARIO.model
    pairs = {
        "history": ("faults", "form_share"),
        "field_officer": ("ready", "readiness"),
        "law": ("applies", "is_strict"),
        "drift_check": ("local", "local_share"),
    }
    for inquiry, (figure, hidden) in pairs.items():
        starts = [model.start(seed) for seed in range(120)]
        told = [model.investigate(start, inquiry, None)[figure] for start in starts]
        true = [float(getattr(start.scheme.truth, hidden)) for start in starts]
        assert np.corrcoef(told, true)[0, 1] > 0.6
    told = [model.investigate(start, "reference_call", 2)["right"] for start in starts]
    assert np.corrcoef(told, [start.scheme.truth.right[1][1] for start in starts])[0, 1] > 0.6


def test_the_best_policy_reads_only_the_desk():
    for seed in range(6):
        position = SCENARIO.model.start(seed)
        other = SCENARIO.model.possible(position, 1, 99, asked=False)[0]
        assert SCENARIO.model.policies["best"](position) == SCENARIO.model.policies["best"](other)


def test_the_best_policy_uses_every_part_of_the_form():
    made = [[result.decision.values for result in policy_run(SCENARIO, seed, "best").results] for seed in range(16)]
    assert {run[0]["use_case"] for run in made} >= {"letters", "summaries", "fix_form"}
    assert any(run[3]["pilot_cases"] > 0 for run in made)
    for name in CLAUSES:
        assert any(run[1][name] == "yes" for run in made)


def test_shares_of_the_price_that_do_not_add_up_are_refused():
    for changed in ({"advance_share": 0.5}, {"acceptance": 0.62}, {"pilot_cases": 30}, {"award": "vendor_e"}):
        with pytest.raises(InvalidEvent):
            replay(SCENARIO, 1, [Decision(1, form(**changed))])


def test_faulty_parameters_are_refused():
    for name, value, message in (("use_value", 1.0, "parameters.use_value"), ("no_such", 1.0, "no_such")):
        with pytest.raises(ScenarioError, match=message):
            read_scenario(SCENARIOS / "ai_vendor", {name: value})
