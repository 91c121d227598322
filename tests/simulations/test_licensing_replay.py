"""A run of licensing is a pure function of seed and events; decisions shift no die and show no truth."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings

from simulations import Decision, InvalidEvent, load, replay
from simulations.registry import SCENARIOS, read_scenario
from simulations.replay import position_after
from simulations.scenarios.licensing import cases, inquiries
from simulations.scenarios.licensing.world import GROUPS, draw_truth
from simulations.types import ScenarioError
from tests.simulations import played
from tests.simulations.played import decisions, forms_of, seeds

SCENARIO = load("licensing")
forms = partial(forms_of, SCENARIO)
asked = partial(played.asked, SCENARIO)
P = SCENARIO.model.p
STAFF = ("counters_8_10", "counters_10_12", "counters_12_14", "counters_14_16", "door_officers")


def changed(**values):
    """The default form with some values changed."""
    return SCENARIO.default_values | values


def staff(*numbers):
    """Counters of the four blocks and officers at the door."""
    return dict(zip(STAFF, numbers, strict=True))


def view(truth, number=1, seed=0):
    """An inquiry's view of one truth."""
    return inquiries.View(P, seed, truth, number)


def with_truth(**values):
    return replace(draw_truth(P, 0), **{name: np.array([value]) for name, value in values.items()})


@settings(max_examples=10, deadline=None)
@given(seed=seeds, one=forms(), other=forms())
def test_decisions_shift_no_die_of_later_weeks(seed, one, other):
    cases_after = [SCENARIO.model.cases(position_after(SCENARIO, seed, decisions([form]))) for form in (one, other)]
    assert cases_after[0] == cases_after[1]
    for inquiry_id in ("queue_log", "law", "drift_check"):
        assert asked(seed, [one], inquiry_id) == asked(seed, [other], inquiry_id)


@settings(max_examples=10, deadline=None)
@given(seed=seeds, form=forms())
def test_people_are_neither_lost_nor_made(seed, form):
    before = SCENARIO.model.start(seed)
    after, result = SCENARIO.model.advance(before, Decision(1, form))
    truth = result.truth
    assert 0 <= truth["bribe_payers"] <= 100 * P.agent_most * 1.4
    assert after.state.pool[0] >= before.state.pool[0] * (1 - P.return_share) - 1e-9
    assert result.kpis["turned_away"] <= result.kpis["asked_door"] + 1e-9
    assert (after.state.wrong[0] <= after.state.decided[0]).all()
    assert result.kpis["utilisation"] <= 100.0 + 1e-9


def test_idle_counters_wait_for_nobody_and_full_ones_do():
    calm = replay(SCENARIO, 3, decisions([changed(ai_mode="auto", ai_threshold=0.8)])).results[0].kpis
    crowded = replay(SCENARIO, 3, decisions([changed(**staff(4, 4, 4, 4, 12))])).results[0].kpis
    assert calm["wait_mean"] < 5 < crowded["wait_mean"]
    assert calm["left"] < crowded["left"]
    assert crowded["utilisation"] > 90


def test_reminders_save_visits_in_vain():
    without, reminded = (
        replay(SCENARIO, 4, decisions([changed(reminder=word)])).results[0].kpis["incomplete"] for word in ("off", "on")
    )
    assert without == pytest.approx(35 * (1 - 0.06), abs=1.5)
    assert reminded / without == pytest.approx(22 / 35)


def test_priority_shortens_the_wait_of_the_assisted():
    off, on = (
        [
            replay(SCENARIO, seed, decisions([changed(priority=word)])).results[0].truth["assisted_wait_ratio"]
            for seed in range(10)
        ]
        for word in ("off", "on")
    )
    assert np.mean(on) < 0.6 * np.mean(off)


def test_slots_and_delay_feed_bribes_and_published_times_shrink_them():
    def share(**values):
        run = replay(SCENARIO, 2, decisions([changed(**values)] * 2))
        return run.results[-1].truth["bribe_payers"]

    assert share(slots=20) > share(slots=10) > share(slots=0) > share(slots=0, publish="yes") > 0


def test_the_amnesty_is_announced_and_brings_more_people():
    played = decisions([SCENARIO.default_values] * 8)
    told = [replay(SCENARIO, 1, played[:number]).situation.events for number in range(8)]
    assert told == [(), (), (), (), ("amnesty",), (), ("amnesty_over",), ()]
    pools = [result.kpis["pool"] for result in replay(SCENARIO, 1, played).results]
    assert pools[5] > pools[3] * 1.3


@pytest.mark.parametrize(
    ("inquiry_id", "figure", "part", "low", "high"),
    [
        ("law", "set_aside", "name_rejects", 0.05, 0.30),
        ("error_by_group", "wrong_two_spellings", "name_rejects", 0.05, 0.30),
        ("why_this_case", "spelling", "name_rejects", 0.05, 0.30),
        ("history", "found", "forgery", 0.5, 2.0),
        ("field_officer", "seized", "forgery", 0.5, 2.0),
        ("field_officer", "new", "new_share", 0.15, 0.90),
        ("forged_case_review", "new", "new_share", 0.15, 0.90),
        ("drift_check", "strange", "new_share", 0.15, 0.90),
        ("queue_log", "peak", "peak", 0.35, 0.55),
    ],
)
def test_an_inquiry_tells_worlds_apart(inquiry_id, figure, part, low, high):
    def figures(value):
        truth = with_truth(**{"forgery": 1.1, part: value})
        return [inquiries.ASK[inquiry_id](view(truth, 5, seed), 60)[figure] for seed in range(60)]

    few, many = figures(low), figures(high)
    assert np.mean(many) - np.mean(few) > 4 * np.sqrt((np.var(few) + np.var(many)) / 60)


def test_the_card_is_the_poorer_in_two_spellings_the_more_the_tool_errs_on_them():
    def spellings(share):
        truth = with_truth(name_rejects=share)
        return np.mean([inquiries.ai_card(view(truth, 1, seed))["spellings"] for seed in range(40)])

    assert spellings(0.05) > 2 * spellings(0.30)
    assert inquiries.ai_card(view(with_truth(), 1, 5)) == inquiries.ai_card(view(with_truth(), 8, 5))


def test_a_small_audit_shows_whom_the_tool_fails():
    found = [asked(seed, [], "error_by_group", 60) for seed in range(60)]
    wrong = {group: np.mean([values[f"wrong_{group}"] / values["n"] for values in found]) for group in GROUPS}
    assert wrong["plain"] == pytest.approx(0.03, abs=0.015)
    assert wrong["two_spellings"] > wrong["plain"] + 0.08
    assert wrong["old_photo"] > wrong["plain"] + 0.04


def test_the_new_template_is_a_trickle_before_the_amnesty():
    before, after = (
        [asked(seed, [SCENARIO.default_values] * played, "forged_case_review")["new"] for seed in range(40)]
        for played in (3, 4)
    )
    assert np.mean(before) < 2 < np.mean(after)


def test_the_causes_of_a_verdict_add_up():
    values = dict(asked(2, [], "why_this_case"))
    total = values.pop("total")
    assert sum(values.values()) == pytest.approx(total)


@pytest.fixture(scope="module")
def judged():
    """Cases of many seeds in weeks 2 and 6."""
    return [
        (case, number)
        for seed in range(1500)
        for number in (2, 6)
        for case in cases.desk(P, seed, draw_truth(P, seed), number)
    ]


def test_the_tool_is_right_often_but_less_on_two_spellings(judged):
    def right(group):
        mine = [case.advice == case.truth for case, _ in judged if case.group == group and case.truth == "genuine"]
        return np.mean(mine)

    assert np.mean([case.advice == case.truth for case, _ in judged]) > 0.65
    assert right("plain") > 0.9
    assert right("two_spellings") < right("plain") - 0.12


def test_the_tool_misses_forgeries_of_the_new_template(judged):
    def caught(week):
        return np.mean([case.advice == "forged" for case, at in judged if at == week and case.truth == "forged"])

    assert caught(2) > 0.8
    assert caught(6) < 0.65


def test_an_officer_who_looks_at_the_seal_beats_chance_and_the_tool_where_it_fails(judged):
    def own(case):
        return "forged" if case.values["seal"] == "doubtful" else "genuine"

    def right(rule, kept):
        return np.mean([rule(case) == case.truth for case, week in judged if kept(case, week)])

    def tool(case):
        return case.advice

    assert right(own, lambda _case, _week: True) > 0.75
    assert right(own, lambda case, _week: case.group == "two_spellings") > right(
        tool, lambda case, _week: case.group == "two_spellings"
    )
    assert right(own, lambda case, week: week == 6 and case.truth == "forged") > right(
        tool, lambda case, week: week == 6 and case.truth == "forged"
    )
    assert right(tool, lambda case, week: week == 2 and case.group == "plain") > 0.85


def test_officers_that_do_not_add_up_are_refused():
    form = SCENARIO.default_values
    for wrong in ({"door_officers": 1}, {"appointments": 0.55}, {"slots": 3}, {"ai_mode": "always"}):
        with pytest.raises(InvalidEvent):
            replay(SCENARIO, 1, [Decision(1, form | wrong)])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [("hour_value", [1], "parameters.hour_value.value"), ("no_such", 1.0, "no_such")],
)
def test_faulty_parameters_are_refused(name, value, message):
    with pytest.raises(ScenarioError, match=message):
        read_scenario(SCENARIOS / "licensing", {name: value})
