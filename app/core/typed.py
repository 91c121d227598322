"""What people type into forms."""

from __future__ import annotations


def typed_text(sent: str | None) -> str:
    """The text that was sent, with the line ends of this side and nothing around it."""
    return (sent or "").replace("\r\n", "\n").strip()
