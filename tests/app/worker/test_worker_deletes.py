"""The worker deletes by itself what was kept long enough."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, select

from app.core.audit import AuditEntry
from app.core.db import begin
from app.passwords.models import PasswordCode
from config import Settings
from tests.app.worker.process import wait_for, worker


def test_a_code_of_a_year_ago_goes_when_the_worker_starts(
    settings: Settings, database: Engine, hand_over_code: Callable[[timedelta], None], tmp_path: Path
) -> None:
    hand_over_code(timedelta(days=366))

    def codes() -> list[PasswordCode]:
        with begin(database, read_only=True) as session:
            return list(session.scalars(select(PasswordCode)))

    log = tmp_path / "worker.log"
    with worker(settings, log):
        wait_for(lambda: codes() == [], log)
    with begin(database, read_only=True) as session:
        assert session.scalar(select(AuditEntry.verb).order_by(AuditEntry.id.desc()).limit(1)) == "outdated_deleted"
