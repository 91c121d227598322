"""The memo to the minister as it is typed."""

from __future__ import annotations

from app.core.wording import gettext as _

LONGEST = 900


def problem(text: str) -> str:
    """What is wrong with a memo as typed; "" if nothing."""
    if not text:
        return str(_("Write your memo first: three sentences."))
    if len(text) > LONGEST:
        excess = len(text) - LONGEST
        return str(_("Your memo is %(count)s characters too long: a minister reads three sentences.", count=excess))
    return ""
