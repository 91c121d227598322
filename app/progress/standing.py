"""The one rule that says who is on track, behind, silent or finished; docs/progress.md and the pages give it in words.

Work is overdue once its due moment has passed and it is not done. Whoever has done everything has finished. Whoever has
nothing overdue is on track. Of the others those are silent who did nothing in the module for `silent_after` or longer,
counted from when they joined at the earliest; the rest is behind.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum


class Status(StrEnum):
    ON_TRACK = "on_track"
    BEHIND = "behind"
    SILENT = "silent"
    FINISHED = "finished"


def due(due_at: Mapping[str, datetime], now: datetime) -> tuple[str, ...]:
    """Activities whose due moment has passed, the longest ago first."""
    return tuple(name for name, moment in sorted(due_at.items(), key=lambda item: (item[1], item[0])) if moment <= now)


def overdue(due_at: Mapping[str, datetime], done: Collection[str], now: datetime) -> tuple[str, ...]:
    """Those of them that are not done, the longest ago first."""
    return tuple(name for name in due(due_at, now) if name not in done)


def status_of(
    *,
    activities: Collection[str],
    due_at: Mapping[str, datetime],
    done: Collection[str],
    joined_at: datetime,
    last_active_at: datetime | None,
    now: datetime,
    silent_after: timedelta,
) -> Status:
    """The status of one trainee. activities: all of the module; last_active_at: None for never."""
    if activities and set(activities) <= set(done):
        return Status.FINISHED
    if not overdue(due_at, done, now):
        return Status.ON_TRACK
    heard_of_at = max(joined_at, last_active_at or joined_at)
    return Status.SILENT if now - heard_of_at >= silent_after else Status.BEHIND
