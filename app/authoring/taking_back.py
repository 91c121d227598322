"""Labs that are taken back: deleted while trainees never got them, else withdrawn, and brought back."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.authoring import queries
from app.authoring.models import LabCheck, LabSource, LabWords, PackNote
from app.authoring.queries import Lab
from app.authoring.service import lock
from app.content.own_data import LabData, LabDataFile
from app.content.own_labs import OwnLab
from app.core import audit, clock
from app.core.db import one
from app.core.errors import Refused

WRITTEN = (LabSource, LabWords, PackNote, LabData)


class NotTakenBack(Refused):
    """The message says why, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, status=409)


def delete_unpublished(session: Session, author: Account, found: Lab) -> None:
    """Delete all that was written of a lab of which nothing was ever published; an own lab is gone with it.

    Its checks stay, without its data: the queue knows each by its number, which must not be given again.
    Raises NotTakenBack.
    """
    lock(session, author)
    if queries.last_publication(session, author, found) is not None:
        raise NotTakenBack(_("A version of this lab was published meanwhile, so it cannot be deleted. Withdraw it."))
    if queries.is_being_checked(session, author, found):
        raise NotTakenBack(_("A check of this lab is running. Wait until it has ended, then delete."))
    own = _own_lab(session, author, found) if found.is_own else None
    states = select(LabData.id).where(*queries.of_lab(LabData, author, found))
    session.execute(update(LabCheck).where(*queries.of_lab(LabCheck, author, found)).values(data_id=None))
    session.execute(delete(LabDataFile).where(LabDataFile.data_id.in_(states)))
    for table in WRITTEN:
        session.execute(delete(table).where(*queries.of_lab(table, author, found)))
    if own is not None:
        session.delete(own)
    session.flush()
    _note(session, author, found, "lab_deleted")


def withdraw(session: Session, author: Account, found: Lab) -> None:
    """Nobody begins an own lab any more; who began keeps their work, and hands it in. Raises NotTakenBack."""
    lock(session, author)
    own = _own_lab(session, author, found)
    if queries.last_publication(session, author, found) is None:
        raise NotTakenBack(_("Nothing of this lab was published, so there is nothing to withdraw. You can delete it."))
    if own.withdrawn_at is None:
        own.withdrawn_at = clock.now()
        _note(session, author, found, "lab_withdrawn")


def bring_back(session: Session, author: Account, found: Lab) -> None:
    """Everybody gets a withdrawn lab again."""
    lock(session, author)
    own = _own_lab(session, author, found)
    if own.withdrawn_at is not None:
        own.withdrawn_at = None
        _note(session, author, found, "lab_brought_back")


def _own_lab(session: Session, author: Account, found: Lab) -> OwnLab:
    """Raises NotFound for a lab of a content pack."""
    return one(session, select(OwnLab).where(*queries.of_lab(OwnLab, author, found)))


def _note(session: Session, author: Account, found: Lab, verb: str) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"lab:{'/'.join(found.place)}",
        actor_id=author.id,
        academy_id=author.academy_id,
        detail={"lab": "/".join(found.place), "title": found.installed.title.en, "is_own": found.is_own},
    )
