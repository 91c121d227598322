"""What an administrator sends: a file of people, or where somebody works now."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, FileField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from app.accounts.models import Posting
from app.accounts.postings import FIRST_GRADE, LAST_GRADE
from app.core.fields import NUMBER, DayField, WholeNumberField
from app.core.locale import today
from app.people.columns import FIRST_DAY


class UploadForm(FlaskForm):  # type: ignore[misc]
    people = FileField(
        _l("File with people"),
        validators=[DataRequired(_l("Choose a file."))],
        render_kw={"accept": ".csv,.tsv,.txt,.xlsx,.zip"},
    )
    gives_roles = BooleanField(_l("The file may make instructors, administrators and auditors and change roles"))


class PostingForm(FlaskForm):  # type: ignore[misc]
    department = StringField(
        _l("Department"),
        validators=[
            DataRequired(_l("Type the department.")),
            Length(max=120, message=_l("Shorten this to %(max)d characters.")),
        ],
        render_kw={"dir": "auto", "autocomplete": "off"},
    )
    grade = WholeNumberField(
        _l("Grade (BPS)"),
        validators=[Optional(), NumberRange(FIRST_GRADE, LAST_GRADE, _l("Type a number from 1 to 22."))],
        render_kw=NUMBER,
    )
    district = StringField(
        _l("District"),
        validators=[Length(max=80, message=_l("Shorten this to %(max)d characters."))],
        render_kw={"dir": "auto", "autocomplete": "off"},
    )
    begins_on = DayField(_l("Since"), validators=[Optional()], render_kw={"dir": "ltr"})

    @classmethod
    def about(cls, present: Posting | None) -> PostingForm:
        """The form filled with where somebody works; the day is left open, for a transfer has another."""
        if present is None:
            return cls(formdata=None)
        return cls(formdata=None, department=present.department, grade=present.grade, district=present.district)

    def validate_begins_on(self, field: DateField) -> None:
        day: date | None = field.data
        if day is not None and not FIRST_DAY <= day <= today():
            raise ValidationError(_("The day must lie between 1950 and today."))

    @property
    def said(self) -> dict[str, Any]:
        """What was typed; a day that was left open says nothing."""
        typed = {
            "department": " ".join(self.department.data.split()),
            "grade": self.grade.data,
            "district": " ".join((self.district.data or "").split()),
        }
        return typed | ({"begins_on": self.begins_on.data} if self.begins_on.data else {})
