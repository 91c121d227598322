"""A cohort that was asked before and after its course. Its people only answer; nobody can sign in as one of them."""

from __future__ import annotations

import random
from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.accounts import service as accounts
from app.accounts.models import Account, Cohort
from app.content.schemas import Instrument
from app.core import clock
from app.core.access import Role
from app.core.sealing import Seal
from app.demo.people import MODULE_ID
from app.surveys import scoring
from app.surveys import service as surveys
from app.surveys.models import WaveName

SURVEYED_COHORT = "Deputy secretaries, summer 2026"
GIVEN_NAMES = ("Adeel", "Bano", "Fahad", "Gulalai", "Imran", "Javeria")
FAMILY_NAMES = ("Baloch", "Chitrali", "Kakar", "Marwat", "Tanoli")
# Of them, who wrote down the code that links the answers.
LINKED = 20
# How far people agree that a scale is so, before and after.
LEANINGS = {
    WaveName.BEFORE: {"opportunity": 3, "worry": 3, "job-anxiety": 4},
    WaveName.AFTER: {"opportunity": 4, "worry": 4, "job-anxiety": 3},
}


def survey_twice(session: Session, seal: Seal, instructor: Account, instrument: Instrument) -> Cohort:
    """A cohort large enough that figures of it are shown, asked before and after its course."""
    cohort, people = silent_cohort(session, instructor.academy_id, SURVEYED_COHORT, GIVEN_NAMES, FAMILY_NAMES)
    codes = [surveys.fresh_code() for _person in people[:LINKED]] + [""] * (len(people) - LINKED)
    dice = random.Random(SURVEYED_COHORT)  # noqa: S311 - demo data
    for name, leanings in LEANINGS.items():
        wave = surveys.open_wave(session, seal, instructor, cohort, instrument, name)
        for person, code in zip(people, codes, strict=True):
            surveys.answer(session, seal, person, wave.id, _opinion(instrument, leanings, dice), code=code)
        surveys.close_wave(session, instructor, cohort, name)
    return cohort


def silent_cohort(
    session: Session, academy_id: int, name: str, given_names: Sequence[str], family_names: Sequence[str]
) -> tuple[Cohort, list[Account]]:
    cohort = Cohort(academy_id=academy_id, name=name, module_id=MODULE_ID)
    session.add(cohort)
    session.flush()
    names = [f"{given} {family}" for family in family_names for given in given_names]
    return cohort, [_add_silent(session, cohort, full_name) for full_name in names]


def _add_silent(session: Session, cohort: Cohort, full_name: str) -> Account:
    account = Account(
        academy_id=cohort.academy_id,
        username=full_name.lower().replace(" ", "."),
        full_name=full_name,
        role=Role.TRAINEE,
        password_hash="",
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()
    accounts.enrol(session, cohort, account)
    return account


def _opinion(instrument: Instrument, leanings: dict[str, int], dice: random.Random) -> dict[str, int]:
    """Answers of somebody who leans towards a scale more or less than others do; some items are left out."""
    own = {scale: leaning + dice.choice((-1, 0, 0, 1)) for scale, leaning in leanings.items()}

    def towards(scale: str) -> int:
        return min(scoring.HIGHEST, max(scoring.LOWEST, own[scale] + dice.choice((-1, 0, 0, 1))))

    return {item.id: scoring.scored(item, towards(item.scale)) for item in instrument.items if dice.random() < 0.97}
