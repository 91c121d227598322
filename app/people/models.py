"""Tables of imports: what a file said, what came of it, and what undoing it needs."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Enum, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import NUMBERED_ONCE, Base, UtcDateTime

# Previews are looked at for minutes; of an import that was applied, undoing needs the rows.
PREVIEW_KEPT, ROWS_KEPT = timedelta(days=7), timedelta(days=90)


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"

    @property
    def counted(self) -> str:
        """The column of an import that counts rows of this outcome."""
        return f"{self.value}_rows"


class PeopleImport(Base):
    """A file of people: previewed, then applied or dropped, maybe undone.

    gives_roles: the administrator lets the file make instructors, administrators and auditors; ignored: headings that
    were not known, and so whose columns are passed over.
    """

    __tablename__ = "people_import"
    # A number is never given again, so that a page left open cannot speak of another import than it shows.
    __table_args__ = NUMBERED_ONCE

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    gives_roles: Mapped[bool]
    ignored: Mapped[list[str]] = mapped_column(JSON)
    new_rows: Mapped[int]
    changed_rows: Mapped[int]
    same_rows: Mapped[int]
    wrong_rows: Mapped[int]
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def number_of_rows(self) -> int:
        """In the file; fewer are kept once somebody among them was erased."""
        return sum(getattr(self, outcome.counted) for outcome in Outcome)

    @property
    def can_be_undone(self) -> bool:
        return self.applied_at is not None and self.undone_at is None and clock.now() < self.applied_at + ROWS_KEPT


class ImportRow(Base):
    """A row of the file. number: as the spreadsheet counts them; given: what it says, read.

    before and after: the values that differ, by field; problems: what is wrong with it (app.people.wording).
    account_id: whom it made or changed, as long as that can be undone.
    """

    __tablename__ = "people_import_row"
    __table_args__ = (Index("ix_people_import_row_import_outcome", "import_id", "outcome", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("people_import.id"))
    number: Mapped[int]
    username: Mapped[str] = mapped_column(String(120))
    outcome: Mapped[Outcome] = mapped_column(
        Enum(Outcome, native_enum=False, length=10, values_callable=lambda outcomes: [each.value for each in outcomes])
    )
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    given: Mapped[dict[str, Any]] = mapped_column(JSON)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
