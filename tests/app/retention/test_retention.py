"""What was kept long enough goes, nothing else does, and the audit log proves it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, func, insert, select

from app.accounts.models import Account
from app.cli import retention_command
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import CHUNK, begin
from app.notebooks.models import NotebookInquiry
from app.passwords.models import PasswordCode
from app.retention import service

OLD, YOUNG = timedelta(days=366), timedelta(days=364)
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
