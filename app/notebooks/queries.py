"""Reads of drafts and submissions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts import progress
from app.accounts.models import Account
from app.accounts.queries import modules_of_trainee, present_cohort
from app.content.publications import data_changed_at
from app.content.schemas import Catalogue, Notebook
from app.core.access import Action, Actor, one_visible, visible
from app.core.errors import NotFound
from app.notebooks import terms
from app.notebooks.models import LabTerms, NotebookDraft, Submission
from app.notebooks.terms import Terms
from app.notebooks.written import Written


def lab(session: Session, catalogue: Catalogue, actor: Actor, module_id: str, activity_id: str) -> Notebook:
    """A lab of a module that the trainee is enrolled in; a withdrawn one if they have begun. Raises NotFound."""
    if module_id not in modules_of_trainee(session, actor.id):
        raise NotFound
    found = catalogue.find_lab(module_id, activity_id)
    if found is None or (found.is_withdrawn and not _has_begun(session, actor, module_id, found)):
        raise NotFound
    return found


def _has_begun(session: Session, actor: Actor, module_id: str, lab: Notebook) -> bool:
    return lab.id in progress.of_trainees(session, [actor.id], module_id)[actor.id]


@cache
def _digest(given_out: bytes) -> str:
    return hashlib.sha256(given_out).hexdigest()


def is_outdated(draft: NotebookDraft, given_out: bytes) -> bool:
    """Whether the lab is given out otherwise now than when this draft was begun."""
    return draft.release_sha256 not in ("", _digest(given_out))


def newer_data(session: Session, actor: Account, draft: NotebookDraft) -> datetime | None:
    """When other data of the academy's own were published than this draft was written with; None if none were."""
    changed_at = data_changed_at(session, actor.academy_id, draft.module_id, draft.activity_id)
    return changed_at if changed_at is not None and draft.saved_at < changed_at else None


def own_drafts(actor: Actor, module_id: str, activity_id: str) -> Select[NotebookDraft]:
    """Every saved state of the actor's own notebook, those kept aside too, newest first."""
    columns = NotebookDraft.__table__.c
    statement = select(NotebookDraft).where(
        NotebookDraft.module_id == module_id, NotebookDraft.activity_id == activity_id
    )
    own = visible(
        actor, Action.WORK_ON_NOTEBOOK, statement, trainee=columns.trainee_id, academy=columns.academy_id
    )  # fmt: skip
    return own.order_by(NotebookDraft.id.desc())


def draft(session: Session, actor: Actor, module_id: str, activity_id: str) -> NotebookDraft | None:
    """The newest saved state of the actor's own notebook."""
    statement = own_drafts(actor, module_id, activity_id).where(NotebookDraft.aside.is_(False))
    return session.scalar(statement.limit(1))


def undecided_aside(session: Session, actor: Actor, module_id: str, activity_id: str) -> NotebookDraft | None:
    """The newest state that a window kept aside, as long as the actor chose no version since, and it saved none."""
    own = own_drafts(actor, module_id, activity_id)
    return session.scalar(own.where(NotebookDraft.aside.is_(True), _undecided(), NotebookDraft.writer != "").limit(1))


def kept_aside(
    session: Session, actor: Actor, module_id: str, activity_id: str, written: Written, *, sha256: str
) -> NotebookDraft | None:
    """The state with this content that waits for the actor's choice, or that this very writing brought before."""
    again = (NotebookDraft.writer == written.writer) & (NotebookDraft.number == written.number)
    own = own_drafts(actor, module_id, activity_id).where(NotebookDraft.sha256 == sha256)
    return session.scalar(own.where(NotebookDraft.aside.is_(True), _undecided() | again).limit(1))


def _undecided() -> ColumnElement[bool]:
    """Whether the trainee chose no version since a state went aside, and its window saved none."""
    aside, later = NotebookDraft, aliased(NotebookDraft)
    decided = select(later.id).where(
        later.trainee_id == aside.trainee_id,
        later.module_id == aside.module_id,
        later.activity_id == aside.activity_id,
        later.id > aside.id,
        later.aside.is_(False),
        later.writer.in_(["", aside.writer]),
    )
    return ~decided.exists()


def submission(session: Session, actor: Actor, submission_id: int) -> Submission:
    """A submission that this actor may see. Raises NotFound, RecordClosed."""
    columns = Submission.__table__.c
    return one_visible(
        session,
        actor,
        Action.SEE_SUBMISSION,
        select(Submission).where(Submission.id == submission_id),
        trainee=columns.trainee_id,
        academy=columns.academy_id,
    )


def submissions_of(session: Session, trainee_id: int) -> list[Submission]:
    """Everything the trainee handed in, newest first."""
    statement = select(Submission).where(Submission.trainee_id == trainee_id).order_by(Submission.id.desc())
    return list(session.scalars(statement))


def submissions_of_lab(session: Session, trainee_id: int, module_id: str, activity_id: str) -> list[Submission]:
    """What the trainee handed in for one lab, oldest first."""
    statement = select(Submission).where(
        Submission.trainee_id == trainee_id,
        Submission.module_id == module_id,
        Submission.activity_id == activity_id,
    )
    return list(session.scalars(statement.order_by(Submission.attempt)))


def submission_with_key(session: Session, trainee_id: int, key: str) -> Submission | None:
    return session.scalar(
        select(Submission).where(Submission.trainee_id == trainee_id, Submission.idempotency_key == key)
    )


@dataclass(frozen=True)
class Standing:
    """Where a trainee stands with a lab: under whose terms, and how many attempts those terms have taken.

    attempts_ever: of the lab, under whatever terms.
    """

    cohort_id: int | None
    terms: Terms
    attempts: int
    attempts_ever: int

    @property
    def attempts_left(self) -> int | None:
        """None where any number is taken."""
        return None if self.terms.attempts is None else max(0, self.terms.attempts - self.attempts)


def standing(session: Session, trainee_id: int, module_id: str, activity_id: str) -> Standing:
    """Where the trainee stands now, by one statement: a submission waits for it before a deadline."""
    present = select(present_cohort(trainee_id, module_id).scalar_subquery().label("cohort_id")).subquery()
    taken = (
        select(func.count())
        .where(
            Submission.trainee_id == trainee_id,
            Submission.module_id == module_id,
            Submission.activity_id == activity_id,
        )
        .correlate(present)
    )
    under_these = taken.where(Submission.cohort_id.is_not_distinct_from(present.c.cohort_id))
    of_cohort = and_(LabTerms.cohort_id == present.c.cohort_id, LabTerms.activity_id == activity_id)
    cohort_id, row, attempts, attempts_ever = session.execute(
        select(present.c.cohort_id, LabTerms, under_these.scalar_subquery(), taken.scalar_subquery())
        .select_from(present)
        .outerjoin(LabTerms, of_cohort)
    ).one()
    return Standing(cohort_id, terms.of_row(row), attempts, attempts_ever)
