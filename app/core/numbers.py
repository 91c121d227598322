"""Numbers as people type them here: Western, Arabic or Urdu digits, either decimal sign."""

from __future__ import annotations

import math
import re
import unicodedata

# By thousands, or from there on by hundreds, as lakhs and crores are. Elsewhere a comma may be meant as a decimal sign.
GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?")


def read_number(typed: str) -> float:
    """The number that was typed; grouping and percent signs are passed over. Raises ValueError."""
    plain = "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in typed.strip())
    plain = plain.replace("٫", ".").replace("٬", ",").replace("%", "").replace("٪", "").strip()
    if "," in plain and not GROUPED.fullmatch(plain):
        raise ValueError(f"{typed!r} has a comma that groups no digits")
    number = float(plain.replace(",", ""))
    if not math.isfinite(number):
        raise ValueError(f"{typed!r} is not a finite number")
    return number


def number_between(typed: str, least: float, most: float) -> float | None:
    """The number that was typed; None when it is none, or outside these bounds."""
    try:
        number = read_number(typed)
    except ValueError:
        return None
    return number if least <= number <= most else None


def short(number: float) -> str:
    """At most two decimals and none that says nothing: 2, 18.5, 3.33."""
    return f"{round(number, 2):g}"
