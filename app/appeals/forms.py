"""What people type to dispute, to complain, and to decide."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from app.appeals.models import Outcome, Remedy
from app.appeals.queries import Case
from app.appeals.service import Verdict, remedies
from app.appeals.wording import verdict_name
from app.core.fields import NUMBER, WholeNumberField
from app.core.typed import typed_text

MOST = _l("Shorten this to %(max)d characters.")
WORDS = {"rows": 5, "dir": "auto"}


class AppealForm(FlaskForm):  # type: ignore[misc]
    text = TextAreaField(
        _l("What is wrong, and why"),
        filters=[typed_text],
        validators=[DataRequired(_l("Say what is wrong.")), Length(max=2000, message=MOST)],
        render_kw=WORDS,
    )


class ReviewForm(FlaskForm):  # type: ignore[misc]
    text = TextAreaField(
        _l("Why somebody else should look at it"),
        filters=[typed_text],
        validators=[DataRequired(_l("Say why.")), Length(max=2000, message=MOST)],
        render_kw=WORDS,
    )


class VerdictForm(FlaskForm):  # type: ignore[misc]
    decision = RadioField(_l("Decision"), validators=[DataRequired(_l("Choose a decision."))])
    percent = WholeNumberField(_l("Right outcome, in percent"), render_kw=NUMBER)
    reason = TextAreaField(
        _l("Reason"),
        filters=[typed_text],
        validators=[DataRequired(_l("Say why, so that the trainee knows.")), Length(max=2000, message=MOST)],
        render_kw=WORDS,
    )

    @classmethod
    def of(cls, found: Case, **options: Any) -> VerdictForm:
        """The form with what may be decided about this appeal."""
        form = cls(**options)
        possible = [(Outcome.UPHELD, remedy) for remedy in remedies(found)]
        form.decision.choices = [
            SelectChoice(f"{outcome}:{remedy}", verdict_name(outcome, remedy))
            for outcome, remedy in (*possible, (Outcome.REFUSED, Remedy.NOTHING))
        ]
        if Remedy.REPLACED not in remedies(found):
            del form.percent
        return form

    def validate_percent(self, field: WholeNumberField) -> None:
        replaces = self.decision.data == f"{Outcome.UPHELD}:{Remedy.REPLACED}"
        if replaces and (field.data is None or field.data > 100):
            raise ValidationError(_("Type a whole number from 0 to 100."))

    @property
    def verdict(self) -> Verdict:
        outcome, _colon, remedy = self.decision.data.partition(":")
        replaces = remedy == Remedy.REPLACED
        value = (self.percent.data or 0) / 100 if replaces else None
        return Verdict(Outcome(outcome), Remedy(remedy), self.reason.data, value)
