"""Codes that are handed over in person, read aloud or written on a board."""

from __future__ import annotations

import secrets
import unicodedata

# Without the signs that are taken for one another when they are read aloud or written by hand.
SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_code(length: int) -> str:
    """A code that nobody can guess from another one."""
    return "".join(secrets.choice(SIGNS) for _sign in range(length))


def in_groups(code: str, size: int) -> str:
    """The code as it is shown: ABCD-EFGH."""
    return "-".join(code[start : start + size] for start in range(0, len(code), size))


def as_written(typed: str) -> str:
    """The code behind what was typed: capitals, no spaces or hyphens, Western digits."""
    signs = (str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in typed.upper())
    return "".join(sign for sign in signs if sign.isalnum())
