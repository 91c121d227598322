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
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.content.schemas import Rubric, RubricRow
from app.core.numbers import number_between, read_number
from app.core.typed import typed_text
from app.gradebook.points import rubric_points
from app.marking.models import KeptComment
from app.sims import memos

COMMENT_LENGTH = 2_000
KEPT_LENGTH = 500


class _Mark:
    """What every form of a mark reads alike; the fields stand in each, as their order is that of its page.

    kept: comments of other answers to the task that this one gets too.
    """

    kept: SelectMultipleField
    comment: TextAreaField
    keep: BooleanField
    seen: HiddenField
    texts: Mapping[int, str]

    def offer(self, comments: Sequence[KeptComment]) -> None:
        """The comments to choose from."""
        self.texts = {comment.id: comment.text for comment in comments}
        self.kept.choices = [SelectChoice(number, text) for number, text in self.texts.items()]

    @property
    def comment_given(self) -> str:
        """What was typed; "" for nothing."""
        return typed_text(self.comment.data)

    @property
    def words(self) -> str:
        """The comments that were chosen, then what was typed; "" for none."""
        chosen = [self.texts[number] for number in self.kept.data or () if number in self.texts]
        return "\n".join([*chosen, self.comment_given] if self.comment_given else chosen)

    def validate_comment(self, _field: TextAreaField) -> None:
        if len(self.words) > COMMENT_LENGTH:
            raise ValidationError(_("The comment is too long. Shorten it to 2,000 characters."))
        if self.keep.data and not 0 < len(self.comment_given) <= KEPT_LENGTH:
            raise ValidationError(_("A comment that is kept has 1 to 500 characters. Shorten it, or do not keep it."))

    @property
    def mark_seen(self) -> int:
        """Number of the mark that the page was opened with; 0 for anything else."""
        return int(self.seen.data) if (self.seen.data or "").isdecimal() else 0


def _kept_field() -> SelectMultipleField:
    return SelectMultipleField(
        coerce=int, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False), validate_choice=False
    )


def _comment_field() -> TextAreaField:
    return TextAreaField(_l("Comment for the trainee"), render_kw={"rows": 4, "dir": "auto"})


def _keep_field() -> BooleanField:
    return BooleanField(_l("Keep this comment for other answers to this task"))


def _row_field(problem: str) -> SelectField:
    choices = [SelectChoice("", "–"), *(SelectChoice(str(mark), str(mark)) for mark in range(memos.MOST + 1))]
    return SelectField(choices=choices, validators=[DataRequired(message=problem)])


class MemoMarkForm(_Mark, FlaskForm):  # type: ignore[misc]
    """0 to 4 for each row of the rubric. `seen`: number of the mark that stood when the page was opened, 0 for none."""

    kept = _kept_field()
    comment = _comment_field()
    keep = _keep_field()
    seen = HiddenField(default="0")
    evidence = _row_field(_l("Give the figures and their uncertainty 0 to 4 points."))
    trade_off = _row_field(_l("Give the trade-off 0 to 4 points."))
    recommendation = _row_field(_l("Give the recommendation 0 to 4 points."))

    def __init__(self, comments: Sequence[KeptComment], **values: Any) -> None:
        super().__init__(**values)
        self.offer(comments)

    @property
    def rows(self) -> list[tuple[memos.RubricRow, SelectField]]:
        """Each row of the rubric with its field."""
        return [(row, self[row.id]) for row in memos.rubric()]

    @property
    def marks(self) -> dict[str, int]:
        """Marks by row; only of a form that was found right."""
        return {row: int(self[row].data) for row in memos.ROWS}


class MarkForm(_Mark, FlaskForm):  # type: ignore[misc]
    """Points and words for an answer. `seen`: number of the mark that stood when the page was opened, 0 for none.

    Made by `mark_form`, which adds the rubric.
    """

    points = StringField(_l("Points"), render_kw={"inputmode": "decimal", "dir": "ltr", "autocomplete": "off"})
    kept = _kept_field()
    comment = _comment_field()
    keep = _keep_field()
    seen = HiddenField(default="0")

    def __init__(
        self, most: float, comments: Sequence[KeptComment], *, rubric: Rubric, needs_words: bool, **values: Any
    ) -> None:
        super().__init__(**values)
        self.offer(comments)
        self.most, self.rubric, self.needs_words = most, rubric, needs_words
        if rubric:
            del self.points

    @property
    def rows(self) -> list[tuple[RubricRow, RadioField]]:
        """Each row of the rubric with its field."""
        return [(row, self[_field_name(row)]) for row in self.rubric]

    def validate_comment(self, field: TextAreaField) -> None:
        if self.needs_words and not self.words:
            raise ValidationError(_("Answer the trainee's reason in words."))
        super().validate_comment(field)

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
    levels: Mapping[str, str] | None = None,
    **values: Any,
) -> MarkForm:
    """The form for a mark: one question for each row of the rubric, or the points where there is none.

    most: points of full marks. needs_words: the mark answers a request, so it needs words. levels: those to begin with.
    """
    rows = {_field_name(row): _level_field(row, language) for row in rubric}
    form = type("RubricMarkForm", (MarkForm,), rows)
    began = {_field_name(row): (levels or {}).get(row.id) for row in rubric}
    made: MarkForm = form(most, comments, rubric=rubric, needs_words=needs_words, **began, **values)
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
