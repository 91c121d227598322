"""What a trainee answers, and the code they type."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app.content.schemas import Instrument
from app.core.codes import as_shown, as_written
from app.core.locale import language
from app.surveys import service
from app.surveys.models import WaveName

# No item's id has this sign, so that none is taken for another field of the form.
ITEM = "item_"
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

    @property
    def answers(self) -> dict[str, int]:
        """What was answered, by item; items that were left out are not in it."""
        return {
            field.name.removeprefix(ITEM): int(field.data)
            for field in self
            if isinstance(field, RadioField) and field.data
        }


class FirstAnswerForm(ItemsForm):
    """Before the course: the page proposes a code, which the trainee keeps or does without."""

    code = HiddenField()
    link = BooleanField(_l("Link my answers of before and after the course by this code. I have written it down."))

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
    """After the course: who wrote the code down types it."""

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


def answer_form(instrument: Instrument, wave: WaveName) -> type[FirstAnswerForm] | type[SecondAnswerForm]:
    """The form of a wave in the reader's language; no answer is an answer too."""
    base = FirstAnswerForm if wave is WaveName.BEFORE else SecondAnswerForm
    options = [SelectChoice(str(number), word) for number, word in enumerate(agreement_words(), start=1)]
    fields: dict[str, Any] = {
        f"{ITEM}{item.id}": RadioField(
            item.text.in_language(language()), choices=[*options, SelectChoice("", _("No answer"))], default=""
        )
        for item in instrument.items
    }
    return type("AnswerForm", (base,), fields)
