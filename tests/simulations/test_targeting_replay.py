"""A run of targeting is a pure function of seed and events; decisions shift no die and show no truth."""

import sys
from functools import partial
from subprocess import run as run_process

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import Inquiry, InvalidEvent, load, replay
from simulations.registry import SCENARIOS, read_scenario
from simulations.replay import position_after
from simulations.types import ScenarioError
from tests.simulations import played
from tests.simulations.played import decisions, forms_of, seeds

SCENARIO = load("targeting")
forms = partial(forms_of, SCENARIO)
asked = partial(played.asked, SCENARIO)


def form(**values):
    return SCENARIO.default_values | values


@settings(max_examples=12, deadline=None)
@given(seed=seeds, one=forms(), other=forms())
def test_who_is_poor_does_not_depend_on_decisions(seed, one, other):
    runs = [replay(SCENARIO, seed, decisions([values] * 5)).results for values in (one, other)]
    for mine, theirs in zip(*runs, strict=True):
        assert mine.truth["poor_share"] == theirs.truth["poor_share"]
        assert mine.events == theirs.events


@settings(max_examples=25, deadline=None)
@given(seed=seeds, values=st.lists(forms(), min_size=1, max_size=5))
def test_no_form_spends_more_than_there_is(seed, values):
    savings = 0.0
    for number, result in enumerate(replay(SCENARIO, seed, decisions(values)).results, start=1):
        spent = 180.0 + savings - result.kpis["savings"]
        assert result.kpis["savings"] >= -1e-9
        kept = values[number - 1]["reserve"] * (180.0 + savings)
        assert result.kpis["savings"] >= kept - 1e-6
        paid = result.kpis["paid_households"] * values[number - 1]["transfer"] * 6 / 1e6
        assert paid == pytest.approx(spent * result.kpis["money_in_hand"] / 100)
        savings = result.kpis["savings"]


@settings(max_examples=15, deadline=None)
@given(seed=seeds, values=forms(), few=st.sampled_from([1000, 2000, 3000]))
def test_a_smaller_payment_reaches_no_fewer_households(seed, values, few):
    counts = [
        replay(SCENARIO, seed, decisions([values | {"transfer": transfer}])).results[0].kpis["paid_households"]
        for transfer in (few, few + 500)
    ]
    assert counts[0] >= counts[1]


@settings(max_examples=15, deadline=None)
@given(seed=seeds, values=st.lists(forms(), min_size=1, max_size=4))
def test_a_household_found_poor_is_paid_before_any_other(seed, values):
    state = position_after(SCENARIO, seed, decisions(values)).state
    known, quota = state.verdict > 0, np.count_nonzero(state.paid)
    assert np.count_nonzero(state.paid & known) == min(quota, np.count_nonzero(known))


def test_the_flood_is_announced_once_in_the_third_or_fourth_half_year():
    rounds = []
    for seed in range(30):
        results = replay(SCENARIO, seed, decisions([form()] * 5)).results
        hit = [result.round for result in results if result.events == ("flood",)]
        assert len(hit) == 1
        before, after = (results[hit[0] + step].truth["poor_share"] for step in (-2, -1))
        assert after > before + 5
        rounds += hit
    assert set(rounds) == {3, 4}


def test_flood_relief_has_no_effect_before_the_flood():
    for relief in ("tehsils", "damage_survey"):
        plain, early = (replay(SCENARIO, 4, decisions([values] * 2)) for values in (form(), form(flood_relief=relief)))
        assert [r.kpis for r in plain.results] == [r.kpis for r in early.results]


def test_a_damage_survey_is_paid_for_once_and_holds_everybody_hit():
    position = position_after(SCENARIO, 4, decisions([form(flood_relief="damage_survey")] * 5))
    assert position.state.surveyed
    assert np.all(position.state.damage[position.truth.hit])
    false = position.state.damage & ~position.truth.hit
    assert np.array_equal(false, position.homes.river & position.truth.false_claim & ~position.truth.hit)


def test_what_was_seen_on_the_river_before_the_flood_no_longer_counts_against_anybody():
    read = form(meetings=0.3, ai_mode="auto")
    for seed in range(4):
        position = position_after(SCENARIO, seed, decisions([read, read]))
        if position.truth.flood_round != 3:
            continue
        struck = position.homes.river & (position.state.verdict < 0)
        after = position_after(SCENARIO, seed, decisions([read, read, form()]))
        assert struck.any()
        assert not after.state.verdict[struck].any()


def test_a_mobile_desk_is_found_by_nomads_and_an_office_is_not():
    appeals = {}
    for desk in ("office", "mobile"):
        runs = [replay(SCENARIO, seed, decisions([form(desk=desk)])).situation.table[2] for seed in range(12)]
        appeals[desk] = sum(row.values["appealed"] for row in runs)
    assert appeals["mobile"] > 3 * appeals["office"] > 0


def test_the_planted_flaw_is_found_by_asking():
    told = [asked(seed, [], "error_by_group", 60) for seed in range(40)]
    missed = {
        group: sum(t[f"missed_{group}"] for t in told) / sum(t[f"poor_{group}"] for t in told)
        for group in ("settled", "slum", "nomad")
    }
    assert min(missed["slum"], missed["nomad"]) > missed["settled"] + 0.2
    moved = [asked(seed, [], "drift_check") for seed in range(6)]
    assert min(min(t["psi_livestock"], t["psi_electricity"]) for t in moved) > 0.1
    causes = [asked(seed, [], "why_this_case") for seed in range(60)]
    assert np.mean([t["livestock"] for t in causes]) > max(np.mean([t["dwelling"] for t in causes]), 4)
    assert np.mean([t["score"] - t["measured"] for t in causes]) > 8
    assert asked(1, [], "ai_card")["nomads"] == 0


def test_a_field_officer_sees_the_flood_that_no_score_shows():
    for seed in range(5):
        flood = position_after(SCENARIO, seed, []).truth.flood_round
        dry, wet = (asked(seed, [form()] * played, "field_officer")["hit"] for played in (0, flood - 1))
        assert dry == 0
        assert wet >= 6


def test_the_small_survey_shows_whom_the_tool_leaves_out():
    told = [asked(seed, [form(ai_mode="auto")], "subgroup_table") for seed in range(20)]
    for group in ("slum", "nomad"):
        short = [t[f"poor_{group}"] - t[f"paid_{group}"] for t in told]
        assert np.mean(short) > np.mean([t["poor_settled"] - t["paid_settled"] for t in told]) + 10


def test_old_complaints_show_how_few_nomads_could_complain():
    told = [asked(seed, [], "history") for seed in range(10)]
    assert sum(t["complaints_nomad"] for t in told) < 0.1 * sum(t["complaints_settled"] for t in told)


@pytest.mark.parametrize(
    "inquiry_id", ["error_by_group", "household_visits", "subgroup_table", "field_officer", "history"]
)
def test_other_inquiries_tell_districts_apart(inquiry_id):
    kind = SCENARIO.inquiry(inquiry_id)
    argument = kind.default_argument
    assert len({tuple(asked(seed, [], inquiry_id, argument).values()) for seed in range(8)}) > 3


def test_visits_cost_three_minutes_each():
    with pytest.raises(InvalidEvent):
        replay(SCENARIO, 1, [Inquiry(1, "household_visits", 30), Inquiry(1, "error_by_group", 60)])
    assert replay(SCENARIO, 1, [Inquiry(1, "household_visits", 20)]).minutes_left == 60


def test_loading_the_scenario_does_not_import_scipy():
    code = "import sys, simulations; simulations.load('targeting'); sys.exit('scipy' in sys.modules)"
    assert run_process([sys.executable, "-c", code], check=False).returncode == 0


def test_a_missing_parameter_is_named():
    with pytest.raises(ScenarioError, match="no_such"):
        read_scenario(SCENARIOS / "targeting", {"no_such": 1})


def test_both_languages_hold_the_same_texts():
    english, urdu = (SCENARIO.texts(language).entries for language in ("en", "ur"))
    assert set(english) == set(urdu)
