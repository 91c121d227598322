"""A lab that changed is graded anew for everybody: proposed, shown, and only then applied.

Marks that persons gave stay; one by a rubric is worth what its levels are worth now, and one that says nothing about
the changed cell any more falls, so that the answer waits again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Academy, Account
from app.content.schemas import Catalogue, Notebook
from app.core import audit, clock, jobs
from app.core.access import Action, Actor, visible
from app.core.db import begin, one
from app.core.errors import Refused
from app.gradebook import queries, service
from app.gradebook.models import Grade, Regrade, RegradeItem
from app.gradebook.regrade_preview import Change, Preview, preview
from app.gradebook.service import Grader
from app.notebooks import terms
from app.notebooks.models import Submission
from app.notices.service import tell
from app.notices.wording import Occasion


class LabChangedAgain(Refused):
    """The lab is not any more what the re-grade was made with."""

    def __init__(self) -> None:
        message = _("The lab has changed again since this re-grade began. Drop it and begin a new one.")
        super().__init__(message, status=409)


class LabIsGone(Refused):
    """The content packs have the lab no longer."""

    def __init__(self) -> None:
        message = _("This lab is no longer part of the module, so nobody can be graded anew by it. Drop the re-grade.")
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
    scoped = visible(actor, Action.REGRADE_LABS, statement, trainee=columns.trainee_id, academy=columns.academy_id)
    return list(session.scalars(scoped))


def open_regrade(session: Session, actor: Actor, module_id: str, activity_id: str) -> Regrade | None:
    """The re-grade of a lab that is neither applied nor dropped."""
    statement = _open().where(Regrade.module_id == module_id, Regrade.activity_id == activity_id)
    return session.scalar(_within(actor, statement))


def open_regrades_of_gone_labs(session: Session, actor: Actor, catalogue: Catalogue) -> list[Regrade]:
    """Those of the actor's academy that can only be dropped; no page of their lab leads to them any more."""
    found = session.scalars(_within(actor, _open().order_by(Regrade.id)))
    return [each for each in found if catalogue.find_lab(each.module_id, each.activity_id) is None]


def _open() -> Select[Regrade]:
    return select(Regrade).where(Regrade.applied_at.is_(None), Regrade.dropped_at.is_(None))


def regrade_of_academy(session: Session, actor: Actor, regrade_id: int) -> Regrade:
    """One re-grade. Raises NotFound."""
    return one(session, _within(actor, select(Regrade).where(Regrade.id == regrade_id)))


def names(session: Session, regrade: Regrade) -> dict[int, str]:
    """Of who asked for it and who decided, by id."""
    return accounts.names(session, [number for number in (regrade.asked_by, regrade.decided_by) if number is not None])


def _within(actor: Actor, statement: Select[Regrade]) -> Select[Regrade]:
    columns = Regrade.__table__.c
    return visible(actor, Action.REGRADE_LABS, statement, trainee=columns.asked_by, academy=columns.academy_id)


def propose(session: Session, instructor: Account, module_id: str, lab: Notebook, reason: str) -> Regrade:
    """Begin to grade anew what an older version of the lab graded; the one that is open already, if there is one.

    Raises Refused when nothing was graded by another version.
    """
    session.execute(select(Academy.id).where(Academy.id == instructor.academy_id).with_for_update(key_share=True))
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

    Raises RuntimeError when this worker does not know the version of the lab that the re-grade was made for.
    """
    with begin(engine, read_only=True) as session:
        item = session.get_one(RegradeItem, item_id)
        regrade = session.get_one(Regrade, item.regrade_id)
        submission = session.get_one(Submission, item.submission_id)
        catalogue = grader.catalogue_of(session, submission.academy_id)
        former = queries.former_versions(session, submission)
    is_wanted = item.grade_id is None and regrade.is_open
    if is_wanted:
        lab = catalogue.find_lab(regrade.module_id, regrade.activity_id)
        if lab is None or lab.grading_digest != regrade.lab_digest:
            raise RuntimeError(
                "the worker knows no such version of this lab: restart it and try again, or drop the re-grade if the "
                "lab was changed once more or left the content packs"
            )
        grade, cells = grader.grade(submission, lab, former)
    with begin(engine) as session:
        queries.lock_submission(session, submission.id)
        item = session.get_one(RegradeItem, item_id)
        if is_wanted and item.grade_id is None:
            newest = select(func.max(Grade.number)).where(Grade.submission_id == submission.id)
            grade.number, grade.is_current = (session.scalar(newest) or 0) + 1, False
            service.add_grade(session, grade, cells)
            item.grade_id = grade.id
        jobs.finish(session, jobs.JobKind.REGRADE_SUBMISSION, item_id)


def apply(session: Session, instructor: Account, regrade: Regrade, catalogue: Catalogue) -> Preview:
    """Make the proposed grades the current ones; the former are kept. Says what it changed.

    Raises IsOver, LabIsGone, LabChangedAgain, NotComplete.
    """
    _lock(session, regrade)
    lab = catalogue.find_lab(regrade.module_id, regrade.activity_id)
    if lab is None:
        raise LabIsGone
    if lab.grading_digest != regrade.lab_digest:
        raise LabChangedAgain
    # Whoever marks one of them now waits, so that no mark comes between what is looked at and what is stored.
    session.execute(
        select(Submission.id)
        .join(RegradeItem, RegradeItem.submission_id == Submission.id)
        .where(RegradeItem.regrade_id == regrade.id)
        .order_by(Submission.id)
        .with_for_update(key_share=True, of=Submission)
    )
    found = preview(session, regrade, lab.rubrics)
    if not found.is_complete:
        raise NotComplete
    terms.hold(session, {change.before.submission.cohort_id for change in found.changes})
    # The marks that it moves bear the same moment, by which the page of what it changed tells them from others.
    now = clock.now()
    regrade.applied_at, regrade.decided_by = now, instructor.id
    grades = [_apply(session, regrade, catalogue, change, at=now) for change in found.changes]
    closed = [_close_requests(session, instructor, change) for change in found.changes]
    # Evidence waits for those who weigh markers, and they for the audit log, which is therefore written to last.
    for change, (before, after), cells in zip(found.changes, grades, closed, strict=True):
        _note_change(session, regrade, change, before, after, cells)
    _note(session, instructor, regrade, "regrade_applied", {"changed": len(found.changed)})
    return found


def _apply(
    session: Session, regrade: Regrade, catalogue: Catalogue, change: Change, *, at: datetime
) -> tuple[Grade, Grade]:
    """Put the new grade and the moved marks in the place of the former; both grades."""
    old, new, submission = change.before.grade, change.after, change.before.submission
    if old is None or new is None or new.grade is None:
        raise NotComplete
    old.is_current = False
    session.flush()
    new.grade.is_current = True
    for cell in new.cells:
        if cell.mark is not None and cell.mark.regrade_id == regrade.id:
            cell.mark.marked_at = at
            session.add(cell.mark)
            if cell.request is not None and cell.request.mark_seen == cell.mark.number - 1:
                # A mark that merely moved is nobody's answer, so the request goes on waiting.
                cell.request.mark_seen = cell.mark.number
    session.flush()
    service.settle(session, catalogue, submission, new.grade)
    return old, new.grade


def _close_requests(session: Session, instructor: Account, change: Change) -> list[str]:
    """Answer the requests that nobody could any more: the page of the submission says why; the cells they are about."""
    cells = change.lost_requests
    for cell in cells:
        if cell.request is not None:
            cell.request.mark_seen = cell.mark_number - 1
    if cells:
        submission = change.before.submission
        about = f"submission:{submission.id}"
        tell(session, submission.trainee_id, Occasion.REGRADE_ANSWERED, by=instructor, about=about)
    return [cell.grade.cell for cell in cells]


def _note_change(
    session: Session, regrade: Regrade, change: Change, before: Grade, after: Grade, closed: Sequence[str]
) -> None:
    audit.record(
        session,
        verb="regraded",
        thing=f"submission:{change.before.submission.id}",
        actor_id=regrade.decided_by,
        academy_id=change.before.submission.academy_id,
        detail={
            "regrade": regrade.id,
            "from": f"grade:{before.id}",
            "to": f"grade:{after.id}",
            "cells": [(cell_new or cell_old).grade.cell for cell_old, cell_new in change.cells],  # type: ignore[union-attr]
            **({"requests_closed": list(closed)} if closed else {}),
        },
    )


def drop(session: Session, instructor: Account, regrade: Regrade) -> None:
    """Give a re-grade up; nobody's points change. Raises IsOver."""
    _lock(session, regrade)
    regrade.dropped_at, regrade.decided_by = clock.now(), instructor.id
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
