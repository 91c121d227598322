"""What people type into forms."""

from __future__ import annotations

# Nothing of which a form says how much of it was seen is ever so many.
SEEN_DIGITS = 9


def typed_text(sent: str | None) -> str:
    """The text that was sent, with the line ends of this side, nothing around it and no NUL: PostgreSQL keeps none."""
    return (sent or "").replace("\r\n", "\n").replace("\0", "").strip()


def number_seen(sent: str | None) -> int:
    """The number of what a page showed when it was opened, as its form sends it back; 0 for what is no such number."""
    return int(sent) if sent is not None and sent.isdecimal() and len(sent) <= SEEN_DIGITS else 0
