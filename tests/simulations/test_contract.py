"""What every scenario promises: worlds that look alike, cases that can be judged, equity by group."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simulations
from simulations import Decision, Inquiry, replay
from simulations.checks import golden_faults, parse_event, read_golden
from simulations.engine import decision_problems
from simulations.registry import read_scenario
from simulations.replay import position_after
from simulations.scoring import policy_run
from tests.simulations.played import decisions, dice, form_of, seeds

SEEDS = range(12)
LATER = 3
DECOYS = ("minister_speech", "vendor_video", "national_ranking")


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


def test_golden_runs_hold_and_cover_every_field_choice_and_inquiry(scenario):
    assert list(golden_faults(scenario)) == []
    events = [event for golden in read_golden(scenario.folder) for event in golden["events"]]
    asked = {event["inquiry_id"] for event in events if "inquiry_id" in event}
    assert asked == {kind.id for kind in scenario.inquiries}
    for field in scenario.fields:
        chosen = {event["values"][field.id] for event in events if "values" in event}
        assert set(field.choices) <= chosen
        assert len(chosen) > 1


def test_a_fresh_load_gives_the_same_digest_as_a_cached_one(scenario):
    golden = read_golden(scenario.folder)[1]
    events = [parse_event(event) for event in golden["events"]]
    fresh = read_scenario(scenario.folder, {"equity_threshold": 9.0})
    assert replay(fresh, golden["seed"], events).digest == golden["digest"]
    assert fresh.digest != scenario.digest


@settings(max_examples=5, deadline=None)
@given(seed=seeds, thrown=st.lists(dice, min_size=1, max_size=3))
def test_replay_is_pure_and_a_prefix_gives_a_prefix(scenario, seed, thrown):
    events = decisions([form_of(scenario, die) for die in thrown])
    whole = replay(scenario, seed, events)
    assert whole == replay(scenario, seed, events)
    assert whole.results[:-1] == replay(scenario, seed, events[:-1]).results
    assert whole.finished == (len(events) == scenario.rounds)


@settings(max_examples=5, deadline=None)
@given(seed=seeds, die=dice, place=st.integers(0, 100))
def test_asking_changes_nothing(scenario, seed, die, place):
    kind = scenario.inquiries[place % len(scenario.inquiries)]
    inquiry = Inquiry(2, kind.id, kind.default_argument)
    first, second = decisions([form_of(scenario, die)] * 2)
    asked = replay(scenario, seed, [first, inquiry, second])
    assert asked.digest == replay(scenario, seed, [first, second]).digest


def test_decoys_tell_nothing_and_every_other_inquiry_something(scenario):
    position = scenario.model.start(1)
    silent = {
        kind.id
        for kind in scenario.inquiries
        if not scenario.model.investigate(position, kind.id, kind.default_argument)
    }
    assert silent == set(DECOYS)


def test_what_the_officer_sees_holds_no_truth(scenario):
    run = replay(scenario, 2, [Decision(1, scenario.default_values)])
    truth = {kpi.id for kpi in scenario.truth_kpis}
    assert truth.isdisjoint(run.situation.figures)
    assert truth.isdisjoint(run.results[0].kpis)
    assert set(run.results[0].truth) == truth


@pytest.mark.parametrize("language", ["en", "ur"])
def test_every_finding_of_an_early_and_a_late_round_is_told(scenario, language):
    for played in (0, scenario.rounds // 2):
        events = [Decision(number, scenario.default_values) for number in range(1, played + 1)]
        for kind in scenario.inquiries:
            smallest = int(kind.argument.minimum) if kind.argument else None
            run = replay(scenario, 11, [*events, Inquiry(played + 1, kind.id, smallest)])
            told = scenario.texts(language).finding(run.findings[-1])
            assert told
            assert "{" not in told


@pytest.mark.parametrize("language", ["en", "ur"])
def test_figures_rows_and_advice_have_texts(scenario, language):
    situation, texts = replay(scenario, 1, []).situation, scenario.texts(language)
    assert all(texts.figure(name) for name in situation.figures)
    assert all(texts.row(row.id) for row in situation.table)
    assert all(texts.column(key) for row in situation.table for key in row.values)
    assert all(texts.advice_label(advice.label) for advice in situation.advice)
