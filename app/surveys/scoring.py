"""What answers to the items of a scale say together: pure arithmetic on agreement from 1 to 5."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from app.content.schemas import SurveyItem

LOWEST, HIGHEST = 1, 5
# Disagreement, neither, agreement. Five groups of a cohort would be so small that most had to be withheld.
GROUPS = ((1, 2), (3,), (4, 5))
Answers = Mapping[str, int]


def scored(item: SurveyItem, agreement: int) -> int:
    """What an answer counts for its scale, 1 to 5: turned round where agreeing speaks against it."""
    return LOWEST + HIGHEST - agreement if item.reversed else agreement


def scale_mean(items: Sequence[SurveyItem], answers: Answers) -> float | None:
    """Mean of what was answered of a scale, 1 to 5; None where half of its items or more were left out."""
    given = [scored(item, answers[item.id]) for item in items if item.id in answers]
    return math.fsum(given) / len(given) if 2 * len(given) > len(items) else None


def complete_rows(items: Sequence[SurveyItem], responses: Sequence[Answers]) -> tuple[tuple[int, ...], ...]:
    """Scored answers of those who left out no item of a scale, one row each, in the order of their values."""
    complete = [answers for answers in responses if all(item.id in answers for item in items)]
    return tuple(sorted(tuple(scored(item, answers[item.id]) for item in items) for answers in complete))


def counts(item: SurveyItem, responses: Sequence[Answers]) -> list[int]:
    """How many disagreed with an item, did neither, and agreed, as they answered it."""
    given = [answers[item.id] for answers in responses if item.id in answers]
    return [sum(agreement in group for agreement in given) for group in GROUPS]


def as_share(mean: float) -> float:
    """A mean from 1 to 5 as a share from 0 to 1, as the rule on groups takes it."""
    return (mean - LOWEST) / (HIGHEST - LOWEST)


def as_mean(share: float) -> float:
    """Undoes `as_share`."""
    return LOWEST + share * (HIGHEST - LOWEST)
