"""A scenario with figures, and five experts of its academy who can sign in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts import service as accounts
from app.accounts.models import Account
from app.core import clock
from app.core.access import Role
from app.core.db import begin
from app.delphi.models import DelphiRound
from tests.app.foresight.conftest import HOME, computed, scenarios, taken_over, upload
from tests.conftest import PASSWORD

__all__ = ["computed", "scenarios", "taken_over", "upload"]

EXPERTS = ("amina", "bushra", "bilal", "nadia", "omar")


def day(days: int) -> str:
    """A day from today on, in the reader's calendar."""
    return (clock.now() + timedelta(hours=5, days=days)).date().isoformat()


@pytest.fixture
def experts(database: Engine, people: SimpleNamespace, sign_in: Callable) -> dict[str, FlaskClient]:
    """A client of each expert: trainees of the academy, an instructor and an administrator."""
    with begin(database) as session:
        academy = session.get_one(Account, people.farid.id).academy
        for name, role in (("nadia", Role.ADMINISTRATOR), ("omar", Role.TRAINEE)):
            accounts.add_account(session, academy, username=name, full_name=name.title(), role=role, password=PASSWORD)
        found = {each.username: each for each in session.scalars(select(Account).where(Account.username.in_(EXPERTS)))}
    return {name: sign_in(found[name]) for name in EXPERTS}


@pytest.fixture
def open_panel(farid: FlaskClient, scenarios: dict[str, int], experts: dict[str, FlaskClient]) -> Callable[..., str]:
    """Open a panel as an administrator does; its address."""

    def send(*questions: str, scenario: str = "planned") -> str:
        answer = farid.post(
            f"{HOME}/scenarios/{scenarios[scenario]}/panel",
            data={
                "questions": list(questions) or ["ceiling", "middle_year:health"],
                "experts": "\n".join(experts),
                "last_day": day(7),
            },
        )
        assert answer.status_code == 303, answer.text
        return str(answer.location)

    return send


@pytest.fixture
def round_of(database: Engine) -> Callable[[str], int]:
    """The number of the newest round of a panel."""

    def find(address: str) -> int:
        with begin(database, read_only=True) as session:
            statement = select(DelphiRound.id).where(DelphiRound.panel_id == int(address.rsplit("/", 1)[1]))
            return session.scalars(statement.order_by(DelphiRound.number.desc())).first() or 0

    return find


def said(place: int, *numbers: object, reason: str = "") -> dict[str, str]:
    """What a form sends of one question."""
    ends = dict(zip(("low", "likely", "high"), map(str, numbers), strict=True))
    return {f"q{place}_{end}": number for end, number in ends.items()} | {f"q{place}_reason": reason or "Since 2020."}


@pytest.fixture
def answer_all(experts: dict[str, FlaskClient], round_of: Callable) -> Callable[..., None]:
    """Have every expert answer the newest round: most likely ceilings (per cent) apart by so much."""

    def send(address: str, *, apart: float = 5, word: str = "Reason") -> None:
        for place, (name, client) in enumerate(experts.items()):
            likely = 50 + place * apart
            form = said(0, likely - 10, likely, likely + 20, reason=f"{word} {place}.")
            form |= said(1, 2027, 2028 + place, 2036, reason=f"{word} of years {place}.")
            answer = client.post(f"/panels/rounds/{round_of(address)}", data=form)
            assert answer.status_code == 200, (name, answer.text)

    return send


@pytest.fixture
def finished(farid: FlaskClient, open_panel: Callable, answer_all: Callable) -> str:
    """The address of a panel whose two rounds are closed; the ceilings came nearer, the years stayed."""
    address = open_panel()
    answer_all(address, apart=5, word="First")
    assert farid.post(address, data={"step": "close"}).status_code == 303
    assert farid.post(address, data={"step": "second", "last_day": day(7)}).status_code == 303
    answer_all(address, apart=2, word="Second")
    assert farid.post(address, data={"step": "close"}).status_code == 303
    return str(address)
