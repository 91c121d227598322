"""Writes of evidence."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.competencies.models import Evidence, EvidenceKind
from app.competencies.tallies import note_change
from app.core import clock

# Weights of the competency framework (domain notes, section 3.1).
WEIGHTS = {
    EvidenceKind.QUIZ_ITEM: 0.5,
    EvidenceKind.SIMULATION_DECISION: 2.0,
    EvidenceKind.INQUIRY: 1.0,
    EvidenceKind.NOTEBOOK_CELL: 1.5,
    EvidenceKind.WRITTEN_PRODUCT: 2.0,
    EvidenceKind.EXTERNAL_COURSE: 0.3,
    EvidenceKind.ATTESTATION: 1.0,
}


def record_evidence(
    session: Session,
    trainee: Account,
    *,
    competency: str,
    level: int,
    kind: EvidenceKind,
    outcome: float,
    difficulty: float = 0.0,
    source: str,
    part: str,
    weight: float | None = None,
    at: datetime | None = None,
) -> Evidence:
    """Store one outcome (0 to 1) once; another outcome for the same source, part and competency supersedes it.

    The former row is kept with the moment of its replacement, and the new one stays dated to when the work was
    done. Raises ValueError for an outcome outside 0 to 1.
    """
    if not 0.0 <= outcome <= 1.0:
        raise ValueError(f"outcome {outcome} is outside 0 to 1")
    known = session.scalar(
        select(Evidence).where(
            Evidence.source == source,
            Evidence.part == part,
            Evidence.competency == competency,
            Evidence.superseded_at.is_(None),
        )
    )
    if known is not None and known.outcome == outcome:
        return known
    done_at = at or (known.at if known is not None else clock.now())
    if known is not None:
        known.superseded_at = clock.now()
    evidence = Evidence(
        trainee_id=trainee.id,
        academy_id=trainee.academy_id,
        competency=competency,
        level=level,
        kind=kind,
        outcome=outcome,
        difficulty=difficulty,
        weight=WEIGHTS[kind] if weight is None else weight,
        source=source,
        part=part,
        at=done_at,
        # Whoever marks disputed work anew has not decided the dispute yet.
        disputed_at=known.disputed_at if known is not None else None,
    )
    session.add(evidence)
    session.flush()
    note_change(session, evidence)
    return evidence


def retire_evidence(session: Session, *, source: str, kept: Collection[str]) -> None:
    """Supersede what a source said about parts that it no longer speaks of. kept: those of which it still does."""
    _withdraw(session, Evidence.source == source, Evidence.part.not_in(kept))


def withdraw_evidence(session: Session, *, source: str, part: str) -> None:
    """Supersede what a source said about one part, for every competency, without another outcome in its place."""
    _withdraw(session, Evidence.source == source, Evidence.part == part)


def _withdraw(session: Session, *conditions: ColumnElement[bool]) -> None:
    for evidence in session.scalars(select(Evidence).where(*conditions, Evidence.superseded_at.is_(None))):
        evidence.superseded_at = clock.now()
        note_change(session, evidence)
    session.flush()


def flag_dispute(session: Session, *, source: str, part: str, since: datetime | None) -> None:
    """Say that evidence in force is disputed since a moment; None: that it is no more. No estimate changes."""
    in_force = (Evidence.source == source, Evidence.part == part, Evidence.superseded_at.is_(None))
    for evidence in session.scalars(select(Evidence).where(*in_force)):
        evidence.disputed_at = since
    session.flush()
