"""What people type about courses finished elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FileField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from app.completions.links import WrongLink, checked
from app.completions.models import Provider
from app.completions.reading import FIRST_DAY, LONGEST_TITLE
from app.completions.wording import provider_name, wrong_link
from app.content.schemas import Competency
from app.core.fields import DayField
from app.core.locale import language, today
from app.core.typed import typed_text

MOST = _l("Shorten this to %(max)d characters.")
APPROVE, REFUSE = "approve", "refuse"


class ReportForm(FlaskForm):  # type: ignore[misc]
    provider = SelectField(_l("Provider"))
    title = StringField(
        _l("Title of the course"),
        filters=[lambda typed: " ".join((typed or "").split())],
        validators=[DataRequired(_l("Type the title.")), Length(max=LONGEST_TITLE, message=MOST)],
        render_kw={"dir": "auto", "autocomplete": "off"},
    )
    completed_on = DayField(
        _l("Finished on"),
        validators=[DataRequired(_l("Choose a day, for example 2027-03-01."))],
        render_kw={"dir": "ltr"},
    )
    link = StringField(
        _l("Link to the proof"),
        filters=[lambda typed: (typed or "").strip()],
        validators=[DataRequired(_l("Paste the link."))],
        render_kw={"dir": "ltr", "autocomplete": "off", "inputmode": "url"},
    )
    competency = SelectField(_l("Competency that it is about"))

    @classmethod
    def of(cls, competencies: Iterable[Competency], **options: Any) -> ReportForm:
        """The form with the choices of this reader."""
        form = cls(**options)
        form.provider.choices = [SelectChoice(each.value, provider_name(each)) for each in Provider]
        form.competency.choices = [
            SelectChoice(each.code, f"{each.code} {each.title.in_language(language())}") for each in competencies
        ]
        return form

    def validate_completed_on(self, field: DayField) -> None:
        if not FIRST_DAY <= field.data <= today():
            raise ValidationError(_("The day must lie between 2010 and today."))

    def validate_link(self, field: StringField) -> None:
        try:
            checked(field.data)
        except WrongLink:
            raise ValidationError(wrong_link()) from None

    @property
    def values(self) -> dict[str, Any]:
        return {
            "provider": Provider(self.provider.data),
            "title": self.title.data,
            "completed_on": self.completed_on.data,
            "link": self.link.data,
            "competency": self.competency.data,
        }


class DecisionForm(FlaskForm):  # type: ignore[misc]
    completions = SelectMultipleField(_l("Completions"), coerce=int, validate_choice=False)
    decision = RadioField(
        _l("Decision"),
        choices=[SelectChoice(APPROVE, _l("Approve: it becomes evidence")), SelectChoice(REFUSE, _l("Refuse"))],
        validators=[DataRequired(_l("Choose one of the two."))],
    )
    reason = TextAreaField(
        _l("Reason"),
        filters=[typed_text],
        validators=[Length(max=300, message=MOST)],
        render_kw={"rows": 2, "dir": "auto"},
    )

    def validate_completions(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError(_("Tick at least one."))

    def validate_reason(self, field: TextAreaField) -> None:
        if self.decision.data == REFUSE and not field.data:
            raise ValidationError(_("Say why, so that the trainee knows."))


class UploadForm(FlaskForm):  # type: ignore[misc]
    file = FileField(
        _l("File with completions"),
        validators=[DataRequired(_l("Choose a file."))],
        render_kw={"accept": ".csv,.tsv,.txt"},
    )
