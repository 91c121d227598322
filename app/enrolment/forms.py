"""What people type about cohorts: their name and days, who comes in, a code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from app.accounts.postings import FIRST_GRADE, LAST_GRADE
from app.core.fields import NAMES, NUMBER, DayField, NamesField, WholeNumberField, offered
from app.enrolment.queries import Rule

MOST_NAMES, LONGEST_LIST = 10_000, 400_000
MOST_BY_CODE = 10_000
LISTED = (
    DataRequired(_l("Type or paste at least one user name.")),
    Length(max=LONGEST_LIST, message=_l("The list is too long. Split it into several.")),
)
GRADES = NumberRange(FIRST_GRADE, LAST_GRADE, _l("Type a number from 1 to 22."))


class ChangeCohortForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _l("Name of the cohort"),
        validators=[
            DataRequired(_l("Give the cohort a name.")),
            Length(max=120, message=_l("Shorten this to %(max)d characters.")),
        ],
        render_kw={"dir": "auto", "autocomplete": "off"},
    )
    begins_on = DayField(_l("First day"), validators=[Optional()], render_kw={"dir": "ltr"})
    ends_on = DayField(_l("Last day"), validators=[Optional()], render_kw={"dir": "ltr"})

    def validate_ends_on(self, field: DayField) -> None:
        if field.data and self.begins_on.data and field.data < self.begins_on.data:
            raise ValidationError(_("The last day lies before the first. Correct one of them."))

    @property
    def typed_name(self) -> str:
        return " ".join(self.name.data.split())


class NewCohortForm(ChangeCohortForm):
    module = SelectField(_l("Module"), validate_choice=False)

    def __init__(self, modules: Sequence[tuple[str, str]], **values: Any) -> None:
        super().__init__(**values)
        self.module.choices = [SelectChoice(value, label) for value, label in modules]

    def validate_module(self, field: SelectField) -> None:
        if field.data not in offered(field):
            raise ValidationError(_("Choose a module."))


class ListForm(FlaskForm):  # type: ignore[misc]
    usernames = NamesField(_l("User names"), validators=LISTED, render_kw={**NAMES, "rows": 6})

    def validate_usernames(self, _field: NamesField) -> None:
        if not self.names:
            raise ValidationError(_("Type or paste at least one user name."))
        if len(self.names) > MOST_NAMES:
            raise ValidationError(_("The list is too long. Split it into several."))

    @property
    def names(self) -> list[str]:
        """The user names that were typed."""
        return self.usernames.names


class InstructorsForm(ListForm):
    """The same, of instructors."""

    usernames = NamesField(_l("User names of instructors"), validators=LISTED, render_kw={**NAMES, "rows": 3})


class RuleForm(FlaskForm):  # type: ignore[misc]
    """Read from the address of a page, so that who would come in can be looked through."""

    class Meta:
        csrf = False

    department = SelectField(_l("Department"), default="", validate_choice=False)
    lowest_grade = WholeNumberField(_l("Lowest grade"), validators=[Optional(), GRADES], render_kw=NUMBER)
    highest_grade = WholeNumberField(_l("Highest grade"), validators=[Optional(), GRADES], render_kw=NUMBER)
    posted_since = DayField(_l("Posted since"), validators=[Optional()], render_kw={"dir": "ltr"})

    def __init__(self, departments: Sequence[str], formdata: Any = None) -> None:
        super().__init__(formdata=formdata)
        every = [SelectChoice("", _("every department"))]
        self.department.choices = every + [SelectChoice(name, name) for name in departments]

    def validate_department(self, field: SelectField) -> None:
        if field.data not in offered(field):
            raise ValidationError(_("Nobody works in this department now. Choose one of the list."))
        if self.rule == Rule():
            raise ValidationError(_("Choose a department, grades or a day, so that not everybody comes in."))

    @property
    def rule(self) -> Rule:
        return Rule(self.department.data or "", self.lowest_grade.data, self.highest_grade.data, self.posted_since.data)


class CodeForm(FlaskForm):  # type: ignore[misc]
    most = WholeNumberField(
        _l("How many may use it"),
        validators=[Optional(), NumberRange(1, MOST_BY_CODE, _l("Type a number from 1 to 10,000, or leave it empty."))],
        render_kw=NUMBER,
    )
    last_day = DayField(_l("Last day on which it works"), validators=[Optional()], render_kw={"dir": "ltr"})


class JoinForm(FlaskForm):  # type: ignore[misc]
    code = StringField(
        _l("Code of the cohort"),
        validators=[DataRequired(_l("Type the code that your instructor gave you.")), Length(max=40)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "dir": "ltr"},
    )
