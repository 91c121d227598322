"""The reader's language: what they chose in this browser, else theirs when signed in, else what the browser asks for.

A device that keeps a page in every language asks for each by a header, which changes nobody's choice.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import flask_babel
from flask import Flask, request
from flask import session as cookie
from flask.ctx import AppContext
from flask_login import current_user

from app.core import clock, wording
from app.core.wording import Language, direction, isolated, set_apart

# Of every academy, whose days are told by it.
TIME_ZONE = "Asia/Karachi"
LANGUAGES: dict[Language, str] = {"en": "English", "ur": "اردو"}
# Of a request: the language to answer in. Of an answer: the one it is in.
LANGUAGE_HEADER = "Hunar-Language"
# The day first and the month in letters, as Pakistan writes it: 11/12/26 would be read as the 11th of December.
DATE_FORMATS = {
    "date.medium": "d MMM y",
    "datetime.short": "d MMM y HH:mm",
    "datetime.medium": "d MMM y HH:mm:ss",
}


def choose() -> str:
    """Language of this request."""
    if (wanted := request.headers.get(LANGUAGE_HEADER, "")) in LANGUAGES:
        return wanted
    if chosen := cookie.get("language"):
        return str(chosen)
    if current_user.is_authenticated:
        return str(current_user.language)
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def language() -> Language:
    return "ur" if str(flask_babel.get_locale() or "en") == "ur" else "en"


def today() -> date:
    """The day at every academy."""
    return day_of(clock.now())


def day_of(moment: datetime) -> date:
    """The day of the academies' calendar in which a moment lies; also where nobody reads, in the worker."""
    return moment.astimezone(ZoneInfo(TIME_ZONE)).date()


def beginning_of(day: date) -> datetime:
    """When a day of the reader's calendar begins, in UTC."""
    began: datetime = flask_babel.to_utc(datetime.combine(day, time.min))
    return began.replace(tzinfo=UTC)


def end_of(day: date) -> datetime:
    """When a day of the reader's calendar is over: as the next one begins."""
    return beginning_of(day + timedelta(days=1))


def last_day_before(moment: datetime) -> date:
    """The last day of the reader's calendar of which something lies before a moment."""
    return day_of(moment - timedelta(seconds=1))


def age(moment: datetime) -> str:
    """How long ago a moment was, in words."""
    return str(flask_babel.format_timedelta(clock.now() - moment, granularity="second", threshold=1))


@lru_cache(maxsize=1)
def _speaker() -> Flask:
    """Knows the portal's texts and nothing else of it."""
    speaker = Flask("app", static_folder=None)
    flask_babel.Babel(speaker, default_translation_directories="translations")
    return speaker


def speaking() -> AppContext:
    """In which processes without requests find texts, in the language that is forced."""
    return _speaker().app_context()


class Babel:
    """The portal's speaker."""

    gettext = staticmethod(flask_babel.gettext)
    language = staticmethod(language)


def init_app(app: Flask) -> None:
    wording.speak_by(Babel())
    flask_babel.Babel(
        app,
        date_formats={**flask_babel.Babel.default_date_formats, **DATE_FORMATS},
        locale_selector=choose,
        default_timezone=TIME_ZONE,
        default_translation_directories="translations",
    )
    app.jinja_env.globals.update(language=language, direction=direction, LANGUAGES=LANGUAGES)
    app.jinja_env.filters.update(isolated=isolated, set_apart=set_apart)
