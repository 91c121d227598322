"""Disputes and complaints in each state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.appeals import service as appeals
from app.appeals.models import Outcome, Refusable, Remedy
from app.appeals.service import Verdict
from app.competencies.models import Evidence, EvidenceKind
from app.completions.models import Completion
from app.demo.completions import REFUSED_TO

# Who disputes their worst answer, and in which words.
DISPUTES = {
    "nadia": "The question can be read in two ways, and by the other one my answer is right.",
    "mansoor": "I answered as the lesson says it, and the question means something else.",
}
LONG_AGO = timedelta(days=9)


def appeal(session: Session, people: Mapping[str, Account]) -> None:
    """Disputed answers, a refusal and complaints: one upheld, one in review, one overdue, and two that wait."""
    upheld, reviewed = (
        appeals.dispute(session, people[name], _worst_answer(session, people[name]), text)
        for name, text in DISPUTES.items()
    )
    verdict = Verdict(Outcome.UPHELD, Remedy.WITHDRAWN, "The question can be read in two ways; it is being rewritten.")
    appeals.decide(session, people["bilal"], upheld.id, verdict)
    verdict = Verdict(
        Outcome.REFUSED, Remedy.NOTHING, "The lesson and the question mean the same; its example shows how."
    )
    appeals.decide(session, people["bilal"], reviewed.id, verdict)
    appeals.ask_review(
        session, people["mansoor"], reviewed.id, "The example of the lesson is another case than that of the question."
    )
    overdue = appeals.complain(session, people["junaid"], "I was not told that the timetable had changed.")
    overdue.made_at -= LONG_AGO
    overdue.due_at = overdue.made_at + appeals.DECIDED_WITHIN
    refused = select(Completion.id).where(Completion.trainee_id == people[REFUSED_TO].id)
    text = "The page shows my name once one is signed in there; I have asked the provider for an open link."
    appeals.dispute_refusal(session, people[REFUSED_TO], Refusable.COMPLETION, session.scalars(refused).one(), text)
    appeals.complain(session, people["laila"], "The recording of the second session has no Urdu captions.")


def _worst_answer(session: Session, trainee: Account) -> int:
    """The number of the evidence of the trainee's worst answer in a quiz."""
    statement = select(Evidence.id).where(Evidence.trainee_id == trainee.id, Evidence.kind == EvidenceKind.QUIZ_ITEM)
    return session.scalars(statement.order_by(Evidence.outcome, Evidence.id).limit(1)).one()
