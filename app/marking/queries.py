"""Reads for markers: what waits, one piece of work, kept comments, shares of second marking."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict, TypeGuard, TypeVar

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort
from app.content.schemas import Catalogue, Notebook, Simulation
from app.core import clock
from app.core.access import Action, Actor, visible
from app.core.blobs import Blobs
from app.core.errors import NotFound
from app.gradebook.models import CellGrade, Grade, RegradeRequest
from app.gradebook.queries import lock_submission, marked
from app.marking.models import KeptComment, MarkClaim, SecondMark, SecondMarking
from app.marking.work import MEMO, RUN, SUBMISSION, Answer, Key, RunMemo, Task, Work
from app.notebooks.models import LabTerms, Submission
from app.notebooks.terms import Counts
from app.sims.models import Memo, SimulationRun
from app.sims.queries import lock as lock_run
from app.sims.queries import newest_memo_marks

Answers = Select[Submission, Grade, CellGrade]
Memos = Select[Memo, SimulationRun]
CLAIM = timedelta(minutes=30)


@dataclass(frozen=True)
class Written:
    """What stands in the answered cell. is_code: a program and not a text; test: the code that tests it, if any."""

    text: str
    is_code: bool
    test: str = ""


def works(session: Session, actor: Actor) -> list[Work]:
    """All work of the academy that a person marks, by task: of each trainee and lab the attempt that counts; memos."""
    newest = _counting_attempts()
    by_hand = _answers(actor).where(CellGrade.needs_manual_grade)
    answers = by_hand.join(newest, and_(newest.c.id == Submission.id, newest.c.place == 1))
    memos = _memos(actor).order_by(SimulationRun.module_id, SimulationRun.activity_id, Memo.id)
    return [
        *_answers_with_marks(session, answers.order_by(CellGrade.cell, CellGrade.id)),
        *_memos_with_marks(session, memos),
    ]


def requests(session: Session, actor: Actor) -> list[Answer]:
    """Every cell for which a request for a re-grade waits, of any attempt, oldest first."""
    statement = _answers(actor).where(_is_asked_about()).order_by(CellGrade.id)
    return [each for each in _answers_with_marks(session, statement) if each.is_disputed]


def work(session: Session, actor: Actor, key: Key) -> Work:
    """One piece of work. Raises NotFound."""
    found: Sequence[Work] = ()
    if key.kind == SUBMISSION:
        answers = _answers(actor).where(Submission.id == key.number, CellGrade.cell == key.part)
        found = _answers_with_marks(session, answers)
    elif (key.kind, key.part) == (RUN, MEMO):
        found = _memos_with_marks(session, _memos(actor).where(SimulationRun.id == key.number))
    if not found:
        raise NotFound
    return found[0]


def locked(session: Session, actor: Actor, key: Key) -> Work:
    """The work as it stands now; whoever else marks or grades it waits until this transaction has ended.

    Raises NotFound when a re-grade took it away meanwhile.
    """
    if key.kind == SUBMISSION:
        lock_submission(session, key.number)
    else:
        lock_run(session, key.number)
    return work(session, actor, key)


def next_waiting(session: Session, actor: Actor, after: Work | None = None) -> Work | None:
    """The next work that is free.

    Of the same task first, so that like is compared with like.
    """
    now = clock.now()
    waiting = [
        each for each in works(session, actor) if each.is_free(actor, now) and (after is None or each.key != after.key)
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
        if str(role.get("grade_id", "")) == found.key.part:
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


def _memos(actor: Actor) -> Memos:
    columns = SimulationRun.__table__.c
    statement = select(Memo, SimulationRun).join(SimulationRun, SimulationRun.id == Memo.run_id)
    return visible(actor, Action.MARK_ANSWERS, statement, trainee=columns.trainee_id, academy=columns.academy_id)


def _answers_with_marks(session: Session, statement: Answers) -> list[Answer]:
    rows = session.execute(statement).all()
    cells = marked(session, [(submission.id, cell) for submission, _grade, cell in rows])
    done = _by_markers(
        session,
        [
            (Key(SUBMISSION, submission.id, cell.cell), submission.cohort_id, submission.activity_id)
            for submission, _grade, cell in rows
        ],
    )
    return [
        Answer(submission=submission, grade=grade, cell=cell, mark=cell.mark, **by_markers)
        for (submission, grade, _row), cell, by_markers in zip(rows, cells, done, strict=True)
    ]


def _memos_with_marks(session: Session, statement: Memos) -> list[RunMemo]:
    rows = session.execute(statement).all()
    marks = newest_memo_marks(session, [memo.id for memo, _run in rows])
    done = _by_markers(session, [(Key(RUN, run.id, MEMO), memo.cohort_id, run.activity_id) for memo, run in rows])
    return [
        RunMemo(memo=memo, run=run, mark=marks.get(memo.id), **by_markers)
        for (memo, run), by_markers in zip(rows, done, strict=True)
    ]


AboutWork = TypeVar("AboutWork", MarkClaim, SecondMark)


class _ByMarkers(TypedDict):
    """What every work has from its markers."""

    claim: MarkClaim | None
    second: SecondMark | None
    second_percent: int


def _by_markers(session: Session, rows: Sequence[tuple[Key, int | None, str]]) -> list[_ByMarkers]:
    """For each work, given with its cohort and activity, who has it open, its second mark and the share of those."""
    sources = {key.source for key, _cohort_id, _activity_id in rows}
    claims = _by_work(session.scalars(select(MarkClaim).where(MarkClaim.source.in_(sources))))
    seconds = _by_work(session.scalars(select(SecondMark).where(SecondMark.source.in_(sources))))
    cohort_ids = {cohort_id for _key, cohort_id, _activity_id in rows}
    percents = {
        (row.cohort_id, row.activity_id): row.percent
        for row in session.scalars(select(SecondMarking).where(SecondMarking.cohort_id.in_(cohort_ids - {None})))
    }
    return [
        _ByMarkers(
            claim=claims.get((key.source, key.part)),
            second=seconds.get((key.source, key.part)),
            second_percent=percents.get((cohort_id or 0, activity_id), 0),
        )
        for key, cohort_id, activity_id in rows
    ]


def _by_work(rows: Iterable[AboutWork]) -> dict[tuple[str, str], AboutWork]:
    return {(row.source, row.part): row for row in rows}


def claimants(session: Session, found: Iterable[Work]) -> dict[int, str]:
    """Names of the markers who have work open, by id."""
    ids = {each.claim.marker_id for each in found if each.claim is not None}
    return {account.id: account.full_name for account in session.scalars(select(Account).where(Account.id.in_(ids)))}


def kept_comments(session: Session, actor: Actor, task: Task | None = None) -> list[KeptComment]:
    """Comments kept for a task, or for all tasks, oldest first."""
    columns = KeptComment.__table__.c
    statement = select(KeptComment).where(KeptComment.dropped_at.is_(None)).order_by(KeptComment.id)
    if task is not None:
        statement = statement.filter_by(**task._asdict())
    scoped = visible(actor, Action.MARK_ANSWERS, statement, trainee=columns.kept_by, academy=columns.academy_id)
    return list(session.scalars(scoped))


def kept_comment(session: Session, actor: Actor, comment_id: int) -> KeptComment:
    """One kept comment. Raises NotFound."""
    found = next((each for each in kept_comments(session, actor) if each.id == comment_id), None)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Shares:
    """How much of a cohort's work is marked twice. activities: those a person marks; percents: by activity, else 0."""

    cohort: Cohort
    activities: tuple[Notebook | Simulation, ...]
    percents: dict[str, int]


def shares(session: Session, actor: Actor, catalogue: Catalogue, cohort_id: int) -> Shares:
    """The shares of a cohort of the actor's academy. Raises NotFound."""
    columns = Cohort.__table__.c
    statement = select(Cohort).where(Cohort.id == cohort_id)
    # A cohort has no owner but its academy.
    scoped = visible(actor, Action.KEEP_GRADEBOOK, statement, trainee=columns.id, academy=columns.academy_id)
    if (cohort := session.scalar(scoped)) is None:
        raise NotFound
    module = catalogue.modules.get(cohort.module_id)
    rows = session.scalars(select(SecondMarking).where(SecondMarking.cohort_id == cohort.id))
    return Shares(
        cohort,
        tuple(each for each in (module.activities if module else ()) if _is_marked_by_hand(each)),
        {row.activity_id: row.percent for row in rows},
    )


def _is_marked_by_hand(activity: object) -> TypeGuard[Notebook | Simulation]:
    if isinstance(activity, Notebook):
        return any(cell.is_manual for cell in activity.graded_cells)
    return isinstance(activity, Simulation)


def locked_shares(session: Session, found: Shares) -> dict[str, SecondMarking]:
    """By activity the shares as they stand; others who set them wait until the present transaction has ended."""
    session.execute(select(Cohort.id).where(Cohort.id == found.cohort.id).with_for_update(key_share=True))
    rows = session.scalars(select(SecondMarking).where(SecondMarking.cohort_id == found.cohort.id))
    return {row.activity_id: row for row in rows}
