"""A person takes away all that is known of them: nothing forgotten, nothing of others, nothing that opens a door."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

import app.tables as _every_table  # noqa: F401 - so that metadata knows all
from app.accounts.models import Account, Cohort
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import Base, begin
from app.gradebook.models import CellMark, Grade
from app.rights.own_data import NOT_OF_A_PERSON, PARTS
from app.rights.wording import part_names
from app.sims.models import SimulationExercise, SimulationRun

MODULE = "measure-to-manage"


def test_every_table_is_part_of_it_or_said_not_to_be() -> None:
    parts = {part.name for part in PARTS}
    assert parts & NOT_OF_A_PERSON == set()
    assert parts | NOT_OF_A_PERSON == set(Base.metadata.tables)


def test_every_part_has_words(app: Flask) -> None:
    with app.test_request_context():
        assert list(part_names()) == [part.name for part in PARTS]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_nothing_that_opens_a_door_or_gives_chances_away_is_in_it(part: Any) -> None:
    for column in part.table.__table__.columns:
        if any(word in column.name for word in ("password_hash", "secret", "seed", "autograded")):
            assert column.name in part.withheld, column


def take(client: FlaskClient) -> tuple[dict[str, list[dict[str, Any]]], dict[str, bytes]]:
    """The tables and the other files of the archive."""
    answer = client.post("/account/data.zip")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    tables = {
        name.removesuffix(".json"): json.loads(content) for name, content in files.items() if name.endswith(".json")
    }
    return tables, {name: content for name, content in files.items() if not name.endswith(".json")}


def test_what_a_person_did_is_in_it_and_nothing_of_anothers(
    app: Flask,
    database: Engine,
    people: SimpleNamespace,
    sign_in: Callable,
    answered: Callable,
    written: Callable,
    hand_over_code: Callable,
    source: bytes,
) -> None:
    own = int(answered(people.amina).split("/")[1])
    anothers = int(answered(people.bushra).split("/")[1])
    run = int(written(people.amina).split("/")[1])
    with begin(database) as session:
        for grade in session.scalars(select(Grade)):
            grade.feedback_sha256 = app.extensions["blobs"].put(f"<p>Submission {grade.submission_id}</p>".encode())
        session.add(
            CellMark(
                submission_id=own,
                cell="answer",
                number=1,
                points=3,
                comment="Say which office.",
                marker_id=people.bilal.id,
                marked_at=clock.now(),
            )
        )
    hand_over_code(timedelta())
    tables, files = take(sign_in(people.amina))
    assert [row["full_name"] for row in tables["account"]] == ["Amina"]
    assert [row["id"] for row in tables["submission"]] == [own]
    assert [row["submission_id"] for row in tables["grade"]] == [own]
    assert {row["run_id"] for row in tables["simulation_event"]} == {run}
    assert [row["text"] for row in tables["memo"]] == ["Half of what we closed came back."]
    assert [(row["comment"], row["marker_id"]) for row in tables["cell_mark"]] == [
        ("Say which office.", "somebody else")
    ]
    assert [row["issued_by_id"] for row in tables["password_code"]] == ["somebody else"]
    assert {row["trainee_id"] for row in tables["simulation_run"]} == {"yourself"}
    assert tables["audit_entry"][-1]["verb"] == "own_data_taken"
    assert files[f"notebooks/{tables['submission'][0]['sha256']}.ipynb"] == source
    assert files[f"feedback/{tables['grade'][0]['feedback_sha256']}.html"] == f"<p>Submission {own}</p>".encode()
    everything = json.dumps(tables, ensure_ascii=False) + " ".join(map(str, files.values()))
    for foreign in ("Bushra", "Bilal", "bushra", "bilal", "the hash", f"<p>Submission {anothers}</p>"):
        assert foreign not in everything


def test_points_that_are_not_released_stay_with_the_instructor(
    people: SimpleNamespace, sign_in: Callable, answered: Callable, give_terms: Callable
) -> None:
    answered(people.amina)
    give_terms(holds_results=True)
    tables, files = take(sign_in(people.amina))
    assert len(tables["submission"]) == 1
    for name in ("grade", "cell_grade", "cell_mark"):
        assert tables[name] == []
    assert not [name for name in files if name.startswith("feedback/")]


def test_results_that_are_released_are_in_it(
    people: SimpleNamespace, sign_in: Callable, answered: Callable, give_terms: Callable
) -> None:
    answered(people.amina)
    give_terms(holds_results=True, released_at=clock.now())
    tables, _files = take(sign_in(people.amina))
    assert len(tables["grade"]) == 1
    assert [row["cell"] for row in tables["cell_grade"]] == ["look-check", "answer"]


def test_a_run_of_an_exercise_comes_once_it_is_closed(
    database: Engine, people: SimpleNamespace, sign_in: Callable, cohort: Cohort, finish_a_run: Callable
) -> None:
    with begin(database) as session:
        exercise = SimulationExercise(
            academy_id=cohort.academy_id,
            cohort_id=cohort.id,
            module_id=MODULE,
            activity_id="grievance",
            title="Grievances",
            seed=7,
            attempts=1,
            created_by=people.bilal.id,
            created_at=clock.now(),
        )
        session.add(exercise)
        session.flush()
    finish_a_run(people.amina, exercise_id=exercise.id)
    client = sign_in(people.amina)
    tables, _files = take(client)
    assert tables["simulation_run"] == []
    [finished] = [row for row in tables["audit_entry"] if row["verb"] == "run_finished"]
    # The whole cohort has one seed: whoever knows it can try everything out before the exercise is closed.
    assert set(finished["detail"]) == {"digest", "scenario"}
    with begin(database) as session:
        session.get_one(SimulationExercise, exercise.id).closed_at = clock.now()
    [run] = take(client)[0]["simulation_run"]
    assert "seed" not in run
    with begin(database, read_only=True) as session:
        assert run["id"] == session.scalar(select(SimulationRun.id))


def test_that_it_was_taken_is_in_the_audit_log(database: Engine, people: SimpleNamespace, sign_in: Callable) -> None:
    take(sign_in(people.amina))
    with begin(database, read_only=True) as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert (entry.verb, entry.actor_id) == ("own_data_taken", people.amina.id)


@pytest.mark.parametrize("name", ["amina", "bushra", "bilal", "farid"])
def test_everybody_has_it_with_a_cover_in_their_language(people: SimpleNamespace, sign_in: Callable, name: str) -> None:
    person: Account = getattr(people, name)
    client = sign_in(person)
    assert client.get("/account/data").status_code == 200
    _tables, files = take(client)
    cover = files["index.html"].decode()
    assert f'<html lang="{person.language}"' in cover
    assert person.full_name in cover
    for part in PARTS:
        assert f"{part.name}.json" in cover


@pytest.mark.both_databases
def test_it_is_the_same_on_each_database(people: SimpleNamespace, sign_in: Callable, answered: Callable) -> None:
    answered(people.amina)
    tables, _files = take(sign_in(people.amina))
    assert len(tables["submission"]) == 1
    assert tables["enrolment"][0]["trainee_id"] == "yourself"
