"""The public register of algorithms."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts.queries import current_account
from app.algorithms.measured import calibration
from app.algorithms.register import register
from app.competencies.queries import was_trainee
from app.content.current import catalogue
from app.core import running
from app.core.access import public
from app.core.db import session

blueprint = Blueprint("algorithms", __name__, template_folder="templates")


@blueprint.get("/algorithms")
@public
def algorithms() -> str:
    settings = running.settings()
    may_complain = not current_user.is_authenticated or was_trainee(session(), current_account())
    return render_template(
        "algorithms/register.html",
        entries=register(catalogue().instrument, settings.silent_days),
        measured=calibration(),
        worlds=_worlds(),
        may_complain=may_complain,
    )


def _worlds() -> dict[str, str]:
    """Names of the worlds of docs/benchmarks.json in the reader's language."""
    return {
        "the method's own world": _("as the method supposes"),
        "the method's own world, quizzes, simulations and notebooks": _("the same, with simulations and notebooks"),
        "a skill that stays": _("a skill that stays"),
        "a skill that halves in two years": _("a skill that halves in two years"),
        "Rasch's model": _("Rasch's model, independent answers"),
        "Rasch's model, hard questions, good and bad days": _("Rasch's model, hard questions, good and bad days"),
        "learning at one stroke": _("learning at one stroke"),
    }
