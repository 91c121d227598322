"""Migrations make exactly the tables of the code, can be undone, and keep the rows that are there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from app.core.db import Base, make_engine
from app.core.migration import FOLDER, migrate
from app.tables import ALL_FEATURES


@pytest.fixture
def empty(tmp_path: Path) -> Engine:
    return make_engine(f"sqlite:///{tmp_path / 'migrated.sqlite3'}")


def undo(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["engine"] = engine
    command.downgrade(config, revision)


def test_a_migrated_database_has_the_tables_of_the_code(empty: Engine) -> None:
    assert ALL_FEATURES
    migrate(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"render_as_batch": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_migration_can_be_undone(empty: Engine) -> None:
    migrate(empty)
    undo(empty, "base")
    assert set(inspect(empty).get_table_names()) <= {"alembic_version"}
    migrate(empty)


def test_jobs_from_before_they_had_an_academy_get_that_of_what_they_are_about(empty: Engine) -> None:
    migrate(empty, "0002")
    now = datetime(2026, 11, 1, tzinfo=UTC).isoformat(sep=" ")
    with empty.begin() as connection:
        for statement in (
            "INSERT INTO academy (id, slug, name_en, name_ur) VALUES (3, 'kp', 'KP', 'KP')",
            "INSERT INTO account (id, academy_id, username, full_name, department, role, language, password_hash, "
            "created_at) VALUES (5, 3, 'amina', 'Amina', '', 'trainee', 'en', '', :now)",
            "INSERT INTO submission (id, trainee_id, academy_id, module_id, activity_id, attempt, sha256, "
            "idempotency_key, submitted_at) VALUES (7, 5, 3, 'm', 'a', 1, 'f', 'k', :now)",
            "INSERT INTO job (id, kind, thing_id, created_at) VALUES (1, 'grade_submission', 7, :now)",
            "INSERT INTO job (id, kind, thing_id, created_at) VALUES (2, 'grade_submission', 99, :now)",
        ):
            connection.execute(text(statement), {"now": now} if ":now" in statement else {})
    migrate(empty)
    with empty.connect() as connection:
        rows = connection.execute(text("SELECT id, academy_id, attempt FROM job")).all()
    assert [tuple(row) for row in rows] == [(1, 3, 1)]
