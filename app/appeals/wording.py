"""Disputes and complaints in the reader's words."""

from __future__ import annotations

from flask_babel import format_date
from flask_babel import gettext as _

from app.appeals.models import Appeal, Kind, Outcome, Refusable, Remedy, State
from app.competencies.models import EvidenceKind
from app.competencies.presentation import kind_name as kind_of_evidence
from app.core import clock


def kind_name(kind: Kind) -> str:
    names = {
        Kind.DISPUTE: _("Disputed evidence"),
        Kind.REFUSAL: _("Disputed refusal"),
        Kind.COMPLAINT: _("Complaint"),
    }
    return str(names[kind])


def state_name(appeal: Appeal) -> str:
    if appeal.is_overdue(clock.now()):
        return str(_("overdue"))
    names = {
        State.WAITING: _("waits for a decision"),
        State.DECIDED: _("decided"),
        State.IN_REVIEW: _("in review"),
        State.CLOSED: _("closed"),
    }
    return str(names[appeal.state])


def verdict_name(outcome: Outcome, remedy: Remedy) -> str:
    """What was decided, with what becomes of the evidence."""
    if outcome is Outcome.REFUSED:
        return str(_("Not upheld: it stays as it is"))
    names = {
        Remedy.NOTHING: _("Upheld: what is done about it stands in the reason"),
        Remedy.WITHDRAWN: _("Upheld: the evidence is withdrawn and no longer counts"),
        Remedy.REPLACED: _("Upheld: another outcome takes its place"),
        Remedy.ACCEPTED: _("Upheld: what was refused counts as evidence from now on"),
        Remedy.MARKED_ANEW: _("Upheld: the memo was marked anew, and the new mark counts"),
    }
    return str(names[remedy])


def refused_name(refused: Refusable) -> str:
    kinds = {
        Refusable.COMPLETION: EvidenceKind.EXTERNAL_COURSE,
        Refusable.ATTESTATION: EvidenceKind.ATTESTATION,
    }
    return kind_of_evidence(kinds[refused])


def what_comes_next(appeal: Appeal) -> str:
    """Who does what by when, for the trainee."""
    day = format_date(appeal.due_at, "medium") if appeal.due_at else ""
    if appeal.is_overdue(clock.now()):
        return str(
            _(
                "It should have been decided by %(day)s. Your instructors and the administrator see it first of all "
                "until it is.",
                day=day,
            )
        )
    sentences = {
        State.WAITING: _("An instructor or the administrator decides by %(day)s. You need not do anything.", day=day),
        State.DECIDED: _(
            "Until %(day)s you can ask for a review by somebody else. If you do not, it is closed then.", day=day
        ),
        State.IN_REVIEW: _("Somebody who did not decide before decides by %(day)s. With that it is closed.", day=day),
        State.CLOSED: _(
            "It is closed. If you still disagree, turn to the authority above your academy; its information officer "
            "tells you how."
        ),
    }
    return str(sentences[appeal.state])
