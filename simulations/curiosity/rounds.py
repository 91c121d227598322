"""One round's inquiries: what each was worth, and whether the decision used it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulations.curiosity.desk import Desk, Form, greedy_order
from simulations.curiosity.information import Beliefs
from simulations.engine import Floats
from simulations.registry import Scenario
from simulations.types import Decision, Field, Inquiry

SEEN_SECONDS = 5.0
SEEN_CREDIT = 0.25
MOVED_SHARE = 0.05


@dataclass(frozen=True)
class RoundTiming:
    """Server-measured times of one round, idle time cut.

    active_minutes: from the opening of the round to its decision.  seconds_seen: by inquiry of the round, in the
    order made, seconds its finding was on screen before the next event.  is_noted: a hypothesis or prediction was
    logged.
    """

    active_minutes: float
    seconds_seen: tuple[float, ...] = ()
    is_noted: bool = False


@dataclass(frozen=True)
class InquiryValue:
    """One inquiry of the run.

    ``value`` is its expected value of sample information given what was seen before it in the round, in the
    scenario's loss unit; ``credit`` is 1 (used), 0.25 (seen only) or 0.
    """

    round: int
    inquiry_id: str
    argument: int | None
    minutes: int
    value: float
    credit: float

    @property
    def used(self) -> float:
        """Value that reached the decision, in the loss unit."""
        return self.value * self.credit


@dataclass(frozen=True)
class RoundCuriosity:
    """One round: the inquiries made, and what the greedy order of questions would have brought.

    ``matched`` is that order's value for the minutes spent, ``attainable`` its value for all office minutes; ``gap``
    is the expected loss the baseline gives away. All in the loss unit.
    """

    round: int
    active_minutes: float
    inquiries: tuple[InquiryValue, ...]
    matched: float
    attainable: float
    gap: float

    @property
    def minutes(self) -> int:
        """Office minutes spent on inquiries."""
        return sum(inquiry.minutes for inquiry in self.inquiries)

    @property
    def value(self) -> float:
        """Information value of the inquiries made."""
        return sum(inquiry.value for inquiry in self.inquiries)

    @property
    def used(self) -> float:
        """The part of it that reached the decision."""
        return sum(inquiry.used for inquiry in self.inquiries)


def field_distance(field: Field, first: Form, second: Form) -> float:
    """How far two forms lie apart in a field, as a share of its range; 0 or 1 for a choice."""
    if field.kind == "choice":
        return float(first[field.id] != second[field.id])
    return abs(float(first[field.id]) - float(second[field.id])) / max(field.maximum - field.minimum, 1e-9)


def has_moved(fields: Sequence[Field], before: Form, target: Form, usual: Form, made: Form) -> bool:
    """Whether a decision moved toward what the findings recommend.

    before, target: best decision before and after the round's findings.  usual: the decision of the round before,
    which the form offers.  Looked at are the fields that the findings changed in the best decision; where they
    confirmed it, all. Moved means: nearer to the target than ``usual`` over these fields together, and by more than
    5 % of the range in one of them at least.
    """
    changed = [field for field in fields if field_distance(field, before, target) > MOVED_SHARE] or list(fields)
    gains = [field_distance(field, usual, target) - field_distance(field, made, target) for field in changed]
    return sum(gains) > 0 and max(gains) > MOVED_SHARE


def is_rightly_left(fields: Sequence[Field], target: Form, made: Form) -> bool:
    """Whether the decision already stands where the findings lead, to within 5 % of each field's range."""
    return all(field_distance(field, target, made) <= MOVED_SHARE for field in fields)


def _credits(scenario: Scenario, room: Desk, final: Beliefs, usual: Form, made: Form, timing: RoundTiming) -> Floats:
    before, target = room.decisions[room.beliefs.best], room.decisions[final.best]
    is_used = has_moved(scenario.fields, before, target, usual, made)
    is_used |= timing.is_noted and is_rightly_left(scenario.fields, target, made)
    seconds = np.zeros(len(final.seen))
    given = timing.seconds_seen[: len(seconds)]
    seconds[: len(given)] = given
    seen = np.where(seconds >= SEEN_SECONDS, SEEN_CREDIT, 0.0)
    return np.ones_like(seen) if is_used else seen


def round_curiosity(
    scenario: Scenario, room: Desk, asked: Sequence[Inquiry], decision: Decision, usual: Form, timing: RoundTiming
) -> RoundCuriosity:
    """The inquiries ``asked`` in a round, in their order, and the decision taken after them."""
    beliefs, values = room.beliefs, []
    for inquiry in asked:
        question = (inquiry.inquiry_id, inquiry.argument)
        values.append(beliefs.value(question))
        beliefs = beliefs.after(question)
    credited = _credits(scenario, room, beliefs, usual, decision.values, timing)
    costs = [scenario.inquiry(inquiry.inquiry_id).cost(inquiry.argument) for inquiry in asked]
    best_first = [greedy_order(scenario, room.beliefs, minutes) for minutes in (sum(costs), scenario.office_minutes)]
    matched, attainable = (sum(offer.value for offer in offers) for offers in best_first)
    return RoundCuriosity(
        round=decision.round,
        active_minutes=timing.active_minutes,
        inquiries=tuple(
            InquiryValue(inquiry.round, inquiry.inquiry_id, inquiry.argument, cost, value, float(credit))
            for inquiry, cost, value, credit in zip(asked, costs, values, credited, strict=True)
        ),
        matched=max(matched, sum(values)),
        attainable=max(attainable, sum(values)),
        gap=room.gap,
    )
