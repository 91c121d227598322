"""What a marker types."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from app.core.numbers import read_number

COMMENT_LENGTH = 2_000


class MarkForm(FlaskForm):  # type: ignore[misc]
    """`most`: the points of the cell. `seen`: number of the mark that stood when the page was opened, 0 for none."""

    points = StringField(_l("Points"), render_kw={"inputmode": "decimal", "dir": "ltr", "autocomplete": "off"})
    comment = TextAreaField(
        _l("Comment for the trainee"),
        validators=[Length(max=COMMENT_LENGTH, message=_l("The comment is too long. Shorten it to 2,000 characters."))],
        render_kw={"rows": 4, "dir": "auto"},
    )
    seen = HiddenField(default="0")

    def __init__(self, most: float, **values: Any) -> None:
        super().__init__(**values)
        self.most = most

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

    @property
    def comment_given(self) -> str:
        return (self.comment.data or "").replace("\r\n", "\n").strip()

    @property
    def mark_seen(self) -> int:
        return int(self.seen.data) if (self.seen.data or "").isdecimal() else 0
