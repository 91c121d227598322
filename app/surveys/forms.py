"""What a trainee answers, and the code they type."""

from __future__ import annotations

import random
import re
import secrets
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app.content.schemas import Instrument, SurveyItem
from app.core.codes import as_shown, as_written
from app.core.fields import DayField
from app.core.locale import beginning_of, day_of, end_of, language, last_day_before, today
from app.surveys import service
from app.surveys.models import Survey, WaveName

# No item's id has this sign, so that none is taken for another field of the form.
ITEM = "item_"
# From this the order of the items on one sheet follows; it goes to the browser and back, and is stored nowhere.
ORDER, ORDER_SIGNS = "order", re.compile(r"[0-9a-f]{16}")
NO_DAY = _l("Choose a day, for example 2027-03-01.")
LATEST = timedelta(days=730)
CODE_SIGNS = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "dir": "ltr"}


def agreement_words() -> list[str]:
    """The five answers, from strong disagreement on."""
    return [
        str(_("Strongly disagree")),
        str(_("Disagree")),
        str(_("Neither")),
        str(_("Agree")),
        str(_("Strongly agree")),
    ]


class ItemsForm(FlaskForm):  # type: ignore[misc]
    """The items of an instrument, which `answer_form` puts in."""

    order = HiddenField()

    @property
    def item_fields(self) -> list[RadioField]:
        """In the order of this sheet."""
        return [field for field in self if isinstance(field, RadioField)]

    @property
    def answers(self) -> dict[str, int]:
        """What was answered, by item; items that were left out are not in it."""
        return {field.name.removeprefix(ITEM): int(field.data) for field in self.item_fields if field.data}


class FirstAnswerForm(ItemsForm):
    """Before the course: the page proposes a code, which the trainee keeps or does without."""

    code = HiddenField()
    link = BooleanField(_l("Link my answers of all times that I answer by this code. I have written it down."))

    def validate_code(self, field: HiddenField) -> None:
        if not service.is_code(as_written(field.data or "")):
            field.data = service.fresh_code()
            if self.link.data:
                raise ValidationError(_("The code was lost on the way. Write down the new one below."))

    @property
    def code_to_link(self) -> str:
        """Under which the answers are to be found again, of a form that was found right; "" for not at all."""
        return as_written(self.code.data) if self.link.data else ""

    @property
    def code_shown(self) -> str:
        return as_shown(as_written(self.code.data))


class SecondAnswerForm(ItemsForm):
    """After the course and later: who wrote the code down types it."""

    code = StringField(_l("Your code from before the course"), validators=[Length(max=40)], render_kw=CODE_SIGNS)

    @property
    def code_to_link(self) -> str:
        """As of the form before the course."""
        return as_written(self.code.data or "")


AnswerForm = FirstAnswerForm | SecondAnswerForm


class CodeForm(FlaskForm):  # type: ignore[misc]
    code = StringField(
        _l("Your code"),
        validators=[DataRequired(_l("Type the code that you wrote down.")), Length(max=40)],
        render_kw=CODE_SIGNS,
    )


class LaterForm(FlaskForm):  # type: ignore[misc]
    """From which day to which a cohort is asked once more."""

    opens_on = DayField(_l("First day"), validators=[DataRequired(NO_DAY)], render_kw={"dir": "ltr"})
    last_day = DayField(_l("Last day"), validators=[DataRequired(NO_DAY)], render_kw={"dir": "ltr"})

    @classmethod
    def of(cls, survey: Survey) -> LaterForm:
        """With the days of a survey that has a plan."""
        return cls(formdata=None, **_days(survey))

    @classmethod
    def sent_for(cls, survey: Survey, *, is_open: bool) -> LaterForm:
        """What was sent; the first day of a wave that is open is past and stays."""
        form = cls()
        if is_open:
            form.opens_on.data = _days(survey)["opens_on"]
            form.opens_on.validators = ()
        return form

    def validate_opens_on(self, field: DayField) -> None:
        if field.validators and not today() <= field.data <= today() + LATEST:
            raise ValidationError(_("Choose a day from today on, within two years."))

    def validate_last_day(self, field: DayField) -> None:
        if self.opens_on.data and not self.opens_on.data <= field.data <= self.opens_on.data + LATEST:
            raise ValidationError(_("Choose a day from the first day on, within two years."))
        if field.data < today():
            raise ValidationError(_("Choose a day from today on."))

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """When the wave opens and closes, of a form that was found right."""
        return beginning_of(self.opens_on.data), end_of(self.last_day.data)


def _days(survey: Survey) -> dict[str, date | None]:
    opens_at, closes_at = survey.later_opens_at, survey.later_closes_at
    return {
        "opens_on": day_of(opens_at) if opens_at else None,
        "last_day": last_day_before(closes_at) if closes_at else None,
    }


def answer_form(
    instrument: Instrument, wave: WaveName, sent_order: str = ""
) -> type[FirstAnswerForm] | type[SecondAnswerForm]:
    """The form of a wave in the reader's language; no answer is an answer too.

    sent_order: of the sheet that is sent; without one the items come in an order of their own.
    """
    base = FirstAnswerForm if wave is WaveName.BEFORE else SecondAnswerForm
    order = sent_order if ORDER_SIGNS.fullmatch(sent_order) else secrets.token_hex(8)
    options = [SelectChoice(str(number), word) for number, word in enumerate(agreement_words(), start=1)]
    options.append(SelectChoice("", _("Prefer not to say")))
    fields: dict[str, Any] = {
        f"{ITEM}{item.id}": RadioField(item.text.in_language(language()), choices=options, default="")
        for item in in_order(instrument, order)
    }
    return type("AnswerForm", (base,), {ORDER: HiddenField(filters=[lambda _sent: order]), **fields})


def in_order(instrument: Instrument, order: str) -> list[SurveyItem]:
    """The items scale by scale, those of each scale as if drawn from a hat."""
    dice = random.Random(order)  # noqa: S311 - an order of questions, and nothing secret
    return [
        item
        for scale in instrument.scales
        for item in dice.sample(instrument.items_of(scale.id), len(instrument.items_of(scale.id)))
    ]
