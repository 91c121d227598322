"""Where a person wants e-mails."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length, ValidationError

from app.core.mail import LONGEST_ADDRESS, is_address


class MailForm(FlaskForm):  # type: ignore[misc]
    """Where a person wants their notices; empty for nowhere but the portal."""

    address = StringField(
        _l("E-mail address"),
        validators=[Length(max=LONGEST_ADDRESS, message=_l("Shorten this to %(max)d characters."))],
        render_kw={"type": "email", "dir": "ltr", "autocomplete": "email", "autocapitalize": "none"},
    )

    def validate_address(self, _field: StringField) -> None:
        if self.typed_address and not is_address(self.typed_address):
            raise ValidationError(_("Type an e-mail address, for example amina@example.org, or leave it empty."))

    @property
    def typed_address(self) -> str:
        return (self.address.data or "").strip()
