"""Engine, table base and the only begin, commit and rollback of the product.

A request that may not change anything (GET, HEAD) gets a read-only transaction; any other gets one that is
committed when the answer is not an error. The worker and the command line use `begin()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple, cast

from flask import Flask, Response, current_app, g, request
from sqlalchemy import Connection, DateTime, Engine, MetaData, Row, Select, TypeDecorator, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import NullPool
from werkzeug.routing import IntegerConverter, Map

from app.core import drawing
from app.core.errors import NotFound

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BUSY_MILLISECONDS = 5_000
# Kept open by each process: one for each of the portal's threads. To open one takes longer than most requests.
CONNECTIONS = 8
# Values that one statement asks about; SQLite takes 32,766.
CHUNK = 5_000
# The largest number of a row in PostgreSQL.
LARGEST_NUMBER = 2**31 - 1
# Of tables whose rows may go while the audit log, another system or a page left open names them by number: SQLite would
# give the number of a last row that went to the next one.
NUMBERED_ONCE = {"sqlite_autoincrement": True}
Item = TypeVar("Item")
Columns = TypeVarTuple("Columns")


class Base(DeclarativeBase):
    """Tables of every feature, with names for their constraints that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always aware and in UTC on the Python side. Raises ValueError for a naive datetime."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment without a time zone was given to the database.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Any) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def make_engine(url: str) -> Engine:
    """An engine on SQLite (file, WAL) or PostgreSQL. Creates the folder of a SQLite file.

    What a statement was about stays out of its error, and so out of every log: it may be an answer nobody should read.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=CONNECTIONS, pool_pre_ping=True, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.create_function(drawing.SQLITE_FUNCTION, 1, drawing.drawn, deterministic=True)
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "foreign_keys=ON",
        # A receipt must outlive a power cut too, not only the end of the process.
        "synchronous=FULL",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def open_session(engine: Engine, *, read_only: bool) -> Session:
    """A session on a connection of its own, whose transaction can write only if asked to."""
    connection = engine.connect().execution_options(read_only=read_only, postgresql_readonly=read_only)
    session = Session(bind=connection, expire_on_commit=False, autoflush=True)
    session.info["connection"] = connection
    event.listen(session, "before_commit", _take_last_steps)
    return session


def before_commit(session: Session, name: str, step: Callable[[Session], None]) -> None:
    """Have `step` done as the last thing of this transaction, once for each name, however often it is asked for.

    What locks rows there comes after all other locks, the audit log's included.
    """
    session.info.setdefault("last_steps", {})[name] = step


def _take_last_steps(session: Session) -> None:
    for step in session.info.pop("last_steps", {}).values():
        step(session)


def close_session(session: Session) -> None:
    """Roll back whatever was not committed and give the connection back."""
    session.close()
    session.info["connection"].close()


def one(session: Session, statement: Select[Item]) -> Item:
    """What a statement finds, which says already who may see it. Raises NotFound where that is nothing."""
    if (found := session.scalar(statement)) is None:
        raise NotFound
    return found


def one_row(session: Session, statement: Select[*Columns]) -> Row[*Columns]:
    """As `one`, of a statement that finds several things at once."""
    if (found := session.execute(statement).first()) is None:
        raise NotFound
    return found


def in_chunks(items: Sequence[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    """The items, as many at a time as one statement may ask about, or fewer."""
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]


@contextmanager
def begin(engine: Engine, *, read_only: bool = False) -> Iterator[Session]:
    """One transaction for the worker and the command line: committed at the end, rolled back on an error."""
    session = open_session(engine, read_only=read_only)
    try:
        yield session
        session.commit()
    finally:
        close_session(session)


def engine_of(app: Flask) -> Engine:
    return cast(Engine, app.extensions["engine"])


def session() -> Session:
    """The session of the present request."""
    if "session" not in g:
        g.session = open_session(engine_of(current_app), read_only=request.method in SAFE_METHODS)
    return cast(Session, g.session)


def keep_on_refusal() -> None:
    """Commit what this request wrote although its answer is a refusal (a failed sign-in in the audit log)."""
    g.keep_on_refusal = True


def lock_table(session: Session, table: type[Base]) -> None:
    """Have whoever writes to this table wait until the transaction ends; on SQLite all who write wait anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"LOCK TABLE {table.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))


def insert_into(session: Session, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Both databases have the same words for rows that are there already, in dialects of their own."""
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if on_postgresql else sqlite.insert(table)


class NumberInAddress(IntegerConverter):
    """A number in an address; one that no row of a database can have leads to no page."""

    def __init__(self, addresses: Map, *arguments: Any, **named: Any) -> None:
        super().__init__(addresses, *arguments, **{"max": LARGEST_NUMBER, **named})


def init_app(app: Flask) -> None:
    """Give the app the rule that ends each request's transaction, and the one for numbers in addresses."""
    app.url_map.converters["int"] = NumberInAddress

    @app.after_request
    def end_transaction(response: Response) -> Response:
        opened = g.get("session")
        if opened is None:
            return response
        if response.status_code < 400 or g.get("keep_on_refusal", False):
            opened.commit()
        else:
            opened.rollback()
        return response

    @app.teardown_appcontext
    def release_connection(_error: BaseException | None) -> None:
        if (opened := g.pop("session", None)) is not None:
            close_session(opened)
