"""Reads for markers: which answers wait, and one of them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Select, Subquery, func, or_, select
from sqlalchemy.orm import Session

from app.core.access import Action, Actor, visible
from app.core.blobs import Blobs
from app.core.errors import NotFound
from app.gradebook.models import CellGrade, CellMark, Grade, RegradeRequest
from app.gradebook.points import MarkedCell
from app.gradebook.queries import lock_cell, marked, newest_marks
from app.notebooks.models import Submission
from app.sims.models import Memo, MemoMark, SimulationRun
from app.sims.queries import newest_memo_marks

Answers = Select[Submission, Grade, CellGrade]


@dataclass(frozen=True)
class Answer:
    """An answer for a person to mark, without the name of who wrote it."""

    submission: Submission
    grade: Grade
    cell: MarkedCell

    @property
    def task(self) -> tuple[str, str, str]:
        """Module, lab and cell: what all answers to one task share."""
        return self.submission.module_id, self.submission.activity_id, self.cell.grade.cell


@dataclass(frozen=True)
class Written:
    """What stands in the answered cell. is_code: a program and not a text; test: the code that tests it, if any."""

    text: str
    is_code: bool
    test: str = ""


def answers(session: Session, actor: Actor) -> list[Answer]:
    """Every answer of the academy that a person marks, of each trainee's latest graded attempt, oldest first."""
    newest = _latest_attempts()
    by_hand = _answers(actor).where(CellGrade.needs_manual_grade)
    statement = by_hand.join(newest, newest.c.id == Submission.id).order_by(CellGrade.cell, CellGrade.id)
    return _with_marks(session, statement)


def requests(session: Session, actor: Actor) -> list[Answer]:
    """Every cell for which a request for a re-grade waits, of any attempt, oldest first."""
    asked = select(RegradeRequest.cell_grade_id)
    found = _with_marks(session, _answers(actor).where(CellGrade.id.in_(asked)).order_by(CellGrade.id))
    return [each for each in found if each.cell.is_disputed]


def answer(session: Session, actor: Actor, cell_grade_id: int) -> Answer:
    """One answer. Raises NotFound."""
    found = _with_marks(session, _answers(actor).where(CellGrade.id == cell_grade_id))
    if not found:
        raise NotFound
    return found[0]


def next_waiting(session: Session, actor: Actor, after: Answer) -> Answer | None:
    """The next answer that waits: of the same task first, so that like is compared with like."""
    waiting = [
        each for each in answers(session, actor) if each.cell.waits and each.cell.grade.id != after.cell.grade.id
    ]
    task = (after.submission.module_id, after.submission.activity_id, after.cell.grade.cell)
    of_task = [e for e in waiting if (e.submission.module_id, e.submission.activity_id, e.cell.grade.cell) == task]
    return next(iter(of_task or waiting), None)


def written(blobs: Blobs, found: Answer) -> Written:
    """The answer itself, from the autograded notebook; of a test the code between the test before and it.

    Raises NotFound when the notebook holds no such cell.
    """
    above: list[str] = []
    for cell in json.loads(blobs.get(found.grade.autograded_sha256 or ""))["cells"]:
        source, is_code = "".join(cell["source"]), cell["cell_type"] == "code"
        role = cell["metadata"].get("nbgrader", {})
        is_test = bool(role.get("grade")) and not role.get("solution")
        if str(role.get("grade_id", "")) == found.cell.grade.cell:
            return Written("\n\n".join(above), True, source) if is_test else Written(source, is_code)
        above = [] if is_test else [*above, source] if is_code else above
    raise NotFound


def _answers(actor: Actor) -> Answers:
    columns = Submission.__table__.c
    statement = (
        select(Submission, Grade, CellGrade)
        .join(Grade, Grade.submission_id == Submission.id)
        .join(CellGrade, CellGrade.grade_id == Grade.id)
        .where(
            or_(CellGrade.needs_manual_grade, CellGrade.id.in_(select(RegradeRequest.cell_grade_id))),
            Grade.status.in_(Grade.TO_MARK),
            Grade.autograded_sha256.is_not(None),
        )
    )
    return visible(actor, Action.MARK_ANSWERS, statement, trainee=columns.trainee_id, academy=columns.academy_id)


def _latest_attempts() -> Subquery:
    """Ids of the latest graded attempt of each trainee at each lab."""
    return (
        select(func.max(Submission.id).label("id"))
        .join(Grade, Grade.submission_id == Submission.id)
        .where(Grade.status.in_(Grade.TO_MARK))
        .group_by(Submission.trainee_id, Submission.module_id, Submission.activity_id)
        .subquery()
    )


def _with_marks(session: Session, statement: Answers) -> list[Answer]:
    rows = session.execute(statement).all()
    cells = marked(session, [cell for _submission, _grade, cell in rows])
    return [Answer(submission, grade, cell) for (submission, grade, _row), cell in zip(rows, cells, strict=True)]


@dataclass(frozen=True)
class MemoToMark:
    """A memo to the minister for a person to mark, without the name of who wrote it."""

    memo: Memo
    run: SimulationRun
    mark: MemoMark | None


def memos(session: Session, actor: Actor) -> list[MemoToMark]:
    """Every memo of the academy, oldest first."""
    return _memos(session, _memo_statement(actor).order_by(Memo.id))


def memo(session: Session, actor: Actor, memo_id: int) -> MemoToMark:
    """One memo. Raises NotFound."""
    found = _memos(session, _memo_statement(actor).where(Memo.id == memo_id))
    if not found:
        raise NotFound
    return found[0]


def _memo_statement(actor: Actor) -> Select[Memo, SimulationRun]:
    columns = SimulationRun.__table__.c
    statement = select(Memo, SimulationRun).join(SimulationRun, SimulationRun.id == Memo.run_id)
    return visible(actor, Action.MARK_ANSWERS, statement, trainee=columns.trainee_id, academy=columns.academy_id)


def _memos(session: Session, statement: Select[Memo, SimulationRun]) -> list[MemoToMark]:
    rows = session.execute(statement).all()
    marks = newest_memo_marks(session, [memo.id for memo, _run in rows])
    return [MemoToMark(memo, run, marks.get(memo.id)) for memo, run in rows]


def standing_mark(session: Session, cell_grade_id: int) -> CellMark | None:
    """The mark that counts; other markers of this answer wait until the present transaction has ended."""
    lock_cell(session, cell_grade_id)
    return newest_marks(session, [cell_grade_id]).get(cell_grade_id)


def standing_memo_mark(session: Session, memo_id: int) -> MemoMark | None:
    """The same for a memo."""
    session.execute(select(Memo.id).where(Memo.id == memo_id).with_for_update())
    return newest_memo_marks(session, [memo_id]).get(memo_id)
