"""The administrator sees whether grading moves, and brings back what was set aside."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, select

from app.core import clock, jobs
from app.core.audit import AuditEntry
from app.core.db import begin

pytestmark = pytest.mark.both_databases

PAGE = "/administration/queue"
FAILURE = "OSError: no space left on device"


def request(database: Engine, academy_id: int, thing_id: int = 7) -> jobs.Job:
    with begin(database) as session:
        return jobs.request_job(session, jobs.JobKind.GRADE_SUBMISSION, thing_id, academy_id=academy_id)


def set_aside(database: Engine, academy_id: int) -> jobs.Job:
    job = request(database, academy_id)
    with begin(database) as session:
        jobs.give_up(session, job.id, FAILURE)
    return job


def stored(database: Engine, job: jobs.Job) -> jobs.Job:
    with begin(database, read_only=True) as session:
        return session.get_one(jobs.Job, job.id)


def test_without_a_worker_the_page_says_so_and_how_to_start_one(people: SimpleNamespace, sign_in: Callable) -> None:
    page = sign_in(people.farid).get(PAGE).text
    assert "No worker is running" in page
    assert "python -m app.worker" in page


def test_a_worker_that_falls_silent_is_gone_after_half_a_minute_and_forgotten_after_a_day(
    people: SimpleNamespace, database: Engine, sign_in: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    with begin(database) as session:
        jobs.report_worker(session, "server:12", started_at=clock.now())
    client, now = sign_in(people.farid), clock.now()
    assert "running</span>" in client.get(PAGE).text
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=40))
    page = client.get(PAGE).text
    assert "gone</span>" in page
    assert "No worker is running" in page
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=11))
    with begin(database) as session:
        jobs.report_worker(session, "server:13", started_at=clock.now())
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=25))
    with begin(database) as session:
        jobs.report_worker(session, "server:13", started_at=clock.now())
        assert session.scalars(select(jobs.Worker.name)).all() == ["server:13"]


def test_what_waits_is_listed_with_its_page(people: SimpleNamespace, database: Engine, sign_in: Callable) -> None:
    request(database, people.farid.academy_id)
    page = sign_in(people.farid).get(PAGE).text
    assert "1 piece of work waits." in page
    assert 'href="/results/submissions/7"' in page
    assert "Nothing was set aside." in page


def test_what_was_set_aside_is_shown_with_its_reason_and_goes_back_once(
    people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    job, client = set_aside(database, people.farid.academy_id), sign_in(people.farid)
    page = client.get(PAGE).text
    assert FAILURE in page
    assert f'action="{PAGE}/{job.id}/retry"' in page
    assert client.post(f"{PAGE}/{job.id}/retry").status_code == 303
    again = stored(database, job)
    assert (again.failure, again.attempt) == (None, 2)
    assert again.name != job.name
    assert client.post(f"{PAGE}/{job.id}/retry").status_code == 404
    assert stored(database, job).attempt == 2
    with begin(database, read_only=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "job_retried")).one()
    assert (entry.thing, entry.actor_id, entry.detail["failure"]) == (f"job:{job.id}", people.farid.id, FAILURE)


def test_another_academy_sees_and_moves_nothing(people: SimpleNamespace, database: Engine, sign_in: Callable) -> None:
    job, stranger = set_aside(database, people.farid.academy_id), sign_in(people.zahid)
    assert FAILURE not in stranger.get(PAGE).text
    assert stranger.post(f"{PAGE}/{job.id}/retry").status_code == 404
    assert stored(database, job).failure == FAILURE


def test_what_was_done_today_is_counted_with_its_median_wait(
    people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    for thing_id, seconds in ((1, 4), (2, 10), (3, 60)):
        job = request(database, people.farid.academy_id, thing_id)
        with begin(database) as session:
            session.get_one(jobs.Job, job.id).finished_at = job.created_at + timedelta(seconds=seconds)
    page = " ".join(sign_in(people.farid).get(PAGE).text.split())
    row = page[page.index("Grade a notebook") :]
    assert re.findall(r"<bdi>(.*?)</bdi>", row)[:2] == ["3", "10.0"]


def test_the_page_speaks_urdu(people: SimpleNamespace, database: Engine, sign_in: Callable) -> None:
    client = sign_in(people.farid)
    client.post("/language", data={"language": "ur", "next": PAGE})
    set_aside(database, people.farid.academy_id)
    page = client.get(PAGE).text
    assert 'dir="rtl"' in page
    assert "قطار" in page
    # What waits has not been done yet.
    assert "کیا کیا" not in page
