"""When a button was pressed on a page without a link, as far as it can be believed.

Each answer about a lab holds the academy's word of the time, signed for one trainee. A page that has no link counts the
seconds since then. Such a moment is never before the academy's own word nor after the arrival; between the two the page
is believed, which is why the terms of a lab say how long work may be on its way.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from app.core import clock

LONGEST_SECONDS = 366 * 24 * 3600


def word(trainee_id: int) -> str:
    """The time now, signed for this trainee."""
    return str(_serializer().dumps([trainee_id, clock.now().timestamp()]))


def moment_of_click(trainee_id: int, token: str, elapsed: str) -> datetime | None:
    """The moment that a page names by a word of ours and the seconds since then; at the latest now.

    None when the word is not ours, or another trainee's, or the seconds are no such number.
    """
    try:
        signed_for, at = _serializer().loads(token)
        seconds = float(elapsed)
    except (BadSignature, ValueError, TypeError):
        return None
    if signed_for != trainee_id or not math.isfinite(seconds) or seconds < 0:
        return None
    return min(clock.now(), datetime.fromtimestamp(at, UTC) + timedelta(seconds=min(seconds, LONGEST_SECONDS)))


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="contact")
