"""A submission with one tested and one written cell, a finished run, and its memo; a mail server."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

import simulations
from app.accounts import service as accounts
from app.accounts.models import Account, Cohort
from app.break_glass import service as break_glass
from app.core import clock
from app.core.access import Role
from app.core.db import begin
from app.core.openings import Purpose
from app.factory import create_app
from app.gradebook.models import CellGrade, Grade
from app.marking.models import SecondMarking
from app.notebooks import service
from app.notebooks.models import LabTerms
from app.notebooks.terms import STANDARD
from app.passwords.models import PasswordCode
from app.passwords.service import LIFETIME
from app.sims import service as sims
from app.sims.models import SimulationExercise, SimulationRun
from config import Settings
from tests.conftest import PASSWORD
from tests.letterbox import Letterbox

STAYS_IN_LOG = "It stays in the audit log for good, so name nobody in it."
MODULE, LAB, CELL = "measure-to-manage", "grievances", "answer"
PATIENCE_SECONDS = 30.0
Answer = Future[TestResponse]
Meanwhile = Callable[[Any, str, Callable[[], TestResponse]], Answer]
# A course elsewhere and a task at work, as trainees report them.
COURSE = {
    "provider": "coursera",
    "title": "AI for Everyone",
    "completed_on": "2026-10-01",
    "link": "https://www.coursera.org/verify/ABC123",
    "competency": "D1.1",
}
TASK = {
    "competency": "D3.3",
    "level": "3",
    "task": "I timed each step of an application for a week.",
    "done_on": (date.today() - timedelta(days=9)).isoformat(),
    "place": "Town Municipal Office, Mardan",
    "result": "The longest wait fell to 40 minutes.",
    "supervisor_name": "Naveed Akhtar",
    "supervisor_office": "TMO Mardan",
    "supervisor_address": "",
    "shared": ["place"],
}


# Levels of the rubric's rows by the points that they add up to.
LEVELS = {
    0: ("none", "none", "none", "none"),
    1: ("full", "none", "none", "none"),
    2: ("full", "shown", "none", "none"),
    3: ("full", "shown", "measured", "none"),
    3.5: ("full", "shown", "measured", "vague"),
    4: ("full", "shown", "measured", "clear"),
}


def by_rubric(points: float, **others: object) -> dict[str, object]:
    """What a marker sends who gives the answer these points."""
    rows = ("row_figure", "row_silent", "row_next", "row_mind")
    return dict(zip(rows, LEVELS[points], strict=True)) | others


# Levels of every row of the rubric of memos, by their points.
MEMO_LEVELS = ("none", "low", "middle", "high", "full")


def by_memo_rubric(evidence: int, trade_off: int, recommendation: int, **others: object) -> dict[str, object]:
    """What a marker sends who gives a memo these points."""
    points = {"row_evidence": evidence, "row_trade_off": trade_off, "row_recommendation": recommendation}
    return {row: MEMO_LEVELS[each] for row, each in points.items()} | others


@pytest.fixture
def amina(people: SimpleNamespace, sign_in: Callable[[Account], FlaskClient]) -> FlaskClient:
    """A trainee, signed in."""
    return sign_in(people.amina)


@pytest.fixture
def bilal(people: SimpleNamespace, sign_in: Callable[[Account], FlaskClient]) -> FlaskClient:
    """The instructor of her cohort, signed in."""
    return sign_in(people.bilal)


@pytest.fixture
def farid(people: SimpleNamespace, sign_in: Callable[[Account], FlaskClient]) -> FlaskClient:
    """The administrator of their academy, signed in."""
    return sign_in(people.farid)


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Half past one at the academies, where it is a day later than in UTC; it is that moment now."""
    moment = (clock.now() + timedelta(days=1)).replace(hour=20, minute=30, second=0, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


@pytest.fixture
def add_instructor(database: Engine, people: SimpleNamespace, cohort: Cohort) -> Callable[..., Account]:
    """Add an instructor to the academy of bilal, who teaches his cohort with him or, if asked to, none."""

    def add(username: str, full_name: str = "", *, teaches: bool = True) -> Account:
        with begin(database) as session:
            academy = session.get_one(Account, people.bilal.id).academy
            added = {"full_name": full_name or username.title(), "role": Role.INSTRUCTOR, "password": PASSWORD}
            account = accounts.add_account(session, academy, username=username, **added)
            if teaches:
                accounts.name_instructor(session, cohort, account)
            return account

    return add


@pytest.fixture
def give_terms(database: Engine, cohort: Cohort) -> Callable[..., None]:
    """Give the cohort's lab terms: the standard ones, but for these values."""

    def give(**values: Any) -> None:
        terms = asdict(replace(STANDARD, **values))
        with begin(database) as session:
            session.add(LabTerms(academy_id=cohort.academy_id, cohort_id=cohort.id, activity_id=LAB, **terms))

    return give


@pytest.fixture
def change_lab(app: Flask) -> Callable[..., None]:
    """Put other values into the lab, as a new version of its content pack would."""

    def change(**values: object) -> None:
        catalogue = app.extensions["catalogue"]
        module = catalogue.module(MODULE)
        labs = [each.model_copy(update=values) if each.id == LAB else each for each in module.activities]
        changed = module.model_copy(update={"activities": tuple(labs)})
        app.extensions["catalogue"] = replace(catalogue, modules={**catalogue.modules, MODULE: changed})

    return change


@pytest.fixture
def source(app: Flask) -> bytes:
    return bytes(app.extensions["catalogue"].module(MODULE).activity(LAB).source)


@pytest.fixture
def answered(app: Flask, database: Engine, source: bytes) -> Callable[..., str]:
    """A graded submission of the author's notebook, whose written answer waits; "submission/3/answer" for number 3."""

    def make(trainee: Account, *, key: str = "first", status: str = "graded") -> str:
        blobs = app.extensions["blobs"]
        with begin(database) as session:
            handed_in = service.submit(session, blobs, trainee, MODULE, LAB, source, key=key)
            grade = Grade(
                submission_id=handed_in.id,
                lab_digest=app.extensions["catalogue"].module(MODULE).activity(LAB).grading_digest,
                status=status,
                problem=None,
                points=2,
                max_points=6,
                feedback_sha256=None,
                autograded_sha256=blobs.put(source),
                graded_at=clock.now(),
                seconds=1,
            )
            session.add(grade)
            session.flush()
            tested = CellGrade(
                grade_id=grade.id, cell="look-check", score=2, max_score=2, needs_manual_grade=False, message=""
            )
            written = CellGrade(
                grade_id=grade.id, cell=CELL, score=None, max_score=4, needs_manual_grade=True, message=""
            )
            session.add_all([tested, written])
            session.flush()
            return f"submission/{handed_in.id}/{CELL}"

    return make


@pytest.fixture
def finish_a_run(database: Engine) -> Callable[..., int]:
    """A whole run of a simulation with the values that it proposes; its number."""

    def play(
        trainee: Account,
        *,
        module: str = MODULE,
        activity: str = "grievance",
        scenario_id: str = "grievance",
        exercise_id: int | None = None,
    ) -> int:
        scenario = simulations.load(scenario_id)
        with begin(database) as session:
            exercise = session.get(SimulationExercise, exercise_id) if exercise_id else None
            run = sims.start(session, trainee, module, activity, scenario.id, exercise=exercise)
            for number in range(1, scenario.rounds + 1):
                sims.decide(
                    session,
                    trainee,
                    run,
                    round_number=number,
                    values=scenario.default_values,
                    note="",
                    key=str(number),
                )
            return run.id

    return play


@pytest.fixture
def written(database: Engine, finish_a_run: Callable[..., int]) -> Callable[..., str]:
    """The memo of a whole run; "run/3/memo" for run 3."""

    def write(trainee: Account) -> str:
        run_id = finish_a_run(trainee)
        with begin(database) as session:
            sims.write_memo(session, session.get_one(SimulationRun, run_id), "Half of what we closed came back.")
        return f"run/{run_id}/memo"

    return write


@pytest.fixture
def mark_twice(database: Engine, cohort: Cohort) -> Callable[[int], None]:
    """Set the share of answers and memos that a second person marks as well."""

    def set_share(percent: int) -> None:
        with begin(database) as session:
            session.add_all(
                SecondMarking(
                    academy_id=cohort.academy_id, cohort_id=cohort.id, activity_id=activity_id, percent=percent
                )
                for activity_id in (LAB, "grievance")
            )

    return set_share


@pytest.fixture
def hand_over_code(database: Engine, people: SimpleNamespace) -> Callable[[timedelta], None]:
    """A code for a new password, handed by bilal to amina so long ago."""

    def hand_over(age: timedelta) -> None:
        issued_at = clock.now() - age
        with begin(database) as session:
            session.add(
                PasswordCode(
                    account_id=people.amina.id,
                    issued_by_id=people.bilal.id,
                    secret_hash="the hash",
                    issued_at=issued_at,
                    expires_at=issued_at + LIFETIME,
                    wrong_tries=0,
                )
            )

    return hand_over


@pytest.fixture
def open_record(database: Engine) -> Callable[..., int]:
    """Open the record of a person to an administrator, for the reason of a fault; the number of the opening."""

    def open_to(actor: Account, person: Account) -> int:
        with begin(database) as session:
            return break_glass.open_record(
                session, session.get_one(Account, actor.id), person.id, Purpose.FAULT, "A page of hers showed nothing."
            ).id

    return open_to


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def letterbox(port: int) -> Iterator[Letterbox]:
    box = Letterbox(port)
    box.open()
    yield box
    box.close()


@pytest.fixture
def mailing(settings: Settings, port: int) -> Settings:
    """Settings with a mail server."""
    with_mail = {
        "mail_host": "127.0.0.1",
        "mail_port": port,
        "mail_security": "none",
        "mail_sender": "hunar@example.org",
    }
    return settings.model_copy(update=with_mail)


@pytest.fixture
def portal(mailing: Settings) -> Flask:
    made = create_app(mailing)
    made.config.update(WTF_CSRF_ENABLED=False)
    return made


@pytest.fixture
def meanwhile(database: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Meanwhile]:
    """Have another request sent when the first is about to do a thing, which goes on once that is answered or waits."""
    with ThreadPoolExecutor(1) as pool:

        def arrange(module: Any, step: str, send: Callable[[], TestResponse]) -> Answer:
            real, calls, answer = getattr(module, step), itertools.count(), Answer()

            def sent() -> None:
                try:
                    answer.set_result(send())
                except Exception as error:
                    answer.set_exception(error)

            def paused(*things: Any, **named: Any) -> Any:
                if next(calls) == 0:
                    pool.submit(sent)
                    end_at = time.monotonic() + PATIENCE_SECONDS
                    while not answer.done() and not is_somebody_held_up(database) and time.monotonic() < end_at:
                        time.sleep(0.02)
                return real(*things, **named)

            monkeypatch.setattr(module, step, paused)
            return answer

        yield arrange


def is_somebody_held_up(database: Engine) -> bool:
    with begin(database, read_only=True) as session:
        return session.scalar(text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")) is True
