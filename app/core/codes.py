"""Codes that are read aloud, written by hand and typed by people."""

from __future__ import annotations

import secrets
import unicodedata

# Without the signs that are taken for one another when they are read aloud or written by hand.
SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_code(length: int) -> str:
    """A code of so many random signs, each worth 4.9 bits."""
    return "".join(secrets.choice(SIGNS) for _sign in range(length))


def as_shown(code: str, group: int = 4) -> str:
    """A code in groups of so many signs: ABCD-EFGH."""
    return "-".join(code[start : start + group] for start in range(0, len(code), group))


def as_written(typed: str) -> str:
    """The code behind what was typed: capitals, no spaces or hyphens, Western digits."""
    signs = (str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in typed.upper())
    return "".join(sign for sign in signs if sign.isalnum())
