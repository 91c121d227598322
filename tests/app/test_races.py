"""Requests that arrive at the same moment: the loser gets what the winner stored, and never an error."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

import grading
import simulations
from app.accounts.models import Cohort
from app.accounts.progress import ActivityProgress
from app.accounts.queries import lock
from app.competencies.models import Evidence
from app.content.schemas import Numeric
from app.core import audit, jobs
from app.core.db import begin
from app.gradebook.models import Grade
from app.learning.models import QuizAttempt
from app.notebooks.models import NotebookDraft, Submission
from app.sims.models import SimulationRun
from app.surveys.models import SurveyResponse, SurveyWave
from app.worker import Workshop
from config import Settings
from tests.pages import Page

pytestmark = pytest.mark.both_databases
MODULE = "measure-to-manage"
LAB = f"/notebooks/{MODULE}/grievances"
AT_ONCE = 6
NOTEBOOK = b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}'


def all_at_once(sign_in: Callable[..., FlaskClient], who: Any, post: Callable[[FlaskClient, int], Any]) -> list[Any]:
    """What each of several clients of one person is answered, all of them sent together."""
    clients = [sign_in(who) for _ in range(AT_ONCE)]
    ready = threading.Barrier(AT_ONCE)

    def send(number: int) -> Any:
        ready.wait()
        return post(clients[number], number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, range(AT_ONCE)))


def hand_in(client: FlaskClient, key: str) -> Any:
    return client.post(f"{LAB}/submit", data={"key": key, "notebook": (BytesIO(NOTEBOOK), "work.ipynb")})


def stored(database: Engine, table: type[Any]) -> list[Any]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def test_one_key_posted_many_times_at_once_has_one_receipt(
    people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    answers = all_at_once(sign_in, people.amina, lambda client, _number: hand_in(client, "same"))
    [submission] = stored(database, Submission)
    assert {answer.location for answer in answers} == {f"/results/submissions/{submission.id}"}
    assert [job.thing_id for job in stored(database, jobs.Job)] == [submission.id]
    assert [entry.verb for entry in stored(database, audit.AuditEntry)].count("submitted") == 1


def test_attempts_handed_in_at_once_are_numbered_without_gap(
    people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    answers = all_at_once(sign_in, people.amina, lambda client, number: hand_in(client, str(number)))
    assert {answer.status_code for answer in answers} == {303}
    assert sorted(each.attempt for each in stored(database, Submission)) == list(range(1, AT_ONCE + 1))
    assert len(stored(database, ActivityProgress)) == 1
    with begin(database, read_only=True) as session:
        assert audit.verify(session).broken_id is None


def test_a_draft_saved_by_two_pages_at_once_is_kept_once(
    people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    answers = all_at_once(sign_in, people.amina, lambda client, _number: client.post(f"{LAB}/draft", data=NOTEBOOK))
    assert {answer.status_code for answer in answers} == {200}
    assert len(stored(database, NotebookDraft)) == 1


def test_a_quiz_sent_twice_at_once_is_one_attempt(
    app: Flask, people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    quiz = app.extensions["catalogue"].module(MODULE).activity("quiz")
    answers = {i.id: i.answer if isinstance(i, Numeric) else sorted(i.correct_option_ids) for i in quiz.items}
    form = {**answers, "key": "same"}
    got = all_at_once(
        sign_in, people.amina, lambda client, _number: client.post(f"/learn/{MODULE}/quiz/answers", data=form)
    )
    assert {answer.status_code for answer in got} == {303}
    assert len(stored(database, QuizAttempt)) == 1


def test_a_survey_answered_in_several_windows_at_once_is_answered_once(
    app: Flask, people: SimpleNamespace, cohort: Cohort, sign_in: Callable, database: Engine
) -> None:
    sign_in(people.bilal).post(f"/cohorts/{cohort.id}/survey", data={"step": "open", "wave": "before"})
    [wave] = stored(database, SurveyWave)
    answers = all_at_once(
        sign_in,
        people.amina,
        lambda client, number: client.post(f"/surveys/waves/{wave.id}", data={"item_overtaken": str(1 + number % 5)}),
    )
    assert sorted(answer.status_code for answer in answers) == [303] + [409] * (AT_ONCE - 1)
    with begin(database, read_only=True) as session:
        assert len(session.scalars(select(SurveyResponse)).all()) == 1


def test_a_simulation_begun_in_two_windows_at_once_is_one_run(
    people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    address = f"/simulations/{MODULE}/grievance/start"
    form = Page(sign_in(people.amina).get(address.removesuffix("/start")).text).form("/start")
    answers = all_at_once(sign_in, people.amina, lambda client, _number: client.post(address, data=form))
    assert {answer.status_code for answer in answers} == {303}
    assert len(stored(database, SimulationRun)) == 1


@pytest.mark.on_postgresql
def test_what_one_person_writes_holds_up_nobody_else(people: SimpleNamespace, database: Engine) -> None:
    with begin(database) as session, ThreadPoolExecutor(1) as pool:
        lock(session, people.amina.id)

        def write_for_another() -> None:
            with begin(database) as other:
                lock(other, people.bushra.id)

        pool.submit(write_for_another).result(timeout=5)


def together(number: int, act: Callable[[], None]) -> None:
    """Do it in so many threads; the first failure is raised."""
    with ThreadPoolExecutor(number) as pool:
        for done in [pool.submit(act) for _ in range(number)]:
            done.result()


def test_a_submission_graded_by_two_workers_at_once_has_one_effect(
    app: Flask,
    settings: Settings,
    people: SimpleNamespace,
    sign_in: Callable,
    database: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hand_in(sign_in(people.amina), "same")
    [submission] = stored(database, Submission)
    both_have_computed = threading.Barrier(2)
    cell = grading.CellResult("look-check", "test", 2.0, 2.0, False, "", ("D2.1",), 2)
    result = grading.GradeResult("graded", None, (cell,), 2.0, 2.0, None, 1.0)

    def compute(*_args: Any, **_settings: Any) -> grading.GradeResult:
        both_have_computed.wait()
        return result

    monkeypatch.setattr(grading, "grade", compute)
    workshop = Workshop.of(settings)
    together(2, lambda: workshop.handle(jobs.JobKind.GRADE_SUBMISSION, submission.id))
    assert [grade.points for grade in stored(database, Grade)] == [2.0]
    assert [row.part for row in stored(database, Evidence)] == ["look-check"]
    assert [entry.verb for entry in stored(database, audit.AuditEntry)].count("graded") == 1
    [job] = stored(database, jobs.Job)
    assert job.finished_at is not None


def test_a_run_scored_by_two_workers_at_once_is_evidence_once(
    settings: Settings,
    people: SimpleNamespace,
    database: Engine,
    finish_a_run: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_id = finish_a_run(people.amina)
    both_have_computed, real = threading.Barrier(2), simulations.decision_score

    def compute(*what: Any) -> simulations.DecisionScore:
        score = real(*what)
        both_have_computed.wait()
        return score

    monkeypatch.setattr(simulations, "decision_score", compute)
    workshop = Workshop.of(settings.model_copy(update={"possible_worlds": 2}))
    together(2, lambda: workshop.handle(jobs.JobKind.SCORE_RUN, run_id))
    rows = [(row.competency, row.part) for row in stored(database, Evidence)]
    assert sorted(rows) == sorted(
        (competency, "decision") for competency in simulations.load("grievance").competencies["decision"]
    )
