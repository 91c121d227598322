"""Reads for markers: which answers wait, and one of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core import clock
from app.core.access import Action, Actor, visible
from app.core.blobs import Blobs
from app.core.errors import NotFound
from app.gradebook.models import CellGrade, Grade, RegradeRequest
from app.gradebook.points import MarkedCell
from app.gradebook.queries import lock_submission, marked
from app.marking.models import KeptComment, MarkClaim, SecondMark
from app.notebooks import terms
from app.notebooks.models import LabTerms, Submission
from app.notebooks.terms import Counts, Terms
from app.sims.models import Memo, MemoMark, SimulationRun
from app.sims.queries import newest_memo_marks

Answers = Select[Submission, Grade, CellGrade]
CLAIM = timedelta(minutes=30)


@dataclass(frozen=True)
class Answer:
    """An answer for a person to mark, without the name of who wrote it. terms: those it was handed in under."""

    submission: Submission
    grade: Grade
    cell: MarkedCell
    terms: Terms
    claim: MarkClaim | None = None
    second: SecondMark | None = None

    @property
    def name(self) -> str:
        """The cell's name."""
        return self.cell.grade.cell

    @property
    def key(self) -> tuple[int, str]:
        """What tells it from every other answer: submission and cell."""
        return self.submission.id, self.name

    @property
    def task(self) -> tuple[str, str, str]:
        """Module, lab and cell: what all answers to one task share."""
        return self.submission.module_id, self.submission.activity_id, self.name

    def is_taken(self, marker: Actor, now: datetime) -> bool:
        """Whether another marker has it open."""
        return self.claim is not None and self.claim.until > now and self.claim.marker_id != marker.id

    @property
    def is_sampled(self) -> bool:
        """Whether a second person marks it as well: a share of the answers by a number that nobody can choose."""
        drawn = int(hashlib.sha256(f"{self.submission.id}:{self.name}".encode()).hexdigest()[:8], 16) % 100
        return self.cell.grade.needs_manual_grade and drawn < self.terms.second_percent

    @property
    def marks_differ(self) -> bool:
        """Whether its two marks give other points."""
        return self.second is not None and self.second.points != self.cell.points

    def may_be_seconded_by(self, marker: Actor) -> bool:
        """Whether it is one to be marked twice and has a first mark by somebody else."""
        mark = self.cell.mark
        return self.is_sampled and mark is not None and mark.points is not None and mark.marker_id != marker.id

    def waits_for_second(self, marker: Actor) -> bool:
        """Whether this marker can give it its second mark."""
        return self.second is None and self.may_be_seconded_by(marker)


@dataclass(frozen=True)
class Written:
    """What stands in the answered cell. is_code: a program and not a text; test: the code that tests it, if any."""

    text: str
    is_code: bool
    test: str = ""


def answers(session: Session, actor: Actor) -> list[Answer]:
    """Every answer of the academy that a person marks, of the attempt that counts of each trainee, by task."""
    newest = _counting_attempts()
    by_hand = _answers(actor).where(CellGrade.needs_manual_grade)
    statement = by_hand.join(newest, and_(newest.c.id == Submission.id, newest.c.place == 1))
    return _with_marks(session, statement.order_by(CellGrade.cell, CellGrade.id))


def requests(session: Session, actor: Actor) -> list[Answer]:
    """Every cell for which a request for a re-grade waits, of any attempt, oldest first."""
    found = _with_marks(session, _answers(actor).where(_is_asked_about()).order_by(CellGrade.id))
    return [each for each in found if each.cell.is_disputed]


def answer(session: Session, actor: Actor, submission_id: int, cell: str) -> Answer:
    """One answer. Raises NotFound."""
    found = _with_marks(session, _answers(actor).where(Submission.id == submission_id, CellGrade.cell == cell))
    if not found:
        raise NotFound
    return found[0]


def is_free(found: Answer, marker: Actor) -> bool:
    """Whether it waits for a mark and no other marker has it open."""
    return found.cell.waits and not found.is_taken(marker, clock.now())


def next_waiting(session: Session, actor: Actor, after: Answer | None = None) -> Answer | None:
    """The next answer that is free.

    Of the same task first, so that like is compared with like.
    """
    waiting = [
        each for each in answers(session, actor) if is_free(each, actor) and (after is None or each.key != after.key)
    ]
    of_task = [each for each in waiting if after is not None and each.task == after.task]
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
        .join(Grade, and_(Grade.submission_id == Submission.id, Grade.is_current))
        .join(CellGrade, CellGrade.grade_id == Grade.id)
        .where(
            or_(CellGrade.needs_manual_grade, _is_asked_about()),
            Grade.status.in_(Grade.TO_MARK),
            Grade.autograded_sha256.is_not(None),
        )
    )
    return visible(actor, Action.MARK_ANSWERS, statement, trainee=columns.trainee_id, academy=columns.academy_id)


def _is_asked_about() -> ColumnElement[bool]:
    return exists().where(RegradeRequest.submission_id == Submission.id, RegradeRequest.cell == CellGrade.cell)


def _counting_attempts() -> Subquery:
    """Each graded attempt with its place; 1 is the one that counts: the last, or the best by its tests."""
    by_points = case((LabTerms.counts == Counts.BEST, Grade.points), else_=0.0)
    place = func.row_number().over(
        partition_by=(Submission.trainee_id, Submission.module_id, Submission.activity_id, Submission.cohort_id),
        order_by=(by_points.desc(), Submission.attempt.desc()),
    )
    return (
        select(Submission.id, place.label("place"))
        .join(Grade, and_(Grade.submission_id == Submission.id, Grade.is_current))
        .outerjoin(
            LabTerms,
            and_(LabTerms.cohort_id == Submission.cohort_id, LabTerms.activity_id == Submission.activity_id),
        )
        .where(Grade.status.in_(Grade.TO_MARK))
        .subquery()
    )


def _with_marks(session: Session, statement: Answers) -> list[Answer]:
    rows = session.execute(statement).all()
    ids = {submission.id for submission, _grade, _cell in rows}
    cells = marked(session, [(submission.id, cell) for submission, _grade, cell in rows])
    known = terms.of_cohorts(session, {each.cohort_id for each, _g, _c in rows if each.cohort_id is not None})
    claims = _by_answer(session.scalars(select(MarkClaim).where(MarkClaim.submission_id.in_(ids))))
    seconds = _by_answer(session.scalars(select(SecondMark).where(SecondMark.submission_id.in_(ids))))
    return [
        Answer(
            submission,
            grade,
            cell,
            known.get((submission.cohort_id or 0, submission.activity_id), terms.STANDARD),
            claims.get((submission.id, cell.grade.cell)),
            seconds.get((submission.id, cell.grade.cell)),
        )
        for (submission, grade, _row), cell in zip(rows, cells, strict=True)
    ]


AboutAnswer = TypeVar("AboutAnswer", MarkClaim, SecondMark)


def _by_answer(rows: Iterable[AboutAnswer]) -> dict[tuple[int, str], AboutAnswer]:
    return {(row.submission_id, row.cell): row for row in rows}


def claimants(session: Session, found: Iterable[Answer]) -> dict[int, str]:
    """Names of the markers who have answers open, by id."""
    ids = {each.claim.marker_id for each in found if each.claim is not None}
    return {account.id: account.full_name for account in session.scalars(select(Account).where(Account.id.in_(ids)))}


def kept_comments(session: Session, actor: Actor, task: tuple[str, str, str] | None = None) -> list[KeptComment]:
    """Comments kept for a task, or for all tasks, oldest first."""
    columns = KeptComment.__table__.c
    statement = select(KeptComment).where(KeptComment.dropped_at.is_(None)).order_by(KeptComment.id)
    if task is not None:
        module_id, activity_id, cell = task
        statement = statement.where(
            KeptComment.module_id == module_id, KeptComment.activity_id == activity_id, KeptComment.cell == cell
        )
    scoped = visible(actor, Action.MARK_ANSWERS, statement, trainee=columns.kept_by, academy=columns.academy_id)
    return list(session.scalars(scoped))


def kept_comment(session: Session, actor: Actor, comment_id: int) -> KeptComment:
    """One kept comment. Raises NotFound."""
    found = next((each for each in kept_comments(session, actor) if each.id == comment_id), None)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class MemoToMark:
    """A memo to the minister for a person to mark, without the name of who wrote it."""

    memo: Memo
    run: SimulationRun
    mark: MemoMark | None

    @property
    def task(self) -> tuple[str, str, str]:
        """Module, simulation and "memo": what all memos after one simulation share."""
        return self.run.module_id, self.run.activity_id, "memo"


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


def locked(session: Session, actor: Actor, found: Answer) -> Answer:
    """The answer as it stands now; whoever else marks or grades its submission waits until this transaction has ended.

    Raises NotFound when a re-grade took it away meanwhile.
    """
    lock_submission(session, found.submission.id)
    return answer(session, actor, *found.key)


def standing_memo_mark(session: Session, memo_id: int) -> MemoMark | None:
    """The mark of a memo that counts; other markers of it wait until the present transaction has ended."""
    session.execute(select(Memo.id).where(Memo.id == memo_id).with_for_update())
    return newest_memo_marks(session, [memo_id]).get(memo_id)
