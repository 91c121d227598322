"""The model of licensing against numbers known from theory, and its parts against what they must keep."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import load, queueing
from simulations.engine import stream
from simulations.queueing import erlang_b, erlang_c, shared_priority_waits
from simulations.scenarios.licensing import belief, office, papers
from simulations.scenarios.licensing.hall import play_hall
from simulations.scenarios.licensing.stationary import rounded_staffing, square_root_staffing
from simulations.scenarios.licensing.world import (
    ASSISTED,
    MOST_COUNTERS,
    OTHERS,
    SLICE_MINUTES,
    Week,
    count,
    draw_week,
)

SCENARIO = load("licensing")
P = SCENARIO.model.p
PATIENT = 1e12
WARM_UP = 1000

rates = st.floats(0.05, 3.0)


def test_erlang_b_and_c_have_their_known_values():
    assert erlang_b(3, 2.0) == pytest.approx(0.210526, abs=1e-6)
    assert erlang_c(3, 2.0) == pytest.approx(0.444444, abs=1e-6)
    assert erlang_c(2, 1.0) == pytest.approx(0.333333, abs=1e-6)
    assert erlang_c(5, 4.0) == pytest.approx(0.554113, abs=1e-6)
    assert erlang_c(8, 6.5) == pytest.approx(0.485045, abs=1e-6)
    assert erlang_c(1, 0.7) == pytest.approx(0.7)


def test_an_overloaded_hall_has_no_steady_state():
    with pytest.raises(queueing.Oversaturated):
        erlang_c(3, 3.0)


def test_priority_waits_of_one_counter_are_cobhams():
    waits = shared_priority_waits(1, (3.0, 4.0), 10.0)
    assert waits == pytest.approx((0.1, 1 / 3))
    assert waits == pytest.approx(queueing.priority_waits((3.0, 4.0), (10.0, 10.0)))
    mean = (3 * waits[0] + 4 * waits[1]) / 7
    assert mean == pytest.approx(0.23333, abs=1e-5)  # first come, first served: 0.7 / (10 - 7)


def test_priority_waits_of_three_counters():
    assert shared_priority_waits(3, (4.0, 8.0), 6.0) == pytest.approx((0.0317460, 0.0952381), abs=1e-7)


@given(servers=st.integers(1, 10), first=rates, second=rates)
def test_conservation_law_priority_moves_waits_but_not_their_mean(servers, first, second):
    service = 1.05 * (first + second) / servers
    waits, other = (
        shared_priority_waits(servers, (first, second), service),
        shared_priority_waits(servers, (second, first), service),
    )
    alike = erlang_c(servers, (first + second) / service) / (servers * service - first - second)
    assert first * waits[0] + second * waits[1] == pytest.approx((first + second) * alike)
    assert second * other[0] + first * other[1] == pytest.approx((first + second) * alike)
    assert waits[0] < alike < waits[1]


def long_hall(by_class, counters, minutes, priority, days=500, slices=2500):
    """Days of constant arrivals, long enough for a steady state; rates are people per slice."""
    die = np.random.default_rng(7)
    shape = (1, days, slices)
    dice = Week(
        arrivals=die.standard_normal((*shape, 2)),
        service=die.random((*shape, MOST_COUNTERS)),
        turn=die.random(shape),
        patience=np.zeros((*shape, 2)),
        flags=np.zeros((1, 3)),
        wrong=np.zeros((1, 3)),
        forged=np.zeros((1, 3)),
    )
    arriving = np.tile(np.array(by_class), (1, slices, 1))
    counters = np.full((1, slices), float(counters))
    return play_hall(arriving, counters, np.array([minutes]), np.array([priority]), PATIENT, dice)


def mean_waits(hall):
    """Mean wait by class, minutes, by Little's law once the hall has forgotten that it opened empty."""
    waiting, arrived = (numbers[:, :, WARM_UP:].sum(axis=(0, 1, 2)) for numbers in (hall.waiting, hall.arrived))
    return SLICE_MINUTES * waiting / np.maximum(arrived, 1)


@pytest.mark.parametrize(("counters", "load"), [(3, 2.0), (5, 4.0), (8, 6.5)])
def test_the_hall_waits_as_erlang_c_says(counters, load):
    minutes = 20 * SLICE_MINUTES
    hall = long_hall((0.0, load * SLICE_MINUTES / minutes), counters, minutes, False)
    expected = erlang_c(counters, load) * minutes / (counters - load)
    assert mean_waits(hall)[OTHERS] == pytest.approx(expected, rel=0.08)
    assert hall.busy[:, :, WARM_UP:].mean() == pytest.approx(load, rel=0.03)


def test_the_hall_with_priority_waits_as_cobham_says():
    minutes = 20 * SLICE_MINUTES
    arriving = (4 / 6 * SLICE_MINUTES / minutes, 8 / 6 * SLICE_MINUTES / minutes)
    hall = long_hall(arriving, 3, minutes, True)
    expected = np.array(shared_priority_waits(3, (4.0, 8.0), 6.0)) * 6 * minutes
    assert mean_waits(hall) == pytest.approx(expected, rel=0.1)


def test_in_one_line_both_classes_wait_alike():
    minutes = 20 * SLICE_MINUTES
    waits = mean_waits(long_hall((0.03, 0.07), 3, minutes, False))
    assert waits[ASSISTED] == pytest.approx(waits[OTHERS], rel=0.05)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), open_counters=st.integers(2, 10), crowd=st.floats(0.1, 8.0), first=st.booleans())
def test_nobody_is_lost_in_the_hall_and_no_counter_serves_two(seed, open_counters, crowd, first):
    dice = draw_week(seed, 1)
    slices = dice.turn.shape[2]
    arriving = np.tile(np.array([0.1 * crowd, 0.9 * crowd]), (1, slices, 1))
    counters = np.full((1, slices), float(open_counters))
    hall = play_hall(arriving, counters, np.array([9.0]), np.array([first]), 90.0, dice)
    assert hall.waiting.min() >= 0
    assert hall.busy.max() <= open_counters
    served = hall.arrived.sum() - hall.abandoned.sum() - hall.sent_home.sum()
    assert served >= 0
    # every slice is six minutes of at most that many counters
    assert served <= hall.busy.sum() + open_counters


def test_counts_have_the_mean_and_variance_of_a_poisson():
    normal = np.random.default_rng(3).standard_normal(200_000)
    for mean in (0.05, 0.5, 2.0, 8.0, 60.0):
        drawn = count(np.full(len(normal), mean), normal)
        assert drawn.mean() == pytest.approx(mean, rel=0.03, abs=0.02)
        assert drawn.var() == pytest.approx(mean, rel=0.15)
    assert count(np.zeros(3), np.full(3, 5.0)).tolist() == [0, 0, 0]


@given(low=st.floats(1.0, 100.0), more=st.floats(0.0, 50.0), normal=st.floats(-4.0, 4.0))
def test_more_is_never_fewer(low, more, normal):
    assert count(np.array(low + more), np.array(normal)) >= count(np.array(low), np.array(normal))


@given(base=st.floats(0.01, 0.99), low=st.floats(0.8, 0.98), step=st.floats(0.001, 0.01))
def test_a_higher_threshold_flags_more_of_every_kind(base, low, step):
    assert papers.flag_chance(base, 0.9, 0.9) == pytest.approx(base)
    assert papers.flag_chance(base, low + step, 0.9) > papers.flag_chance(base, low, 0.9)


@given(
    loads=st.lists(st.floats(0.5, 9.0), min_size=4, max_size=4),
    staff=st.integers(8, 40),
)
def test_square_root_staffing_uses_up_the_staff(loads, staff):
    wanted = square_root_staffing(np.array([loads]), np.array([float(staff)]))
    assert wanted.sum() == pytest.approx(staff)
    over = (wanted[0] - loads) / np.sqrt(loads)
    assert over == pytest.approx(over[0])
    servers = rounded_staffing(wanted, np.array([float(staff)]), 2, 10)[0]
    assert servers.sum() == staff
    assert servers.min() >= 2
    assert servers.max() <= 10


def looked_at(door, mode=papers.AUTO, name_rejects=0.16, threshold=0.9):
    """Fate of a thousand files under one use of the tool."""
    files = papers.decided_files(P, np.array([1000.0]), np.array([0.0]), np.array([1.0]), np.array([0.5]))
    genuine = papers.genuine_flags(P, np.array([name_rejects]), np.array([threshold]))
    forged = papers.forged_flags(P, np.array([threshold]))
    look = papers.first_look(P, np.array([mode]), genuine, forged)
    return files, look, papers.outcome(P, look, files, np.array([float(door)]))


def test_without_a_door_every_refusal_stands():
    files, look, fate = looked_at(0)
    assert fate.seen[0] == 0
    assert fate.wrong == pytest.approx(files.genuine * (look.genuine + P.clerical_error))
    assert fate.issued_chance == pytest.approx(1 - look.forged)
    assert fate.confirmed_chance == pytest.approx(0.0)


def test_a_wide_door_leaves_only_its_own_errors():
    files, look, fate = looked_at(12)
    assert fate.seen == pytest.approx(fate.asked)
    assert fate.wrong == pytest.approx(files.genuine * (look.genuine * P.door_false + P.clerical_error))
    assert fate.confirmed_chance + fate.issued_chance == pytest.approx(1.0)


@given(door=st.integers(0, 11), mode=st.sampled_from([papers.IGNORE, papers.ADVISE, papers.AUTO]))
def test_one_more_officer_at_the_door_never_refuses_more_honest_people(door, mode):
    fewer, more = looked_at(door, mode)[2], looked_at(door + 1, mode)[2]
    assert (more.wrong <= fewer.wrong + 1e-9).all()
    assert fewer.seen[0] <= papers.door_capacity(P, np.array([float(door)]))[0] + 1e-9


def test_the_tool_alone_fails_those_with_two_spellings():
    files, _, fate = looked_at(0, threshold=0.8)
    plain, two_spellings, _ = (fate.wrong / files.genuine)[0]
    assert two_spellings > 2 * plain


def test_an_officer_treats_all_groups_alike():
    files, _, fate = looked_at(0, papers.IGNORE)
    shares = (fate.wrong / files.genuine)[0]
    assert shares == pytest.approx(shares[0])


def test_the_posterior_is_bayes_on_the_grid():
    evidence = belief.no_evidence(P)
    prior = P.name_rejects_prior / P.name_rejects_prior.sum()
    assert belief.posterior(evidence.name_rejects, P.name_rejects_prior)[0] == pytest.approx(prior)
    means = 240.0 * P.name_rejects_values
    seen = replace(evidence, name_rejects=belief.log_likelihood(np.array([[40.0]]), means[None]))
    by_hand = prior * np.exp(-means) * means**40.0
    found = belief.posterior(seen.name_rejects, P.name_rejects_prior)[0]
    assert found == pytest.approx(by_hand / by_hand.sum())
    assert belief.expected_truth(P, seen).name_rejects[0] == pytest.approx(0.16, abs=0.02)


def test_truths_are_drawn_as_often_as_the_posterior_says():
    evidence = belief.no_evidence(P)
    truths = belief.drawn_truths(P, evidence, stream(1, "test").random((3, 40_000)))
    for name in ("name_rejects", "forgery", "new_share", "peak"):
        values, prior = getattr(P, f"{name}_values"), getattr(P, f"{name}_prior")
        shares = [(getattr(truths, name) == value).mean() for value in values]
        assert shares == pytest.approx(prior / prior.sum(), abs=0.02)


def test_arrivals_expected_by_block_add_up_and_are_linear_in_the_peak():
    plan = office.plans([dict(SCENARIO.default_values) | {"appointments": 0.5}])
    visits = np.array([1200.0])
    low, middle, high = (office.block_rates(P, plan, visits, np.array([peak])) for peak in (0.3, 0.4, 0.5))
    assert middle == pytest.approx((low + high) / 2)
    missed = 1200 * (1 - P.assisted_share) * 0.5 * P.no_show_share
    assert 5 * middle.sum() == pytest.approx(1200 - missed)


def test_longer_delay_brings_more_agents_and_published_times_fewer():
    plan = office.plans([dict(SCENARIO.default_values)])
    shares = [office.agent_share(P, np.array([days]), plan)[0] for days in (0.0, 3.0, 6.0, 12.0, 1000.0)]
    assert shares[0] == shares[1] == 0
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(P.agent_most)
    published = office.plans([dict(SCENARIO.default_values) | {"publish": "yes", "slots": 0}])
    assert office.agent_share(P, np.array([6.0]), published)[0] == pytest.approx(0.6 * 0.7 * shares[2])
