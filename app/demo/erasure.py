"""Somebody erased, and somebody who asked for it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.demo.people import ERASED
from app.rights import erasure
from app.rights.erasure import Grant
from app.rights.models import Ground


def erase(session: Session, people: Mapping[str, Account]) -> None:
    """Somebody who asked for it is erased, and somebody else waits for a decision."""
    request = erasure.ask(session, people[ERASED], "")
    erasure.ask(session, people["kiran"], "I have left the service.")
    grant = Grant(Ground.NOT_NEEDED, keeps_credentials=False, reason="Left the service without finishing the course.")
    erasure.erase(session, people["farid"], request.id, grant)
