"""Writes about a cohort's lab: its terms, and the release of its results."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.assignments import queries
from app.assignments.queries import Assignment
from app.content.schemas import Catalogue
from app.core import audit, clock
from app.gradebook.queries import grades_of
from app.gradebook.service import settle
from app.notebooks import terms
from app.notebooks.models import LabTerms
from app.notebooks.terms import Terms


def set_terms(
    session: Session, instructor: Account, catalogue: Catalogue, found: Assignment, wanted: Terms, *, reason: str
) -> None:
    """Give a lab other terms; they hold for what was handed in already, too. The same terms again change nothing."""
    row = terms.lock_to_change(session, found.cohort.id, found.lab.id)
    former = terms.of_row(row)
    if former == wanted:
        return
    if row is None:
        row = LabTerms(
            academy_id=found.cohort.academy_id, cohort_id=found.cohort.id, activity_id=found.lab.id, counts="last"
        )
        session.add(row)
    for name, value in asdict(wanted).items():
        setattr(row, name, value)
    session.flush()
    changes = {
        name: [_plain(value), _plain(asdict(wanted)[name])]
        for name, value in asdict(former).items()
        if value != asdict(wanted)[name]
    }
    if former.results_are_held and not wanted.results_are_held:
        _tell(session, catalogue, found)
    _note(session, instructor, found, "terms_set", {"changes": changes, "reason": reason})


def release(session: Session, instructor: Account, catalogue: Catalogue, found: Assignment) -> None:
    """Show everybody's results; from now on they are evidence. Nothing happens when they are shown already."""
    row = terms.lock_to_change(session, found.cohort.id, found.lab.id)
    former = terms.of_row(row)
    if row is None or not former.results_are_held:
        return
    row.released_at = clock.now()
    session.flush()
    _tell(session, catalogue, found)
    _note(session, instructor, found, "results_released", {})


def note_export(session: Session, instructor: Account, found: Assignment) -> None:
    """Keep who took the work of a cohort out of the portal."""
    _note(session, instructor, found, "course_exported", {})


def _tell(session: Session, catalogue: Catalogue, found: Assignment) -> None:
    """What was held back becomes evidence."""
    submissions = queries.submissions(session, found)
    grades = grades_of(session, [each.id for each in submissions])
    for submission in submissions:
        if submission.id in grades:
            settle(session, catalogue, submission, grades[submission.id])


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _note(session: Session, instructor: Account, found: Assignment, verb: str, detail: dict[str, object]) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"cohort:{found.cohort.id}/{found.lab.id}",
        actor_id=instructor.id,
        academy_id=found.cohort.academy_id,
        detail=detail,
    )
