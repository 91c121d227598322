"""What trainees, supervisors and instructors type about work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.attestations.models import Seen, Shared
from app.attestations.service import Answer
from app.attestations.wording import seen_name, shared_name
from app.content.schemas import Competency
from app.core.fields import DayField
from app.core.locale import language, today
from app.core.mail import LONGEST_ADDRESS, is_address
from app.core.typed import typed_text

MOST = _l("Shorten this to %(max)d characters.")
LEVELS = (3, 4)
OLDEST = timedelta(days=365)
CONFIRM, REJECT = "confirm", "reject"
LONG = {"rows": 4, "dir": "auto"}


def _one_line(label: Any, missing: Any) -> StringField:
    return StringField(
        label,
        filters=[lambda typed: " ".join((typed or "").split())],
        validators=[DataRequired(missing), Length(max=200, message=MOST)],
        render_kw={"dir": "auto", "autocomplete": "off"},
    )


def _text(label: Any, missing: Any, longest: int) -> TextAreaField:
    return TextAreaField(
        label,
        filters=[typed_text],
        validators=[DataRequired(missing), Length(max=longest, message=MOST)],
        render_kw=LONG,
    )


class AskForm(FlaskForm):  # type: ignore[misc]
    """A task at work, and who saw it."""

    competency = SelectField(_l("Competency that it shows"))
    level = SelectField(_l("Level that it shows"), coerce=int)
    task = _text(_l("What did you do?"), _l("Say what you did."), 1_500)
    done_on = DayField(
        _l("Finished on"),
        validators=[DataRequired(_l("Choose a day, for example 2027-03-01."))],
        render_kw={"dir": "ltr"},
    )
    place = _one_line(_l("Where was it?"), _l("Name the office or place."))
    result = _text(_l("What came of it?"), _l("Say what came of it."), 1_000)
    supervisor_name = _one_line(_l("Name of the supervisor who saw it"), _l("Type the name."))
    supervisor_office = _one_line(_l("Designation and office of the supervisor"), _l("Type designation and office."))
    supervisor_address = StringField(
        _l("E-mail address of the supervisor (may stay empty)"),
        filters=[lambda typed: (typed or "").strip()],
        validators=[Length(max=LONGEST_ADDRESS, message=MOST)],
        render_kw={"type": "email", "dir": "ltr", "autocomplete": "off", "autocapitalize": "none"},
    )
    shared = SelectMultipleField(
        _l("What may the supervisor see beside your name, your task and its day?"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    @classmethod
    def of(cls, competencies: Iterable[Competency], own_name: str, **options: Any) -> AskForm:
        """The form with the choices of this reader."""
        form = cls(**options)
        form.own_name = own_name
        form.competency.choices = [
            SelectChoice(each.code, f"{each.code} {each.title.in_language(language())}") for each in competencies
        ]
        form.level.choices = [
            SelectChoice(3, _("Level 3: practitioner, works alone and justifies it")),
            SelectChoice(4, _("Level 4: lead, designs, teaches, sets rules")),
        ]
        form.shared.choices = [SelectChoice(part.value, shared_name(part)) for part in Shared]
        return form

    def validate_done_on(self, field: DayField) -> None:
        if not today() - OLDEST <= field.data <= today():
            raise ValidationError(_("The day must lie within the last year, and not ahead."))

    def validate_supervisor_name(self, field: StringField) -> None:
        if field.data.casefold() == " ".join(self.own_name.casefold().split()):
            raise ValidationError(_("Name somebody else: nobody can attest their own work."))

    def validate_supervisor_address(self, field: StringField) -> None:
        if field.data and not is_address(field.data):
            raise ValidationError(_("Type an e-mail address, for example amina@example.org, or leave it empty."))

    @property
    def values(self) -> dict[str, Any]:
        """As service.ask takes them."""
        names = ("competency", "level", "task", "place", "result", "done_on")
        supervisor = ("supervisor_name", "supervisor_office", "supervisor_address")
        values = {name: self[name].data for name in (*names, *supervisor)}
        return values | {"shared": " ".join(self.shared.data or ())}


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """What a supervisor says."""

    seen = RadioField(_l("What did you see?"), validators=[DataRequired(_l("Choose what you saw."))])
    comment = TextAreaField(
        _l("In your own words (may stay empty)"),
        filters=[typed_text],
        validators=[Length(max=1_000, message=MOST)],
        render_kw=LONG,
    )
    name = _one_line(_l("Your name"), _l("Type your name."))
    designation = _one_line(_l("Your designation and office"), _l("Type your designation and office."))
    may_be_asked = BooleanField(_l("An instructor of the academy may call me at my office about this"))

    @classmethod
    def of_reader(cls, **options: Any) -> AnswerForm:
        form = cls(**options)
        form.seen.choices = [SelectChoice(seen.value, seen_name(seen)) for seen in Seen]
        return form

    @property
    def said(self) -> Answer:
        return Answer(
            Seen(self.seen.data), self.comment.data, self.name.data, self.designation.data, self.may_be_asked.data
        )


class DecisionForm(FlaskForm):  # type: ignore[misc]
    decision = RadioField(
        _l("Decision"),
        choices=[
            SelectChoice(CONFIRM, _l("Confirm: this is the supervisor, and it becomes evidence")),
            SelectChoice(REJECT, _l("Reject: it does not count")),
        ],
        validators=[DataRequired(_l("Choose one of the two."))],
    )
    reason = _text(_l("How you know who the supervisor is, or why you reject it"), _l("Say how you know, or why."), 300)


class ReasonForm(FlaskForm):  # type: ignore[misc]
    reason = _text(_l("Reason"), _l("Say why, so that the trainee knows."), 300)
