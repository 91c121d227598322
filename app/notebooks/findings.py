"""What a trainee says they found in a lab's data: claims from given choices, judged when the list is closed.

Kept with the consent of the curiosity log, for its owner alone. Nothing of it is a point, an estimate or evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts import consent
from app.accounts.models import Account
from app.accounts.queries import lock
from app.content.schemas import Notebook
from app.content.truths import PlantedTruths
from app.core import clock
from app.core.access import Action, Actor, visible
from app.core.errors import NotFound, Refused
from app.notebooks import curiosity, queries
from app.notebooks.models import NotebookClaim, NotebookFindings
from app.notebooks.velocity import active_seconds, judge


@dataclass(frozen=True)
class Findings:
    """A trainee's list of a lab with its claims, oldest first."""

    row: NotebookFindings
    claims: tuple[NotebookClaim, ...]

    @property
    def is_closed(self) -> bool:
        return self.row.closed_at is not None


def truths_of(lab: Notebook) -> PlantedTruths:
    """What is planted in a lab's data. Raises NotFound where nothing is declared."""
    if lab.truths is None:
        raise NotFound
    return lab.truths


def own(session: Session, actor: Actor, module_id: str, activity_id: str) -> Findings | None:
    """The actor's own list of a lab, of the last twelve months; None where nothing was claimed."""
    table = NotebookFindings.__table__.c
    statement = select(NotebookFindings).where(
        NotebookFindings.module_id == module_id,
        NotebookFindings.activity_id == activity_id,
        NotebookFindings.begun_at >= clock.now() - curiosity.KEPT,
    )
    mine = visible(
        actor, Action.KEEP_CURIOSITY_LOG, statement, trainee=table.trainee_id, academy=table.academy_id
    )  # fmt: skip
    row = session.scalar(mine.order_by(NotebookFindings.id.desc()).limit(1))
    if row is None:
        return None
    claims = select(NotebookClaim).where(NotebookClaim.findings_id == row.id).order_by(NotebookClaim.id)
    return Findings(row, tuple(session.scalars(claims)))


def is_over(session: Session, actor: Account, module_id: str, activity_id: str, found: Findings | None) -> bool:
    """Whether nothing more can be claimed: the list was closed, or the lab was handed in."""
    if found is not None and found.is_closed:
        return True
    return bool(queries.submissions_of_lab(session, actor.id, module_id, activity_id))


def claim(session: Session, trainee: Account, module_id: str, lab: Notebook, said: str) -> None:
    """Add a claim to the trainee's list, which begins with the first; the same claim again changes nothing.

    Raises NotFound where the lab declares no truths, Refused without consent, for a claim that is none of the choices,
    and once the list is closed or the lab was handed in.
    """
    truths = truths_of(lab)
    lock(session, trainee.id)
    _ask_for_consent(session, trainee)
    found = own(session, trainee, module_id, lab.id)
    _ask_that_it_is_open(session, trainee, module_id, lab, found)
    if said not in truths.offered:
        raise Refused(_("Choose what you found from the list."))
    if found is not None and said in {each.claim for each in found.claims}:
        return
    list_id = _begun(session, trainee, module_id, lab).id if found is None else found.row.id
    session.add(NotebookClaim(findings_id=list_id, claim=said, claimed_at=clock.now()))
    session.flush()


def withdraw(session: Session, trainee: Account, module_id: str, lab: Notebook, claim_id: int) -> None:
    """Take a claim off the list, without a trace. Raises NotFound, Refused once nothing can be claimed any more."""
    lock(session, trainee.id)
    found = own(session, trainee, module_id, lab.id)
    if found is None or claim_id not in {each.id for each in found.claims}:
        raise NotFound
    _ask_that_it_is_open(session, trainee, module_id, lab, found)
    session.execute(delete(NotebookClaim).where(NotebookClaim.id == claim_id))


def close(session: Session, trainee: Account, module_id: str, lab: Notebook) -> None:
    """Judge the list; nothing can be claimed or withdrawn from then on. Closing it again changes nothing.

    Raises NotFound where the lab declares no truths, Refused without consent or without a claim.
    """
    truths = truths_of(lab)
    lock(session, trainee.id)
    agreed_at = _ask_for_consent(session, trainee)
    found = own(session, trainee, module_id, lab.id)
    if found is None or not found.claims:
        raise Refused(_("There is no finding in your list yet. Record one first."))
    if not found.is_closed:
        _judge(session, trainee, truths, found, agreed_at)


def close_at_submission(session: Session, trainee: Account, module_id: str, lab: Notebook) -> None:
    """Judge the list, if there is an open one and the trainee agrees: the lab was handed in."""
    found = own(session, trainee, module_id, lab.id)
    if lab.truths is None or found is None or found.is_closed or not found.claims:
        return
    if (agreed_at := _agreed_at(session, trainee)) is not None:
        _judge(session, trainee, lab.truths, found, agreed_at)


def _judge(session: Session, trainee: Account, truths: PlantedTruths, found: Findings, agreed_at: datetime) -> None:
    now = clock.now()
    for each in found.claims:
        judged = judge(truths, each.claim)
        each.verdict, each.truth, each.weight = judged.verdict, judged.truth, judged.weight
    moments = (moment for moment in _signs_of_work(session, trainee, found) if moment >= agreed_at)
    found.row.active_seconds, found.row.closed_at = active_seconds([*moments, now]), now
    session.flush()


def _signs_of_work(session: Session, trainee: Account, found: Findings) -> Sequence[datetime]:
    """When the academy heard of the trainee's work on the lab: savings, questions noted, findings recorded."""
    place = (found.row.module_id, found.row.activity_id)
    drafts = [draft.saved_at for draft in session.scalars(queries.own_drafts(trainee, *place))]
    asked = [inquiry.asked_at for inquiry in curiosity.log(session, trainee, *place)]
    return [*drafts, *asked, *(each.claimed_at for each in found.claims)]


def _begun(session: Session, trainee: Account, module_id: str, lab: Notebook) -> NotebookFindings:
    row = NotebookFindings(
        trainee_id=trainee.id,
        academy_id=trainee.academy_id,
        module_id=module_id,
        activity_id=lab.id,
        begun_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def _agreed_at(session: Session, trainee: Account) -> datetime | None:
    """Since when the trainee agrees; None while they do not."""
    agreed = consent.standing(session, trainee.id, curiosity.PURPOSE)
    return agreed.answered_at if agreed is not None and agreed.is_given else None


def _ask_for_consent(session: Session, trainee: Account) -> datetime:
    """Since when the trainee agrees. Raises Refused while they do not."""
    agreed_at = _agreed_at(session, trainee)
    if agreed_at is None:
        raise Refused(_("Nothing was kept, because you have not agreed to it."), status=409)
    return agreed_at


def _ask_that_it_is_open(
    session: Session, trainee: Account, module_id: str, lab: Notebook, found: Findings | None
) -> None:
    if is_over(session, trainee, module_id, lab.id, found):
        raise Refused(_("Your list is closed, so nothing in it changes any more."), status=409)
