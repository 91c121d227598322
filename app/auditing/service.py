"""Writes about the audit log: that somebody took it away is an act as well."""

from __future__ import annotations

from typing import IO

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.auditing import queries
from app.core import audit


def take_away(session: Session, reader: Account, target: IO[bytes]) -> None:
    """Write the log of the reader's academy as lines of JSON, up to and with the entry that says who took it."""
    audit.record(
        session,
        verb="audit_log_taken",
        thing=f"academy:{reader.academy_id}",
        actor_id=reader.id,
        academy_id=reader.academy_id,
    )
    for line in queries.every_line(session, reader):
        target.write(line.encode())
