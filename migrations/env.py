"""Alembic's entry: migrates the database that DATABASE_URL or the caller names."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from app.core.db import Base, make_engine
from app.tables import ALL_FEATURES

assert ALL_FEATURES
engine = context.config.attributes.get("engine") or make_engine(context.config.get_main_option("sqlalchemy.url") or "")


def without_enforced_references(connection: Connection) -> None:
    """SQLite changes a table by making it anew; while the old one is dropped, references to it lead nowhere."""
    if connection.dialect.name == "sqlite":
        # Before a transaction begins: inside one SQLite ignores it.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")


def check_references(connection: Connection) -> None:
    """Every reference leads somewhere again. Raises RuntimeError, and so undoes the migration."""
    if connection.dialect.name != "sqlite":
        return
    if lost := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        raise RuntimeError(f"the migration would leave references that lead nowhere: {lost[:5]}")


with engine.connect() as connection:
    without_enforced_references(connection)
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
        check_references(connection)
    connection.commit()
