"""The portal on a fresh database, SQLite or PostgreSQL, and the fixed cast of people."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, Playwright
from sqlalchemy import Engine
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

import grading
from app.accounts import service
from app.accounts.models import Academy, Account, Cohort
from app.core.access import Role
from app.core.db import begin, engine_of, make_engine
from app.core.migration import migrate
from app.core.security import limiter
from app.factory import create_app, open_stores
from config import Settings
from tools import postgresql
from tools.chromium import CHROMIUM, FLAGS

PASSWORD = "correct horse battery staple"
# Passwords are made to be slow to guess, which here would be a quarter of all the time.
service.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
service.UNKNOWN_ACCOUNT_HASH = service.hasher.hash("nobody")
# A test says what is true, not how fast: a busy machine makes nothing false.
hypothesis_settings.register_profile("without a deadline", deadline=None)
hypothesis_settings.load_profile("without a deadline")


# Where the longest files are, longest first: a process that begins one last would keep the others waiting.
LONGEST_FIRST = ("browser", "lab", "worker", "grading", "simulations", "modules", "rules", "tools")
# What these share is dear, a whole product or the notebook site in a browser, and so is made in one process only.
TOGETHER = ("tests/browser/", "tests/lab/")

# Files of a test are gone with it. On a disk, which each commit waits for, the same tests take nearly twice as long.
IN_MEMORY = Path("/dev/shm")
LEAST_IN_MEMORY = 6 * 2**30
WRITTEN = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Have everything that tests write to the temporary folder kept in memory, where there is room for it."""
    if hasattr(config, "workerinput") or not _is_roomy(IN_MEMORY):
        return
    config.stash[WRITTEN] = folder = Path(tempfile.mkdtemp(prefix="hunar-tests-", dir=IN_MEMORY))
    # PostgreSQL and the sandboxes run as somebody else.
    folder.chmod(0o711)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def _is_roomy(folder: Path) -> bool:
    if not folder.is_dir() or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False
    return min(shutil.disk_usage(folder).free, psutil.virtual_memory().available) >= LEAST_IN_MEMORY


def pytest_unconfigure(config: pytest.Config) -> None:
    if folder := config.stash.get(WRITTEN, None):
        shutil.rmtree(folder, ignore_errors=True)


class FilesTogether(LoadScopeScheduling):
    """With several processes a file stays in one, so that what its tests share is made once."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in TOGETHER if file.startswith(folder)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesTogether:
    return FilesTogether(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=place_of)


def place_of(item: pytest.Item) -> tuple[int, str]:
    """Files that share what they leave behind run in one order everywhere, others as they come."""
    folder = item.path.parent.name
    place = LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)
    return place, item.path.name if item.nodeid.startswith(TOGETHER) else ""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is marked `both_databases` runs on each, and what is marked `on_postgresql` only there."""
    if "database_kind" not in metafunc.fixturenames:
        return
    if metafunc.definition.get_closest_marker("on_postgresql"):
        metafunc.parametrize("database_kind", ["postgresql"], indirect=True)
    elif metafunc.definition.get_closest_marker("both_databases"):
        metafunc.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def warm_sandboxes() -> Iterator[grading.WarmSandboxes]:
    """Two of them, so that hostile notebooks run beside honest ones."""
    sandboxes = grading.WarmSandboxes(2)
    yield sandboxes
    sandboxes.close()


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with the cast, copied for each test."""
    path = tmp_path_factory.mktemp("database") / "hunar.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    bring_in_the_cast(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def server() -> Iterator[postgresql.Server]:
    """A PostgreSQL of this test process alone; a machine without it fails here and says what to install."""
    with postgresql.running() as running:
        yield running


@pytest.fixture(scope="session")
def migrated_template(server: postgresql.Server) -> str:
    """A migrated PostgreSQL database with the cast, by name, copied for each test."""
    engine = make_engine(server.create())
    migrate(engine)
    bring_in_the_cast(engine)
    engine.dispose()
    return str(engine.url.database)


def bring_in_the_cast(engine: Engine) -> None:
    with begin(engine) as session:
        home = Academy(slug="kp", name_en="Khyber Pakhtunkhwa Academy", name_ur="خیبر پختونخوا اکیڈمی")
        away = Academy(slug="punjab", name_en="Punjab Academy", name_ur="پنجاب اکیڈمی")
        session.add_all([home, away])
        session.flush()
        cohorts = [
            Cohort(academy_id=academy.id, name="Spring 2027", module_id="measure-to-manage") for academy in (home, away)
        ]
        session.add_all(cohorts)
        session.flush()
        cast = (
            ("amina", Role.TRAINEE, "en", home),
            ("bushra", Role.TRAINEE, "ur", home),
            ("bilal", Role.INSTRUCTOR, "en", home),
            ("farid", Role.ADMINISTRATOR, "en", home),
            ("zara", Role.TRAINEE, "en", away),
            ("zahid", Role.ADMINISTRATOR, "en", away),
        )
        for name, role, language, academy in cast:
            account = service.add_account(
                session,
                academy,
                username=name,
                full_name=name.title(),
                role=role,
                password=PASSWORD,
                language=language,
            )
            if role is Role.TRAINEE:
                service.enrol(session, cohorts[0 if academy is home else 1], account)
            if role is Role.INSTRUCTOR:
                service.name_instructor(session, cohorts[0], account)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """SQLite unless a test is marked `both_databases` or `on_postgresql`."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every test's database lies, one after the other: who asks it has compiled the same statements before."""
    return tmp_path_factory.mktemp("sqlite") / "hunar.sqlite3"


@pytest.fixture
def settings(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[Settings]:
    def settled(database_url: str, queue_database_url: str) -> Settings:
        return Settings(
            secret_key="k" * 32,
            database_url=database_url,
            queue_database_url=queue_database_url,
            storage_folder=tmp_path / "storage",
            sign_in_limit="1000 per minute",
            require_second_factor=False,
            possible_worlds=4,
        )

    if database_kind == "sqlite":
        file = request.getfixturevalue("sqlite_file")
        for former in file.parent.iterdir():
            former.unlink()
        shutil.copy(request.getfixturevalue("migrated_database"), file)
        yield settled(f"sqlite:///{file}", f"sqlite:///{tmp_path / 'queue.sqlite3'}")
        return
    server = request.getfixturevalue("server")
    template = request.getfixturevalue("migrated_template")
    addresses = [server.create("portal", template=template), server.create("queue")]
    yield settled(*addresses)
    for address in addresses:
        server.drop(address)


@pytest.fixture(scope="session")
def portals() -> dict[Settings, Flask]:
    """Portals by their settings but for the stores: to put one together takes longer than most tests."""
    return {}


@pytest.fixture(scope="session")
def engines() -> dict[str, Engine]:
    """By address, at which one test's database lies after the other's."""
    return {}


@pytest.fixture
def app(portals: dict[Settings, Flask], engines: dict[str, Engine], settings: Settings) -> Iterator[Flask]:
    """A portal with stores of its own, and with nothing that another test changed in it."""
    known_by = settings.model_copy(update={"database_url": "", "queue_database_url": "", "storage_folder": Path()})
    if known_by not in portals:
        portals[known_by] = create_app(settings)
        portals[known_by].config.update(WTF_CSRF_ENABLED=False)
    portal = portals[known_by]
    config, extensions = dict(portal.config), dict(portal.extensions)
    open_stores(portal, settings)
    portal.extensions["engine"] = engines.setdefault(settings.database_url, engine_of(portal))
    limiter.reset()
    yield portal
    engine_of(portal).dispose()
    for changed, former in ((portal.config, config), (portal.extensions, extensions)):
        changed.clear()
        changed.update(former)


@pytest.fixture
def database(app: Flask) -> Engine:
    return engine_of(app)


@pytest.fixture
def people(database: Engine) -> SimpleNamespace:
    """amina, bushra (Urdu), bilal, farid of one academy; zara and zahid of another."""
    with begin(database, read_only=True) as session:
        return SimpleNamespace(**{account.username: account for account in session.query(Account)})


@pytest.fixture
def cohort(database: Engine, people: SimpleNamespace) -> Cohort:
    with begin(database, read_only=True) as session:
        return session.query(Cohort).filter(Cohort.academy_id == people.amina.academy_id).one()


@pytest.fixture
def sign_in(app: Flask) -> Iterator[Callable[[Account], FlaskClient]]:
    def open_client(account: Account) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
        assert answer.status_code == 303
        return client

    return open_client


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, started once; `playwright` allows one driver in a process."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    yield browser
    browser.close()
