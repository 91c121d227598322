"""Trainees who agree to research."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.accounts import consent
from app.accounts.models import Account
from app.demo.people import DEMO_PEOPLE


def agree_to_research(session: Session, people: Mapping[str, Account]) -> None:
    for person in DEMO_PEOPLE:
        if person.ability is not None:
            consent.answer(session, people[person.username].id, consent.Purpose.RESEARCH, is_given=True)
