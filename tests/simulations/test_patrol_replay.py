"""A run of patrol is a pure function of seed and events; decisions shift no die and show no truth."""

import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import Decision, InvalidEvent, load, replay
from simulations.registry import SCENARIOS, read_scenario
from simulations.replay import position_after
from simulations.scenarios.patrol.world import BEATS, rates
from simulations.scoring import policy_run
from simulations.types import ScenarioError
from tests.simulations import played
from tests.simulations.played import decisions, forms_of, seeds

SCENARIO = load("patrol")
forms = partial(forms_of, SCENARIO)
asked = partial(played.asked, SCENARIO)


def form(hours, **rest):
    """A form of patrol hours by beat; the default form otherwise."""
    return SCENARIO.default_values | {f"hours_{b}": h for b, h in zip(BEATS, hours, strict=True)} | rest


def test_loading_the_scenario_imports_no_scipy():
    line = "import sys, simulations; simulations.load('patrol'); sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", line], cwd=SCENARIOS.parents[1], check=False).returncode == 0


@settings(max_examples=20, deadline=None)
@given(seed=seeds, values=st.lists(forms(), min_size=1, max_size=4))
def test_all_hours_are_spent_and_counts_lie_within_each_other(seed, values):
    state = position_after(SCENARIO, seed, decisions(values)).state
    last, chosen = state.last, values[-1]
    assert last.hours.sum() == pytest.approx(480 - chosen["community_hours"])
    assert np.all(last.reported + last.serious <= last.incidents)
    assert np.all(last.serious <= last.found)
    assert np.all((state.trust >= 0.1) & (state.trust <= 0.9))
    kpis = replay(SCENARIO, seed, decisions(values)).results[-1].kpis
    assert kpis["reported"] == last.reported.sum()
    assert kpis["largest_share"] == pytest.approx(100 * last.hours.max() / last.hours.sum())


@settings(max_examples=15, deadline=None)
@given(seed=seeds, one=forms(), other=forms())
def test_the_truth_does_not_depend_on_decisions(seed, one, other):
    ends = [position_after(SCENARIO, seed, decisions([values] * 3)) for values in (one, other)]
    assert np.array_equal(ends[0].truth.level, ends[1].truth.level)
    assert np.array_equal(ends[0].state.rates, ends[1].state.rates)
    assert np.array_equal(ends[0].survey, ends[1].survey)


def test_complaints_lower_trust_and_community_hours_raise_it():
    hours = [80] * 6
    idle = position_after(SCENARIO, 5, decisions([form(hours)])).state
    before = SCENARIO.model.start(5).state.trust
    assert idle.trust == pytest.approx(np.clip(before - 0.01 * idle.last.complaints, 0.1, 0.9))
    met = form([20, *hours[1:]], community_hours=60, community_beat="b")
    after = position_after(SCENARIO, 5, decisions([met])).state
    assert after.trust[1] == pytest.approx(min(0.9, before[1] + 0.06 - 0.01 * after.last.complaints[1]))


def test_the_tool_sends_most_hours_to_its_two_hottest_beats():
    record = SCENARIO.model.start(4).state.record[0]
    top = np.argsort(-record)[:2]
    hours = position_after(SCENARIO, 4, decisions([form([0] * 6, tool_hours=480)])).state.last.hours
    assert hours[top].sum() == pytest.approx(0.7 * 480)
    even = form([0] * 6, tool_hours=480, ai_spread="proportional")
    shares = position_after(SCENARIO, 4, decisions([even])).state.last.hours / 480
    assert shares == pytest.approx((record + 0.1) / (record + 0.1).sum())


def test_reports_only_takes_patrols_out_of_the_score():
    start = SCENARIO.model.start(7)
    assert np.array_equal(start.state.record[1], start.state.last.reported)
    assert np.array_equal(start.state.record[0], start.state.last.reported + start.state.last.found)


def test_the_festival_is_news_at_week_seven_and_its_place_a_week_later():
    played = [SCENARIO.default_values] * 9
    news = [result.events for result in replay(SCENARIO, 1, decisions(played)).results]
    place = BEATS[int(SCENARIO.model.start(1).truth.festival)]
    assert news[:6] == [()] * 6
    assert news[6:] == [("festival",), (f"festival_at_{place}",), ()]


def test_every_event_and_row_has_a_text():
    for language in ("en", "ur"):
        texts = SCENARIO.texts(language)
        assert texts.event("festival")
        assert all(texts.event(f"festival_at_{beat}") and texts.row(beat) for beat in BEATS)
        assert len(texts.debrief) == 5


def test_the_advice_is_the_two_highest_scores():
    advice = replay(SCENARIO, 4, []).situation.advice
    record = SCENARIO.model.start(4).state.record[0]
    assert [row.values["score"] for row in advice] == sorted(record, reverse=True)[:2]


def test_the_causes_of_a_score_add_up_and_most_of_it_is_petty():
    shares = []
    for seed in range(40):
        values, last = asked(seed, [], "why_this_case"), SCENARIO.model.start(seed).state.last
        beat = int(values["district"])
        assert values["serious"] + values["petty"] == last.found[beat]
        assert values["reported"] == last.reported[beat]
        shares.append(values["petty"] / (values["reported"] + values["serious"] + values["petty"]))
    assert np.mean(shares) > 0.5


def test_the_record_holds_more_of_what_happens_where_patrols_are():
    found = [asked(seed, [], "error_by_group", 60) for seed in range(60)]
    assert sum(v["patrolled"] for v in found) > 1.15 * sum(v["others"] for v in found)


def test_the_card_admits_that_patrols_made_most_of_the_record():
    assert np.mean([asked(seed, [], "ai_card")["by_patrol"] for seed in range(20)]) > 50


def test_a_survey_is_unbiased_and_a_larger_one_holds_the_smaller():
    apart = []
    for seed in range(120):
        small, large = (asked(seed, [], "victim_survey", n) for n in (5, 20))
        assert all(small[f"told_{b}"] <= large[f"told_{b}"] for b in BEATS)
        truth = rates(SCENARIO.model.p, SCENARIO.model.start(seed).truth, 1)
        apart.append([large[f"rate_{b}"] for b in BEATS] - truth)
    assert abs(np.mean(apart)) < 3 * np.std(apart, ddof=1) / np.sqrt(len(apart) * 6)


def test_the_crowds_show_the_festival_in_the_week_it_begins():
    even = [SCENARIO.default_values]
    hits = 0
    for seed in range(30):
        before, now = asked(seed, even * 5, "drift_check"), asked(seed, even * 6, "drift_check")
        assert before["psi"] < 0.1
        hits += now["district"] == SCENARIO.model.start(seed).truth.festival
        assert now["psi"] > before["psi"]
    assert hits >= 25


def test_the_station_officer_is_right_more_often_than_chance():
    right = [
        asked(seed, [], "field_officer")["district"] == SCENARIO.model.start(seed).truth.level.argmin()
        for seed in range(120)
    ]
    assert 0.5 < np.mean(right) < 0.85


def test_residents_tell_whether_they_report():
    told, trust = [], []
    for seed in range(60):
        values = asked(seed, [], "ask_residents")
        told += [values[f"would_{b}"] / values["n"] for b in BEATS]
        trust += list(SCENARIO.model.start(seed).state.trust)
    assert np.mean(told) == pytest.approx(np.mean(trust), abs=0.03)
    assert np.corrcoef(told, trust)[0, 1] > 0.5


def test_the_inspection_finds_the_watched_beat_overpatrolled():
    ratios = [asked(seed, [], "law")["ratio"] for seed in range(40)]
    assert np.median(ratios) > 1.75


def test_hours_that_do_not_add_up_are_refused():
    for changed in ({"hours_a": 85}, {"hours_a": 245}, {"community_hours": 65}, {"ai_data": "arrests"}):
        with pytest.raises(InvalidEvent):
            replay(SCENARIO, 1, [Decision(1, SCENARIO.default_values | changed)])


@pytest.mark.parametrize(
    ("name", "value", "message"), [("areas", 5.0, "parameters.areas.value"), ("no_such", 1.0, "no_such")]
)
def test_faulty_parameters_are_refused(name, value, message):
    with pytest.raises(ScenarioError, match=message):
        read_scenario(SCENARIOS / "patrol", {name: value})


def test_cases_are_about_last_week_and_have_a_right_answer():
    for seed in range(30):
        position = position_after(SCENARIO, seed, decisions([SCENARIO.default_values] * 2))
        for case in SCENARIO.model.cases(position):
            happened = position.state.last.incidents
            pair = [happened[BEATS.index(str(case.values[key]))] for key in ("first", "second")]
            assert case.truth == ("first" if pair[0] > pair[1] else "second")
            assert pair[0] != pair[1]
            assert case.group in (case.values["first"], case.values["second"])


def test_the_tool_fails_beats_with_few_patrols_and_reports_alone_do_better():
    tool, reports, fewer = [], [], []
    for seed in range(40):
        made = [result.decision for result in policy_run(SCENARIO, seed, "baseline").results]
        for count in (0, 4, 9):
            for case in SCENARIO.model.cases(position_after(SCENARIO, seed, made[:count])):
                more = case.values["first_reported"] >= case.values["second_reported"]
                tool.append(case.advice == case.truth)
                reports.append(("first" if more else "second") == case.truth)
                fewer.append(case.values[case.truth] == case.group)
    tool, reports, fewer = (np.array(values) for values in (tool, reports, fewer))
    assert tool[~fewer].mean() > 0.8
    assert tool[fewer].mean() < tool[~fewer].mean() - 0.2
    assert reports.mean() > tool.mean() + 0.1
