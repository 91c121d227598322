"""Curiosity velocity of a finished run: three parts, an index and how sure it is.

Domain design, section 2, with what was changed there:

* **Price of an office minute**: three quarters of what the minutes of a round bring on average, spent best first, and
  at most the design's (the baseline's gap over all minutes). At the design's price no question of ours ever paid.
* **Time** is that of all rounds in which something was asked or was worth asking; counting only the rounds whose
  finding was used would reward opening and ignoring.
* **Fall-back**: in a round in which no finding is worth 1 % of the baseline's gap, learning the hidden qualities of the
  tool (``engine.TellsWhatIsHidden``) counts instead, as the share of their spread explained, times 1 % of the gap. A
  model that does not name them is valued as computed. Where nothing is worth finding there is no index.
* **Idle time**: the portal cuts pauses at five minutes and not at one. The design logs every finding and note; here
  only questions and decisions are events, and whoever reads for two minutes between them is not idle.

Never used for pay, posting or the ranking of named people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulations.curiosity.desk import WORLDS, Desk, desk_after, greedy_order
from simulations.curiosity.rounds import RoundCuriosity, RoundTiming, round_curiosity
from simulations.engine import Floats, stream
from simulations.registry import Scenario
from simulations.replay import replay
from simulations.scoring import require_finished
from simulations.types import Event, Inquiry

LEAST_ROUNDS, LEAST_INQUIRIES = 4, 3
REFERENCE_MINUTES = 12.0  # active minutes a round, where none are known of others
LEAST_MINUTES = 10.0
MINUTE_SHARE = 0.75
MOST_INDEX = 1.2
BOOTSTRAPS = 500
PERCENTILES_95 = (2.5, 97.5)

Reason = Literal["too_few_rounds", "too_few_inquiries", "nothing_to_find"]


@dataclass(frozen=True)
class Curiosity:
    """Curiosity of a finished run; show the three parts first.

    ``aim``, ``uptake`` and ``pace`` run from 0 to 1, None where nothing was asked or worth asking. ``computed`` is
    the index, 0 to 120, with its 95 % bootstrap ``interval`` over rounds. ``net_value`` is what the inquiries brought
    less what their minutes cost, in the loss unit; ``minute_value`` is the price of an office minute in it.
    ``minutes_a_round`` are the active ones of a round that counts, None where none does.
    """

    aim: float | None
    uptake: float | None
    pace: float | None
    computed: float
    interval: tuple[float, float]
    reason: Reason | None
    net_value: float
    minute_value: float
    minutes_a_round: float | None
    rounds: tuple[RoundCuriosity, ...]

    @property
    def index(self) -> float | None:
        """Curiosity velocity, 0 to 120; None where ``reason`` forbids to show it."""
        return None if self.reason else self.computed


def minute_value(rounds: Sequence[RoundCuriosity], office_minutes: int) -> float:
    """Price of an office minute in the loss unit; see the module's first lines."""
    attainable, gap = sum(each.attainable for each in rounds), sum(each.gap for each in rounds)
    return min(MINUTE_SHARE * attainable, gap) / max(len(rounds) * office_minutes, 1)


def _ledger(
    scenario: Scenario, desks: Sequence[Desk], rounds: Sequence[RoundCuriosity], price: float, reference_minutes: float
) -> Floats:
    """By round: own net value and active minutes, then those of the reference order."""
    rows = []
    for room, each in zip(desks, rounds, strict=True):
        best = greedy_order(scenario, room.beliefs, scenario.office_minutes, price)
        reference = sum(offer.value - price * offer.minutes for offer in best)
        own = each.used - price * each.minutes
        counts = bool(best) or bool(each.inquiries)
        rows.append((own, each.active_minutes * counts, reference, reference_minutes * counts))
    return np.array(rows, dtype=np.float64)


def _index(totals: Floats) -> Floats:
    """Index, 0 to 120, from sums over rounds of the ledger's four columns (last axis)."""
    own, minutes, reference, reference_minutes = np.moveaxis(totals, -1, 0)
    velocity = own / np.maximum(minutes, LEAST_MINUTES)
    usual = reference / np.maximum(reference_minutes, LEAST_MINUTES)
    share = np.divide(velocity, usual, out=np.zeros_like(velocity), where=usual > 0)
    return np.asarray(100 * np.clip(share, 0, MOST_INDEX), dtype=np.float64)


def _interval(ledger: Floats) -> tuple[float, float]:
    """95 % interval of the index when rounds are drawn again with replacement (Efron 1979); its dice are fixed."""
    size = len(ledger)
    drawn = stream(0, "curiosity:bootstrap").integers(size, size=(BOOTSTRAPS, size))
    low, high = np.percentile(_index(ledger[drawn].sum(axis=1)), PERCENTILES_95)
    return float(low), float(high)


def _share(part: float, whole: float) -> float | None:
    return min(1.0, part / whole) if whole > 0 else None


def _reason(rounds: Sequence[RoundCuriosity], reference: float) -> Reason | None:
    if len(rounds) < LEAST_ROUNDS:
        return "too_few_rounds"
    if sum(len(each.inquiries) for each in rounds) < LEAST_INQUIRIES:
        return "too_few_inquiries"
    return None if reference > 0 else "nothing_to_find"


def _summary(
    scenario: Scenario, desks: Sequence[Desk], rounds: tuple[RoundCuriosity, ...], reference_minutes: float
) -> Curiosity:
    price = minute_value(rounds, scenario.office_minutes)
    ledger = _ledger(scenario, desks, rounds, price, reference_minutes)
    totals = ledger.sum(axis=0)
    seen = sum(each.value for each in rounds)
    is_asked = any(each.inquiries for each in rounds)
    return Curiosity(
        aim=_share(seen, sum(each.matched for each in rounds)),
        uptake=_share(sum(each.used for each in rounds), seen),
        pace=_share(*(max(float(minutes), LEAST_MINUTES) for minutes in totals[[3, 1]])) if is_asked else None,
        computed=float(_index(totals)),
        interval=_interval(ledger),
        reason=_reason(rounds, float(totals[2])),
        net_value=float(totals[0]),
        minute_value=price,
        minutes_a_round=float(totals[1] / totals[3]) * reference_minutes if totals[3] else None,
        rounds=rounds,
    )


def curiosity_of(
    scenario: Scenario,
    seed: int,
    events: Sequence[Event],
    timing: Sequence[RoundTiming],
    worlds: int = WORLDS,
    *,
    reference_minutes: float = REFERENCE_MINUTES,
) -> Curiosity:
    """Curiosity of a finished run; slow (up to a minute), meant for a worker.

    timing: one a round.  worlds: possible worlds a round; fewer are faster and find less. reference_minutes: active
    ones that others usually take for a round, > 0. Raises InvalidEvent if the run is unfinished.
    """
    run = replay(scenario, seed, events)
    require_finished(run)
    made = [result.decision for result in run.results]
    inquiries = [event for event in events if isinstance(event, Inquiry)]
    desks, rounds = [], []
    for place, (decision, times) in enumerate(zip(made, timing, strict=True)):
        asked = [inquiry for inquiry in inquiries if inquiry.round == decision.round]
        questions = [(inquiry.inquiry_id, inquiry.argument) for inquiry in asked]
        room = desk_after(scenario, seed, made[:place], own=decision.values, asked=questions, worlds=worlds)
        usual = made[place - 1].values if place else scenario.default_values
        desks.append(room)
        rounds.append(round_curiosity(scenario, room, asked, decision, usual, times))
    return _summary(scenario, desks, tuple(rounds), reference_minutes)
