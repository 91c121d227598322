"""A cohort's lab leaves as a course folder that the nbgrader command takes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from types import SimpleNamespace

from sqlalchemy import Engine, select

from app.accounts.models import Cohort
from app.core.audit import AuditEntry
from app.core.db import begin
from tests.app.conftest import LAB


def test_the_lab_its_data_and_the_attempts_that_count_are_in_the_course_and_it_is_noted(
    people: SimpleNamespace,
    sign_in: Callable,
    answered: Callable[..., str],
    cohort: Cohort,
    database: Engine,
    source: bytes,
) -> None:
    answered(people.amina, key="first")
    answered(people.amina, key="second")
    answered(people.bushra)
    bilal = sign_in(people.bilal)
    page = f"/cohorts/{cohort.id}/labs/{LAB}"
    assert "Download as an nbgrader course" in bilal.get(page).text
    answer = bilal.post(f"{page}/course.zip")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={LAB}-course.zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names = set(archive.namelist())
        assert archive.read(f"source/{LAB}/{LAB}.ipynb") == source
    for trainee in (people.amina, people.bushra):
        assert {f"submitted/trainee-{trainee.id}/{LAB}/{name}" for name in (f"{LAB}.ipynb", "timestamp.txt")} <= names
    assert {"nbgrader_config.py", f"source/{LAB}/complaints.csv", f"source/{LAB}/districts.csv"} <= names
    with begin(database, read_only=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "course_exported")).one()
    assert entry.actor_id == people.bilal.id
