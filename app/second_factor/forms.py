"""What people type about a second factor."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

SIGNS = {"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false", "dir": "ltr"}


class CodeForm(FlaskForm):  # type: ignore[misc]
    code = StringField(
        _l("Code"),
        validators=[DataRequired(_l("Type the code that your app shows.")), Length(max=40)],
        render_kw=SIGNS,
    )


class SetUpForm(CodeForm):
    """asks_for_password: whether nothing else says that it is the owner."""

    def __init__(self, *, asks_for_password: bool, **values: Any) -> None:
        super().__init__(prefix="app", **values)
        if not asks_for_password:
            del self.current

    current = PasswordField(
        _l("Present password"),
        validators=[DataRequired(_l("Type your present password.")), Length(max=200)],
        render_kw={"autocomplete": "current-password", "dir": "ltr"},
    )


class ReasonForm(FlaskForm):  # type: ignore[misc]
    reason = StringField(
        _l("How you made sure who is asking"),
        validators=[DataRequired(_l("Write how you made sure who is asking; it is kept in the log.")), Length(max=300)],
        render_kw={"dir": "auto"},
    )
