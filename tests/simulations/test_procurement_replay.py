"""A run of procurement is a pure function of seed and events; decisions shift no die and show no truth."""

import subprocess
import sys
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import Decision, InvalidEvent, load, replay
from simulations.registry import SCENARIOS, read_scenario
from simulations.replay import position_after
from simulations.scenarios.procurement.cases import alarm
from simulations.scenarios.procurement.office import DESK, choose_reviews, draw_month, list_order, plan, play_month
from simulations.scenarios.procurement.world import HONEST, MOST_BIDS, SHELL
from simulations.types import ScenarioError
from tests.simulations import played
from tests.simulations.played import decisions, forms_of, seeds

SCENARIO = load("procurement")
forms = partial(forms_of, SCENARIO)
asked = partial(played.asked, SCENARIO)
DECOYS = ("minister_speech", "vendor_video", "national_ranking")
TOLD = tuple(kind.id for kind in SCENARIO.inquiries if kind.id not in (*DECOYS, "ai_card"))


def with_days(lot=0, field=0, forensic=0, **values):
    """The default form with these days; desk reviews take what is left."""
    days = {"lot_days": lot, "field_days": field, "forensic_days": forensic}
    return SCENARIO.default_values | days | {"desk_days": 20 - lot - field - forensic} | values


def desk_after(seed, played):
    return position_after(SCENARIO, seed, decisions(played)).desk


def test_loading_the_scenario_needs_no_scipy():
    script = "import sys, simulations; simulations.load('procurement'); assert 'scipy' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=SCENARIOS.parents[1], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@settings(max_examples=12, deadline=None)
@given(seed=seeds, one=forms(), other=forms())
def test_the_first_month_is_the_same_whatever_is_decided(seed, one, other):
    hidden = [replay(SCENARIO, seed, decisions([form])).results[0].truth for form in (one, other)]
    for key in ("abuse_rate", "overpaid", "share_ring"):
        assert hidden[0][key] == hidden[1][key]


@settings(max_examples=12, deadline=None)
@given(seed=seeds, one=forms(), other=forms())
def test_later_months_differ_only_where_decisions_deter(seed, one, other):
    """The same dice: a tender's office and advertised days are the same, its kind differs for few."""
    first, second = (desk_after(seed, [form, form]).tenders for form in (one, other))
    assert np.array_equal(first.office, second.office)
    assert np.count_nonzero(first.kind != second.kind) <= 0.08 * len(first)
    same = first.kind == second.kind
    assert np.array_equal(first.price[same], second.price[same])


@settings(max_examples=15, deadline=None)
@given(seed=seeds, other=forms(), few=st.integers(1, 9))
def test_a_larger_lot_holds_the_smaller_one(seed, other, few):
    tenders = desk_after(seed, []).tenders
    dice = draw_month(SCENARIO.model.p.tenders, seed, 1)
    lots = []
    for lot in (few, 2 * few):
        chosen = plan(other | {"lot_days": lot, "desk_days": 0, "field_days": 0, "forensic_days": 0})
        order = list_order(SCENARIO.model.p, tenders, chosen)
        lots.append(set(np.flatnonzero(choose_reviews(tenders, order, dice, chosen)[1])))
    assert len(lots[0]) == few
    assert lots[0] < lots[1]


@settings(max_examples=20, deadline=None)
@given(seed=seeds, values=st.lists(forms(), min_size=1, max_size=4))
def test_no_form_uses_more_than_the_office_has(seed, values):
    position = position_after(SCENARIO, seed, decisions(values[:-1]))
    p, chosen = SCENARIO.model.p, plan(values[-1])
    outcome = play_month(
        p, position.desk.tenders, draw_month(p.tenders, seed, len(values)), chosen, position.hidden, len(values)
    )
    days = np.array([1, 4, 8])[outcome.level[outcome.level >= 0]]
    assert days.sum() == 20
    assert np.all(outcome.level[outcome.by_lot] == DESK)
    assert np.count_nonzero(outcome.held) == chosen.holds
    assert np.all(outcome.recovered <= outcome.ordered + 1e-12)
    assert np.all(outcome.ordered <= position.desk.tenders.overpaid + 1e-12)
    assert not outcome.proven[position.desk.tenders.kind == HONEST].any()


@settings(max_examples=15, deadline=None)
@given(seed=seeds, values=st.lists(forms(), min_size=1, max_size=3))
def test_reported_figures_are_those_of_the_month(seed, values):
    result = replay(SCENARIO, seed, decisions(values)).results[-1]
    kpis, form = result.kpis, values[-1]
    reviews = form["lot_days"] + form["desk_days"] + form["field_days"] // 4 + form["forensic_days"] // 8
    assert kpis["reviews"] == reviews
    assert kpis["lot_reviews"] == form["lot_days"]
    assert kpis["held"] == form["holds"]
    assert kpis["hold_days"] <= 20 * form["holds"]
    assert kpis["proven"] <= kpis["reviews"]
    tenders = desk_after(seed, values[:-1]).tenders
    small = tenders.small.sum()
    by_size = kpis["review_rate_small"] * small + kpis["review_rate_large"] * (len(tenders) - small)
    assert by_size == pytest.approx(100 * reviews)
    assert kpis["single_bids"] == pytest.approx(100 * np.mean(tenders.bidders == 1))


def test_tenders_fit_their_own_flags():
    p = SCENARIO.model.p
    for seed in range(10):
        tenders = desk_after(seed, [SCENARIO.default_values] * (seed % 7)).tenders
        assert np.array_equal(tenders.notice < p.notice_limit, tenders.short)
        assert np.array_equal(tenders.tight, (tenders.spread > 0) & (tenders.spread < p.spread_limit))
        assert np.array_equal(tenders.near, (tenders.price >= 9) & (tenders.price < 10))
        assert tenders.bidders.min() >= 1
        assert tenders.bidders.max() <= MOST_BIDS
        assert np.array_equal(tenders.overprice > 0, tenders.kind != HONEST)
        assert np.array_equal(tenders.flags.sum(axis=0)[:1], [np.count_nonzero(tenders.bidders == 1)])


def test_beside_its_peers_a_common_flag_counts_nothing():
    tenders = desk_after(3, []).tenders
    honest_small = (tenders.small == 1) & (tenders.bidders == 1)
    assert tenders.rare_flags[honest_small, 0].max() < 0.25
    single_large = (tenders.small == 0) & (tenders.bidders == 1)
    assert tenders.rare_flags[single_large, 0].min() > 0.6
    assert np.all(tenders.rare_flags <= tenders.flags)
    mean = [tenders.signal_beside_peers[tenders.small == size].mean() for size in (0, 1)]
    assert mean == pytest.approx([0.0, 0.0], abs=1e-9)


def test_ranking_by_money_puts_dearer_tenders_first():
    desk = desk_after(5, [])
    by_points, by_money = (
        list_order(SCENARIO.model.p, desk.tenders, plan(with_days(ranking=ranking))) for ranking in ("points", "money")
    )
    price = desk.tenders.price
    assert price[by_money[:20]].mean() > 2 * price[by_points[:20]].mean()


def test_a_hearing_spares_sound_suppliers_and_makes_orders_stand():
    days, kept = {"none": [], "written": []}, {"none": [], "written": []}
    for hearing in ("none", "written"):
        form = with_days(field=20, holds=5, hearing=hearing, ai_mode="auto", ranking="money")
        for seed in range(30):
            result = replay(SCENARIO, seed, decisions([form])).results[0]
            days[hearing].append(result.truth["honest_days"])
            kept[hearing].append(result.truth["recovered"] / max(result.kpis["ordered"], 1e-9))
    assert np.mean(days["written"]) < 0.7 * np.mean(days["none"])
    assert {round(share, 6) for share in kept["written"]} <= {0.0, 1.0}
    assert {round(share, 6) for share in kept["none"]} <= {0.0, 0.5, 0.75}


def test_a_held_payment_comes_back_whole_and_a_payment_made_by_three_quarters():
    p = SCENARIO.model.p
    position = position_after(SCENARIO, 6, [])
    tenders = position.desk.tenders
    dice = draw_month(p.tenders, 6, 1)
    dice = replace(dice, detect=np.zeros(len(tenders)), clear=np.ones(len(tenders)))
    chosen = plan(with_days(holds=10, ai_mode="auto", hearing="written"))
    outcome = play_month(p, tenders, dice, chosen, position.hidden, 1)
    share = outcome.ordered[outcome.proven] / tenders.overpaid[outcome.proven]
    assert share == pytest.approx(np.where(outcome.held[outcome.proven], 1.0, 0.75))
    assert outcome.proven.any()


def test_the_earthquake_is_news_of_month_five_only():
    played = [SCENARIO.default_values] * 5
    assert replay(SCENARIO, 1, decisions(played[:3])).situation.events == ()
    assert replay(SCENARIO, 1, decisions(played[:4])).situation.events == ("earthquake",)
    assert replay(SCENARIO, 1, decisions(played)).situation.events == ()
    assert not desk_after(1, played[:3]).tenders.emergency.any()
    assert desk_after(1, played[:4]).tenders.emergency.mean() == pytest.approx(0.4, abs=0.12)


def test_the_advice_is_the_delivered_score_highest_first():
    advice = replay(SCENARIO, 4, []).situation.advice
    points = [row.values["points"] for row in advice]
    assert len(advice) == 5
    assert points == sorted(points, reverse=True)
    assert asked(4, [], "why_this_case")["total"] == pytest.approx(points[0], abs=0.051)


def test_the_causes_of_a_score_add_up():
    values = asked(2, [SCENARIO.default_values], "why_this_case")
    causes = (
        "single_bid",
        "short_notice",
        "low_spread",
        "near_threshold",
        "repeat_bidders",
        "shared_contact",
        "signal",
    )
    assert sum(values[name] for name in causes) == pytest.approx(values["total"])


def test_the_card_keeps_quiet_about_small_offices_and_a_sample_shows_them():
    assert asked(1, [], "ai_card") == {"claimed": 70.0, "small": 0.0}
    found = [asked(seed, [], "error_by_group", 60) for seed in range(60)]
    right = {
        name: sum(values[f"right_{name}"] for values in found) / sum(values[f"n_{name}"] for values in found)
        for name in ("large", "small")
    }
    assert right["small"] < 0.4 * right["large"]
    assert right["large"] < 0.7
    assert all(values["low_small"] <= values["high_small"] for values in found)


def test_the_sample_is_of_alarms_and_no_larger_than_there_are():
    tenders = desk_after(9, []).tenders
    warned = alarm(SCENARIO.model.p, tenders) == 1
    values = asked(9, [], "error_by_group", 60)
    for number, name in enumerate(("large", "small")):
        assert values[f"n_{name}"] == min(30, np.count_nonzero(warned & (tenders.small == number)))


def test_drift_shows_when_rings_have_learnt():
    gone = {True: [], False: []}
    for seed in range(40):
        position = position_after(SCENARIO, seed, decisions([SCENARIO.default_values] * 3))
        learnt = position.hidden.learning <= 1
        values = SCENARIO.model.investigate(position, "drift_check", None)
        gone[learnt].append(values["spread_now"] - values["spread_then"])
    assert min(gone[True]) > 2
    assert max(gone[False]) < 1


def test_notice_and_single_bids_lose_their_meaning_after_the_earthquake():
    quiet, shaken = ([SCENARIO.default_values] * count for count in (3, 5))
    for seed in range(5):
        before, after = asked(seed, quiet, "drift_check"), asked(seed, shaken, "drift_check")
        assert before["short_now"] < 25
        assert after["short_now"] > 35
        assert asked(seed, quiet, "law")["exempt"] == 0
        assert asked(seed, shaken, "law")["exempt"] == 1


def test_digits_and_owners_tell_of_shell_firms():
    shells, invented, owners, distance = [], [], [], []
    for seed in range(60):
        position = position_after(SCENARIO, seed, [])
        tenders = position.desk.tenders
        shells.append(np.count_nonzero((tenders.kind == SHELL) & tenders.shared))
        invented.append(shells[-1] * (0.9 if position.hidden.costly[1] == SHELL - 1 else 0.4))
        owners.append(asked(seed, [], "ownership_graph")["one_owner"])
        distance.append(asked(seed, [], "benford_plot")["distance"])
    assert np.corrcoef(shells, owners)[0, 1] > 0.9
    assert np.corrcoef(invented, distance)[0, 1] > 0.35


def test_reports_and_suppliers_tell_which_scheme_pads_most():
    named, dearest = [], []
    for seed in range(80):
        position = position_after(SCENARIO, seed, [])
        costly = position.hidden.costly[1]
        reports = SCENARIO.model.investigate(position, "history", None)
        votes = SCENARIO.model.investigate(position, "suppliers", None)
        schemes = ("ring", "split", "shell")
        dearest.append(np.argmax([reports[f"padding_{name}"] for name in schemes]) == costly)
        named.append(np.argmax([votes[name] for name in schemes]) == costly)
    assert np.mean(dearest) > 0.7
    assert np.mean(named) > 0.7


def test_files_and_the_field_officer_tell_whether_papers_are_missing():
    missing, complete = {0: [], 1: []}, {0: [], 1: []}
    for seed in range(80):
        position = position_after(SCENARIO, seed, [])
        weeded = position.hidden.weeded[1]
        missing[weeded].append(SCENARIO.model.investigate(position, "bid_file", None)["missing"])
        complete[weeded].append(SCENARIO.model.investigate(position, "field_officer", None)["complete"])
    assert np.mean(missing[1]) > np.mean(missing[0]) + 1
    assert np.mean(complete[0]) > np.mean(complete[1]) + 5


@pytest.mark.parametrize("inquiry_id", TOLD)
def test_findings_differ_between_worlds_that_look_alike(inquiry_id):
    position = position_after(SCENARIO, 3, decisions([SCENARIO.default_values] * 2))
    worlds = SCENARIO.model.possible(position, 24, 1, asked=False)
    argument = 30 if SCENARIO.inquiry(inquiry_id).argument else None
    told = {tuple(SCENARIO.model.investigate(world, inquiry_id, argument).items()) for world in worlds}
    assert len(told) > 1


def test_days_that_do_not_add_up_are_refused():
    form = SCENARIO.default_values
    for changed in ({"lot_days": 5}, {"field_days": 6}, {"holds": 11}, {"hearing": "spoken"}, {"points_single_bid": 6}):
        with pytest.raises(InvalidEvent):
            replay(SCENARIO, 1, [Decision(1, form | changed)])


@pytest.mark.parametrize(
    ("name", "value", "message"), [("tenders", [1], "parameters.tenders"), ("no_such", 1.0, "no_such")]
)
def test_faulty_parameters_are_refused(name, value, message):
    with pytest.raises(ScenarioError, match=message):
        read_scenario(SCENARIOS / "procurement", {name: value})
