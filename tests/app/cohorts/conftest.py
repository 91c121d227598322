"""Newcomers of a cohort with evidence, and pages read as tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape

import pytest
from sqlalchemy import Engine, event

from app.accounts import progress
from app.accounts import service as accounts
from app.accounts.models import Account, Cohort
from app.competencies.models import EvidenceKind
from app.competencies.service import record_evidence
from app.core import clock
from app.core.access import Role
from app.core.db import begin

MODULE_ID = "measure-to-manage"


@pytest.fixture
def enrol_many(database: Engine, cohort: Cohort) -> Callable[..., list[Account]]:
    """Enrol new trainees, each with one piece of evidence for D2.1 and one lesson read."""

    def enrol(count: int, outcome: float = 1.0, *, into: Cohort = cohort, name: str = "newcomer") -> list[Account]:
        with begin(database) as session:
            return [_newcomer(session, into, f"{name}{number:02}", outcome) for number in range(count)]

    return enrol


def _newcomer(session, cohort: Cohort, username: str, outcome: float) -> Account:
    # The password is never used, so no slow hash is made for it.
    trainee = Account(
        academy_id=cohort.academy_id,
        username=username,
        full_name=username.title(),
        role=Role.TRAINEE,
        password_hash="",
        created_at=clock.now(),
    )
    session.add(trainee)
    session.flush()
    accounts.enrol(session, cohort, trainee)
    progress.mark(session, trainee, MODULE_ID, "why-measure", done=True)
    give_evidence(session, trainee, outcome=outcome)
    return trainee


def give_evidence(
    session, trainee: Account, *, outcome: float = 1.0, source: str = "", competency: str = "D2.1"
) -> None:
    record_evidence(
        session,
        trainee,
        competency=competency,
        level=2,
        kind=EvidenceKind.SIMULATION_DECISION,
        outcome=outcome,
        source=source or f"run:{trainee.id}",
        part="decision",
    )


@contextmanager
def counted_statements(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def table(page: str, caption: str) -> dict[str, list[str]]:
    """Rows of the table with this caption: the row's name and the texts of its cells."""
    found = re.search(rf"<caption>{caption}</caption>(.*?)</table>", page, re.DOTALL)
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", found[1], re.DOTALL)
    return {plain(name): [plain(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", cells)] for name, cells in rows}


def plain(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", markup)).split())
