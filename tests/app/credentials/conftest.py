"""Trainees who have earned something, and what the academy signed for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts import progress
from app.accounts.models import Account
from app.competencies.models import EvidenceKind
from app.competencies.service import record_evidence
from app.core.db import begin
from app.credentials.models import Credential

MODULE = "measure-to-manage"
OF_MODULE = f"module-{MODULE}"


@pytest.fixture
def finish_module(app: Flask, database: Engine) -> Callable[[Account], None]:
    """Have a trainee finish every activity of the module."""

    def finish(trainee: Account) -> None:
        with begin(database) as session:
            for activity in app.extensions["catalogue"].module(MODULE).activities:
                progress.mark(session, trainee, MODULE, activity.id, done=True)

    return finish


@pytest.fixture
def reach_level(database: Engine) -> Callable[[Account], None]:
    """Have a trainee do so well in runs of a simulation that a level of D2.1 is reached."""

    def reach(trainee: Account) -> None:
        with begin(database) as session:
            for number in range(1, 5):
                record_evidence(
                    session,
                    trainee,
                    competency="D2.1",
                    level=2,
                    kind=EvidenceKind.SIMULATION_DECISION,
                    outcome=0.95,
                    source=f"run:{number}",
                    part="decisions",
                )

    return reach


def held(database: Engine, trainee: Account) -> list[Credential]:
    """Credentials of a trainee, the oldest first."""
    with begin(database, read_only=True) as session:
        return list(
            session.scalars(select(Credential).where(Credential.trainee_id == trainee.id).order_by(Credential.id))
        )


@pytest.fixture
def claim(database: Engine) -> Callable[..., Credential]:
    """Have a credential signed as the trainee would; the credential."""

    def ask(client: FlaskClient, trainee: Account, name: str = OF_MODULE) -> Credential:
        assert client.post("/passport/credentials", data={"achievement": name}).status_code == 303
        return held(database, trainee)[-1]

    return ask
