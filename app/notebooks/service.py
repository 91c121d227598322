"""Writes of drafts and submissions."""

from __future__ import annotations

import hashlib
from datetime import datetime

from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts import progress
from app.accounts.models import Account
from app.accounts.queries import lock
from app.core import audit, clock, jobs
from app.core.blobs import Blobs
from app.core.errors import Refused
from app.notebooks import queries
from app.notebooks.models import NotebookDraft, Submission
from app.notebooks.renewal import renewed
from app.notebooks.terms import ON_ITS_WAY
from app.notebooks.written import NOT_IN_A_WINDOW, Written
from app.record_store.models import StatementKind
from app.record_store.outbox import tell


class DraftChangedElsewhere(Exception):
    """Another page saved this notebook since the present page read it; `newest` is what it saved."""

    def __init__(self, newest: NotebookDraft) -> None:
        super().__init__(newest.id)
        self.newest = newest


class LabClosed(Refused):
    """The terms of the lab take no more submissions."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, status=409)


def why_closed(standing: queries.Standing, now: datetime) -> str | None:
    """Why nothing more is taken, in the reader's language; None while it is."""
    closes_at = standing.terms.closes_at
    if closes_at is not None and now > closes_at:
        return str(
            _(
                "Nothing has been taken in this lab since %(moment)s. Your draft is kept; ask your instructor if you "
                "need more time.",
                moment=format_datetime(closes_at, "short"),
            )
        )
    if standing.attempts_left == 0:
        return str(
            _(
                "You have used all %(count)s attempts of this lab. Your draft is kept; ask your instructor if you need "
                "another one.",
                count=standing.terms.attempts,
            )
        )
    return None


def save_draft(
    session: Session,
    blobs: Blobs,
    trainee: Account,
    module_id: str,
    activity_id: str,
    content: bytes,
    *,
    given_out: bytes,
    base: int | None = None,
    written: Written = NOT_IN_A_WINDOW,
) -> NotebookDraft:
    """Keep a state of the trainee's notebook; the same state again is not kept twice.

    given_out: the notebook as trainees get it now, from which a first draft goes on. base: id of the draft that the
    page began from (0: the original), None to save whatever was saved meanwhile. A saving that was overtaken by a later
    one of the same window changes nothing, and the later one is returned.
    Raises DraftChangedElsewhere when a draft of another window came between.
    """
    digest = blobs.put(content)
    lock(session, trainee.id)
    newest = queries.draft(session, trainee, module_id, activity_id)
    if newest is None:
        return _add_draft(session, trainee, module_id, activity_id, digest, blobs.put(given_out), written=written)
    if written.adds_nothing_to(newest, digest):
        return newest
    if written.is_beside(newest, base):
        raise DraftChangedElsewhere(newest)
    return _add_draft(session, trainee, module_id, activity_id, digest, newest.release_sha256, written=written)


def go_on_from(
    session: Session, blobs: Blobs, trainee: Account, module_id: str, activity_id: str, content: bytes, *, release: str
) -> NotebookDraft:
    """Make a state the draft that the trainee has chosen; what was the draft stays in the history.

    release: sha256 of the notebook, as it was given out, that the state goes on from.
    """
    digest = blobs.put(content)
    lock(session, trainee.id)
    newest = queries.draft(session, trainee, module_id, activity_id)
    if newest is not None and (newest.sha256, newest.release_sha256) == (digest, release):
        return newest
    return _add_draft(session, trainee, module_id, activity_id, digest, release)


def renew(
    session: Session, blobs: Blobs, trainee: Account, module_id: str, activity_id: str, given_out: bytes
) -> NotebookDraft | None:
    """Carry the draft over into the lab as it is given out now; None when it goes on from that already."""
    lock(session, trainee.id)
    newest = queries.draft(session, trainee, module_id, activity_id)
    if newest is None or not queries.is_outdated(newest, given_out):
        return None
    content = renewed(blobs.get(newest.sha256), blobs.get(newest.release_sha256), given_out)
    return _add_draft(session, trainee, module_id, activity_id, blobs.put(content), blobs.put(given_out))


def keep_aside(
    session: Session,
    blobs: Blobs,
    trainee: Account,
    module_id: str,
    activity_id: str,
    content: bytes,
    *,
    given_out: bytes,
    written: Written = NOT_IN_A_WINDOW,
) -> NotebookDraft:
    """Keep a state beside the newest draft, which stays the newest; what is there or waits for a choice is kept once.

    Where nothing was saved yet there is nothing to be beside, and the state becomes the draft.
    """
    digest = blobs.put(content)
    lock(session, trainee.id)
    newest = queries.draft(session, trainee, module_id, activity_id)
    if newest is None:
        return _add_draft(session, trainee, module_id, activity_id, digest, blobs.put(given_out), written=written)
    if newest.sha256 == digest:
        return newest
    if (known := queries.kept_aside(session, trainee, module_id, activity_id, written, sha256=digest)) is not None:
        return known
    release = newest.release_sha256
    return _add_draft(session, trainee, module_id, activity_id, digest, release, written=written, aside=True)


def _add_draft(
    session: Session,
    trainee: Account,
    module_id: str,
    activity_id: str,
    digest: str,
    release: str,
    *,
    written: Written = NOT_IN_A_WINDOW,
    aside: bool = False,
) -> NotebookDraft:
    draft = NotebookDraft(
        trainee_id=trainee.id,
        academy_id=trainee.academy_id,
        module_id=module_id,
        activity_id=activity_id,
        sha256=digest,
        saved_at=clock.now(),
        writer=written.writer,
        number=written.number,
        release_sha256=release,
        aside=aside,
    )
    session.add(draft)
    progress.mark(session, trainee, module_id, activity_id, done=False)
    session.flush()
    return draft


def submit(
    session: Session,
    blobs: Blobs,
    trainee: Account,
    module_id: str,
    activity_id: str,
    content: bytes | None,
    *,
    key: str,
    clicked_at: datetime | None = None,
) -> Submission:
    """Hand a notebook in, or the newest draft when `content` is None: submission, job and audit row together.

    The same key again is the same submission. clicked_at: when the button was pressed, where that can be told; it
    counts within what the terms allow. Raises Refused when nothing was saved yet or something else came with the same
    key, LabClosed when the terms of the lab take no more.
    """
    lock(session, trainee.id)
    if (known := queries.submission_with_key(session, trainee.id, key)) is not None:
        if content is not None and hashlib.sha256(content).hexdigest() != known.sha256:
            raise Refused(
                _("Another file was sent from this page before, so this one was not taken. Choose it again here."),
                status=409,
            )
        return known
    standing, now = queries.standing(session, trainee.id, module_id, activity_id), clock.now()
    moment = standing.terms.counts_from(clicked_at, now)
    if (sentence := why_closed(standing, moment)) is not None:
        raise LabClosed(sentence)
    digest = _draft_digest(session, trainee, module_id, activity_id) if content is None else blobs.put(content)
    submission = Submission(
        trainee_id=trainee.id,
        academy_id=trainee.academy_id,
        cohort_id=standing.cohort_id,
        module_id=module_id,
        activity_id=activity_id,
        attempt=standing.attempts_ever + 1,
        sha256=digest,
        idempotency_key=key,
        submitted_at=moment,
        arrived_at=now if now - moment > ON_ITS_WAY else None,
    )
    session.add(submission)
    session.flush()
    jobs.request_job(session, jobs.JobKind.GRADE_SUBMISSION, submission.id, academy_id=trainee.academy_id)
    progress.mark(session, trainee, module_id, activity_id, done=True)
    facts = {"module_id": module_id, "activity_id": activity_id, "cohort_id": submission.cohort_id}
    tell(session, trainee, StatementKind.NOTEBOOK_SUBMITTED, submission.id, at=moment, facts=facts)
    audit.record(
        session,
        verb="submitted",
        thing=f"submission:{submission.id}",
        actor_id=trainee.id,
        academy_id=trainee.academy_id,
        detail={"sha256": digest, "attempt": submission.attempt, "handed_in": submission.submitted_at.isoformat()},
    )
    return submission


def _draft_digest(session: Session, trainee: Account, module_id: str, activity_id: str) -> str:
    if (newest := queries.draft(session, trainee, module_id, activity_id)) is None:
        raise Refused(
            _(
                "Nothing has been saved in this lab yet, so there is nothing to submit. Work in the notebook first, "
                "or choose a notebook file under “Work without this page”."
            )
        )
    return newest.sha256
