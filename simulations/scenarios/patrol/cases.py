"""Two comparisons of beats that the officer makes before seeing what the tool makes of the same record."""

import numpy as np

from simulations.engine import stream
from simulations.scenarios.patrol.office import State
from simulations.scenarios.patrol.world import BEATS
from simulations.types import Case

ANSWERS = ("first", "second")
MOST_PATROLLED_SHARE = 0.6  # of first pairs; with all of them the tool would be right no more often than a coin
PAIRS = tuple((one, other) for one in range(len(BEATS)) for other in range(one + 1, len(BEATS)))


def cases(seed: int, state: State) -> tuple[Case, ...]:
    """Did more happen last week in one beat than in another? The first pair mostly holds the beat with most hours.

    Pairs in which as much happened in both are left out, for then neither answer is right.
    """
    happened, most = state.last.incidents, int(np.argmax(state.last.hours))
    dice = stream(seed, "cases", state.round).random((2, 3))
    apart = [pair for pair in PAIRS if happened[pair[0]] != happened[pair[1]]]
    found = []
    for number, (kind, order, turn) in enumerate(dice):
        has_most = number == 0 and kind < MOST_PATROLLED_SHARE
        pairs = [pair for pair in apart if (most in pair) == has_most] or apart
        if not pairs:
            break
        pair = pairs[int(order * len(pairs))]
        apart = [other for other in apart if other != pair]
        found.append(_case(state, number + 1, pair[::-1] if turn < 1 / 2 else pair))
    return tuple(found)


def _case(state: State, number: int, pair: tuple[int, int]) -> Case:
    first, second = pair
    last = state.last
    score = np.round(state.record[0], 9)
    shares = score[[first, second]] + 0.5
    fewer = first if last.hours[first] <= last.hours[second] else second
    values: dict[str, int | float | str] = {"first": BEATS[first], "second": BEATS[second]}
    for key, beat in (("first", first), ("second", second)):
        values[f"{key}_hours"] = round(float(last.hours[beat]))
        values[f"{key}_reported"] = int(last.reported[beat])
        values[f"{key}_found"] = int(last.found[beat])
    return Case(
        id=f"{state.round}_{number}",
        values=values,
        answers=ANSWERS,
        advice=ANSWERS[int(score[second] > score[first])],
        confidence=float(shares.max() / shares.sum()),
        truth=ANSWERS[int(last.incidents[second] > last.incidents[first])],
        group=BEATS[fewer],
    )
