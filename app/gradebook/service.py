"""Grading a submission: outside any transaction, stored once, with its evidence; and asking for another look."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import cast

from flask_babel import gettext as _
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import grading
from app.accounts import queries as accounts
from app.accounts.models import Account
from app.content.data import data_file
from app.content.publications import catalogue_of
from app.content.schemas import Catalogue, Notebook
from app.core import audit, clock, jobs
from app.core.blobs import Blobs
from app.core.db import begin
from app.core.errors import Refused
from app.gradebook import evidence, queries
from app.gradebook.models import CellGrade, Grade, RegradeRequest
from app.notebooks.models import Submission
from app.notebooks.terms import Change

log = logging.getLogger(__name__)


def lab_of(catalogue: Catalogue, submission: Submission) -> Notebook:
    """The lab that a submission answers. Raises LookupError when it is gone."""
    return cast(Notebook, catalogue.module(submission.module_id).activity(submission.activity_id))


@dataclass(frozen=True)
class Grader:
    """Grades submissions, outside any transaction.

    catalogue: the content packs. sandboxes: where notebooks run; None for one of its own each.
    """

    blobs: Blobs
    catalogue: Catalogue
    lab_files: Path
    sandboxes: grading.Runs | None = None

    def catalogue_of(self, session: Session, academy_id: int, *, at: datetime | None = None) -> Catalogue:
        """The content as an academy's people get it, now or as it was at a moment."""
        return catalogue_of(session, self.blobs, self.catalogue, academy_id, at=at)

    def files(self, module_id: str, lab: Notebook) -> dict[str, bytes]:
        """The data files of a lab."""
        return {
            name: data_file(self.lab_files, self.blobs, module_id, lab, name).read_bytes() for name in lab.data_files
        }

    def grade(self, submission: Submission, lab: Notebook, former: Sequence[str] = ()) -> tuple[Grade, list[CellGrade]]:
        """The grade that a submission gets by this version of the lab and those of its cells, as rows that belong to no
        session yet.

        former: digests of notebooks as older versions of the lab had them, gave them out or graded them; that of the
        content pack is known anyway.
        Raises grading.SandboxUnavailable when nothing may be run on this machine.
        """
        files = self.files(submission.module_id, lab)
        content = self.blobs.get(submission.sha256)
        of_pack = self.catalogue.find_lab(submission.module_id, submission.activity_id)
        # Few submissions need them: each is read when it is asked for.
        older = chain([of_pack.source] if of_pack else [], map(self.blobs.get, former))
        result = grading.grade(lab.source, content, files=files, sandboxes=self.sandboxes, former=older)
        problem = {"code": str(result.problem.code), "values": dict(result.problem.values)} if result.problem else None
        grade = Grade(
            submission_id=submission.id,
            number=1,
            is_current=True,
            lab_digest=lab.grading_digest,
            status=result.status,
            problem=problem,
            points=result.points,
            max_points=result.max_points,
            feedback_sha256=self._feedback(submission.id, result.autograded) if result.autograded else None,
            autograded_sha256=self.blobs.put(result.autograded) if result.autograded else None,
            graded_at=clock.now(),
            seconds=result.seconds,
        )
        return grade, [
            CellGrade(
                cell=cell.grade_id,
                score=cell.score,
                max_score=cell.max_score,
                needs_manual_grade=cell.needs_manual_grade,
                message=cell.message,
            )
            for cell in result.cells
        ]

    def _feedback(self, submission_id: int, autograded: bytes) -> str | None:
        """The digest of the feedback page. One that cannot be made takes nobody's points away."""
        try:
            return self.blobs.put(grading.feedback(autograded, scores=False))
        except grading.InvalidSource:
            log.exception("no feedback page for submission %s", submission_id)
            return None


def add_grade(session: Session, grade: Grade, cells: Sequence[CellGrade]) -> None:
    """Store a grade with its cells."""
    session.add(grade)
    session.flush()
    for cell in cells:
        cell.grade_id = grade.id
        session.add(cell)
    session.flush()


def grade_submission(engine: Engine, grader: Grader, submission_id: int) -> None:
    """Grade a submission and store the result once, however often this is delivered.

    It is tested by the version of the lab that was given out when it was handed in, whatever was published since.
    Raises grading.SandboxUnavailable when nothing may be run on this machine.
    """
    with begin(engine, read_only=True) as session:
        submission = session.get_one(Submission, submission_id)
        graded = queries.grade_of(session, submission_id) is not None
        catalogue = grader.catalogue_of(session, submission.academy_id, at=submission.submitted_at)
        former = queries.former_versions(session, submission)
    if not graded:
        grade, cells = grader.grade(submission, lab_of(catalogue, submission), former)
    with begin(engine) as session:
        queries.lock_submission(session, submission_id)
        jobs.finish(session, jobs.JobKind.GRADE_SUBMISSION, submission_id)
        if not graded and queries.grade_of(session, submission_id) is None:
            add_grade(session, grade, cells)
            settle(session, catalogue, submission, grade)
            audit.record(
                session,
                verb="graded",
                thing=f"submission:{submission.id}",
                academy_id=submission.academy_id,
                detail={"grade": grade.id},
            )


def settle(
    session: Session, catalogue: Catalogue, submission: Submission, grade: Grade, change: Change | None = None
) -> None:
    """Bring the evidence in line with a grade and the marks of its cells. change: of the terms, where that is why.

    What a lab says that is gone is evidence of nothing new, and what it said before stays.
    """
    lab = catalogue.find_lab(submission.module_id, submission.activity_id)
    if lab is None:
        return
    cells = queries.cells(session, [grade])[grade.id]
    evidence.record(session, submission, grade, cells, lab, change)


class NothingToAsk(Refused):
    """The cell has no points yet, or a request for it waits already."""

    def __init__(self) -> None:
        super().__init__(_("This cell waits for an instructor already; ask again once it is marked."), status=409)


class LeftUnmarked(Refused):
    """The cell has no points and nobody gives it any, since another attempt counts."""

    def __init__(self) -> None:
        message = _("This cell is not marked, since another attempt of yours counts. Ask about a cell of that one.")
        super().__init__(message, status=409)


class NobodyAnswers(Refused):
    """No instructor reaches the cell any more, so that a request would wait for good."""

    def __init__(self) -> None:
        message = _(
            "No instructor can look at these points again; what you typed is kept below. You may still complain."
        )
        super().__init__(message, status=409)


def ask_for_regrade(session: Session, trainee: Account, found: queries.OwnCell, reason: str) -> RegradeRequest:
    """Put a request before the instructors; the same reason again, while it waits, changes nothing.

    Raises NothingToAsk, LeftUnmarked, NobodyAnswers; NotFound for whoever was erased meanwhile.
    """
    if not found.can_be_answered:
        raise NobodyAnswers
    accounts.lock(session, trainee.id)
    queries.lock_submission(session, found.submission.id)
    [cell] = queries.marked(session, [(found.submission.id, found.cell.grade)])
    if cell.request is not None and cell.is_disputed and cell.request.reason == reason:
        return cell.request
    if cell.is_disputed:
        raise NothingToAsk
    if cell.waits:
        is_to_mark = found.submission.id in queries.ids_to_mark(session, found.submission.trainee_id)
        raise NothingToAsk if is_to_mark else LeftUnmarked
    asked = RegradeRequest(
        submission_id=found.submission.id,
        cell=cell.grade.cell,
        number=cell.request.number + 1 if cell.request else 1,
        reason=reason,
        mark_seen=cell.mark_number,
        asked_at=clock.now(),
    )
    session.add(asked)
    audit.record(
        session,
        verb="regrade_asked",
        thing=f"submission:{found.submission.id}",
        actor_id=trainee.id,
        academy_id=found.submission.academy_id,
        detail={"cell": cell.grade.cell, "request": asked.number},
    )
    return asked
