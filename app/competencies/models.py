"""The tables of evidence: every score of the product ends here as a row, and in the sums of its competency."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, Enum, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, UtcDateTime


class EvidenceKind(StrEnum):
    QUIZ_ITEM = "quiz_item"
    SIMULATION_DECISION = "simulation_decision"
    INQUIRY = "inquiry"
    NOTEBOOK_CELL = "notebook_cell"
    WRITTEN_PRODUCT = "written_product"
    EXTERNAL_COURSE = "external_course"
    ATTESTATION = "attestation"


class Evidence(Base):
    """One outcome (0 to 1) for one competency. `source` and `part` name the very answer, decision or cell.

    at: when the work was done, from which its age counts. recorded_at: since when it has been known; an answer that is
    marked by hand is known later than it was given. superseded_at: until when it counted. disputed_at: since when the
    trainee disputes it; None while nobody does.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        Index("ix_evidence_source", "source", "part", "competency"),
        Index("ix_evidence_trainee_competency", "trainee_id", "competency"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    competency: Mapped[str] = mapped_column(String(8))
    level: Mapped[int]
    kind: Mapped[EvidenceKind] = mapped_column(
        Enum(EvidenceKind, native_enum=False, length=30, values_callable=lambda kinds: [kind.value for kind in kinds])
    )
    outcome: Mapped[float]
    difficulty: Mapped[float]
    weight: Mapped[float]
    source: Mapped[str] = mapped_column(String(60))
    part: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disputed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SkillTally(Base):
    """estimation.Tally of one trainee's evidence in force, kept so that a page of thousands need not read it all.

    kinds: their values, separated by spaces. method: the version that made it. Written by app/competencies/tallies.py.
    """

    __tablename__ = "skill_tally"
    # The academy second: SQLite would read all of an academy for the few rows of a cohort that are in it.
    __table_args__ = (Index("ix_skill_tally_competency_academy", "competency", "academy_id"),)

    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    competency: Mapped[str] = mapped_column(String(8), primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    day: Mapped[date] = mapped_column(Date)
    successes: Mapped[float]
    failures: Mapped[float]
    first_level_successes: Mapped[float]
    first_level_failures: Mapped[float]
    pieces: Mapped[int]
    kinds: Mapped[str] = mapped_column(String(120))
    method: Mapped[str] = mapped_column(String(20))
