"""Tables of what instructors write of a lab; the notebooks themselves are files named by their sha256."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Enum, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class LabSource(Base):
    """One saved state of the source of a lab, in an academy; the newest is what is being written.

    writer, number, aside: as of a trainee's draft (app/notebooks/models.py).
    """

    __tablename__ = "lab_source"
    __table_args__ = (Index("ix_lab_source_lab", "academy_id", "module_id", "activity_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    writer: Mapped[str] = mapped_column(String(64), default="")
    number: Mapped[int] = mapped_column(default=0)
    aside: Mapped[bool] = mapped_column(default=False)


class LabWords(Base):
    """One saved state of all hints and rubrics of a lab, in an academy; the newest is what is being written.

    sha256: of their file (WordsAboutCells as JSON).
    """

    __tablename__ = "lab_words"
    __table_args__ = (Index("ix_lab_words_lab", "academy_id", "module_id", "activity_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LabCheck(Base):
    """A source run through the grader: its solution and its untouched release.

    words_sha256: of the hints and rubrics, None for those of the content pack. data_id: the data files that the academy
    brought, None for none. lab_digest: of all that points depend on, the data and the rubrics too
    (Notebook.grading_digest). is_sound: full marks for the solution and none for the release; False until finished_at.
    report: as app/authoring/checking.py writes it. is_of_pack: asked for to go back to the content pack's version.
    """

    __tablename__ = "lab_check"
    __table_args__ = (Index("ix_lab_check_lab", "academy_id", "module_id", "activity_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    words_sha256: Mapped[str | None] = mapped_column(String(64))
    data_id: Mapped[int | None] = mapped_column(ForeignKey("lab_data.id"))
    lab_digest: Mapped[str] = mapped_column(String(64))
    is_of_pack: Mapped[bool] = mapped_column(default=False)
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_sound: Mapped[bool] = mapped_column(default=False)
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class PackChoice(StrEnum):
    """What authors did about a content pack: began to write, kept their version, took the pack's as a draft, or went
    back to it."""

    BEGAN = "began"
    KEPT = "kept"
    TAKEN = "taken"
    RETURNED = "returned"


class PackNote(Base):
    """What the content pack held of a lab when the academy's authors decided about it; the newest note holds.

    sha256: of the file that app/authoring/pack.py writes.
    """

    __tablename__ = "lab_pack_note"
    __table_args__ = (Index("ix_lab_pack_note_lab", "academy_id", "module_id", "activity_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    choice: Mapped[PackChoice] = mapped_column(
        Enum(PackChoice, native_enum=False, length=20, values_callable=lambda choices: [each.value for each in choices])
    )
    noted_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
