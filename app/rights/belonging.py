"""Which rows of each table are about a person: said here once, for what they take away and for what erasure does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.consent import Consent
from app.accounts.models import Account, Enrolment, Posting, SecondFactor, Withdrawal
from app.accounts.progress import ActivityProgress
from app.appeals.models import Appeal, AppealDecision
from app.attestations.models import Attestation, AttestationLetter
from app.competencies.models import Evidence, SkillTally
from app.completions.models import Completion
from app.core.classes import CohortInstructor, InstructorRemoval
from app.core.db import Base
from app.core.openings import RecordOpening
from app.credentials.models import Credential, NameCorrection
from app.delphi.models import DelphiExpert, DelphiParticipation
from app.enrolment.models import Invitation
from app.gradebook.models import CellGrade, CellMark, Grade, RegradeItem, RegradeRequest
from app.learning.models import QuizAttempt, QuizResponse
from app.lti.models import PlatformPerson, Score
from app.notebooks.models import NotebookClaim, NotebookDraft, NotebookFindings, NotebookInquiry, Submission
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

# The condition that finds the rows about the person of this number.
Condition = Callable[[int], ColumnElement[bool]]

NAMING_THE_PERSON: tuple[InstrumentedAttribute[Any], ...] = (
    *(Account.id, SecondFactor.account_id, RecoveryCode.account_id, PasswordCode.account_id, Identity.account_id),
    *(PlatformPerson.account_id, Score.trainee_id, Posting.account_id, ImportRow.account_id, Consent.account_id),
    *(Enrolment.trainee_id, Invitation.trainee_id, Withdrawal.trainee_id),
    *(CohortInstructor.instructor_id, InstructorRemoval.instructor_id),
    *(Notice.trainee_id, MailAddress.account_id),
    *(CalendarAddress.account_id, ActivityProgress.trainee_id, QuizAttempt.trainee_id, SimulationRun.trainee_id),
    *(SimulationAside.trainee_id, NotebookDraft.trainee_id, NotebookInquiry.trainee_id, Submission.trainee_id),
    *(Evidence.trainee_id, SkillTally.trainee_id, Appeal.trainee_id, SurveyParticipation.trainee_id),
    *(Completion.trainee_id, Attestation.trainee_id, AttestationLetter.trainee_id, NameCorrection.account_id),
    *(Credential.trainee_id, ErasureRequest.account_id, Statement.trainee_id, RecordOpening.trainee_id),
    *(DelphiExpert.account_id, DelphiParticipation.account_id, NotebookFindings.trainee_id),
)
# Each after the table whose rows it names.
NAMING_SOMETHING_OF_THEIRS: tuple[tuple[InstrumentedAttribute[Any], InstrumentedAttribute[int]], ...] = (
    (QuizResponse.attempt_id, QuizAttempt.id),
    (SimulationEvent.run_id, SimulationRun.id),
    (CaseAnswer.run_id, SimulationRun.id),
    (Memo.run_id, SimulationRun.id),
    (MemoMark.memo_id, Memo.id),
    (NotebookClaim.findings_id, NotebookFindings.id),
    (Grade.submission_id, Submission.id),
    (CellGrade.grade_id, Grade.id),
    (CellMark.submission_id, Submission.id),
    (RegradeRequest.submission_id, Submission.id),
    (RegradeItem.submission_id, Submission.id),
    (AppealDecision.appeal_id, Appeal.id),
)


def _is(column: InstrumentedAttribute[Any]) -> Condition:
    return lambda person: column == person


def _is_among(
    column: InstrumentedAttribute[Any], parent: InstrumentedAttribute[int], of_parent: Condition
) -> Condition:
    return lambda person: column.in_(select(parent).where(of_parent(person)))


def _table(column: InstrumentedAttribute[Any]) -> type[Base]:
    return cast(type[Base], column.class_)


def _conditions() -> dict[type[Base], Condition]:
    found = {_table(column): _is(column) for column in NAMING_THE_PERSON}
    for column, named in NAMING_SOMETHING_OF_THEIRS:
        found[_table(column)] = _is_among(column, named, found[_table(named)])
    return found


ABOUT: Mapping[type[Base], Condition] = _conditions()


@dataclass(frozen=True)
class Rows:
    """Rows of one table that are about a person. own: the condition that finds them where ABOUT's does not."""

    table: type[Base]
    own: Condition | None = None

    @property
    def of(self) -> Condition:
        return self.own or ABOUT[self.table]

    @property
    def name(self) -> str:
        return str(self.table.__tablename__)
