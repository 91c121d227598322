"""Writes of marks."""

from __future__ import annotations

import json

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.competencies.models import EvidenceKind
from app.competencies.service import record_evidence
from app.core import audit, clock
from app.core.errors import Refused
from app.gradebook.models import CellMark
from app.marking import queries
from app.marking.queries import Answer

DEFAULT_LEVEL = 2


class MarkedMeanwhile(Refused):
    """Another person has marked this answer since the page was opened."""

    def __init__(self) -> None:
        message = _("Another person marked this answer in the meantime. Their mark is shown; save again to replace it.")
        super().__init__(message, status=409)


def mark(
    session: Session, marker: Account, found: Answer, *, source: bytes, points: float, comment: str, seen: int
) -> CellMark:
    """Give an answer its points; the same again changes nothing, another replaces the former and keeps it.

    source: the author's notebook, which says what the answer is evidence of. seen: number of the mark that the marker
    saw. Raises MarkedMeanwhile.
    """
    standing = queries.standing_mark(session, found.cell.grade.id)
    if standing is not None and (standing.points, standing.comment) == (points, comment):
        return standing
    if seen != (standing.number if standing else 0):
        raise MarkedMeanwhile
    given = CellMark(
        cell_grade_id=found.cell.grade.id,
        number=seen + 1,
        points=points,
        comment=comment,
        marker_id=marker.id,
        marked_at=clock.now(),
    )
    session.add(given)
    session.flush()
    _record_evidence(session, found, source, points / found.cell.grade.max_score)
    audit.record(
        session,
        verb="marked",
        thing=f"submission:{found.submission.id}",
        actor_id=marker.id,
        academy_id=found.submission.academy_id,
        detail={"cell": found.cell.grade.cell, "points": points, "before": standing.points if standing else None},
    )
    return given


def _record_evidence(session: Session, found: Answer, source: bytes, outcome: float) -> None:
    trainee = session.get_one(Account, found.submission.trainee_id)
    competencies, level = _tags(source, found.cell.grade.cell)
    for competency in competencies:
        record_evidence(
            session,
            trainee,
            competency=competency,
            level=level,
            kind=EvidenceKind.NOTEBOOK_CELL,
            outcome=outcome,
            source=f"submission:{found.submission.id}",
            part=found.cell.grade.cell,
            at=found.submission.submitted_at,
        )


def _tags(source: bytes, grade_id: str) -> tuple[list[str], int]:
    """Competencies and level of a cell, as its author tagged it."""
    for cell in json.loads(source)["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            tags = cell["metadata"].get("hunar", {})
            return tags.get("competencies", []), tags.get("level", DEFAULT_LEVEL)
    return [], DEFAULT_LEVEL
