"""What was kept long enough goes, nothing else does, and the audit log proves it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, insert, select, update

from app.accounts.models import Account
from app.cli import retention_command
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import CHUNK, begin
from app.notebooks.models import NotebookInquiry
from app.passwords.models import PasswordCode
from app.people.models import ImportRow, PeopleImport
from app.retention import service

OLD, YOUNG = timedelta(days=366), timedelta(days=364)
IMPORTS = "/administration/imports"
COLUMNS = NotebookInquiry.__table__.columns


@pytest.fixture
def log(database: Engine) -> Callable[[Account, timedelta], int]:
    """A question that was asked so long ago; its number."""

    def add(trainee: Account, age: timedelta) -> int:
        inquiry = NotebookInquiry(
            trainee_id=trainee.id,
            academy_id=trainee.academy_id,
            module_id="measure-to-manage",
            activity_id="grievances",
            cell_hash="0" * 64,
            kind="look",
            column_names=f'["{age.days}"]',
            asked_at=clock.now() - age,
        )
        with begin(database) as session:
            session.add(inquiry)
            session.flush()
            return inquiry.id

    return add


def count(database: Engine, table: type) -> int:
    with begin(database, read_only=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def proofs(database: Engine) -> list[tuple[int | None, dict[str, object]]]:
    with begin(database, read_only=True) as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.verb == "outdated_deleted"))
        return [(entry.academy_id, entry.detail) for entry in entries]


LIST = b"username,full name\nnazia,Nazia Khan\nbushra,Bushra Bibi\n"


def made_so_long_ago(database: Engine, **age: timedelta) -> None:
    """Imports of people are as old as this, by column."""
    with begin(database) as session:
        session.execute(update(PeopleImport).values({name: clock.now() - each for name, each in age.items()}))


@pytest.mark.both_databases
def test_a_file_of_people_that_nobody_applied_goes_after_a_week(database: Engine, farid: FlaskClient) -> None:
    preview = farid.post(IMPORTS, data={"people": (io.BytesIO(LIST), "people.csv")}).location
    made_so_long_ago(database, made_at=timedelta(days=6))
    with begin(database) as session:
        assert service.apply(session) == []
    assert "Nazia Khan" in farid.get(preview).text
    made_so_long_ago(database, made_at=timedelta(days=8))
    with begin(database) as session:
        assert [each.rule.name for each in service.apply(session)] == ["preview_rows", "previews"]
    assert count(database, ImportRow) == count(database, PeopleImport) == 0
    assert farid.get(preview).status_code == 404


@pytest.mark.both_databases
def test_what_a_file_said_of_people_goes_once_it_is_too_late_to_undo_it(database: Engine, farid: FlaskClient) -> None:
    address = farid.post(IMPORTS, data={"people": (io.BytesIO(LIST), "people.csv")}).location
    assert farid.post(f"{address}/apply").status_code == 303
    made_so_long_ago(database, made_at=timedelta(days=95), applied_at=timedelta(days=89))
    with begin(database) as session:
        assert service.apply(session) == []
    assert "Undo this import" in farid.get(address).text
    made_so_long_ago(database, made_at=timedelta(days=95), applied_at=timedelta(days=91))
    assert "There is nothing to undo" in farid.get(f"{address}/undo").text
    assert farid.post(f"{address}/undo", data={"digest": ""}).status_code == 409
    with begin(database) as session:
        assert [each.rule.name for each in service.apply(session)] == ["import_rows"]
    assert (count(database, ImportRow), count(database, PeopleImport)) == (0, 1)
    page = farid.get(address).text
    assert "kept no longer" in page
    assert "Undo this import" not in page
    assert "Nazia" not in page


@pytest.mark.both_databases
def test_what_is_too_old_goes_and_each_academy_has_its_proof(
    database: Engine, people: SimpleNamespace, log: Callable, hand_over_code: Callable
) -> None:
    old = [log(people.amina, OLD), log(people.bushra, OLD + timedelta(days=1))]
    foreign = log(people.zara, OLD)
    kept = log(people.amina, YOUNG)
    hand_over_code(OLD)
    hand_over_code(YOUNG)
    with begin(database) as session:
        service.apply(session)
        assert list(session.scalars(select(NotebookInquiry.id))) == [kept]
    assert count(database, PasswordCode) == 1
    home, away = people.amina.academy_id, people.zara.academy_id
    digest = hashlib.sha256(",".join(map(str, old)).encode()).hexdigest()
    same = {"kind": "curiosity_log", "older_than_days": 365}
    found = proofs(database)
    assert (home, same | {"count": 2, "sha256_of_numbers": digest}) in found
    assert (away, same | {"count": 1, "sha256_of_numbers": hashlib.sha256(str(foreign).encode()).hexdigest()}) in found
    assert [detail["count"] for academy, detail in found if detail["kind"] == "password_codes"] == [1]
    assert len(found) == 3


def test_done_twice_it_deletes_and_says_nothing_more(database: Engine, people: SimpleNamespace, log: Callable) -> None:
    log(people.amina, OLD)
    for _time in range(2):
        with begin(database) as session:
            service.apply(session)
    assert len(proofs(database)) == 1


def test_many_rows_go_at_once(database: Engine, people: SimpleNamespace, log: Callable) -> None:
    first = log(people.amina, OLD)
    with begin(database) as session:
        row = {column.name: getattr(session.get_one(NotebookInquiry, first), column.name) for column in COLUMNS}
        more = [row | {"id": first + number, "cell_hash": f"{number:064}"} for number in range(1, CHUNK + 1)]
        session.execute(insert(NotebookInquiry), more)
    with begin(database) as session:
        [found] = service.apply(session)
    assert len(found.numbers) == CHUNK + 1
    assert count(database, NotebookInquiry) == 0


def command(app: Flask, *words: str) -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(retention_command, words)


def test_a_dry_run_says_what_would_go_and_deletes_nothing(
    app: Flask, database: Engine, people: SimpleNamespace, log: Callable
) -> None:
    log(people.amina, OLD)
    said = command(app, "--dry-run").output
    assert f"academy {people.amina.academy_id}, curiosity_log: 1 older than 365 days" in said
    assert "Nothing was deleted." in said
    assert count(database, NotebookInquiry) == 1
    assert proofs(database) == []
    assert "Deleted; the audit log says so." in command(app).output
    assert count(database, NotebookInquiry) == 0
    assert command(app).output == "Nothing was deleted.\n"
