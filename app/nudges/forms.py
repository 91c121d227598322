"""What an instructor writes to trainees, and where a trainee wants e-mails."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from app.core.mail import LONGEST_ADDRESS, is_address
from app.core.wording import Language
from app.nudges.wording import LANGUAGES, Wording, proposed

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


class MailForm(FlaskForm):  # type: ignore[misc]
    """Where a person wants their notices; empty for nowhere but the portal."""

    address = StringField(
        _l("E-mail address"),
        validators=[Length(max=LONGEST_ADDRESS, message=_l("Shorten this to %(max)d characters."))],
        render_kw={"type": "email", "dir": "ltr", "autocomplete": "email", "autocapitalize": "none"},
    )

    def validate_address(self, _field: StringField) -> None:
        if self.typed_address and not is_address(self.typed_address):
            raise ValidationError(_("Type an e-mail address, for example amina@example.org, or leave it empty."))

    @property
    def typed_address(self) -> str:
        return (self.address.data or "").strip()
