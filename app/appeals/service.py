"""Writes about disputes and complaints: made, decided, reviewed, closed; the audit log has each, without its words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Account
from app.appeals import queries
from app.appeals.models import OWED, Appeal, AppealDecision, Kind, Outcome, Refusable, Remedy, State
from app.attestations import service as attestations
from app.competencies.models import Evidence, EvidenceKind
from app.competencies.queries import may_be_disputed
from app.competencies.service import flag_dispute, record_evidence, withdraw_evidence
from app.completions import service as completions
from app.core import audit, clock
from app.core.access import Action, Actor
from app.core.errors import Refused
from app.notices.service import tell
from app.notices.wording import Occasion

# Days of the domain notes, section 7.3; that a review is asked for within fourteen is Hunar's own choice.
DECIDED_WITHIN = timedelta(days=7)
REVIEW_ASKED_WITHIN = timedelta(days=14)
REVIEWED_WITHIN = timedelta(days=14)


@dataclass(frozen=True)
class Verdict:
    """What somebody decides. value: the outcome (0 to 1) that takes the place of the disputed one."""

    outcome: Outcome
    remedy: Remedy
    reason: str
    value: float | None = None


class TooLate(Refused):
    """The time in which this could be asked for has passed."""


class Meanwhile(Refused):
    """Somebody else did something about it since it was shown."""

    def __init__(self) -> None:
        super().__init__(_("This has been decided or closed in the meantime. Look at it again."), status=409)


class NotMarkedAnew(Refused):
    """What is to be upheld by a new mark of the memo has none since it was asked for."""

    def __init__(self, appeal: Appeal) -> None:
        if appeal.state is State.IN_REVIEW:
            message = _("The memo is not marked anew since the review was asked for. Mark it first, then decide.")
        else:
            message = _("The memo is not marked anew yet. Mark it first, then decide.")
        super().__init__(message, status=409)


def dispute(session: Session, trainee: Account, evidence_id: int, text: str) -> Appeal:
    """Dispute a piece of evidence of one's own. Raises NotFound, TooLate; Refused for what was disputed already."""
    accounts.lock(session, trainee.id)
    evidence = queries.evidence_to_dispute(session, trainee, evidence_id)
    if queries.appeal_about(session, trainee, evidence) is not None:
        raise Refused(_("You have disputed this already. Your earlier dispute says what became of it."), status=409)
    if not may_be_disputed(evidence, clock.now()):
        raise TooLate(_("Evidence can be disputed for 30 days. This is known for longer; you may still complain."))
    made = _make(session, trainee, Kind.DISPUTE, text)
    made.source, made.part, made.competency = evidence.source, evidence.part, evidence.competency
    made.judged_by_id = queries.who_confirmed(session, evidence)
    flag_dispute(session, source=evidence.source, part=evidence.part, since=made.made_at)
    _note(session, "appeal_made", made, trainee.id, kind=made.kind.value, evidence=evidence.source)
    return made


def dispute_refusal(session: Session, trainee: Account, what: Refusable, number: int, text: str) -> Appeal:
    """Dispute that a course elsewhere or an attestation was refused.

    Raises NotFound, TooLate; Refused for what was disputed already.
    """
    accounts.lock(session, trainee.id)
    refusal = queries.refusal_to_dispute(session, trainee, what, number)
    if queries.appeal_about(session, trainee, refusal) is not None:
        raise Refused(_("You have disputed this already. Your earlier dispute says what became of it."), status=409)
    if not refusal.may_be_disputed(clock.now()):
        raise TooLate(_("A refusal can be disputed for 30 days. This one is older; you may still complain."))
    made = _make(session, trainee, Kind.REFUSAL, text)
    made.source, made.part, made.competency = refusal.source, refusal.part, refusal.competency
    made.judged_by_id = refusal.by
    session.flush()
    _note(session, "appeal_made", made, trainee.id, kind=made.kind.value, evidence=refusal.source)
    return made


def complain(session: Session, trainee: Account, text: str) -> Appeal:
    """Put a complaint before the academy; the same one again, while it waits, is one."""
    accounts.lock(session, trainee.id)
    if (known := queries.same_complaint(session, trainee, text)) is not None:
        return known
    made = _make(session, trainee, Kind.COMPLAINT, text)
    _note(session, "appeal_made", made, trainee.id, kind=made.kind.value)
    return made


def _make(session: Session, trainee: Account, kind: Kind, text: str) -> Appeal:
    now = clock.now()
    made = Appeal(
        academy_id=trainee.academy_id,
        trainee_id=trainee.id,
        kind=kind,
        text=text,
        made_at=now,
        state=State.WAITING,
        due_at=now + DECIDED_WITHIN,
    )
    session.add(made)
    session.flush()
    return made


def decide(session: Session, actor: Actor, appeal_id: int, verdict: Verdict) -> Appeal:
    """Decide first, or in the review; what is upheld takes effect at once.

    Raises NotFound, Meanwhile; Refused for whoever may not decide on this one, or while a memo is not marked anew.
    """
    found = _locked(session, actor, appeal_id, Action.DECIDE_APPEALS)
    appeal = found.appeal
    if appeal.state not in OWED:
        raise Meanwhile
    if (why_not := why_not_decide(session, actor, found)) is not None:
        raise Refused(why_not, status=409)
    if verdict.remedy is Remedy.MARKED_ANEW and not queries.was_marked_anew(session, appeal):
        raise NotMarkedAnew(appeal)
    _remedy(session, actor, found, verdict)
    if appeal.kind is Kind.DISPUTE:
        flag_dispute(session, source=appeal.source, part=appeal.part, since=None)
    is_review, now = appeal.state is State.IN_REVIEW, clock.now()
    session.add(
        AppealDecision(
            appeal_id=appeal.id,
            is_review=is_review,
            outcome=verdict.outcome,
            remedy=verdict.remedy,
            value=verdict.value,
            reason=verdict.reason,
            decided_by_id=actor.id,
            decided_at=now,
        )
    )
    if is_review:
        appeal.state, appeal.due_at, appeal.closed_at = State.CLOSED, None, now
    else:
        appeal.state, appeal.due_at = State.DECIDED, now + REVIEW_ASKED_WITHIN
    session.flush()
    said = {"outcome": verdict.outcome.value, "remedy": verdict.remedy.value}
    _note(session, "appeal_reviewed" if is_review else "appeal_decided", appeal, actor.id, **said)
    occasion = Occasion.APPEAL_REVIEWED if is_review else Occasion.APPEAL_DECIDED
    tell(session, appeal.trainee_id, occasion, by=actor, about=f"appeal:{appeal.id}")
    return appeal


def why_not_decide(session: Session, actor: Actor, found: queries.Case) -> str | None:
    """Why this person may not decide on this appeal now, in the reader's language; None where they may."""
    if found.first is not None and found.first.decision.decided_by_id == actor.id:
        return str(_("You decided first, so somebody else does the review."))
    if actor.id in queries.judged_before(session, found):
        return str(_("What is disputed rests on a decision of yours, so somebody else decides."))
    return None


def _remedy(session: Session, actor: Actor, found: queries.Case, verdict: Verdict) -> None:
    """Let what was decided take effect on the evidence, which is never edited: withdrawn, or replaced by another."""
    appeal, evidence = found.appeal, found.evidence
    if verdict.remedy is Remedy.WITHDRAWN:
        # An attestation that no longer counts says so itself.
        if evidence and evidence.kind is EvidenceKind.ATTESTATION and evidence.superseded_at is None:
            attestations.withdraw(session, actor, appeal.number_of_source, verdict.reason)
        else:
            withdraw_evidence(session, source=appeal.source, part=appeal.part)
    elif verdict.remedy is Remedy.ACCEPTED:
        accept = completions.accept if appeal.refused is Refusable.COMPLETION else attestations.accept
        accept(session, actor, appeal.number_of_source, verdict.reason)
    elif verdict.remedy is Remedy.REPLACED and verdict.value is not None:
        if evidence and evidence.kind is EvidenceKind.ATTESTATION:
            attestations.accept(session, actor, appeal.number_of_source, verdict.reason, outcome=verdict.value)
        for row in queries.outcomes_of(session, appeal):
            _replace(session, row, verdict.value)


def _replace(session: Session, row: Evidence, outcome: float) -> None:
    record_evidence(
        session,
        session.get_one(Account, row.trainee_id),
        competency=row.competency,
        level=row.level,
        kind=row.kind,
        outcome=outcome,
        difficulty=row.difficulty,
        source=row.source,
        part=row.part,
        weight=row.weight,
        at=row.at,
    )


def remedies(found: queries.Case) -> tuple[Remedy, ...]:
    """What may come of an appeal that is upheld."""
    if found.appeal.kind is Kind.REFUSAL:
        return (Remedy.ACCEPTED,)
    if found.evidence is None:
        return (Remedy.NOTHING,)
    if found.evidence.kind is EvidenceKind.WRITTEN_PRODUCT:
        return (Remedy.MARKED_ANEW,)
    return (Remedy.WITHDRAWN, Remedy.REPLACED)


def ask_review(session: Session, trainee: Account, appeal_id: int, text: str) -> Appeal:
    """Have somebody else look at what was decided. Raises NotFound, Meanwhile, TooLate."""
    appeal = _locked(session, trainee, appeal_id, Action.MAKE_APPEAL).appeal
    now = clock.now()
    if appeal.state is not State.DECIDED:
        raise Meanwhile
    if appeal.due_at is not None and appeal.due_at < now:
        raise TooLate(_("A review could be asked for within 14 days of the decision. That time has passed."))
    appeal.state, appeal.due_at = State.IN_REVIEW, now + REVIEWED_WITHIN
    appeal.review_text, appeal.review_asked_at = text, now
    if appeal.kind is Kind.DISPUTE:
        flag_dispute(session, source=appeal.source, part=appeal.part, since=now)
    session.flush()
    _note(session, "review_asked", appeal, trainee.id)
    return appeal


def accept(session: Session, trainee: Account, appeal_id: int) -> Appeal:
    """Leave it at the first decision. Raises NotFound, Meanwhile."""
    appeal = _locked(session, trainee, appeal_id, Action.MAKE_APPEAL).appeal
    if appeal.state is not State.DECIDED:
        raise Meanwhile
    _close(session, appeal, clock.now(), trainee.id)
    return appeal


def close_those_over(session: Session) -> int:
    """Close what was decided and for which nobody asked for a review in time; how many."""
    now = clock.now()
    found = queries.over(session, now)
    for appeal in found:
        _close(session, appeal, now, None)
    return len(found)


def _close(session: Session, appeal: Appeal, now: datetime, actor_id: int | None) -> None:
    appeal.state, appeal.due_at, appeal.closed_at = State.CLOSED, None, now
    session.flush()
    _note(session, "appeal_closed", appeal, actor_id)


def _locked(session: Session, actor: Actor, appeal_id: int, action: Action) -> queries.Case:
    """The appeal as it is once everybody else who changes it has ended."""
    found = queries.case(session, actor, appeal_id, action)
    accounts.lock(session, found.appeal.trainee_id)
    session.refresh(found.appeal)
    return queries.case(session, actor, appeal_id, action)


def _note(session: Session, verb: str, appeal: Appeal, actor_id: int | None, **detail: Any) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"appeal:{appeal.id}",
        actor_id=actor_id,
        academy_id=appeal.academy_id,
        detail={"trainee": f"account:{appeal.trainee_id}", **detail},
    )
