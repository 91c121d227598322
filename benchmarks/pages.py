"""Server time and number of SQL statements of each page on the ways of trainees, instructors and administrators."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from app.content.schemas import Catalogue, Notebook, Numeric, Quiz, Simulation
from app.core import interpreter
from app.core.db import engine_of
from app.core.migration import migrate
from app.demo import DEMO_PASSWORD, MODULE_ID, seed
from app.factory import create_app
from app.worker import Workshop, run_waiting_jobs
from benchmarks.figures import Figure, measured
from benchmarks.grading_speed import ASSIGNMENT
from config import Settings
from tools.product import own_environment

RUNS = 15
SIGN_IN = "sign-in form"
HOUSEKEEPING = ("PRAGMA", "BEGIN")
QUIZ, SIMULATION, LAB = (f"/learn/{MODULE_ID}/quiz", f"/simulations/{MODULE_ID}/grievance", f"/notebooks/{MODULE_ID}")


def measure(folder: Path) -> list[Figure]:
    """Pages are asked for in this process: no network, no browser, the whole of the portal."""
    settings, app, engine = fresh_portal(folder)
    amina = signed_in(app, "amina")
    readers = {
        "administrator": signed_in(app, "farid"),
        "instructor": signed_in(app, "bilal"),
        SIGN_IN: app.test_client(),
    }
    figures = _decisions(app, amina)
    addresses = _walk(app, amina, Workshop.of(settings))
    for name, address in addresses.items():
        who = readers.get(name.partition(":")[0], amina)
        figures += _page(engine, who, name, address)
    return figures


def fresh_portal(folder: Path, extra: Mapping[str, str] | None = None) -> tuple[Settings, Flask, Engine]:
    """The portal with the demo data, on a database of its own in `folder` or where `extra` says.

    It runs in this process, as it would in one of its own (app/wsgi.py).
    """
    interpreter.share_fairly()
    settings = Settings.from_environment(own_environment(folder, extra))
    app = create_app(settings)
    app.config.update(WTF_CSRF_ENABLED=False)
    engine = engine_of(app)
    migrate(engine)
    seed(engine, settings)
    interpreter.keep_what_is_loaded()
    return settings, app, engine


def lab_of(app: Flask) -> Notebook:
    """The lab that the bench hands in."""
    return cast(Notebook, cast(Catalogue, app.extensions["catalogue"]).module(MODULE_ID).activity(ASSIGNMENT))


def signed_in(app: Flask, name: str) -> FlaskClient:
    """A client of one of the demo accounts."""
    client = app.test_client()
    _done(client.post("/sign-in", data={"username": name, "password": DEMO_PASSWORD}))
    return client


def _done(answer: TestResponse) -> TestResponse:
    if answer.status_code >= 400:
        raise RuntimeError(f"{answer.request.path} was answered with {answer.status_code}")
    return answer


def _decisions(app: Flask, client: FlaskClient) -> list[Figure]:
    """Every simulation of every module is played; the time of a round is that of its POST, which replays the run."""
    catalogue = cast(Catalogue, app.extensions["catalogue"])
    seconds = [
        taken
        for module in catalogue.modules.values()
        for activity in module.activities
        if isinstance(activity, Simulation)
        for taken in _played(client, f"/simulations/{module.id}/{activity.id}")
    ]
    return [
        measured("Server time", "simulation: a round's decision (POST)", "ms", seconds),
        Figure(
            "Server time",
            "simulation: the same, 95th percentile",
            statistics.quantiles(seconds, n=20)[-1],
            "ms",
            len(seconds),
        ),
    ]


def _played(client: FlaskClient, address: str) -> Iterator[float]:
    """Milliseconds of each round's POST."""
    _done(client.post(f"{address}/start", data=_start_form(client, address)))
    while (form := _desk_form(client, address)) is not None:
        began = time.perf_counter()
        _done(client.post(form.pop("action"), data=form))
        yield 1000 * (time.perf_counter() - began)


def _start_form(client: FlaskClient, address: str) -> dict[str, str]:
    page = _done(client.get(address)).text
    return dict(re.findall(r'<select[^>]*? name="(weight-\w+)".*?<option value="(\d)" selected>', page, re.DOTALL))


def _desk_form(client: FlaskClient, address: str) -> dict[str, str] | None:
    """The form of the round at hand; None after the last, when the page offers a new run."""
    page = _done(client.get(address)).text
    if 'data-act="decide"' not in page:
        return None
    form = page[page.index('data-act="decide"') - 300 :]
    action = re.search(r'action="(/runs/\d+/decision)"', form)
    if action is None:
        raise RuntimeError("the desk has no form of a decision")
    fields = dict(re.findall(r'<input[^>]*? name="(\w+)"[^>]*? value="([^"]*)"', form))
    chosen = re.findall(r'<select[^>]*? name="(\w+)".*?<option value="(\w+)" selected>', form, re.DOTALL)
    return {**fields, **dict(chosen), "action": action.group(1)}


def _walk(app: Flask, client: FlaskClient, workshop: Workshop) -> Mapping[str, str]:
    """Do what a trainee does in the module; the pages by name."""
    module = cast(Catalogue, app.extensions["catalogue"]).module(MODULE_ID)
    quiz = next(activity for activity in module.activities if isinstance(activity, Quiz))
    lab = next(activity for activity in module.activities if isinstance(activity, Notebook))
    answers = {i.id: i.answer if isinstance(i, Numeric) else sorted(i.correct_option_ids) for i in quiz.items}
    attempt = _done(client.post(f"{QUIZ}/answers", data=answers)).location
    upload = (BytesIO(lab.source), "work.ipynb")
    submission = _done(client.post(f"{LAB}/{lab.id}/submit", data={"key": "bench", "notebook": upload})).location
    run_waiting_jobs(workshop)
    return {
        SIGN_IN: "/sign-in",
        "trainee: start": "/learn",
        "trainee: module": f"/learn/{MODULE_ID}",
        "trainee: lesson": f"/learn/{MODULE_ID}/counts-and-rates",
        "trainee: quiz": QUIZ,
        "trainee: quiz result": attempt or "",
        "trainee: simulation, start": SIMULATION,
        "trainee: debrief": _finished_run(client),
        "trainee: notebook lab": f"{LAB}/{lab.id}",
        "trainee: graded submission": submission or "",
        "trainee: results": "/results",
        "trainee: skill record": "/record",
        "administrator: start": "/administration",
        "administrator: cohort": "/cohorts/1",
        "administrator: accounts": "/administration/accounts",
        "administrator: audit log": "/audit",
        "instructor: what an estimate rests on": "/record/1/D2.1",
    }


def _finished_run(client: FlaskClient) -> str:
    found = re.search(r'href="(/runs/\d+)"', _done(client.get(SIMULATION)).text)
    if found is None:
        raise RuntimeError("the page of the simulation names no finished run")
    return found.group(1)


def _page(engine: Engine, client: FlaskClient, name: str, address: str) -> Iterator[Figure]:
    seconds: list[float] = []
    with counted(engine) as statements:
        for number in range(RUNS + 1):
            began = time.perf_counter()
            _done(client.get(address))
            if number:
                seconds.append(1000 * (time.perf_counter() - began))
    yield measured("Server time", name, "ms", seconds)
    yield Figure("SQL statements", name, statements() / (RUNS + 1), "statements")


@contextmanager
def counted(engine: Engine) -> Iterator[Callable[[], int]]:
    count = 0

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal count
        count += not statement.startswith(HOUSEKEEPING)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield lambda: count
    finally:
        event.remove(engine, "before_cursor_execute", note)
