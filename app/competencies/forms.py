"""What a reader of a skill record chooses."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.validators import DataRequired, ValidationError

from app.core.fields import DayField
from app.core.locale import beginning_of, today

DAYS_LOOKED_BACK = 30
NO_DAY = _l("Choose a day, for example 2027-03-01.")


class SinceForm(FlaskForm):  # type: ignore[misc]
    """Since which day changes are told."""

    since = DayField(_l("Since"), validators=[DataRequired(NO_DAY)], render_kw={"dir": "ltr"})

    def validate_since(self, field: DayField) -> None:
        if field.data > today():
            raise ValidationError(_("Choose a day that has begun."))

    @property
    def moment(self) -> datetime:
        """When the chosen day began."""
        return beginning_of(self.since.data)


def since_form() -> SinceForm:
    """The form as the address fills it; the last thirty days where the address says nothing."""
    if "since" not in request.args:
        return SinceForm(None, since=today() - timedelta(days=DAYS_LOOKED_BACK), meta={"csrf": False})
    return SinceForm(request.args, meta={"csrf": False})
