"""What people type to ask for erasure and to decide on it."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from app.core.typed import typed_text
from app.rights.erasure import Grant
from app.rights.models import Ground
from app.rights.wording import ground_name

MOST = _l("Shorten this to %(max)d characters.")
ERASE, REFUSE = "erase", "refuse"


class AskForm(FlaskForm):  # type: ignore[misc]
    text = TextAreaField(
        _l("Why, if you like to say it"),
        filters=[typed_text],
        validators=[Length(max=1000, message=MOST)],
        render_kw={"rows": 3, "dir": "auto"},
    )
    understood = BooleanField(
        _l("I know that nobody can bring back what is erased."),
        validators=[DataRequired(_l("Tick that you know it, or leave things as they are."))],
    )


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """username: of the person, typed once more before they are erased."""

    decision = RadioField(
        _l("Decision"),
        choices=[SelectChoice(ERASE, _l("Erase the person now")), SelectChoice(REFUSE, _l("Refuse"))],
        validators=[DataRequired(_l("Choose one of the two."))],
    )
    ground = SelectField(_l("Legal reason for the erasure"))
    keeps_credentials = BooleanField(_l("Service rules require that credentials are kept, with the name in them"))
    username = StringField(
        _l("User name of the person"),
        filters=[lambda typed: (typed or "").strip().lower()],
        render_kw={"dir": "ltr", "autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"},
    )
    reason = TextAreaField(
        _l("Reason"),
        filters=[typed_text],
        validators=[DataRequired(_l("Say why.")), Length(max=1000, message=MOST)],
        render_kw={"rows": 3, "dir": "auto"},
    )

    def __init__(self, username: str, **options: None) -> None:
        super().__init__(**options)
        self._username = username
        self.ground.choices = [SelectChoice(each.value, ground_name(each)) for each in Ground]

    def validate_username(self, field: StringField) -> None:
        if self.decision.data == ERASE and field.data != self._username:
            raise ValidationError(_("This is not the user name of the person. Look whom you are about to erase."))

    @property
    def grant(self) -> Grant:
        return Grant(Ground(self.ground.data), self.keeps_credentials.data, self.reason.data)
