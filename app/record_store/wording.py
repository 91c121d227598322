"""Record stores and what is sent there, in words."""

from __future__ import annotations

from flask_babel import gettext as _

from app.record_store.courier import Finding
from app.record_store.models import StatementKind


def kind_names() -> dict[str, str]:
    return {
        StatementKind.LESSON_COMPLETED: _("A lesson was finished"),
        StatementKind.QUIZ_ANSWERED: _("A quiz was answered"),
        StatementKind.SIMULATION_FINISHED: _("A simulation was finished, with its score"),
        StatementKind.NOTEBOOK_SUBMITTED: _("A notebook was submitted"),
        StatementKind.NOTEBOOK_GRADED: _("A notebook was graded, with its points"),
        StatementKind.CREDENTIAL_AWARDED: _("A credential was awarded"),
    }


def findings() -> dict[str, str]:
    """What trying a store found, and what to do about it."""
    return {
        Finding.READY: _("The store answers and takes the key."),
        Finding.NOT_ALLOWED: _(
            "This address leads into a private network, so nothing is sent there. If the store is your own, whoever "
            "looks after the server must allow its name (OUTGOING_PRIVATE_HOSTS)."
        ),
        Finding.UNREACHABLE: _("Nobody answers at this address. Check its spelling, and ask whoever runs the store."),
        Finding.KEY_REFUSED: _("The store refuses the key or the secret. Type both again as the store shows them."),
        Finding.NO_STORE: _(
            "Something answers there, but no xAPI record store. The address is the one to which “/statements” is "
            "added; it often ends with “/xapi”."
        ),
        Finding.OTHER_VERSION: _("The store speaks neither xAPI 1.0 nor 2.0, so it cannot be used."),
    }
