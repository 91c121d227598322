"""A lab is taken back: deleted while nobody got it, else withdrawn, so that only those who have begun go on."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account, Cohort
from app.authoring.models import LabSource, LabWords, PackNote
from app.content.own_data import LabData, LabDataFile
from app.content.own_labs import OwnLab
from app.core.audit import AuditEntry
from app.core.db import begin
from app.gradebook.models import Grade
from tests.app.authoring.conftest import DESK, saved, small
from tests.app.authoring.test_beginning_a_lab import TYPED
from tests.app.authoring.test_own_data import ID, OWN, TRAINEES, WARDS, sent
from tests.app.conftest import MODULE

SignIn = Callable[[Account], FlaskClient]
TABLES = (OwnLab, LabSource, LabWords, PackNote, LabData, LabDataFile)
TITLE = "Who waits longest?"


def counts(database: Engine) -> dict[str, int]:
    with begin(database, read_only=True) as session:
        return {table.__tablename__: len(session.scalars(select(table)).all()) for table in TABLES}


def noted(database: Engine) -> list[str]:
    """What the audit log says of taking back, oldest first."""
    verbs = ("lab_deleted", "lab_withdrawn", "lab_brought_back")
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(AuditEntry.verb).where(AuditEntry.verb.in_(verbs)).order_by(AuditEntry.id)))


@pytest.fixture
def begun(author: FlaskClient) -> FlaskClient:
    """The author, after beginning a lab of the academy's own with a data file."""
    author.post("/authoring/new", data=TYPED)
    assert sent(author, OWN, ("wards.csv", WARDS)).status_code == 303
    return author


@pytest.fixture
def published(begun: FlaskClient, work_off: Callable[[], None]) -> FlaskClient:
    answer = begun.post(f"{OWN}/check", data={"version": "0"})
    work_off()
    assert begun.post(f"{answer.location}/publish", data={"reason": "Asked for."}).status_code == 303
    return begun


def test_a_lab_that_nobody_got_is_deleted_with_all_that_was_written(begun: FlaskClient, database: Engine) -> None:
    assert "Delete this lab" in begun.get(f"{OWN}/versions").text
    assert begun.post(f"{OWN}/delete").location == "/authoring"
    assert TITLE not in begun.get("/authoring").text
    assert begun.get(OWN).status_code == 404
    assert set(counts(database).values()) == {0}
    assert noted(database) == ["lab_deleted"]
    assert begun.post(f"{OWN}/delete").status_code == 404
    assert begun.post("/authoring/new", data=TYPED).location == OWN


@pytest.mark.sandbox
def test_a_lab_begun_anew_under_the_same_name_is_checked_anew(begun: FlaskClient, work_off: Callable[[], None]) -> None:
    first = begun.post(f"{OWN}/check", data={"version": "0"}).location
    work_off()
    assert begun.post(f"{OWN}/delete").status_code == 303
    begun.post("/authoring/new", data=TYPED)
    sent(begun, OWN, ("wards.csv", WARDS))
    again = begun.post(f"{OWN}/check", data={"version": "0"}).location
    assert again != first
    work_off()
    assert begun.post(f"{again}/publish", data={"reason": "Anew."}).status_code == 303
    assert "Its data files" in begun.get(f"{OWN}/versions").text


def test_what_was_written_of_a_packs_lab_is_dropped(author: FlaskClient, database: Engine) -> None:
    assert "Take it back" not in author.get(f"{DESK}/versions").text
    saved(author, small())
    sent(author, DESK, ("wards.csv", WARDS))
    assert "Drop what was written" in author.get(f"{DESK}/versions").text
    assert author.post(f"{DESK}/delete").status_code == 303
    assert set(counts(database).values()) == {0}
    assert "complaints.csv" in author.get(f"{DESK}/source.ipynb").text
    assert author.post(f"{DESK}/withdraw").status_code == 404
    assert author.post(f"{DESK}/bring-back").status_code == 404


def test_while_a_check_runs_nothing_is_deleted(begun: FlaskClient, database: Engine) -> None:
    assert begun.post(f"{OWN}/check", data={"version": "0"}).status_code == 303
    before = counts(database)
    answer = begun.post(f"{OWN}/delete")
    assert answer.status_code == 409
    assert "A check of this lab is running" in answer.text
    assert counts(database) == before


def test_what_was_not_published_is_not_withdrawn(begun: FlaskClient, database: Engine) -> None:
    answer = begun.post(f"{OWN}/withdraw")
    assert answer.status_code == 409
    assert "there is nothing to withdraw" in answer.text
    assert noted(database) == []


@pytest.mark.sandbox
def test_a_withdrawn_lab_is_for_those_who_have_begun(
    published: FlaskClient,
    work_off: Callable[[], None],
    people: SimpleNamespace,
    sign_in: SignIn,
    database: Engine,
    cohort: Cohort,
) -> None:
    amina = sign_in(people.amina)
    work = amina.get(f"{TRAINEES}/notebook.ipynb").json
    [first] = [cell for cell in work["cells"] if cell["id"] == "first"]
    first["source"] = "row_count = len(complaints)"
    assert amina.post(f"{TRAINEES}/draft", json=work).status_code == 200
    kept = amina.get(f"/learn/{MODULE}/kept.json").json

    assert published.post(f"{OWN}/delete").status_code == 409
    assert published.post(f"{OWN}/withdraw").status_code == 303
    assert published.post(f"{OWN}/withdraw").status_code == 303
    assert "withdrawn" in published.get("/authoring").text
    assert "Bring it back" in published.get(f"{OWN}/versions").text
    assert "only those who have begun get it" in published.get(OWN).text

    bushra = sign_in(people.bushra)
    assert bushra.get(TRAINEES).status_code == 404
    assert bushra.get(f"{TRAINEES}/files/wards.csv").status_code == 404
    assert bushra.post(f"{TRAINEES}/draft", json=work).status_code == 404
    assert bushra.post(f"{TRAINEES}/submit", data={"key": "b", "saved": "yes"}).status_code == 404
    assert TRAINEES not in bushra.get(f"/learn/{MODULE}").text

    module = amina.get(f"/learn/{MODULE}").text
    assert "Withdrawn labs that you began" in module
    assert amina.get(f"/learn/{MODULE}/kept.json").json["version"] != kept["version"]
    assert "Your academy took this lab back" in amina.get(TRAINEES).text
    assert amina.get(f"{TRAINEES}/files/wards.csv").data == WARDS
    assert amina.post(f"{TRAINEES}/submit", data={"key": "one", "saved": "yes"}).status_code == 303
    work_off()
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Grade)).one().points == 2
    assert "2 of 6 points" in amina.get("/results/submissions/1").text
    cohort_page = published.get(f"/cohorts/{cohort.id}").text
    assert f"/cohorts/{cohort.id}/labs/{ID}" in cohort_page
    assert published.get(f"/cohorts/{cohort.id}/labs/{ID}").status_code == 200

    assert published.post(f"{OWN}/bring-back").status_code == 303
    assert published.post(f"{OWN}/bring-back").status_code == 303
    assert bushra.get(TRAINEES).status_code == 200
    assert TRAINEES in bushra.get(f"/learn/{MODULE}").text
    assert noted(database) == ["lab_withdrawn", "lab_brought_back"]


def test_the_id_of_a_withdrawn_lab_is_not_given_again(published: FlaskClient) -> None:
    published.post(f"{OWN}/withdraw")
    assert published.post("/authoring/new", data=TYPED).location == f"{OWN}-2"


def test_no_other_academy_and_no_trainee_takes_a_lab_back(
    begun: FlaskClient, people: SimpleNamespace, sign_in: SignIn, database: Engine, cohort: Cohort
) -> None:
    with begin(database) as session:
        session.get_one(Account, people.zara.id).role = "instructor"
    before = counts(database)
    for person, status in ((people.amina, 403), (people.zara, 404)):
        client = sign_in(person)
        for what in ("delete", "withdraw", "bring-back"):
            assert client.post(f"{OWN}/{what}").status_code == status
    assert counts(database) == before
