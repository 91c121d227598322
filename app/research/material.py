"""What a release is made of: those who agreed, and nothing of anybody else."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from app.accounts.postings import grade_band
from app.research.anonymity import Generalised, generalise, two_sided_geometric
from app.research.columns import (
    BREADTH_BANDS,
    DONE_BANDS,
    FAMILIES,
    LADDERS,
    UNKNOWN,
    band,
    named_band,
)

K = 10
EPSILON = 1.0
# What a release spends: each family of counts once.
SPENT = EPSILON * len(FAMILIES)
WEEK = timedelta(weeks=1)
PSEUDONYM_SIGNS = 16
Line = tuple[str, ...]


class Piece(NamedTuple):
    """A piece of evidence in force."""

    at: datetime
    kind: str
    competency: str
    level: int
    outcome: float
    weight: float


@dataclass(frozen=True)
class Person:
    """Somebody who agreed to research."""

    id: int
    department: str
    grade: int | None
    district: str
    language: str

    @property
    def known_by(self) -> dict[str, str]:
        """What others might know them by, in the order of LADDERS."""
        return {
            "department": self.department or UNKNOWN,
            "grade_band": named_band(grade_band(self.grade)),
            "district": self.district or UNKNOWN,
            "language": self.language,
        }


@dataclass(frozen=True)
class Participant(Person):
    """The same with all that is released of them. done: how many activities they finished."""

    done: int
    pieces: tuple[Piece, ...]

    @property
    def done_band(self) -> str:
        return band(self.done, DONE_BANDS)

    @property
    def mean_outcome(self) -> str:
        weight = math.fsum(piece.weight for piece in self.pieces)
        if not weight:
            return ""
        return _tenths(math.fsum(piece.weight * piece.outcome for piece in self.pieces) / weight)

    @property
    def counted_by(self) -> dict[str, str]:
        """One value of each family."""
        return {
            "grade_band": named_band(grade_band(self.grade)),
            "language": self.language,
            "activities_done": self.done_band,
            "competencies": band(len({piece.competency for piece in self.pieces}), BREADTH_BANDS),
        }


@dataclass(frozen=True)
class Tables:
    """The three tables of a release, in an order that tells nothing, and what was done to them."""

    persons: tuple[Line, ...]
    evidence: tuple[Line, ...]
    counts: tuple[tuple[str, str, int], ...]
    evidence_left_out: int
    generalised: Generalised
    diversity: int


def coarsened(people: Sequence[Person]) -> Generalised:
    """What others might know them by, so that at least ten look alike."""
    return generalise([each.known_by for each in people], LADDERS, K)


def tables(participants: Sequence[Participant], *, key: bytes, dice: Random) -> Tables:
    """The tables of a release. key: of its pseudonyms, to be thrown away; dice: for the noise.

    Who was left out of the persons is left out of the evidence too; counts are of everybody who agreed.
    """
    made = coarsened(participants)
    persons: list[Line] = []
    evidence: list[Line] = []
    left_out = 0
    for each, shown in zip(participants, made.rows, strict=True):
        if shown is None:
            left_out += len(each.pieces)
            continue
        name = pseudonym(each.id, key)
        persons.append((name, *shown.values(), each.done_band, each.mean_outcome))
        evidence += [(name, *line) for line in _lines(each.pieces)]
    return Tables(
        persons=tuple(sorted(persons)),
        evidence=tuple(sorted(evidence)),
        counts=_counts([each.counted_by for each in participants], dice),
        evidence_left_out=left_out,
        generalised=made,
        diversity=made.diversity([each.mean_outcome for each in participants]),
    )


def pseudonym(account_id: int, key: bytes) -> str:
    return hmac.new(key, str(account_id).encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_SIGNS]


def _lines(pieces: Sequence[Piece]) -> list[Line]:
    began_at = min((piece.at for piece in pieces), default=None)
    return [
        (
            str((piece.at - began_at) // WEEK),
            piece.kind,
            piece.competency,
            str(piece.level),
            _tenths(piece.outcome),
            f"{piece.weight:g}",
        )
        for piece in pieces
        if began_at is not None
    ]


def _counts(values: Sequence[Mapping[str, str]], dice: Random) -> tuple[tuple[str, str, int], ...]:
    """Every possible value of each family, whether anybody has it or not."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for each in values:
        for family, value in each.items():
            found[family][value] += 1
    return tuple(
        (family, value, found[family][value] + two_sided_geometric(EPSILON, dice))
        for family, every in FAMILIES.items()
        for value in every
    )


def _tenths(share: float) -> str:
    return f"{share:.1f}"
