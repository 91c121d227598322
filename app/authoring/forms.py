"""What an author types when a version is given out."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.typed import typed_text

LONGEST_REASON = 1_000


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
