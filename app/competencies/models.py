"""The tables of evidence: every score of the product ends here as a row, and in the sums of its competency."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, Enum, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

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


# The scheme of all memos of an academy, which are marked by one rubric, and what they are evidence of: "Reasons and
# transparency" of the framework; a written product is evidence for level 3 and above.
MEMOS = "memo"
MEMO_COMPETENCY = "D4.2"
MEMO_LEVEL = 3


def scheme_of_lab(module_id: str, activity_id: str) -> str:
    """What the scheme of a lab's answers is called."""
    return f"{module_id}/{activity_id}"


class MarkingScheme(Base):
    """What the people of an academy mark alike: the answers of a lab, or all memos. name: MEMOS or `scheme_of_lab`."""

    __tablename__ = "marking_scheme"
    __table_args__ = (UniqueConstraint("academy_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    name: Mapped[str] = mapped_column(String(170))

    settled: Mapped[list[SchemeReliability]] = relationship(order_by="SchemeReliability.id", lazy="selectin")

    def settled_at(self, moment: datetime | None = None) -> SchemeReliability | None:
        """What was known of its marks at a moment, or is known now; None for nothing."""
        known = [each for each in self.settled if moment is None or each.since <= moment]
        return known[-1] if known else None


class SchemeReliability(Base):
    """How far a scheme's markers agree, as it is known since a moment. No row is changed later.

    pairs: of marks by two people. agreement: weighted kappa, None where they do not tell it. reliability: the share of
    its weight that marked work counts for by that.
    """

    __tablename__ = "scheme_reliability"

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("marking_scheme.id"), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    pairs: Mapped[int]
    agreement: Mapped[float | None]
    reliability: Mapped[float]


class Evidence(Base):
    """One outcome (0 to 1) for one competency. `source` and `part` name the very answer, decision or cell.

    at: when the work was done, from which its age counts. recorded_at: since when it has been known; an answer that is
    marked by hand is known later than it was given. superseded_at: until when it counted. disputed_at: since when the
    trainee disputes it; None while nobody does. scheme: by which a person marked it; None for a machine's mark and for
    what nobody marks. seconded_at: of a written product, since when a second person has marked it as well.
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
    scheme_id: Mapped[int | None] = mapped_column(ForeignKey("marking_scheme.id"), index=True)
    seconded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    scheme: Mapped[MarkingScheme | None] = relationship(lazy="selectin")


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
    has_seconded_product: Mapped[bool]
    method: Mapped[str] = mapped_column(String(20))
