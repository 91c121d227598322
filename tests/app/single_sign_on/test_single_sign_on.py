"""Coming in by the sign-on of one's academy: whom it may say, what it may not, and what is written down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import begin
from app.factory import create_app
from app.single_sign_on.models import Identity
from config import Settings, SettingsError
from tests.app.single_sign_on import provider as providers
from tests.app.single_sign_on.provider import Provider
from tests.conftest import PASSWORD

SECOND_FACTOR = "/account/second-factor"
GO, BACK, ENTER = "/sign-in/academy/kp", "/sign-in/academy/kp/back", "/sign-in/academy/kp/enter"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providers.running() as running:
        yield running


def trusting(settings: Settings, folder: Path, provider: Provider, **values: Any) -> Settings:
    """Settings in which the academy kp trusts this provider."""
    file = providers.trust(folder, provider, **values)
    return settings.model_copy(update={"single_sign_on_file": file, "require_second_factor": True})


def portal(settings: Settings) -> Flask:
    made = create_app(settings)
    made.config.update(WTF_CSRF_ENABLED=False)
    return made


@pytest.fixture
def client(settings: Settings, tmp_path: Path, provider: Provider) -> FlaskClient:
    return portal(trusting(settings, tmp_path, provider)).test_client()


def return_from(client: FlaskClient, next_address: str = "") -> str:
    """The address to which the provider sends a browser back."""
    sent = client.get(GO, query_string={"next": next_address})
    assert sent.status_code == 302, sent.text
    answer = requests.get(sent.location, allow_redirects=False, timeout=10)
    return str(answer.headers["Location"])


def come_back(client: FlaskClient, next_address: str = "") -> TestResponse:
    return client.get(return_from(client, next_address))


def identities(database: Engine) -> list[tuple[int, str]]:
    with begin(database, read_only=True) as session:
        return [(each.account_id, each.subject) for each in session.scalars(select(Identity))]


def not_let_in(database: Engine) -> list[tuple[int | None, int | None, str]]:
    """Whose account, of which academy, as the audit log has it."""
    with begin(database, read_only=True) as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.verb == "sign_on_refused").order_by(AuditEntry.id))
        return [(entry.actor_id, entry.academy_id, entry.thing) for entry in found]


def test_without_a_provider_there_is_none_to_choose(app: Flask) -> None:
    assert "sign-on of your academy" not in app.test_client().get("/sign-in").text
    assert app.test_client().get(GO).status_code == 404


def test_somebody_comes_in_is_linked_and_lands_where_they_wanted(
    client: FlaskClient, people: SimpleNamespace, database: Engine
) -> None:
    assert "Peshawar sign-on" in client.get("/sign-in").text
    page = come_back(client, "/record")
    assert page.status_code == 200
    assert "Go on as Amina" in page.text
    assert client.get("/account").status_code == 302, "in before they said so"
    answer = client.post(ENTER)
    assert (answer.status_code, answer.location) == (303, "/record")
    assert client.get("/learn").status_code == 200
    assert identities(database) == [(people.amina.id, "person-1")]
    with begin(database, read_only=True) as session:
        verbs = list(session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id.desc()).limit(2)))
    assert verbs == ["signed_in", "identity_linked"]


def test_who_was_linked_stays_the_same_person_under_another_name(
    client: FlaskClient, provider: Provider, people: SimpleNamespace, database: Engine
) -> None:
    come_back(client)
    client.post(ENTER)
    provider.claims = {"sub": "person-1", "preferred_username": "bushra"}
    assert "Go on as Amina" in come_back(client).text
    client.post(ENTER)
    assert identities(database) == [(people.amina.id, "person-1")]


def test_another_person_does_not_get_an_account_by_its_name(
    client: FlaskClient, provider: Provider, people: SimpleNamespace, database: Engine
) -> None:
    come_back(client)
    client.post(ENTER)
    client.post("/sign-out")
    provider.claims = {"sub": "person-2", "preferred_username": "amina"}
    answer = come_back(client)
    assert answer.status_code == 403
    assert client.post(ENTER).location == "/sign-in"
    amina = people.amina
    assert not_let_in(database) == [(amina.id, amina.academy_id, f"account:{amina.id}")]


def test_whoever_is_slower_to_take_an_account_is_not_let_in(
    client: FlaskClient, provider: Provider, people: SimpleNamespace, database: Engine
) -> None:
    other = client.application.test_client()
    come_back(client)
    provider.claims = {"sub": "person-2", "preferred_username": "amina"}
    come_back(other)
    assert client.post(ENTER).status_code == 303
    assert other.post(ENTER).status_code == 403
    amina = people.amina
    assert not_let_in(database) == [(amina.id, amina.academy_id, f"account:{amina.id}")]


@pytest.mark.both_databases
@pytest.mark.parametrize("username", ["zara", "nobody"])
def test_a_provider_speaks_for_its_own_academy_only(
    client: FlaskClient, provider: Provider, people: SimpleNamespace, database: Engine, username: str
) -> None:
    provider.claims = {"sub": "x", "preferred_username": username}
    answer = come_back(client)
    assert answer.status_code == 403
    assert "Ask its administrator to add you" in answer.text
    assert not_let_in(database) == [(None, people.amina.academy_id, "account:unknown")]


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "somebody else"},
        {"iss": "https://elsewhere.example"},
        {"nonce": "another"},
        {"exp": 1_000_000_000},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    client: FlaskClient, provider: Provider, changes: dict[str, Any]
) -> None:
    provider.changes = changes
    answer = come_back(client)
    assert answer.status_code == 502
    assert "did not answer as it should" in answer.text
    assert client.post(ENTER).location == "/sign-in"


def test_a_token_signed_by_another_key_is_refused(client: FlaskClient, provider: Provider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"})
    assert come_back(client).status_code == 502


def test_what_was_begun_in_another_browser_does_not_end_in_this_one(client: FlaskClient) -> None:
    address = return_from(client)
    stranger = client.application.test_client()
    assert stranger.get(address).status_code == 502


def test_a_code_works_once(client: FlaskClient) -> None:
    address = return_from(client)
    assert client.get(address).status_code == 200
    assert client.get(address).status_code == 502


def test_who_gave_up_at_the_provider_is_told_what_to_do(client: FlaskClient, provider: Provider) -> None:
    provider.refusal = "access_denied"
    assert "sign in with your password" in come_back(client).text


def test_a_provider_that_is_down_keeps_nobody_out(
    client: FlaskClient, provider: Provider, people: SimpleNamespace
) -> None:
    provider.is_down = True
    assert client.get(GO).status_code == 502
    typed = {"username": "amina", "password": "correct horse battery staple"}
    assert client.post("/sign-in", data=typed).location == "/"


@pytest.mark.parametrize(("is_checked", "status"), [(True, 200), (False, 422), (None, 422)])
def test_an_e_mail_names_somebody_only_if_the_provider_checked_it(
    settings: Settings,
    tmp_path: Path,
    provider: Provider,
    database: Engine,
    is_checked: bool | None,
    status: int,
) -> None:
    client = portal(trusting(settings, tmp_path, provider, username_claim="email")).test_client()
    provider.claims = {"sub": "x", "email": "amina", "email_verified": is_checked}
    assert come_back(client).status_code == status
    assert len(not_let_in(database)) == (status == 422)


@pytest.mark.parametrize(("vouches", "place"), [(True, "/administration"), (False, "/account/second-factor")])
def test_a_second_factor_may_be_the_providers(
    settings: Settings, tmp_path: Path, provider: Provider, vouches: bool, place: str
) -> None:
    client = portal(trusting(settings, tmp_path, provider, asks_for_second_factor=vouches)).test_client()
    provider.claims = {"sub": "x", "preferred_username": "farid"}
    come_back(client)
    client.post(ENTER)
    answer = client.get("/administration")
    assert (answer.location or "/administration") == place


def shown_code(page: str) -> str:
    """The code that an app makes of the key on the page."""
    key = re.search(r"<code[^>]*\bkey\b[^>]*>([A-Z2-7]+)</code>", page)
    assert key
    return pyotp.TOTP(key[1]).now()


def test_who_knows_no_password_sets_up_the_second_factor_that_the_role_needs(
    client: FlaskClient, provider: Provider
) -> None:
    provider.claims = {"sub": "x", "preferred_username": "farid"}
    come_back(client)
    client.post(ENTER)
    assert client.get("/administration").location == SECOND_FACTOR
    page = client.get(SECOND_FACTOR).text
    assert "that stands for your password" in page
    assert 'name="app-current"' not in page
    assert client.post(SECOND_FACTOR, data={"app-code": "000000"}).status_code == 422
    assert "Your recovery codes" in client.post(SECOND_FACTOR, data={"app-code": shown_code(page)}).text
    assert client.get("/administration").status_code == 200


def test_who_came_in_a_while_ago_is_led_through_the_sign_on_once_more(
    client: FlaskClient, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.claims = {"sub": "x", "preferred_username": "farid"}
    come_back(client)
    client.post(ENTER)
    with monkeypatch.context() as later:
        since = clock.now() + timedelta(minutes=11)
        later.setattr(clock, "now", lambda: since)
        page = client.get(SECOND_FACTOR).text
        answer = client.post(SECOND_FACTOR, data={"app-code": shown_code(page)})
        assert answer.status_code == 422
        assert "Type your present password" in answer.text
    [again] = re.findall(r'href="([^"]*again=y[^"]*)"', page)
    sent = client.get(again.replace("&amp;", "&"))
    assert "prompt=login" in sent.location
    client.get(requests.get(sent.location, allow_redirects=False, timeout=10).headers["Location"])
    assert client.post(ENTER).location == SECOND_FACTOR
    assert 'name="app-current"' not in client.get(SECOND_FACTOR).text


def test_who_came_by_password_types_it(client: FlaskClient, people: SimpleNamespace) -> None:
    client.post("/sign-in", data={"username": "farid", "password": PASSWORD})
    page = client.get(SECOND_FACTOR).text
    assert 'name="app-current"' in page
    assert "again=y" not in page


@pytest.mark.parametrize(
    "text", ["[kp]\nissuer = 'https://x.example'\n", "not toml at all [", "[kp]\nissuer = 'ftp://x'\n"]
)
def test_a_wrong_file_keeps_the_portal_from_starting_and_says_so(settings: Settings, tmp_path: Path, text: str) -> None:
    file = tmp_path / "providers.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match="SINGLE_SIGN_ON_FILE"):
        create_app(settings.model_copy(update={"single_sign_on_file": file}))


def test_a_secret_that_is_not_there_is_named(settings: Settings, tmp_path: Path, provider: Provider) -> None:
    with pytest.raises(SettingsError, match="secret of Peshawar sign-on"):
        create_app(trusting(settings, tmp_path, provider, client_secret_file=str(tmp_path / "none")))


@pytest.mark.both_databases
def test_it_is_the_same_on_each_database(
    settings: Settings, tmp_path: Path, provider: Provider, people: SimpleNamespace, database: Engine
) -> None:
    client = portal(trusting(settings, tmp_path, provider)).test_client()
    come_back(client)
    assert client.post(ENTER).status_code == 303
    assert identities(database) == [(people.amina.id, "person-1")]
