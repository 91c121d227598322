"""Files that no row names go after a week, and no others do."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, select

from app.cli import retention_command
from app.core import clock
from app.core.audit import AuditEntry
from app.core.blobs import Blobs
from app.core.db import begin
from app.retention import files
from tests.app.authoring.test_own_data import OWN, TYPED, WARDS, sent
from tests.app.notebooks.test_notebooks_drafts import notebook, save

WEEK, DAY = timedelta(days=7), timedelta(days=1)
LEFT_BEHIND = b"of a request that was refused"


@pytest.fixture
def blobs(app: Flask) -> Blobs:
    stored: Blobs = app.extensions["blobs"]
    return stored


@pytest.fixture
def wait(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Time passes, and nobody stores anything meanwhile."""

    def pass_by(time: timedelta) -> None:
        later = clock.now() + time
        monkeypatch.setattr(clock, "now", lambda: later)

    return pass_by


def stored(blobs: Blobs) -> set[str]:
    return {path.name for path in blobs.folder.glob("??/*")}


def proofs(database: Engine) -> list[dict[str, object]]:
    with begin(database, read_only=True) as session:
        return [
            entry.detail
            for entry in session.scalars(select(AuditEntry).where(AuditEntry.verb == "unnamed_files_deleted"))
        ]


@pytest.mark.both_databases
def test_a_file_that_nothing_names_goes_a_week_after_that_was_found(
    database: Engine, blobs: Blobs, wait: Callable[[timedelta], None]
) -> None:
    digest = blobs.put(LEFT_BEHIND)
    assert files.sweep(database, blobs) == 0
    wait(2 * DAY)
    assert files.sweep(database, blobs) == 0
    wait(WEEK - DAY)
    assert files.sweep(database, blobs) == 0, "it was found six days ago"
    wait(2 * DAY)
    assert files.sweep(database, blobs) == 1
    assert stored(blobs) == set()
    names = hashlib.sha256(digest.encode()).hexdigest()
    assert proofs(database) == [{"older_than_days": 7, "count": 1, "sha256_of_names": names}]
    assert files.sweep(database, blobs) == 0
    assert len(proofs(database)) == 1


def test_what_is_stored_again_meanwhile_stays_and_is_noted_anew(
    database: Engine, blobs: Blobs, wait: Callable[[timedelta], None]
) -> None:
    digest = blobs.put(LEFT_BEHIND)
    wait(DAY)
    files.sweep(database, blobs)
    wait(WEEK + DAY)
    os.utime(blobs.path(digest), (clock.now().timestamp(), clock.now().timestamp()))
    assert files.sweep(database, blobs) == 0
    wait(DAY)
    assert files.sweep(database, blobs) == 0, "a week counts from now on"
    wait(WEEK + DAY)
    assert files.sweep(database, blobs) == 1


def test_what_was_written_of_a_deleted_lab_goes(
    database: Engine, blobs: Blobs, people: SimpleNamespace, sign_in: Callable, wait: Callable[[timedelta], None]
) -> None:
    bilal = sign_in(people.bilal)
    assert bilal.post("/authoring/new", data=TYPED).status_code == 303
    assert sent(bilal, OWN, ("wards.csv", WARDS)).status_code == 303
    written = stored(blobs)
    assert written
    for _time in range(2):
        wait(WEEK + DAY)
        assert files.sweep(database, blobs) == 0
    assert sign_in(people.bilal).post(f"{OWN}/delete").status_code == 303
    assert files.sweep(database, blobs) == 0
    assert stored(blobs) == written
    wait(WEEK + DAY)
    assert files.sweep(database, blobs) == len(written)
    assert stored(blobs) == set()


def test_drafts_and_the_notebooks_that_they_go_on_from_stay(
    database: Engine, blobs: Blobs, people: SimpleNamespace, sign_in: Callable, wait: Callable[[timedelta], None]
) -> None:
    assert save(sign_in(people.amina), notebook(), base="0").status_code == 200
    written = stored(blobs)
    assert len(written) == 2
    for _time in range(2):
        wait(WEEK + DAY)
        assert files.sweep(database, blobs) == 0
    assert stored(blobs) == written


def command(app: Flask, *words: str) -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(retention_command, words)


def test_a_dry_run_counts_the_files_that_would_go(app: Flask, blobs: Blobs, wait: Callable[[timedelta], None]) -> None:
    blobs.put(LEFT_BEHIND)
    wait(DAY)
    assert command(app, "--dry-run").output == "Nothing was deleted.\n"
    assert command(app).output == "Nothing was deleted.\n"
    wait(WEEK + DAY)
    said = command(app, "--dry-run").output
    assert said == "files that nothing has named for 7 days: 1\nNothing was deleted.\n"
    assert stored(blobs)
    assert "Deleted; the audit log says so." in command(app).output
    assert stored(blobs) == set()
