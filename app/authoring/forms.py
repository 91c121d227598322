"""What an author types when a lab is begun, and when a version is given out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Form, FormField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from app.authoring.beginning import Beginning, tables
from app.authoring.bilingual_forms import IN_ENGLISH, IN_URDU, bilingual, is_right, problems
from app.content.schemas import Catalogue, Module, Notebook
from app.core.fields import NUMBER, WholeNumberField
from app.core.typed import typed_text

LONGEST_REASON = 1_000
LONGEST_TITLE = 120
LONGEST_SUMMARY = 500
MOST_MINUTES = 240


class PublishForm(FlaskForm):  # type: ignore[misc]
    """Why a version is published."""

    reason = TextAreaField(
        _l("What is new in it, and why"),
        validators=[
            DataRequired(message=_l("Write what is new, so that the versions can be told apart later.")),
            Length(max=LONGEST_REASON, message=_l("Shorten your reason to 1,000 characters.")),
        ],
        render_kw={"rows": 3, "dir": "auto"},
    )

    @property
    def reason_given(self) -> str:
        return typed_text(self.reason.data)


class TitleForm(Form):  # type: ignore[misc]
    """What a lab is called."""

    en = StringField(_l("Title in English"), render_kw={"autocomplete": "off", **IN_ENGLISH})
    ur = StringField(_l("Title in Urdu"), render_kw={"autocomplete": "off", **IN_URDU})


class SummaryForm(Form):  # type: ignore[misc]
    """What a lab is about."""

    en = TextAreaField(_l("What it is about, in English"), render_kw={"rows": 2, **IN_ENGLISH})
    ur = TextAreaField(_l("What it is about, in Urdu"), render_kw={"rows": 2, **IN_URDU})


class BeginningForm(FlaskForm):  # type: ignore[misc]
    """A lab that the academy begins itself. data_of: module and lab, as "measure-to-manage/grievances", or module only,
    as "measure-to-manage/"."""

    data_of = SelectField(
        _l("Module, and the data that it reads"),
        validators=[DataRequired(message=_l("Choose the module and the data."))],
    )
    heading = FormField(TitleForm)
    summary = FormField(SummaryForm)
    minutes = WholeNumberField(
        _l("Minutes that it takes"),
        validators=[
            InputRequired(message=_l("Say how many minutes it takes.")),
            NumberRange(1, MOST_MINUTES, message=_l("Type a number of minutes from 1 to 240.")),
        ],
        render_kw=NUMBER,
    )
    competencies = SelectMultipleField(
        _l("Skills that it shows"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validators=[DataRequired(message=_l("Choose at least one skill."))],
    )

    def __init__(self, catalogue: Catalogue, language: str, **values: Any) -> None:
        super().__init__(**values)
        self.catalogue = catalogue
        self.data_of.choices = [
            SelectChoice(_key(module, lab), f"{module.title.in_language(language)}: {_name(lab, language)}")
            for module, lab in _data(catalogue.modules.values())
        ]
        self.competencies.choices = [
            SelectChoice(code, f"{each.title.in_language(language)} ({code})")
            for code, each in catalogue.competencies.items()
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        are_right = [
            bool(super().validate(extra_validators)),
            is_right(self.heading.form, LONGEST_TITLE),
            is_right(self.summary.form, LONGEST_SUMMARY),
        ]
        return all(are_right)

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [*problems(self), *problems(self.heading.form), *problems(self.summary.form)]

    @property
    def wanted(self) -> Beginning:
        """Only of a form that was found right."""
        known = _data(self.catalogue.modules.values())
        [(module, lab)] = [(module, lab) for module, lab in known if _key(module, lab) == self.data_of.data]
        return Beginning(
            module,
            lab,
            title=bilingual(self.heading.form),
            summary=bilingual(self.summary.form),
            minutes=self.minutes.data or 0,
            competencies=tuple(self.competencies.data),
        )


def _data(modules: Iterable[Module]) -> list[tuple[Module, Notebook | None]]:
    """Every lab of the content packs that has a table, with its module; then every module, for data of one's own."""
    known = list(modules)
    labs = [
        (module, lab)
        for module in known
        for lab in module.activities
        if isinstance(lab, Notebook) and tables(lab)
    ]  # fmt: skip
    return [*labs, *((module, None) for module in known)]


def _key(module: Module, lab: Notebook | None) -> str:
    return f"{module.id}/{lab.id if lab else ''}"


def _name(lab: Notebook | None, language: str) -> str:
    if lab is None:
        return str(_("data of our own, which we bring"))
    return f"{lab.title.in_language(language)} ({', '.join(tables(lab))})"
