"""How a skill is estimated from evidence: the only place where estimates are computed.

A Beta model with decay: each piece of evidence adds its outcome, weighted by kind, age and difficulty, to a Beta
distribution over the share of tasks of average difficulty that the trainee would master. The conjugate update is
textbook (Gelman et al., 2013, Bayesian Data Analysis, ch. 2); weights, half-lives, thresholds and caps are Hunar's own
choices, stated here and shown on the page, and checked on simulated trainees (docs/estimates.md). What a machine marked
counts in full, what a person marked by how far people agree who mark such work.

Every weight of a competency fades by the same factor from one day to the next, so that two sums, kept with the day they
are of (Tally), give the estimate of any later day without a look at the evidence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv

from app.competencies.models import EvidenceKind

METHOD_VERSION = "beta-decay 5"
# One imagined success and one imagined failure: an estimate of one half that knows next to nothing.
PRIOR = 1.0
HALF_LIFE_DAYS = 365.0
HALF_LIFE_DAYS_OF = {"D1.3": 180.0}
INTERVAL = (0.10, 0.90)
CONFIDENCE = 0.80
LEVELS = (1, 2, 3, 4)
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
    EvidenceKind.ATTESTATION: 2,
}
# Their cap counts runs: one run may give a competency several pieces.
CAPPED_BY_SOURCE = frozenset({EvidenceKind.SIMULATION_DECISION, EvidenceKind.INQUIRY})
# That a course was finished, without a score, says nothing of a level beyond the first.
FIRST_LEVEL_ONLY = frozenset({EvidenceKind.EXTERNAL_COURSE})
# What somebody else says can confirm a level that the trainee's own work shows; alone it makes none.
CONFIRMING = frozenset({EvidenceKind.ATTESTATION})
# Weights of successes and of failures.
Sums = tuple[float, float]
KINDS_NEEDED = {3: 2, 4: 3}
PRACTICE = frozenset({EvidenceKind.SIMULATION_DECISION, EvidenceKind.NOTEBOOK_CELL})
# What two markers' agreement is taken for before any is known: what is asked of marks that count (Williamson, Xi and
# Breyer, 2012). As many pairs as make the standard error of such an agreement a tenth, (1 - 0.7 squared) / sqrt(25).
ASSUMED_AGREEMENT, ASSUMED_PAIRS = 0.70, 25
# Of the domain notes, section 4.1. In steps of a twentieth: finer ones would tell more than some dozens of pairs know.
RELIABILITY_RANGE, RELIABILITY_STEPS = (0.5, 1.0), 20


@dataclass(frozen=True)
class Piece:
    """One piece of evidence. outcome: 0 to 1; difficulty: logit; weight: of its kind, by which caps go.

    reliability: the share of its weight that it counts for, 1 where no person marked it. is_seconded: a second person
    marked it as well.
    """

    id: int
    kind: EvidenceKind
    outcome: float
    difficulty: float
    weight: float
    source: str
    at: datetime
    reliability: float = 1.0
    is_seconded: bool = False


@dataclass(frozen=True)
class Contribution:
    """What a piece does to the estimate: how far it pulls it up or down (share), and with what weight today."""

    piece: Piece
    weight_now: float
    pull: float


@dataclass(frozen=True)
class LevelCheck:
    """One level's conditions. probability: that the share exceeds `threshold`; weight and kinds: as 3.1 asks.

    weight: today's, of what counts for this level.
    """

    level: int
    threshold: float
    minimum_weight: float
    probability: float
    weight: float
    has_kinds: bool
    is_probable: bool
    has_weight: bool
    is_reached: bool


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


class Tally(NamedTuple):
    """What an estimate of a competency follows from on this or any later day.

    successes, failures: the weights of that day of the pieces that count, split by their adjusted outcomes;
    first_level_...: of these the part that counts for the first level only.
    pieces: how many there are, those beyond the caps included. kinds: of those that count. has_seconded_product:
    whether a written product that two people marked is among all of them.
    """

    competency: str
    day: date
    successes: float
    failures: float
    first_level_successes: float
    first_level_failures: float
    pieces: int
    kinds: frozenset[EvidenceKind]
    has_seconded_product: bool


class Standing(NamedTuple):
    """An estimate without what it rests on. mean: the share; level: 1 to 4, or None for "not yet known"."""

    alpha: float
    beta: float
    level: int | None
    pieces: int

    @property
    def mean(self) -> float:
        return self.alpha / (self.alpha + self.beta)

    @property
    def low(self) -> float:
        """The lower end of the 80% credible interval."""
        return _quantile(self.alpha, self.beta, INTERVAL[0])

    @property
    def high(self) -> float:
        """The upper end of the 80% credible interval."""
        return _quantile(self.alpha, self.beta, INTERVAL[1])


def tally(competency: str, pieces: Sequence[Piece]) -> Tally:
    """These pieces in sums, of the day of the newest. Raises ValueError when there is none."""
    if not pieces:
        raise ValueError("there is no evidence to add up")
    counted = within_caps(pieces)
    newest = max(piece.at for piece in pieces)
    elementary = [piece for piece in counted if piece.kind in FIRST_LEVEL_ONLY]
    whole, first = (_sums(some, _weights(competency, some, newest)) for some in (counted, elementary))
    return Tally(competency, day_of(newest), *whole, *first, len(pieces), _kinds(counted), _has_product(pieces))


def standings(tallies: Iterable[Tally], *, now: datetime) -> list[Standing]:
    """Where each stands at this moment, in their order."""
    known = list(tallies)
    today = day_of(now)
    fading = {
        (day, competency): decay((today - day).days, half_life_days(competency))
        for day, competency in {(each.day, each.competency) for each in known}
    }
    fades = np.array([fading[each.day, each.competency] for each in known]).reshape(-1, 1)
    sums = _pairs([(each.successes, each.failures) for each in known])
    firsts = _pairs([(each.first_level_successes, each.first_level_failures) for each in known])
    wholes, beyonds = fades * sums, fades * (sums - firsts)
    conditions = _conditions(wholes, beyonds, [(each.kinds, each.has_seconded_product) for each in known])
    return [
        Standing(alpha, beta, level or None, each.pieces)
        for (alpha, beta), level, each in zip(
            (PRIOR + wholes).tolist(), conditions.highest_reached(), known, strict=True
        )
    ]


def estimate(competency: str, pieces: Sequence[Piece], *, now: datetime) -> Estimate:
    """The estimate that these pieces support at this moment; with none of them, the prior and no level."""
    counted = within_caps(pieces)
    weights = _weights(competency, counted, now)
    whole = successes, failures = _sums(counted, weights)
    outcomes = [adjusted_outcome(piece.outcome, piece.difficulty) for piece in counted]
    alpha, beta = PRIOR + successes, PRIOR + failures
    total = alpha + beta
    mean = alpha / total
    low, high = (_quantile(alpha, beta, share) for share in INTERVAL)
    further = [each for each in zip(counted, weights, strict=True) if each[0].kind not in FIRST_LEVEL_ONLY]
    beyond = _sums([piece for piece, _weight in further], [weight for _piece, weight in further])
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
        checks=_conditions(_pairs([whole]), _pairs([beyond]), [(_kinds(counted), _has_product(pieces))]).checks_of(0),
    )


def _kinds(counted: Iterable[Piece]) -> frozenset[EvidenceKind]:
    return frozenset(piece.kind for piece in counted)


def _has_product(pieces: Iterable[Piece]) -> bool:
    """Also beyond the caps: whoever writes on loses nothing while the newer products wait for their second mark."""
    return any(piece.kind is EvidenceKind.WRITTEN_PRODUCT and piece.is_seconded for piece in pieces)


def _weights(competency: str, counted: Sequence[Piece], moment: datetime) -> list[float]:
    half_life = half_life_days(competency)
    return [first_weight(piece) * decay(age_days(piece.at, moment), half_life) for piece in counted]


def _sums(counted: Sequence[Piece], weights: Sequence[float]) -> Sums:
    """The weights split into successes and failures by the adjusted outcomes."""
    shares = [adjusted_outcome(piece.outcome, piece.difficulty) for piece in counted]
    return (
        math.fsum(weight * share for weight, share in zip(weights, shares, strict=True)),
        math.fsum(weight * (1 - share) for weight, share in zip(weights, shares, strict=True)),
    )


def _quantile(alpha: float, beta: float, share: float) -> float:
    return float(betaincinv(alpha, beta, share))


@dataclass(frozen=True)
class _Conditions:
    """How far estimates meet the conditions of the levels: a row for each estimate, a column for each level."""

    probability: NDArray[np.float64]
    weight: NDArray[np.float64]
    has_kinds: NDArray[np.bool_]

    @property
    def is_probable(self) -> NDArray[np.bool_]:
        return self.probability >= CONFIDENCE

    @property
    def has_weight(self) -> NDArray[np.bool_]:
        return self.weight >= np.array(MINIMUM_WEIGHTS)

    @property
    def is_reached(self) -> NDArray[np.bool_]:
        return self.is_probable & self.has_weight & self.has_kinds

    def highest_reached(self) -> list[int]:
        """The highest level that each reaches; 0 for none."""
        found: list[int] = (self.is_reached * np.array(LEVELS)).max(axis=1, initial=0).tolist()
        return found

    def checks_of(self, row: int) -> tuple[LevelCheck, ...]:
        """One estimate's, level by level."""
        found = (self.probability, self.weight, self.has_kinds, self.is_probable, self.has_weight, self.is_reached)
        columns = zip(LEVELS, THRESHOLDS, MINIMUM_WEIGHTS, *(each[row].tolist() for each in found), strict=True)
        return tuple(LevelCheck(*each) for each in columns)


def _pairs(sums: Sequence[Sums]) -> NDArray[np.float64]:
    """A row for each."""
    return np.array(sums, dtype=np.float64).reshape(-1, 2)


def _conditions(
    wholes: NDArray[np.float64], beyonds: NDArray[np.float64], kinds: Sequence[tuple[frozenset[EvidenceKind], bool]]
) -> _Conditions:
    """wholes, beyonds: with and without what counts for the first level only; kinds: with `has_seconded_product`."""
    sums = np.stack([wholes, *[beyonds] * (len(LEVELS) - 1)], axis=1)
    posterior = PRIOR + sums
    return _Conditions(
        probability=1.0 - betainc(posterior[..., 0], posterior[..., 1], np.array(THRESHOLDS)),
        weight=sums.sum(axis=2),
        has_kinds=np.array([_has_kinds(*each) for each in kinds], dtype=bool).reshape(-1, len(LEVELS)),
    )


class Cause(StrEnum):
    """Why a piece of evidence moves an estimate from one moment to another."""

    NEW = "new"
    REPLACED = "replaced"
    CAPPED = "capped"
    AGE = "age"
    RELIABILITY = "reliability"


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
        then, now_counted = former.get(number), present.get(number)
        piece = (now_counted or former[number]).piece
        weights = [each.weight_now if each is not None else 0.0 for each in (then, now_counted)]
        outcome = adjusted_outcome(piece.outcome, piece.difficulty)
        share = (weights[1] - weights[0]) * (outcome - before.mean) / total
        effects.append(Effect(piece, _cause(then, now_counted, number in in_force), share))
    return Change(before, after, tuple(sorted(effects, key=lambda each: (-abs(each.share), each.piece.id))))


def _cause(then: Contribution | None, present: Contribution | None, in_force: bool) -> Cause:
    if then is not None and present is not None:
        return Cause.AGE if then.piece.reliability == present.piece.reliability else Cause.RELIABILITY
    if present is not None:
        return Cause.NEW
    return Cause.CAPPED if in_force else Cause.REPLACED


def half_life_days(competency: str) -> float:
    """Days in which evidence of this competency loses half of its weight: a choice, not a measured forgetting."""
    return HALF_LIFE_DAYS_OF.get(competency, HALF_LIFE_DAYS)


def day_of(moment: datetime) -> date:
    """The day by which age is counted: UTC's, so that a figure is the same for every reader throughout a day."""
    return moment.astimezone(UTC).date()


def age_days(at: datetime, now: datetime) -> int:
    """Days from one to the other, whatever the hour; none for what lies ahead."""
    return max(0, (day_of(now) - day_of(at)).days)


def decay(days: int, half_life: float) -> float:
    """The share of its weight that evidence keeps after so many days: half after each half-life (days)."""
    return float(2.0 ** (-max(0, days) / half_life))


def first_weight(piece: Piece) -> float:
    """What a piece weighs on its first day: the weight of its kind, changed by its outcome in a hard or easy task, and
    of what a person marked the share that it is reliable.
    """
    right, wrong = _shares(piece.outcome, piece.difficulty)
    return 2 * piece.weight * piece.reliability * (right + wrong)


def reliability(pairs: int, agreement: float | None) -> float:
    """The share of its weight that work marked by people counts for, 0.5 to 1.

    agreement: weighted kappa of so many pairs of marks, None where they do not tell it. With squared differences it is
    the intraclass correlation (Fleiss and Cohen, 1973): the part of the variance of one mark that lies in the work.
    """
    counted = 0 if agreement is None else pairs
    known = ASSUMED_PAIRS * ASSUMED_AGREEMENT + counted * (agreement or 0.0)
    low, high = RELIABILITY_RANGE
    stepped = round(RELIABILITY_STEPS * known / (ASSUMED_PAIRS + counted)) / RELIABILITY_STEPS
    return min(high, max(low, stepped))


def adjusted_outcome(outcome: float, difficulty: float) -> float:
    """The outcome as if the task had been of average difficulty: shifted on the logit scale."""
    right, wrong = _shares(outcome, difficulty)
    return right / (right + wrong)


def _shares(outcome: float, difficulty: float) -> tuple[float, float]:
    """What was done well and what was not, each by how much it says.

    Where the chance of a right answer is that of Rasch (1960), its odds fall by e^difficulty. Counting right answers
    e^difficulty times as much as wrong ones undoes that, whatever the skill; the average of both stays as it was.
    """
    right_counts = 1 / (1 + math.exp(-difficulty))
    return right_counts * outcome, (1 - right_counts) * (1 - outcome)


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


@cache
def _has_kinds(found: frozenset[EvidenceKind], has_seconded_product: bool) -> tuple[bool, ...]:
    """Whether these kinds suffice for each level."""
    kinds = found - FIRST_LEVEL_ONLY
    return tuple(_kinds_suffice(level, kinds, has_seconded_product=has_seconded_product) for level in LEVELS)


def _kinds_suffice(level: int, kinds: frozenset[EvidenceKind], *, has_seconded_product: bool) -> bool:
    """Level 3 needs two kinds, one of them practice; level 4 three, and a written product that two people marked."""
    if level <= 2:
        return kinds != CONFIRMING
    is_enough = len(kinds) >= KINDS_NEEDED[level] and bool(kinds & PRACTICE)
    return is_enough and (level == 3 or has_seconded_product)
