"""The points of an attempt in words."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.numbers import short
from app.gradebook.points import Attempt


def points_sentence(attempt: Attempt) -> str:
    """The points of an attempt, whether a person may still add to them, and what lateness took off."""
    got, most = short(attempt.points), short(attempt.most)
    if attempt.is_final:
        sentence = _("%(points)s of %(most)s points", points=got, most=most)
    else:
        sentence = _("%(points)s of %(most)s points so far", points=got, most=most)
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
