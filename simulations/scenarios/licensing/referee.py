"""Possible worlds behind a position, and many of them played at once for the decision score."""

from collections.abc import Mapping, Sequence

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.licensing import belief
from simulations.scenarios.licensing.office import State, joined, plans, play_week, repeated
from simulations.scenarios.licensing.planner import Planner, as_plan
from simulations.scenarios.licensing.world import Parameters, Truth, draw_week, joined_weeks
from simulations.types import Value


def drawn_worlds(p: Parameters, state: State, seed: int, replicates: int) -> tuple[list[int], list[Truth]]:
    """Seeds and hidden truths of worlds that the office's files cannot tell apart, by the posterior (Bayes)."""
    die = stream(seed, "possible", state.round)
    seeds = [int(number) for number in die.integers(2**31 - 1, size=replicates)]
    truths = belief.drawn_truths(p, state.seen, die.random((3, replicates)))
    rows = zip(truths.name_rejects, truths.forgery, truths.new_share, truths.peak, strict=True)
    return seeds, [Truth(*(np.array([value]) for value in row)) for row in rows]


def losses_to_go(
    planner: Planner,
    seeds: Sequence[int],
    start: Sequence[State],
    truths: Sequence[Truth],
    decisions: Sequence[Mapping[str, Value]],
) -> Floats:
    """Loss from now on of each decision followed by the best policy, (decision, world), PKR.

    Lanes run through the worlds first, then through the decisions, so decisions meet the same dice.
    """
    worlds, count = len(seeds), len(decisions)
    state, truth = repeated(joined(start), count), repeated(joined(truths), count)
    assert isinstance(state, State)
    assert isinstance(truth, Truth)
    before = state.loss.sum(axis=1)
    plan = plans([form for form in decisions for _ in range(worlds)])
    for number in range(state.round, planner.rounds + 1):
        if number > start[0].round:
            plan = as_plan(planner.rows(state))
        dice = joined_weeks([draw_week(seed, number) for seed in seeds])
        state, _ = play_week(planner.p, state, plan, truth, dice)
    return np.asarray((state.loss.sum(axis=1) - before).reshape(count, worlds), dtype=np.float64)
