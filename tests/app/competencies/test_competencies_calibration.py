"""The estimator on simulated trainees whose skill is known: `make bench` compares it with others on more of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.calibration import (
    World,
    by_hunar,
    constant_world,
    covered,
    forgetting_world,
    hard_world,
    marked_world,
    own_world,
    rasch_world,
)

TRAINEES = 1_500


@pytest.mark.parametrize("kinds", [False, True])
def test_where_its_assumptions_hold_its_intervals_hold_the_truth_as_often_as_they_say(kinds: bool) -> None:
    world = own_world(np.random.default_rng(11), TRAINEES, kinds=kinds)
    found = by_hunar(world)
    assert 0.88 <= covered(world, found, 0.9) <= 0.92
    assert 0.77 <= covered(world, found, 0.8) <= 0.83


@pytest.mark.parametrize("make", [constant_world, forgetting_world, rasch_world, hard_world])
def test_where_its_assumptions_do_not_hold_its_intervals_are_rather_too_wide(make) -> None:
    world = make(np.random.default_rng(13), TRAINEES)
    assert covered(world, by_hunar(world), 0.9) >= 0.88


def test_what_people_mark_tells_more_and_by_its_weight_intervals_come_nearer_to_the_truth() -> None:
    world = marked_world(np.random.default_rng(15), TRAINEES)
    found, in_full, without = (
        by_hunar(each) for each in (world, replace(world, reliabilities={}), replace(world, graded={}))
    )
    assert covered(world, in_full, 0.9) + 0.02 < covered(world, found, 0.9) < 0.9
    off = [np.abs(each.shares - world.share).mean() for each in (found, in_full, without)]
    assert off[0] < off[1] < off[2]


def test_easy_and_hard_questions_lead_to_the_same_estimate() -> None:
    dice = np.random.default_rng(14)
    share = np.full(TRAINEES, 0.7)
    off = {}
    for difficulty in (-1.5, 1.5):
        odds = 0.7 / 0.3 * np.exp(-difficulty)
        answers = (dice.random((TRAINEES, 24)) < odds / (1 + odds)).astype(float)
        world = World("", share, answers, np.full(24, difficulty))
        off[difficulty] = by_hunar(world).shares.mean()
    # With few answers the starting point at one half still pulls by some points.
    assert off[-1.5] == pytest.approx(off[1.5], abs=0.03)
    assert 0.62 < off[1.5] < 0.7
