"""Attestations in the reader's words."""

from __future__ import annotations

from flask_babel import force_locale
from flask_babel import gettext as _

from app.attestations.models import Seen, Shared, State
from app.attestations.service import Letter
from app.core.locale import LANGUAGES


def state_name(state: State) -> str:
    names = {
        State.ASKED: _("waits for the supervisor"),
        State.ANSWERED: _("answered; waits to be confirmed"),
        State.UNSEEN: _("the supervisor did not see it"),
        State.CONFIRMED: _("confirmed: it is evidence"),
        State.REJECTED: _("rejected"),
        State.REVOKED: _("revoked"),
        State.WITHDRAWN: _("withdrawn: it no longer counts"),
    }
    return str(names[state])


def seen_name(seen: Seen) -> str:
    names = {
        Seen.NOT_SEEN: _("I did not see this work, or cannot say"),
        Seen.NOT_DONE: _("It was tried, but did not succeed"),
        Seen.WITH_HELP: _("Done with help or under guidance"),
        Seen.ALONE: _("Done alone, and rightly"),
        Seen.TAUGHT: _("Done alone, and shown or taught to others"),
    }
    return str(names[seen])


def shared_name(part: Shared) -> str:
    names = {
        Shared.PLACE: _("where it was"),
        Shared.RESULT: _("what came of it"),
        Shared.LEVEL: _("the competency and the level"),
    }
    return str(names[part])


def doubt(code: str) -> str:
    texts = {
        "other_name": _("The name that was typed is not the one that the trainee gave."),
        "own_name": _("The name that was typed is the trainee's own."),
    }
    return str(texts[code])


def letter(trainee: str, academy: dict[str, str]) -> Letter:
    """The e-mail to a supervisor, in every language one below the other. academy: its name by language."""
    texts = []
    for language in LANGUAGES:
        with force_locale(language):
            texts.append(
                _(
                    "%(trainee)s, who learns at %(academy)s, did a task at work and names you as who saw it. "
                    "The academy asks what you saw. It takes three minutes and needs no account.",
                    trainee=trainee,
                    academy=academy[language],
                )
                + "\n\n{link}\n\n"
                + _("The link is for you alone, works once and for three weeks. Not you? Then leave it unused.")
            )
    with force_locale("en"):
        subject = _("%(trainee)s asks what you saw of their work", trainee=trainee)
    return Letter(str(subject), "\n\n----\n\n".join(texts) + "\n")
