"""Reads for markers: what waits, one piece of work, kept comments, shares of second marking."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, starmap
from typing import Any, TypeGuard

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from app.accounts.models import Cohort
from app.accounts.queries import cohort_of_academy, still_here
from app.accounts.queries import names as names_of
from app.content.schemas import Catalogue, Notebook, Simulation
from app.core import blind, clock
from app.core.access import Action, Actor, visible
from app.core.db import in_chunks, one
from app.core.errors import NotFound
from app.core.paging import Page, Wanted, page_of, page_of_things
from app.gradebook.counting import newest_mark, newest_request
from app.gradebook.models import CellGrade, CellMark, Grade, RegradeRequest
from app.gradebook.points import MarkedCell
from app.gradebook.queries import lock_submission
from app.marking.models import KeptComment, MarkClaim, SecondMark, SecondMarking
from app.marking.pairs import firsts_of_pairs, judgements
from app.marking.stand import OF_CELL, OF_MEMO, Stand, first_markers, with_markers
from app.marking.work import MEMO, RUN, SUBMISSION, Answer, Key, Pair, RunMemo, Task, Work
from app.notebooks.models import Submission
from app.sims.models import Memo, MemoMark, SimulationRun
from app.sims.queries import lock as lock_run
from app.sims.queries import newest_memo_mark

Answers = Select[Submission, Grade, CellGrade]
Memos = Select[Memo, SimulationRun]
CLAIM = timedelta(minutes=30)
# Most often the first of them is taken.
READ_AT_ONCE = 20
# Who has work open, its second mark, and the share of work that gets one.
BY_MARKERS = (MarkClaim, SecondMark, func.coalesce(SecondMarking.percent, 0))


@dataclass(frozen=True)
class Lists:
    """A page of each list of a marker. seconds: what waits for this marker's second mark."""

    requests: Page[Work]
    waiting: Page[Work]
    seconds: Page[Work]
    marked: Page[Work]


@dataclass(frozen=True)
class WantedPages:
    """Which page of each of those lists."""

    requests: Wanted
    waiting: Wanted
    seconds: Wanted
    marked: Wanted


def lists(session: Session, actor: Actor, wanted: WantedPages) -> Lists:
    """The lists of a marker; of each trainee and lab the attempts that a person marks."""
    stand = Stand(actor)
    asked_about = page_of(session, _asked_about(actor), wanted.requests)
    waiting, seconds, done = (
        page_of(session, stand.keys.where(condition), asked)
        for condition, asked in (
            (stand.waits, wanted.waiting),
            (stand.waits_for_second, wanted.seconds),
            (and_(~stand.waits, stand.is_shown), wanted.marked),
        )
    )
    # One piece may stand in several lists, and to read all at once takes no more statements than to read one.
    found = _found(session, actor, [Key(*row) for page in (asked_about, waiting, seconds, done) for row in page.rows])

    def made(page: Page[Row[*tuple[Any, ...]]]) -> Page[Work]:
        return page.made(lambda rows: _in_order(rows, found))

    return Lists(
        requests=made(asked_about),
        waiting=made(waiting),
        seconds=made(seconds),
        marked=made(done),
    )


def pairs(session: Session, actor: Actor) -> list[Pair]:
    """All work of the academy that two persons have marked, neither knowing of the other's mark, by task."""
    stand = Stand(actor)
    works = _of_keys(session, actor, session.execute(stand.keys.where(stand.is_seconded)).all())
    seconds = {each.key: each.second for each in works if each.second}
    firsts = firsts_of_pairs(session, seconds)
    return [Pair(each, firsts[each.key], seconds[each.key]) for each in works if each.key in firsts]


def own_pairs(session: Session, actor: Actor) -> set[Key]:
    """What of it was done by those whom the actor teaches."""
    stand = Stand(actor)
    return {Key(*row) for row in session.execute(stand.keys.where(stand.is_seconded, stand.is_own))}


def _asked_about(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Keys of the cells for which a request for a re-grade waits, of any attempt, the longest waiting first."""
    mark, of_mark = newest_mark(Submission.id, CellGrade.cell)
    request, of_request = newest_request(Submission.id, CellGrade.cell)
    statement = (
        _answers(actor, Action.MARK_ANSWERS)
        .outerjoin(mark, of_mark)
        .join(request, of_request)
        .where(request.mark_seen >= func.coalesce(mark.number, 0))
        .order_by(request.asked_at, request.id)
    )
    return statement.with_only_columns(literal(SUBMISSION), Submission.id, CellGrade.cell)


def _of_keys(session: Session, actor: Actor, rows: Sequence[Any]) -> list[Work]:
    """The work with these keys, in their order."""
    return _in_order(rows, _found(session, actor, [Key(*row) for row in rows]))


def _in_order(rows: Iterable[Any], found: Mapping[Key, Work]) -> list[Work]:
    """The work with these keys, but for what is gone since they were read."""
    return [found[key] for key in starmap(Key, rows) if key in found]


def _found(
    session: Session, actor: Actor, keys: Collection[Key], action: Action = Action.SHARE_MARKING
) -> dict[Key, Work]:
    """The work with these keys that the actor reaches by this action."""
    cells = [(key.number, key.part) for key in keys if key.kind == SUBMISSION]
    runs = [key.number for key in keys if key.kind == RUN]
    found = [
        *(_answers_with_marks(session, actor, action, cells) if cells else ()),
        *(_memos_with_marks(session, actor, action, runs) if runs else ()),
    ]
    return {each.key: each for each in found}


def hidden(session: Session, reader: Actor, asked: Collection[blind.Work]) -> set[blind.Work]:
    """Of this work that whose first mark the reader must not see yet: the rule that `app.core.blind` asks.

    asked: by source and part; what is never marked twice may be among it.
    """
    shares = select(func.max(SecondMarking.percent)).where(SecondMarking.academy_id == reader.academy_id)
    # Of most of it this says already that it was not drawn.
    largest = session.scalar(shares) or 0
    drawn = [key for source, part in sorted(asked) if (key := _key(source, part)) and key.is_drawn(largest)]
    found = [each for some in in_chunks(drawn) for each in _found(session, reader, some).values()]
    return {(each.key.source, each.key.part) for each in found if not each.is_shown_to(reader)}


def _key(source: str, part: str) -> Key | None:
    """None for what no person marks."""
    kind, _colon, number = source.partition(":")
    if kind == SUBMISSION or (kind == RUN and part == MEMO):
        return Key(kind, int(number), part)
    return None


def work(session: Session, actor: Actor, key: Key) -> Work:
    """One piece of work of somebody whom the actor teaches. Raises NotFound."""
    if (found := _found(session, actor, [key], Action.MARK_ANSWERS).get(key)) is None:
        raise NotFound
    return found


def work_to_second(session: Session, actor: Actor, key: Key) -> Work:
    """One piece of work that the actor may give its second mark, whoever teaches who did it. Raises NotFound."""
    found = _found(session, actor, [key]).get(key)
    if found is None or not found.may_be_seconded_by(actor):
        raise NotFound
    return found


def locked(session: Session, actor: Actor, key: Key, find: Callable[[Session, Actor, Key], Work] = work) -> Work:
    """The work as it stands now; whoever else marks or grades it waits until this transaction has ended.

    Raises NotFound when a re-grade took it away meanwhile, or its trainee was erased.
    """
    table = Submission if key.kind == SUBMISSION else SimulationRun
    # Before the work: an erasure that is under way has them locked, and waits for the work.
    still_here(session, session.scalars(select(table.trainee_id).where(table.id == key.number)).all())
    _lock(session, key)
    return find(session, actor, key)


def at_hand(session: Session, actor: Actor, key: Key) -> Work | None:
    """The work as it stands now, locked without waiting; None where another transaction has it, or a re-grade took it.

    A marker who holds work already must not wait: whoever has the other may be waiting for theirs.
    """
    return _found(session, actor, [key], Action.MARK_ANSWERS).get(key) if _lock(session, key, waits=False) else None


def _lock(session: Session, key: Key, *, waits: bool = True) -> bool:
    lock = lock_submission if key.kind == SUBMISSION else lock_run
    return lock(session, key.number, waits=waits)


def waiting_for(session: Session, actor: Actor, after: Work | None = None) -> Iterator[Work]:
    """The work that is free, one after the other, read a little at a time.

    Of the same task first, so that like is compared with like.
    """
    stand = Stand(actor)
    free = stand.keys.where(stand.is_free(clock.now()))
    if after is not None:
        free = free.where(stand.is_not(after.key)).order_by(None)
        free = free.order_by(stand.is_of(after.task).desc(), *stand.place)
    for begin in count(0, READ_AT_ONCE):
        keys = session.execute(free.limit(READ_AT_ONCE).offset(begin)).all()
        yield from _of_keys(session, actor, keys)
        if len(keys) < READ_AT_ONCE:
            return


def next_second(session: Session, actor: Actor) -> Work | None:
    """The next work that waits for the actor's second mark."""
    stand = Stand(actor)
    found = stand.keys.where(stand.waits_for_second).limit(1)
    return next(iter(_of_keys(session, actor, session.execute(found).all())), None)


def neighbours(session: Session, actor: Actor, here: Work, *, blind: bool) -> tuple[Key | None, Key | None]:
    """What the actor finds before and after a piece of work; None where there is nothing.

    blind: among what waits for a second mark, else among what may be seen.
    """
    stand = Stand(actor)
    listed = stand.waits_for_second if blind else stand.is_shown
    before, after = (session.execute(stand.beside(here, before=each).where(listed)).first() for each in (True, False))
    return Key(*before) if before else None, Key(*after) if after else None


def former_marks(session: Session, found: Work) -> list[tuple[CellMark | MemoMark, str]]:
    """The marks that another one replaced, newest first, each with the name of its marker."""
    marks: Select[CellMark] | Select[MemoMark]
    if isinstance(found, Answer):
        of_cell = CellMark.submission_id == found.key.number, CellMark.cell == found.key.part
        marks = select(CellMark).where(*of_cell).order_by(CellMark.number.desc())
    else:
        marks = select(MemoMark).where(MemoMark.memo_id == found.memo.id).order_by(MemoMark.number.desc())
    former = [mark for mark in session.scalars(marks) if mark.number < found.mark_number]
    names = names_of(session, {mark.marker_id for mark in former})
    return [(mark, names[mark.marker_id]) for mark in former]


def _answers(actor: Actor, action: Action) -> Answers:
    columns = Submission.__table__.c
    statement = (
        select(Submission, Grade, CellGrade)
        .join(Grade, and_(Grade.submission_id == Submission.id, Grade.is_current))
        .join(CellGrade, CellGrade.grade_id == Grade.id)
        .where(
            or_(CellGrade.needs_manual_grade, _is_asked_about(), _has_had_a_mark_fall()),
            Grade.status.in_(Grade.TO_MARK),
            Grade.autograded_sha256.is_not(None),
        )
    )
    return visible(actor, action, statement, trainee=columns.trainee_id, academy=columns.academy_id)


def _is_asked_about() -> ColumnElement[bool]:
    return exists().where(RegradeRequest.submission_id == Submission.id, RegradeRequest.cell == CellGrade.cell)


def _has_had_a_mark_fall() -> ColumnElement[bool]:
    """Also once it has its new mark, so that whoever saves that twice finds it."""
    return exists().where(OF_CELL, CellMark.points.is_(None))


def _memos(actor: Actor, action: Action) -> Memos:
    columns = SimulationRun.__table__.c
    statement = select(Memo, SimulationRun).join(SimulationRun, SimulationRun.id == Memo.run_id)
    return visible(actor, action, statement, trainee=columns.trainee_id, academy=columns.academy_id)


def _answers_with_marks(
    session: Session, actor: Actor, action: Action, cells: Sequence[tuple[int, str]]
) -> Iterator[Answer]:
    """Answers with what markers did about them. cells: each with the number of its submission."""
    mark, of_mark = newest_mark(Submission.id, CellGrade.cell)
    request, of_request = newest_request(Submission.id, CellGrade.cell)
    statement = _answers(actor, action).outerjoin(mark, of_mark).outerjoin(request, of_request)
    statement = with_markers(statement, SUBMISSION, Submission.id, CellGrade.cell, Submission.cohort_id, Submission)
    statement = statement.where(tuple_(Submission.id, CellGrade.cell).in_(cells))
    rows = session.execute(statement.add_columns(mark, request, first_markers(CellMark, OF_CELL), *BY_MARKERS))
    for submission, grade, cell, found, asked, markers, claim, second, percent in rows:
        yield Answer(
            submission=submission,
            grade=grade,
            cell=MarkedCell(submission.id, cell, found, asked),
            mark=found,
            marked_by=_ids(markers),
            claim=claim,
            second=second,
            second_percent=percent,
        )


def _memos_with_marks(session: Session, actor: Actor, action: Action, runs: Sequence[int]) -> Iterator[RunMemo]:
    """Memos of these runs with what markers did about them."""
    mark, of_mark = newest_memo_mark(Memo.id)
    statement = _memos(actor, action).outerjoin(mark, of_mark)
    statement = with_markers(statement, RUN, SimulationRun.id, literal(MEMO), Memo.cohort_id, SimulationRun)
    statement = statement.where(SimulationRun.id.in_(runs))
    judged = judgements(session, [Key(RUN, number, MEMO) for number in runs])
    rows = session.execute(statement.add_columns(mark, first_markers(MemoMark, OF_MEMO), *BY_MARKERS))
    for memo, run, found, markers, claim, second, percent in rows:
        yield RunMemo(
            memo=memo,
            run=run,
            judged_by=frozenset(each.by for each in judged.get(Key(RUN, run.id, MEMO), ())),
            mark=found,
            marked_by=_ids(markers),
            claim=claim,
            second=second,
            second_percent=percent,
        )


def _ids(markers: str | None) -> frozenset[int]:
    return frozenset(int(each) for each in markers.split(",")) if markers else frozenset()


def claimants(session: Session, found: Iterable[Work]) -> dict[int, str]:
    """Names of the markers who have work open, by id."""
    return names_of(session, {each.claim.marker_id for each in found if each.claim is not None})


def _kept(actor: Actor) -> Select[KeptComment]:
    """Comments that are offered, oldest first."""
    columns = KeptComment.__table__.c
    statement = select(KeptComment).where(KeptComment.dropped_at.is_(None)).order_by(KeptComment.id)
    return visible(actor, Action.SHARE_COMMENTS, statement, trainee=columns.kept_by, academy=columns.academy_id)


def kept_comments(session: Session, actor: Actor, wanted: Wanted) -> Page[KeptComment]:
    """Comments kept for all tasks."""
    return page_of_things(session, _kept(actor), wanted)


def kept_for(session: Session, actor: Actor, task: Task) -> list[KeptComment]:
    """Comments kept for a task."""
    return list(session.scalars(_kept(actor).filter_by(**task._asdict())))


def kept_comment(session: Session, actor: Actor, comment_id: int) -> KeptComment:
    """One kept comment. Raises NotFound."""
    return one(session, _kept(actor).where(KeptComment.id == comment_id))


@dataclass(frozen=True)
class Shares:
    """How much of a cohort's work is marked twice. activities: those a person marks; percents: by activity, else 0."""

    cohort: Cohort
    activities: tuple[Notebook | Simulation, ...]
    percents: dict[str, int]


def shares(session: Session, actor: Actor, catalogue: Catalogue, cohort_id: int) -> Shares:
    """The shares of a cohort of the actor's academy. Raises NotFound."""
    cohort = cohort_of_academy(session, actor, cohort_id, Action.KEEP_GRADEBOOK)
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
