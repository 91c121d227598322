"""What an instructor writes to trainees."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.wording import Language
from app.notices.wording import LANGUAGES
from app.nudges.wording import Wording, proposed

LONGEST_SUBJECT, LONGEST_TEXT = 120, 3_000


def _written_in(language: Language) -> dict[str, Any]:
    return {"lang": language, "dir": "rtl" if language == "ur" else "ltr"}


def _subject(label: Any, language: Language) -> StringField:
    return StringField(
        label,
        validators=[
            DataRequired(_l("Write a subject.")),
            Length(max=LONGEST_SUBJECT, message=_l("Shorten this to %(max)d characters.")),
        ],
        render_kw={**_written_in(language), "autocomplete": "off"},
    )


def _text(label: Any, language: Language) -> TextAreaField:
    return TextAreaField(
        label,
        validators=[
            DataRequired(_l("Write what the trainees should read.")),
            Length(max=LONGEST_TEXT, message=_l("Shorten this to %(max)d characters.")),
        ],
        render_kw={**_written_in(language), "rows": 9},
    )


class NudgeForm(FlaskForm):  # type: ignore[misc]
    """Subject and text in each language; whoever reads Urdu gets the Urdu one."""

    subject_en = _subject(_l("Subject in English"), "en")
    text_en = _text(_l("Text in English"), "en")
    subject_ur = _subject(_l("Subject in Urdu"), "ur")
    text_ur = _text(_l("Text in Urdu"), "ur")

    @classmethod
    def with_proposals(cls, *, has_survey: bool) -> NudgeForm:
        wordings = {language: proposed(language, has_survey=has_survey) for language in LANGUAGES}
        return cls(
            formdata=None,
            **{f"subject_{language}": each.subject for language, each in wordings.items()},
            **{f"text_{language}": each.text for language, each in wordings.items()},
        )

    def wordings(self) -> dict[str, Wording]:
        """By language."""
        return {language: self._wording(language) for language in LANGUAGES}

    def _wording(self, language: Language) -> Wording:
        text = self[f"text_{language}"].data.replace("\r\n", "\n").strip()
        return Wording(" ".join(self[f"subject_{language}"].data.split()), text)
