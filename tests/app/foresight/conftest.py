"""Figures that were taken over, people who were assessed, and a study that the worker has computed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account, Posting
from app.competencies.models import EvidenceKind
from app.competencies.service import record_evidence
from app.core import clock
from app.core.access import Role
from app.core.db import begin
from app.foresight.computing import compute_study
from app.foresight.example import example_workbook
from app.foresight.models import ForesightScenario, ForesightStudy

HOME = "/administration/foresight"


@pytest.fixture
def upload(farid: FlaskClient) -> Callable[..., str]:
    """Send files, the example unless others are given; the address of the preview."""

    def send(*files: tuple[str, bytes]) -> str:
        sent = files or (("figures.xlsx", example_workbook()),)
        answer = farid.post(f"{HOME}/data", data={"files": [(io.BytesIO(content), name) for name, content in sent]})
        assert answer.status_code == 303, answer.text
        return str(answer.location)

    return send


@pytest.fixture
def taken_over(farid: FlaskClient, upload: Callable[..., str]) -> str:
    """The address of the example figures, taken over."""
    address = upload()
    assert farid.post(f"{address}/accept").status_code == 303
    return address


@pytest.fixture
def scenarios(database: Engine, taken_over: str, people: SimpleNamespace) -> dict[str, int]:
    """Ids of the four scenarios by their basis."""
    with begin(database, read_only=True) as session:
        return {each.basis: each.id for each in session.scalars(select(ForesightScenario))}


@pytest.fixture
def assess(database: Engine, people: SimpleNamespace) -> Callable[..., None]:
    """Give so many new trainees of a department this outcome for eight quiz items of a competency."""

    def give(department: str, count: int, *, outcome: float = 1.0, competency: str = "D2.1") -> None:
        with begin(database) as session:
            for place in range(count):
                name = f"{department}-{competency}-{place}".lower().replace(" ", "-")
                person = Account(
                    academy_id=people.farid.academy_id,
                    username=name,
                    full_name=f"Secret {name}",
                    role=Role.TRAINEE,
                    language="en",
                    password_hash="closed",
                    created_at=clock.now(),
                )
                session.add(person)
                session.flush()
                session.add(Posting(account_id=person.id, department=department, grade=17))
                for item in range(8):
                    record_evidence(
                        session,
                        person,
                        competency=competency,
                        level=1,
                        kind=EvidenceKind.QUIZ_ITEM,
                        outcome=outcome,
                        source=f"quiz_attempt:{name}",
                        part=str(item),
                        at=clock.now() - timedelta(days=1),
                    )

    return give


@pytest.fixture
def computed(app: Flask, database: Engine, farid: FlaskClient, scenarios: dict[str, int]) -> Callable[[str], str]:
    """Ask for a study of a scenario and compute it as the worker does; its address."""

    def compute(basis: str = "planned") -> str:
        answer = farid.post(f"{HOME}/scenarios/{scenarios[basis]}/studies")
        assert answer.status_code == 303
        with begin(database, read_only=True) as session:
            study_id = session.scalars(select(ForesightStudy.id).order_by(ForesightStudy.id.desc())).first()
        assert study_id is not None
        compute_study(database, study_id)
        return str(answer.location)

    return compute
