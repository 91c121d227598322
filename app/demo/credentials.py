"""Modules finished and signed, and a name corrected."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.content.schemas import Catalogue
from app.credentials import service as credentials
from app.credentials.office import Office
from app.demo.people import DEMO_PEOPLE
from app.demo.work import answer_as, play

# Her name was written wrongly at first, and with it the credential that she held by then.
MISSPELT, FORMER_NAME = "erum", "Erum Shaw"


def sign_credentials(session: Session, office: Office, catalogue: Catalogue, people: Mapping[str, Account]) -> None:
    """Finish modules and have that signed; then correct the name that was misspelt."""
    for person in DEMO_PEOPLE:
        if person.finished is not None and person.ability is not None:
            account = people[person.username]
            if person.username == MISSPELT:
                account.full_name = FORMER_NAME
            answer_as(session, account, catalogue.module(person.finished), person.ability)
            play(session, account, catalogue.module(person.finished))
            credentials.claim(session, office, account, catalogue, f"module-{person.finished}")
    right_name = next(person.full_name for person in DEMO_PEOPLE if person.username == MISSPELT)
    administrator, misspelt = people["farid"], people[MISSPELT]
    reason = "As on the national identity card."
    credentials.correct_name(session, office, administrator, misspelt.id, right_name, reason)
