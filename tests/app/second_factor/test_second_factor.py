"""A second factor: set up, asked for at sign-in, used once, lost and recovered, needed by administrators."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account, SecondFactor
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import begin
from app.factory import create_app
from app.second_factor.models import RecoveryCode
from app.second_factor.service import MOST_WRONG_TRIES, REST
from config import Settings
from tests.app.conftest import STAYS_IN_LOG

PASSWORD = "correct horse battery staple"
STEP = timedelta(seconds=30)


class Telephone:
    """An authenticator app and the clock that it and the portal go by."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
        self.secret = ""
        monkeypatch.setattr(clock, "now", lambda: self.now)

    def code(self, ahead: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(self.now + ahead * STEP)

    def later(self, time: timedelta = STEP) -> None:
        self.now += time


@pytest.fixture
def telephone(monkeypatch: pytest.MonkeyPatch) -> Telephone:
    return Telephone(monkeypatch)


@pytest.fixture
def strict_app(settings: Settings) -> Flask:
    portal = create_app(settings.model_copy(update={"require_second_factor": True}))
    portal.config.update(WTF_CSRF_ENABLED=False)
    return portal


def read_key(client: FlaskClient, telephone: Telephone) -> None:
    shown = re.search(r"<code[^>]*\bkey\b[^>]*>([A-Z2-7]+)</code>", client.get("/account/second-factor").text)
    assert shown
    telephone.secret = shown[1]


def set_up(client: FlaskClient, telephone: Telephone, password: str = PASSWORD) -> list[str]:
    """The recovery codes as the page shows them."""
    read_key(client, telephone)
    answer = client.post("/account/second-factor", data={"app-current": password, "app-code": telephone.code()})
    assert answer.status_code == 200, answer.text
    return re.findall(r"<li><code[^>]*>([^<]+)</code>", answer.text)


def with_password(app: Flask, username: str = "amina", next_address: str = "") -> FlaskClient:
    client = app.test_client()
    typed = {"username": username, "password": PASSWORD, "next": next_address}
    assert client.post("/sign-in", data=typed).status_code == 303
    return client


def give(client: FlaskClient, code: str) -> int:
    return client.post("/sign-in/second-factor", data={"code": code}).status_code


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def entries(database: Engine, verb: str) -> list[AuditEntry]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.verb == verb)))


def test_after_setting_it_up_the_password_alone_opens_nothing(
    app: Flask, people: SimpleNamespace, sign_in: Callable, telephone: Telephone, database: Engine
) -> None:
    elsewhere, client = sign_in(people.amina), sign_in(people.amina)
    assert len(set(set_up(client, telephone))) == 10
    assert is_in(client)
    assert not is_in(elsewhere), "a session that began without it goes on"
    telephone.later()
    again = with_password(app, next_address="/learn?page=2")
    assert not is_in(again)
    answer = again.post("/sign-in/second-factor", data={"code": telephone.code()})
    assert (answer.status_code, answer.location) == (303, "/learn?page=2")
    assert is_in(again)
    assert entries(database, "signed_in")[-1].detail == {"by": "password, second factor"}


def test_nothing_in_the_database_makes_codes(
    people: SimpleNamespace, sign_in: Callable, telephone: Telephone, database: Engine
) -> None:
    codes = set_up(sign_in(people.amina), telephone)
    with begin(database, read_only=True) as session:
        factor = session.get_one(SecondFactor, people.amina.id)
        marks = list(session.scalars(select(RecoveryCode.mark)))
    assert telephone.secret not in factor.sealed_secret
    assert not {code.replace("-", "") for code in codes} & set(marks)


def test_a_code_works_once_and_an_older_one_never_after_it(
    app: Flask, people: SimpleNamespace, sign_in: Callable, telephone: Telephone
) -> None:
    set_up(sign_in(people.amina), telephone)
    assert give(with_password(app), telephone.code()) == 422, "the code that set it up worked again"
    telephone.later()
    code = telephone.code()
    assert give(with_password(app), code) == 303
    assert give(with_password(app), code) == 422
    assert give(with_password(app), telephone.code(-1)) == 422


@pytest.mark.parametrize(("ahead", "status"), [(-2, 422), (-1, 303), (1, 303), (2, 422)])
def test_the_telephones_clock_may_be_off_by_one_step(
    app: Flask, people: SimpleNamespace, sign_in: Callable, telephone: Telephone, ahead: int, status: int
) -> None:
    set_up(sign_in(people.amina), telephone)
    telephone.later(5 * STEP)
    assert give(with_password(app), telephone.code(ahead)) == status


def test_urdu_digits_and_spaces_are_read(
    app: Flask, people: SimpleNamespace, sign_in: Callable, telephone: Telephone
) -> None:
    set_up(sign_in(people.bushra), telephone)
    telephone.later()
    code = telephone.code().translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert give(with_password(app, "bushra"), f"{code[:3]} {code[3:]}") == 303


def test_a_recovery_code_opens_the_account_once(
    app: Flask, people: SimpleNamespace, sign_in: Callable, telephone: Telephone
) -> None:
    first, second, *_rest = set_up(sign_in(people.amina), telephone)
    assert give(with_password(app), first.lower().replace("-", " ")) == 303
    assert give(with_password(app), first) == 422
    inside = with_password(app)
    assert give(inside, second) == 303
    assert "8 recovery codes still work." in inside.get("/account/second-factor").text


def test_new_recovery_codes_replace_all_former_ones(
    app: Flask, people: SimpleNamespace, sign_in: Callable, telephone: Telephone
) -> None:
    client = sign_in(people.amina)
    former = set_up(client, telephone)
    telephone.later()
    answer = client.post("/account/second-factor/codes", data={"code": telephone.code()})
    renewed = re.findall(r"<li><code[^>]*>([^<]+)</code>", answer.text)
    assert len(renewed) == 10
    assert give(with_password(app), former[0]) == 422
    assert give(with_password(app), renewed[0]) == 303


def test_after_five_wrong_codes_none_is_taken_for_a_quarter_of_an_hour(
    app: Flask, people: SimpleNamespace, sign_in: Callable, telephone: Telephone, database: Engine
) -> None:
    set_up(sign_in(people.amina), telephone)
    client = with_password(app)
    for _try in range(MOST_WRONG_TRIES):
        assert give(client, "000000") == 422
    telephone.later()
    answer = client.post("/sign-in/second-factor", data={"code": telephone.code()})
    assert answer.status_code == 422
    assert "Wait a quarter of an hour" in answer.text
    assert len(entries(database, "second_factor_refused")) == MOST_WRONG_TRIES + 1
    telephone.later(REST)
    assert give(with_password(app), telephone.code()) == 303


def test_the_first_proof_does_not_wait_for_ever(
    app: Flask, people: SimpleNamespace, sign_in: Callable, telephone: Telephone
) -> None:
    set_up(sign_in(people.amina), telephone)
    client = with_password(app)
    telephone.later(timedelta(minutes=11))
    answer = client.post("/sign-in/second-factor", data={"code": telephone.code()})
    assert answer.location == "/sign-in"
    assert not is_in(client)
    assert client.get("/sign-in/second-factor").location == "/sign-in"


def test_a_changed_password_ends_what_was_half_way(
    app: Flask, people: SimpleNamespace, sign_in: Callable, telephone: Telephone
) -> None:
    owner = sign_in(people.amina)
    set_up(owner, telephone)
    waiting = with_password(app)
    typed = {"current": PASSWORD, "password": "three words by heart", "again": "three words by heart"}
    assert owner.post("/account", data=typed).status_code == 303
    telephone.later()
    assert waiting.post("/sign-in/second-factor", data={"code": telephone.code()}).location == "/sign-in"


@pytest.mark.parametrize(
    ("password", "code", "message", "noted"),
    [
        ("wrong", None, "This is not your present password.", 1),
        (PASSWORD, "000000", "The app shows another code now.", 1),
        (PASSWORD, "", "Type the code that your app shows.", 0),
    ],
)
def test_a_wrong_set_up_says_why_keeps_the_key_and_is_in_the_log(
    people: SimpleNamespace,
    sign_in: Callable,
    telephone: Telephone,
    database: Engine,
    password: str,
    code: str | None,
    message: str,
    noted: int,
) -> None:
    client = sign_in(people.amina)
    read_key(client, telephone)
    typed = {"app-current": password, "app-code": telephone.code() if code is None else code}
    answer = client.post("/account/second-factor", data=typed)
    assert answer.status_code == 422
    assert message in answer.text
    assert telephone.secret in answer.text
    refused = entries(database, "second_factor_set_up_refused")
    assert [entry.actor_id for entry in refused] == [people.amina.id] * noted


def test_the_owner_removes_it_with_a_code(
    app: Flask, people: SimpleNamespace, sign_in: Callable, telephone: Telephone
) -> None:
    client = sign_in(people.amina)
    set_up(client, telephone)
    assert client.post("/account/second-factor/remove", data={"code": "000000"}).status_code == 422
    telephone.later()
    assert client.post("/account/second-factor/remove", data={"code": telephone.code()}).status_code == 303
    assert is_in(client)
    assert is_in(with_password(app))


def test_an_administrator_does_nothing_before_it_is_set_up(strict_app: Flask, telephone: Telephone) -> None:
    client = with_password(strict_app, "farid")
    for address in ("/administration", "/administration/accounts"):
        assert client.get(address).location == "/account/second-factor"
    assert client.post("/administration/accounts/1/role", data={}).location == "/account/second-factor"
    set_up(client, telephone)
    assert client.get("/administration").status_code == 200
    telephone.later()
    refused = client.post("/account/second-factor/remove", data={"code": telephone.code()})
    assert refused.status_code == 403


def test_nobody_else_is_made_to_set_it_up(strict_app: Flask) -> None:
    for name, page in (("amina", "/learn"), ("bilal", "/teaching")):
        assert with_password(strict_app, name).get(page).status_code == 200


def test_another_administrator_helps_somebody_who_lost_everything(
    app: Flask, people: SimpleNamespace, sign_in: Callable, telephone: Telephone, database: Engine
) -> None:
    owner = sign_in(people.amina)
    set_up(owner, telephone)
    page = f"/accounts/{people.amina.id}/second-factor"
    administrator = sign_in(people.farid)
    shown = administrator.get(page).text
    assert "Set up" in shown
    assert STAYS_IN_LOG in shown
    without_reason = administrator.post(page, data={"reason": ""})
    assert without_reason.status_code == 422
    assert administrator.post(page, data={"reason": "Came with her service card."}).status_code == 303
    assert not is_in(owner)
    inside = with_password(app)
    assert is_in(inside)
    assert "Came with her service card." in inside.get("/account/second-factor").text
    assert entries(database, "second_factor_removed_by_another")[0].actor_id == people.farid.id
    with begin(database, read_only=True) as session:
        assert list(session.scalars(select(RecoveryCode))) == []


@pytest.mark.parametrize(("helper", "status"), [("zahid", 404), ("bilal", 403), ("bushra", 403)])
def test_nobody_else_removes_it(
    people: SimpleNamespace, sign_in: Callable, telephone: Telephone, database: Engine, helper: str, status: int
) -> None:
    set_up(sign_in(people.amina), telephone)
    client = sign_in(getattr(people, helper))
    page = f"/accounts/{people.amina.id}/second-factor"
    assert client.get(page).status_code == status
    assert client.post(page, data={"reason": "because"}).status_code == status
    with begin(database, read_only=True) as session:
        assert session.get_one(Account, people.amina.id).has_second_factor


def test_nobody_removes_their_own_on_that_page(people: SimpleNamespace, sign_in: Callable) -> None:
    answer = sign_in(people.farid).get(f"/accounts/{people.farid.id}/second-factor")
    assert answer.status_code == 422
    assert "on your own page" in answer.text


@pytest.mark.both_databases
def test_it_is_the_same_on_each_database(
    app: Flask, people: SimpleNamespace, sign_in: Callable, telephone: Telephone
) -> None:
    codes = set_up(sign_in(people.amina), telephone)
    telephone.later()
    assert give(with_password(app), telephone.code()) == 303
    assert give(with_password(app), codes[0]) == 303
    assert give(with_password(app), codes[0]) == 422
