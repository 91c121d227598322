"""An academy begins a lab that is in no content pack: its trainees get it once it is published, nobody else ever."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from app.accounts.models import Account, Cohort
from app.authoring.beginning import Beginning, _free_id, first_source, tables
from app.competencies.models import Evidence
from app.content.graded_cells import graded_cells
from app.content.own_labs import OwnLab
from app.content.values import Bilingual
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.db import begin
from app.gradebook.models import CellGrade, Grade
from tests.app.conftest import LAB, MODULE

SignIn = Callable[[Account], FlaskClient]
ID = "own-who-waits-longest"
TYPED = {
    "data_of": f"{MODULE}/{LAB}",
    "heading-en": "Who waits longest?",
    "heading-ur": "سب سے زیادہ انتظار کس کا؟",
    "summary-en": "Waiting by district.",
    "summary-ur": "ضلع وار انتظار۔",
    "minutes": "40",
    "competencies": ["D2.1", "D2.2"],
}
DESK, TRAINEES = f"/authoring/{MODULE}/{ID}", f"/notebooks/{MODULE}/{ID}"


@pytest.fixture
def begun(author: FlaskClient) -> FlaskClient:
    """The author, after beginning a lab."""
    answer = author.post("/authoring/new", data=TYPED)
    assert answer.status_code == 303
    assert answer.location == DESK
    return author


@pytest.fixture
def check_it(begun: FlaskClient, work_off: Callable[[], None]) -> Callable[[], str]:
    def run() -> str:
        answer = begun.post(f"{DESK}/check", data={"version": "0"})
        assert answer.status_code == 303, answer.text
        work_off()
        return str(answer.location)

    return run


def test_a_lab_that_is_begun_is_for_its_authors_alone(
    begun: FlaskClient, people: SimpleNamespace, sign_in: SignIn, database: Engine, cohort: Cohort
) -> None:
    assert "Who waits longest?" in begun.get("/authoring").text
    page = begun.get(DESK).text
    assert "nothing, until you publish a version" in page
    assert f'data-path="{MODULE}/{LAB}/work.ipynb"' in page
    assert "pd.read_csv('complaints.csv')" in begun.get(f"{DESK}/source.ipynb").text
    versions = begun.get(f"{DESK}/versions").text
    assert "The lab as it was begun" in versions
    assert "content pack" not in versions
    amina = sign_in(people.amina)
    assert amina.get(TRAINEES).status_code == 404
    assert "Who waits longest?" not in amina.get(f"/learn/{MODULE}").text
    with begin(database) as session:
        session.get_one(Account, people.zara.id).role = Role.INSTRUCTOR
    stranger = sign_in(people.zara)
    assert stranger.get(DESK).status_code == 404
    assert "Who waits longest?" not in stranger.get("/authoring").text
    with begin(database, read_only=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "lab_begun")).one()
        assert entry.detail == {"lab": f"{MODULE}/{ID}", "data_of": LAB}


@pytest.mark.sandbox
def test_published_it_stands_in_the_module_and_is_graded_with_the_data_that_it_reads(
    begun: FlaskClient,
    check_it: Callable[[], str],
    work_off: Callable[[], None],
    people: SimpleNamespace,
    sign_in: SignIn,
    database: Engine,
    cohort: Cohort,
) -> None:
    address = check_it()
    assert "Passed: the solution gets full marks" in begun.get(address).text
    assert begun.post(f"{address}/publish", data={"reason": "Asked for by the department."}).status_code == 303
    amina = sign_in(people.amina)
    assert "Who waits longest?" in amina.get(f"/learn/{MODULE}").text
    assert "Waiting by district." in amina.get(TRAINEES).text
    assert amina.get(f"{TRAINEES}/files/complaints.csv").status_code == 200
    released = amina.get(f"{TRAINEES}/notebook.ipynb").text
    assert "len(complaints)" not in released
    assert "### BEGIN HIDDEN TESTS" not in released
    work = amina.get(f"{TRAINEES}/notebook.ipynb").json
    [first] = [cell for cell in work["cells"] if cell["id"] == "first"]
    first["source"] = "row_count = complaints.shape[0]"
    amina.post(f"{TRAINEES}/draft", json=work)
    assert amina.post(f"{TRAINEES}/submit", data={"key": "one", "saved": "yes"}).status_code == 303
    work_off()
    with begin(database, read_only=True) as session:
        grade = session.scalars(select(Grade)).one()
        cells = {row.cell: row.score for row in session.scalars(select(CellGrade))}
        assert (grade.status, grade.max_points, cells["first-check"]) == ("graded", 6, 2)
        assert set(session.scalars(select(Evidence.competency))) == {"D2.1"}
    assert "Who waits longest?" not in sign_in(people.zara).get(f"/learn/{MODULE}").text
    assert "2 of 6 points" in sign_in(people.bilal).get("/results/submissions/1").text
    assert sign_in(people.bilal).get(f"/cohorts/{cohort.id}/labs/{ID}").status_code == 200


def test_there_is_no_content_pack_to_go_back_to(begun: FlaskClient) -> None:
    assert begun.post(f"{DESK}/versions/0/check").status_code == 404
    assert begun.get(f"{DESK}/pack").status_code == 404
    assert begun.post(f"{DESK}/pack/keep", data={"version": "x"}).status_code == 404
    assert begun.post(f"{DESK}/versions/0/restore").status_code == 303


def test_two_labs_of_one_title_are_two(begun: FlaskClient) -> None:
    assert begun.post("/authoring/new", data=TYPED).location == f"{DESK}-2"


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("heading-en", "", "Write it in English too."),
        ("heading-en", "سب سے", "This is the English text"),
        ("heading-ur", "Who waits?", "This is the Urdu text"),
        ("heading-en", "long " * 30, "Shorten this to 120 characters."),
        ("summary-ur", "", "Write it in Urdu too."),
        ("minutes", "", "Say how many minutes it takes."),
        ("minutes", "0", "from 1 to 240"),
        ("minutes", "soon", "Type a whole number."),
        ("data_of", "nowhere/nothing", "Not a valid choice"),
        ("competencies", [], "Choose at least one skill."),
        ("competencies", ["D9.9"], "is not a valid choice"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    author: FlaskClient, database: Engine, field: str, value: Any, says: str
) -> None:
    answer = author.post("/authoring/new", data={**TYPED, field: value})
    assert answer.status_code == 422
    assert says in answer.text
    for name, typed in TYPED.items():
        if name != field and isinstance(typed, str):
            assert typed in answer.text
    with begin(database, read_only=True) as session:
        assert session.scalars(select(OwnLab)).all() == []


def test_trainees_begin_none(people: SimpleNamespace, sign_in: SignIn, cohort: Cohort) -> None:
    assert sign_in(people.amina).post("/authoring/new", data=TYPED).status_code == 403


def test_when_the_data_are_gone_the_lab_waits_and_nothing_else_fails(
    begun: FlaskClient, app: Flask, people: SimpleNamespace, sign_in: SignIn, cohort: Cohort, database: Engine
) -> None:
    with begin(database) as session:
        session.scalars(select(OwnLab)).one().data_of = "of-a-pack-that-is-gone"
    assert begun.get("/authoring").status_code == 200
    assert begun.get(DESK).status_code == 404
    assert sign_in(people.amina).get(f"/learn/{MODULE}").status_code == 200


@given(title=st.text(max_size=200), taken=st.integers(0, 3))
def test_every_title_gives_an_id_that_nothing_else_has(title: str, taken: int) -> None:
    known: set[str] = set()
    for _ in range(taken + 1):
        found = _free_id(title, known)
        assert found not in known
        assert len(found) <= 60
        known.add(found)


def test_the_first_notebook_can_be_held_by_a_catalogue_whatever_the_files_are_called(app: Flask) -> None:
    module = app.extensions["catalogue"].module(MODULE)
    lab = module.activity(LAB).model_copy(update={"data_sha256": {"2025 figures.csv": "0" * 64, "map.json": "1" * 64}})
    both = Bilingual(en="A lab", ur="لیب")
    cells = graded_cells(first_source(Beginning(module, lab, both, both, 30, ("D3.1",)), tables(lab)))
    assert [(cell.grade_id, cell.points, cell.competencies) for cell in cells] == [
        ("first-check", 2, ("D3.1",)),
        ("next", 4, ("D3.1",)),
    ]


def test_files_whose_names_differ_only_in_signs_are_read_under_names_of_their_own(app: Flask) -> None:
    module, both = app.extensions["catalogue"].module(MODULE), Bilingual(en="A lab", ur="لیب")
    wanted = Beginning(module, None, both, both, 30, ("D3.1",))
    cells = json.loads(first_source(wanted, ["a-b.csv", "a.b.csv", "a_b.csv"]))["cells"]
    loading = cells[1]["source"]
    names = re.findall(r"^(\w+) = pd.read_csv", loading, re.MULTILINE)
    assert len(set(names)) == 3
    assert f"{names[0]} = pd.read_csv('a-b.csv')" in loading
    assert f"row_count = len({names[0]})" in cells[3]["source"]
    assert "len(pd.read_csv('a-b.csv'))" in cells[4]["source"]
