"""What a marker types."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from app.core.numbers import read_number
from app.core.typed import typed_text
from app.sims import memos
from app.sims.memos import RubricRow

COMMENT_LENGTH = 2_000


class _Mark:
    """What every form of a mark reads alike; the fields stand in each, as their order is that of its page."""

    comment: TextAreaField
    seen: HiddenField

    @property
    def comment_given(self) -> str:
        """The comment; "" for none."""
        return typed_text(self.comment.data)

    @property
    def mark_seen(self) -> int:
        """Number of the mark that the page was opened with; 0 for anything else."""
        return int(self.seen.data) if (self.seen.data or "").isdecimal() else 0


def _comment_field() -> TextAreaField:
    return TextAreaField(
        _l("Comment for the trainee"),
        validators=[Length(max=COMMENT_LENGTH, message=_l("The comment is too long. Shorten it to 2,000 characters."))],
        render_kw={"rows": 4, "dir": "auto"},
    )


def _row_field(problem: str) -> SelectField:
    choices = [SelectChoice("", "–"), *(SelectChoice(str(mark), str(mark)) for mark in range(memos.MOST + 1))]
    return SelectField(choices=choices, validators=[DataRequired(message=problem)])


class MemoMarkForm(_Mark, FlaskForm):  # type: ignore[misc]
    """0 to 4 for each row of the rubric. `seen`: number of the mark that stood when the page was opened, 0 for none."""

    comment = _comment_field()
    seen = HiddenField(default="0")
    evidence = _row_field(_l("Give the figures and their uncertainty 0 to 4 points."))
    trade_off = _row_field(_l("Give the trade-off 0 to 4 points."))
    recommendation = _row_field(_l("Give the recommendation 0 to 4 points."))

    @property
    def rows(self) -> list[tuple[RubricRow, SelectField]]:
        """Each row of the rubric with its field."""
        return [(row, self[row.id]) for row in memos.rubric()]

    @property
    def marks(self) -> dict[str, int]:
        """Marks by row; only of a form that was found right."""
        return {row: int(self[row].data) for row in memos.ROWS}


class MarkForm(_Mark, FlaskForm):  # type: ignore[misc]
    """`most`: the points of the cell. `seen`: number of the mark that stood when the page was opened, 0 for none.

    is_answer: the mark answers a request for a re-grade, so it needs words.
    """

    points = StringField(_l("Points"), render_kw={"inputmode": "decimal", "dir": "ltr", "autocomplete": "off"})
    comment = _comment_field()
    seen = HiddenField(default="0")

    def __init__(self, most: float, *, is_answer: bool, **values: Any) -> None:
        super().__init__(**values)
        self.most, self.is_answer = most, is_answer

    def validate_comment(self, _field: TextAreaField) -> None:
        if self.is_answer and not self.comment_given:
            raise ValidationError(_("Answer the trainee's reason in words."))

    def validate_points(self, field: StringField) -> None:
        try:
            number = read_number(field.data or "")
        except ValueError:
            number = -1.0
        if not 0 <= number <= self.most:
            raise ValidationError(_("Type a number from 0 to %(most)s.", most=f"{self.most:g}"))

    @property
    def points_given(self) -> float:
        """Only of a form that was found right."""
        return read_number(self.points.data)
