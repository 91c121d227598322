"""How far people of an academy agree who mark the same work, by which what they marked counts (docs/estimates.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.competencies import service as competencies
from app.competencies.models import MEMOS, scheme_of_lab
from app.core.db import in_chunks
from app.gradebook.models import CellGrade, CellMark, Grade
from app.marking.agreement import pooled
from app.marking.models import SecondMark
from app.marking.queries import first_requests
from app.marking.work import MEMO, RUN, SUBMISSION, Key, first_of_pair
from app.notebooks.models import Submission
from app.sims.models import Memo, MemoMark, SimulationRun


@dataclass(frozen=True)
class _Mark:
    points: float | None
    levels: Mapping[str, str]
    marker_id: int
    marked_at: datetime


@dataclass(frozen=True)
class _Place:
    """Where work belongs: the academy, the name of the scheme, and the task. most: full marks of the task."""

    academy_id: int
    scheme: str
    task: str
    most: float


def settle(session: Session) -> int:
    """Have work that people marked count by how far they agree now; of how many schemes anything is new."""
    schemes = competencies.locked_schemes(session)
    tasks: dict[tuple[int, str], dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    if schemes:
        for place, one, other in _pairs(session):
            tasks[place.academy_id, place.scheme][place.task].append((one / place.most, other / place.most))
    changed = 0
    for scheme in schemes:
        agreed = pooled(tasks[scheme.academy_id, scheme.name].values())
        weighted = None if agreed.weighted is None else round(agreed.weighted, 6)
        changed += competencies.settle(session, scheme, pairs=agreed.pairs, agreement=weighted)
    return changed


def _pairs(session: Session) -> Iterator[tuple[_Place, float, float]]:
    """What two people gave the same work, neither knowing of the other's mark."""
    seconds = dict[Key, _Mark]()
    columns = (SecondMark.points, SecondMark.levels, SecondMark.marker_id, SecondMark.marked_at)
    given = select(SecondMark.source, SecondMark.part, *columns).order_by(SecondMark.id)
    for source, part, points, levels, marker_id, at in session.execute(given):
        kind, _colon, number = source.partition(":")
        seconds[Key(kind, int(number), part)] = _Mark(points, levels, marker_id, at)
    numbers = {kind: sorted({key.number for key in seconds if key.kind == kind}) for kind in (SUBMISSION, RUN)}
    places = _cells(session, numbers[SUBMISSION]) | _memos(session, numbers[RUN])
    firsts = _cell_marks(session, numbers[SUBMISSION]) | _memo_marks(session, numbers[RUN])
    asked = first_requests(session, numbers[SUBMISSION])
    for key, second in seconds.items():
        first = first_of_pair(firsts.get(key, ()), second, asked.get(key))
        if key not in places or first is None or first.points is None or second.points is None:
            continue
        # The rubric's points may have been changed between the two marks.
        is_alike = first.levels and first.levels == second.levels
        yield places[key], second.points if is_alike else first.points, second.points


def _cells(session: Session, submission_ids: list[int]) -> dict[Key, _Place]:
    found = {}
    for some in in_chunks(submission_ids):
        statement = (
            select(Submission.id, Submission.academy_id, Submission.module_id, Submission.activity_id)
            .add_columns(CellGrade.cell, CellGrade.max_score)
            .join(Grade, Grade.submission_id == Submission.id)
            .join(CellGrade, CellGrade.grade_id == Grade.id)
            .where(Submission.id.in_(some), Grade.is_current, CellGrade.max_score > 0)
        )
        for number, academy_id, module_id, activity_id, cell, most in session.execute(statement):
            scheme = scheme_of_lab(module_id, activity_id)
            found[Key(SUBMISSION, number, cell)] = _Place(academy_id, scheme, cell, most)
    return found


def _memos(session: Session, run_ids: list[int]) -> dict[Key, _Place]:
    """All memos are one task, marked by one rubric, so that their points need no full marks."""
    found = {}
    for some in in_chunks(run_ids):
        statement = select(SimulationRun.id, SimulationRun.academy_id).where(SimulationRun.id.in_(some))
        for number, academy_id in session.execute(statement):
            found[Key(RUN, number, MEMO)] = _Place(academy_id, MEMOS, MEMO, 1.0)
    return found


def _cell_marks(session: Session, submission_ids: list[int]) -> dict[Key, list[_Mark]]:
    """First marks of cells, oldest first."""
    found: dict[Key, list[_Mark]] = defaultdict(list)
    for some in in_chunks(submission_ids):
        columns = (CellMark.points, CellMark.levels, CellMark.marker_id, CellMark.marked_at)
        statement = select(CellMark.submission_id, CellMark.cell, *columns).where(CellMark.submission_id.in_(some))
        for number, cell, points, levels, marker_id, at in session.execute(statement.order_by(CellMark.number)):
            found[Key(SUBMISSION, number, cell)].append(_Mark(points, levels, marker_id, at))
    return found


def _memo_marks(session: Session, run_ids: list[int]) -> dict[Key, list[_Mark]]:
    """First marks of memos, oldest first."""
    found: dict[Key, list[_Mark]] = defaultdict(list)
    for some in in_chunks(run_ids):
        columns = (MemoMark.points, MemoMark.levels, MemoMark.marker_id, MemoMark.marked_at)
        statement = select(Memo.run_id, *columns).join(Memo, Memo.id == MemoMark.memo_id).where(Memo.run_id.in_(some))
        for number, points, levels, marker_id, at in session.execute(statement.order_by(MemoMark.number)):
            found[Key(RUN, number, MEMO)].append(_Mark(points, levels, marker_id, at))
    return found
