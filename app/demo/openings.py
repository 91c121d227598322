"""An administrator looked at the record of one person, who reads why."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.break_glass import service as break_glass
from app.core.openings import Purpose


def open_a_record(session: Session, people: Mapping[str, Account]) -> None:
    reason = "She asked why the estimate of her first module is marked as disputed."
    farid, nadia = people["farid"], people["nadia"]
    break_glass.open_record(session, farid, nadia.id, Purpose.REQUEST, reason)
    break_glass.close_record(session, farid, nadia.id)
