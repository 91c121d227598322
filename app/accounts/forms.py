"""What people type to sign in, choose a language or change a role."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app.core.access import Role
from app.core.locale import LANGUAGES

ROLE_NAMES = {
    Role.TRAINEE: _l("Trainee"),
    Role.INSTRUCTOR: _l("Instructor"),
    Role.ADMINISTRATOR: _l("Administrator"),
    Role.AUDITOR: _l("Auditor"),
}


class SignInForm(FlaskForm):  # type: ignore[misc]
    username = StringField(
        _l("User name"),
        validators=[DataRequired(_l("Type your user name.")), Length(max=120)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"},
    )
    password = PasswordField(
        _l("Password"),
        validators=[DataRequired(_l("Type your password.")), Length(max=200)],
        render_kw={"autocomplete": "current-password", "dir": "ltr"},
    )
    next = HiddenField()


class LanguageForm(FlaskForm):  # type: ignore[misc]
    language = SelectField(
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()], validators=[DataRequired()]
    )
    next = HiddenField()


class RoleForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        csrf = False  # the page sends one token for all its forms; CSRFProtect checks it

    role = SelectField(_l("Role"), choices=[SelectChoice(role.value, name) for role, name in ROLE_NAMES.items()])
