"""What people type into forms."""

from __future__ import annotations


def typed_text(sent: str | None) -> str:
    """The text that was sent, with the line ends of this side, nothing around it and no NUL: PostgreSQL keeps none."""
    return (sent or "").replace("\r\n", "\n").replace("\0", "").strip()
