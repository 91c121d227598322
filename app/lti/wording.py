"""What of platforms is said in words."""

from __future__ import annotations

from flask_babel import gettext as _

from app.lti.messages import Fault


def kind_names() -> dict[str, str]:
    """Kinds of parts."""
    return {
        "module": _("Whole module"),
        "quiz": _("Quiz"),
        "simulation": _("Simulation"),
        "notebook": _("Lab"),
        "exercise": _("Exercise"),
    }


def fault_sentence(fault: Fault) -> str:
    """Why a message was not taken and what to do, for who came with it."""
    tell = _("Tell the administrator of your academy.")
    again = _("Go back to your course and open the link again.")
    sentences = {
        Fault.UNREADABLE: (_("What your course sent could not be read."), again),
        Fault.KEYS_OUT_OF_REACH: (
            _("The keys of your learning platform cannot be reached, so nobody can say that it sent you."),
            _("Wait a moment, go back to your course and open the link again."),
        ),
        Fault.UNKNOWN_KEY: (
            _("What your course sent is signed by a key that your learning platform does not publish."),
            tell,
        ),
        Fault.SIGNATURE: (_("The signature of what your course sent does not fit."), tell),
        Fault.ISSUER: (_("Another learning platform sent this than the one that was asked."), tell),
        Fault.AUDIENCE: (_("What your course sent is meant for another tool."), tell),
        Fault.TIME: (_("What your course sent is too old, or the clock of a server is wrong."), again),
        Fault.NONCE: (_("What your course sent was used already."), again),
        Fault.DEPLOYMENT: (_("Your academy did not register this use of Hunar in your learning platform."), tell),
        Fault.KIND: (_("Your course asked for something that Hunar does not know."), tell),
        Fault.PERSON: (_("Your learning platform does not say who you are; it hides it from Hunar."), tell),
    }
    what, next_step = sentences[fault]
    return f"{what} {next_step}"
