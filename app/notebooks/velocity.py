"""Curiosity velocity of a notebook lab (domain notes, section 2): pure arithmetic over claims and moments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from app.content.truths import PlantedTruths, question_of

# Between two signs of work longer than this somebody is taken to have been away for the rest.
IDLE_SECONDS = 60.0
# Less time than this counts as this, so that haste gains nothing; the index is for as many minutes.
LEAST_MINUTES = 10.0


class Verdict(StrEnum):
    """What a claim turned out to be. GONE: nobody can make it any more, since the lab was changed."""

    FOUND = "found"
    TRUE = "true"
    WRONG = "wrong"
    GONE = "gone"


@dataclass(frozen=True)
class Judged:
    """A claim and what it was. truth: id of the planted truth that it hit, else ""; weight: see NotebookClaim."""

    verdict: Verdict
    truth: str = ""
    weight: int = 0


def judge(truths: PlantedTruths, claim: str) -> Judged:
    """What a claim is worth by the truths that a lab declares."""
    if claim not in truths.offered:
        return Judged(Verdict.GONE)
    if (hit := truths.hits.get(claim)) is not None:
        return Judged(Verdict.FOUND, hit.id, hit.weight)
    if claim in truths.also_true:
        return Judged(Verdict.TRUE)
    return Judged(Verdict.WRONG, weight=truths.weight_of(question_of(claim)))


def index(claims: Iterable[Judged], active_minutes: float) -> float:
    """Weight of the planted truths found, each once, less that of wrong claims, for ten active minutes; at least 0."""
    claims = tuple(claims)
    found = {claim.truth: claim.weight for claim in claims if claim.verdict is Verdict.FOUND}
    wrong = sum(claim.weight for claim in claims if claim.verdict is Verdict.WRONG)
    return LEAST_MINUTES * max(0, sum(found.values()) - wrong) / max(LEAST_MINUTES, active_minutes)


def active_seconds(moments: Sequence[datetime]) -> float:
    """Time between signs of work, of each pause no more than IDLE_SECONDS; moments: in any order."""
    in_order = sorted(moments)
    pauses = ((later - earlier).total_seconds() for earlier, later in pairwise(in_order))
    return sum(min(pause, IDLE_SECONDS) for pause in pauses)
