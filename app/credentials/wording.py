"""What became of credentials, in the reader's words."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from app.core.codes import as_shown
from app.credentials.models import Credential
from app.credentials.queries import is_over
from app.credentials.verification import Verdict

GOOD = frozenset({Verdict.GENUINE})


def verdict(found: Verdict) -> str:
    texts = {
        Verdict.GENUINE: _("This credential is genuine and in force."),
        Verdict.ALTERED: _("This was altered: it is not what the academy signed. Do not rely on it."),
        Verdict.UNSIGNED: _("This bears no signature that we accept. Do not rely on it."),
        Verdict.UNKNOWN_KEY: _(
            "This is signed by a key that is not known here as one of the academy that it names. Do not rely on it."
        ),
        Verdict.UNKNOWN: _("No credential of this portal is like that. Check the code or the text, and try again."),
        Verdict.REVOKED: _("The academy signed this credential and later revoked it. It is no longer in force."),
        Verdict.ERASED: _(
            "The academy has erased this credential with what it knew of its holder. It is no longer in force."
        ),
        Verdict.NO_LONGER_KEPT: _(
            "The academy signed a credential with this code more than ten years ago and keeps nothing else of it."
        ),
        Verdict.ENDED_LONG_AGO: _(
            "The academy signed a credential with this code more than ten years ago and keeps nothing else of it. "
            "It is no longer in force."
        ),
        Verdict.REPLACED: _(
            "The academy signed this credential and later replaced it by another one, as when a name is corrected. "
            "Ask the person for the new one."
        ),
        Verdict.NOT_YET: _("The academy signed this credential, but it is not yet in force."),
        Verdict.NO_LONGER: _("The academy signed this credential, but its time has passed."),
        Verdict.UNREADABLE: _(
            "This cannot be read as a credential. Paste the whole text or choose the file as it was downloaded."
        ),
    }
    return str(texts[found])


def is_good(found: Verdict) -> bool:
    return found in GOOD


def state(credential: Credential, now: datetime) -> str:
    """What became of a credential, in a word or two."""
    if credential.revoked_at:
        return str(_("revoked"))
    if credential.superseded_at:
        return str(_("replaced"))
    return str(_("no longer valid") if is_over(credential, now) else _("in force"))


def code(credential: Credential) -> str:
    return as_shown(credential.code)
