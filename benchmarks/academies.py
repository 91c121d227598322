"""Pages, estimates and memory with 1,000 to 100,000 trainees, fifty pieces of evidence each, on both databases."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import sync_playwright
from sqlalchemy import Engine, select, text

from app.accounts.models import Account, Cohort, Enrolment
from app.cohorts.routes import COHORTS_OF_HEAT_MAP
from app.competencies import tallies
from app.competencies.models import EvidenceKind
from app.competencies.service import record_evidence
from app.core.access import Role
from app.core.classes import cohorts_taught
from app.core.db import begin, engine_of
from benchmarks import memory
from benchmarks.figures import Figure
from benchmarks.pages import counted, fresh_portal, signed_in
from benchmarks.population import PIECES, fill
from tools import postgresql
from tools.product import own_environment, running

SIZES = (1_000, 10_000, 100_000)
READINGS = 25
COMPETENCY = "D2.1"
# {cohort}, {trainee} and {page} are others at each reading.
ADMINISTRATORS_PAGES = {
    "administrator: start": "/administration",
    "cohorts by competency": "/skills?cohorts={page}",
    "cohort": "/cohorts/{cohort}",
    "a competency of a cohort": "/cohorts/{cohort}/competencies/" + COMPETENCY,
    "accounts": "/administration/accounts?accounts={page}",
    "a person": "/people/{trainee}",
    "audit log": "/audit",
}
INSTRUCTORS_PAGES = {
    "instructor: start": "/teaching?cohorts={page}",
    "instructor: cohort": "/cohorts/{cohort}",
    "instructor: a competency of a cohort": "/cohorts/{cohort}/competencies/" + COMPETENCY,
    "skill record of a trainee": "/record/{trainee}",
    "what an estimate rests on": "/record/{trainee}/" + COMPETENCY,
}
# Who asks for every page whose address has no part that changes.
EVERYBODY = {"trainee": "amina", "instructor": "bilal", "administrator": "farid", "auditor": "qasim"}
# Pages of others than the reader, and what signs out or leads away.
NOT_SHOWN = (302, 303, 403, 404)
# By what it is and its unit.
Found = dict[tuple[str, str], float]


@dataclass(frozen=True)
class Place:
    """Where the portal for so many trainees keeps its things."""

    size: int
    folder: Path
    extra: Mapping[str, str]


def measure_on_sqlite(folder: Path) -> list[Figure]:
    """It takes some ten minutes; the evidence of the largest size some gigabytes of disk."""
    return list(_of_database(folder, "SQLite", [{} for _size in SIZES]))


def measure_on_postgresql(folder: Path) -> list[Figure]:
    """The same on a server of its own."""
    with postgresql.running(careful=True) as server:
        addresses = [{"DATABASE_URL": server.create(), "QUEUE_DATABASE_URL": server.create()} for _size in SIZES]
        return list(_of_database(folder, "PostgreSQL", addresses))


def _of_database(folder: Path, name: str, addresses: Sequence[Mapping[str, str]]) -> Iterator[Figure]:
    """Each size has a database of its own; what fills it is another process than what is asked for pages."""
    found: dict[int, Found] = {}
    for size, extra in zip(SIZES, addresses, strict=True):
        place = Place(size, folder / str(size), extra)
        place.folder.mkdir(parents=True)
        found[size] = {**_apart(_filled, place), **_apart(_asked, place)}
    group = f"{SIZES[0]:,} to {SIZES[-1]:,} trainees with {PIECES} pieces of evidence each, on {name}"
    for what, unit in found[SIZES[0]]:
        for size in SIZES:
            yield Figure(group, f"{what}: {size:,} trainees", found[size][what, unit], unit)


def _apart(work: Callable[[Place], Found], place: Place) -> Found:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(work, place).result()


def _filled(place: Place) -> Found:
    """Seconds of adding all evidence up. Raises RuntimeError when some was left out."""
    _settings, _app, engine = fresh_portal(place.folder, place.extra)
    fill(engine, place.size)
    began = time.perf_counter()
    made = tallies.recompute(engine)
    taken = time.perf_counter() - began
    if made.pieces < place.size * PIECES:
        raise RuntimeError(f"{made.pieces} pieces of evidence were added up")
    # What autovacuum does within a minute after so many new rows; without it PostgreSQL plans for an empty table.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()
    return {("all estimates recomputed", "s"): taken}


def _asked(place: Place) -> Found:
    """Milliseconds (95th percentile) and statements of each page, of one more piece of evidence, and memory."""
    _settings, app, _engine = fresh_portal(place.folder, place.extra)
    found = {
        **_pages(app, "farid", ADMINISTRATORS_PAGES),
        **_pages(app, "bilal", INSTRUCTORS_PAGES),
        **{key: value for role, name in EVERYBODY.items() for key, value in _every_page(app, role, name).items()},
        ("one more piece of evidence, in the estimates after", "ms"): _one_more(app),
    }
    return {**found, **_memory_of_the_portal(place)}


def _memory_of_the_portal(place: Place) -> Found:
    """Of the process that answers, once each role has asked for every page, and the most that it took at any time."""
    environment = own_environment(place.folder, place.extra)
    with running(environment, place.folder / "log") as settings, sync_playwright() as playwright:
        for name in memory.READERS:
            memory.walk(playwright, settings, name)
        process = memory.process_of_the_portal(settings)
        return {
            ("memory of the portal's process, after every page", "MiB"): memory.mebibytes("VmRSS", process),
            ("memory of the portal's process, at most", "MiB"): memory.mebibytes("VmHWM", process),
        }


def _pages(app: Flask, name: str, addresses: Mapping[str, str]) -> Found:
    engine, client = engine_of(app), signed_in(app, name)
    with begin(engine, read_only=True) as session:
        reader = session.scalars(select(Account).where(Account.username == name)).one()
        reached = Cohort.academy_id == reader.academy_id
        if reader.role is Role.INSTRUCTOR:
            reached &= Cohort.id.in_(cohorts_taught(reader.id))
        cohorts = list(session.scalars(select(Cohort.id).where(reached).order_by(Cohort.id)))
        cohort = cohorts[-READINGS - 1 :]
        trainees = [session.scalar(select(Enrolment.trainee_id).where(Enrolment.cohort_id == each)) for each in cohort]
    found: Found = {}
    for what, address in addresses.items():
        taken, statements = [], 0
        for reading in range(READINGS + 1):
            place = reading % len(cohort)
            page = 1 + reading % max(1, len(cohorts) // COHORTS_OF_HEAT_MAP)
            filled = address.format(cohort=cohort[place], trainee=trainees[place], page=page)
            status, milliseconds, count = _reading(engine, client, filled)
            if status != 200:
                raise RuntimeError(f"{what} was answered with {status}")
            taken.append(milliseconds)
            statements = max(statements, count)
        # The first reading compiles templates and statements.
        found[f"{what}, 95th percentile", "ms"] = statistics.quantiles(taken[1:], n=20)[-1]
        found[f"{what}, SQL", "statements"] = statements
    return found


def _reading(engine: Engine, client: FlaskClient, address: str) -> tuple[int, float, int]:
    """Status, milliseconds and statements of a page."""
    with counted(engine) as count:
        began = time.perf_counter()
        status = client.get(address).status_code
        milliseconds = 1000 * (time.perf_counter() - began)
    return status, milliseconds, count()


def _every_page(app: Flask, role: str, name: str) -> Found:
    """The slowest page and the most statements of all pages of a role whose address has no part that changes.

    Raises RuntimeError for a page that fails.
    """
    engine, client = engine_of(app), signed_in(app, name)
    taken: dict[str, float] = {}
    statements: dict[str, int] = {}
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if "GET" not in (rule.methods or ()) or rule.arguments:
            continue
        if (status := client.get(rule.rule).status_code) in NOT_SHOWN:
            continue
        if status != 200:
            raise RuntimeError(f"{rule.rule} was answered with {status}")
        readings = [_reading(engine, client, rule.rule) for _number in range(READINGS)]
        taken[rule.rule] = statistics.quantiles([milliseconds for _status, milliseconds, _count in readings], n=20)[-1]
        statements[rule.rule] = max(count for _status, _milliseconds, count in readings)
    slowest, busiest = max(taken, key=lambda page: taken[page]), max(statements, key=lambda page: statements[page])
    print(f"{role}: slowest of {len(taken)} pages {slowest}, most statements {busiest}")
    pages = f"{role}: all {len(taken)} pages without a number in their address"
    return {
        (f"{pages}, the slowest, 95th percentile", "ms"): taken[slowest],
        (f"{pages}, most SQL", "statements"): statements[busiest],
    }


def _one_more(app: Flask) -> float:
    """Milliseconds (median) of the transaction that a new piece of evidence and the estimate are both in."""
    engine = engine_of(app)
    with begin(engine, read_only=True) as session:
        trainee_id = session.scalar(select(Enrolment.trainee_id).order_by(Enrolment.id.desc()))
    taken = []
    for reading in range(READINGS):
        began = time.perf_counter()
        with begin(engine) as session:
            record_evidence(
                session,
                session.get_one(Account, trainee_id),
                competency=COMPETENCY,
                level=2,
                kind=EvidenceKind.NOTEBOOK_CELL,
                outcome=1.0,
                source=f"submission:{reading}",
                part="cell",
            )
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)
