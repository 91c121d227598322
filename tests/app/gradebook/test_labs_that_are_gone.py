"""A lab that a newer content pack has no longer: what was done in it stays readable, and gets its marks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.competencies.models import Evidence
from app.core.db import begin
from tests.app.conftest import LAB, MODULE, by_rubric
from tests.pages import Page


@pytest.fixture
def remove_lab(app: Flask) -> Callable[[], None]:
    """Take the lab out of its module, as a new version of the content pack would."""

    def remove() -> None:
        catalogue = app.extensions["catalogue"]
        module = catalogue.module(MODULE)
        others = tuple(each for each in module.activities if each.id != LAB)
        fewer = module.model_copy(update={"activities": others})
        app.extensions["catalogue"] = replace(catalogue, modules={**catalogue.modules, MODULE: fewer})

    return remove


def standing_evidence(database: Engine) -> list[tuple[str, float]]:
    with begin(database, read_only=True) as session:
        in_force = select(Evidence).where(Evidence.superseded_at.is_(None)).order_by(Evidence.part)
        return [(each.part, each.outcome) for each in session.scalars(in_force)]


def test_results_of_a_lab_that_is_gone_stay_readable_by_its_id(
    people: SimpleNamespace,
    amina: FlaskClient,
    bilal: FlaskClient,
    answered: Callable[..., str],
    remove_lab: Callable[[], None],
) -> None:
    bilal.post(f"/marking/{answered(people.amina)}", data=by_rubric(3, comment="The map is missing."))
    remove_lab()
    assert f">{LAB}</a>" in amina.get("/results").text
    shown = Page(amina.get("/results/submissions/1").text).text
    for words in ("5 of 6 points", "The map is missing.", "no longer part of the module"):
        assert words in shown
    assert "Back to the notebook" not in shown
    assert amina.get("/results/submissions/1/answer/regrade").status_code == 200
    assert amina.get("/record").status_code == 200


def test_answers_of_a_lab_that_is_gone_are_marked_in_points_and_its_evidence_stays(
    people: SimpleNamespace,
    amina: FlaskClient,
    bilal: FlaskClient,
    answered: Callable[..., str],
    remove_lab: Callable[[], None],
    database: Engine,
) -> None:
    marked, waiting = answered(people.amina), answered(people.bushra)
    bilal.post(f"/marking/{marked}", data=by_rubric(3))
    before = standing_evidence(database)
    assert before
    remove_lab()
    assert LAB in bilal.get("/marking").text
    for answer in (marked, waiting):
        assert "the mark is given in points" in bilal.get(f"/marking/{answer}").text
        sent = {"points": "4", "comment": "All is there.", "seen": "1" if answer == marked else "0"}
        assert bilal.post(f"/marking/{answer}", data=sent).status_code == 303
    assert "6 of 6 points" in amina.get("/results/submissions/1").text
    assert standing_evidence(database) == before
    assert bilal.get("/marking/agreement").status_code == 200
