"""Writes of marks."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.competencies.models import EvidenceKind
from app.competencies.service import record_evidence
from app.content.schemas import Notebook
from app.core import audit, clock
from app.core.errors import Refused
from app.gradebook.models import CellMark
from app.marking import queries
from app.marking.queries import Answer, MemoToMark
from app.sims import memos
from app.sims.models import MemoMark

# "Reasons and transparency" of the framework; a written product is evidence for level 3 and above.
MEMO_COMPETENCY = "D4.2"
MEMO_LEVEL = 3
MEMO_PART = "memo"


class MarkedMeanwhile(Refused):
    """Another person has marked this answer since the page was opened."""

    def __init__(self) -> None:
        message = _("Another person marked this answer in the meantime. Their mark is shown; save again to replace it.")
        super().__init__(message, status=409)


def _refuse_unseen(standing: CellMark | MemoMark | None, seen: int) -> None:
    if seen != (standing.number if standing else 0):
        raise MarkedMeanwhile


def mark(
    session: Session, marker: Account, found: Answer, *, lab: Notebook, points: float, comment: str, seen: int
) -> CellMark:
    """Give an answer its points; the same again changes nothing, another replaces the former and keeps it.

    While a request for a re-grade waits, any mark is its answer.

    lab: says what the answer is evidence of. seen: number of the mark that the marker saw. Raises MarkedMeanwhile.
    """
    standing = queries.standing_mark(session, found.cell.grade.id)
    is_the_same = standing is not None and (standing.points, standing.comment) == (points, comment)
    if standing is not None and is_the_same and not found.cell.is_disputed:
        return standing
    _refuse_unseen(standing, seen)
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
    _record_evidence(session, found, lab, points / found.cell.grade.max_score)
    audit.record(
        session,
        verb="marked",
        thing=f"submission:{found.submission.id}",
        actor_id=marker.id,
        academy_id=found.submission.academy_id,
        detail={"cell": found.cell.grade.cell, "points": points, "before": standing.points if standing else None},
    )
    return given


def mark_memo(
    session: Session, marker: Account, found: MemoToMark, *, marks: Mapping[str, int], comment: str, seen: int
) -> MemoMark:
    """Give a memo its marks by row of the rubric; the same again changes nothing. Raises MarkedMeanwhile."""
    standing = queries.standing_memo_mark(session, found.memo.id)
    if standing is not None and (standing.marks, standing.comment) == (dict(marks), comment):
        return standing
    _refuse_unseen(standing, seen)
    given = MemoMark(
        memo_id=found.memo.id,
        number=seen + 1,
        marks=dict(marks),
        comment=comment,
        marker_id=marker.id,
        marked_at=clock.now(),
    )
    session.add(given)
    session.flush()
    record_evidence(
        session,
        session.get_one(Account, found.run.trainee_id),
        competency=MEMO_COMPETENCY,
        level=MEMO_LEVEL,
        kind=EvidenceKind.WRITTEN_PRODUCT,
        outcome=memos.outcome(marks),
        source=f"run:{found.run.id}",
        part=MEMO_PART,
        at=found.memo.submitted_at,
    )
    audit.record(
        session,
        verb="memo_marked",
        thing=f"run:{found.run.id}",
        actor_id=marker.id,
        academy_id=found.run.academy_id,
        detail={"marks": dict(marks), "before": standing.marks if standing else None},
    )
    return given


def _record_evidence(session: Session, found: Answer, lab: Notebook, outcome: float) -> None:
    trainee = session.get_one(Account, found.submission.trainee_id)
    tags = [(cell.level, cell.competencies) for cell in lab.graded_cells if cell.grade_id == found.cell.grade.cell]
    for level, competency in ((level, competency) for level, competencies in tags for competency in competencies):
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
