"""Cohorts with evidence of known outcomes, and files read back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from app.accounts.models import Account, Cohort, Enrolment, Posting
from app.competencies.models import Evidence
from app.core import clock
from app.core.db import begin
from tests.app.cohorts.conftest import MODULE_ID, enrol_many, give_evidence

__all__ = ["enrol_many"]


@pytest.fixture
def make_cohort(database: Engine, cohort: Cohort) -> Callable[[str], Cohort]:
    """Another cohort of the academy."""

    def make(name: str) -> Cohort:
        with begin(database) as session:
            added = Cohort(academy_id=cohort.academy_id, name=name, module_id=MODULE_ID)
            session.add(added)
            session.flush()
            return added

    return make


@pytest.fixture
def mixed(enrol_many: Callable) -> Callable[..., list[Account]]:
    """Enrol so many who did well and so many who did not, in a cohort: estimates of 72.5% and 27.5%."""

    def enrol(well: int, badly: int, *, into: Cohort, name: str) -> list[Account]:
        return [
            *enrol_many(well, 1.0, into=into, name=f"{name}well"),
            *enrol_many(badly, 0.0, into=into, name=f"{name}badly"),
        ]

    return enrol


@pytest.fixture
def post(database: Engine) -> Callable[..., None]:
    """Have these people work in a department."""

    def give(people: list[Account], department: str, grade: int) -> None:
        with begin(database) as session:
            session.add_all(
                Posting(account_id=person.id, department=department, grade=grade, begins_on=None) for person in people
            )

    return give


@pytest.fixture
def grow(database: Engine) -> Callable[[list[Account]], None]:
    """Put what these people did ten days back, and have them do well in a run of today."""

    def act(people: list[Account]) -> None:
        ids, former = [person.id for person in people], clock.now() - timedelta(days=10)
        with begin(database) as session:
            session.execute(update(Evidence).where(Evidence.trainee_id.in_(ids)).values(at=former, recorded_at=former))
            session.execute(update(Enrolment).where(Enrolment.trainee_id.in_(ids)).values(enrolled_at=former))
            for person in people:
                give_evidence(session, person, source=f"run:{10_000 + person.id}")

    return act
