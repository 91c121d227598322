"""Writes of labs: saved states of a source, checks, and publication."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Academy, Account
from app.authoring import queries
from app.authoring.models import LabCheck, LabSource
from app.authoring.queries import Lab
from app.authoring.source import without_results
from app.content.publications import LabPublication, with_source
from app.core import audit, clock, jobs
from app.core.blobs import Blobs
from app.core.errors import Refused
from app.notebooks.written import NOT_IN_A_WINDOW, Written


class SourceChangedElsewhere(Exception):
    """Another window or another author saved this source since the present page read it; `newest` is that state."""

    def __init__(self, newest: LabSource) -> None:
        super().__init__(newest.id)
        self.newest = newest


class NotPublished(Refused):
    """The version may not be given out; the message says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, status=409)


def save(
    session: Session,
    blobs: Blobs,
    author: Account,
    found: Lab,
    content: bytes,
    *,
    base: int | None = None,
    written: Written = NOT_IN_A_WINDOW,
) -> LabSource:
    """Keep a state of the source; the same state again is not kept twice.

    base: id of the state that the page began from (0: what trainees get), None to save whatever was saved meanwhile.
    A saving that was overtaken by a later one of the same window changes nothing, and the later one is returned.
    Raises SourceChangedElsewhere when a state of another window came between.
    """
    digest = blobs.put(content)
    _lock(session, author)
    newest = queries.newest(session, author, found)
    if newest is not None:
        if written.adds_nothing_to(newest, digest):
            return newest
        if written.is_beside(newest, base):
            raise SourceChangedElsewhere(newest)
    return _add(session, author, found, digest, written=written)


def keep_aside(session: Session, blobs: Blobs, author: Account, found: Lab, content: bytes) -> LabSource:
    """Keep a state beside the newest one, which stays the newest; a state that is kept already is not kept again.

    Where nothing was saved yet there is nothing to be beside, and the state is what is being written.
    """
    digest = blobs.put(content)
    _lock(session, author)
    if queries.newest(session, author, found) is None:
        return _add(session, author, found, digest)
    known = queries.state_with(session, author, found, sha256=digest)
    return known or _add(session, author, found, digest, aside=True)


def _add(
    session: Session,
    author: Account,
    found: Lab,
    digest: str,
    *,
    written: Written = NOT_IN_A_WINDOW,
    aside: bool = False,
) -> LabSource:
    source = LabSource(
        academy_id=author.academy_id,
        module_id=found.module.id,
        activity_id=found.notebook.id,
        sha256=digest,
        author_id=author.id,
        saved_at=clock.now(),
        writer=written.writer,
        number=written.number,
        aside=aside,
    )
    session.add(source)
    session.flush()
    return source


def request_check(session: Session, blobs: Blobs, author: Account, found: Lab, content: bytes) -> LabCheck:
    """Ask for a run of a source through the grader; while the same one waits or has passed, that one.

    The source must have no problems (app/authoring/source.py).
    """
    digest, lab_digest = blobs.put(content), with_source(found.installed, content).grading_digest
    _lock(session, author)
    known = queries.check_of(session, author, found, sha256=digest, lab_digest=lab_digest)
    if known is not None and (known.is_sound or known.finished_at is None):
        return known
    check = LabCheck(
        academy_id=author.academy_id,
        module_id=found.module.id,
        activity_id=found.notebook.id,
        sha256=digest,
        lab_digest=lab_digest,
        asked_by=author.id,
        asked_at=clock.now(),
    )
    session.add(check)
    session.flush()
    jobs.request_job(session, jobs.JobKind.CHECK_LAB, check.id, academy_id=author.academy_id)
    return check


def why_not_published(session: Session, blobs: Blobs, author: Account, found: Lab, check: LabCheck) -> str | None:
    """Why a checked version may not be given out, in the reader's language; None when it may."""
    if not check.is_sound:
        return str(
            _("Only a version that passed its check can be published. Mend what the check found and check again.")
        )
    content = blobs.get(check.sha256)
    if with_source(found.installed, content).grading_digest != check.lab_digest:
        return str(_("The data or a rubric of the lab was changed since this check. Check the version again."))
    if content == without_results(found.notebook.source):
        return str(_("This is what trainees get already; there is nothing to publish."))
    newest = queries.newest(session, author, found)
    was_published = any(each.publication.sha256 == check.sha256 for each in queries.versions(session, author, found))
    if not was_published and (newest is None or newest.sha256 != check.sha256):
        return str(_("The lab was changed since this check, which was of other content. Check what is there now."))
    return None


def publish(
    session: Session, blobs: Blobs, author: Account, found: Lab, check: LabCheck, *, reason: str
) -> LabPublication:
    """Give the checked version out to the academy's trainees. Raises NotPublished."""
    _lock(session, author)
    if (sentence := why_not_published(session, blobs, author, found, check)) is not None:
        raise NotPublished(sentence)
    last = session.scalar(
        select(func.max(LabPublication.number)).where(
            LabPublication.academy_id == author.academy_id,
            LabPublication.module_id == found.module.id,
            LabPublication.activity_id == found.notebook.id,
        )
    )
    publication = LabPublication(
        academy_id=author.academy_id,
        module_id=found.module.id,
        activity_id=found.notebook.id,
        number=(last or 0) + 1,
        sha256=check.sha256,
        check_id=check.id,
        reason=reason,
        published_by=author.id,
        published_at=clock.now(),
    )
    session.add(publication)
    session.flush()
    audit.record(
        session,
        verb="lab_published",
        thing=f"publication:{publication.id}",
        actor_id=author.id,
        academy_id=author.academy_id,
        detail={
            "lab": "/".join(found.place),
            "number": publication.number,
            "sha256": check.sha256,
            "check": check.id,
            "reason": reason,
        },
    )
    return publication


def _lock(session: Session, author: Account) -> None:
    """Others who write for this academy wait until the present transaction has ended."""
    session.execute(select(Academy.id).where(Academy.id == author.academy_id).with_for_update(key_share=True))
