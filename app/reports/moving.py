"""What moved the estimates of a group: the growth of its members, split by the kind of work that brought it about."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.cohorts.queries import end_of_first_day
from app.competencies.estimation import Cause, change, estimate
from app.competencies.models import EvidenceKind
from app.competencies.queries import Skill, piece_of
from app.core.privacy import SMALLEST_EXACT_GROUP, is_large_enough

# Of one person: how far each kind of work moved the estimate (share), None for older evidence that weighs less.
Pulls = Mapping[EvidenceKind | None, float]


@dataclass(frozen=True)
class Moved:
    """Mean pull (share) on the estimates of those who grew. kinds: the work; empty for all that is not told apart."""

    kinds: tuple[EvidenceKind, ...]
    pull: float


def pulls_of(skill: Skill, enrolled_at: datetime, *, now: datetime) -> Pulls | None:
    """What moved one person's estimate since their first day; None for who has no later evidence.

    The pulls add up to the estimate now less the estimate then.
    """
    start = end_of_first_day(skill, enrolled_at)
    pieces = [piece_of(row) for row in skill.evidence]
    early = [piece for piece in pieces if piece.at <= start]
    if len(early) == len(pieces):
        return None
    before = estimate(skill.competency, early, now=start)
    found: dict[EvidenceKind | None, list[float]] = defaultdict(list)
    for effect in change(skill.competency, before, pieces, now=now).effects:
        found[None if effect.cause is Cause.AGE else effect.piece.kind].append(effect.share)
    return {kind: math.fsum(shares) for kind, shares in found.items()}


def moved(people: Mapping[int, Pulls]) -> tuple[Moved, ...]:
    """Mean pulls by kind of work, the strongest first; they add up to the mean growth.

    A kind is told apart when ten people or more have it. What is left over follows from the whole, so it has to stand
    for ten people or more as well, or for nobody. Nothing is told of fewer than twenty people.
    """
    if len(people) < SMALLEST_EXACT_GROUP:
        return ()
    who: dict[EvidenceKind, set[int]] = defaultdict(set)
    for person, pulls in people.items():
        for kind in pulls:
            if kind is not None:
                who[kind].add(person)
    told = sorted((kind for kind in who if is_large_enough(len(who[kind]))), key=lambda kind: (-len(who[kind]), kind))
    rest = {person for kind in who.keys() - set(told) for person in who[kind]}
    while told and rest and not is_large_enough(len(rest)):
        rest |= who[told.pop()]
    apart = [Moved((kind,), _mean(people, {kind})) for kind in told]
    left = [Moved((), _mean(people, {None, *(who.keys() - set(told))}))] if _has_more(people, set(told)) else []
    return tuple(sorted(apart, key=lambda each: -abs(each.pull)) + left)


def _mean(people: Mapping[int, Pulls], kinds: set[EvidenceKind | None] | set[EvidenceKind]) -> float:
    return math.fsum(pull for pulls in people.values() for kind, pull in pulls.items() if kind in kinds) / len(people)


def _has_more(people: Mapping[int, Pulls], told: set[EvidenceKind]) -> bool:
    return any(kind not in told for pulls in people.values() for kind in pulls)
