"""How a skill is estimated from evidence: the only place where estimates are computed.

A Beta model with decay: each piece of evidence adds its difficulty-adjusted outcome, weighted by kind and age, to a
Beta distribution over the share of such tasks that the trainee would master. The conjugate update is textbook
(Gelman et al., 2013, Bayesian Data Analysis, ch. 2); weights, half-lives, thresholds and caps are Hunar's own
choices, stated here and shown on the page. All evidence so far is marked by machine, so its marker counts in full.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scipy.special import betainc, betaincinv

from app.competencies.models import EvidenceKind

METHOD_VERSION = "beta-decay 2"
# One imagined success and one imagined failure: an estimate of one half that knows next to nothing.
PRIOR = 1.0
HALF_LIFE_DAYS = 365.0
HALF_LIFE_DAYS_OF = {"D1.3": 180.0}
OUTCOME_LIMITS = (0.05, 0.95)
INTERVAL = (0.10, 0.90)
CONFIDENCE = 0.80
THRESHOLDS = (0.35, 0.55, 0.70, 0.85)
MINIMUM_WEIGHTS = (3.0, 3.0, 5.0, 7.0)
CAP_DAYS = 90
CAPS = {
    EvidenceKind.QUIZ_ITEM: 8,
    EvidenceKind.SIMULATION_DECISION: 4,
    EvidenceKind.INQUIRY: 4,
    EvidenceKind.NOTEBOOK_CELL: 6,
    EvidenceKind.WRITTEN_PRODUCT: 3,
    EvidenceKind.EXTERNAL_COURSE: 2,
}
# Their cap counts runs: one run may give a competency several pieces.
CAPPED_BY_SOURCE = frozenset({EvidenceKind.SIMULATION_DECISION, EvidenceKind.INQUIRY})
# That a course was finished, without a score, says nothing of a level beyond the first.
FIRST_LEVEL_ONLY = frozenset({EvidenceKind.EXTERNAL_COURSE})
PRACTICE = frozenset({EvidenceKind.SIMULATION_DECISION, EvidenceKind.NOTEBOOK_CELL})


@dataclass(frozen=True)
class Piece:
    """One piece of evidence. outcome: 0 to 1; difficulty: logit; weight: as it counts on its first day."""

    id: int
    kind: EvidenceKind
    outcome: float
    difficulty: float
    weight: float
    source: str
    at: datetime


@dataclass(frozen=True)
class Contribution:
    """What a piece does to the estimate: how far it pulls it up or down (share), and with what weight today."""

    piece: Piece
    weight_now: float
    pull: float


@dataclass(frozen=True)
class LevelCheck:
    """One level's conditions. probability: that the share exceeds `threshold`; weight and kinds: as 3.1 asks."""

    level: int
    threshold: float
    probability: float
    minimum_weight: float
    has_weight: bool
    has_kinds: bool

    @property
    def is_probable(self) -> bool:
        return self.probability >= CONFIDENCE

    @property
    def is_reached(self) -> bool:
        return self.is_probable and self.has_weight and self.has_kinds


@dataclass(frozen=True)
class Estimate:
    """Share of such tasks the trainee would master, with its 80% credible interval.

    effective_weight: sum of today's weights. prior_pull: how far the starting point pulls (share); together with
    the pulls of all contributions it is 0.
    """

    mean: float
    low: float
    high: float
    effective_weight: float
    prior_pull: float
    contributions: tuple[Contribution, ...]
    checks: tuple[LevelCheck, ...]

    @property
    def level(self) -> int | None:
        """The highest level reached, 1 to 4, or None for "not yet known"."""
        return max((check.level for check in self.checks if check.is_reached), default=None)


def estimate(competency: str, pieces: Sequence[Piece], *, now: datetime) -> Estimate:
    """The estimate that these pieces support at this moment; with none of them, the prior and no level."""
    counted = within_caps(pieces)
    half_life = half_life_days(competency)
    weights = [piece.weight * decay(now - piece.at, half_life) for piece in counted]
    outcomes = [adjusted_outcome(piece.outcome, piece.difficulty) for piece in counted]
    alpha = PRIOR + math.fsum(weight * outcome for weight, outcome in zip(weights, outcomes, strict=True))
    beta = PRIOR + math.fsum(weight * (1 - outcome) for weight, outcome in zip(weights, outcomes, strict=True))
    total = alpha + beta
    mean = alpha / total
    low, high = (float(betaincinv(alpha, beta, share)) for share in INTERVAL)
    return Estimate(
        mean=mean,
        low=low,
        high=high,
        effective_weight=math.fsum(weights),
        prior_pull=2 * PRIOR * (0.5 - mean) / total,
        contributions=tuple(
            Contribution(piece, weight, weight * (outcome - mean) / total)
            for piece, weight, outcome in zip(counted, weights, outcomes, strict=True)
        ),
        checks=_check_levels(list(zip(counted, weights, outcomes, strict=True))),
    )


class Cause(StrEnum):
    """Why a piece of evidence moves an estimate from one moment to another."""

    NEW = "new"
    REPLACED = "replaced"
    CAPPED = "capped"
    AGE = "age"


@dataclass(frozen=True)
class Effect:
    """What one piece did to an estimate between two moments. share: how far it moved it, up or down."""

    piece: Piece
    cause: Cause
    share: float


@dataclass(frozen=True)
class Change:
    """An estimate at two moments. The effects add up to the difference of the means; the largest comes first."""

    before: Estimate
    after: Estimate
    effects: tuple[Effect, ...]


def change(competency: str, before: Estimate, pieces: Sequence[Piece], *, now: datetime) -> Change:
    """What moved an estimate to the one that these pieces support now, piece by piece.

    With weights v and outcomes y, the pulls v (y - mean) of all pieces and the prior add up to 0 at each moment. So
    the mean moves by the sum of (change of v) x (y - former mean) / present total weight: evidence whose weight stays
    the same, and the prior, do nothing.
    """
    after = estimate(competency, pieces, now=now)
    total = 2 * PRIOR + after.effective_weight
    former = {each.piece.id: each for each in before.contributions}
    present = {each.piece.id: each for each in after.contributions}
    in_force = {piece.id for piece in pieces}
    effects = []
    for number in former.keys() | present.keys():
        piece = (present.get(number) or former[number]).piece
        weights = [found[number].weight_now if number in found else 0.0 for found in (former, present)]
        outcome = adjusted_outcome(piece.outcome, piece.difficulty)
        share = (weights[1] - weights[0]) * (outcome - before.mean) / total
        effects.append(Effect(piece, _cause(number in former, number in present, number in in_force), share))
    return Change(before, after, tuple(sorted(effects, key=lambda each: (-abs(each.share), each.piece.id))))


def _cause(counted_before: bool, counts_now: bool, in_force: bool) -> Cause:
    if counted_before and counts_now:
        return Cause.AGE
    if counts_now:
        return Cause.NEW
    return Cause.CAPPED if in_force else Cause.REPLACED


def half_life_days(competency: str) -> float:
    """Days in which evidence of this competency loses half of its weight: a choice, not a measured forgetting."""
    return HALF_LIFE_DAYS_OF.get(competency, HALF_LIFE_DAYS)


def decay(age: timedelta, half_life: float) -> float:
    """The share of its weight that evidence of this age keeps: half after each half-life (days).

    Age counts in whole days, so that a figure stays the same throughout a day.
    """
    return float(2.0 ** (-max(0, age.days) / half_life))


def adjusted_outcome(outcome: float, difficulty: float) -> float:
    """The outcome as if the task had been of average difficulty: shifted on the logit scale."""
    least, most = OUTCOME_LIMITS
    clipped = min(most, max(least, outcome))
    return 1 / (1 + (1 - clipped) / clipped * math.exp(-difficulty))


def within_caps(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces that count, oldest first: of each kind no more than its cap in any 90 days.

    Where there are too many, heavier pieces go before lighter and newer before older, whatever their outcome: a
    second attempt at a quiz, which weighs less, never pushes out a first one.
    """
    kept: list[Piece] = []
    for piece in sorted(pieces, key=lambda each: (each.weight, each.at, each.id), reverse=True):
        rivals = [other for other in kept if other.kind is piece.kind]
        if _fits(piece, rivals):
            kept.append(piece)
    return sorted(kept, key=lambda each: (each.at, each.id))


def _fits(piece: Piece, rivals: list[Piece]) -> bool:
    """Whether no stretch of 90 days would hold more units of this kind than its cap."""
    length = timedelta(days=CAP_DAYS)
    near = [piece, *(other for other in rivals if abs(other.at - piece.at) < length)]
    starts = {other.at for other in near if other.at <= piece.at}
    return all(
        len({_unit(other) for other in near if start <= other.at < start + length}) <= CAPS[piece.kind]
        for start in starts
    )


def _unit(piece: Piece) -> str | int:
    return piece.source if piece.kind in CAPPED_BY_SOURCE else piece.id


def _check_levels(counted: list[tuple[Piece, float, float]]) -> tuple[LevelCheck, ...]:
    """The conditions of each level. counted: pieces with the weight that they have today and their adjusted outcome."""
    beyond = [each for each in counted if each[0].kind not in FIRST_LEVEL_ONLY]
    return tuple(
        _check_level(level, threshold, minimum, counted if level == 1 else beyond)
        for level, (threshold, minimum) in enumerate(zip(THRESHOLDS, MINIMUM_WEIGHTS, strict=True), start=1)
    )


def _check_level(level: int, threshold: float, minimum: float, counted: list[tuple[Piece, float, float]]) -> LevelCheck:
    alpha = PRIOR + math.fsum(weight * outcome for _piece, weight, outcome in counted)
    beta = PRIOR + math.fsum(weight * (1 - outcome) for _piece, weight, outcome in counted)
    return LevelCheck(
        level=level,
        threshold=threshold,
        probability=1.0 - float(betainc(alpha, beta, threshold)),
        minimum_weight=minimum,
        has_weight=math.fsum(weight for _piece, weight, _outcome in counted) >= minimum,
        has_kinds=_kinds_suffice(level, {piece.kind for piece, _weight, _outcome in counted}),
    )


def _kinds_suffice(level: int, kinds: set[EvidenceKind]) -> bool:
    """Level 3 needs two kinds, one of them practice; level 4 a product marked by a second person, which none is."""
    if level <= 2:
        return True
    return level == 3 and len(kinds) >= 2 and bool(kinds & PRACTICE)
