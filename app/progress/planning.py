"""A plan proposed from the number of weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WEEK_DAYS = 7


@dataclass(frozen=True)
class Days:
    """On which day an activity begins, and its last day; None where nobody said."""

    begins_on: date | None = None
    due_on: date | None = None


def proposal(activities: Sequence[str], first_day: date, weeks: int) -> Mapping[str, Days]:
    """Whole weeks for each activity, in their order and evenly, beginning with `first_day`. weeks: at least 1."""
    found = {}
    for place, name in enumerate(activities):
        begins = place * weeks // len(activities)
        ends = max(begins + 1, (place + 1) * weeks // len(activities))
        found[name] = Days(
            first_day + timedelta(days=begins * WEEK_DAYS), first_day + timedelta(days=ends * WEEK_DAYS - 1)
        )
    return found
