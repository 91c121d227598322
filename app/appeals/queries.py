"""Reads of disputes and complaints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, ScalarSelect, Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.appeals.models import OWED, Appeal, AppealDecision, Kind, Refusable, State
from app.attestations import service as attestations
from app.attestations.models import REFUSED as REFUSED_ATTESTATIONS
from app.attestations.models import Attestation
from app.competencies.estimation import Estimate
from app.competencies.models import Evidence, EvidenceKind
from app.competencies.queries import DISPUTED_WITHIN, estimate_at, evidence_of
from app.completions import service as completions
from app.completions.models import Completion
from app.completions.models import State as Completed
from app.core import blind, clock
from app.core.access import Action, Actor, Statement, one_row_visible, reached_by, visible
from app.core.db import one
from app.core.paging import Page, Wanted, page_of, page_of_things
from app.sims.models import Memo, MemoMark

# Other kinds have ways of their own: a re-grade of the cell, withdrawing the course one reported oneself.
DISPUTABLE = frozenset(
    {
        EvidenceKind.QUIZ_ITEM,
        EvidenceKind.SIMULATION_DECISION,
        EvidenceKind.INQUIRY,
        EvidenceKind.WRITTEN_PRODUCT,
        EvidenceKind.ATTESTATION,
    }
)


@dataclass(frozen=True)
class Refusal:
    """What was refused as evidence, named as the evidence would be, when and why. by: whoever refused it, if known."""

    refused: Refusable
    source: str
    part: str
    competency: str
    by: int | None
    at: datetime
    reason: str

    def may_be_disputed(self, now: datetime) -> bool:
        """Whether it is young enough to be disputed."""
        return now < self.at + DISPUTED_WITHIN


@dataclass(frozen=True)
class Decided:
    """A decision and the name of whose it is."""

    decision: AppealDecision
    by: str


@dataclass(frozen=True)
class Case:
    """An appeal with the trainee's name and its decisions. evidence: what is disputed, as it is known last."""

    appeal: Appeal
    trainee: str
    first: Decided | None
    review: Decided | None
    evidence: Evidence | None

    @property
    def decisions(self) -> list[Decided]:
        return [each for each in (self.first, self.review) if each is not None]


@dataclass(frozen=True)
class Recomputed:
    """An estimate just before a decision changed the evidence, and as that left it."""

    competency: str
    before: Estimate
    after: Estimate


@dataclass(frozen=True)
class Owed:
    """How many decisions an academy owes, and how many of them are overdue."""

    waiting: int
    overdue: int


def case(session: Session, actor: Actor, appeal_id: int, action: Action) -> Case:
    """One appeal that this actor reaches by this action. Raises NotFound, ClassOver."""
    statement = select(Appeal, Account.full_name).join(Account, Account.id == Appeal.trainee_id)
    columns = Appeal.__table__.c
    appeal, trainee = one_row_visible(
        session,
        actor,
        action,
        statement.where(Appeal.id == appeal_id),
        trainee=columns.trainee_id,
        academy=columns.academy_id,
    )
    decisions = {each.decision.is_review: each for each in _decisions(session, appeal.id)}
    return Case(appeal, trainee, decisions.get(False), decisions.get(True), disputed(session, appeal))


def _decisions(session: Session, appeal_id: int) -> list[Decided]:
    statement = (
        select(AppealDecision, Account.full_name)
        .join(Account, Account.id == AppealDecision.decided_by_id)
        .where(AppealDecision.appeal_id == appeal_id)
    )
    return [Decided(decision, name) for decision, name in session.execute(statement)]


def disputed(session: Session, appeal: Appeal) -> Evidence | None:
    """The evidence that an appeal is about, as it is known last; None for a complaint."""
    return next((row for row in outcomes_of(session, appeal) if row.competency == appeal.competency), None)


def outcomes_of(session: Session, appeal: Appeal) -> list[Evidence]:
    """What is known last of the disputed work, replaced or not: one row for each competency it speaks of."""
    statement = select(Evidence).where(
        Evidence.trainee_id == appeal.trainee_id, Evidence.source == appeal.source, Evidence.part == appeal.part
    )
    newest = {row.competency: row for row in session.scalars(statement.order_by(Evidence.id))}
    return list(newest.values())


def own(session: Session, actor: Actor, wanted: Wanted) -> Page[Appeal]:
    """What somebody disputes or complains about, the newest first."""
    statement = select(Appeal).where(Appeal.trainee_id == actor.id).order_by(Appeal.id.desc())
    return page_of_things(session, statement, wanted)


def owed(session: Session, actor: Actor, wanted: Wanted) -> Page[Row[Appeal, str]]:
    """What the academy has to decide, with names of trainees: the longest overdue first."""
    statement = select(Appeal, Account.full_name).join(Account, Account.id == Appeal.trainee_id)
    statement = statement.where(Appeal.state.in_(OWED)).order_by(Appeal.due_at, Appeal.id)
    return page_of(session, _within(actor, Action.DECIDE_APPEALS, statement), wanted)


def decided(session: Session, actor: Actor, wanted: Wanted) -> Page[Row[Appeal, str]]:
    """What is decided, with names of trainees, the newest first."""
    statement = select(Appeal, Account.full_name).join(Account, Account.id == Appeal.trainee_id)
    statement = statement.where(Appeal.state.not_in(OWED)).order_by(Appeal.id.desc())
    return page_of(session, _within(actor, Action.DECIDE_APPEALS, statement), wanted)


def owed_to(session: Session, trainee_id: int) -> Appeal | None:
    """What an academy has to decide for a person, the longest overdue; None for nothing."""
    statement = select(Appeal).where(Appeal.trainee_id == trainee_id, Appeal.state.in_(OWED))
    return session.scalar(statement.order_by(Appeal.due_at, Appeal.id).limit(1))


def how_much_is_owed(session: Session, actor: Actor) -> Owed:
    """How many decisions wait in the actor's academy."""
    waiting, overdue = session.execute(select(*counting_owed(actor))).one()
    return Owed(waiting, overdue)


def counting_owed(actor: Actor) -> tuple[ScalarSelect[int], ScalarSelect[int]]:
    """How many decisions wait, and how many of them are overdue, as parts of a statement."""
    waiting = _within(actor, Action.DECIDE_APPEALS, select(func.count(Appeal.id)).where(Appeal.state.in_(OWED)))
    overdue = waiting.where(Appeal.due_at < clock.now())
    return waiting.scalar_subquery(), overdue.scalar_subquery()


def evidence_to_dispute(session: Session, actor: Actor, evidence_id: int) -> Evidence:
    """The actor's own piece of evidence of a kind that is disputed here. Raises NotFound."""
    columns = Evidence.__table__.c
    statement = select(Evidence).where(
        Evidence.id == evidence_id, Evidence.superseded_at.is_(None), Evidence.kind.in_(DISPUTABLE)
    )
    own = visible(actor, Action.MAKE_APPEAL, statement, trainee=columns.trainee_id, academy=columns.academy_id)
    return one(session, own)


def refusal_to_dispute(session: Session, actor: Actor, what: Refusable, number: int) -> Refusal:
    """What was refused to the actor, by its number. Raises NotFound."""
    if what is Refusable.COMPLETION:
        courses = select(Completion).where(Completion.id == number, Completion.state == Completed.REFUSED)
        course = one(session, _own(actor, courses, Completion))
        return _refusal(course, what, completions.PART)
    seen = select(Attestation).where(Attestation.id == number, Attestation.state.in_(REFUSED_ATTESTATIONS))
    attestation = one(session, _own(actor, seen, Attestation))
    return _refusal(attestation, what, attestations.PART)


def _own(actor: Actor, statement: Statement, table: type[Completion] | type[Attestation]) -> Statement:
    columns = table.__table__.c
    return visible(actor, Action.MAKE_APPEAL, statement, trainee=columns.trainee_id, academy=columns.academy_id)


def _refusal(refused: Completion | Attestation, what: Refusable, part: str) -> Refusal:
    at = refused.decided_at or clock.now()
    return Refusal(what, f"{what}:{refused.id}", part, refused.competency, refused.decided_by_id, at, refused.reason)


def appeal_about(session: Session, trainee: Actor, disputed: Evidence | Refusal) -> Appeal | None:
    """The newest dispute of this very outcome or refusal, whatever became of it."""
    since = disputed.at if isinstance(disputed, Refusal) else disputed.recorded_at
    statement = select(Appeal).where(
        Appeal.trainee_id == trainee.id,
        Appeal.source == disputed.source,
        Appeal.part == disputed.part,
        (Appeal.made_at >= since) | (Appeal.state != State.CLOSED),
    )
    return session.scalar(statement.order_by(Appeal.id.desc()).limit(1))


def same_complaint(session: Session, trainee: Actor, text: str) -> Appeal | None:
    """A complaint of this trainee in the same words that waits."""
    waits = (Appeal.kind == Kind.COMPLAINT, Appeal.state == State.WAITING)
    return session.scalar(select(Appeal).where(Appeal.trainee_id == trainee.id, Appeal.text == text, *waits).limit(1))


def who_confirmed(session: Session, evidence: Evidence) -> int | None:
    """Whoever confirmed the attestation that evidence in force rests on; None for evidence of other kinds."""
    if evidence.kind is not EvidenceKind.ATTESTATION:
        return None
    number = int(evidence.source.partition(":")[2])
    return session.scalar(select(Attestation.decided_by_id).where(Attestation.id == number))


def judged_before(session: Session, found: Case) -> set[int]:
    """Who had confirmed the attestation or refused the evidence when the trainee disputed it, or has marked the memo.

    They do not decide on what they did themselves, first or in the review. Marks count until the decision was asked
    for: whoever marks the memo anew for it may decide.
    """
    appeal = found.appeal
    if found.evidence is not None and found.evidence.kind is EvidenceKind.WRITTEN_PRODUCT:
        return set(session.scalars(_markers_of_memo(appeal).where(MemoMark.marked_at <= appeal.asked_at)))
    return set() if appeal.judged_by_id is None else {appeal.judged_by_id}


def may_not_decide(session: Session, found: Case) -> set[int]:
    """Who judged what the appeal is about, or decided first: somebody else decides."""
    first = set() if found.first is None else {found.first.decision.decided_by_id}
    return first | judged_before(session, found)


def somebody_may_decide(session: Session, found: Case) -> bool:
    """Whether the academy has anybody who reaches an appeal and has not judged in it before."""
    appeal, account = found.appeal, Account.__table__.c
    reaches = reached_by(Action.DECIDE_APPEALS, trainee_id=appeal.trainee_id, person=account.id, role=account.role)
    others = select(account.id).where(
        account.academy_id == appeal.academy_id,
        account.erased_at.is_(None),
        account.id.not_in(may_not_decide(session, found)),
        reaches,
    )
    return session.scalar(others.limit(1)) is not None


def was_marked_anew(session: Session, appeal: Appeal) -> bool:
    """Whether the memo has a mark, be it of the same points, since the decision, or the review, was asked for."""
    anew = _markers_of_memo(appeal).where(MemoMark.marked_at > appeal.asked_at)
    return session.scalar(anew.limit(1)) is not None


def _markers_of_memo(appeal: Appeal) -> Select[int]:
    """Ids of those who marked the memo that an appeal is about, one for each mark."""
    marks = select(MemoMark.marker_id).join(Memo, Memo.id == MemoMark.memo_id)
    return marks.where(Memo.run_id == appeal.number_of_source)


def mark_is_hidden(session: Session, actor: Actor, appeal: Appeal) -> bool:
    """Whether it is about a mark that the reader must not see yet, nor what follows from it."""
    return bool(blind.hidden(session, actor, {(appeal.source, appeal.part)} if appeal.part else set()))


def recomputed(session: Session, actor: Actor, found: Case, decided: Decided) -> list[Recomputed]:
    """What a decision did to each estimate that the disputed evidence belongs to; part of what the appeal is about."""
    appeal, until, since = found.appeal, decided.decision.decided_at, found.appeal.made_at
    if decided.decision.is_review and found.first is not None:
        since = found.first.decision.decided_at
    evidence = evidence_of(session, actor, [appeal.trainee_id], Action.SEE_APPEAL)
    concerned = [row for row in evidence if (row.source, row.part) == (appeal.source, appeal.part)]
    moments = [
        moment
        for row in concerned
        for moment in (row.superseded_at, row.recorded_at)
        if moment is not None and since < moment <= until
    ]
    if not moments:
        return []
    just_before = min(moments) - timedelta(microseconds=1)
    return [_recomputed(code, evidence, just_before, until) for code in sorted({row.competency for row in concerned})]


def _recomputed(code: str, evidence: Sequence[Evidence], before: datetime, after: datetime) -> Recomputed:
    rows = [row for row in evidence if row.competency == code]
    return Recomputed(code, estimate_at(code, rows, before), estimate_at(code, rows, after))


def over(session: Session, now: datetime) -> list[Appeal]:
    """Decided appeals for which no review was asked in time."""
    statement = select(Appeal).where(Appeal.state == State.DECIDED, Appeal.due_at < now).order_by(Appeal.id)
    return list(session.scalars(statement))


def _within(actor: Actor, action: Action, statement: Statement) -> Statement:
    columns = Appeal.__table__.c
    return visible(actor, action, statement, trainee=columns.trainee_id, academy=columns.academy_id)
