"""Texts in the reader's language: on the server by flask_babel, without a link by a catalogue on the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

Language = Literal["en", "ur"]
LEFT_TO_RIGHT_ISOLATE, FIRST_STRONG_ISOLATE, END_OF_ISOLATE = "\u2066", "\u2068", "\u2069"


class Speaker(Protocol):
    """What finds texts; it knows whose request or page it speaks for."""

    @property
    def gettext(self) -> Callable[..., str]:
        """A text in the reader's language, with the named values put in."""

    @property
    def language(self) -> Callable[[], Language]:
        """The reader's language."""


_speakers: list[Speaker] = []


def speak_by(speaker: Speaker) -> None:
    """Take all texts from this speaker from now on."""
    _speakers[:] = [speaker]


def gettext(text: str, **values: object) -> str:
    """A text in the reader's language; %(name)s in it stands for the value of that name."""
    if _speakers:
        return str(_speakers[0].gettext(text, **values))
    return text % values if values else text


def language() -> Language:
    return _speakers[0].language() if _speakers else "en"


def direction() -> Literal["ltr", "rtl"]:
    return "rtl" if language() == "ur" else "ltr"


def isolated(text: str) -> str:
    """A number or a code, set apart in right-to-left text, where its parts would else change places."""
    return f"{LEFT_TO_RIGHT_ISOLATE}{text}{END_OF_ISOLATE}" if direction() == "rtl" else text


def set_apart(name: str) -> str:
    """A name that people typed, in a sentence of either direction."""
    return f"{FIRST_STRONG_ISOLATE}{name}{END_OF_ISOLATE}"
