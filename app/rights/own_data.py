"""Everything that is known of one person, table by table: which rows, and what of them is left out and why.

Every table of the product is either a part or named in NOT_OF_A_PERSON, so that a new one is not forgotten
(tests/app/rights).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Column, ColumnElement, Select, Table, and_, not_, or_, select
from sqlalchemy.orm import Session

from app.accounts.consent import Consent
from app.accounts.models import Account, Cohort, Enrolment, Posting, SecondFactor, Withdrawal
from app.accounts.progress import ActivityProgress
from app.appeals.models import Appeal, AppealDecision
from app.attestations.models import Attestation, AttestationLetter
from app.competencies.models import Evidence, SkillTally
from app.completions.models import Completion
from app.core.audit import AuditEntry
from app.core.classes import CohortInstructor, InstructorRemoval
from app.core.openings import RecordOpening
from app.credentials.models import Credential, NameCorrection
from app.delphi.models import DelphiExpert, DelphiParticipation
from app.enrolment.models import Invitation
from app.gradebook.models import CellGrade, CellMark, Grade, Regrade, RegradeItem, RegradeRequest
from app.learning.models import QuizAttempt, QuizResponse
from app.lti.models import PlatformPerson, Score
from app.notebooks.models import LabTerms, NotebookClaim, NotebookDraft, NotebookFindings, NotebookInquiry, Submission
from app.notices.models import MailAddress, Notice
from app.notices.wording import with_sender
from app.passwords.models import PasswordCode
from app.people.models import ImportRow
from app.progress.models import CalendarAddress
from app.record_store.models import Statement, StatementKind
from app.rights.belonging import ABOUT, Rows
from app.rights.models import ErasureRequest
from app.second_factor.models import RecoveryCode
from app.sims.models import (
    CaseAnswer,
    Memo,
    MemoMark,
    SimulationAside,
    SimulationEvent,
    SimulationExercise,
    SimulationRun,
)
from app.single_sign_on.models import Identity
from app.surveys.models import SurveyParticipation

YOURSELF, SOMEBODY_ELSE = "yourself", "somebody else"


@dataclass(frozen=True)
class Part(Rows):
    """Rows that a person may take away: all, or those of a condition of its own.

    withheld: columns that are left out: what opens accounts, and what would give away the chances of a simulation.
    """

    withheld: frozenset[str] = field(default_factory=frozenset)


def _submissions_with_results(person: int) -> Select[int]:
    """Submissions whose points the person may see: all but those whose results are not released yet."""
    of_cohort = and_(LabTerms.cohort_id == Submission.cohort_id, LabTerms.activity_id == Submission.activity_id)
    is_held = and_(LabTerms.holds_results, LabTerms.released_at.is_(None))
    held = select(Submission.id).join(LabTerms, of_cohort).where(ABOUT[Submission](person), is_held)
    return select(Submission.id).where(ABOUT[Submission](person), Submission.id.not_in(held))


def _shown_grades(person: int) -> ColumnElement[bool]:
    proposed = (
        select(RegradeItem.grade_id)
        .join(Regrade, Regrade.id == RegradeItem.regrade_id)
        .where(Regrade.applied_at.is_(None), RegradeItem.grade_id.is_not(None))
    )
    return and_(Grade.submission_id.in_(_submissions_with_results(person)), Grade.id.not_in(proposed))


def _shown_runs(person: int) -> Select[int]:
    """Runs but those of an exercise that is still open, which keeps its chances to itself until it is closed."""
    is_open = select(SimulationExercise.id).where(SimulationExercise.closed_at.is_(None))
    return select(SimulationRun.id).where(
        ABOUT[SimulationRun](person),
        or_(SimulationRun.exercise_id.is_(None), SimulationRun.exercise_id.not_in(is_open)),
    )


def _own_memos(person: int) -> Select[int]:
    return select(Memo.id).where(Memo.run_id.in_(_shown_runs(person)))


def _shown_statements(person: int) -> ColumnElement[bool]:
    """Statements but those that give away the score of a run in an exercise that is still open."""
    is_of_run = Statement.kind == StatementKind.SIMULATION_FINISHED
    return and_(ABOUT[Statement](person), or_(not_(is_of_run), Statement.thing_id.in_(_shown_runs(person))))


PARTS = (
    Part(Account, withheld=frozenset({"password_hash"})),
    Part(SecondFactor, withheld=frozenset({"sealed_secret"})),
    Part(RecoveryCode, withheld=frozenset({"mark"})),
    Part(PasswordCode, withheld=frozenset({"secret_hash"})),
    Part(Identity),
    Part(PlatformPerson),
    Part(Score),
    Part(Posting),
    Part(ImportRow),
    Part(Consent),
    Part(Enrolment),
    Part(Invitation),
    Part(Withdrawal),
    Part(CohortInstructor),
    Part(InstructorRemoval),
    Part(Cohort, lambda person: Cohort.id.in_(select(Enrolment.cohort_id).where(ABOUT[Enrolment](person)))),
    Part(Notice),
    Part(MailAddress),
    Part(CalendarAddress, withheld=frozenset({"token_hash"})),
    Part(ActivityProgress),
    Part(QuizAttempt),
    Part(QuizResponse),
    Part(SimulationRun, lambda person: SimulationRun.id.in_(_shown_runs(person)), frozenset({"seed"})),
    Part(SimulationEvent, lambda person: SimulationEvent.run_id.in_(_shown_runs(person))),
    Part(CaseAnswer, lambda person: CaseAnswer.run_id.in_(_shown_runs(person))),
    Part(SimulationAside),
    Part(Memo, lambda person: Memo.id.in_(_own_memos(person))),
    Part(MemoMark, lambda person: MemoMark.memo_id.in_(_own_memos(person))),
    Part(NotebookDraft),
    Part(NotebookInquiry),
    Part(NotebookFindings),
    Part(NotebookClaim),
    Part(Submission),
    Part(Grade, _shown_grades, frozenset({"autograded_sha256"})),
    Part(CellGrade, lambda person: CellGrade.grade_id.in_(select(Grade.id).where(_shown_grades(person)))),
    Part(CellMark, lambda person: CellMark.submission_id.in_(_submissions_with_results(person))),
    Part(RegradeRequest),
    Part(Evidence),
    Part(SkillTally),
    Part(Appeal),
    Part(AppealDecision),
    Part(SurveyParticipation),
    Part(DelphiExpert),
    Part(DelphiParticipation),
    Part(Completion),
    Part(Attestation, withheld=frozenset({"token_hash"})),
    Part(AttestationLetter, withheld=frozenset({"sealed_text"})),
    Part(NameCorrection),
    Part(Credential),
    Part(ErasureRequest),
    Part(Statement, _shown_statements),
    Part(RecordOpening),
    Part(AuditEntry, lambda person: or_(AuditEntry.actor_id == person, AuditEntry.thing == f"account:{person}")),
)
# Of the academy and its staff's work, or of the machine; names of people stand in them at most as those who did it.
# A tombstone is of somebody who is known no more (docs/rights.md).
# What was answered in surveys (survey_response) and by experts (delphi_opinion) is somebody's, but nothing says whose
# (docs/surveys.md).
NOT_OF_A_PERSON = frozenset(
    {
        *("academy", "tombstone", "job", "worker", "people_import", "completion_import", "joining_code", "signing_key"),
        *("lab_terms", "former_lab_terms", "lab_source", "lab_check", "lab_publication", "lab_pack_note"),
        *("lab_words", "own_lab"),
        *("lab_data", "lab_data_file"),
        *("simulation_exercise", "planned_activity"),
        *("foresight_data", "foresight_scenario", "foresight_scenario_version", "foresight_study"),
        *("delphi_panel", "delphi_round", "delphi_opinion"),
        *("lti_platform", "lti_key", "lti_course"),
        # What a platform says of whom it sends, for an hour at most and before anybody knows whose it is.
        "lti_launch",
        *("kept_comment", "mark_claim", "second_mark", "second_marking", "regrade", "regrade_item"),
        *("survey", "survey_wave", "survey_key", "survey_response"),
        # How far the people of an academy agree, not who they are.
        *("marking_scheme", "scheme_reliability"),
        *("record_store", "research_release", "unnamed_file"),
    }
)


def rows(session: Session, part: Part, person: int) -> list[dict[str, Any]]:
    """The person's rows of a part, oldest first, by the names of their columns; other people appear without a name."""
    table = cast(Table, part.table.__table__)
    columns = [column for column in table.columns if column.name not in part.withheld]
    people = {column.name for column in columns if _names_a_person(column)}
    found = session.execute(select(*columns).where(part.of(person)).order_by(*table.primary_key.columns))
    return [
        {name: _who(value, person) if name in people else _read(part, value) for name, value in row._mapping.items()}
        for row in found
    ]


def _names_a_person(column: Column[Any]) -> bool:
    return any(key.target_fullname == "account.id" for key in column.foreign_keys)


def _read(part: Part, value: Any) -> Any:
    """As the person reads it: a notice has a sign where the name of whoever sent it is shown."""
    return with_sender(value, SOMEBODY_ELSE) if part.table is Notice and isinstance(value, str) else value


def _who(value: int | None, person: int) -> str | None:
    if value is None:
        return None
    return YOURSELF if value == person else SOMEBODY_ELSE
