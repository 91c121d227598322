"""The form of a request for a re-grade."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.typed import typed_text

LONGEST_REASON = 1_000


class RegradeForm(FlaskForm):  # type: ignore[misc]
    """Why the points of one cell should be looked at again."""

    reason = TextAreaField(
        _l("Why should it be looked at again?"),
        validators=[
            DataRequired(message=_l("Write what you think was overlooked.")),
            Length(max=LONGEST_REASON, message=_l("Shorten your reason to 1,000 characters.")),
        ],
        render_kw={"rows": 4, "dir": "auto"},
    )

    @property
    def reason_given(self) -> str:
        """The reason; only of a form that was found right."""
        return typed_text(self.reason.data)
