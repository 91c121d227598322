"""What people type about credentials and names."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FileField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from app.core.codes import as_written
from app.core.typed import typed_text

MOST = _l("Shorten this to %(max)d characters.")


class ReasonForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(
        _l("Reason"),
        filters=[typed_text],
        validators=[DataRequired(_l("Say why.")), Length(max=300, message=MOST)],
        render_kw={"rows": 3, "dir": "auto"},
    )


class NameForm(FlaskForm):  # type: ignore[misc]
    full_name = StringField(
        _l("Right name"),
        filters=[lambda typed: " ".join((typed or "").split())],
        validators=[DataRequired(_l("Type the name.")), Length(max=120, message=MOST)],
        render_kw={"dir": "auto", "autocomplete": "off"},
    )
    reason = TextAreaField(
        _l("Reason"),
        filters=[typed_text],
        validators=[DataRequired(_l("Say why.")), Length(max=300, message=MOST)],
        render_kw={"rows": 3, "dir": "auto"},
    )

    def validate_full_name(self, field: StringField) -> None:
        if not all(sign.isprintable() for sign in field.data):
            raise ValidationError(_("The name holds signs that cannot be printed. Type it anew."))


class VerifyForm(FlaskForm):  # type: ignore[misc]
    """A credential that somebody shows: its code, its text or its file."""

    code = StringField(
        _l("Code of the credential"),
        render_kw={"dir": "ltr", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    text = TextAreaField(
        _l("Text of the credential"), filters=[typed_text], render_kw={"rows": 5, "dir": "ltr", "spellcheck": "false"}
    )
    file = FileField(_l("File or picture of the credential"), render_kw={"accept": ".jwt,.json,.txt,.png,.svg"})

    def validate_code(self, field: StringField) -> None:
        if not as_written(field.data or "") and not self.text.data and not self.file.data:
            raise ValidationError(_("Type the code, or paste the text, or choose the file."))
