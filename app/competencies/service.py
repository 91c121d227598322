"""Writes of evidence."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.competencies.estimation import reliability
from app.competencies.models import Evidence, EvidenceKind, MarkingScheme, SchemeReliability
from app.competencies.tallies import note_change, note_settled
from app.core import audit, clock
from app.core.db import insert_into

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
    scheme: MarkingScheme | None = None,
) -> Evidence:
    """Store one outcome (0 to 1) once; another outcome for the same source, part and competency supersedes it.

    scheme: by which a person marked it; another one supersedes as well. The former row is kept with the moment of its
    replacement, and the new one stays dated to when the work was done, and marked by a second person since when the
    former one was. Raises ValueError for an outcome outside 0 to 1.
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
    if known is not None and (known.outcome, known.scheme) == (outcome, scheme):
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
        scheme=scheme,
        seconded_at=known.seconded_at if known is not None else None,
    )
    session.add(evidence)
    session.flush()
    note_change(session, evidence)
    return evidence


def moment_of(day: date) -> datetime:
    """When work of a day is dated to of which no hour is known: midnight UTC, and now where that is still ahead.

    A day of the academies begins hours before that of UTC, and an estimate of what lies ahead would be none of today.
    """
    return min(datetime.combine(day, time.min, UTC), clock.now())


def note_seconded(session: Session, *, source: str, part: str) -> None:
    """Say that a second person has now marked the written product that evidence in force rests on."""
    in_force = (Evidence.source == source, Evidence.part == part, Evidence.superseded_at.is_(None))
    for evidence in session.scalars(select(Evidence).where(*in_force)):
        evidence.seconded_at = clock.now()
        note_change(session, evidence)
    session.flush()


def scheme_of(session: Session, academy_id: int, name: str) -> MarkingScheme:
    """The scheme of this name in an academy, made when it is first marked by. name: MEMOS, or `scheme_of_lab`."""
    wanted = select(MarkingScheme).where(MarkingScheme.academy_id == academy_id, MarkingScheme.name == name)
    if (known := session.scalar(wanted)) is not None:
        return known
    new = insert_into(session, MarkingScheme).values(academy_id=academy_id, name=name)
    session.execute(new.on_conflict_do_nothing())
    return session.scalars(wanted).one()


def locked_schemes(session: Session) -> list[MarkingScheme]:
    """Every scheme; whoever records evidence by one waits until the present transaction has ended."""
    return list(session.scalars(select(MarkingScheme).order_by(MarkingScheme.id).with_for_update()))


def settle(session: Session, scheme: MarkingScheme, *, pairs: int, agreement: float | None) -> bool:
    """Keep how far the markers of a locked scheme agree, and have its evidence count by that; whether anything is new.

    agreement: as `reliability` takes it.
    """
    known = scheme.settled_at()
    if (known.pairs, known.agreement) == (pairs, agreement) if known is not None else not pairs:
        return False
    former = known.reliability if known is not None else reliability(0, None)
    made = SchemeReliability(
        scheme_id=scheme.id,
        since=clock.now(),
        pairs=pairs,
        agreement=agreement,
        reliability=reliability(pairs, agreement),
    )
    scheme.settled.append(made)
    session.flush()
    if made.reliability != former:
        note_settled(session, scheme)
        audit.record(
            session,
            verb="reliability_settled",
            thing=f"marking_scheme:{scheme.id}",
            academy_id=scheme.academy_id,
            detail={"scheme": scheme.name, "pairs": pairs, "counts_for": [former, made.reliability]},
        )
    return True


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
