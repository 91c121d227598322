"""What is kept for how long (domain notes, section 7.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import Account
from app.core.db import Base
from app.notebooks.curiosity import KEPT
from app.notebooks.models import NotebookInquiry
from app.nudges.models import Notice
from app.passwords.models import PasswordCode


@dataclass(frozen=True)
class Rule:
    """A kind of rows that go when they are older than `kept`.

    table: whose rows. since: what their age counts from. owner: the column that says whose they are.
    """

    name: str
    kept: timedelta
    table: type[Base]
    since: InstrumentedAttribute[datetime]
    owner: InstrumentedAttribute[int]

    def outdated(self, now: datetime) -> Select[int, int]:
        """Academy and number of each row that is too old, in order."""
        number = self.table.__table__.c.id
        return (
            select(Account.academy_id, number)
            .join(self.table, self.owner == Account.id)
            .where(self.since < now - self.kept)
            .order_by(Account.academy_id, number)
        )


RULES = (
    Rule("curiosity_log", KEPT, NotebookInquiry, NotebookInquiry.asked_at, NotebookInquiry.trainee_id),
    Rule("password_codes", timedelta(days=365), PasswordCode, PasswordCode.issued_at, PasswordCode.account_id),
    Rule("notices", timedelta(days=365), Notice, Notice.sent_at, Notice.trainee_id),
)
