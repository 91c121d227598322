"""What an administrator says about a release."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

TOO_LONG = _l("Shorten this to %(max)d characters.")


class ReleaseForm(FlaskForm):  # type: ignore[misc]
    purpose = TextAreaField(
        _l("What it is for"),
        validators=[DataRequired(_l("Write what the research is about.")), Length(max=500, message=TOO_LONG)],
        render_kw={"dir": "auto", "rows": 3},
    )
    recipient = StringField(
        _l("Who gets it"),
        validators=[DataRequired(_l("Write who gets it.")), Length(max=200, message=TOO_LONG)],
        render_kw={"dir": "auto", "autocomplete": "off"},
    )

    def validate_purpose(self, field: TextAreaField) -> None:
        if len(field.data.split()) < 3:
            raise ValidationError(_("Write a sentence: everybody who agreed can read it."))
