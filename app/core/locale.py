"""The reader's language: theirs when signed in, else what they chose, else what the browser asks for."""

from __future__ import annotations

from typing import Literal

from flask import Flask, request
from flask import session as cookie
from flask_babel import Babel, get_locale
from flask_login import current_user

Language = Literal["en", "ur"]
LEFT_TO_RIGHT_ISOLATE, END_OF_ISOLATE = "\u2066", "\u2069"
LANGUAGES: dict[Language, str] = {"en": "English", "ur": "اردو"}
# The day first and the month in letters, as Pakistan writes it: 11/12/26 would be read as the 11th of December.
DATE_FORMATS = {
    "date.medium": "d MMM y",
    "datetime.short": "d MMM y HH:mm",
    "datetime.medium": "d MMM y HH:mm:ss",
}


def choose() -> str:
    """Language of this request."""
    if chosen := cookie.get("language"):
        return str(chosen)
    if current_user.is_authenticated:
        return str(current_user.language)
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def language() -> Language:
    return "ur" if str(get_locale() or "en") == "ur" else "en"


def direction() -> Literal["ltr", "rtl"]:
    return "rtl" if language() == "ur" else "ltr"


def isolated(text: str) -> str:
    """A number or a code, set apart in right-to-left text, where its parts would else change places."""
    return f"{LEFT_TO_RIGHT_ISOLATE}{text}{END_OF_ISOLATE}" if direction() == "rtl" else text


def init_app(app: Flask) -> None:
    Babel(
        app,
        date_formats={**Babel.default_date_formats, **DATE_FORMATS},
        locale_selector=choose,
        default_timezone="Asia/Karachi",
        default_translation_directories="translations",
    )
    app.jinja_env.globals.update(language=language, direction=direction, LANGUAGES=LANGUAGES)
    app.jinja_env.filters["isolated"] = isolated
