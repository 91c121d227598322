"""Tasks at work that supervisors have seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.attestations import service as attestations
from app.attestations.models import Seen

CONFIRMED = "iqra"
# Tasks at work, and what supervisors say they saw of them.
ATTESTED = (
    (
        CONFIRMED,
        {
            "competency": "D2.2",
            "task": "I asked which tehsils send in vaccine returns late, wrote down what I expected, and checked it "
            "against a year of returns.",
            "place": "District Health Office, Swabi",
            "result": "Two tehsils were late for want of a vehicle and not of staff. The vehicle was moved.",
            "supervisor_name": "Dr. Shazia Gul",
            "supervisor_office": "District Health Officer, Swabi",
            "supervisor_address": "",
        },
        attestations.Answer(
            Seen.ALONE,
            "She wrote her expectation down before she looked, and told us that it was wrong.",
            "Dr. Shazia Gul",
            "District Health Officer, Swabi",
            may_be_asked=True,
        ),
    ),
    (
        "hamza",
        {
            "competency": "D3.3",
            "task": "I timed each step of a building application for a week and moved one clerk from the diary to the "
            "counter.",
            "place": "Town Municipal Office, Mardan",
            "result": "The longest wait of a day fell from 95 to 40 minutes.",
            "supervisor_name": "Naveed Akhtar",
            "supervisor_office": "Town Municipal Officer, Mardan",
            "supervisor_address": "",
        },
        attestations.Answer(
            Seen.TAUGHT, "The other counters do it now as well.", "N. Akhtar", "TMO Mardan", may_be_asked=True
        ),
    ),
)


def attest(session: Session, people: Mapping[str, Account]) -> None:
    """Tasks at work that supervisors have seen: one is confirmed, one waits to be."""
    task = {"shared": "place result level", "level": 3, "done_on": date.today() - timedelta(days=9)}
    for name, words, said in ATTESTED:
        made = attestations.ask(session, people[name], task | words)
        token, _row = attestations.make_link(session, people[name], made.id)
        attestations.answer(session, token, said, by=None)
        if name == CONFIRMED:
            reason = "I called the district office and spoke with her."
            attestations.decide(session, people["bilal"], made.id, confirm=True, reason=reason)
