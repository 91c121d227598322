"""What a reader chooses: cohorts to compare, and what to take away."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput

from app.core.fields import offered
from app.core.locale import LANGUAGES
from app.reports.tidy import Content
from app.reports.writing import Format

FEWEST, MOST = 2, 6


class ComparisonForm(FlaskForm):  # type: ignore[misc]
    """Two to six cohorts, and a competency or all of them, from the address of the page."""

    class Meta:
        csrf = False

    cohort = SelectMultipleField(_l("Cohorts"), validate_choice=False, option_widget=CheckboxInput())
    competency = SelectField(_l("Competency"), validate_choice=False)

    def offer(self, cohorts: Sequence[tuple[str, str]], competencies: Sequence[tuple[str, str]]) -> ComparisonForm:
        """The same form with what can be chosen."""
        self.cohort.choices = [SelectChoice(number, name) for number, name in cohorts]
        every = SelectChoice("", _("all competencies"))
        self.competency.choices = [every, *(SelectChoice(code, title) for code, title in competencies)]
        return self

    @property
    def cohort_ids(self) -> list[int]:
        return sorted({int(number) for number in self.cohort.data})

    def validate_cohort(self, field: SelectMultipleField) -> None:
        chosen = set(field.data or ())
        if not FEWEST <= len(chosen) <= MOST:
            raise ValidationError(_("Choose two to six cohorts."))
        if not chosen <= offered(field):
            raise ValidationError(_("Choose cohorts of the list."))

    def validate_competency(self, field: SelectField) -> None:
        if (field.data or "") not in offered(field):
            raise ValidationError(_("Choose a competency of the list."))


class TakeAwayForm(FlaskForm):  # type: ignore[misc]
    """content: named records, or figures of the group; format: of the file."""

    content = RadioField(_l("What"), validate_choice=False)
    format = RadioField(_l("Format"), default=Format.XLSX.value, validate_choice=False)

    def offer(self, *, named: bool) -> TakeAwayForm:
        """The same form with what can be chosen. named: whether this reader may see records of persons."""
        contents: dict[Content, str] = {"groups": _("Figures of the cohort, without names")}
        if named:
            contents["records"] = _("Records of each trainee, with names")
        self.content.choices = [SelectChoice(content, name) for content, name in contents.items()]
        self.content.data = self.content.data or "groups"
        self.format.choices = [
            SelectChoice(Format.XLSX.value, _("Workbook (XLSX), with a dictionary of its columns")),
            SelectChoice(Format.CSV.value, _("CSV, for any program")),
            SelectChoice(Format.PARQUET.value, _("Parquet, with types")),
        ]
        return self

    def validate_content(self, field: RadioField) -> None:
        _demand_choice(field)

    def validate_format(self, field: RadioField) -> None:
        _demand_choice(field)


def _demand_choice(field: RadioField) -> None:
    if field.data not in offered(field):
        raise ValidationError(_("Choose one of the list."))


class PrintForm(FlaskForm):  # type: ignore[misc]
    """The language of a printed report."""

    language = SelectField(
        _l("Language"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()], validate_choice=False
    )

    def validate_language(self, field: SelectField) -> None:
        _demand_choice(field)
