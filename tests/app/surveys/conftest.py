"""A cohort whose survey is open, and trainees who answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app.accounts import service as accounts
from app.accounts.models import Account, Cohort
from app.content.schemas import Instrument
from app.core import clock
from app.core.access import Role
from app.core.db import begin
from app.surveys import queries, service
from app.surveys.models import WaveName


@pytest.fixture
def instrument(app: Flask) -> Instrument:
    return app.extensions["catalogue"].instrument


@pytest.fixture
def steer(bilal: FlaskClient, cohort: Cohort) -> Callable[..., int]:
    """Open or close a wave as the instructor does; the status of the answer."""

    def send(step: str, wave: str) -> int:
        return bilal.post(f"/cohorts/{cohort.id}/survey", data={"step": step, "wave": wave}).status_code

    return send


@pytest.fixture
def open_later(database: Engine, bilal: FlaskClient, cohort: Cohort) -> Callable[[], int]:
    """Have the last wave begin today, as the instructor plans it and the worker follows; its number."""

    def send() -> int:
        today, last = clock.now().date() + timedelta(days=1), clock.now().date() + timedelta(days=30)
        days = {"opens_on": today.isoformat(), "last_day": last.isoformat()}
        assert bilal.post(f"/cohorts/{cohort.id}/survey/later", data=days).status_code == 303
        with begin(database) as session:
            survey = queries.survey_of_cohort(session, cohort.id)
            assert survey is not None
            survey.later_opens_at = clock.now()
            session.flush()
            assert service.follow_plans(session) == service.Followed(1, 0)
            return survey.waves[-1].id

    return send


@pytest.fixture
def enrolled(database: Engine, cohort: Cohort) -> Callable[[int], list[Account]]:
    """So many trainees more in the cohort. Nobody signs in as one of them, so no slow hash is made."""

    def enrol(count: int) -> list[Account]:
        with begin(database) as session:
            people = [
                Account(
                    academy_id=cohort.academy_id,
                    username=f"newcomer{number:02}",
                    full_name=f"Newcomer {number:02}",
                    role=Role.TRAINEE,
                    password_hash="",
                    created_at=clock.now(),
                )
                for number in range(count)
            ]
            session.add_all(people)
            session.flush()
            for person in people:
                accounts.enrol(session, cohort, person)
            return people

    return enrol


@pytest.fixture
def answer(app: Flask, database: Engine, cohort: Cohort) -> Callable[..., None]:
    """Answer the open wave for somebody, through the service that the page calls."""

    def send(trainee: Account, answers: Mapping[str, int], code: str = "") -> None:
        with app.test_request_context(), begin(database) as session:
            survey = queries.survey_of_cohort(session, cohort.id)
            assert survey is not None
            seal = app.extensions["survey_seal"]
            service.answer(session, seal, trainee, survey.waves[-1].id, answers, code=code)

    return send


@pytest.fixture
def wave_of(database: Engine, cohort: Cohort) -> Callable[[str], int]:
    """The number of a wave."""

    def find(name: str) -> int:
        with begin(database, read_only=True) as session:
            survey = queries.survey_of_cohort(session, cohort.id)
            assert survey is not None
            return next(wave.id for wave in survey.waves if wave.name is WaveName(name))

    return find
