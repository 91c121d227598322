"""Courses finished elsewhere, in the reader's words."""

from __future__ import annotations

from flask_babel import gettext as _

from app.completions.models import Provider, State
from app.completions.reading import LONGEST_TITLE, Row


def provider_name(provider: Provider) -> str:
    names = {
        Provider.COURSERA: "Coursera",
        Provider.MICROSOFT_LEARN: "Microsoft Learn",
        Provider.AWS: "AWS",
        Provider.GOOGLE: "Google",
        Provider.OTHER: _("Another one"),
    }
    return str(names[provider])


def state_name(state: State) -> str:
    names = {
        State.REPORTED: _("waits to be looked at"),
        State.APPROVED: _("approved"),
        State.REFUSED: _("refused"),
        State.WITHDRAWN: _("withdrawn"),
    }
    return str(names[state])


def wrong_link() -> str:
    return str(
        _("The link must begin with https:// and name an open page, without a user name, a password or a port in it.")
    )


def column_name(column: str) -> str:
    names = {
        "username": _("User name"),
        "provider": _("Provider"),
        "title": _("Title of the course"),
        "completed_on": _("Finished on"),
        "link": _("Link to the proof"),
        "competency": _("Competency"),
    }
    return str(names[column])


def problems(row: Row) -> list[str]:
    """What is wrong with a row and what to do about it."""
    return [_problem(column, code) for column, code in row.problems]


def _problem(column: str, code: str) -> str:
    if code == "repeated":
        return str(_("An earlier row of the file says the same. Leave one of them."))
    name = column_name(column)
    texts = {
        "missing": _("%(column)s: the cell is empty. Fill it in.", column=name),
        "formula": _("%(column)s: the cell holds a formula or begins like one. Put the bare value there.", column=name),
        "nobody": _("No trainee of your academy has this user name."),
        "provider": _("Provider: write Coursera, Microsoft Learn, AWS, Google or other."),
        "title": _(
            "%(column)s: the text is longer than %(most)s characters. Shorten it.", column=name, most=LONGEST_TITLE
        ),
        "completed_on": _("Finished on: write the day like 2026-03-31 or 31/03/2026."),
        "completed_on_range": _("The day must lie between 2010 and today."),
        "link": wrong_link(),
        "competency": _("Competency: write a code of the framework, such as D2.1."),
    }
    return str(texts[code])
