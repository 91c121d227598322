"""Columns that look as if they named real people: by what their values look like, and by what they are called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum

from app.core.spreadsheets import plain


class Likeness(StrEnum):
    """What a column looks like. Of names only its heading tells, and a district has a name too."""

    CNIC = "cnic"
    TELEPHONE = "telephone"
    EMAIL = "email"
    NAME = "name"


# What identifies a person by itself: such a column is taken only when the author says in words why it may be used.
IDENTIFIES = (Likeness.CNIC, Likeness.TELEPHONE, Likeness.EMAIL)
# Found in any cell, free text too; one of them is one too many.
ANYWHERE = {
    Likeness.CNIC: re.compile(r"(?<!\d)\d{5}-\d{7}-\d(?!\d)"),
    Likeness.EMAIL: re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    Likeness.TELEPHONE: re.compile(r"(?<![\d-])(?:\+92|0092|0)[ -]?3\d{2}[ -]?\d{7}(?!\d)"),
}
# The whole of a cell, which a count or an amount may be as well: a column of them tells.
WHOLE = {
    Likeness.CNIC: re.compile(r"[1-7]\d{12}"),
    Likeness.TELEPHONE: re.compile(r"(?:\+|00)?92[1-9]\d{8,9}|0[1-9]\d{8,9}"),
}
SHARE = 0.2
# A spreadsheet takes the zero before a number away.
WITHOUT_ZERO = re.compile(r"3\d{9}")
OF_TELEPHONES = re.compile(
    "|".join((r"\b(?:phone|telephone|tel|mobile|cell|contact|whatsapp)\b", *map(plain, ("فون", "موبائل", "رابطہ"))))
)
WHOSE = "full|first|last|father'?s?|husband|mother|patient|applicant|complainant|citizen|officer|employee|student|owner"
OF_NAMES = re.compile(
    "|".join(
        (
            rf"(?:{WHOSE}|beneficiary|person) ?name",
            "name of .*",
            *map(plain, ("نام", "پورا نام", "والد کا نام", "ولدیت")),
        )
    )
)


def likeness(name: str, values: Sequence[str]) -> Likeness | None:
    """What of people a column looks like; None for nothing."""
    digits = [_with_plain_digits(value) for value in values]
    heading = plain(name)
    for kind, pattern in ANYWHERE.items():
        if any(pattern.search(value) for value in digits):
            return kind
    bare = [re.sub(r"[\s().-]", "", value) for value in digits]
    for kind, pattern in WHOLE.items():
        if _share(bare, pattern) >= SHARE:
            return kind
    if OF_TELEPHONES.search(heading) and _share(bare, WITHOUT_ZERO) >= SHARE:
        return Likeness.TELEPHONE
    return Likeness.NAME if OF_NAMES.fullmatch(heading) else None


def _share(values: Sequence[str], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.fullmatch(value)) for value in values) / len(values) if values else 0


def _with_plain_digits(value: str) -> str:
    """Urdu and Arabic digits as those that the patterns know."""
    if value.isascii():
        return value
    return "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in value)
