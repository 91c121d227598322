"""How far people of an academy agree who mark the same work, by which what they marked counts (docs/estimates.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.competencies import service as competencies
from app.competencies.models import MEMOS, scheme_of_lab
from app.core.db import in_chunks
from app.gradebook.models import CellGrade, Grade
from app.marking.agreement import pooled
from app.marking.models import SecondMark
from app.marking.pairs import firsts_of_pairs
from app.marking.work import MEMO, RUN, SUBMISSION, Key
from app.notebooks.models import Submission
from app.sims.models import SimulationRun


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
    seconds = dict[Key, SecondMark]()
    for given in session.scalars(select(SecondMark).order_by(SecondMark.id)):
        kind, _colon, number = given.source.partition(":")
        seconds[Key(kind, int(number), given.part)] = given
    numbers = {kind: sorted({key.number for key in seconds if key.kind == kind}) for kind in (SUBMISSION, RUN)}
    places = _cells(session, numbers[SUBMISSION]) | _memos(session, numbers[RUN])
    for key, first in firsts_of_pairs(session, seconds).items():
        if key not in places or first.points is None:
            continue
        second = seconds[key]
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
