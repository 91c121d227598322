"""A run of maintenance is a pure function of seed and events; decisions shift no die and show no truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simulations
from simulations import Decision, InvalidEvent, replay
from simulations.admissible import random_form
from simulations.registry import SCENARIOS, read_scenario
from simulations.replay import position_after
from simulations.scoring import policy_run
from simulations.types import ScenarioError
from tests.simulations.played import asked, decisions, seeds

DECOYS = ("minister_speech", "vendor_video", "national_ranking")
NOTHING = {
    "inspections_urban": 0,
    "inspections_rural": 0,
    "inspection_rule": "longest_unseen",
    "repairs": 0,
    "repair_rule": "inspected",
    "alarm_threshold": 4.0,
    "posting_threshold": 1.0,
    "sensors_urban": 0,
    "sensors_rural": 0,
    "ai_mode": "ignore",
}
dice = st.integers(0, 2**32)


@pytest.fixture(scope="module")
def maintenance():
    return simulations.load("maintenance")


def drawn(scenario, die, count):
    """Random forms that obey every rule."""
    generator = np.random.default_rng(die)
    return [dict(random_form(scenario.fields, scenario.sum_rules, generator)) for _ in range(count)]


@settings(max_examples=15, deadline=None)
@given(seed=seeds, die=dice)
def test_bridges_that_nobody_touches_wear_alike_whatever_is_done_elsewhere(maintenance, seed, die):
    ends = [position_after(maintenance, seed, decisions([form])).state for form in drawn(maintenance, die, 2)]
    untouched = np.logical_and.reduce([end.records.seen_round != 1 for end in ends])
    one, other = (end.hidden.condition[untouched] for end in ends)
    assert np.array_equal(one, other)


@settings(max_examples=15, deadline=None)
@given(seed=seeds, die=dice, less=st.floats(0.05, 0.95))
def test_weight_limits_only_ever_prevent_failures(maintenance, seed, die, less):
    form = drawn(maintenance, die, 1)[0] | {"ai_mode": "ignore"}
    limits = (round(round(less / 0.05) * 0.05, 2), 1.0)
    strict, loose = (
        replay(maintenance, seed, decisions([form | {"posting_threshold": limit}])).results[0].kpis for limit in limits
    )
    assert strict["posted"] >= loose["posted"]
    assert strict["failures"] <= loose["failures"]


@settings(max_examples=25, deadline=None)
@given(seed=seeds, die=dice, count=st.integers(1, 10))
def test_no_form_uses_more_than_the_office_has(maintenance, seed, die, count):
    forms = drawn(maintenance, die, count)
    before = 13.0
    for form, result in zip(forms, replay(maintenance, seed, decisions(forms)).results, strict=True):
        kpis = result.kpis
        assert -1e-9 <= kpis["spent"] <= before + 1e-9
        assert kpis["next_budget"] == pytest.approx(13 + 0.25 * (before - kpis["spent"]))
        assert kpis["repairs"] <= form["repairs"]
        looks = 2 * form["repairs"] if form["ai_mode"] == "advise" else 0
        assert kpis["inspections"] <= form["inspections_urban"] + form["inspections_rural"] + looks
        paid = kpis["spent"] - 4 * kpis["repairs"]
        assert (
            paid <= 0.08 * (kpis["inspections"] + looks) + 1.2 * (form["sensors_urban"] + form["sensors_rural"]) + 1e-9
        )
        before = kpis["next_budget"]


def test_the_longest_unseen_are_inspected_first_and_all_in_turn(maintenance):
    form = NOTHING | {"inspections_urban": 4, "inspections_rural": 6}
    seen = []
    for count in range(1, 5):
        state = position_after(maintenance, 6, decisions([form] * count)).state
        seen.append(set(np.flatnonzero(state.records.seen_round == count)))
    assert [len(bridges) >= 10 for bridges in seen] == [True] * 4
    assert len(set.union(*seen)) >= 39


def test_repair_makes_a_bridge_new_and_enters_it_in_the_file(maintenance):
    form = NOTHING | {"repairs": 3, "alarm_threshold": 3.0}
    before = position_after(maintenance, 8, []).state
    after = position_after(maintenance, 8, decisions([form])).state
    worst = np.lexsort((np.arange(40), before.records.seen_round, -before.records.seen_grade))[:3]
    assert np.all(after.records.seen_grade[worst] == 1)
    assert np.all(after.records.seen_round[worst] == 1)
    assert np.all(maintenance.model.p.grade_of[after.hidden.condition[worst]] <= 2)


def test_a_new_sensor_reads_from_the_next_half_year_and_does_not_drift(maintenance):
    form = NOTHING | {"sensors_rural": 2}
    states = [position_after(maintenance, 8, decisions([form] * count)).state for count in (0, 1, 9)]
    new = states[1].records.has_sensor & ~states[0].records.has_sensor
    assert np.count_nonzero(new) == 2
    assert not states[1].hidden.drifting[new].any()
    grade = maintenance.model.p.grade_of
    apart = states[2].records.reading[new] - grade[states[2].hidden.condition[new]]
    assert np.abs(apart).max() < 4 * maintenance.model.p.sensor_noise


@pytest.mark.parametrize("decoy", DECOYS)
def test_decoys_carry_no_information(maintenance, decoy):
    for seed in range(3):
        assert asked(maintenance, seed, [], decoy) == {}


def test_the_flood_comes_in_one_of_two_half_years_and_is_announced(maintenance):
    rounds = []
    for seed in range(40):
        run = replay(maintenance, seed, decisions([NOTHING] * 10))
        news = {result.round: result.events for result in run.results if result.events}
        ((number, events),) = news.items()
        assert events[0] == "flood"
        assert len(events) == 3
        rounds.append(number)
    assert set(rounds) == {5, 6}
    assert 10 < rounds.count(5) < 30


def test_a_flood_makes_far_more_bridges_fail(maintenance):
    flood, dry = [], []
    for seed in range(40):
        for result in policy_run(maintenance, seed, "baseline").results:
            (flood if result.events else dry).append(result.kpis["failures"])
    assert np.mean(flood) > 2 * np.mean(dry)


def test_checking_the_tool_by_group_finds_the_planted_flaw(maintenance):
    total = dict.fromkeys(("bad_urban", "missed_urban", "bad_rural", "missed_rural"), 0.0)
    for seed in range(40):
        found = asked(maintenance, seed, [], "error_by_group", 40)
        total = {key: total[key] + found[key] for key in total}
    assert total["missed_rural"] > 0.85 * total["bad_rural"]
    assert total["missed_urban"] < 0.5 * total["bad_urban"]


def test_the_map_tells_what_stands_for_a_missing_reading(maintenance):
    found = asked(maintenance, 4, [], "missing_map")
    assert (found["urban"], found["rural"], found["fill"]) == (2, 22, 2.2)
    assert found["damaged_safe"] == found["damaged"]


def test_the_zero_check_finds_most_drifting_sensors(maintenance):
    for seed in range(5):
        drifting = maintenance.model.start(seed).state
        first = drifting.records.has_sensor
        true = np.count_nonzero(drifting.hidden.drifting & first)
        assert abs(asked(maintenance, seed, [], "drift_check")["moved"] - true) <= 5
        assert asked(maintenance, seed, [], "ai_card")["recalled"] == true


def test_the_archive_tells_slow_from_fast_ageing(maintenance):
    by_wear = {0: [], 1: []}
    for seed in range(60):
        found = asked(maintenance, seed, [], "history")
        by_wear[maintenance.model.start(seed).state.hidden.wear].append(found["rural"] / found["urban"])
    assert np.mean(by_wear[1]) > 1.4 * np.mean(by_wear[0])


def test_the_manual_gives_the_closed_forms(maintenance):
    found = asked(maintenance, 4, [], "law")
    assert 0 < found["limit"] < 100
    assert found["planned_rate"] < found["failure_rate"]
    assert 2 < found["age"] < 20


@settings(max_examples=15, deadline=None)
@given(seed=seeds, die=dice, count=st.integers(0, 9))
def test_cases_are_bridges_of_the_desk_with_a_tool_that_may_err(maintenance, seed, die, count):
    position = position_after(maintenance, seed, decisions(drawn(maintenance, die, count)))
    state, model = position.state, maintenance.model
    for case in model.cases(position):
        bridge = int(case.id.split("_")[1])
        assert case.values["seen_grade"] == state.records.seen_grade[bridge]
        assert case.group == case.values["place"]
        assert (case.values["reading"] == "none") == (case.group == "rural")
        assert (case.truth == "yes") == (model.p.grade_of[state.hidden.condition[bridge]] >= 4)
        assert 0.5 <= case.confidence <= 1


def test_on_cases_the_tool_errs_more_in_the_country_and_the_file_knows_better(maintenance):
    by_tool, by_file = {"urban": [], "rural": []}, {"urban": [], "rural": []}
    for seed in range(80):
        for case in maintenance.model.cases(maintenance.model.start(seed)):
            by_tool[case.group].append(case.advice == case.truth)
            suspect = case.values["seen_grade"] + 0.15 * case.values["seen_ago"] >= 3.5
            by_file[case.group].append(suspect == (case.truth == "yes"))
    assert np.mean(by_tool["urban"]) > 0.8
    assert np.mean(by_tool["rural"]) < 0.7
    assert np.mean(by_file["rural"]) > np.mean(by_tool["rural"]) + 0.1


@pytest.mark.parametrize(
    "changed", [{"repairs": 9}, {"alarm_threshold": 2.9}, {"posting_threshold": 0.0}, {"ai_mode": "blind"}]
)
def test_forms_outside_the_rules_are_refused(maintenance, changed):
    with pytest.raises(InvalidEvent):
        replay(maintenance, 1, [Decision(1, maintenance.default_values | changed)])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [("urban_bridges", [1], "parameters.urban_bridges.value"), ("no_such", 1.0, "no_such")],
)
def test_faulty_parameters_are_refused(name, value, message):
    with pytest.raises(ScenarioError, match=message):
        read_scenario(SCENARIOS / "maintenance", {name: value})
