"""Where each piece of work stands, told by the database, so that a page reads only the work that it shows.

The conditions say what the properties of `work.Work` say of one piece.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    String,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from app.appeals.models import Appeal, AppealDecision
from app.core.access import Action, Actor, reaches, visible
from app.core.drawing import drawn_in_database
from app.gradebook.counting import attempts_to_mark, has_fallen, newest_mark, newest_request
from app.gradebook.models import CellGrade, CellMark, Grade
from app.marking.models import MarkClaim, SecondMark, SecondMarking
from app.marking.work import MEMO, RUN, SUBMISSION, Key, Task, Work
from app.notebooks.models import Submission
from app.sims.models import Memo, MemoMark, SimulationRun
from app.sims.queries import newest_memo_mark

Rows = Select[*tuple[Any, ...]]
Column = SQLColumnExpression[Any]
# Answers stand before memos.
RANKS = {SUBMISSION: 0, RUN: 1}
KNOWN = "is_known_to_actor"
# First marks of a cell and of a memo, whether or not others replaced them.
OF_CELL = and_(CellMark.submission_id == Submission.id, CellMark.cell == CellGrade.cell)
OF_MEMO = MemoMark.memo_id == Memo.id


class Stand:
    """All work of the actor's academy that a person marks, one row for each piece, in the order of the list."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._rows = _answers(actor).union_all(_memos(actor)).subquery()
        self._columns = self._rows.c

    @property
    def keys(self) -> Rows:
        """Key of each piece, in order."""
        columns = self._columns
        return select(columns.kind, columns.number, columns.part).order_by(*self.place)

    @property
    def place(self) -> tuple[ColumnElement[Any], ...]:
        """By task, so that like is compared with like: answers, then memos."""
        columns = self._columns
        return columns.rank, columns.module_id, columns.activity_id, columns.part, columns.number

    @property
    def is_own(self) -> ColumnElement[bool]:
        """Whether the actor teaches whoever did it; of other work they get only what waits for a second mark."""
        return self._columns.is_own

    @property
    def waits(self) -> ColumnElement[bool]:
        return and_(self.is_own, self._columns.points.is_(None))

    def is_free(self, now: datetime) -> ColumnElement[bool]:
        """Whether it waits and no other marker has it open."""
        columns = self._columns
        open_to_all = or_(
            columns.claimant_id.is_(None), columns.claimed_until <= now, columns.claimant_id == self._actor.id
        )
        return and_(self.waits, open_to_all)

    @property
    def waits_for_second(self) -> ColumnElement[bool]:
        """Whether the actor can give it its second mark."""
        columns = self._columns
        name = cast(columns.number, String) + ":" + columns.part
        return and_(
            columns.second_marker_id.is_(None),
            columns.points.is_not(None),
            columns.percent > 0,
            drawn_in_database(name) < columns.percent,
            # The next says this too, but has to look for it.
            columns.marker_id != self._actor.id,
            ~columns.is_known_to_actor,
        )

    @property
    def is_shown(self) -> ColumnElement[bool]:
        """Whether the actor may see the first mark."""
        return and_(self.is_own, or_(self._columns.is_disputed, ~self.waits_for_second))

    @property
    def is_seconded(self) -> ColumnElement[bool]:
        return self._columns.second_marker_id.is_not(None)

    def is_of(self, task: Task) -> ColumnElement[bool]:
        columns = self._columns
        return and_(
            columns.module_id == task.module_id, columns.activity_id == task.activity_id, columns.part == task.part
        )

    def is_not(self, key: Key) -> ColumnElement[bool]:
        columns = self._columns
        return or_(columns.kind != key.kind, columns.number != key.number, columns.part != key.part)

    def beside(self, here: Work, *, before: bool) -> Rows:
        """Key of what stands next before or after a piece, whether or not that is in the list itself."""
        rank = RANKS[here.key.kind]
        place = tuple_(*(literal(each) for each in (rank, *here.task, here.key.number)))
        mine, columns = tuple_(*self.place), self._columns
        keys = select(columns.kind, columns.number, columns.part).limit(1)
        if before:
            return keys.where(mine < place).order_by(*(each.desc() for each in self.place))
        return keys.where(mine > place).order_by(*self.place)


def _answers(actor: Actor) -> Rows:
    mark, of_mark = newest_mark(Submission.id, CellGrade.cell)
    request, of_request = newest_request(Submission.id, CellGrade.cell)
    is_disputed = and_(request.id.is_not(None), func.coalesce(mark.number, 0) <= request.mark_seen)
    to_mark, columns = attempts_to_mark(), Submission.__table__.c
    statement = (
        _row(actor, SUBMISSION, Submission.id, CellGrade.cell, Submission, mark, is_disputed)
        .add_columns(_is_marked_by(actor, CellMark, OF_CELL).label(KNOWN))
        .join_from(Submission, to_mark, to_mark.c.id == Submission.id)
        .join(Grade, and_(Grade.submission_id == Submission.id, Grade.is_current))
        .join(CellGrade, CellGrade.grade_id == Grade.id)
        .outerjoin(mark, of_mark)
        .outerjoin(request, of_request)
        .where(Grade.autograded_sha256.is_not(None), or_(CellGrade.needs_manual_grade, has_fallen(mark)))
    )
    scoped = visible(actor, Action.SHARE_MARKING, statement, trainee=columns.trainee_id, academy=columns.academy_id)
    return with_markers(scoped, SUBMISSION, Submission.id, CellGrade.cell, Submission.cohort_id, Submission)


def _memos(actor: Actor) -> Rows:
    mark, of_mark = newest_memo_mark(Memo.id)
    columns = SimulationRun.__table__.c
    statement = (
        _row(actor, RUN, SimulationRun.id, literal(MEMO), SimulationRun, mark, false())
        .add_columns(or_(_is_marked_by(actor, MemoMark, OF_MEMO), _is_judged_by(actor)).label(KNOWN))
        .join_from(Memo, SimulationRun, SimulationRun.id == Memo.run_id)
        .outerjoin(mark, of_mark)
    )
    scoped = visible(actor, Action.SHARE_MARKING, statement, trainee=columns.trainee_id, academy=columns.academy_id)
    return with_markers(scoped, RUN, SimulationRun.id, literal(MEMO), Memo.cohort_id, SimulationRun)


def _row(
    actor: Actor,
    kind: str,
    number: Column,
    part: Column,
    done: type[Submission | SimulationRun],
    mark: Any,
    is_disputed: Column,
) -> Rows:
    """The columns of both kinds of work. done: what the work is a part of; mark: the first one."""
    owner = done.__table__.c
    return select(
        reaches(actor, Action.MARK_ANSWERS, trainee=owner.trainee_id, academy=owner.academy_id).label("is_own"),
        literal(RANKS[kind]).label("rank"),
        literal(kind).label("kind"),
        number.label("number"),
        part.label("part"),
        done.module_id.label("module_id"),
        done.activity_id.label("activity_id"),
        mark.points.label("points"),
        mark.marker_id.label("marker_id"),
        is_disputed.label("is_disputed"),
        SecondMark.marker_id.label("second_marker_id"),
        func.coalesce(SecondMarking.percent, 0).label("percent"),
        MarkClaim.marker_id.label("claimant_id"),
        MarkClaim.until.label("claimed_until"),
    )


def _is_marked_by(actor: Actor, mark: type[CellMark | MemoMark], of_work: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(of_work, mark.marker_id == actor.id)


def _is_judged_by(actor: Actor) -> ColumnElement[bool]:
    """Whether the actor decided on a dispute of the memo."""
    judged = select(Appeal.source).join(AppealDecision, AppealDecision.appeal_id == Appeal.id)
    judged = judged.where(Appeal.part == MEMO, AppealDecision.decided_by_id == actor.id)
    return (literal(f"{RUN}:") + cast(SimulationRun.id, String)).in_(judged)


def first_markers(mark: type[CellMark | MemoMark], of_work: ColumnElement[bool]) -> ColumnElement[str | None]:
    """Ids of all who gave a piece of work a first mark, with commas between them."""
    return select(func.aggregate_strings(cast(mark.marker_id, String), ",")).where(of_work).scalar_subquery()


def with_markers(
    statement: Rows, kind: str, number: Column, part: Column, cohort_id: Column, done: type[Submission | SimulationRun]
) -> Rows:
    """Joined with who has it open, its second mark, and the share of those."""
    source = literal(f"{kind}:") + cast(number, String)
    share = and_(SecondMarking.cohort_id == cohort_id, SecondMarking.activity_id == done.activity_id)
    return (
        statement.outerjoin(SecondMark, and_(SecondMark.source == source, SecondMark.part == part))
        .outerjoin(MarkClaim, and_(MarkClaim.source == source, MarkClaim.part == part))
        .outerjoin(SecondMarking, share)
    )
