"""The text that a nudge begins with, in each language, and what is put into it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import force_locale
from flask_babel import gettext as _

from app.core.wording import Language
from app.notices.wording import SENDER

# What stands in a text for something of the reader's own, beside SENDER.
NAME, WORK, COHORT = "{name}", "{work}", "{cohort}"


@dataclass(frozen=True)
class Wording:
    """Subject and text in one language, with what stands for the reader's own."""

    subject: str
    text: str

    def filled(self, *, name: str, work: Iterable[str], cohort: str, sender: str) -> Wording:
        """The same for one reader. Only what was written is looked through, never what was put in."""
        own = {NAME: name, WORK: "\n".join(f"– {each}" for each in work), COHORT: cohort, SENDER: sender}
        return Wording(_filled(self.subject, own), _filled(self.text, own))


def proposed(language: Language, *, has_survey: bool = False) -> Wording:
    """What is proposed to an instructor, in a reader's language and not in the instructor's.

    has_survey: whether a survey asks the cohort now, of which everybody is told alike: who has answered is not known.
    """
    with force_locale(language):
        survey = str(_("A survey of your cohort is open as well; to answer is up to you.")) if has_survey else ""
        text = _(
            "Dear {name},\n\nin the cohort “{cohort}” this is still open:\n{work}\n\nBegin with one of them today. "
            "Your calendar in the portal shows all days. If something holds you up, tell me.\n\n{sender}"
        )
        beginning, gap, sender = text.rpartition("\n\n")
        return Wording(_("Open work in your course"), f"{beginning}{gap}{survey}{gap}{sender}" if survey else text)


def _filled(written: str, own: dict[str, str]) -> str:
    for sign, value in own.items():
        before, found, after = written.partition(sign)
        if found:
            rest = {other: each for other, each in own.items() if other != sign}
            return _filled(before, rest) + value + _filled(after, own)
    return written
