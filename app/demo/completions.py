"""Courses finished elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.completions import service as completions
from app.completions.models import Provider

REFUSED_TO = "laila"


def report_courses(session: Session, people: Mapping[str, Account]) -> None:
    """Courses finished elsewhere: one is approved, one waits, one is refused."""
    course = {"provider": Provider.COURSERA, "title": "Introduction to machine learning", "competency": "D1.2"}
    proof = {"completed_on": date(2026, 9, 15), "link": "https://www.coursera.org/verify/EXAMPLE"}
    approved, _waiting, refused = (
        completions.report(session, people[name], course | proof) for name in ("iqra", "hamza", REFUSED_TO)
    )
    completions.decide(session, people["bilal"], [approved.id], approve=True, reason="Name and day were compared.")
    completions.decide(session, people["bilal"], [refused.id], approve=False, reason="The link shows no name.")
