"""How the points of a submission came about: what changed them, who, when and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.queries import names as names_of
from app.gradebook import queries
from app.gradebook.models import CellMark, RegradeRequest


class Event(StrEnum):
    """What happened. MOVED: a mark is worth something else, or nothing, since a re-grade was applied."""

    GRADED = "graded"
    REGRADED = "regraded"
    MARKED = "marked"
    MOVED = "moved"
    ASKED = "asked"


@dataclass(frozen=True)
class Step:
    """One change of the points, or the request for one.

    cell: "" where it is of the whole notebook. points: of the tests, or of the mark; None where the cell waits again.
    words: the reason, or what was said with it. who: "" where nobody need be named. is_hidden: the reader must not see
    yet what mark was given.
    """

    at: datetime
    event: Event
    points: float | None
    cell: str = ""
    words: str = ""
    who: str = ""
    is_hidden: bool = False


def history(session: Session, submission_id: int, hidden: Collection[str]) -> list[Step]:
    """All of it, oldest first. hidden: cells whose marks the reader must not see yet."""
    versions = queries.versions(session, [submission_id])
    marks = session.scalars(select(CellMark).where(CellMark.submission_id == submission_id)).all()
    requests = session.scalars(select(RegradeRequest).where(RegradeRequest.submission_id == submission_id))
    appliers = (each.regrade.decided_by for each in versions if each.regrade)
    names = names_of(session, {*filter(None, appliers), *(mark.marker_id for mark in marks)})
    steps = [
        *(_graded(each, names) for each in versions),
        *(_marked(each, names, is_hidden=each.cell in hidden) for each in marks),
        *(Step(each.asked_at, Event.ASKED, None, each.cell, each.reason) for each in requests),
    ]
    return sorted(steps, key=lambda step: step.at)


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
