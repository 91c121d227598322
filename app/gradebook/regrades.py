"""A lab that changed is graded anew for everybody: proposed, shown, and only then applied.

Marks that persons gave stay; one by a rubric is worth what its levels are worth now, and one that says nothing about
the changed cell any more falls, so that the answer waits again.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Academy, Account
from app.content.schemas import Catalogue, Notebook, Rubric
from app.core import audit, clock, jobs
from app.core.access import Action, Actor, visible
from app.core.db import begin
from app.core.errors import NotFound, Refused
from app.gradebook import queries, service
from app.gradebook.models import CellGrade, CellMark, Grade, Regrade, RegradeItem
from app.gradebook.points import Attempt, MarkedCell, rubric_points
from app.gradebook.service import Grader
from app.notebooks.models import Submission


@dataclass(frozen=True)
class Change:
    """What a re-grade makes of one submission. after: None while that is not known."""

    trainee: Account
    before: Attempt
    after: Attempt | None

    @property
    def is_known(self) -> bool:
        return self.after is not None

    @property
    def changes_points(self) -> bool:
        """Whether points, or what is waiting for a person, become other ones."""
        return self.after is not None and _outcome(self.before) != _outcome(self.after)

    @property
    def cells(self) -> list[tuple[MarkedCell | None, MarkedCell | None]]:
        """Each cell whose points change, before and after; None where it is not there."""
        if self.after is None:
            return []
        before = {cell.grade.cell: cell for cell in self.before.cells}
        after = {cell.grade.cell: cell for cell in self.after.cells}
        pairs = [(before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])]
        return [(old, new) for old, new in pairs if _worth(old) != _worth(new)]


def _outcome(attempt: Attempt) -> tuple[bool, float, float, bool]:
    points = round(attempt.points, 9) if attempt.has_points else 0.0
    return attempt.has_points, points, attempt.most, attempt.is_final


def _worth(cell: MarkedCell | None) -> tuple[float | None, float] | None:
    return None if cell is None else (cell.points, cell.grade.max_score)


@dataclass(frozen=True)
class Preview:
    """A re-grade with what it changes. failed: submissions whose grading was set aside for a person."""

    regrade: Regrade
    changes: tuple[Change, ...]
    failed: int

    @property
    def known(self) -> int:
        return sum(change.is_known for change in self.changes)

    @property
    def is_complete(self) -> bool:
        return self.known == len(self.changes)

    @property
    def changed(self) -> list[Change]:
        """Those whose points change."""
        return [change for change in self.changes if change.changes_points]


class LabChangedAgain(Refused):
    """The lab is not any more what the re-grade was made with."""

    def __init__(self) -> None:
        message = _("The lab has changed again since this re-grade began. Drop it and begin a new one.")
        super().__init__(message, status=409)


class NotComplete(Refused):
    """Not every submission has its new grade yet."""

    def __init__(self) -> None:
        message = _("Not every submission is graded anew yet. Wait until all are, then apply the re-grade.")
        super().__init__(message, status=409)


class IsOver(Refused):
    """The re-grade was applied or dropped already."""

    def __init__(self) -> None:
        super().__init__(_("This re-grade is over: it was applied or dropped already."), status=409)


def outdated(session: Session, actor: Actor, module_id: str, lab: Notebook) -> list[Submission]:
    """Graded submissions of the actor's academy whose points were given by another version of the lab."""
    columns = Submission.__table__.c
    statement = (
        select(Submission)
        .join(Grade, Grade.submission_id == Submission.id)
        .where(
            Submission.module_id == module_id,
            Submission.activity_id == lab.id,
            Grade.is_current,
            Grade.lab_digest != lab.grading_digest,
        )
        .order_by(Submission.id)
    )
    scoped = visible(actor, Action.KEEP_GRADEBOOK, statement, trainee=columns.trainee_id, academy=columns.academy_id)
    return list(session.scalars(scoped))


def open_regrade(session: Session, actor: Actor, module_id: str, activity_id: str) -> Regrade | None:
    """The re-grade of a lab that is neither applied nor dropped."""
    statement = select(Regrade).where(
        Regrade.module_id == module_id,
        Regrade.activity_id == activity_id,
        Regrade.applied_at.is_(None),
        Regrade.dropped_at.is_(None),
    )
    return session.scalar(_within(actor, statement))


def regrade_of_academy(session: Session, actor: Actor, regrade_id: int) -> Regrade:
    """One re-grade. Raises NotFound."""
    found = session.scalar(_within(actor, select(Regrade).where(Regrade.id == regrade_id)))
    if found is None:
        raise NotFound
    return found


def _within(actor: Actor, statement: Select[Regrade]) -> Select[Regrade]:
    columns = Regrade.__table__.c
    return visible(actor, Action.KEEP_GRADEBOOK, statement, trainee=columns.asked_by, academy=columns.academy_id)


def propose(session: Session, instructor: Account, module_id: str, lab: Notebook, reason: str) -> Regrade:
    """Begin to grade anew what an older version of the lab graded; the one that is open already, if there is one.

    Raises Refused when nothing was graded by another version.
    """
    session.execute(select(Academy.id).where(Academy.id == instructor.academy_id).with_for_update())
    if (known := open_regrade(session, instructor, module_id, lab.id)) is not None:
        return known
    submissions = outdated(session, instructor, module_id, lab)
    if not submissions:
        raise Refused(_("Every submission is graded by the present version of this lab; there is nothing to re-grade."))
    regrade = Regrade(
        academy_id=instructor.academy_id,
        module_id=module_id,
        activity_id=lab.id,
        lab_digest=lab.grading_digest,
        reason=reason,
        asked_by=instructor.id,
        asked_at=clock.now(),
    )
    session.add(regrade)
    session.flush()
    items = [RegradeItem(regrade_id=regrade.id, submission_id=submission.id) for submission in submissions]
    session.add_all(items)
    session.flush()
    for item in items:
        jobs.request_job(session, jobs.JobKind.REGRADE_SUBMISSION, item.id, academy_id=instructor.academy_id)
    _note(session, instructor, regrade, "regrade_proposed", {"submissions": len(items), "reason": reason})
    return regrade


def regrade_submission(engine: Engine, grader: Grader, item_id: int) -> None:
    """Grade one submission of a re-grade anew and keep the result as a proposal, once.

    Raises RuntimeError when this worker knows another version of the lab than the re-grade was made for.
    """
    with begin(engine, read_only=True) as session:
        item = session.get_one(RegradeItem, item_id)
        regrade = session.get_one(Regrade, item.regrade_id)
        submission = session.get_one(Submission, item.submission_id)
    is_wanted = item.grade_id is None and regrade.is_open
    if is_wanted:
        if service.lab_of(grader.catalogue, submission).grading_digest != regrade.lab_digest:
            raise RuntimeError("the worker knows another version of this lab; restart it, then try again")
        grade, cells = grader.grade(submission)
    with begin(engine) as session:
        queries.lock_submission(session, submission.id)
        item = session.get_one(RegradeItem, item_id)
        if is_wanted and item.grade_id is None:
            newest = select(func.max(Grade.number)).where(Grade.submission_id == submission.id)
            grade.number, grade.is_current = (session.scalar(newest) or 0) + 1, False
            service.add_grade(session, grade, cells)
            item.grade_id = grade.id
        jobs.finish(session, jobs.JobKind.REGRADE_SUBMISSION, item_id)


def preview(session: Session, regrade: Regrade, lab: Notebook) -> Preview:
    """What the re-grade changes, or changed when it was applied: by trainee and attempt."""
    rows = session.execute(
        select(RegradeItem, Submission, Account)
        .join(Submission, Submission.id == RegradeItem.submission_id)
        .join(Account, Account.id == Submission.trainee_id)
        .where(RegradeItem.regrade_id == regrade.id)
        .order_by(Account.full_name, Submission.attempt)
    ).all()
    before = queries.attempts_of(session, [submission for _item, submission, _trainee in rows])
    grades = session.scalars(select(Grade).where(Grade.id.in_([item.grade_id for item, _s, _t in rows])))
    proposed = {grade.id: grade for grade in grades}
    cells = queries.cells(session, proposed.values())
    failed = select(func.count()).where(
        jobs.Job.kind == jobs.JobKind.REGRADE_SUBMISSION,
        jobs.Job.thing_id.in_([item.id for item, _s, _t in rows]),
        jobs.Job.failure.is_not(None),
    )
    return Preview(
        regrade,
        tuple(
            Change(trainee, old, _after(old, proposed.get(item.grade_id or 0), cells, lab))
            for (item, _submission, trainee), old in zip(rows, before, strict=True)
        ),
        session.scalar(failed) or 0,
    )


def _after(before: Attempt, grade: Grade | None, cells: dict[int, list[MarkedCell]], lab: Notebook) -> Attempt | None:
    if grade is None:
        return None
    former = {cell.grade.cell: cell.grade.max_score for cell in before.cells}
    moved = [
        _moved(cell, former.get(cell.grade.cell), lab.rubrics.get(cell.grade.cell, ())) for cell in cells[grade.id]
    ]
    return Attempt(before.submission, before.terms, grade, tuple(moved))


def _moved(cell: MarkedCell, former_most: float | None, rubric: Rubric) -> MarkedCell:
    """The cell with its mark as it is worth now; what is changed stands in a row that belongs to no session."""
    mark = cell.mark
    if mark is None or mark.points is None:
        return cell
    points = _worth_now(mark, cell.grade, former_most, rubric)
    if points == mark.points:
        return cell
    changed = CellMark(
        submission_id=mark.submission_id,
        cell=mark.cell,
        number=mark.number + 1,
        points=points,
        levels=mark.levels,
        comment=mark.comment,
    )
    return MarkedCell(cell.submission_id, cell.grade, changed, cell.request)


def _worth_now(mark: CellMark, grade: CellGrade, former_most: float | None, rubric: Rubric) -> float | None:
    if mark.levels:
        return rubric_points(rubric, mark.levels)
    return mark.points if grade.max_score == former_most else None


def apply(session: Session, instructor: Account, regrade: Regrade, catalogue: Catalogue) -> Preview:
    """Make the proposed grades the current ones; the former are kept. Says what it changed.

    Raises IsOver, LabChangedAgain, NotComplete.
    """
    _lock(session, regrade)
    lab = catalogue.module(regrade.module_id).activity(regrade.activity_id)
    if not isinstance(lab, Notebook) or lab.grading_digest != regrade.lab_digest:
        raise LabChangedAgain
    found = preview(session, regrade, lab)
    if not found.is_complete:
        raise NotComplete
    for change in found.changes:
        _apply(session, instructor, regrade, catalogue, change)
    regrade.applied_at = clock.now()
    _note(session, instructor, regrade, "regrade_applied", {"changed": len(found.changed)})
    return found


def _apply(session: Session, instructor: Account, regrade: Regrade, catalogue: Catalogue, change: Change) -> None:
    old, new, submission = change.before.grade, change.after, change.before.submission
    if old is None or new is None or new.grade is None:
        raise NotComplete
    queries.lock_submission(session, submission.id)
    old.is_current = False
    session.flush()
    new.grade.is_current = True
    for cell in new.cells:
        if cell.mark is not None and cell.mark.marker_id is None:
            cell.mark.marker_id, cell.mark.marked_at = instructor.id, clock.now()
            session.add(cell.mark)
    session.flush()
    service.settle(session, catalogue, submission, new.grade)
    audit.record(
        session,
        verb="regraded",
        thing=f"submission:{submission.id}",
        actor_id=instructor.id,
        academy_id=submission.academy_id,
        detail={
            "regrade": regrade.id,
            "before": _points(change.before),
            "after": _points(new),
            "cells": [(cell_new or cell_old).grade.cell for cell_old, cell_new in change.cells],  # type: ignore[union-attr]
        },
    )


def _points(attempt: Attempt) -> float | None:
    return attempt.points if attempt.has_points else None


def drop(session: Session, instructor: Account, regrade: Regrade) -> None:
    """Give a re-grade up; nobody's points change. Raises IsOver."""
    _lock(session, regrade)
    regrade.dropped_at = clock.now()
    _note(session, instructor, regrade, "regrade_dropped", {})


def _lock(session: Session, regrade: Regrade) -> None:
    session.refresh(regrade, with_for_update=True)
    if not regrade.is_open:
        raise IsOver


def _note(session: Session, instructor: Account, regrade: Regrade, verb: str, detail: dict[str, object]) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"regrade:{regrade.id}",
        actor_id=instructor.id,
        academy_id=regrade.academy_id,
        detail=detail,
    )
