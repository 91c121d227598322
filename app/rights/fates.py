"""What erasure does with the rows of each table: one table of all tables, and nothing about it anywhere else.

TREATED names those that hold something of a person, in the order in which they are dealt with, so that what refers to
something goes before it. STAYING names all others, with the reason. A test finds a table that was forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.consent import Consent
from app.accounts.models import Account, Enrolment, Posting, SecondFactor, Withdrawal
from app.accounts.progress import ActivityProgress
from app.appeals.models import Appeal, AppealDecision
from app.attestations.models import Attestation, AttestationLetter
from app.competencies.models import Evidence, SkillTally
from app.completions.models import Completion, CompletionImport
from app.core.classes import CohortInstructor, InstructorRemoval
from app.core.db import Base
from app.core.jobs import Job, JobKind
from app.core.openings import RecordOpening
from app.credentials.models import BLANK, Credential, NameCorrection
from app.delphi.models import DelphiExpert, DelphiParticipation
from app.enrolment.models import Invitation
from app.gradebook.models import CellGrade, CellMark, Grade, RegradeItem, RegradeRequest
from app.learning.models import QuizAttempt, QuizResponse
from app.lti.models import Launch, PlatformPerson, Score
from app.marking.models import MarkClaim, SecondMark
from app.notebooks.models import NotebookClaim, NotebookDraft, NotebookFindings, NotebookInquiry, Submission
from app.notices.models import MailAddress, Notice
from app.passwords.models import PasswordCode
from app.people.models import ImportRow, PeopleImport
from app.progress.models import CalendarAddress
from app.record_store.models import Statement
from app.rights.belonging import ABOUT, Rows
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
class Treatment(Rows):
    """What erasure does with the rows of a table that are about a person.

    blank: what an unlinked row holds instead, by column. is_counted: False where nobody may learn whether there is one.
    """

    fate: Fate = Fate.DELETED
    is_counted: bool = True
    blank: Mapping[str, Any] = field(default_factory=dict)


def _ids(table: type[Base], person: int) -> Select[int]:
    return select(table.__table__.c.id).where(ABOUT[table](person))


def _work(source: InstrumentedAttribute[str], person: int) -> ColumnElement[bool]:
    """Rows that name a submission or a run of the person as evidence does."""
    submissions = select(literal("submission:").concat(cast(Submission.id, String)))
    runs = select(literal("run:").concat(cast(SimulationRun.id, String)))
    return or_(
        source.in_(submissions.where(ABOUT[Submission](person))),
        source.in_(runs.where(ABOUT[SimulationRun](person))),
    )


def _jobs(person: int) -> ColumnElement[bool]:
    """Work on what goes, which nobody could do any more."""
    things: dict[JobKind, type[Base]] = {
        JobKind.GRADE_SUBMISSION: Submission,
        JobKind.REGRADE_SUBMISSION: RegradeItem,
        JobKind.SCORE_RUN: SimulationRun,
        JobKind.SEND_NOTICE: Notice,
        JobKind.SEND_ATTESTATION_LETTER: AttestationLetter,
        JobKind.SEND_SCORE: Score,
    }
    return or_(*(and_(Job.kind == kind, Job.thing_id.in_(_ids(table, person))) for kind, table in things.items()))


def _import_rows(person: int) -> ColumnElement[bool]:
    """By name only in files of their academy: who bears it in another's file is somebody else, who is to come there."""
    files = select(PeopleImport.id).join(Account, Account.academy_id == PeopleImport.academy_id)
    name = select(Account.username).where(Account.id == person).scalar_subquery()
    bears_it = and_(ImportRow.username == name, ImportRow.import_id.in_(files.where(Account.id == person)))
    return or_(ABOUT[ImportRow](person), bears_it)


def _launches(person: int) -> ColumnElement[bool]:
    """All that wait at the platforms which know the person: they are used within minutes and name no account."""
    return Launch.platform_id.in_(select(PlatformPerson.platform_id).where(ABOUT[PlatformPerson](person)))


def _previews(person: int) -> ColumnElement[bool]:
    """All previews that the academy had: they are looked at for minutes, and what is in them may name anybody."""
    had = or_(Account.erased_at.is_(None), CompletionImport.made_at <= Account.erased_at)
    return exists().where(Account.id == person, Account.academy_id == CompletionImport.academy_id, had)


TREATED = (
    Treatment(Job, _jobs),
    Treatment(MarkClaim, lambda person: _work(MarkClaim.source, person)),
    Treatment(SecondMark, lambda person: _work(SecondMark.source, person)),
    Treatment(AppealDecision),
    Treatment(Appeal),
    Treatment(RegradeItem),
    Treatment(RegradeRequest),
    Treatment(CellMark),
    Treatment(CellGrade),
    Treatment(Grade),
    Treatment(Submission),
    Treatment(NotebookDraft),
    Treatment(NotebookInquiry),
    Treatment(NotebookClaim),
    Treatment(NotebookFindings),
    Treatment(MemoMark),
    Treatment(Memo),
    Treatment(CaseAnswer),
    Treatment(SimulationEvent),
    Treatment(SimulationAside),
    Treatment(SimulationRun),
    Treatment(QuizResponse),
    Treatment(QuizAttempt),
    Treatment(ActivityProgress),
    Treatment(SkillTally),
    Treatment(Evidence),
    Treatment(Completion),
    Treatment(CompletionImport, _previews),
    Treatment(ImportRow, _import_rows),
    Treatment(AttestationLetter),
    Treatment(Attestation),
    Treatment(Score),
    Treatment(Launch, _launches),
    Treatment(PlatformPerson),
    # What the store has been told already is the store's to erase (docs/rights.md).
    Treatment(Statement),
    Treatment(RecordOpening),
    Treatment(Notice),
    Treatment(MailAddress),
    Treatment(CalendarAddress),
    Treatment(SurveyParticipation, is_counted=False),
    Treatment(DelphiParticipation, is_counted=False),
    Treatment(DelphiExpert),
    Treatment(Enrolment),
    Treatment(Invitation),
    Treatment(Withdrawal),
    Treatment(CohortInstructor),
    Treatment(InstructorRemoval),
    Treatment(Posting),
    Treatment(Consent),
    Treatment(PasswordCode),
    Treatment(RecoveryCode),
    Treatment(SecondFactor),
    Treatment(Identity),
    Treatment(NameCorrection),
    Treatment(Credential, fate=Fate.UNLINKED, blank=BLANK),
    Treatment(ErasureRequest, fate=Fate.UNLINKED, blank={"text": ""}),
    # What others wrote or did refers to it, and so does the audit log.
    Treatment(
        Account,
        fate=Fate.UNLINKED,
        blank={"language": "en", "password_hash": "", "first_steps_ended_at": None},
    ),
)
STAYING: dict[str, Staying] = {
    **dict.fromkeys(("audit_entry", "tombstone"), Staying.PROOF),
    **dict.fromkeys(
        (
            *("lab_source", "lab_check", "lab_publication", "lab_pack_note", "lab_words", "kept_comment"),
            *("lab_data", "lab_data_file"),
            *("own_lab", "people_import", "joining_code", "regrade", "simulation_exercise", "research_release"),
            *("foresight_data", "foresight_scenario", "foresight_scenario_version", "foresight_study"),
            *("delphi_panel", "delphi_round"),
        ),
        Staying.WORK,
    ),
    **dict.fromkeys(
        (
            *("academy", "cohort", "lti_course", "lab_terms", "former_lab_terms", "planned_activity", "second_marking"),
            *("marking_scheme", "scheme_reliability", "survey", "survey_wave"),
        ),
        Staying.GROUP,
    ),
    **dict.fromkeys(("survey_response", "survey_key", "delphi_opinion"), Staying.ANONYMOUS),
    **dict.fromkeys(
        ("worker", "signing_key", "lti_key", "lti_platform", "record_store", "unnamed_file"), Staying.MACHINE
    ),
}
