"""A private PostgreSQL server for tests and the bench: no port, no password, gone with its folder."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from tools.preflight import server_path

START_SECONDS = 60
STOP_SECONDS = 30
# Tried in this order: the server refuses to run as root.
UNPRIVILEGED = ("postgres", "nobody")
# A test loses its databases with the machine anyway, so nothing waits for the disk.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class NoServer(RuntimeError):
    """PostgreSQL is not installed, or does not start; the message says what to do."""


class Server:
    """A running server, reached through a socket in its own folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = (f"database{number}" for number in itertools.count(1))

    def address(self, database: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://hunar@/{database}?host={self._folder}"

    def create(self, name: str | None = None, *, template: str = "template1") -> str:
        """The address of a new database, empty or a copy of another that nobody uses at the moment.

        name: None for one that was never used.
        """
        name = name or next(self._names)
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.address(name)

    def drop(self, address: str) -> None:
        """Remove a database with whatever is connected to it."""
        self.execute(f"DROP DATABASE {make_url(address).database} WITH (FORCE)")

    @contextmanager
    def closed(self, address: str) -> Iterator[None]:
        """Nobody is connected to a database, and nobody can connect, until the block ends."""
        name = make_url(address).database
        self.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            self.cut_connections()
            yield
        finally:
            self.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def execute(self, statement: str, **values: object) -> list[object]:
        """Run one statement outside any transaction; the first column of what it returns."""
        engine = create_engine(self.address("postgres"), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                result = connection.execute(text(statement), values)
                return list(result.scalars()) if result.returns_rows else []
        finally:
            engine.dispose()

    def cut_connections(self) -> int:
        """End every other connection, as a failing network or a restart would; how many there were."""
        return len(
            self.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
        )


@contextmanager
def running(*, careful: bool = False) -> Iterator[Server]:
    """A fresh server until the block ends.

    careful: commits wait for the disk, as in production. Raises NoServer.
    """
    initdb, postgres = _command("initdb"), _command("postgres")
    folder = Path(tempfile.mkdtemp(prefix="hunar-postgresql-"))
    user = _owner(folder)
    data, log = folder / "data", folder / "log"
    cluster: list[str | Path] = [
        initdb,
        "-D",
        data,
        "-U",
        "hunar",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    options: list[str | Path] = ["-k", folder, "-c", "listen_addresses=", "-c", "max_connections=200"]
    for option in () if careful else CARELESS:
        options += ["-c", option]
    try:
        with log.open("wb") as output:
            made = subprocess.run(cluster, user=user, cwd=folder, stdout=output, stderr=output, check=False)
            if made.returncode != 0:
                raise NoServer(f"initdb failed: {log.read_text()}")
            server = subprocess.Popen(
                [postgres, "-D", data, *options], user=user, cwd=folder, stdout=output, stderr=output
            )
        try:
            yield _ready(Server(folder), server, log)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=STOP_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _command(name: str) -> str:
    if (found := shutil.which(name, path=server_path())) is None:
        raise NoServer(f"PostgreSQL's {name} is missing. Install it: sudo apt-get install postgresql")
    return found


def _owner(folder: Path) -> str | None:
    """Whom the server runs as: the present user, or for root someone without rights, who then owns the folder."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = next((name for name in UNPRIVILEGED if name in known), None)
    if user is None:
        raise NoServer(f"PostgreSQL does not run as root, and there is none of the users {', '.join(UNPRIVILEGED)}.")
    shutil.chown(folder, user)
    return user


def _ready(server: Server, process: subprocess.Popen[bytes], log: Path) -> Server:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server.execute("SELECT 1")
        except OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise NoServer(f"PostgreSQL does not start: {log.read_text()}") from None
            time.sleep(0.05)
        else:
            return server
