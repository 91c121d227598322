"""The audit log before an auditor: looked through, checked, taken away, and nothing else for this role."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app.accounts import service as accounts
from app.accounts.models import Account
from app.auditing.wording import acts
from app.cli import audit_commands
from app.core import clock
from app.core.access import PERMISSIONS, Action, Role, Scope
from app.core.db import begin
from tests.conftest import PASSWORD


@pytest.fixture
def auditor(database: Engine, people: SimpleNamespace, sign_in: Callable) -> FlaskClient:
    with begin(database) as session:
        academy = session.get_one(Account, people.amina.id).academy
        account = accounts.add_account(
            session, academy, username="qasim", full_name="Qasim", role=Role.AUDITOR, password=PASSWORD
        )
    return sign_in(account)


def table_of_acts(page: str) -> list[tuple[str, ...]]:
    """Who, what and concerning what, row by row."""
    found = re.search(r"<caption>Entries of the audit log, the newest first</caption>(.*?)</table>", page, re.DOTALL)
    assert found
    rows = re.findall(r"<tr><th scope=\"row\">.*?</th>(.*?)</tr>", found[1], re.DOTALL)
    return [tuple(plain(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row))[:3] for row in rows]


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html)).strip()


def test_an_auditor_reads_the_log_and_nothing_else(app: Flask, auditor: FlaskClient) -> None:
    assert auditor.get("/").location == "/audit"
    assert auditor.get("/audit").status_code == 200
    # All but one are about what is the auditor's own.
    scopes = PERMISSIONS[Role.AUDITOR].items()
    assert {action for action, scope in scopes if scope is not Scope.OWN} == {Action.READ_AUDIT_LOG}
    for page in ("/administration", "/teaching", "/learn", "/marking"):
        assert auditor.get(page).status_code == 403
    for page in ("/record", "/passport", "/appeals", "/completions", "/attestations", "/account/choices"):
        assert auditor.get(page).status_code == 404


@pytest.mark.parametrize("name", ["amina", "bilal"])
def test_neither_trainees_nor_instructors_read_it(people: SimpleNamespace, sign_in: Callable, name: str) -> None:
    client = sign_in(getattr(people, name))
    assert client.get("/audit").status_code == 403
    assert client.post("/audit/log.jsonl").status_code == 403


def test_it_shows_the_newest_acts_of_its_academy_only(people: SimpleNamespace, sign_in: Callable) -> None:
    sign_in(people.zahid)
    sign_in(people.bushra)
    page = sign_in(people.farid).get("/audit").text
    log = table_of_acts(page)
    assert [who for who, _what, _thing in log[:2]] == ["Farid", "Bushra"]
    assert log[0] == ("Farid", "signed in", f"account:{people.farid.id}")
    assert not {"Zara", "Zahid"} & {who for who, _what, _thing in log}
    # 4 accounts added in this academy, 1 instructor named, 2 sign-ins
    assert "7 entries" in page


def test_it_is_looked_through_by_person_act_thing_and_day(
    app: Flask, people: SimpleNamespace, sign_in: Callable
) -> None:
    sign_in(people.bushra)
    app.test_client().post("/sign-in", data={"username": "bushra", "password": "wrong"})
    client = sign_in(people.farid)
    assert table_of_acts(client.get("/audit?username=BUSHRA&verb=sign_in_failed").text) == [
        ("Bushra", "failed to sign in", f"account:{people.bushra.id}")
    ]
    of_bushra = table_of_acts(client.get(f"/audit?thing=account:{people.bushra.id}").text)
    assert [what for _who, what, _thing in of_bushra] == ["failed to sign in", "signed in", "account added"]
    assert len(table_of_acts(client.get("/audit?first=2020-01-01&last=2999-01-01").text)) == 8
    assert table_of_acts(client.get("/audit?first=2999-01-01").text) == []
    assert table_of_acts(client.get("/audit?last=2020-01-01").text) == []


def test_a_day_is_one_of_the_readers_calendar(
    people: SimpleNamespace, sign_in: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Half past eleven in the evening in UTC is the next morning in Karachi, and so the page says.
    monkeypatch.setattr(clock, "now", lambda: datetime(2031, 5, 1, 23, 30, tzinfo=UTC))
    sign_in(people.bushra)
    client = sign_in(people.farid)
    assert "2 May 2031" in client.get("/audit").text
    assert [who for who, _what, _thing in table_of_acts(client.get("/audit?first=2031-05-02").text)] == [
        "Farid",
        "Bushra",
    ]
    assert table_of_acts(client.get("/audit?first=2031-05-01&last=2031-05-01").text) == []


def test_what_cannot_be_looked_for_is_said_in_urdu_too(auditor: FlaskClient) -> None:
    auditor.post("/language", data={"language": "ur"})
    page = auditor.get("/audit?first=yesterday&verb=nonsense").text
    summary = re.search(r'<div class="error-summary".*?</div>', page, re.DOTALL)
    assert summary
    assert re.findall(r"<li><a[^>]*>([^<]*)", summary[0])
    assert not re.search("[A-Za-z]{3}", plain(summary[0]))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("first=2026-05-02&last=2026-05-01", "This day lies before the first one."),
        ("first=yesterday", "Choose a day, for example 2027-03-01."),
        ("verb=nonsense", "Choose an act of the list."),
    ],
)
def test_what_cannot_be_looked_for_is_said_and_kept(auditor: FlaskClient, query: str, message: str) -> None:
    answer = auditor.get(f"/audit?{query}&username=bushra")
    assert answer.status_code == 422
    assert message in answer.text
    assert 'value="bushra"' in answer.text


def test_an_unaltered_chain_is_reported_with_its_latest_fingerprint(auditor: FlaskClient, database: Engine) -> None:
    page = auditor.get("/audit?check=chain").text
    with begin(database, read_only=True) as session:
        entries, head = session.execute(
            text("SELECT count(*), (SELECT hash FROM audit_entry ORDER BY id DESC LIMIT 1) FROM audit_entry")
        ).one()
    assert f"all {entries} entries of the portal are unaltered" in page
    assert head in page


def test_an_altered_entry_is_named_when_the_chain_is_checked(auditor: FlaskClient, database: Engine) -> None:
    tamper(database)
    assert "The chain is broken" not in auditor.get("/audit").text
    assert "The chain is broken at entry 3." in auditor.get("/audit?check=chain").text


def tamper(database: Engine) -> None:
    """What someone with the database file could do, who takes the guard away first."""
    with begin(database) as session:
        session.execute(text("DROP TRIGGER audit_entry_no_update"))
        session.execute(text("UPDATE audit_entry SET verb = 'signed_out' WHERE id = 3"))


def test_the_log_that_was_taken_away_proves_itself(app: Flask, auditor: FlaskClient, people: SimpleNamespace) -> None:
    answer = auditor.post("/audit/log.jsonl")
    assert "attachment; filename=audit-kp-" in answer.headers["Content-Disposition"]
    lines = answer.text.splitlines()
    assert json.loads(lines[-1])["verb"] == "audit_log_taken"
    assert {json.loads(line)["academy_id"] for line in lines} == {people.amina.academy_id}
    proof = check(app, answer.text)
    assert proof.exit_code == 0
    assert f"{len(lines)} entries, unaltered." in proof.output
    forged = check(app, answer.text.replace('"verb":"account_added"', '"verb":"account_mended"', 1))
    assert (forged.exit_code, forged.output) == (1, f"Altered: {json.loads(lines[0])['id']}.\n")


@pytest.mark.parametrize("content", ["not a line", '{"id": 1}', "[1, 2]"])
def test_what_is_no_log_is_not_taken_for_one(app: Flask, content: str) -> None:
    answer = check(app, content)
    assert answer.exit_code == 1
    assert "This is no audit log" in answer.output


def check(app: Flask, content: str) -> Result:
    """What `flask audit check` says of a file with this content."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        return app.test_cli_runner().invoke(audit_commands, ["check", file.name])


def test_every_act_that_is_recorded_has_words(app: Flask) -> None:
    sources = [file.read_text() for file in sorted(Path(app.root_path).rglob("*.py"))]
    recorded = {verb for source in sources for verb in re.findall(r'\bverb="([a-z_]+)"', source)}
    recorded |= {verb for source in sources for verb in re.findall(r'note\(session, "([a-z_]+)"', source)}
    assert len(recorded) > 20
    with app.test_request_context():
        assert recorded - acts().keys() == set()
