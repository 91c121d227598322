"""What people type to set a password."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length, ValidationError

LEAST, MOST = 12, 200
FEWEST_DIFFERENT = 5
NEW = {"autocomplete": "new-password", "dir": "ltr"}


class NewPassword(FlaskForm):  # type: ignore[misc]
    """A password typed twice. Length counts and not kinds of signs (NIST SP 800-63B)."""

    password = PasswordField(
        _l("New password"),
        validators=[
            DataRequired(_l("Type a new password.")),
            Length(
                LEAST, MOST, _l("A password has at least %(min)d characters. Three or four words are easy to remember.")
            ),
        ],
        render_kw=NEW,
    )
    again = PasswordField(
        _l("New password once more"),
        validators=[EqualTo("password", _l("The two passwords differ. Type the new one twice, the same both times."))],
        render_kw=NEW,
    )


class CodeForm(NewPassword):
    username = StringField(
        _l("User name"),
        validators=[DataRequired(_l("Type your user name.")), Length(max=120)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"},
    )
    code = StringField(
        _l("Code"),
        validators=[DataRequired(_l("Type the code that you were handed.")), Length(max=40)],
        render_kw={
            "autocomplete": "one-time-code",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "dir": "ltr",
        },
    )

    def validate_password(self, field: PasswordField) -> None:
        refuse_weak(field.data, self.username.data or "")


class ChangeForm(NewPassword):
    current = PasswordField(
        _l("Present password"),
        validators=[DataRequired(_l("Type your present password.")), Length(max=MOST)],
        render_kw={"autocomplete": "current-password", "dir": "ltr"},
    )

    def __init__(self, username: str) -> None:
        super().__init__()
        self._username = username

    def validate_password(self, field: PasswordField) -> None:
        refuse_weak(field.data, self._username)


def refuse_weak(password: str, username: str) -> None:
    """Raises ValidationError for a password of few different signs or with the user name in it."""
    if len(set(password)) < FEWEST_DIFFERENT:
        raise ValidationError(
            _("This is too easy to guess: use at least %(count)s different characters.", count=FEWEST_DIFFERENT)
        )
    if (name := username.strip().lower()) and name in password.lower():
        raise ValidationError(_("Leave your user name out of the password."))
