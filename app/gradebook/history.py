"""How the points of a submission came about: what changed them, who, when and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.queries import names as names_of
from app.gradebook import queries
from app.gradebook.models import CellMark, Regrade, RegradeRequest
from app.gradebook.points import MarkedCell
from app.notebooks import terms
from app.notebooks.models import Submission
from app.notebooks.terms import Change


class Event(StrEnum):
    """What happened. MOVED: a mark is worth something else, or nothing, since a re-grade was applied.

    TERMS: what lateness takes off, or which attempt counts, was changed.
    """

    GRADED = "graded"
    REGRADED = "regraded"
    MARKED = "marked"
    MOVED = "moved"
    ASKED = "asked"
    TERMS = "terms"


@dataclass(frozen=True)
class Step:
    """One change of the points, or the request for one.

    cell: "" where it is of the whole notebook. points: of the tests, or of the mark; None where the cell waits again.
    words: the reason, or what was said with it. who: "" where nobody need be named. is_hidden: the reader must not see
    yet what mark was given. taken_off: for lateness, in percent; counts: which attempt does now, "" where that is as
    before; both of other terms alone.
    """

    at: datetime
    event: Event
    points: float | None
    cell: str = ""
    words: str = ""
    who: str = ""
    is_hidden: bool = False
    taken_off: float = 0.0
    counts: str = ""


def requests_for(session: Session, submission: Submission) -> Sequence[RegradeRequest]:
    """What was asked for of a submission, oldest first."""
    statement = select(RegradeRequest).where(RegradeRequest.submission_id == submission.id)
    return session.scalars(statement.order_by(RegradeRequest.asked_at)).all()


def history(
    session: Session, submission: Submission, requests: Sequence[RegradeRequest], hidden: Collection[str]
) -> list[Step]:
    """All of it, oldest first. requests: its own. hidden: cells whose marks the reader must not see yet."""
    versions = queries.versions(session, [submission.id])
    marks = session.scalars(select(CellMark).where(CellMark.submission_id == submission.id)).all()
    changes = _changes_since(session, submission)
    appliers = filter(None, (each.regrade.decided_by for each in versions if each.regrade))
    markers, changers = (mark.marker_id for mark in marks), (change.by for change in changes)
    names = names_of(session, {*appliers, *markers, *changers})
    steps = [
        *(_graded(each, names) for each in versions),
        *(_marked(each, names, is_hidden=each.cell in hidden) for each in marks),
        *(Step(each.asked_at, Event.ASKED, None, each.cell, each.reason) for each in requests),
        *(_under_other_terms(each, submission, names) for each in changes),
    ]
    return sorted(steps, key=lambda step: step.at)


@dataclass(frozen=True)
class ClosedRequest:
    """A request for a re-grade that no mark answered, since a re-grade of everybody left its cell without points.

    is_whole: the whole notebook has none any more.
    """

    request: RegradeRequest
    regrade: Regrade
    is_whole: bool


def closed_requests(
    session: Session, submission: Submission, requests: Sequence[RegradeRequest]
) -> list[ClosedRequest]:
    """Those among the requests of a submission, in their order."""
    if not requests:
        return []
    versions = queries.versions(session, [submission.id])
    cells = queries.cells(session, [each.grade for each in versions])
    marks = session.scalars(
        select(CellMark).where(CellMark.submission_id == submission.id, CellMark.regrade_id.is_(None))
    ).all()
    closed = [_closed(each, versions, cells, marks) for each in requests]
    return [each for each in closed if each is not None]


def _closed(
    request: RegradeRequest,
    versions: Sequence[queries.Version],
    cells: Mapping[int, Sequence[MarkedCell]],
    marks: Sequence[CellMark],
) -> ClosedRequest | None:
    """None for one that waits, or that a person has answered."""
    answers = (mark.marked_at for mark in marks if mark.cell == request.cell and mark.marked_at >= request.asked_at)
    answered_at = min(answers, default=None)
    for grade, regrade in ((each.grade, each.regrade) for each in versions):
        if regrade is None or regrade.applied_at is None or regrade.applied_at < request.asked_at:
            continue
        if answered_at is not None and answered_at < regrade.applied_at:
            return None
        if not grade.has_points or request.cell not in {cell.grade.cell for cell in cells[grade.id]}:
            return ClosedRequest(request, regrade, is_whole=not grade.has_points)
    return None


def _changes_since(session: Session, submission: Submission) -> list[Change]:
    """Changes of the terms since it was handed in that made its points, or which attempt counts, another."""
    handed_in = submission.submitted_at
    return [
        each
        for each in terms.changes(session, submission.cohort_id, submission.activity_id)
        if each.at > handed_in
        and (
            each.before.share_left(handed_in) != each.after.share_left(handed_in)
            or each.before.counts != each.after.counts
        )
    ]


def _under_other_terms(change: Change, submission: Submission, names: Mapping[int, str]) -> Step:
    return Step(
        change.at,
        Event.TERMS,
        None,
        words=change.reason,
        who=names[change.by],
        taken_off=100 * (1 - change.after.share_left(submission.submitted_at)),
        counts="" if change.before.counts == change.after.counts else change.after.counts,
    )


def _graded(version: queries.Version, names: Mapping[int, str]) -> Step:
    grade, regrade = version.grade, version.regrade
    if regrade is None or regrade.applied_at is None:
        return Step(grade.graded_at, Event.GRADED, grade.points)
    who = names.get(regrade.decided_by or 0, "")
    return Step(regrade.applied_at, Event.REGRADED, grade.points, words=regrade.reason, who=who)


def _marked(mark: CellMark, names: Mapping[int, str], *, is_hidden: bool) -> Step:
    is_moved = mark.regrade_id is not None
    event = Event.MOVED if is_moved else Event.MARKED
    if is_hidden:
        return Step(mark.marked_at, event, None, mark.cell, is_hidden=True)
    if is_moved:
        return Step(mark.marked_at, event, mark.points, mark.cell)
    return Step(mark.marked_at, event, mark.points, mark.cell, mark.comment, names[mark.marker_id])
