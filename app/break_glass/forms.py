"""What an administrator says before a record opens."""

from __future__ import annotations

from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app.appeals.models import Appeal
from app.break_glass.wording import purpose_names
from app.core.openings import Purpose
from app.core.typed import typed_text

FEWEST_CHARACTERS, MOST_CHARACTERS = 20, 500


class OpeningForm(FlaskForm):  # type: ignore[misc]
    """next: the page that was asked for."""

    purpose = RadioField(_l("Purpose"), validators=[DataRequired(_l("Choose a purpose."))])
    reason = TextAreaField(
        _l("Reason"),
        filters=[typed_text],
        validators=[
            DataRequired(_l("Say why, so that the person knows.")),
            Length(min=FEWEST_CHARACTERS, message=_l("Say it in a sentence, of %(min)d characters at least.")),
            Length(max=MOST_CHARACTERS, message=_l("Shorten this to %(max)d characters.")),
        ],
        render_kw={"rows": 4, "dir": "auto"},
    )
    next = HiddenField()

    @classmethod
    def offered(cls, **options: Any) -> OpeningForm:
        """The form with what may be chosen."""
        form = cls(**options)
        form.purpose.choices = [SelectChoice(purpose.value, name) for purpose, name in purpose_names().items()]
        return form

    @classmethod
    def about(cls, appeal: Appeal | None, next_address: str) -> OpeningForm:
        """The form as it is begun; what the academy has to decide for the person is the likely reason."""
        said: dict[str, str] = {}
        if appeal is not None:
            day = format_date(appeal.made_at, "long")
            said = {
                "purpose": Purpose.COMPLAINT.value,
                "reason": _("To decide on the dispute or complaint of %(day)s.", day=day),
            }
        return cls.offered(formdata=None, next=next_address, **said)

    @property
    def chosen(self) -> Purpose:
        return Purpose(self.purpose.data)
