"""What erasure does with the rows of each table: one table of all tables, and nothing about it anywhere else.

TREATED names those that hold something of a person, in the order in which they are dealt with, so that what refers to
something goes before it. STAYING names all others, with the reason. A test finds a table that was forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.consent import Consent
from app.accounts.models import Account, Enrolment, Posting, SecondFactor
from app.accounts.progress import ActivityProgress
from app.appeals.models import Appeal, AppealDecision
from app.attestations.models import Attestation, AttestationLetter
from app.competencies.models import Evidence, SkillTally
from app.completions.models import Completion, CompletionImport
from app.core.db import Base
from app.core.jobs import Job, JobKind
from app.core.openings import RecordOpening
from app.credentials.models import Credential, NameCorrection
from app.enrolment.models import Withdrawal
from app.gradebook.models import CellGrade, CellMark, Grade, RegradeItem, RegradeRequest
from app.learning.models import QuizAttempt, QuizResponse
from app.lti.models import Launch, PlatformPerson, Score
from app.marking.models import MarkClaim, SecondMark
from app.notebooks.models import NotebookDraft, NotebookInquiry, Submission
from app.notices.models import MailAddress, Notice
from app.passwords.models import PasswordCode
from app.people.models import ImportRow
from app.progress.models import CalendarAddress
from app.record_store.models import Statement
from app.rights.models import ErasureRequest
from app.second_factor.models import RecoveryCode
from app.sims.models import CaseAnswer, Memo, MemoMark, SimulationAside, SimulationEvent, SimulationRun
from app.single_sign_on.models import Identity
from app.surveys.models import SurveyParticipation


class Fate(StrEnum):
    """DELETED: the rows go. UNLINKED: they stay, without what tells who it was."""

    DELETED = "deleted"
    UNLINKED = "unlinked"


class Staying(StrEnum):
    """Why rows of a table stay as they are."""

    PROOF = "proof"
    WORK = "work"
    GROUP = "group"
    ANONYMOUS = "anonymous"
    MACHINE = "machine"


@dataclass(frozen=True)
class Treatment:
    """What erasure does with the rows of a table that are about a person.

    of: the condition that finds them. blank: what an unlinked row holds instead, by column.
    """

    table: type[Base]
    of: Callable[[int], ColumnElement[bool]]
    fate: Fate = Fate.DELETED
    blank: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.table.__tablename__)


def _submissions(person: int) -> Select[int]:
    return select(Submission.id).where(Submission.trainee_id == person)


def _grades(person: int) -> Select[int]:
    return select(Grade.id).where(Grade.submission_id.in_(_submissions(person)))


def _runs(person: int) -> Select[int]:
    return select(SimulationRun.id).where(SimulationRun.trainee_id == person)


def _memos(person: int) -> Select[int]:
    return select(Memo.id).where(Memo.run_id.in_(_runs(person)))


def _work(source: InstrumentedAttribute[str], person: int) -> ColumnElement[bool]:
    """Rows that name a submission or a run of the person as evidence does."""
    submissions = select(literal("submission:").concat(cast(Submission.id, String)))
    runs = select(literal("run:").concat(cast(SimulationRun.id, String)))
    return or_(
        source.in_(submissions.where(Submission.trainee_id == person)),
        source.in_(runs.where(SimulationRun.trainee_id == person)),
    )


def _jobs(person: int) -> ColumnElement[bool]:
    """Work on what goes, which nobody could do any more."""
    regrades = select(RegradeItem.id).where(RegradeItem.submission_id.in_(_submissions(person)))
    notices = select(Notice.id).where(Notice.trainee_id == person)
    things = {
        JobKind.GRADE_SUBMISSION: _submissions(person),
        JobKind.REGRADE_SUBMISSION: regrades,
        JobKind.SCORE_RUN: _runs(person),
        JobKind.SEND_NOTICE: notices,
        JobKind.SEND_ATTESTATION_LETTER: select(AttestationLetter.id).where(AttestationLetter.trainee_id == person),
        JobKind.SEND_SCORE: select(Score.id).where(Score.trainee_id == person),
    }
    return or_(*(and_(Job.kind == kind, Job.thing_id.in_(ids)) for kind, ids in things.items()))


def _import_rows(person: int) -> ColumnElement[bool]:
    name = select(Account.username).where(Account.id == person).scalar_subquery()
    return or_(ImportRow.account_id == person, ImportRow.username == name)


def _launches(person: int) -> ColumnElement[bool]:
    """All that wait at the platforms which know the person: they are used within minutes and name no account."""
    return Launch.platform_id.in_(select(PlatformPerson.platform_id).where(PlatformPerson.account_id == person))


def _previews(person: int) -> ColumnElement[bool]:
    """All previews that the academy had: they are looked at for minutes, and what is in them may name anybody."""
    had = or_(Account.erased_at.is_(None), CompletionImport.made_at <= Account.erased_at)
    return exists().where(Account.id == person, Account.academy_id == CompletionImport.academy_id, had)


TREATED = (
    Treatment(Job, _jobs),
    Treatment(MarkClaim, lambda person: _work(MarkClaim.source, person)),
    Treatment(SecondMark, lambda person: _work(SecondMark.source, person)),
    Treatment(
        AppealDecision,
        lambda person: AppealDecision.appeal_id.in_(select(Appeal.id).where(Appeal.trainee_id == person)),
    ),
    Treatment(Appeal, lambda person: Appeal.trainee_id == person),
    Treatment(RegradeItem, lambda person: RegradeItem.submission_id.in_(_submissions(person))),
    Treatment(RegradeRequest, lambda person: RegradeRequest.submission_id.in_(_submissions(person))),
    Treatment(CellMark, lambda person: CellMark.submission_id.in_(_submissions(person))),
    Treatment(CellGrade, lambda person: CellGrade.grade_id.in_(_grades(person))),
    Treatment(Grade, lambda person: Grade.submission_id.in_(_submissions(person))),
    Treatment(Submission, lambda person: Submission.trainee_id == person),
    Treatment(NotebookDraft, lambda person: NotebookDraft.trainee_id == person),
    Treatment(NotebookInquiry, lambda person: NotebookInquiry.trainee_id == person),
    Treatment(MemoMark, lambda person: MemoMark.memo_id.in_(_memos(person))),
    Treatment(Memo, lambda person: Memo.run_id.in_(_runs(person))),
    Treatment(CaseAnswer, lambda person: CaseAnswer.run_id.in_(_runs(person))),
    Treatment(SimulationEvent, lambda person: SimulationEvent.run_id.in_(_runs(person))),
    Treatment(SimulationAside, lambda person: SimulationAside.trainee_id == person),
    Treatment(SimulationRun, lambda person: SimulationRun.trainee_id == person),
    Treatment(
        QuizResponse,
        lambda person: QuizResponse.attempt_id.in_(select(QuizAttempt.id).where(QuizAttempt.trainee_id == person)),
    ),
    Treatment(QuizAttempt, lambda person: QuizAttempt.trainee_id == person),
    Treatment(ActivityProgress, lambda person: ActivityProgress.trainee_id == person),
    Treatment(SkillTally, lambda person: SkillTally.trainee_id == person),
    Treatment(Evidence, lambda person: Evidence.trainee_id == person),
    Treatment(Completion, lambda person: Completion.trainee_id == person),
    Treatment(CompletionImport, _previews),
    Treatment(ImportRow, _import_rows),
    Treatment(AttestationLetter, lambda person: AttestationLetter.trainee_id == person),
    Treatment(Attestation, lambda person: Attestation.trainee_id == person),
    Treatment(Score, lambda person: Score.trainee_id == person),
    Treatment(Launch, _launches),
    Treatment(PlatformPerson, lambda person: PlatformPerson.account_id == person),
    # What the store has been told already is the store's to erase (docs/rights.md).
    Treatment(Statement, lambda person: Statement.trainee_id == person),
    Treatment(RecordOpening, lambda person: RecordOpening.trainee_id == person),
    Treatment(Notice, lambda person: Notice.trainee_id == person),
    Treatment(MailAddress, lambda person: MailAddress.account_id == person),
    Treatment(CalendarAddress, lambda person: CalendarAddress.account_id == person),
    Treatment(SurveyParticipation, lambda person: SurveyParticipation.trainee_id == person),
    Treatment(Enrolment, lambda person: Enrolment.trainee_id == person),
    Treatment(Withdrawal, lambda person: Withdrawal.trainee_id == person),
    Treatment(Posting, lambda person: Posting.account_id == person),
    Treatment(Consent, lambda person: Consent.account_id == person),
    Treatment(PasswordCode, lambda person: PasswordCode.account_id == person),
    Treatment(RecoveryCode, lambda person: RecoveryCode.account_id == person),
    Treatment(SecondFactor, lambda person: SecondFactor.account_id == person),
    Treatment(Identity, lambda person: Identity.account_id == person),
    Treatment(NameCorrection, lambda person: NameCorrection.account_id == person),
    # A place in a status list is never given twice, and whoever holds a copy must read that it is no longer in force.
    Treatment(
        Credential,
        lambda person: Credential.trainee_id == person,
        Fate.UNLINKED,
        {"full_name": "", "title": "", "signed": "", "replaces": None, "revocation_reason": ""},
    ),
    Treatment(ErasureRequest, lambda person: ErasureRequest.account_id == person, Fate.UNLINKED, {"text": ""}),
    # What others wrote or did refers to it, and so does the audit log.
    Treatment(
        Account,
        lambda person: Account.id == person,
        Fate.UNLINKED,
        {"language": "en", "password_hash": "", "first_steps_ended_at": None},
    ),
)
STAYING: dict[str, Staying] = {
    **dict.fromkeys(("audit_entry", "tombstone"), Staying.PROOF),
    **dict.fromkeys(
        (
            *("lab_source", "lab_check", "lab_publication", "lab_pack_note", "lab_words", "kept_comment"),
            *("own_lab", "people_import", "joining_code", "regrade", "simulation_exercise", "research_release"),
            *("foresight_data", "foresight_scenario", "foresight_scenario_version", "foresight_study"),
        ),
        Staying.WORK,
    ),
    **dict.fromkeys(
        ("academy", "cohort", "lti_course", "lab_terms", "planned_activity", "second_marking", "survey", "survey_wave"),
        Staying.GROUP,
    ),
    **dict.fromkeys(("survey_response", "survey_key"), Staying.ANONYMOUS),
    **dict.fromkeys(("worker", "signing_key", "lti_key", "lti_platform", "record_store"), Staying.MACHINE),
}
