"""Writes of marks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.competencies.models import MEMO_COMPETENCY, MEMO_LEVEL, MEMOS, EvidenceKind
from app.competencies.service import note_seconded, record_evidence, scheme_of
from app.content.schemas import Catalogue
from app.core import audit, clock
from app.core.db import insert_into
from app.core.errors import Refused
from app.gradebook.models import CellMark
from app.gradebook.points import rubric_most
from app.gradebook.service import settle
from app.marking import queries
from app.marking.models import KeptComment, MarkClaim, SecondMark, SecondMarking
from app.marking.queries import Shares
from app.marking.work import Answer, RunMemo, Task, Work
from app.notices.service import tell
from app.notices.wording import Occasion
from app.sims.models import MemoMark


class MarkedMeanwhile(Refused):
    """Another person has marked this work since the page was opened. shown: whether this marker may see that mark."""

    def __init__(self, *, shown: bool) -> None:
        if shown:
            message = _(
                "Another person marked this answer in the meantime. Their mark is shown; save again to replace it."
            )
        else:
            message = _("Another person marked this answer in the meantime. Save again, and yours is its second mark.")
        super().__init__(message, status=409)


class GradedByOtherPoints(Refused):
    """The present rubric makes other full marks than the cell has in the grade that counts."""

    def __init__(self) -> None:
        message = _("The full marks of this answer were changed after it was graded. Have the lab graded anew first.")
        super().__init__(message, status=409)


class SharesChangedMeanwhile(Refused):
    """Somebody has set another share, since the page was opened, where this person changed it as well."""

    def __init__(self) -> None:
        message = _(
            "Another person has set other shares since you opened this page; they are listed below. What you typed is "
            "kept: look at it again, then save to put it in their place."
        )
        super().__init__(message, status=409)


class SecondMarkGiven(Refused):
    """The work has its second mark, and that one stays: who could change it would know how far the two differ."""

    def __init__(self) -> None:
        message = _("This answer has its second mark already, so yours is not needed. Copy what you want to keep.")
        super().__init__(message, status=409)


@dataclass(frozen=True)
class Given:
    """What a marker gives. levels: of each row of the rubric, empty where there is none."""

    points: float
    comment: str
    levels: Mapping[str, str] = field(default_factory=dict)


def mark(session: Session, marker: Account, catalogue: Catalogue, found: Work, given: Given, *, seen: int) -> None:
    """Give work its points; the same again changes nothing, another mark replaces the former and keeps it.

    While a request for a re-grade waits, any mark is its answer.

    catalogue: says what the work is evidence of. seen: number of the mark that the marker saw. Raises MarkedMeanwhile,
    GradedByOtherPoints.
    """
    fresh = queries.locked(session, marker, found.key)
    if not can_be_marked(catalogue, fresh):
        raise GradedByOtherPoints
    standing = fresh.mark
    if standing is not None and _says(standing) == given and not fresh.is_disputed:
        return
    if seen != fresh.mark_number:
        raise MarkedMeanwhile(shown=fresh.is_shown_to(marker))
    columns = _columns(marker, given) | {"number": seen + 1}
    if isinstance(fresh, Answer):
        _mark_answer(session, catalogue, fresh, columns)
    else:
        _mark_memo(session, catalogue, fresh, columns)
    _let_go(session, fresh)
    if isinstance(fresh, Answer) and fresh.is_disputed:
        owner, about = fresh.submission.trainee_id, fresh.key.source
        tell(session, owner, Occasion.REGRADE_ANSWERED, by=marker, about=about)
    _note(session, marker, fresh, "marked", {"mark": seen + 1})


def can_be_marked(catalogue: Catalogue, found: Work) -> bool:
    """Whether full marks by the present rubric are those of the grade: until a re-grade they may be others."""
    if isinstance(found, RunMemo):
        return True
    lab = catalogue.find_lab(found.submission.module_id, found.submission.activity_id)
    rubric = lab.rubrics.get(found.key.part) if lab else None
    return not rubric or math.isclose(rubric_most(rubric), found.cell.grade.max_score)


def _mark_answer(session: Session, catalogue: Catalogue, found: Answer, columns: Mapping[str, Any]) -> None:
    session.add(CellMark(submission_id=found.submission.id, cell=found.key.part, **columns))
    session.flush()
    settle(session, catalogue, found.submission, found.grade)


def _mark_memo(session: Session, catalogue: Catalogue, found: RunMemo, columns: Mapping[str, Any]) -> None:
    session.add(MemoMark(memo_id=found.memo.id, **columns))
    session.flush()
    record_evidence(
        session,
        session.get_one(Account, found.run.trainee_id),
        competency=MEMO_COMPETENCY,
        level=MEMO_LEVEL,
        kind=EvidenceKind.WRITTEN_PRODUCT,
        outcome=columns["points"] / rubric_most(catalogue.memo_rubric),
        source=found.key.source,
        part=found.key.part,
        at=found.received_at,
        scheme=scheme_of(session, found.academy_id, MEMOS),
    )


def _columns(marker: Account, given: Given) -> dict[str, Any]:
    """What every mark keeps."""
    return {
        "points": given.points,
        "levels": dict(given.levels),
        "comment": given.comment,
        "marker_id": marker.id,
        "marked_at": clock.now(),
    }


def _says(mark: CellMark | MemoMark | SecondMark) -> Given | None:
    return None if mark.points is None else Given(mark.points, mark.comment, mark.levels)


def mark_second(session: Session, marker: Account, catalogue: Catalogue, found: Work, given: Given) -> None:
    """Give work its second mark, which never counts; the same again changes nothing.

    Raises SecondMarkGiven when it has another one, GradedByOtherPoints, NotFound when it is none that this marker may
    mark second.
    """
    fresh = queries.locked(session, marker, found.key, queries.work_to_second)
    if (standing := fresh.second) is not None:
        if standing.marker_id == marker.id and _says(standing) == given:
            return
        raise SecondMarkGiven
    if not can_be_marked(catalogue, fresh):
        raise GradedByOtherPoints
    session.add(SecondMark(source=fresh.key.source, part=fresh.key.part, **_columns(marker, given)))
    session.flush()
    if isinstance(fresh, RunMemo):
        note_seconded(session, source=fresh.key.source, part=fresh.key.part)
    _note(session, marker, fresh, "marked_second", {})


def claim_next(session: Session, marker: Account, catalogue: Catalogue, after: Work | None = None) -> Work | None:
    """The next work that waits and can be marked, kept for this marker for a while; None when there is none."""
    for found in queries.waiting_for(session, marker, after):
        if not can_be_marked(catalogue, found):
            continue
        # Another marker may have been given it since it was found.
        fresh = queries.at_hand(session, marker, found.key)
        if fresh is not None and fresh.is_free(marker, clock.now()):
            _claim(session, marker, fresh)
            return fresh
    return None


def _claim(session: Session, marker: Account, found: Work) -> None:
    session.execute(delete(MarkClaim).where(MarkClaim.marker_id == marker.id))
    _let_go(session, found)
    until = clock.now() + queries.CLAIM
    session.add(MarkClaim(source=found.key.source, part=found.key.part, marker_id=marker.id, until=until))
    session.flush()


def _let_go(session: Session, found: Work) -> None:
    session.execute(delete(MarkClaim).where(MarkClaim.source == found.key.source, MarkClaim.part == found.key.part))


def keep_comment(session: Session, marker: Account, task: Task, text: str) -> None:
    """Keep a comment for the other work of the same task; one that was dropped comes back."""
    words = {"academy_id": marker.academy_id, **task._asdict(), "text": text}
    kept = insert_into(session, KeptComment).values(**words, kept_by=marker.id, kept_at=clock.now())
    session.execute(kept.on_conflict_do_update(index_elements=list(words), set_={"dropped_at": None}))


def drop_comment(comment: KeptComment) -> None:
    """Offer a kept comment no longer; where it was used it stays."""
    comment.dropped_at = clock.now()


def _note(session: Session, marker: Account, found: Work, verb: str, detail: Mapping[str, object]) -> None:
    audit.record(
        session,
        verb=f"memo_{verb}" if isinstance(found, RunMemo) else verb,
        thing=found.key.source,
        actor_id=marker.id,
        academy_id=found.academy_id,
        detail={"cell": found.key.part, **detail} if isinstance(found, Answer) else dict(detail),
    )


def set_shares(
    session: Session, instructor: Account, found: Shares, wanted: Mapping[str, int], seen: Mapping[str, int]
) -> None:
    """Say how much of a cohort's work is marked twice, in percent by activity; also of what was handed in already.

    seen: the shares that the instructor saw, by activity, else 0; what is wanted as it was seen stays as somebody
    else may have set it. The same again changes nothing. No points depend on it, so no reason is asked for. Raises
    SharesChangedMeanwhile.
    """
    rows = queries.locked_shares(session, found)
    present = {activity_id: rows[activity_id].percent if activity_id in rows else 0 for activity_id in wanted}
    changed = {
        activity_id: percent
        for activity_id, percent in wanted.items()
        if percent not in (present[activity_id], seen.get(activity_id, 0))
    }
    if any(present[activity_id] != seen.get(activity_id, 0) for activity_id in changed):
        raise SharesChangedMeanwhile
    for activity_id, percent in changed.items():
        if activity_id in rows:
            rows[activity_id].percent = percent
        else:
            cohort = found.cohort
            session.add(
                SecondMarking(
                    academy_id=cohort.academy_id, cohort_id=cohort.id, activity_id=activity_id, percent=percent
                )
            )
    if changed:
        audit.record(
            session,
            verb="second_marking_set",
            thing=f"cohort:{found.cohort.id}",
            actor_id=instructor.id,
            academy_id=found.cohort.academy_id,
            detail={"changes": {activity_id: [present[activity_id], changed[activity_id]] for activity_id in changed}},
        )
