"""What an instructor types about the plan of a cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from app.accounts.models import Cohort
from app.core.fields import NUMBER, DayField, WholeNumberField
from app.progress.planning import Days, proposal
from app.progress.queries import PlannedPart

MOST_WEEKS = 52


class PlanForm(FlaskForm):  # type: ignore[misc]
    """The token of the whole plan; the days of each activity are a DaysForm."""


class DaysForm(FlaskForm):  # type: ignore[misc]
    """The days of one activity; that of a lab has no due day, since its terms hold a deadline."""

    class Meta:
        csrf = False

    begins_on = DayField(_l("Begins"), validators=[Optional()], render_kw={"dir": "ltr"})
    due_on = DayField(_l("Due"), validators=[Optional()], render_kw={"dir": "ltr"})

    def __init__(self, cohort: Cohort, part: PlannedPart, **values: Any) -> None:
        super().__init__(prefix=part.activity.id, **values)
        self.part = part
        self._cohort = cohort
        if part.is_lab:
            del self.due_on

    @classmethod
    def of(cls, cohort: Cohort, part: PlannedPart, days: Days) -> DaysForm:
        """The form filled with these days, whatever was sent."""
        return cls(cohort, part, formdata=None, begins_on=days.begins_on, due_on=days.due_on)

    def validate_begins_on(self, field: DayField) -> None:
        if field.data is None:
            return
        self._check_within_cohort(field.data)
        if self.part.is_lab:
            return
        if self.due_on.data is None and not self.due_on.process_errors:
            raise ValidationError(_("Say by which day it is due as well, or leave both days empty."))

    def validate_due_on(self, field: DayField) -> None:
        if field.data is None:
            return
        self._check_within_cohort(field.data)
        if self.begins_on.data and field.data < self.begins_on.data:
            raise ValidationError(_("It is due before it begins. Correct one of the two days."))

    def _check_within_cohort(self, day: date) -> None:
        first, last = self._cohort.begins_on, self._cohort.ends_on
        if first and day < first:
            raise ValidationError(_("The cohort begins on %(day)s. Choose that day or a later one.", day=_told(first)))
        if last and day > last:
            raise ValidationError(_("The cohort ends on %(day)s. Choose that day or an earlier one.", day=_told(last)))

    @property
    def days(self) -> Days:
        return Days(self.begins_on.data, None if self.part.is_lab else self.due_on.data)


class ProposalForm(FlaskForm):  # type: ignore[misc]
    """Read from the address of a page, so that a proposal changes nothing."""

    class Meta:
        csrf = False

    first_day = DayField(
        _l("First day"), validators=[InputRequired(_l("Choose the first day."))], render_kw={"dir": "ltr"}
    )
    weeks = WholeNumberField(
        _l("Weeks"),
        validators=[
            InputRequired(_l("Type a number from 1 to 52.")),
            NumberRange(1, MOST_WEEKS, _l("Type a number from 1 to 52.")),
        ],
        render_kw=NUMBER,
    )

    def proposal(self, activities: Sequence[str]) -> Mapping[str, Days]:
        """The plan that is proposed, once the form is valid."""
        return proposal(activities, cast(date, self.first_day.data), cast(int, self.weeks.data))


def _told(day: date) -> str:
    return str(format_date(day))
