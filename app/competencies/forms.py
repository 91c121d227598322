"""What a reader of a skill record chooses."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import to_user_timezone, to_utc
from flask_wtf import FlaskForm
from wtforms import DateField
from wtforms.validators import DataRequired, ValidationError

from app.core import clock

DAYS_LOOKED_BACK = 30
NO_DAY = _l("Choose a day, for example 2027-03-01.")


class _Day(DateField):  # type: ignore[misc]
    """A day of the reader's calendar."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(NO_DAY) from None


class SinceForm(FlaskForm):  # type: ignore[misc]
    """Since which day changes are told."""

    since = _Day(_l("Since"), validators=[DataRequired(NO_DAY)], render_kw={"dir": "ltr"})

    def validate_since(self, field: DateField) -> None:
        if field.data > today():
            raise ValidationError(_("Choose a day that has begun."))

    @property
    def moment(self) -> datetime:
        """When the chosen day began."""
        began: datetime = to_utc(datetime.combine(self.since.data, time.min))
        return began.replace(tzinfo=UTC)


def since_form() -> SinceForm:
    """The form as the address fills it; the last thirty days where the address says nothing."""
    if "since" not in request.args:
        return SinceForm(None, since=today() - timedelta(days=DAYS_LOOKED_BACK), meta={"csrf": False})
    return SinceForm(request.args, meta={"csrf": False})


def today() -> date:
    """The reader's."""
    present: datetime = to_user_timezone(clock.now())
    return present.date()
