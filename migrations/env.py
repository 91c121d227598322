"""Alembic's entry: migrates the database that DATABASE_URL or the caller names."""

from __future__ import annotations

from alembic import context

from app.core.db import Base, make_engine
from app.tables import ALL_FEATURES

assert ALL_FEATURES
engine = context.config.attributes.get("engine") or make_engine(context.config.get_main_option("sqlalchemy.url") or "")

with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
