"""An author brings data files into a lab: they are checked, published with it, and reach nobody of another academy."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import openpyxl
import pandas
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account, Cohort
from app.authoring.data_tables import DataTable, read
from app.authoring.personal import Likeness, likeness
from app.content.own_data import LabData, LabDataFile
from app.core.audit import AuditEntry
from app.core.db import begin
from app.core.errors import Refused
from app.gradebook.models import CellGrade, Grade
from tests.app.authoring import test_beginning_a_lab as beginning
from tests.app.authoring.conftest import DESK, saved, small
from tests.app.conftest import LAB, MODULE, STAYS_IN_LOG

SignIn = Callable[[Account], FlaskClient]
ID = "own-who-waits-longest"
OWN, TRAINEES = f"/authoring/{MODULE}/{ID}", f"/notebooks/{MODULE}/{ID}"
TYPED = beginning.TYPED | {"data_of": f"{MODULE}/"}
WARDS = "ward,waiting\nمردان,12\nSwabi,7\n".encode()
LATER = b"ward,waiting\nHoti,3\nSwabi,7\nKatlang,9\n"
WORDS = "Made up by the trainers for this course."


def sent(
    client: FlaskClient,
    desk: str,
    *files: tuple[str, bytes],
    people: str = "nobody",
    assurance: str = "",
) -> Any:
    """Files brought to a lab, and the answer."""
    data = {
        "files": [(io.BytesIO(content), name) for name, content in files],
        **({"people": people} if people else {}),
        "assurance": assurance,
    }
    return client.post(f"{desk}/data", data=data, content_type="multipart/form-data")


@pytest.fixture
def begun(author: FlaskClient) -> FlaskClient:
    """The author, after beginning a lab over data of the academy's own."""
    answer = author.post("/authoring/new", data=TYPED)
    assert answer.location == f"{OWN}/data", answer.text
    return author


@pytest.fixture
def publish_own(begun: FlaskClient, work_off: Callable[[], None]) -> Callable[[], None]:
    """Check what is being written, and publish it."""

    def run() -> None:
        page = begun.get(OWN).text
        version = page.split('name="version" value="')[1].split('"')[0]
        answer = begun.post(f"{OWN}/check", data={"version": version})
        assert answer.status_code == 303, answer.text
        work_off()
        made = begun.post(f"{answer.location}/publish", data={"reason": "Our own wards."})
        assert made.status_code == 303, made.text

    return run


def test_a_lab_over_own_data_begins_with_a_notebook_that_reads_what_is_brought(begun: FlaskClient) -> None:
    assert "pd.DataFrame" in begun.get(f"{OWN}/source.ipynb").text
    assert "No data of your own yet" in begun.get(f"{OWN}/data").text
    assert sent(begun, OWN, ("wards.csv", WARDS)).status_code == 303
    page = begun.get(f"{OWN}/data").text
    for words in ("wards.csv", "2 rows", "whole numbers", "مردان", "KB"):
        assert words in page
    source = begun.get(f"{OWN}/source.ipynb").text
    assert "wards = pd.read_csv('wards.csv')" in source
    assert "pd.DataFrame" not in source
    desk = begun.get(OWN).text
    assert 'data-path="work.ipynb"' in desk
    assert f"{OWN}/data/wards.csv" in desk
    assert f"{OWN}/data/wards.csv" in begun.get(f"{OWN}/preview").text
    assert begun.get(f"{OWN}/data/wards.csv").data == WARDS


def test_what_somebody_wrote_already_is_not_written_over(begun: FlaskClient) -> None:
    begun.post(f"{OWN}/draft", data=small(), headers={"X-Draft-Writers": "w", "X-Draft-Number": "1"})
    assert sent(begun, OWN, ("wards.csv", WARDS)).status_code == 303
    assert "wards.csv" not in begun.get(f"{OWN}/source.ipynb").text


@pytest.mark.sandbox
def test_a_published_version_has_its_data_for_good(
    begun: FlaskClient,
    publish_own: Callable[[], None],
    work_off: Callable[[], None],
    people: SimpleNamespace,
    sign_in: SignIn,
    database: Engine,
    cohort: Cohort,
) -> None:
    sent(begun, OWN, ("wards.csv", WARDS))
    publish_own()
    amina = sign_in(people.amina)
    assert f"{TRAINEES}/files/wards.csv" in amina.get(TRAINEES).text
    given = amina.get(f"{TRAINEES}/files/wards.csv", headers={"Accept-Encoding": "gzip"})
    assert (given.headers["Content-Encoding"], gzip.decompress(given.data)) == ("gzip", WARDS)
    again = {"If-None-Match": given.headers["ETag"], "Accept-Encoding": "gzip"}
    assert amina.get(f"{TRAINEES}/files/wards.csv", headers=again).status_code == 304
    kept = amina.get(f"/learn/{MODULE}/kept.json").json
    assert f"{TRAINEES}/files/wards.csv" in kept["pages"]

    sent(begun, OWN, ("wards.csv", LATER))
    assert amina.get(f"{TRAINEES}/files/wards.csv").data == WARDS
    work = amina.get(f"{TRAINEES}/notebook.ipynb").json
    [first] = [cell for cell in work["cells"] if cell["id"] == "first"]
    first["source"] = "row_count = len(wards)"
    amina.post(f"{TRAINEES}/draft", json=work)
    assert amina.post(f"{TRAINEES}/submit", data={"key": "one", "saved": "yes"}).status_code == 303
    assert "The data of this lab were changed" not in amina.get(TRAINEES).text
    publish_own()
    assert "The data of this lab were changed" in amina.get(TRAINEES).text
    assert amina.get(f"{TRAINEES}/files/wards.csv").data == LATER
    assert amina.get(f"/learn/{MODULE}/kept.json").json["version"] != kept["version"]
    work_off()
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Grade)).one().status == "graded"
        assert {row.cell: row.score for row in session.scalars(select(CellGrade))}["first-check"] == 2
        published = session.scalars(select(AuditEntry).where(AuditEntry.verb == "lab_published")).all()
        assert [list(entry.detail["data"]) for entry in published] == [["wards.csv"]] * 2
        assert published[0].detail["data"] != published[1].detail["data"]
    versions = begun.get(f"{OWN}/versions").text
    assert versions.count("Its data files") == 2
    assert begun.post(f"{OWN}/versions/1/restore").status_code == 303
    assert begun.get(f"{OWN}/data/wards.csv").data == WARDS
    course = sign_in(people.bilal).post(f"/cohorts/{cohort.id}/labs/{ID}/course.zip")
    with zipfile.ZipFile(io.BytesIO(course.data)) as packed:
        assert packed.read(f"source/{ID}/wards.csv") == LATER


@pytest.mark.sandbox
def test_a_file_with_the_name_of_the_packs_takes_its_place_for_this_academy_only(
    author: FlaskClient,
    work_off: Callable[[], None],
    people: SimpleNamespace,
    sign_in: SignIn,
    cohort: Cohort,
) -> None:
    theirs = b"district,population\nMardan,10\n"
    assert sent(author, DESK, ("districts.csv", theirs)).status_code == 303
    page = author.get(f"{DESK}/data").text
    assert "takes its place" in page
    version = saved(author, small()).json["version"]
    answer = author.post(f"{DESK}/check", data={"version": version})
    work_off()
    assert author.post(f"{answer.location}/publish", data={"reason": "Ours."}).status_code == 303
    address = f"/notebooks/{MODULE}/{LAB}/files/districts.csv"
    assert sign_in(people.amina).get(address).data == theirs
    assert sign_in(people.zara).get(address).data != theirs
    back = author.post(f"{DESK}/versions/0/check")
    work_off()
    assert author.post(f"{back.location}/publish", data={"reason": "The pack's."}).status_code == 303
    assert sign_in(people.amina).get(address).data != theirs


def test_only_new_data_is_something_to_publish(author: FlaskClient, work_off: Callable[[], None]) -> None:
    sent(author, DESK, ("wards.csv", WARDS))
    answer = author.post(f"{DESK}/check", data={"version": "0"})
    assert answer.status_code == 303
    with_later = sent(author, DESK, ("wards.csv", LATER))
    assert with_later.status_code == 303
    assert author.post(f"{DESK}/check", data={"version": "0"}).location != answer.location


def test_no_other_academy_reaches_the_data(
    begun: FlaskClient, people: SimpleNamespace, sign_in: SignIn, database: Engine, cohort: Cohort
) -> None:
    sent(begun, OWN, ("wards.csv", WARDS))
    assert sign_in(people.amina).get(f"{TRAINEES}/files/wards.csv").status_code == 404
    assert sign_in(people.amina).get(f"{OWN}/data/wards.csv").status_code == 403
    zahid = sign_in(people.zahid)
    for address in (f"{OWN}/data", f"{OWN}/data/wards.csv", f"{OWN}/data/states/1"):
        assert zahid.get(address).status_code in (403, 404)
    with begin(database) as session:
        session.get_one(Account, people.zara.id).role = "instructor"
    zara = sign_in(people.zara)
    for address in (f"{OWN}/data", f"{OWN}/data/wards.csv", f"{OWN}/data/states/1", f"{DESK}/data/states/1"):
        assert zara.get(address).status_code == 404
    assert zara.post(f"{DESK}/data/states/1/restore").status_code == 404


def test_files_are_left_out_and_come_back(begun: FlaskClient, database: Engine) -> None:
    sent(begun, OWN, ("wards.csv", WARDS), ("days.csv", LATER))
    assert begun.post(f"{OWN}/data/wards.csv/leave-out").status_code == 303
    assert begun.get(f"{OWN}/data/wards.csv").status_code == 404
    assert begun.get(f"{OWN}/data/days.csv").status_code == 200
    assert begun.post(f"{OWN}/data/wards.csv/leave-out").status_code == 404
    assert "Saved data files" in begun.get(f"{OWN}/versions").text
    assert "Go on with these files" in begun.get(f"{OWN}/data/states/1").text
    assert begun.post(f"{OWN}/data/states/1/restore").status_code == 303
    assert begun.get(f"{OWN}/data/wards.csv").status_code == 200
    assert begun.get(f"{OWN}/data/states/99").status_code == 404
    with begin(database, read_only=True) as session:
        assert len(session.scalars(select(LabData)).all()) == 3
        noted = session.scalars(select(AuditEntry).where(AuditEntry.verb == "lab_data_changed")).all()
        assert [sorted(entry.detail["files"]) for entry in noted] == [
            ["days.csv", "wards.csv"],
            ["days.csv"],
            ["days.csv", "wards.csv"],
        ]


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_workbook_becomes_a_csv_file(begun: FlaskClient) -> None:
    content = workbook(("ward", "waiting"), ("Hoti", 3), ("Swabi, north", None))
    assert sent(begun, OWN, ("wards.xlsx", content)).status_code == 303
    assert begun.get(f"{OWN}/data/wards.csv").text == 'ward,waiting\nHoti,3\n"Swabi, north",\n'


def test_a_formula_in_a_workbook_is_named_by_its_row(begun: FlaskClient) -> None:
    answer = sent(begun, OWN, ("wards.xlsx", workbook(("ward", "waiting"), ("Hoti", "=1+2"))))
    assert answer.status_code == 422
    assert "Row 2 of “wards.xlsx” holds a formula" in answer.text


def test_other_separators_and_a_byte_order_mark_are_taken(begun: FlaskClient) -> None:
    assert sent(begun, OWN, ("wards.csv", "\ufeffward;waiting\r\nHoti;3,5\r\n".encode())).status_code == 303
    assert begun.get(f"{OWN}/data/wards.csv").text == 'ward,waiting\nHoti,"3,5"\n'


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("wards.pdf", WARDS, "neither a CSV file nor a workbook"),
        ("our wards.csv", WARDS, "Rename “our wards.csv”"),
        ("../wards.csv", WARDS, "Rename"),
        ("وارڈ.csv", WARDS, "Rename"),
        ("w" * 60 + ".csv", WARDS, "Rename"),
        ("wards.csv", b" \n", "is empty"),
        ("wards.csv", b"ward,waiting\nHoti,3\nSw\xe4bi,7\n", "is not in UTF-8: line 3"),
        ("wards.csv", b"ward,\nHoti,3\n", "have no name in the first line: 2."),
        ("wards.csv", b"ward,ward\nHoti,3\n", "more than one column is called “ward”"),
        ("wards.csv", b"1,2\n3,4\n", "holds numbers where the names of the columns belong"),
        ("wards.csv", b"ward,waiting\n", "no row below them"),
        ("wards.csv", b"ward,waiting\nHoti,3\nSwabi\nKatlang,1,2\n", "line 3: 1; line 4: 3"),
        ("wards.csv", b'ward,waiting\n"Hoti,3\nSwabi,7\n', "cannot be read as CSV from line 2"),
        ("wards.csv", b"ward,waiting\nHoti," + b"9" * 5_001 + b"\n", "A cell on line 2"),
        ("wards.csv", b"ward,waiting\nHo\0ti,1\n", "A cell on line 2"),
        ("wards.csv", b"w" * 81 + b",waiting\nHoti,1\n", "the name of a column is too long"),
        ("wards.csv", b",".join(b"c%d" % each for each in range(201)) + b"\n1\n", "has 201 columns"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_and_nothing_is_taken(
    begun: FlaskClient, database: Engine, name: str, content: bytes, says: str
) -> None:
    answer = sent(begun, OWN, ("good.csv", WARDS), (name, content), people="invented", assurance=WORDS)
    assert answer.status_code == 422
    assert says in answer.text
    assert WORDS in answer.text
    with begin(database, read_only=True) as session:
        assert session.scalars(select(LabDataFile)).all() == []


def test_too_much_is_refused(begun: FlaskClient, app: Flask) -> None:
    large = b"a,b\n" + b"1,2\n" * 1_100_000
    answer = sent(begun, OWN, ("large.csv", large))
    assert answer.status_code == 413
    assert "a data file may have 4 MB" in answer.text
    rows = sent(begun, OWN, ("rows.csv", b"a,b\n" + b"1,2\n" * 200_001))
    assert rows.status_code == 413
    assert "more than 200,000 rows" in rows.text
    many = [(f"f{each}.csv", WARDS) for each in range(11)]
    assert "at most 10 files" in sent(begun, OWN, *many).text
    assert sent(begun, OWN, *many[:10]).status_code == 303
    assert "may have 10 data files" in sent(begun, OWN, many[10]).text
    assert sent(begun, OWN, ("f1.csv", LATER)).status_code == 303


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"people": ""}, "Say whether the data name people."),
        ({"people": "invented"}, "Say in a sentence why"),
        ({"people": "permitted", "assurance": "yes"}, "Say in a sentence why"),
        ({"assurance": "long " * 300}, "Shorten this to 1000 characters."),
        ({"people": "everybody"}, "Not a valid choice"),
    ],
)
def test_the_question_about_people_is_answered(begun: FlaskClient, fields: dict[str, str], says: str) -> None:
    answer = sent(begun, OWN, ("wards.csv", WARDS), **fields)
    assert answer.status_code == 422
    assert says in answer.text
    assert "Choose at least one file." in sent(begun, OWN).text
    assert "would both be called" in sent(begun, OWN, ("a.csv", WARDS), ("a.csv", LATER)).text


IDS = b"cnic,waiting\n16101-1234567-1,3\n16101-7654321-9,4\n"


def test_columns_that_identify_people_are_taken_only_with_words(begun: FlaskClient, database: Engine) -> None:
    refused = sent(begun, OWN, ("people.csv", IDS))
    assert refused.status_code == 422
    assert "“cnic” in people.csv (CNIC numbers)" in refused.text
    with begin(database, read_only=True) as session:
        assert session.scalars(select(LabDataFile)).all() == []
    assert sent(begun, OWN, ("people.csv", IDS), people="invented", assurance=WORDS).status_code == 303
    page = begun.get(f"{OWN}/data").text
    assert "look as if they named people" in page
    assert WORDS in page
    assert STAYS_IN_LOG in page
    with begin(database, read_only=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "lab_data_vouched_for")).one()
        assert entry.detail["files"] == {"people.csv": ["cnic"]}
        assert WORDS in entry.detail["says"]


def test_columns_that_identify_people_are_listed_with_urdu_commas_in_urdu(begun: FlaskClient) -> None:
    begun.post("/language", data={"language": "ur", "next": "/"})
    content = b"cnic,mobile\n16101-1234567-1,0300-1234567\n"
    refused = sent(begun, OWN, ("people.csv", content)).text
    assert re.search(r"cnic[^<,]*، [^<,]*mobile", refused)


@pytest.mark.parametrize(
    ("heading", "values", "found"),
    [
        ("id", ["16101-1234567-1"], Likeness.CNIC),
        ("id", ["1610112345671", "3520212345672"], Likeness.CNIC),
        ("شناخت", ["۱۶۱۰۱-۱۲۳۴۵۶۷-۱"], Likeness.CNIC),
        ("remarks", ["road broken", "call me at 0300 1234567 please", ""], Likeness.TELEPHONE),
        ("reach", ["+92 300 1234567"], Likeness.TELEPHONE),
        ("office", ["0937-861234", "0937-861235"], Likeness.TELEPHONE),
        ("mobile", ["3001234567", "3451234567"], Likeness.TELEPHONE),
        ("موبائل", ["3001234567"], Likeness.TELEPHONE),
        ("to", ["amina@example.org"], Likeness.EMAIL),
        ("Father's name", ["Gul"], Likeness.NAME),
        ("نام", ["گل"], Likeness.NAME),
        ("budget", ["3001234567", "3451234567"], None),
        ("district_name", ["Mardan"], None),
        ("population", ["2373061", "1624616"], None),
        ("when", ["2025-01-31", "2025-02-28"], None),
        ("share", ["0.25", "-0.3"], None),
        ("empty", [], None),
    ],
)
def test_columns_look_like_people(heading: str, values: Sequence[str], found: Likeness | None) -> None:
    assert likeness(heading, [value for value in values if value]) == found


def kinds(table: DataTable) -> list[tuple[str, int]]:
    return [(column.kind, column.missing) for column in table.columns]


def test_columns_are_described(app: Flask) -> None:
    content = b"n,x,d,t,e\n1,0.5,2025-01-31,a,\n,2,2025-02-01,1_000,\n"
    with app.test_request_context():
        table = read("t.csv", content, limit_bytes=1_000)
        assert kinds(table) == [("whole", 1), ("number", 0), ("date", 0), ("text", 0), ("empty", 2)]
        with pytest.raises(Refused):
            read("t.csv", content, limit_bytes=10)


@pytest.mark.parametrize(
    "cells",
    [
        ("1", "NA", "3"),
        ("1.5", "n/a", "2"),
        ("", "NULL", "None"),
        ("2025-01-31", "nan", "2025-02-01"),
        ("1", " ", "3"),
        ("۱", "۲", "۳"),
        ("north", "NA", ""),
    ],
)
def test_a_column_is_described_as_pandas_reads_it(app: Flask, cells: Sequence[str]) -> None:
    content = "\n".join(["place,n", *(f"x,{each}" for each in cells)]).encode()
    with app.test_request_context():
        table = read("t.csv", content, limit_bytes=1_000)
    column = pandas.read_csv(io.BytesIO(table.content))["n"]
    described = table.columns[1]
    assert described.missing == column.isna().sum()
    assert (described.kind in ("whole", "number", "empty")) == pandas.api.types.is_numeric_dtype(column)
