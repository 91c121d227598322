"""What is kept for how long (domain notes, section 7.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import Account
from app.appeals.models import Appeal
from app.attestations.models import Attestation, AttestationLetter
from app.completions.models import CompletionImport
from app.core.db import Base
from app.core.openings import RecordOpening
from app.credentials.models import BLANK, Credential, NameCorrection
from app.delphi.models import DelphiExpert
from app.lti.models import Score
from app.notebooks.curiosity import KEPT
from app.notebooks.models import NotebookFindings, NotebookInquiry
from app.notices.models import Notice
from app.passwords.models import PasswordCode
from app.people.models import PREVIEW_KEPT, ROWS_KEPT, ImportRow, PeopleImport
from app.record_store.models import Statement
from app.rights.models import ErasureRequest
from app.surveys.models import KEY_KEPT, SurveyKey

HALF_A_YEAR = timedelta(days=183)
THREE_YEARS, TEN_YEARS = timedelta(days=1096), timedelta(days=3653)


@dataclass(frozen=True)
class Rule:
    """A kind of rows that go when they are older than `kept`.

    table: whose rows. since: what their age counts from; rows without it stay. owner: whose they are, or of
    whose academy. part_of: the table that they refer to, where that says both. blank: what rows that have to stay hold
    instead from then on, by column; empty where they go.
    """

    name: str
    kept: timedelta
    table: type[Base]
    since: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None] | ColumnElement[datetime | None]
    owner: InstrumentedAttribute[int]
    part_of: type[Base] | None = None
    blank: Mapping[str, Any] = field(default_factory=dict)

    def outdated(self, now: datetime) -> Select[int, int]:
        """Academy and number of each row that is too old, in order."""
        columns = self.table.__table__.c
        statement = select(Account.academy_id, columns.id).select_from(self.table)
        if self.part_of is not None:
            statement = statement.join(self.part_of)
        found = (
            statement.join(Account, self.owner == Account.id)
            .where(self.since < now - self.kept)
            .order_by(Account.academy_id, columns.id)
        )
        if not self.blank:
            return found
        return found.where(or_(*(columns[name].is_distinct_from(value) for name, value in self.blank.items())))


# Of an import that was applied this is nothing.
PREVIEWED_AT = case((PeopleImport.applied_at.is_(None), PeopleImport.made_at))
RULES = (
    Rule("curiosity_log", KEPT, NotebookInquiry, NotebookInquiry.asked_at, NotebookInquiry.trainee_id),
    # With them go the claims, which refer to them.
    Rule("findings", KEPT, NotebookFindings, NotebookFindings.begun_at, NotebookFindings.trainee_id),
    Rule("password_codes", timedelta(days=365), PasswordCode, PasswordCode.issued_at, PasswordCode.account_id),
    Rule("survey_keys", KEY_KEPT, SurveyKey, SurveyKey.made_at, SurveyKey.made_by_id),
    # What one was for goes too, so that the same may be awarded anew; its code is not that of any other.
    Rule(
        "credentials",
        TEN_YEARS,
        Credential,
        Credential.issued_at,
        Credential.trainee_id,
        blank={**BLANK, "achievement": Credential.code},
    ),
    Rule("name_corrections", TEN_YEARS, NameCorrection, NameCorrection.corrected_at, NameCorrection.account_id),
    # With them go the decisions, which refer to them.
    Rule("appeals", THREE_YEARS, Appeal, Appeal.closed_at, Appeal.trainee_id),
    Rule("erasure_requests", THREE_YEARS, ErasureRequest, ErasureRequest.asked_at, ErasureRequest.account_id),
    Rule(
        "attestation_letters",
        timedelta(days=60),
        AttestationLetter,
        AttestationLetter.made_at,
        AttestationLetter.trainee_id,
    ),
    # Of those that were answered or revoked no link is open, and none expires.
    Rule("unanswered_attestations", HALF_A_YEAR, Attestation, Attestation.expires_at, Attestation.trainee_id),
    Rule("attestations", TEN_YEARS, Attestation, Attestation.asked_at, Attestation.trainee_id),
    Rule("platform_scores", timedelta(days=730), Score, Score.launched_at, Score.trainee_id),
    Rule("statements", timedelta(days=90), Statement, Statement.sent_at, Statement.trainee_id),
    Rule("statements_set_aside", timedelta(days=365), Statement, Statement.set_aside_at, Statement.trainee_id),
    Rule("record_openings", THREE_YEARS, RecordOpening, RecordOpening.opened_at, RecordOpening.trainee_id),
    # What they said bears no name and stays.
    Rule("delphi_experts", THREE_YEARS, DelphiExpert, DelphiExpert.named_at, DelphiExpert.account_id),
    Rule("preview_rows", PREVIEW_KEPT, ImportRow, PREVIEWED_AT, PeopleImport.made_by_id, part_of=PeopleImport),
    Rule("previews", PREVIEW_KEPT, PeopleImport, PREVIEWED_AT, PeopleImport.made_by_id),
    # The import itself, which names nobody but who made it, stays.
    Rule("import_rows", ROWS_KEPT, ImportRow, PeopleImport.applied_at, PeopleImport.made_by_id, part_of=PeopleImport),
    Rule(
        "completion_previews",
        PREVIEW_KEPT,
        CompletionImport,
        CompletionImport.made_at,
        CompletionImport.made_by_id,
    ),
    Rule("notices", timedelta(days=365), Notice, Notice.sent_at, Notice.trainee_id),
)
