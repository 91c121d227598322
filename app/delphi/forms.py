"""What an administrator sends to steer a panel, and what an expert says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.models import Account
from app.core.fields import NAMES, DayField, NamesField, offered
from app.core.locale import end_of, last_day_before, today
from app.delphi.models import Question
from app.delphi.service import Opinion, too_few
from app.foresight.forms import END_LABELS, ENDS, BoundedField
from foresight import DEPARTMENT_RANGES, RANGES, Parameter, Range
from foresight.delphi import LEAST_EXPERTS

LONGEST_OPEN = timedelta(days=365)
LONGEST_REASON, LONGEST_LIST = 1_000, 10_000
# More than anybody answers with a reason for each.
MOST_QUESTIONS, MOST_EXPERTS = 30, 100


class DayForm(FlaskForm):  # type: ignore[misc]
    """Until when a round is open."""

    last_day = DayField(
        _l("Last day"), validators=[DataRequired(_l("Choose a day, for example 2027-03-01."))], render_kw={"dir": "ltr"}
    )

    @classmethod
    def about(cls, closes_at: datetime | None) -> DayForm:
        """With the last day of a round that is open, or without one."""
        last: date | None = last_day_before(closes_at) if closes_at else None
        return cls(formdata=None, data={"last_day": last})

    def validate_last_day(self, field: DayField) -> None:
        if not today() <= field.data <= today() + LONGEST_OPEN:
            raise ValidationError(_("Choose a day from today on, within a year."))

    @property
    def closes_at(self) -> datetime:
        """When the last day ends, of a form that was found right."""
        return end_of(self.last_day.data)


class PanelForm(DayForm):
    """Which questions a panel is asked, who is on it, and until when the first round is open."""

    questions = SelectMultipleField(
        _l("Questions"),
        validators=[DataRequired(_l("Choose at least one question."))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    experts = NamesField(
        _l("User names of the experts"),
        validators=[
            DataRequired(_l("Type or paste at least one user name.")),
            Length(max=LONGEST_LIST, message=_l("The list is too long. Split it into several.")),
        ],
        render_kw={**NAMES, "rows": 6},
    )

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Let these questions be chosen: key and words of each."""
        self.questions.choices = [SelectChoice(key, words) for key, words in choices]

    def validate_questions(self, field: SelectMultipleField) -> None:
        if not set(field.data) <= offered(field):
            raise ValidationError(_("The figures have changed. Choose the questions anew."))
        if len(field.data) > MOST_QUESTIONS:
            raise ValidationError(_("Choose at most %(most)s questions.", most=MOST_QUESTIONS))

    def validate_experts(self, _field: NamesField) -> None:
        if len(self.names) > MOST_EXPERTS:
            raise ValidationError(_("A panel has at most %(most)s experts.", most=MOST_EXPERTS))

    @property
    def names(self) -> list[str]:
        """The user names that were typed, each once."""
        return list(dict.fromkeys(self.experts.names))

    def is_about(self, people: Mapping[str, Account]) -> bool:
        """Whether these people are all that were named, and enough; else the form says what is wrong."""
        unknown = [name for name in self.names if name not in people]
        if unknown:
            words = _(
                "Nobody of your academy who can be asked has these user names: %(names)s.",
                names=", ".join(unknown[:10]),
            )
            self.experts.errors = [words]
        elif len(people) < LEAST_EXPERTS:
            self.experts.errors = [too_few(len(people)).message]
        return not self.experts.errors


class OpinionsForm(FlaskForm):  # type: ignore[misc]
    """Three numbers and a reason for each question, which `opinions_form` puts in."""

    count = 0

    def ends(self, place: int) -> list[BoundedField]:
        """The three fields of a question."""
        return [self[f"q{place}_{end}"] for end in ENDS]

    def reason(self, place: int) -> TextAreaField:
        return self[f"q{place}_reason"]

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        for place in range(self.count):
            typed = [field.data for field in self.ends(place) if field.data is not None]
            if len(typed) == len(ENDS) and typed != sorted(typed):
                self.ends(place)[1].errors = [_("The most likely value must lie between the least and the largest.")]
                is_valid = False
        return is_valid

    @property
    def opinions(self) -> list[Opinion]:
        """What was said, of a form that was found right."""
        return [
            Opinion(Range(*(field.typed for field in self.ends(place))), self.reason(place).data.strip())
            for place in range(self.count)
        ]


def parameter_of(question: Question) -> Parameter:
    return (DEPARTMENT_RANGES if question["department"] else RANGES)[question["name"]]


def opinions_form(questions: Sequence[Question]) -> type[OpinionsForm]:
    """The form of a panel's questions."""
    fields: dict[str, Any] = {"count": len(questions)}
    for place, question in enumerate(questions):
        for end in ENDS:
            fields[f"q{place}_{end}"] = BoundedField(END_LABELS[end], parameter_of(question))
        fields[f"q{place}_reason"] = TextAreaField(
            _l("Why do you expect that?"),
            validators=[
                DataRequired(_l("Give a reason in words: it is what the others can learn from.")),
                Length(max=LONGEST_REASON, message=_l("Shorten this to %(max)d characters.")),
            ],
            render_kw={"rows": 3, "dir": "auto"},
        )
    return type("AskedForm", (OpinionsForm,), fields)
