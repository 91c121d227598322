"""What a marker types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.content.schemas import Notebook, Rubric, RubricRow, Simulation
from app.core.fields import NUMBER, WholeNumberField
from app.core.numbers import number_between, read_number
from app.core.typed import number_seen, typed_text
from app.gradebook.points import rubric_points
from app.marking.models import KeptComment
from app.marking.queries import Shares

COMMENT_LENGTH = 2_000
KEPT_LENGTH = 500


class MarkForm(FlaskForm):  # type: ignore[misc]
    """Points and words for an answer. `seen`: number of the mark that stood when the page was opened, 0 for none.

    kept: comments on other answers to the task that this one gets too. Made by `mark_form`, which adds the rubric.
    """

    points = StringField(_l("Points"), render_kw={"inputmode": "decimal", "dir": "ltr", "autocomplete": "off"})
    kept = SelectMultipleField(
        coerce=int, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False), validate_choice=False
    )
    comment = TextAreaField(_l("Comment for the trainee"), render_kw={"rows": 4, "dir": "auto"})
    keep = BooleanField(_l("Keep this comment for other answers to this task"))
    seen = HiddenField(default="0")

    def __init__(
        self,
        most: float,
        comments: Sequence[KeptComment],
        *,
        rubric: Rubric,
        needs_words: bool,
        is_second: bool,
        **values: Any,
    ) -> None:
        super().__init__(**values)
        self.texts = {comment.id: comment.text for comment in comments}
        self.kept.choices = [SelectChoice(number, text) for number, text in self.texts.items()]
        self.most, self.rubric, self.needs_words, self.is_second = most, rubric, needs_words, is_second
        if rubric:
            del self.points

    @property
    def rows(self) -> list[tuple[RubricRow, RadioField]]:
        """Each row of the rubric with its field."""
        return [(row, self[_field_name(row)]) for row in self.rubric]

    @property
    def comment_given(self) -> str:
        """What was typed; "" for nothing."""
        return typed_text(self.comment.data)

    @property
    def words(self) -> str:
        """The comments that were chosen, then what was typed; "" for none."""
        chosen = [self.texts[number] for number in self.kept.data or () if number in self.texts]
        return "\n".join([*chosen, self.comment_given] if self.comment_given else chosen)

    @property
    def mark_seen(self) -> int:
        """Number of the mark that the page was opened with; 0 for anything else."""
        return number_seen(self.seen.data)

    def validate_comment(self, _field: TextAreaField) -> None:
        if self.needs_words and not self.words:
            raise ValidationError(_("Answer the trainee's reason in words."))
        if self.mark_seen and not self.is_second and not self.words:
            raise ValidationError(
                _("This takes the place of another mark. Say why in the comment; the trainee reads it.")
            )
        if len(self.words) > COMMENT_LENGTH:
            raise ValidationError(_("The comment is too long. Shorten it to 2,000 characters."))
        if self.keep.data and not 0 < len(self.comment_given) <= KEPT_LENGTH:
            raise ValidationError(_("A comment that is kept has 1 to 500 characters. Shorten it, or do not keep it."))

    def validate_points(self, field: StringField) -> None:
        if number_between(field.data or "", 0, self.most) is None:
            raise ValidationError(_("Type a number from 0 to %(most)s.", most=f"{self.most:g}"))

    @property
    def levels_given(self) -> dict[str, str]:
        """The level of each row; only of a form that was found right."""
        return {row.id: str(field.data) for row, field in self.rows}

    @property
    def points_given(self) -> float:
        """Only of a form that was found right."""
        if self.rubric:
            return rubric_points(self.rubric, self.levels_given) or 0.0
        return read_number(self.points.data)


def mark_form(
    most: float,
    rubric: Rubric,
    comments: Sequence[KeptComment],
    language: str,
    *,
    needs_words: bool = False,
    is_second: bool = False,
    levels: Mapping[str, str] | None = None,
    **values: Any,
) -> MarkForm:
    """The form for a mark: one question for each row of the rubric, or the points where there is none.

    most: points of full marks. needs_words: the mark answers a request, so it needs words.
    is_second: it takes the place of no other. levels: those to begin with.
    """
    rows = {_field_name(row): _level_field(row, language) for row in rubric}
    form = type("RubricMarkForm", (MarkForm,), rows)
    began = {_field_name(row): (levels or {}).get(row.id) for row in rubric}
    made: MarkForm = form(
        most, comments, rubric=rubric, needs_words=needs_words, is_second=is_second, **began, **values
    )
    return made


def _field_name(row: RubricRow) -> str:
    return f"row_{row.id.replace('-', '_')}"


def _level_field(row: RubricRow, language: str) -> RadioField:
    def is_level(_form: FlaskForm, field: RadioField) -> None:
        if row.points(field.data or "") is None:
            raise ValidationError(_("Choose a level for “%(row)s”.", row=row.title.in_language(language)))

    choices = [
        SelectChoice(
            level.id, _("%(points)s: %(anchor)s", points=f"{level.points:g}", anchor=level.text.in_language(language))
        )
        for level in row.levels
    ]
    return RadioField(row.title.in_language(language), choices=choices, validate_choice=False, validators=[is_level])


class SharesForm(FlaskForm):  # type: ignore[misc]
    """How much of each activity's work is marked twice; `shares_form` adds two fields for each activity.

    The second one keeps the share that the page showed when it was opened.
    """

    names: Mapping[str, str] = {}

    @property
    def fields(self) -> list[WholeNumberField]:
        return [self[name] for name in self.names.values()]

    @property
    def seen_fields(self) -> list[HiddenField]:
        return [self[_seen(name)] for name in self.names.values()]

    @property
    def seen(self) -> dict[str, int]:
        """By activity the share that was shown when the page was opened."""
        return {activity_id: number_seen(self[_seen(name)].data) for activity_id, name in self.names.items()}

    def see(self, percents: Mapping[str, int]) -> None:
        """Keep what was typed; what is shown now is what the next sending has seen."""
        for activity_id, name in self.names.items():
            self[_seen(name)].data = str(percents.get(activity_id, 0))

    @property
    def percents(self) -> dict[str, int]:
        """By activity; only of a form that was found right. Nothing typed is none."""
        return {activity_id: self[name].data or 0 for activity_id, name in self.names.items()}


def shares_form(found: Shares, language: str) -> SharesForm:
    """The form for the shares of a cohort, filled with the present ones or with what was sent."""
    names = {each.id: f"share_{each.id.replace('-', '_')}" for each in found.activities}
    fields = {names[each.id]: _share_field(each, language) for each in found.activities}
    seen = {_seen(name): HiddenField() for name in names.values()}
    form = type("ActivitySharesForm", (SharesForm,), fields | seen | {"names": names})
    percents = {name: found.percents.get(activity_id, 0) for activity_id, name in names.items()}
    made: SharesForm = form(**percents, **{_seen(name): str(percent) for name, percent in percents.items()})
    return made


def _seen(name: str) -> str:
    return f"{name}_seen"


def _share_field(activity: Notebook | Simulation, language: str) -> WholeNumberField:
    title = activity.title.in_language(language)
    if isinstance(activity, Notebook):
        label = _("%(title)s: percent of the written answers", title=title)
    else:
        label = _("%(title)s: percent of the memos", title=title)
    in_range = NumberRange(0, 100, _("Type a number from 0 to 100."))
    return WholeNumberField(label, validators=[Optional(), in_range], render_kw=NUMBER)
