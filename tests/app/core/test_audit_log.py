"""The audit log is append-only and proves it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.core import audit
from app.core.db import begin

pytestmark = pytest.mark.both_databases


def add_three(database: Engine) -> None:
    with begin(database) as session:
        for number in range(3):
            audit.record(session, verb="tested", thing=f"thing:{number}", detail={"number": number})


def tamper(database: Engine, statement: str) -> None:
    """Change rows as someone with the database and no scruples would: triggers removed first."""
    triggers = ["audit_entry_no_update", "audit_entry_no_delete"]
    if database.dialect.name == "postgresql":
        triggers = ["audit_entry_append_only ON audit_entry"]
    with begin(database) as session:
        for trigger in triggers:
            session.execute(text(f"DROP TRIGGER {trigger}"))
        session.execute(text(statement))


def test_an_untouched_chain_is_proved(database: Engine) -> None:
    add_three(database)
    with begin(database, read_only=True) as session:
        found = audit.verify(session)
        assert found.broken_id is None
        assert found.entries == audit.count(session) >= 3


def test_acts_noted_at_once_follow_one_another_and_what_was_there(database: Engine) -> None:
    add_three(database)
    with begin(database) as session:
        assert audit.record_all(session, []) == []
        acts = [audit.Act("tested", f"thing:{number}", detail={"number": number}) for number in range(3, 6)]
        noted = audit.record_all(session, acts)
        last = audit.record(session, verb="tested", thing="thing:6")
        assert [each.thing for each in noted] == ["thing:3", "thing:4", "thing:5"]
        assert [each.previous_hash for each in (*noted[1:], last)] == [each.hash for each in noted]
    with begin(database, read_only=True) as session:
        assert audit.verify(session, expected_head=last.hash).broken_id is None


@pytest.mark.parametrize("act", ["UPDATE audit_entry SET verb = 'forged'", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_the_log(database: Engine, act: str) -> None:
    add_three(database)
    with pytest.raises(DBAPIError, match="append-only"), begin(database) as session:
        session.execute(text(act))


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit_entry SET verb = 'forged' WHERE id = 2", 2),
        ("UPDATE audit_entry SET detail = '{}' WHERE thing = 'thing:1'", None),
        ("DELETE FROM audit_entry WHERE id = 2", 2),
        ("UPDATE audit_entry SET previous_hash = hash WHERE id = 3", 3),
    ],
)
def test_the_first_broken_row_is_named(database: Engine, statement: str, broken: int | None) -> None:
    add_three(database)
    tamper(database, statement)
    with begin(database, read_only=True) as session:
        expected = broken or session.execute(text("SELECT id FROM audit_entry WHERE thing = 'thing:1'")).scalar_one()
        assert audit.verify(session).broken_id == expected


def test_rows_cut_off_at_the_end_are_found_by_a_noted_head(database: Engine) -> None:
    add_three(database)
    with begin(database, read_only=True) as session:
        head = audit.verify(session).head
    tamper(database, "DELETE FROM audit_entry WHERE thing = 'thing:2'")
    with begin(database, read_only=True) as session:
        assert audit.verify(session).broken_id is None
        assert audit.verify(session, expected_head=head).broken_id is not None


def test_entries_made_at_once_still_follow_each_other(database: Engine) -> None:
    def add_some(number: int) -> None:
        for _ in range(5):
            with begin(database) as session:
                audit.record(session, verb="tested", thing=f"thing:{number}")

    with begin(database, read_only=True) as session:
        before = audit.count(session)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_some, range(8)))
    with begin(database, read_only=True) as session:
        assert audit.count(session) == before + 40
        assert audit.verify(session).broken_id is None


def test_the_command_proves_the_log_or_names_the_row(app, database: Engine) -> None:
    from app.cli import audit_commands as commands

    add_three(database)
    runner = app.test_cli_runner()
    assert runner.invoke(commands, ["verify"]).exit_code == 0
    tamper(database, "UPDATE audit_entry SET verb = 'forged' WHERE id = 2")
    broken = runner.invoke(commands, ["verify"])
    assert broken.exit_code == 1
    assert "Row 2 is broken" in broken.output
