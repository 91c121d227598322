"""A run of file_routing is a pure function of seed and events; decisions shift no die and show no truth."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings

from simulations import Decision, Inquiry, InvalidEvent, load, replay
from simulations.checks import text_faults
from simulations.registry import SCENARIOS, read_scenario
from simulations.replay import position_after
from simulations.scenarios.file_routing.world import HANDWRITTEN, draw_hidden, draw_week, tool_is_right
from simulations.types import ScenarioError
from tests.simulations.played import decisions, forms_of, seeds

SCENARIO = load("file_routing")
forms = partial(forms_of, SCENARIO)
DECOYS = ("minister_speech", "vendor_video", "national_ranking")


def asked(seed, inquiry_id, argument=None, weeks=0):
    """What an inquiry says after some weeks of the default form."""
    events = decisions([SCENARIO.default_values] * weeks)
    return replay(SCENARIO, seed, [*events, Inquiry(weeks + 1, inquiry_id, argument)]).findings[-1].values


def test_texts_are_there_in_both_languages():
    assert list(text_faults(SCENARIO)) == []


@settings(max_examples=10, deadline=None)
@given(seed=seeds, one=forms(), other=forms())
def test_no_decision_shifts_the_files_to_come_nor_what_the_tool_says_of_them(seed, one, other):
    after = [position_after(SCENARIO, seed, decisions([form, form])) for form in (one, other)]
    assert after[0].coming == after[1].coming
    results = [replay(SCENARIO, seed, decisions([form])).results[0].truth for form in (one, other)]
    for key in ("accuracy", "accuracy_handwritten", "renamed"):
        assert results[0][key] == results[1][key]


@settings(max_examples=6, deadline=None)
@given(seed=seeds, form=forms())
def test_an_inquiry_shifts_no_die_and_changes_no_result(seed, form):
    plain = decisions([form, form])
    curious = [
        Inquiry(1, "error_by_group", 60),
        Inquiry(1, "desk_time_study"),
        plain[0],
        Inquiry(2, "history"),
        plain[1],
    ]
    assert replay(SCENARIO, seed, plain).results == replay(SCENARIO, seed, curious).results


def test_asking_twice_in_one_week_says_the_same():
    run = replay(SCENARIO, 3, [Inquiry(1, "desk_time_study"), Inquiry(1, "desk_time_study")])
    assert run.findings[0].values == run.findings[1].values


def test_decoys_say_nothing_and_cost_minutes():
    for decoy in DECOYS:
        assert asked(2, decoy) == {}
        assert SCENARIO.inquiry(decoy).minutes > 0


def test_the_card_hides_what_a_sample_by_group_shows():
    """The planted flaw: far worse on handwritten files than claimed; one sample of sixty tells it in most runs."""
    found = []
    for seed in range(40):
        claimed = asked(seed, "ai_card")["claimed"]
        sample = asked(seed, "error_by_group", 60)
        assert asked(seed, "ai_card")["handwritten"] == 0
        found.append(100 * sample["right_handwritten"] / sample["n"] < claimed - 10)
    assert np.mean(found) >= 0.8


def test_the_tool_states_much_confidence_where_it_is_often_wrong():
    stated, right = [], []
    for seed in range(30):
        hidden = draw_hidden(SCENARIO.model.p, seed)
        for file in draw_week(SCENARIO.model.p, hidden, seed, 1):
            if file.script == HANDWRITTEN:
                stated.append(file.confidence)
                right.append(tool_is_right(SCENARIO.model.p, hidden, file))
    assert np.mean(stated) == pytest.approx(0.84, abs=0.02)
    assert np.mean(right) < np.mean(stated) - 0.15


def test_what_a_confidence_rests_on_shows_the_overstatement():
    apart = []
    for seed in range(30):
        found = asked(seed, "why_this_case")
        assert found["words"] + found["layout"] + found["paper"] == pytest.approx(found["stated"])
        true = 100 * float(draw_hidden(SCENARIO.model.p, seed).overstated[HANDWRITTEN])
        apart.append(found["layout"] + found["paper"] - max(true, 0.0))
    assert abs(np.mean(apart)) < 1.5
    assert np.std(apart) < 4


def test_renamed_subjects_show_in_the_drift_check_once_they_come_and_not_before():
    for seed in range(12):
        drift_week = draw_hidden(SCENARIO.model.p, seed).drift_week
        assert asked(seed, "drift_check", weeks=1)["unknown"] == 0
        assert asked(seed, "field_officer", weeks=drift_week - 1)["renamed"] > 0 or drift_week > 1
        after = asked(seed, "drift_check", weeks=drift_week - 1)
        assert after["unknown"] > 5
        assert after["psi"] > 0.1


def test_the_calendar_names_the_week_in_which_the_assembly_comes():
    for seed in range(6):
        told = asked(seed, "law")["week"]
        results = replay(SCENARIO, seed, decisions([SCENARIO.default_values] * 8)).results
        assert [r.round for r in results if "assembly" in r.events] == [told, told + 1]


def test_the_watch_finds_slow_desks():
    errors = []
    for seed in range(30):
        found, speed = asked(seed, "desk_time_study"), draw_hidden(SCENARIO.model.p, seed).speed
        errors.append(found["assistant"] / found["norm_assistant"] * float(speed[1]) - 1)
    assert abs(np.mean(errors)) < 0.1
    assert np.std(errors) < 0.3


def test_the_session_brings_more_court_files():
    p = SCENARIO.model.p
    quiet, loud = [], []
    for seed in range(40):
        hidden = draw_hidden(p, seed)
        for week, counts in ((hidden.assembly_week, loud), (1, quiet)):
            counts.append(sum(file.kind == 1 for file in draw_week(p, hidden, seed, week)))
    assert np.mean(loud) / np.mean(quiet) == pytest.approx(2.4, abs=0.4)


def test_cases_are_files_of_mondays_post_and_the_tool_fails_the_handwritten_ones():
    right = {"english": [], "urdu": [], "handwritten": []}
    officer = {"english": [], "urdu": [], "handwritten": []}
    for seed in range(250):
        position = SCENARIO.model.start(seed)
        post = {f"file_{file.number}" for file in position.coming[: position.post]}
        for case in SCENARIO.model.cases(position):
            assert case.id in post
            assert case.id not in {advice.subject for advice in SCENARIO.model.situation(position).advice}
            right[case.group].append(case.advice == case.truth)
            officer[case.group].append(case.values["subject"] == case.truth)
    assert np.mean(right["english"]) > 0.85
    assert np.mean(right["handwritten"]) < np.mean(right["english"]) - 0.15
    assert np.mean(officer["handwritten"]) > np.mean(right["handwritten"]) + 0.05
    assert np.mean(officer["english"]) < np.mean(right["english"]) + 0.02


def test_forms_against_the_rules_are_refused():
    form = SCENARIO.default_values
    for changed in (
        {"staff_diary": 3},
        {"staff_diary": 0, "staff_finance": 4},
        {"ai_threshold": 0.855},
        {"priority": "x"},
    ):
        with pytest.raises(InvalidEvent):
            replay(SCENARIO, 1, [Decision(1, form | changed)])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [("files_per_day", [1], "parameters.files_per_day.value"), ("no_such", 1.0, "no_such")],
)
def test_faulty_parameters_are_refused(name, value, message):
    with pytest.raises(ScenarioError, match=message):
        read_scenario(SCENARIOS / "file_routing", {name: value})


def test_importing_the_scenario_needs_no_scipy():
    import subprocess
    import sys

    line = "import sys, simulations; simulations.load('file_routing'); print('scipy' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
