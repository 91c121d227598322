"""A password without e-mail: a code handed over in person, used once, and what of it is written down."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import begin
from app.passwords.models import PasswordCode
from app.passwords.service import LIFETIME, MOST_WRONG_TRIES

OLD, NEW = "correct horse battery staple", "three words by heart"
WRONG = "2222-2222"


def hand_out(client: FlaskClient, account: Account) -> str:
    """The code as the page shows it."""
    answer = client.post(f"/accounts/{account.id}/password-code")
    assert answer.status_code == 200, answer.text
    shown = re.search(r"<code[^>]*>([^<]+)</code>", answer.text)
    assert shown
    return shown[1]


def use(app: Flask, code: str, username: str = "amina", **changes: str) -> tuple[int, str]:
    typed = {"username": username, "code": code, "password": NEW, "again": NEW} | changes
    answer = app.test_client().post("/sign-in/code", data=typed)
    return answer.status_code, answer.text


def opens(app: Flask, username: str, password: str) -> bool:
    answer = app.test_client().post("/sign-in", data={"username": username, "password": password})
    return answer.status_code == 303


def acts(database: Engine) -> list[tuple[str, int | None]]:
    with begin(database, read_only=True) as session:
        rows = session.execute(select(AuditEntry.verb, AuditEntry.actor_id).order_by(AuditEntry.id))
        return [(verb, actor) for verb, actor in rows]


def test_a_code_from_the_instructor_opens_the_account_with_a_new_password_once(
    app: Flask, people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    code = hand_out(sign_in(people.bilal), people.amina)
    assert use(app, code)[0] == 303
    assert opens(app, "amina", NEW)
    assert not opens(app, "amina", OLD)
    status, text = use(app, code, password="another fine password", again="another fine password")
    assert status == 422
    assert "does not work" in text
    written = acts(database)
    assert ("password_code_handed_out", people.bilal.id) in written
    assert ("password_set_by_code", people.amina.id) in written
    assert ("password_code_refused", people.amina.id) in written


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("-", "")])
def test_a_code_is_read_as_people_write_it(
    app: Flask, people: SimpleNamespace, sign_in: Callable, typed: Callable[[str], str]
) -> None:
    assert use(app, typed(hand_out(sign_in(people.bilal), people.amina)))[0] == 303


def test_urdu_digits_of_a_code_are_digits(app: Flask, people: SimpleNamespace, sign_in: Callable) -> None:
    code = hand_out(sign_in(people.bilal), people.amina)
    urdu = code.translate({ord(str(digit)): chr(0x06F0 + digit) for digit in range(10)})
    assert use(app, urdu)[0] == 303


def test_the_code_is_shown_once_and_only_its_hash_is_kept(
    people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    client = sign_in(people.bilal)
    code = hand_out(client, people.amina)
    assert code not in client.get(f"/accounts/{people.amina.id}/password-code").text
    with begin(database, read_only=True) as session:
        row = session.scalars(select(PasswordCode)).one()
        details = [entry.detail for entry in session.scalars(select(AuditEntry))]
    assert code.replace("-", "") not in row.secret_hash
    assert code not in str(details)


def test_a_later_code_replaces_the_former(app: Flask, people: SimpleNamespace, sign_in: Callable) -> None:
    client = sign_in(people.bilal)
    former, later = hand_out(client, people.amina), hand_out(client, people.amina)
    assert use(app, former)[0] == 422
    assert use(app, later)[0] == 303


def test_a_code_works_for_one_day(
    app: Flask, people: SimpleNamespace, sign_in: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = hand_out(sign_in(people.bilal), people.amina)
    later = clock.now() + LIFETIME + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert use(app, code)[0] == 422
    assert opens(app, "amina", OLD)


def test_wrong_tries_close_the_code_and_are_logged(
    app: Flask, people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    code = hand_out(sign_in(people.bilal), people.amina)
    for _try in range(MOST_WRONG_TRIES):
        assert use(app, WRONG)[0] == 422
    assert use(app, code)[0] == 422
    assert [verb for verb, _actor in acts(database)].count("password_code_refused") == MOST_WRONG_TRIES + 1
    page = sign_in(people.bilal).get(f"/accounts/{people.amina.id}/password-code").text
    assert "closed after wrong tries" in page


def test_a_code_of_one_account_does_not_open_another(app: Flask, people: SimpleNamespace, sign_in: Callable) -> None:
    code = hand_out(sign_in(people.bilal), people.amina)
    assert use(app, code, username="bushra")[0] == 422
    assert opens(app, "bushra", OLD)


def test_an_unknown_user_name_gets_the_answer_of_a_wrong_code(app: Flask) -> None:
    unknown, wrong = use(app, WRONG, username="nobody"), use(app, WRONG)
    assert unknown[0] == wrong[0] == 422
    assert "This code does not work for this user name" in unknown[1]
    assert "This code does not work for this user name" in wrong[1]


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"again": "something else entirely"}, "The two passwords differ"),
        ({"password": "aaaaaaaaaaaaaaaa", "again": "aaaaaaaaaaaaaaaa"}, "too easy to guess"),
        ({"password": "Amina loves mangoes", "again": "Amina loves mangoes"}, "Leave your user name out"),
        ({"code": ""}, "Type the code"),
        ({"username": ""}, "Type your user name"),
    ],
)
def test_bad_input_says_what_to_do_keeps_name_and_code_and_costs_no_try(
    app: Flask, people: SimpleNamespace, sign_in: Callable, changes: dict[str, str], advice: str
) -> None:
    code = hand_out(sign_in(people.bilal), people.amina)
    status, text = use(app, **({"code": code} | changes))
    assert status == 422
    assert advice in text
    if "code" not in changes and "username" not in changes:
        assert f'value="{code}"' in text
        assert 'value="amina"' in text
    assert use(app, code)[0] == 303


@pytest.mark.parametrize(
    ("helper", "person", "status"),
    [
        ("bilal", "amina", 200),
        ("farid", "amina", 200),
        ("farid", "bilal", 200),
        ("bilal", "farid", 404),
        ("bilal", "bilal", 422),
        ("farid", "farid", 422),
        ("bilal", "zara", 404),
        ("farid", "zahid", 404),
        ("amina", "bushra", 403),
    ],
)
def test_codes_are_handed_to_those_whom_the_role_may_help(
    people: SimpleNamespace, sign_in: Callable, database: Engine, helper: str, person: str, status: int
) -> None:
    client, address = sign_in(getattr(people, helper)), f"/accounts/{getattr(people, person).id}/password-code"
    assert client.get(address).status_code == status
    assert client.post(address).status_code == status
    with begin(database, read_only=True) as session:
        assert len(session.scalars(select(PasswordCode)).all()) == (status == 200)


def give_role(client: FlaskClient, account: Account, role: str) -> None:
    answer = client.post(f"/administration/accounts/{account.id}/role", data={f"account{account.id}-role": role})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("helper", "role", "works"),
    [("bilal", "administrator", False), ("bilal", "instructor", False), ("farid", "administrator", True)],
)
def test_a_code_opens_no_role_that_its_giver_may_not_help(
    app: Flask, people: SimpleNamespace, sign_in: Callable, helper: str, role: str, works: bool
) -> None:
    code, farid = hand_out(sign_in(getattr(people, helper)), people.amina), sign_in(people.farid)
    give_role(farid, people.amina, role)
    page = farid.get(f"/accounts/{people.amina.id}/password-code").text
    assert ("closed: a role was changed" in page) is not works
    assert use(app, code)[0] == (303 if works else 422)
    assert opens(app, "amina", NEW) is works


def test_a_code_of_somebody_who_is_no_instructor_any_more_opens_nothing(
    app: Flask, people: SimpleNamespace, sign_in: Callable
) -> None:
    code = hand_out(sign_in(people.bilal), people.amina)
    give_role(sign_in(people.farid), people.bilal, "trainee")
    assert use(app, code)[0] == 422
    assert opens(app, "amina", OLD)


def test_a_new_password_ends_every_session_that_began_with_the_former(
    app: Flask, people: SimpleNamespace, sign_in: Callable
) -> None:
    somewhere = sign_in(people.amina)
    assert somewhere.get("/learn").status_code == 200
    assert use(app, hand_out(sign_in(people.bilal), people.amina))[0] == 303
    assert "/sign-in" in somewhere.get("/learn").location


def test_the_owner_changes_the_password_and_stays_signed_in_here_only(
    app: Flask, people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    here, elsewhere = sign_in(people.amina), sign_in(people.amina)
    code = hand_out(sign_in(people.bilal), people.amina)
    answer = here.post("/account", data={"current": OLD, "password": NEW, "again": NEW})
    assert answer.status_code == 303
    assert here.get("/learn").status_code == 200
    assert "/sign-in" in elsewhere.get("/learn").location
    assert opens(app, "amina", NEW)
    assert use(app, code)[0] == 422
    assert "closed: the password was changed" in here.get("/account").text
    assert ("password_changed", people.amina.id) in acts(database)


def test_without_the_present_password_nothing_changes(
    app: Flask, people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    client = sign_in(people.amina)
    answer = client.post("/account", data={"current": "guessed", "password": NEW, "again": NEW})
    assert answer.status_code == 422
    assert "not your present password" in answer.text
    assert opens(app, "amina", OLD)
    assert ("password_change_refused", people.amina.id) in acts(database)


def test_the_owner_sees_who_handed_out_a_code(people: SimpleNamespace, sign_in: Callable) -> None:
    hand_out(sign_in(people.bilal), people.amina)
    page = sign_in(people.amina).get("/account").text
    assert "Bilal" in page
    assert "open" in page


def test_the_pages_are_there_in_urdu(people: SimpleNamespace, sign_in: Callable) -> None:
    page = sign_in(people.bushra).get("/account").text
    assert 'dir="rtl"' in page
    assert "پاس ورڈ" in page
