"""What is looked for in the audit log."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional, ValidationError

from app.auditing.wording import acts
from app.core.fields import DayField


class SoughtForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        csrf = False  # it only reads

    username = StringField(
        _l("User name"), validators=[Length(max=120)], render_kw={"dir": "ltr", "autocapitalize": "none"}
    )
    verb = SelectField(_l("What was done"), default="", validate_choice=False)
    thing = StringField(
        _l("Concerning"),
        validators=[Length(max=120)],
        render_kw={"dir": "ltr", "placeholder": "submission:12"},
    )
    first = DayField(_l("From"), validators=[Optional()], render_kw={"dir": "ltr"})
    last = DayField(_l("Until"), validators=[Optional()], render_kw={"dir": "ltr"})

    def __init__(self) -> None:
        super().__init__(formdata=request.args)
        named = sorted(acts().items(), key=lambda each: each[1])
        self.verb.choices = [SelectChoice("", _("everything")), *(SelectChoice(verb, name) for verb, name in named)]

    def validate_verb(self, field: SelectField) -> None:
        if field.data and field.data not in acts():
            raise ValidationError(_("Choose an act of the list."))

    def validate_last(self, field: DayField) -> None:
        if self.first.data and field.data and field.data < self.first.data:
            raise ValidationError(_("This day lies before the first one. Exchange the two."))
