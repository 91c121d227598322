"""The points of an attempt in words, and what its tests said."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from app.content.values import ARABIC_LETTER
from app.core.numbers import short
from app.gradebook.points import Attempt
from grading import STDERR


def points_sentence(attempt: Attempt, *, is_to_mark: bool = True) -> str:
    """The points of an attempt, whether a person may still add to them or did so unseen, and what lateness took off.

    is_to_mark: whether a person marks what is not marked yet.
    """
    got, most = short(attempt.points), short(attempt.most)
    if attempt.is_final:
        sentence = _("%(points)s of %(most)s points", points=got, most=most)
    elif not is_to_mark:
        sentence = _(
            "%(points)s of %(most)s points; what is not marked stays so, since another attempt counts",
            points=got,
            most=most,
        )
    else:
        sentence = _("%(points)s of %(most)s points so far", points=got, most=most)
    if attempt.hides_marks:
        sentence = _("%(points)s; a mark is shown after the second marking", points=sentence)
    if attempt.days_late == 0:
        return str(sentence)
    taken = short(100 * (1 - attempt.terms.share_left(attempt.submission.submitted_at)))
    late = ngettext(
        "%(num)s day late, %(percent)s %% taken off",
        "%(num)s days late, %(percent)s %% taken off",
        attempt.days_late,
        percent=taken,
    )
    return f"{sentence} ({late})"


def said_by_test(message: str, language: str) -> str:
    """What a test said of a wrong answer; "" when it said nothing.

    Where its author wrote it in both languages, with a bar between them, the reader's is taken; static/js/check.js does
    the same.
    """
    said = message.removeprefix("AssertionError").removeprefix(":").strip()
    texts = {bool(ARABIC_LETTER.search(part)): part for part in said.split(" | ")}
    return texts[language == "ur"] if said.count(" | ") == 1 and len(texts) == 2 else said


def printed_by_test(message: str) -> str:
    """The last line of what a test printed to stderr; "" when that was blank."""
    return message.removeprefix(STDERR).removeprefix(":").strip()
