"""A run is a pure function of seed and events, and decisions never shift the dice."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import (
    Decision,
    Inquiry,
    InvalidEvent,
    UnknownScenario,
    load,
    replay,
    with_other_decision,
)
from simulations.checks import parse_event, read_golden
from simulations.engine import stream
from tests.simulations.played import decisions

SCENARIO = load("grievance")
HOURS = SCENARIO.sum_rules[0].field_ids


@st.composite
def forms(draw, outreach=None):
    """A form that obeys every rule of the scenario."""
    values = {}
    for field in SCENARIO.fields:
        if field.kind == "choice":
            values[field.id] = draw(st.sampled_from(field.choices))
        elif field.id not in HOURS:
            steps = round((field.maximum - field.minimum) / field.step)
            values[field.id] = round(field.minimum + draw(st.integers(0, steps)) * field.step, 6)
    values["outreach_hours"] = draw(st.integers(0, 20)) * 5 if outreach is None else outreach
    left = 400 - values["outreach_hours"]
    weights = draw(st.lists(st.integers(1, 10), min_size=6, max_size=6))
    hours = [min(200, left * weight // sum(weights) // 5 * 5) for weight in weights]
    place = 0
    while sum(hours) < left:
        if hours[place % 6] < 200:
            hours[place % 6] += 5
        place += 1
    return values | dict(zip(HOURS[:6], hours, strict=True))


def test_a_changed_golden_run_is_found_out():
    golden = read_golden(SCENARIO.folder)[0]
    events = [parse_event(event) for event in golden["events"]]
    assert replay(SCENARIO, golden["seed"] + 1, events).digest != golden["digest"]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), one=st.lists(forms(0), min_size=10, max_size=10),
       other=st.lists(forms(0), min_size=10, max_size=10))  # fmt: skip
def test_decisions_never_shift_the_mail(seed, one, other):
    for last in range(11):
        runs = [replay(SCENARIO, seed, decisions(values[:last])) for values in (one, other)]
        mail = [[row.values["arrivals"] for row in run.situation.table] for run in runs]
        assert mail[0] == mail[1]


def test_streams_of_different_purposes_and_rounds_differ_and_repeat():
    draws = {(name, number): stream(5, name, number).random() for name in ("a", "b") for number in (0, 1)}
    assert len(set(draws.values())) == 4
    assert stream(5, "a", 1).random() == draws["a", 1]


def test_inquiries_change_no_result_and_cost_minutes():
    form = SCENARIO.default_values
    asked = [Inquiry(1, "silent_area"), Inquiry(1, "error_by_group", 40), Decision(1, form)]
    with_inquiries, without = replay(SCENARIO, 3, asked), replay(SCENARIO, 3, [Decision(1, form)])
    assert with_inquiries.digest == without.digest
    assert with_inquiries.situation == without.situation
    assert replay(SCENARIO, 3, asked[:2]).minutes_left == SCENARIO.office_minutes - 10 - 40
    assert with_inquiries.minutes_left == SCENARIO.office_minutes


def test_the_same_inquiry_twice_brings_the_same_finding():
    run = replay(SCENARIO, 3, [Inquiry(1, "error_by_group", 20), Inquiry(1, "error_by_group", 20)])
    assert run.findings[0].values == run.findings[1].values


def test_the_silent_area_check_names_the_poorest_district_during_the_outage():
    played = [Decision(number, SCENARIO.default_values | {"outreach_hours": 0, "hours_health": 70})
              for number in range(1, 8)]  # fmt: skip
    named = [
        replay(SCENARIO, seed, [*played, Inquiry(8, "silent_area")]).findings[0].values["district"] == 4
        for seed in range(40)
    ]
    assert sum(named) >= 34


def test_the_flood_is_announced_at_the_start_of_week_six():
    played = [Decision(number, SCENARIO.default_values) for number in range(1, 7)]
    assert replay(SCENARIO, 1, played[:4]).situation.events == ()
    assert replay(SCENARIO, 1, played[:5]).situation.events == ("flood",)
    assert replay(SCENARIO, 1, played).results[-1].events == ("flood",)


def test_defaults_are_the_last_decision_and_obey_the_rules():
    form = SCENARIO.default_values | {"triage": "deadline"}
    assert replay(SCENARIO, 1, [Decision(1, SCENARIO.default_values)]).defaults == SCENARIO.default_values
    assert replay(SCENARIO, 1, [Decision(1, form)]).defaults["triage"] == "deadline"


def problems(event, before=()):
    with pytest.raises(InvalidEvent) as refusal:
        replay(SCENARIO, 1, [*before, event])
    for problem in refusal.value.problems:
        assert all(SCENARIO.texts(language).problem(problem) for language in ("en", "ur"))
    return {(problem.field_id, problem.code) for problem in refusal.value.problems}


NUMBERS = [field for field in SCENARIO.fields if field.kind != "choice"]
NOT_FINITE = st.sampled_from([math.nan, math.inf, -math.inf])
WRONG_TYPE = st.one_of(st.booleans(), st.none(), st.text(), st.lists(st.integers()))
TOO_FAR = st.one_of(st.integers(401), st.integers(max_value=-1))


@given(field=st.sampled_from(NUMBERS), value=st.one_of(NOT_FINITE, WRONG_TYPE, TOO_FAR))
def test_a_number_that_is_no_number_or_out_of_range_is_refused(field, value):
    found = problems(Decision(1, SCENARIO.default_values | {field.id: value}))
    assert {field_id for field_id, _ in found} == {field.id}


@given(field=st.sampled_from([f for f in SCENARIO.fields if f.kind == "choice"]),
       value=st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text())))  # fmt: skip
def test_a_choice_off_the_list_is_refused(field, value):
    if value not in field.choices:
        assert problems(Decision(1, SCENARIO.default_values | {field.id: value})) == {(field.id, "not_a_choice")}


@given(extra=st.text(min_size=1).filter(lambda key: key not in SCENARIO.default_values))
def test_an_unknown_field_is_refused(extra):
    assert problems(Decision(1, SCENARIO.default_values | {extra: 1})) == {(extra, "unknown_field")}


def test_missing_fields_wrong_sums_and_steps_are_refused():
    form = SCENARIO.default_values
    less = {key: value for key, value in form.items() if key != "triage"}
    assert problems(Decision(1, less)) == {("triage", "missing")}
    assert problems(Decision(1, form | {"hours_health": form["hours_health"] + 5})) == {(None, "wrong_sum")}
    assert problems(Decision(1, form | {"hours_health": 47})) == {("hours_health", "off_step")}
    assert problems(Decision(1, form | {"hours_health": 45.0})) == {("hours_health", "not_an_integer")}


def test_all_problems_of_a_form_are_told_at_once():
    form = SCENARIO.default_values | {"triage": "loudest", "paper_cap": 0.9}
    assert problems(Decision(1, form)) == {("triage", "not_a_choice"), ("paper_cap", "out_of_range")}


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (Inquiry(1, "crystal_ball"), "unknown_inquiry"),
        (Inquiry(1, "history", 3), "argument_not_allowed"),
        (Inquiry(1, "error_by_group"), "not_an_integer"),
        (Inquiry(1, "error_by_group", True), "not_an_integer"),
        (Inquiry(1, "error_by_group", 1000), "out_of_range"),
        (Inquiry(2, "history"), "wrong_round"),
        (Decision(2, SCENARIO.default_values), "wrong_round"),
        (Decision(0, SCENARIO.default_values), "wrong_round"),
    ],
)
def test_an_inquiry_or_round_that_does_not_exist_is_refused(event, code):
    assert {found for _, found in problems(event)} == {code}


def test_an_inquiry_beyond_the_office_minutes_is_refused():
    spent = [Inquiry(1, "error_by_group", 60), Inquiry(1, "call_back_sample", 25)]
    assert problems(Inquiry(1, "field_officer"), spent) == {(None, "not_enough_minutes")}


def test_a_finished_run_takes_no_more_events():
    played = [Decision(number, SCENARIO.default_values) for number in range(1, 11)]
    assert problems(Decision(11, SCENARIO.default_values), played) == {(None, "run_finished")}


@pytest.mark.parametrize("seed", [-1, 1.5, True, None])
def test_a_seed_must_be_a_whole_number(seed):
    with pytest.raises(InvalidEvent):
        replay(SCENARIO, seed, [])


def test_an_unknown_scenario_is_named_with_the_known_ones():
    with pytest.raises(UnknownScenario, match="grievance"):
        load("patience")


def test_results_survive_json():
    run = replay(SCENARIO, 4, [Decision(1, SCENARIO.default_values)])
    assert json.loads(json.dumps(run.results[0].kpis)) == run.results[0].kpis


@given(forms(), st.integers(1, SCENARIO.rounds), st.integers(0, 2**32))
@settings(max_examples=8, deadline=None)
def test_another_decision_in_one_round_leaves_the_rounds_before_it_as_they_were(other, round_number, seed):
    events = [Inquiry(2, "history"), *decisions([SCENARIO.default_values] * SCENARIO.rounds)]
    events = [events[1], events[0], *events[2:]]
    own = replay(SCENARIO, seed, events)
    changed = replay(SCENARIO, seed, with_other_decision(events, round_number, other))
    assert changed.results[: round_number - 1] == own.results[: round_number - 1]
    assert changed.results[round_number - 1].decision.values == other
    assert changed.findings == own.findings or round_number < 2
    again = replay(SCENARIO, seed, with_other_decision(events, round_number, SCENARIO.default_values))
    assert again.digest == own.digest


def test_there_is_no_other_decision_for_a_round_that_was_not_decided():
    events = decisions([SCENARIO.default_values] * 3)
    with pytest.raises(InvalidEvent):
        with_other_decision(events, 4, SCENARIO.default_values)
