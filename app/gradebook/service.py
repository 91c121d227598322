"""Grading a submission: outside any transaction, stored once, with its evidence; and asking for another look."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import cast

from flask_babel import gettext as _
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import grading
from app.accounts.models import Account
from app.competencies.models import EvidenceKind
from app.competencies.service import record_evidence
from app.content.schemas import Catalogue, Notebook
from app.core import audit, clock, jobs
from app.core.blobs import Blobs
from app.core.db import begin
from app.core.errors import Refused
from app.gradebook import queries
from app.gradebook.models import CellGrade, Grade, RegradeRequest
from app.notebooks.models import Submission

DEFAULT_LEVEL = 2

log = logging.getLogger(__name__)


def grade_submission(
    engine: Engine,
    blobs: Blobs,
    catalogue: Catalogue,
    lab_files: Path,
    submission_id: int,
    sandboxes: grading.Runs | None = None,
) -> None:
    """Grade a submission and store the result once, however often this is delivered.

    sandboxes: where notebooks run; None for one of its own.
    Raises grading.SandboxUnavailable when nothing may be run on this machine.
    """
    with begin(engine, read_only=True) as session:
        submission = session.get_one(Submission, submission_id)
        graded = queries.grade_of(session, submission_id) is not None
    if not graded:
        lab = cast(Notebook, catalogue.module(submission.module_id).activity(submission.activity_id))
        folder = lab_files / submission.module_id / submission.activity_id
        files = {name: (folder / name).read_bytes() for name in lab.data_files}
        result = grading.grade(lab.source, blobs.get(submission.sha256), files=files, sandboxes=sandboxes)
        feedback = _feedback(blobs, submission_id, result)
        autograded = blobs.put(result.autograded) if result.autograded else None
    with begin(engine) as session:
        queries.lock_submission(session, submission_id)
        if not graded and queries.grade_of(session, submission_id) is None:
            _store(session, submission, result, feedback, autograded)
        jobs.finish(session, jobs.JobKind.GRADE_SUBMISSION, submission_id)


def _feedback(blobs: Blobs, submission_id: int, result: grading.GradeResult) -> str | None:
    """The digest of the feedback page, none for what a person looks at first.

    A page that cannot be made takes nobody's points away.
    """
    if result.autograded is None or result.status != "graded":
        return None
    try:
        return blobs.put(grading.feedback(result.autograded))
    except grading.InvalidSource:
        log.exception("no feedback page for submission %s", submission_id)
        return None


def _store(
    session: Session,
    submission: Submission,
    result: grading.GradeResult,
    feedback: str | None,
    autograded: str | None,
) -> None:
    problem = {"code": str(result.problem.code), "values": dict(result.problem.values)} if result.problem else None
    grade = Grade(
        submission_id=submission.id,
        status=result.status,
        problem=problem,
        points=result.points,
        max_points=result.max_points,
        feedback_sha256=feedback,
        autograded_sha256=autograded,
        graded_at=clock.now(),
        seconds=result.seconds,
    )
    session.add(grade)
    session.flush()
    trainee = session.get_one(Account, submission.trainee_id)
    for cell in result.cells:
        session.add(
            CellGrade(
                grade_id=grade.id,
                cell=cell.grade_id,
                score=cell.score,
                max_score=cell.max_score,
                needs_manual_grade=cell.needs_manual_grade,
                message=cell.message,
            )
        )
        # Only what was tested by running it: an unanswered question is nobody's evidence of anything.
        if result.status == "graded" and cell.kind == "test" and cell.score is not None and cell.max_score:
            _record_evidence(session, trainee, submission, cell, cell.score / cell.max_score)
    audit.record(
        session,
        verb="graded",
        thing=f"submission:{submission.id}",
        academy_id=submission.academy_id,
        detail={"status": result.status, "points": result.points, "max_points": result.max_points},
    )


def _record_evidence(
    session: Session, trainee: Account, submission: Submission, cell: grading.CellResult, outcome: float
) -> None:
    for competency in cell.competencies:
        record_evidence(
            session,
            trainee,
            competency=competency,
            level=cell.level or DEFAULT_LEVEL,
            kind=EvidenceKind.NOTEBOOK_CELL,
            outcome=min(1.0, max(0.0, outcome)),
            source=f"submission:{submission.id}",
            part=cell.grade_id,
        )


class NothingToAsk(Refused):
    """The cell has no points yet, or a request for it waits already."""

    def __init__(self) -> None:
        super().__init__(_("This cell waits for an instructor already; ask again once it is marked."), status=409)


def ask_for_regrade(session: Session, trainee: Account, found: queries.OwnCell, reason: str) -> RegradeRequest:
    """Put a request before the instructors; the same reason again, while it waits, changes nothing.

    Raises NothingToAsk.
    """
    queries.lock_cell(session, found.cell.grade.id)
    [cell] = queries.marked(session, [found.cell.grade])
    if cell.request is not None and cell.is_disputed and cell.request.reason == reason:
        return cell.request
    if cell.waits or cell.is_disputed:
        raise NothingToAsk
    asked = RegradeRequest(
        cell_grade_id=cell.grade.id,
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
        detail={"cell": cell.grade.cell, "points": cell.points},
    )
    return asked
