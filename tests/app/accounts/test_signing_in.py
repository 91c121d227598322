"""Signing in and out, languages and roles."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from app.core.audit import AuditEntry
from app.core.db import begin
from app.factory import create_app
from config import Settings

PASSWORD = "correct horse battery staple"


def verbs(database: Engine) -> list[str]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)))


def test_each_role_starts_on_its_own_page(people: SimpleNamespace, sign_in: Callable) -> None:
    for account, page in ((people.amina, "/learn"), (people.bilal, "/teaching"), (people.farid, "/administration")):
        client = sign_in(account)
        assert client.get("/").location == page
        assert client.get(page).status_code == 200


def test_a_wrong_password_is_refused_keeps_the_name_and_is_logged(app: Flask, database: Engine) -> None:
    answer = app.test_client().post("/sign-in", data={"username": "amina", "password": "wrong"})
    assert answer.status_code == 422
    assert 'value="amina"' in answer.text
    assert verbs(database)[-1] == "sign_in_failed"


def test_an_unknown_name_gets_the_same_answer_as_a_wrong_password(app: Flask) -> None:
    client = app.test_client()
    unknown = client.post("/sign-in", data={"username": "nobody", "password": "wrong"}).text
    wrong = client.post("/sign-in", data={"username": "amina", "password": "wrong"}).text
    assert "do not belong together" in unknown
    assert "do not belong together" in wrong


def test_signing_out_ends_the_session_and_is_logged(
    people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    client = sign_in(people.amina)
    client.post("/sign-out")
    assert "/sign-in" in client.get("/learn").location
    assert verbs(database)[-2:] == ["signed_in", "signed_out"]


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(app: Flask, wanted: str) -> None:
    answer = app.test_client().post("/sign-in", data={"username": "amina", "password": PASSWORD, "next": wanted})
    assert answer.location == "/"


def test_too_many_attempts_are_refused(settings: Settings) -> None:
    strict = create_app(settings.model_copy(update={"sign_in_limit": "3 per minute"}))
    strict.config.update(WTF_CSRF_ENABLED=False)
    client = strict.test_client()
    answers = [client.post("/sign-in", data={"username": "farid", "password": "no"}).status_code for _ in range(5)]
    assert answers[:3] == [422, 422, 422]
    assert answers[3:] == [429, 429]


def test_a_form_without_its_token_is_refused(settings: Settings) -> None:
    client = create_app(settings).test_client()
    answer = client.post("/sign-in", data={"username": "amina", "password": PASSWORD})
    assert answer.status_code == 400


def test_the_session_cookie_is_closed_to_scripts(app: Flask) -> None:
    answer = app.test_client().post("/sign-in", data={"username": "amina", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_language_is_kept_with_the_account(people: SimpleNamespace, sign_in: Callable) -> None:
    sign_in(people.amina).post("/language", data={"language": "ur", "next": "/learn"})
    assert '<html lang="ur" dir="rtl">' in sign_in(people.amina).get("/learn").text


def test_a_change_of_role_takes_effect_and_is_logged(
    people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    number = people.bushra.id
    sign_in(people.farid).post(f"/administration/accounts/{number}/role", data={f"account{number}-role": "instructor"})
    assert sign_in(people.bushra).get("/").location == "/teaching"
    assert "role_changed" in verbs(database)


def test_nobody_changes_their_own_role_or_that_of_another_academy(people: SimpleNamespace, sign_in: Callable) -> None:
    client = sign_in(people.farid)
    for account, status in ((people.farid, 422), (people.zara, 404)):
        answer = client.post(
            f"/administration/accounts/{account.id}/role", data={f"account{account.id}-role": "instructor"}
        )
        assert answer.status_code == status


@pytest.mark.parametrize("role", ["", "emperor"])
def test_a_role_that_is_none_changes_nothing_and_says_what_to_do(
    people: SimpleNamespace, sign_in: Callable, database: Engine, role: str
) -> None:
    address = f"/administration/accounts/{people.amina.id}/role"
    answer = sign_in(people.farid).post(address, data={f"account{people.amina.id}-role": role})
    assert answer.status_code == 422
    assert "Choose one of the roles of the list" in answer.text
    assert "role_changed" not in verbs(database)
