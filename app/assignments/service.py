"""Writes about a cohort's lab: its terms, and the release of its results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.assignments import queries
from app.assignments.queries import Assignment
from app.content.schemas import Catalogue
from app.core import audit, clock
from app.core.errors import Refused
from app.gradebook.queries import grades_of
from app.gradebook.service import settle
from app.notebooks import terms
from app.notebooks.models import FormerLabTerms, LabTerms, Submission
from app.notebooks.terms import Terms


class TermsChangedMeanwhile(Refused):
    """Other terms were set since the page was opened. by: the name of who did that."""

    def __init__(self, by: str) -> None:
        message = _(
            "%(name)s has set other terms since you opened this page; they are listed below. What you typed is kept: "
            "look at it again, then save to put it in their place.",
            name=by,
        )
        super().__init__(message, status=409)


@dataclass(frozen=True)
class NewTerms:
    """What an instructor wants. seen: number of the last change of the terms that the instructor saw, 0 for none."""

    terms: Terms
    reason: str
    seen: int


def set_terms(session: Session, instructor: Account, catalogue: Catalogue, found: Assignment, new: NewTerms) -> None:
    """Give a lab other terms; they hold for what was handed in already, too. The same terms again change nothing.

    What was released stays so, unless results are to be held no more. Raises TermsChangedMeanwhile.
    """
    row = terms.lock_to_change(session, found.cohort.id, found.lab.id)
    former = terms.of_row(row)
    wanted = replace(new.terms, released_at=former.released_at if new.terms.holds_results else None)
    if former == wanted:
        return
    known = terms.changes(session, found.cohort.id, found.lab.id)
    if new.seen < len(known):
        raise TermsChangedMeanwhile(session.get_one(Account, known[-1].by).full_name)
    change = terms.Change(len(known) + 1, former, wanted, instructor.id, clock.now(), new.reason)
    _store(session, found, row, change)
    told = [each for each in queries.submissions(session, found) if _is_told(change, each)]
    _tell(session, catalogue, told, change)
    before, after = asdict(former), asdict(wanted)
    changes = {name: [_plain(before[name]), _plain(after[name])] for name in before if before[name] != after[name]}
    _note(session, instructor, found, "terms_set", {"changes": changes, "reason": new.reason})


def _store(session: Session, found: Assignment, row: LabTerms | None, change: terms.Change) -> None:
    former = FormerLabTerms(
        cohort_id=found.cohort.id,
        activity_id=found.lab.id,
        number=change.number,
        changed_by=change.by,
        changed_at=change.at,
        reason=change.reason,
        **asdict(change.before),
    )
    session.add(former)
    if row is None:
        row = LabTerms(
            academy_id=found.cohort.academy_id, cohort_id=found.cohort.id, activity_id=found.lab.id, counts="last"
        )
        session.add(row)
    for name, value in asdict(change.after).items():
        setattr(row, name, value)
    session.flush()


def release(session: Session, instructor: Account, catalogue: Catalogue, found: Assignment) -> None:
    """Show everybody's results; from now on they are evidence. Nothing happens when they are shown already."""
    row = terms.lock_to_change(session, found.cohort.id, found.lab.id)
    former = terms.of_row(row)
    if row is None or not former.results_are_held:
        return
    row.released_at = clock.now()
    session.flush()
    known = terms.changes(session, found.cohort.id, found.lab.id)
    # What was told before the results were held may be what holds again, and has to be told once more.
    _tell(session, catalogue, queries.submissions(session, found), known[-1] if known else None)
    _note(session, instructor, found, "results_released", {})


def note_export(session: Session, instructor: Account, found: Assignment) -> None:
    """Keep who took the work of a cohort out of the portal."""
    _note(session, instructor, found, "course_exported", {})


def _tell(
    session: Session, catalogue: Catalogue, submissions: Sequence[Submission], change: terms.Change | None
) -> None:
    """What was held back becomes evidence; points that a change of the terms made others are told anew."""
    grades = grades_of(session, [each.id for each in submissions])
    for submission in submissions:
        if submission.id in grades:
            settle(session, catalogue, submission, grades[submission.id], change)


def _is_told(change: terms.Change, submission: Submission) -> bool:
    """Whether its points are shown from now on, or are others."""
    before, after = change.before, change.after
    handed_in = submission.submitted_at
    if before.results_are_held and not after.results_are_held:
        return True
    return before.share_left(handed_in) != after.share_left(handed_in)


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
