"""A lab that a newer content pack has no longer: what was done in it stays readable, and gets its marks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Cohort
from app.competencies.models import Evidence
from app.core.db import begin
from app.core.jobs import Job, JobKind
from app.gradebook.models import RegradeItem
from app.gradebook.regrades import regrade_submission
from app.gradebook.service import Grader
from config import Settings
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


@pytest.fixture
def grade_anew(app: Flask, database: Engine, settings: Settings) -> Callable[[], None]:
    """What the worker does for the only submission of the only re-grade."""

    def run() -> None:
        with begin(database, read_only=True) as session:
            item = session.scalars(select(RegradeItem.id)).one()
        grader = Grader(app.extensions["blobs"], app.extensions["catalogue"], settings.lab_files_folder)
        regrade_submission(database, grader, item)

    return run


@pytest.fixture
def regrade(
    people: SimpleNamespace,
    bilal: FlaskClient,
    answered: Callable[..., str],
    change_lab: Callable[..., None],
    source: bytes,
    cohort: Cohort,
) -> str:
    """Where a re-grade of an answer of amina stands, whose lab was changed."""
    answered(people.amina)
    change_lab(source=source.replace(b"row_count > 24_000", b"row_count > 23_000"))
    asked = {"reason": "A bound was too high."}
    return bilal.post(f"/cohorts/{cohort.id}/labs/{LAB}/regrade", data=asked).location


def test_an_open_regrade_of_a_lab_that_is_gone_is_seen_and_dropped_and_its_jobs_end(
    bilal: FlaskClient,
    regrade: str,
    remove_lab: Callable[[], None],
    grade_anew: Callable[[], None],
    database: Engine,
) -> None:
    remove_lab()
    with pytest.raises(RuntimeError, match="drop the re-grade if"):
        grade_anew()
    for part in ("", "/preview"):
        shown = Page(bilal.get(f"{regrade}{part}").text).text
        assert "no longer part of the module, so nobody can be graded anew by it" in shown
        assert "Drop it" in shown
        assert "Apply" not in shown
    refused = bilal.post(f"{regrade}/apply")
    assert refused.status_code == 409
    assert "A bound was too high." in refused.text
    assert bilal.post(f"{regrade}/drop").status_code == 303
    assert "nobody&#39;s points changed" in bilal.get(regrade).text
    grade_anew()
    with begin(database, read_only=True) as session:
        job = session.scalars(select(Job).where(Job.kind == JobKind.REGRADE_SUBMISSION)).one()
        assert job.finished_at is not None


def test_an_open_regrade_of_a_lab_that_is_gone_is_found_from_its_cohort_and_from_marking(
    people: SimpleNamespace,
    sign_in: Callable,
    bilal: FlaskClient,
    regrade: str,
    remove_lab: Callable[[], None],
    cohort: Cohort,
) -> None:
    pages, link = (f"/cohorts/{cohort.id}", "/marking"), f'href="{regrade}"'
    assert not [page for page in pages if link in bilal.get(page).text], "the page of the lab leads to it"
    remove_lab()
    for page in pages:
        shown = bilal.get(page).text
        assert link in shown
        assert "nobody can be graded anew by it" in shown
    assert link not in sign_in(people.farid).get(pages[0]).text
    bilal.post(f"{regrade}/drop")
    assert not [page for page in pages if link in bilal.get(page).text]


@pytest.mark.sandbox
def test_what_an_applied_regrade_did_is_read_once_the_lab_is_gone(
    bilal: FlaskClient, regrade: str, remove_lab: Callable[[], None], grade_anew: Callable[[], None]
) -> None:
    grade_anew()
    assert bilal.post(f"{regrade}/apply").status_code == 303
    remove_lab()
    shown = Page(bilal.get(regrade).text).text
    assert "1 submission got other points." in shown
    assert "rates-check : not there, then 3 / 3" in shown
