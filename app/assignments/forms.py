"""What an instructor types about a cohort's lab."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import to_user_timezone, to_utc
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, DataRequired, Length, NumberRange, Optional, ValidationError

from app.core.fields import NUMBER, MomentField, WholeNumberField
from app.core.numbers import number_between, read_number
from app.core.typed import number_seen, typed_text
from app.notebooks.terms import OFFLINE_HOURS, Counts, Terms

LONGEST_REASON = 1_000
MOST_ATTEMPTS, MOST_LATE_DAYS, MOST_OFFLINE_HOURS = 50, 60, 336


def _reason_field(label: Any, problem: Any, *, required: bool) -> TextAreaField:
    validators = [Length(max=LONGEST_REASON, message=_l("Shorten your reason to 1,000 characters."))]
    if required:
        validators.insert(0, DataRequired(message=problem))
    return TextAreaField(label, validators=validators, render_kw={"rows": 3, "dir": "auto"})


class TermsForm(FlaskForm):  # type: ignore[misc]
    """The terms of a lab. is_begun: somebody has handed in, so that a change needs a reason.

    `seen`: how often the terms had been changed when the page was opened.
    """

    standard_offline_hours = OFFLINE_HOURS
    counts = RadioField(
        _l("Of several attempts"),
        choices=[SelectChoice(Counts.LAST, _l("the last counts")), SelectChoice(Counts.BEST, _l("the best counts"))],
        validate_choice=False,
        validators=[AnyOf(list(Counts), message=_l("Choose which attempt counts."))],
    )
    attempts = WholeNumberField(
        _l("Attempts of each trainee"),
        validators=[Optional(), NumberRange(1, MOST_ATTEMPTS, _l("Type a number from 1 to 50, or leave it empty."))],
        render_kw=NUMBER,
    )
    due_at = MomentField(_l("Deadline"), format="%Y-%m-%dT%H:%M", validators=[Optional()], render_kw={"dir": "ltr"})
    late_days = WholeNumberField(
        _l("Days after the deadline on which work is still taken"),
        validators=[Optional(), NumberRange(0, MOST_LATE_DAYS, _l("Type a number from 0 to 60."))],
        render_kw=NUMBER,
    )
    late_percent = StringField(_l("Percent of the points that each late day takes off"), render_kw=NUMBER)
    offline_hours = WholeNumberField(
        _l("Hours that work handed in without a link may take to arrive"),
        validators=[Optional(), NumberRange(0, MOST_OFFLINE_HOURS, _l("Type a number from 0 to 336."))],
        render_kw=NUMBER,
    )
    holds_results = BooleanField(_l("Show points and feedback to the whole cohort at once, when I release them"))
    reason = _reason_field(_l("Why do the terms change?"), "", required=False)
    seen = HiddenField(default="0")

    def __init__(self, *, is_begun: bool, **values: Any) -> None:
        super().__init__(**values)
        self.is_begun = is_begun

    @classmethod
    def of(cls, terms: Terms, *, changes: int, is_begun: bool) -> TermsForm:
        """The form filled with terms, or with what was sent. changes: how often they were changed until now."""
        return cls(
            is_begun=is_begun,
            counts=terms.counts,
            attempts=terms.attempts,
            due_at=None if terms.due_at is None else to_user_timezone(terms.due_at).replace(tzinfo=None),
            late_days=terms.late_days,
            late_percent=f"{terms.late_percent:g}",
            offline_hours=terms.offline_hours,
            holds_results=terms.holds_results,
            seen=str(changes),
        )

    def validate_late_days(self, field: IntegerField) -> None:
        if field.data and self.due_at.data is None:
            raise ValidationError(_("Late days need a deadline. Set one, or type 0."))

    def validate_late_percent(self, field: StringField) -> None:
        if number_between(field.data or "0", 0, 100) is None:
            raise ValidationError(_("Type a number from 0 to 100."))

    def validate_reason(self, _field: TextAreaField) -> None:
        if self.is_begun and not self.reason_given:
            raise ValidationError(_("Work has been handed in already, so say why the terms change."))

    @property
    def reason_given(self) -> str:
        return typed_text(self.reason.data)

    @property
    def changes_seen(self) -> int:
        return number_seen(self.seen.data)

    @property
    def terms(self) -> Terms:
        """The terms that were typed; only of a form that was found right."""
        due = self.due_at.data
        return Terms(
            counts=Counts(self.counts.data),
            attempts=self.attempts.data,
            due_at=None if due is None else to_utc(due).replace(tzinfo=UTC),
            late_days=self.late_days.data or 0,
            late_percent=read_number(self.late_percent.data or "0"),
            offline_hours=OFFLINE_HOURS if self.offline_hours.data is None else self.offline_hours.data,
            holds_results=self.holds_results.data,
        )


class RegradeForm(FlaskForm):  # type: ignore[misc]
    """Why a changed lab is graded anew for everybody."""

    reason = _reason_field(
        _l("What was changed, and why?"), _l("Say what was changed and why; trainees read it."), required=True
    )

    @property
    def reason_given(self) -> str:
        """Only of a form that was found right."""
        return typed_text(self.reason.data)
