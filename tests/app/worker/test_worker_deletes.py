"""The worker deletes by itself what was kept long enough."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from sqlalchemy import Engine, select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import begin
from app.passwords.models import PasswordCode
from config import Settings
from tests.app.worker.process import wait_for, worker


def test_a_code_of_a_year_ago_goes_when_the_worker_starts(
    settings: Settings, database: Engine, people: SimpleNamespace, tmp_path: Path
) -> None:
    issued_at = clock.now() - timedelta(days=366)
    with begin(database) as session:
        session.add(
            PasswordCode(
                account_id=people.amina.id,
                issued_by_id=people.bilal.id,
                secret_hash="-",
                issued_at=issued_at,
                expires_at=issued_at + timedelta(days=1),
                wrong_tries=0,
            )
        )

    def codes() -> list[PasswordCode]:
        with begin(database, read_only=True) as session:
            return list(session.scalars(select(PasswordCode)))

    log = tmp_path / "worker.log"
    with worker(settings, log):
        wait_for(lambda: codes() == [], log)
    with begin(database, read_only=True) as session:
        assert session.scalar(select(AuditEntry.verb).order_by(AuditEntry.id.desc()).limit(1)) == "outdated_deleted"
