"""Writes about attestations: asked for, answered by a link, confirmed or rejected, withdrawn."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Account
from app.attestations import queries
from app.attestations.letters import Letters
from app.attestations.models import REFUSED, Attestation, AttestationLetter, Seen, State
from app.competencies.models import EvidenceKind
from app.competencies.service import moment_of, record_evidence, retire_evidence
from app.core import audit, clock
from app.core.access import Action, Actor
from app.core.errors import Refused
from app.core.jobs import JobKind, request_job
from app.notices.service import tell
from app.notices.wording import Occasion

LIFETIME = timedelta(days=21)
MOST_OPEN = 5
TOKEN_BYTES = 32
PART = "task"
# The scale of the domain notes (3.1), 0 to 3, as a share.
OUTCOMES = {Seen.NOT_DONE: 0.0, Seen.WITH_HELP: 1 / 3, Seen.ALONE: 2 / 3, Seen.TAUGHT: 1.0}


@dataclass(frozen=True)
class Answer:
    """What a supervisor types."""

    seen: Seen
    comment: str
    name: str
    designation: str
    may_be_asked: bool


@dataclass(frozen=True)
class Letter:
    """An e-mail; {link} in its text stands for where the link goes."""

    subject: str
    text: str


def ask(session: Session, trainee: Account, values: dict[str, Any]) -> Attestation:
    """Keep what a trainee did at work, for a supervisor to attest. Raises Refused where too many wait already.

    values: competency, level, task, place, result, done_on, shared, supervisor_name, supervisor_office and
    supervisor_address.
    """
    accounts.lock(session, trainee.id)
    _check_room(session, trainee)
    now = clock.now()
    made = Attestation(
        academy_id=trainee.academy_id,
        trainee_id=trainee.id,
        state=State.ASKED,
        asked_at=now,
        expires_at=now + LIFETIME,
        **values,
    )
    session.add(made)
    session.flush()
    _note(session, "attestation_asked", made, trainee.id)
    return made


def make_link(session: Session, trainee: Account, attestation_id: int) -> tuple[str, Attestation]:
    """A new secret for the link of an attestation, and its row; a former link opens nothing any more.

    Raises NotFound; Refused where it was answered or revoked, and where its time is over and too many others wait.
    """
    found = _locked(session, trainee, attestation_id, Action.ASK_ATTESTATION)
    if found.state is not State.ASKED:
        raise Refused(_("This was answered or revoked already, so it needs no link."), status=409)
    if found.expires_at is None or found.expires_at <= clock.now():
        _check_room(session, trainee)
    _forget_letters(session, found)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    found.token_hash, found.expires_at = queries.hash_of(token), clock.now() + LIFETIME
    session.flush()
    _note(session, "attestation_link_made", found, trainee.id)
    return token, found


def _check_room(session: Session, trainee: Account) -> None:
    """Raises Refused where one more would be too many to wait for a supervisor."""
    if queries.number_open(session, trainee.id) >= MOST_OPEN:
        raise Refused(
            _("%(most)s of your tasks wait for a supervisor. Wait for an answer, or revoke one.", most=MOST_OPEN)
        )


def send_link(session: Session, letters: Letters, found: Attestation, letter: Letter, link: str) -> None:
    """Have the worker send this link to the supervisor."""
    made = AttestationLetter(
        attestation_id=found.id,
        trainee_id=found.trainee_id,
        subject=letter.subject[:200],
        sealed_text=letters.seal.close(letter.text.replace("{link}", link)),
        made_at=clock.now(),
    )
    session.add(made)
    session.flush()
    request_job(session, JobKind.SEND_ATTESTATION_LETTER, made.id, academy_id=found.academy_id)


def revoke(session: Session, trainee: Account, attestation_id: int) -> Attestation:
    """Take back what no supervisor has answered yet; its link opens nothing. Raises NotFound, Refused."""
    found = _locked(session, trainee, attestation_id, Action.KEEP_OWN_RECORD)
    if found.state is not State.ASKED:
        raise Refused(_("This was answered or revoked already."), status=409)
    _close(session, found, State.REVOKED)
    _note(session, "attestation_revoked", found, trainee.id)
    return found


def answer(session: Session, token: str, said: Answer, *, by: int | None) -> Attestation:
    """Keep what a supervisor says, once. by: whoever is signed in, None for nobody.

    Raises NotFound; Refused for the trainee themself, and where the link no longer works.
    """
    found = queries.opened_by(session, token)
    accounts.lock(session, found.attestation.trainee_id)
    session.refresh(found.attestation)
    if by == found.attestation.trainee_id:
        raise Refused(_("This link is for your supervisor. Nobody can attest their own work."), status=403)
    if not found.is_open:
        raise Refused(_("This link was answered or revoked, or is too old. Nothing was kept."), status=410)
    each = found.attestation
    _close(session, each, State.UNSEEN if said.seen is Seen.NOT_SEEN else State.ANSWERED)
    each.answered_at, each.seen, each.comment = clock.now(), said.seen, said.comment
    each.attester_name, each.attester_designation = said.name, said.designation
    each.may_be_asked = said.may_be_asked
    session.flush()
    _note(session, "attestation_answered", each, by)
    return each


def decide(session: Session, actor: Actor, attestation_id: int, *, confirm: bool, reason: str) -> Attestation:
    """Confirm who the supervisor is, so that the answer counts, or reject it. Raises NotFound, Refused."""
    found = _locked(session, actor, attestation_id, Action.JUDGE_ATTESTATIONS)
    if found.state is not State.ANSWERED or found.seen is None:
        raise Refused(_("This was decided in the meantime. Look at it again."), status=409)
    if confirm:
        _confirm(session, actor, found, OUTCOMES[found.seen], reason)
        return found
    _decide(found, actor, State.REJECTED, reason)
    session.flush()
    _note(session, "attestation_rejected", found, actor.id, reason=reason)
    tell(session, found.trainee_id, Occasion.ATTESTATION_REJECTED, by=actor, about=f"attestation:{found.id}")
    return found


def accept(session: Session, actor: Actor, attestation_id: int, reason: str, *, outcome: float | None = None) -> None:
    """Let count what was rejected or withdrawn, as somebody else decided on a dispute; what counts already stays so.

    outcome: 0 to 1, in place of what the supervisor saw; None for that. Raises NotFound.
    """
    found = _locked(session, actor, attestation_id, Action.JUDGE_ATTESTATIONS)
    if found.state in REFUSED and found.seen is not None:
        _confirm(session, actor, found, OUTCOMES[found.seen] if outcome is None else outcome, reason)


def _confirm(session: Session, actor: Actor, found: Attestation, outcome: float, reason: str) -> None:
    _decide(found, actor, State.CONFIRMED, reason)
    session.flush()
    record_evidence(
        session,
        session.get_one(Account, found.trainee_id),
        competency=found.competency,
        level=found.level,
        kind=EvidenceKind.ATTESTATION,
        outcome=outcome,
        source=f"attestation:{found.id}",
        part=PART,
        at=moment_of(found.done_on),
    )
    _note(session, "attestation_confirmed", found, actor.id, reason=reason)
    tell(session, found.trainee_id, Occasion.ATTESTATION_CONFIRMED, by=actor, about=f"attestation:{found.id}")


def withdraw(session: Session, actor: Actor, attestation_id: int, reason: str) -> Attestation:
    """What was confirmed no longer counts. Raises NotFound, Refused."""
    found = _locked(session, actor, attestation_id, Action.JUDGE_ATTESTATIONS)
    if found.state is not State.CONFIRMED:
        raise Refused(_("This was decided in the meantime. Look at it again."), status=409)
    _decide(found, actor, State.WITHDRAWN, reason)
    session.flush()
    retire_evidence(session, source=f"attestation:{found.id}", kept=())
    _note(session, "attestation_withdrawn", found, actor.id, reason=reason)
    tell(session, found.trainee_id, Occasion.ATTESTATION_WITHDRAWN, by=actor, about=f"attestation:{found.id}")
    return found


def _locked(session: Session, actor: Actor, attestation_id: int, action: Action) -> Attestation:
    found = queries.attestation_of(session, actor, attestation_id, action).attestation
    accounts.lock(session, found.trainee_id)
    session.refresh(found)
    return found


def _decide(found: Attestation, actor: Actor, state: State, reason: str) -> None:
    found.state, found.decided_by_id, found.decided_at, found.reason = state, actor.id, clock.now(), reason


def _close(session: Session, found: Attestation, state: State) -> None:
    """No further answer is taken; the hash stays, so that the used link is known again."""
    found.state, found.expires_at, found.supervisor_address = state, None, ""
    _forget_letters(session, found)
    session.flush()


def _forget_letters(session: Session, found: Attestation) -> None:
    session.execute(delete(AttestationLetter).where(AttestationLetter.attestation_id == found.id))


def _note(session: Session, verb: str, each: Attestation, actor_id: int | None, **detail: Any) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"attestation:{each.id}",
        actor_id=actor_id,
        academy_id=each.academy_id,
        detail={"trainee": f"account:{each.trainee_id}", "competency": each.competency, **detail},
    )
