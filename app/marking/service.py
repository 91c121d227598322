"""Writes of marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.competencies.models import EvidenceKind
from app.competencies.service import record_evidence
from app.content.schemas import Catalogue
from app.core import audit, clock
from app.core.errors import NotFound, Refused
from app.gradebook.models import CellMark
from app.gradebook.service import settle
from app.marking import queries
from app.marking.models import KeptComment, MarkClaim, SecondMark
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


class SecondMarkGiven(Refused):
    """The answer has its second mark, and that one stays: who could change it would know how far the two differ."""

    def __init__(self) -> None:
        message = _("This answer has its second mark already, so yours is not needed. Copy what you want to keep.")
        super().__init__(message, status=409)


def _refuse_unseen(standing: CellMark | MemoMark | None, seen: int) -> None:
    if seen != (standing.number if standing else 0):
        raise MarkedMeanwhile


@dataclass(frozen=True)
class Given:
    """What a marker gives an answer. levels: of each row of the rubric, empty where there is none."""

    points: float
    comment: str
    levels: Mapping[str, str] = field(default_factory=dict)


def mark(
    session: Session, marker: Account, catalogue: Catalogue, found: Answer, given: Given, *, seen: int
) -> CellMark:
    """Give an answer its points; the same again changes nothing, another replaces the former and keeps it.

    While a request for a re-grade waits, any mark is its answer.

    catalogue: says what the answer is evidence of. seen: number of the mark that the marker saw.
    Raises MarkedMeanwhile.
    """
    fresh = queries.locked(session, marker, found)
    standing = fresh.cell.mark
    if standing is not None and _says(standing) == given and not fresh.cell.is_disputed:
        return standing
    _refuse_unseen(standing, seen)
    row = CellMark(number=seen + 1, **_columns(found, marker, given))
    session.add(row)
    session.flush()
    _let_go(session, found)
    settle(session, catalogue, found.submission, fresh.grade)
    _note(session, marker, found, "marked", {"points": given.points, "before": standing.points if standing else None})
    return row


def _columns(found: Answer, marker: Account, given: Given) -> dict[str, Any]:
    """What a first and a second mark keep alike."""
    return {
        "submission_id": found.submission.id,
        "cell": found.name,
        "points": given.points,
        "levels": dict(given.levels),
        "comment": given.comment,
        "marker_id": marker.id,
        "marked_at": clock.now(),
    }


def _says(mark: CellMark | SecondMark) -> Given | None:
    return None if mark.points is None else Given(mark.points, mark.comment, mark.levels)


def mark_second(session: Session, marker: Account, found: Answer, given: Given) -> SecondMark:
    """Give an answer its second mark, which never counts; the same again changes nothing.

    Raises SecondMarkGiven when it has another one, NotFound when it is none that this marker may mark second.
    """
    fresh = queries.locked(session, marker, found)
    if not fresh.may_be_seconded_by(marker):
        raise NotFound
    if (standing := fresh.second) is not None:
        if standing.marker_id == marker.id and _says(standing) == given:
            return standing
        raise SecondMarkGiven
    row = SecondMark(**_columns(found, marker, given))
    session.add(row)
    session.flush()
    _note(session, marker, found, "marked_second", {"points": given.points})
    return row


def claim_next(session: Session, marker: Account, after: Answer | None = None) -> Answer | None:
    """The next answer that waits, kept for this marker for a while; None when there is none."""
    while (found := queries.next_waiting(session, marker, after)) is not None:
        # Another marker may have been given it since it was found.
        if queries.is_free(queries.locked(session, marker, found), marker):
            _claim(session, marker, found)
            return found
    return None


def _claim(session: Session, marker: Account, found: Answer) -> None:
    session.execute(delete(MarkClaim).where(MarkClaim.marker_id == marker.id))
    _let_go(session, found)
    until = clock.now() + queries.CLAIM
    session.add(MarkClaim(submission_id=found.submission.id, cell=found.name, marker_id=marker.id, until=until))
    session.flush()


def _let_go(session: Session, found: Answer) -> None:
    session.execute(
        delete(MarkClaim).where(MarkClaim.submission_id == found.submission.id, MarkClaim.cell == found.name)
    )


def keep_comment(session: Session, marker: Account, task: tuple[str, str, str], text: str) -> KeptComment:
    """Keep a comment for the other answers to the same task; one that was dropped comes back."""
    module_id, activity_id, cell = task
    known = session.scalar(
        select(KeptComment).where(
            KeptComment.academy_id == marker.academy_id,
            KeptComment.module_id == module_id,
            KeptComment.activity_id == activity_id,
            KeptComment.cell == cell,
            KeptComment.text == text,
        )
    )
    if known is not None:
        known.dropped_at = None
        return known
    kept = KeptComment(
        academy_id=marker.academy_id,
        module_id=module_id,
        activity_id=activity_id,
        cell=cell,
        text=text,
        kept_by=marker.id,
        kept_at=clock.now(),
    )
    session.add(kept)
    session.flush()
    return kept


def drop_comment(comment: KeptComment) -> None:
    """Offer a kept comment no longer; where it was used it stays."""
    comment.dropped_at = clock.now()


def _note(session: Session, marker: Account, found: Answer, verb: str, detail: Mapping[str, object]) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"submission:{found.submission.id}",
        actor_id=marker.id,
        academy_id=found.submission.academy_id,
        detail={"cell": found.name, **detail},
    )


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
