"""What a graded submission is evidence of: each cell that was tested, or marked by a person, once."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.competencies.models import EvidenceKind, scheme_of_lab
from app.competencies.service import record_evidence, retire_evidence, scheme_of
from app.content.schemas import GradedCell, Notebook
from app.gradebook.models import Grade
from app.gradebook.points import MarkedCell, is_final, total
from app.notebooks import terms
from app.notebooks.models import Submission
from app.record_store.models import StatementKind
from app.record_store.outbox import tell


def record(
    session: Session,
    submission: Submission,
    grade: Grade,
    cells: Sequence[MarkedCell],
    lab: Notebook,
    change: terms.Change | None = None,
) -> None:
    """Bring the evidence of a submission in line with its points; none of it before results are released.

    Kept is what was measured: an unanswered question is nobody's evidence of anything, nor are tests in doubt.
    change: of the terms, where that is what gave other points.
    """
    present = terms.held(session, submission.cohort_id, submission.activity_id)
    if present.results_are_held:
        return
    source, trainee = f"submission:{submission.id}", session.get_one(Account, submission.trainee_id)
    tags = {cell.grade_id: cell for cell in lab.graded_cells}
    known = [cell for cell in cells if cell.grade.cell in tags]
    measured = {cell.grade.cell: cell for cell in known if _is_measured(grade, cell, tags[cell.grade.cell])}
    retire_evidence(session, source=source, kept=measured.keys())
    by_person = None
    if any(cell.mark is not None for cell in measured.values()):
        name = scheme_of_lab(submission.module_id, submission.activity_id)
        by_person = scheme_of(session, submission.academy_id, name)
    for name, cell in measured.items():
        for competency in tags[name].competencies:
            record_evidence(
                session,
                trainee,
                competency=competency,
                level=tags[name].level,
                kind=EvidenceKind.NOTEBOOK_CELL,
                outcome=min(1.0, max(0.0, (cell.points or 0.0) / cell.grade.max_score)),
                source=source,
                part=name,
                at=submission.submitted_at,
                scheme=by_person if cell.mark is not None else None,
            )
    if grade.has_points and is_final(cells):
        _tell(session, trainee, submission, grade, cells, present, change)


def _tell(
    session: Session,
    trainee: Account,
    submission: Submission,
    grade: Grade,
    cells: Sequence[MarkedCell],
    present: terms.Terms,
    change: terms.Change | None,
) -> None:
    """Have a record store told the points, as the gradebook has them: less what lateness takes off."""
    since = [cell.mark.marked_at for cell in cells if cell.mark is not None]
    revision = f"{grade.number}.{sum(cell.mark_number for cell in cells)}"
    if change is not None:
        since.append(change.at)
        # Terms that are changed back give points that were told before, but not last.
        revision = f"{revision}.{change.number}"
    points = round(total(cells) * present.share_left(submission.submitted_at), 6)
    facts = {
        "module_id": submission.module_id,
        "activity_id": submission.activity_id,
        "cohort_id": submission.cohort_id,
        "points": points,
        "max_points": math.fsum(cell.grade.max_score for cell in cells),
    }
    tell(
        session,
        trainee,
        StatementKind.NOTEBOOK_GRADED,
        submission.id,
        at=max([grade.graded_at, *since]),
        facts=facts,
        revision=f"{revision}:{points:g}",
    )


def _is_measured(grade: Grade, cell: MarkedCell, tags: GradedCell) -> bool:
    if cell.points is None or not cell.grade.max_score or not grade.has_points:
        return False
    return cell.mark is not None or not (tags.is_manual or grade.is_held)
