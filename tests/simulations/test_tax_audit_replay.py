"""A run of tax_audit is a pure function of seed and events; decisions shift no die and show no truth."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import Decision, InvalidEvent, load, replay
from simulations.registry import SCENARIOS, read_scenario
from simulations.replay import position_after
from simulations.scenarios.tax_audit.office import RANDOM
from simulations.types import ScenarioError
from tests.simulations import played
from tests.simulations.played import decisions, forms_of, seeds

SCENARIO = load("tax_audit")
forms = partial(forms_of, SCENARIO)
asked = partial(played.asked, SCENARIO)


def with_arms(**values):
    """The default form with some values changed; the risk list takes what the other arms leave."""
    changed = SCENARIO.default_values | values
    return changed | {"risk_audits": 75 - changed["random_audits"] - changed["campaign_audits"]}


@settings(max_examples=15, deadline=None)
@given(seed=seeds, one=forms(), other=forms())
def test_without_letters_firms_decide_the_first_quarter_alike_whatever_is_audited(seed, one, other):
    hidden = [replay(SCENARIO, seed, decisions([form | {"letters": 0}])).results[0].truth for form in (one, other)]
    for key in ("tax_gap", "evasion_rate"):
        assert hidden[0][key] == hidden[1][key]


@settings(max_examples=15, deadline=None)
@given(seed=seeds, other=forms(), few=st.integers(1, 37))
def test_a_larger_lot_holds_the_smaller_one_and_no_other_field_moves_it(seed, other, few):
    def lot(form):
        position = position_after(SCENARIO, seed, decisions([form]))
        records = position.state.records
        return set(records.firm[(records.quarter == 1) & (records.arm == RANDOM)])

    small = with_arms(random_audits=few, campaign_audits=0)
    large = with_arms(random_audits=2 * few, campaign_audits=0)
    assert len(lot(small)) == few
    assert lot(small) < lot(large)
    same_lot = other | {key: small[key] for key in ("risk_audits", "random_audits", "campaign_audits")}
    assert lot(same_lot) == lot(small)


@settings(max_examples=25, deadline=None)
@given(seed=seeds, values=st.lists(forms(), min_size=1, max_size=6))
def test_no_form_uses_more_than_the_office_has(seed, values):
    for number, result in enumerate(replay(SCENARIO, seed, decisions(values)).results, start=1):
        assert result.kpis["audits"] <= 75
        assert result.kpis["units"] <= 150
        assert result.kpis["gap_low"] <= result.kpis["gap_estimate"]
        assert 0 <= result.kpis["gap_low"] <= result.kpis["gap_high"] <= 100
        records = position_after(SCENARIO, seed, decisions(values[:number])).state.records
        now = records.firm[records.quarter == number]
        assert len(set(now)) == len(now) == result.kpis["audits"]
        assert np.all((records.inclusion > 0) & (records.inclusion <= 1))


@settings(max_examples=20, deadline=None)
@given(seed=seeds, values=st.lists(forms(), min_size=1, max_size=3))
def test_reported_figures_are_those_of_the_audits_on_file(seed, values):
    kpis = replay(SCENARIO, seed, decisions(values)).results[-1].kpis
    position = position_after(SCENARIO, seed, decisions(values))
    records, firms = position.state.records, position.firms
    now = records.quarter == len(values)
    firm, found = records.firm[now], records.found[now]
    assert kpis["revenue_assessed"] == pytest.approx(2 * (found * firms.liability[firm]).sum())
    assert kpis["yield_per_unit"] * kpis["units"] == pytest.approx(1000 * kpis["revenue_assessed"])
    assert kpis["hit_rate"] * len(firm) == pytest.approx(100 * np.count_nonzero(found))
    by_size = kpis["audit_rate_small"] * (~firms.large).sum() + kpis["audit_rate_large"] * firms.large.sum()
    assert by_size == pytest.approx(100 * len(firm))
    assert kpis["audit_rate_border"] == pytest.approx(
        100 * (firms.district[firm] == 4).sum() / (firms.district == 4).sum()
    )


def test_a_firm_that_was_audited_rests_from_the_list_for_two_quarters():
    form = with_arms(random_audits=0, campaign_audits=0, ai_mode="auto", training="vendor")
    records = position_after(SCENARIO, 3, decisions([form] * 4)).state.records
    listed = [set(records.firm[records.quarter == number]) for number in range(1, 5)]
    assert not listed[0] & (listed[1] | listed[2])
    assert listed[0] & listed[3]


def test_a_firm_remembers_its_audit_and_slowly_forgets_it():
    form = with_arms(random_audits=75, campaign_audits=0)
    first, second = (position_after(SCENARIO, 3, decisions([form] * count)).state for count in (1, 2))
    audited = first.last_audit == 1
    assert np.all(first.own[audited] == 1.0)
    assert first.own[~audited] == pytest.approx(0.7 * 0.05)
    only_once = audited & (second.last_audit == 1)
    assert second.own[only_once] == pytest.approx(0.7)


def test_nobody_gets_a_second_letter_before_everybody_had_one():
    form = with_arms(letters=400)
    counts = [position_after(SCENARIO, 3, decisions([form] * number)).state.letters for number in (3, 4)]
    assert np.bincount(counts[0]).tolist() == [300, 1200]
    assert np.bincount(counts[1]).tolist() == [0, 1400, 100]


def test_a_second_letter_deters_less_than_a_first():
    form = with_arms(letters=400)
    numb, lasting = (read_scenario(SCENARIOS / "tax_audit", {"letter_repeat": share}) for share in (0.0, 1.0))
    for seed in range(8):
        rates = [[result.truth["evasion_rate"] for result in replay(scenario, seed, decisions([form] * 6)).results]
                 for scenario in (numb, SCENARIO, lasting)]  # fmt: skip
        assert rates[0][:3] == rates[1][:3] == rates[2][:3]
        assert sum(rates[0]) > sum(rates[1]) > sum(rates[2])


def test_reading_files_finds_more_evaders_and_leaves_fewer_field_audits():
    hits, units = [], []
    for seed in range(30):
        plain, read = (
            replay(SCENARIO, seed, decisions([with_arms(random_audits=0, campaign_audits=0, ai_mode=mode)])).results[0]
            for mode in ("auto", "advise")
        )
        hits.append(read.kpis["hit_rate"] - plain.kpis["hit_rate"])
        units.append(read.kpis["units"] - plain.kpis["units"])
    assert np.mean(hits) > 3 * np.std(hits, ddof=1) / np.sqrt(len(hits))
    assert min(units) > 15


def test_a_threshold_leaves_audits_unused():
    form = with_arms(random_audits=0, campaign_audits=0, ai_mode="auto", ai_threshold=0.9)
    assert replay(SCENARIO, 1, decisions([form])).results[0].kpis["audits"] < 75


def test_without_random_audits_the_gap_is_not_known():
    result = replay(SCENARIO, 1, decisions([with_arms(random_audits=1, campaign_audits=0)])).results[0]
    assert [result.kpis[key] for key in ("gap_estimate", "gap_low", "gap_high")] == [50, 0, 100]


def test_the_rule_change_is_announced_at_the_start_of_quarter_four():
    played = decisions([SCENARIO.default_values] * 4)
    assert replay(SCENARIO, 1, played[:2]).situation.events == ()
    assert replay(SCENARIO, 1, played[:3]).situation.events == ("rule_change",)
    assert replay(SCENARIO, 1, played).results[-1].events == ("rule_change",)


def test_the_advice_is_the_delivered_score_highest_first():
    advice = replay(SCENARIO, 4, []).situation.advice
    scores = [row.confidence for row in advice]
    assert len(advice) == 5
    assert scores == sorted(scores, reverse=True)
    assert asked(4, [], "why_this_case")["total"] == pytest.approx(np.log(scores[0] / (1 - scores[0])), abs=1e-6)


def test_drift_and_law_turn_with_the_rule_and_not_before():
    for seed in range(5):
        before, after = ([SCENARIO.default_values] * count for count in (2, 3))
        assert asked(seed, before, "drift_check")["psi_input"] < 0.1
        assert asked(seed, after, "drift_check")["psi_input"] > 0.25
        assert asked(seed, after, "drift_check")["psi_bank"] < 0.1
        assert (asked(seed, before, "law"), asked(seed, after, "law")) == ({"direction": 1.0}, {"direction": -1.0})


def test_the_causes_of_a_score_add_up():
    values = dict(asked(2, [SCENARIO.default_values], "why_this_case"))
    total = values.pop("total")
    assert sum(values.values()) == pytest.approx(total)


def test_past_audits_went_to_few_districts_and_the_card_says_so():
    card, history = asked(6, [], "ai_card"), asked(6, [], "history")
    assert card["familiar"] == history["familiar"] > 50 > 2 * history["familiar_firms"]
    assert sum(history[f"sector_{number}"] for number in range(5)) == history["n"] == card["n"]


def test_a_book_audit_shows_where_the_tool_errs():
    found = [asked(seed, [], "error_by_group", 60) for seed in range(80)]
    right = {name: sum(v[f"right_{name}"] for v in found) / sum(v[f"n_{name}"] for v in found)
             for name in ("familiar", "border", "other")}  # fmt: skip
    false = {name: sum(v[f"false_{name}"] for v in found) / sum(v[f"n_{name}"] for v in found)
             for name in ("border", "other")}  # fmt: skip
    assert right["familiar"] > right["other"] + 0.1
    assert false["border"] > false["other"] + 0.05
    assert all(values[f"n_{name}"] == 20 for values in found for name in right)


def test_firms_learn_only_from_a_tool_that_is_used():
    by_tool = with_arms(random_audits=0, campaign_audits=0, ai_mode="auto")
    hidden = with_arms(random_audits=40, campaign_audits=0, ai_mode="auto")
    told = {name: np.mean([asked(seed, [form] * 5, "field_officer")["rearranged"] for seed in range(20)])
            for name, form in (("tool", by_tool), ("lot", hidden), ("rotation", SCENARIO.default_values))}  # fmt: skip
    assert told["rotation"] == 0
    assert told["lot"] < 1
    assert told["tool"] == pytest.approx(20 * (1 - 0.8**5), abs=1.5)


def test_the_lot_is_pooled_over_the_run():
    form = with_arms(random_audits=25, campaign_audits=0)
    first, third = (asked(8, [form] * count, "random_arm_result") for count in (1, 3))
    assert (first["n"], third["n"]) == (25, 75)
    assert third["gap_high"] - third["gap_low"] < first["gap_high"] - first["gap_low"]
    assert third["low"] < 100 * third["hits"] / 75 < third["high"]


def test_the_propensity_plot_counts_firms_without_a_chance():
    only_list = with_arms(random_audits=0, campaign_audits=0, ai_mode="auto")
    by_lot = with_arms(random_audits=75, campaign_audits=0)
    assert asked(8, [only_list], "propensity_plot")["rare"] == 1500 - 75
    assert asked(8, [by_lot], "propensity_plot")["rare"] == 0
    assert asked(8, [by_lot], "propensity_plot")["least"] == pytest.approx(5.0)


def test_audits_that_do_not_add_up_are_refused():
    form = SCENARIO.default_values
    for changed in ({"risk_audits": 61}, {"field_share": 0.55}, {"letters": 30}, {"training": "newest"}):
        with pytest.raises(InvalidEvent):
            replay(SCENARIO, 1, [Decision(1, form | changed)])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [("firms", [1], "parameters.firms.value"), ("no_such", 1.0, "no_such")],
)
def test_faulty_parameters_are_refused(name, value, message):
    with pytest.raises(ScenarioError, match=message):
        read_scenario(SCENARIOS / "tax_audit", {name: value})
