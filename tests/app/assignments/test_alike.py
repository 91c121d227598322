"""Submissions that are alike are shown as pairs to read, with their places and without names."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from app.accounts.models import Cohort
from app.content.releases import released
from app.core.db import begin
from app.gradebook.models import Grade
from tests.app.conftest import LAB, MODULE

COPIED = """def weight_of(row):
    if row.status == 'open' and row.deadline_days > 30:
        return 2 * (row.deadline_days - 30) ** 2
    elif row.severity == 9:
        return -1
    return len(row.category) // 3
heavy = complaints.apply(weight_of, axis=1)"""


def put_answer(app: Flask, database: Engine, number: int, code: str) -> None:
    """As if this code had been handed in as the first answer of a submission."""
    blobs = app.extensions["blobs"]
    with begin(database) as session:
        grade = session.scalars(select(Grade).where(Grade.submission_id == number)).one()
        notebook = json.loads(blobs.get(grade.autograded_sha256))
        cell = next(
            each for each in notebook["cells"] if each["metadata"].get("nbgrader", {}).get("grade_id") == "look"
        )
        cell["source"] = code
        grade.autograded_sha256 = blobs.put(json.dumps(notebook).encode())


@pytest.fixture
def two_answers(
    app: Flask, people: SimpleNamespace, answered: Callable[..., str], database: Engine
) -> Callable[[str, str], None]:
    """Hand in the lab for amina and for bushra with these answers."""

    def hand_in(first: str, second: str) -> None:
        for number, (person, code) in enumerate(((people.amina, first), (people.bushra, second)), 1):
            answered(person)
            put_answer(app, database, number, code)

    return hand_in


def test_a_pair_is_shown_with_its_shared_lines_and_no_name(
    people: SimpleNamespace, sign_in: Callable, two_answers: Callable[[str, str], None], cohort: Cohort
) -> None:
    two_answers(COPIED, COPIED.replace("weight_of", "load").replace("row", "line"))
    bilal, page = sign_in(people.bilal), f"/cohorts/{cohort.id}/labs/{LAB}/alike"
    listed = bilal.get(page).text
    assert f'href="{page}/1/2"' in listed
    assert "never a finding" in listed
    pair = bilal.get(f"{page}/1/2").text
    assert "<mark>    elif row.severity == 9:</mark>" in pair
    assert "<mark>    elif line.severity == 9:</mark>" in pair
    assert "Amina" not in listed + pair
    assert bilal.get(f"{page}/1/3").status_code == 404


def test_the_text_of_an_older_version_is_no_sign(
    app: Flask,
    people: SimpleNamespace,
    sign_in: Callable,
    answered: Callable[..., str],
    change_lab: Callable[..., None],
    cohort: Cohort,
    database: Engine,
    source: bytes,
) -> None:
    """Two hand in the notebook as they got it; then the texts of the lab are written anew."""
    given_out = released(source)
    for person in (people.amina, people.bushra):
        assert sign_in(person).post(f"/notebooks/{MODULE}/{LAB}/draft", data=given_out).status_code == 200
        answered(person)
    with begin(database) as session:
        for grade in session.scalars(select(Grade)):
            grade.autograded_sha256 = app.extensions["blobs"].put(given_out)
    bilal, page = sign_in(people.bilal), f"/cohorts/{cohort.id}/labs/{LAB}/alike"
    for version in (source, with_other_texts(source)):
        change_lab(source=version)
        assert "No two submissions share more than the task asks for." in bilal.get(page).text


def with_other_texts(source: bytes) -> bytes:
    """The lab with every word of its texts in another place."""
    notebook = json.loads(source)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and not cell["metadata"].get("nbgrader"):
            cell["source"] = " ".join(reversed("".join(cell["source"]).split()))
    return json.dumps(notebook).encode()


def test_a_cell_that_is_too_long_to_be_compared_whole_is_told_of(
    people: SimpleNamespace, sign_in: Callable, two_answers: Callable[[str, str], None], cohort: Cohort
) -> None:
    two_answers(COPIED + "\n" + "value = [1, 2, 3]\n" * 20_000, COPIED)
    bilal, page = sign_in(people.bilal), f"/cohorts/{cohort.id}/labs/{LAB}/alike"
    listed = bilal.get(page).text
    told = listed[listed.index("was too long to be compared whole") : listed.index("Pairs to read")]
    assert 'href="/results/submissions/1"' in told
    assert 'href="/results/submissions/2"' not in told
    assert bilal.get(f"{page}/1/2").text.count("was too long to be compared whole") == 1


def test_one_submission_is_like_no_other(
    people: SimpleNamespace, sign_in: Callable, answered: Callable[..., str], cohort: Cohort
) -> None:
    answered(people.amina)
    page = sign_in(people.bilal).get(f"/cohorts/{cohort.id}/labs/{LAB}/alike").text
    assert "No two submissions share more than the task asks for." in page
