"""What decisions do at the junction, what they never touch, and what an officer may know."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import Decision, Inquiry, InvalidEvent, Scenario, load, replay
from simulations.registry import SCENARIOS, read_scenario
from simulations.replay import position_after
from simulations.types import ScenarioError

SCENARIO = load("signals")
SEEDS = 20
form_values = st.fixed_dictionaries(
    {
        "green_north_south": st.integers(7, 86),
        "green_east_west": st.integers(7, 86),
        "pedestrian_stage": st.sampled_from(["off", "every_cycle", "on_demand"]),
        "manual_minutes": st.integers(0, 20),
        "ai_mode": st.sampled_from(["ignore", "advise", "auto"]),
    }
)
eight_forms = st.lists(form_values, min_size=8, max_size=8)


def decisions(forms):
    return [Decision(number, form) for number, form in enumerate(forms, start=1)]


def played(scenario: Scenario, seed: int, round_number: int, **changes):
    """The result of one round in which the form differs from the defaults."""
    before = decisions([scenario.default_values] * (round_number - 1))
    return replay(scenario, seed, [*before, Decision(round_number, scenario.default_values | changes)]).results[-1]


def mean(which: str, round_number: int, **changes) -> float:
    """Mean of an indicator of one round over seeds."""
    results = [played(SCENARIO, seed, round_number, **changes) for seed in range(SEEDS)]
    return float(np.mean([{**result.kpis, **result.truth}[which] for result in results]))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), forms=eight_forms)
def test_a_run_is_a_pure_function_of_seed_and_events(seed, forms):
    whole, again = (replay(SCENARIO, seed, decisions(forms)) for _ in range(2))
    fresh = read_scenario(SCENARIOS / "signals")
    assert whole == again
    assert replay(fresh, seed, decisions(forms)).digest == whole.digest
    assert replay(SCENARIO, seed, decisions(forms[:-1])).results == whole.results[:-1]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), one=eight_forms, other=eight_forms)
def test_decisions_never_shift_the_traffic(seed, one, other):
    runs = [replay(SCENARIO, seed, decisions(forms)) for forms in (one, other)]
    counts = [[result.kpis["camera_count"] for result in run.results] for run in runs]
    assert counts[0] == counts[1]
    desks = [replay(SCENARIO, seed, decisions(forms[:5])).situation for forms in (one, other)]
    assert desks[0] == desks[1]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), forms=eight_forms)
def test_every_loss_is_finite_and_none_is_negative(seed, forms):
    position = position_after(SCENARIO, seed, decisions(forms))
    parts = SCENARIO.model.loss_parts(position)
    assert all(0 <= part < np.inf for part in parts.values())
    assert SCENARIO.model.equity(position).value > 0


def test_inquiries_change_no_result_and_cost_minutes():
    asked = [Inquiry(1, "manual_count_east"), Inquiry(1, "error_by_group", 40)]
    decided = Decision(1, SCENARIO.default_values)
    with_inquiries, without = replay(SCENARIO, 3, [*asked, decided]), replay(SCENARIO, 3, [decided])
    assert with_inquiries.digest == without.digest
    assert with_inquiries.situation == without.situation
    assert replay(SCENARIO, 3, asked).minutes_left == SCENARIO.office_minutes - 20 - 40


def test_all_flows_can_be_counted_within_the_minutes_of_a_round():
    flows = ("north", "south", "east", "west", "pedestrians")
    run = replay(SCENARIO, 3, [Inquiry(1, f"manual_count_{flow}") for flow in flows])
    assert run.minutes_left == 20


def test_in_smog_manual_counts_stand_far_above_the_forecast_while_the_tool_stays_sure():
    before, ratios = decisions([SCENARIO.default_values] * 5), []
    for seed in range(SEEDS):
        run = replay(SCENARIO, seed, [*before, Inquiry(6, "manual_count_north"), Inquiry(6, "manual_count_east")])
        ratios += [finding.values["forecast"] / finding.values["flow"] for finding in run.findings]
        assert {advice.confidence for advice in run.situation.advice} == {0.96}
    assert np.mean(ratios) == pytest.approx(0.65, abs=0.08)


def test_the_drift_check_is_quiet_by_clear_day_and_loud_in_smog():
    before = decisions([SCENARIO.default_values] * 5)
    for seed in range(SEEDS):
        clear = replay(SCENARIO, seed, [Inquiry(1, "drift_check")]).findings[0].values["psi"]
        smog = replay(SCENARIO, seed, [*before, Inquiry(6, "drift_check")]).findings[0].values["psi"]
        assert clear < 0.25 < smog


def test_the_explanation_of_a_forecast_adds_up_and_allows_nothing_for_the_light():
    values = replay(SCENARIO, 4, [Inquiry(1, "why_this_case")]).findings[0].values
    assert values["usual"] + values["camera"] + values["trend"] + values["light"] == values["total"]
    assert values["light"] == 0


def test_everything_on_the_desk_has_a_text():
    for number in range(9):
        run = replay(SCENARIO, 5, decisions([SCENARIO.default_values] * number))
        for texts in (SCENARIO.texts("en"), SCENARIO.texts("ur")):
            assert all(texts.event(event) for event in run.situation.events)
            assert all(texts.figure(figure) for figure in run.situation.figures)
            assert all(texts.row(row.id) for row in run.situation.table)
            assert all(texts.column(key) for row in run.situation.table for key in row.values)
            assert all(texts.advice_label(advice.label) for advice in run.situation.advice)
            assert all(texts.unit(kind.argument.unit) for kind in SCENARIO.inquiries if kind.argument)
            assert all(texts.part(part) for part in SCENARIO.model.loss_parts(position_after(SCENARIO, 5, [])))
            assert len(texts.debrief) == 5


def test_the_vip_movement_is_announced_for_round_four_and_closes_each_approach_in_turn():
    before = decisions([SCENARIO.default_values] * 3)
    assert replay(SCENARIO, 1, before[:2]).situation.events == ("hour_3",)
    news = {replay(SCENARIO, seed, before).situation.events[1] for seed in range(40)}
    assert news == {"vip_north", "vip_south", "vip_east", "vip_west"}


def test_a_closed_approach_lengthens_the_queue_and_never_shortens_it():
    calm = read_scenario(SCENARIOS / "signals", {"vip_round": 99})
    pairs = [[played(scenario, seed, 4).kpis["max_queue"] for scenario in (SCENARIO, calm)] for seed in range(SEEDS)]
    assert all(with_vip >= without for with_vip, without in pairs)
    assert np.mean([with_vip - without for with_vip, without in pairs]) > 100


def test_green_for_the_cars_is_delay_for_the_buses():
    even, cars_first = (
        {"green_north_south": 40, "green_east_west": 40},
        {"green_north_south": 50, "green_east_west": 30},
    )
    assert mean("delay_bus", 2, **cars_first) > mean("delay_bus", 2, **even)
    assert mean("delay_car", 2, **cars_first) < mean("delay_car", 2, **even)


def test_a_pedestrian_stage_in_a_short_cycle_ends_crossing_on_red():
    short = {"green_north_south": 30, "green_east_west": 25}
    without = mean("crossed_on_red", 2, **short)
    assert mean("crossed_on_red", 2, **short, pedestrian_stage="every_cycle") < 0.1 * without


def test_a_long_cycle_makes_pedestrians_wait_longer():
    waits = [
        mean("pedestrian_wait_90", 2, green_north_south=green, green_east_west=green, pedestrian_stage="every_cycle")
        for green in (30, 50, 80)
    ]
    assert waits == sorted(waits)
    assert waits[-1] > 1.5 * waits[0]


def test_on_demand_serves_the_vehicles_better_and_the_unseen_worse():
    stages = {stage: {"pedestrian_stage": stage, "green_north_south": 30, "green_east_west": 30}
              for stage in ("every_cycle", "on_demand")}  # fmt: skip
    assert mean("delay_vehicle", 8, **stages["on_demand"]) < mean("delay_vehicle", 8, **stages["every_cycle"])
    waits = {stage: mean("pedestrian_wait_90", 8, **form) for stage, form in stages.items()}
    assert waits["on_demand"] > waits["every_cycle"]


def test_the_controller_never_cuts_a_crossing_short():
    result = played(SCENARIO, 1, 2, green_north_south=7, green_east_west=7, pedestrian_stage="every_cycle")
    assert result.kpis["mean_cycle"] == 17 + 23 + 8
    assert played(SCENARIO, 1, 2, green_north_south=7, green_east_west=7).kpis["mean_cycle"] == 7 + 7 + 8


def test_automatic_uses_nothing_of_the_own_plan():
    one = played(SCENARIO, 5, 1, ai_mode="auto", green_north_south=20, pedestrian_stage="every_cycle")
    assert one.kpis == played(SCENARIO, 5, 1, ai_mode="auto").kpis


def test_following_the_tool_in_smog_costs_more_than_the_plan_as_found():
    assert mean("delay_person", 6, ai_mode="auto") > mean("delay_person", 6)


def test_the_tool_keeps_its_promise_by_clear_day_and_breaks_it_in_smog():
    def promised(round_number: int) -> float:
        before = decisions([SCENARIO.default_values] * (round_number - 1))
        desks = [replay(SCENARIO, seed, before).situation.table for seed in range(SEEDS)]
        return float(np.mean([row.values["tool_delay"] for desk in desks for row in desk[:4]]))

    came = {number: mean("delay_vehicle", number, ai_mode="auto") for number in (2, 6)}
    assert came[2] < 2 * promised(2)
    assert came[6] > 3 * promised(6)


def test_advice_moves_each_green_by_at_most_eight_seconds():
    lengths = [played(SCENARIO, seed, 1, ai_mode="advise").kpis["mean_cycle"] for seed in range(SEEDS)]
    assert len(set(lengths)) > 1
    assert all(abs(length - 120) <= 16 for length in lengths)


def test_an_officer_helps_after_a_closure_and_harms_the_buses_when_he_stays():
    plan, found = {"green_north_south": 62, "green_east_west": 50}, []
    for seed in range(60):
        news = replay(SCENARIO, seed, decisions([SCENARIO.default_values] * 3)).situation.events
        if news[1] in ("vip_north", "vip_south"):
            found.append([played(SCENARIO, seed, 4, **plan, manual_minutes=minutes).truth for minutes in (0, 5, 20)])
    absent, brief, long = ({key: np.mean([truth[key] for truth in column]) for key in column[0]}
                           for column in zip(*found, strict=True))  # fmt: skip
    assert brief["delay_person"] < absent["delay_person"]
    assert long["delay_car"] < brief["delay_car"]
    assert long["delay_bus"] > brief["delay_bus"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"green_north_south": 6}, "out_of_range"),
        ({"green_east_west": 87}, "out_of_range"),
        ({"green_north_south": 40.5}, "not_an_integer"),
        ({"manual_minutes": 21}, "out_of_range"),
        ({"pedestrian_stage": "sometimes"}, "not_a_choice"),
        ({"ai_mode": "full"}, "not_a_choice"),
    ],
)
def test_a_form_that_breaks_a_rule_is_refused_in_both_languages(changes, code):
    with pytest.raises(InvalidEvent) as refusal:
        replay(SCENARIO, 1, [Decision(1, SCENARIO.default_values | changes)])
    (problem,) = refusal.value.problems
    assert (problem.field_id, problem.code) == (next(iter(changes)), code)
    assert all(SCENARIO.texts(language).problem(problem) for language in ("en", "ur"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[parameters.patience]", "[parameters.patiance]", "patiance is unknown"),
        ("[parameters.patience]\nvalue = 60.0", "[parameters.patience]\nvalue = [60.0]", "patience.value"),
    ],
)
def test_a_faulty_parameter_is_named(tmp_path, old, new, message):
    folder = tmp_path / "signals"
    folder.mkdir()
    text = (SCENARIOS / "signals" / "scenario.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / "scenario.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError, match=message):
        read_scenario(folder)
