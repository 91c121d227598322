"""Which two marks of the same work are a pair: the second one, and the first one that stood when it was given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal, AppealDecision
from app.core.db import in_chunks
from app.gradebook.models import CellMark, RegradeRequest
from app.marking.models import SecondMark
from app.marking.work import MEMO, RUN, SUBMISSION, FirstMark, Key
from app.sims.models import Memo, MemoMark


@dataclass(frozen=True)
class Judgement:
    """A decision on a dispute of a memo, whose mark is known to whoever decided."""

    by: int
    at: datetime


def firsts_of_pairs(session: Session, seconds: Mapping[Key, SecondMark]) -> dict[Key, FirstMark]:
    """Of each work with its second mark the first one to compare that with; of work whose marks are no pair none.

    They are none when whoever gave the second could know the first: having given one of the first marks or decided on a
    dispute of it, or because the trainee had asked for a re-grade, which opens them to all.
    """
    submission_ids = _numbers(seconds, SUBMISSION)
    firsts = _cell_marks(session, submission_ids) | _memo_marks(session, _numbers(seconds, RUN))
    asked, judged = _first_requests(session, submission_ids), judgements(session, seconds)
    found = {}
    for key, second in seconds.items():
        is_asked = key in asked and asked[key] <= second.marked_at
        is_judge = any(each.by == second.marker_id and each.at <= second.marked_at for each in judged.get(key, ()))
        first = None if is_asked or is_judge else _first_of_pair(firsts.get(key, ()), second)
        if first is not None:
            found[key] = first
    return found


def judgements(session: Session, keys: Iterable[Key]) -> dict[Key, list[Judgement]]:
    """What was decided on disputes of these memos, first or in the review."""
    found: dict[Key, list[Judgement]] = defaultdict(list)
    for some in in_chunks([key.source for key in keys if key.kind == RUN]):
        statement = (
            select(Appeal.source, AppealDecision.decided_by_id, AppealDecision.decided_at)
            .join(Appeal, Appeal.id == AppealDecision.appeal_id)
            .where(Appeal.source.in_(some), Appeal.part == MEMO)
        )
        for source, by, at in session.execute(statement):
            found[Key(RUN, int(source.partition(":")[2]), MEMO)].append(Judgement(by, at))
    return found


def _first_of_pair(firsts: Iterable[FirstMark], second: SecondMark) -> FirstMark | None:
    """The first mark that stood when the second one was given; None where they are no pair.

    firsts: of that work, oldest first; one that came later may know the second.
    """
    stood = [mark for mark in firsts if mark.marked_at <= second.marked_at]
    if not stood or stood[-1].points is None or second.marker_id in {mark.marker_id for mark in stood}:
        return None
    return stood[-1]


def _numbers(keys: Iterable[Key], kind: str) -> list[int]:
    return sorted({key.number for key in keys if key.kind == kind})


def _first_requests(session: Session, submission_ids: list[int]) -> dict[Key, datetime]:
    """When the first re-grade of each cell was asked for that anybody asked about."""
    found: dict[Key, datetime] = {}
    for some in in_chunks(submission_ids):
        columns = select(RegradeRequest.submission_id, RegradeRequest.cell, RegradeRequest.asked_at)
        statement = columns.where(RegradeRequest.submission_id.in_(some), RegradeRequest.number == 1)
        found |= {Key(SUBMISSION, number, cell): at for number, cell, at in session.execute(statement)}
    return found


def _cell_marks(session: Session, submission_ids: list[int]) -> dict[Key, list[FirstMark]]:
    """First marks of cells, oldest first."""
    found: dict[Key, list[FirstMark]] = defaultdict(list)
    for some in in_chunks(submission_ids):
        statement = select(CellMark).where(CellMark.submission_id.in_(some)).order_by(CellMark.number)
        for mark in session.scalars(statement):
            found[Key(SUBMISSION, mark.submission_id, mark.cell)].append(mark)
    return found


def _memo_marks(session: Session, run_ids: list[int]) -> dict[Key, list[FirstMark]]:
    """First marks of memos, oldest first."""
    found: dict[Key, list[FirstMark]] = defaultdict(list)
    for some in in_chunks(run_ids):
        statement = select(Memo.run_id, MemoMark).join(Memo, Memo.id == MemoMark.memo_id).where(Memo.run_id.in_(some))
        for number, mark in session.execute(statement.order_by(MemoMark.number)):
            found[Key(RUN, number, MEMO)].append(mark)
    return found
