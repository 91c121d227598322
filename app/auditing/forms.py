"""What is looked for in the audit log."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional, ValidationError

from app.auditing.wording import acts


class SoughtForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        csrf = False  # it only reads

    username = StringField(
        _l("User name"), validators=[Length(max=120)], render_kw={"dir": "ltr", "autocapitalize": "none"}
    )
    verb = SelectField(_l("What was done"), validators=[Optional()])
    thing = StringField(
        _l("Concerning"),
        validators=[Length(max=120)],
        render_kw={"dir": "ltr", "placeholder": "submission:12"},
    )
    first = DateField(_l("From"), validators=[Optional()])
    last = DateField(_l("Until"), validators=[Optional()])

    def __init__(self) -> None:
        super().__init__(formdata=request.args)
        named = sorted(acts().items(), key=lambda each: each[1])
        self.verb.choices = [SelectChoice("", _("everything")), *(SelectChoice(verb, name) for verb, name in named)]

    def validate_last(self, field: DateField) -> None:
        if self.first.data and field.data and field.data < self.first.data:
            raise ValidationError(_("This day lies before the first one. Exchange the two."))
