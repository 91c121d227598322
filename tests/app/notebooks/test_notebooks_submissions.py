"""Handing a notebook in: one receipt for one press, everything in one transaction, clear words when it cannot be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts import progress
from app.core.audit import AuditEntry
from app.core.db import begin
from app.core.jobs import JobKind, waiting
from app.notebooks.models import Submission

pytestmark = pytest.mark.both_databases

LAB = "/notebooks/measure-to-manage/grievances"
SignIn = Callable[..., FlaskClient]


def notebook(text: str = "first") -> bytes:
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": text}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()


def submit(client: FlaskClient, content: bytes, *, key: str = "k1") -> Any:
    return client.post(f"{LAB}/submit", data={"key": key, "notebook": (BytesIO(content), "work.ipynb")})


def submissions(database: Engine) -> list[Submission]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(Submission).order_by(Submission.id)))


def test_a_submission_brings_its_job_audit_row_progress_and_content_with_it(
    people: SimpleNamespace, sign_in: SignIn, database: Engine, app: Flask
) -> None:
    answer = submit(sign_in(people.amina), notebook())
    (submission,) = submissions(database)
    assert answer.location.endswith(f"/results/submissions/{submission.id}")
    with begin(database, read_only=True) as session:
        assert [(job.kind, job.thing_id) for job in waiting(session)] == [(JobKind.GRADE_SUBMISSION, submission.id)]
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "submitted")).one()
        states = progress.of_trainees(session, [people.amina.id], "measure-to-manage")
    assert entry.detail["sha256"] == submission.sha256
    assert entry.thing == f"submission:{submission.id}"
    assert states[people.amina.id]["grievances"] == progress.DONE
    assert b"first" in app.extensions["blobs"].get(submission.sha256)


def test_the_same_press_twice_is_one_submission(people: SimpleNamespace, sign_in: SignIn, database: Engine) -> None:
    client = sign_in(people.amina)
    first, again = submit(client, notebook(), key="same"), submit(client, notebook(), key="same")
    assert first.location == again.location
    assert len(submissions(database)) == 1


def test_another_file_with_the_same_key_is_refused_in_words_and_can_be_sent_from_there(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    client = sign_in(people.amina)
    submit(client, notebook("one"), key="same")
    refused = submit(client, notebook("other"), key="same")
    assert refused.status_code == 409
    assert "so this one was not taken. Choose it again here." in refused.text
    [key] = re.findall(r'name="key" value="([^"]+)-file"', refused.text)
    assert submit(client, notebook("other"), key=key).status_code == 303
    assert [each.attempt for each in submissions(database)] == [1, 2]


def test_one_persons_key_is_not_anothers(people: SimpleNamespace, sign_in: SignIn, database: Engine) -> None:
    submit(sign_in(people.amina), notebook(), key="same")
    submit(sign_in(people.bushra), notebook(), key="same")
    assert [each.trainee_id for each in submissions(database)] == [people.amina.id, people.bushra.id]


def test_attempts_are_counted_for_each_trainee(people: SimpleNamespace, sign_in: SignIn, database: Engine) -> None:
    for key in ("a", "b"):
        submit(sign_in(people.amina), notebook(key), key=key)
    submit(sign_in(people.bushra), notebook(), key="c")
    assert [each.attempt for each in submissions(database)] == [1, 2, 1]


def test_the_receipt_names_the_submission_and_its_content(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    client = sign_in(people.amina)
    page = submit(client, notebook())
    (submission,) = submissions(database)
    shown = client.get(page.location).text
    assert submission.receipt in shown
    assert submission.sha256 in shown


def test_the_button_without_a_script_hands_in_the_saved_draft(
    people: SimpleNamespace, sign_in: SignIn, app: Flask, database: Engine
) -> None:
    client = sign_in(people.amina)
    client.post(f"{LAB}/draft", data=notebook("saved before"))
    assert client.post(f"{LAB}/submit", data={"key": "k", "saved": "yes"}).status_code == 303
    (submission,) = submissions(database)
    assert b"saved before" in app.extensions["blobs"].get(submission.sha256)


def test_with_scripts_the_button_waits_and_without_them_another_is_there(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    form = sign_in(people.amina).get(LAB).text.partition('<form id="lab-submit"')[2].partition("</form>")[0]
    scripted, _, plain = form.partition("<noscript>")
    assert " disabled hidden>" in scripted
    assert "<button" in plain
    assert "disabled" not in plain


def test_the_button_without_any_draft_says_what_to_do(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    answer = sign_in(people.amina).post(f"{LAB}/submit", data={"key": "k", "saved": "yes"})
    assert answer.status_code == 422
    assert "Nothing has been saved in this lab yet" in answer.text
    assert submissions(database) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Choose a notebook file"),
        (b"print(1)", "cannot be read as JSON"),
        (b"[1, 2]", "not a notebook that Jupyter can open"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "not a notebook that Jupyter can open"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [7]}', "not a notebook that Jupyter can open"),
        (b"[" * 100_000, "cannot be read as JSON"),
    ],
)
def test_what_is_not_a_notebook_is_refused_on_the_page_with_the_reason(
    people: SimpleNamespace, sign_in: SignIn, database: Engine, content: bytes, reason: str
) -> None:
    answer = submit(sign_in(people.amina), content)
    assert answer.status_code == 422
    assert reason in answer.text
    assert submissions(database) == []


def test_a_submission_cannot_be_sent_for_a_lab_of_another_module(people: SimpleNamespace, sign_in: SignIn) -> None:
    data = {"key": "k", "notebook": (BytesIO(notebook()), "work.ipynb")}
    assert sign_in(people.amina).post("/notebooks/other/grievances/submit", data=data).status_code == 404


def test_the_lab_page_tells_the_cost_and_works_without_a_script(
    app: Flask, people: SimpleNamespace, sign_in: SignIn, tmp_path: Path
) -> None:
    said = {"always": 8_000_000, "imports": {"pandas": {"p.whl": 5_000_000}}, "data": {}}
    (tmp_path / "opening.json").write_text(json.dumps(said))
    app.extensions["settings"] = app.extensions["settings"].model_copy(update={"notebook_site_folder": tmp_path})
    page = sign_in(people.amina).get(LAB).text
    assert "brings 13.0 MB" in page
    assert 'href="/notebooks/measure-to-manage/grievances/notebook.ipynb"' in page
    assert 'type="file"' in page
    assert "Start again from the original" in page
