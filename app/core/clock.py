"""The one source of the present moment, so that tests can set it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment in UTC, time-zone aware."""
    return datetime.now(UTC)
