"""Figures brought in from a workbook or CSV files: previewed with everything that is wrong, then all or nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine, func, select

from app.accounts.models import Account
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.db import begin
from app.foresight.columns import SHEETS
from app.foresight.example import example_workbook
from app.foresight.models import ForesightData, ForesightScenario
from tests.app.foresight.conftest import HOME
from tests.pages import Page

COMMON = "source,date,owner,quality"
MADE_UP = "made up,2026-06-30,Demo office,B"


def changed(sheet: str, row: int, **cells: object) -> bytes:
    """The example with other cells in a row, counted as a spreadsheet does."""
    book = load_workbook(io.BytesIO(example_workbook()))
    headings = [cell.value for cell in book[sheet][1]]
    for name, value in cells.items():
        book[sheet].cell(row=row, column=headings.index(name) + 1).value = value
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def without(sheet: str) -> bytes:
    book = load_workbook(io.BytesIO(example_workbook()))
    del book[sheet]
    return saved(book)


def sheet_alone(name: str, first_row: int = 1) -> Workbook:
    """A workbook that holds one sheet of the example, beginning in this row."""
    rows = load_workbook(io.BytesIO(example_workbook()))[name].iter_rows(values_only=True)
    book = Workbook()
    book.active.title = name
    for number, cells in enumerate(rows, first_row):
        for place, value in enumerate(cells, 1):
            book.active.cell(row=number, column=place, value=value)
    return book


def as_csv(name: str, **cells: object) -> tuple[str, bytes]:
    """A sheet of the example as a CSV file, with other cells in its first row."""
    rows = list(load_workbook(io.BytesIO(changed(name, 2, **cells)))[name].iter_rows(values_only=True))
    return f"{name}.csv", "\n".join(",".join(str(value) for value in row) for row in rows).encode()


def stored(database: Engine) -> list[ForesightData]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(ForesightData).order_by(ForesightData.id)))


def test_a_workbook_is_shown_and_then_becomes_the_first_version(
    farid: FlaskClient, database: Engine, upload: Callable
) -> None:
    address = upload()
    page = farid.get(address)
    assert "nothing has been changed yet" in page.text
    assert "Field officer" in page.text
    assert farid.get(f"{address}?sheet=capacity").text.count("residential") == 1
    answer = farid.post(f"{address}/accept", follow_redirects=True)
    assert "version 1" in answer.text
    assert [data.number for data in stored(database)] == [1]
    with begin(database, read_only=True) as session:
        assert session.scalar(select(func.count(ForesightScenario.id))) == 4
        assert "foresight_data_accepted" in session.scalars(select(AuditEntry.verb)).all()


def test_csv_files_replace_only_their_own_sheets(farid: FlaskClient, database: Engine, upload: Callable) -> None:
    farid.post(f"{upload()}/accept")
    text = f"mode;year;seats;trainer_hours;cost_pkr_per_seat;hours_per_seat;{COMMON.replace(',', ';')}\n"
    text += f"online;2026;۵۰;900;1000;8;{MADE_UP.replace(',', ';')}\n"
    farid.post(f"{upload(('Capacity.csv', text.encode()))}/accept")
    first, second = stored(database)
    assert (first.number, second.number) == (1, 2)
    with begin(database, read_only=True) as session:
        rows = session.get_one(ForesightData, second.id).rows
    assert [row["seats"] for row in rows["capacity"]] == [50]
    assert second.counts["posts"] == first.counts["posts"]
    assert "version 2" in farid.get(HOME).text


def test_a_sheet_whose_first_row_is_empty_is_read_all_the_same(
    farid: FlaskClient, database: Engine, upload: Callable
) -> None:
    farid.post(f"{upload()}/accept")
    book = sheet_alone("capacity", first_row=2)
    book.active.cell(row=3, column=3).value = 777
    book.create_sheet("intake")
    address = upload(("figures.xlsx", saved(book)))
    page = Page(farid.get(address).text).text
    assert "not known or empty, and are passed over: intake" in page
    assert farid.post(f"{address}/accept").status_code == 303
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(ForesightData.rows).where(ForesightData.number == 2)).one()
    assert rows["capacity"][0]["seats"] == 777
    assert rows["capacity"][0]["row"] == 3
    assert rows["intake"]


@pytest.mark.both_databases
def test_a_preview_made_before_other_figures_were_taken_over_is_refused(
    farid: FlaskClient, database: Engine, people: SimpleNamespace, sign_in: Callable, upload: Callable
) -> None:
    farid.post(f"{upload()}/accept")
    with begin(database) as session:
        session.get_one(Account, people.bilal.id).role = Role.ADMINISTRATOR
    preview = upload(as_csv("posts", women=1))
    bilal = sign_in(people.bilal)
    name, content = as_csv("capacity", seats=777)
    sent = bilal.post(f"{HOME}/data", data={"files": [(io.BytesIO(content), name)]})
    assert bilal.post(f"{sent.location}/accept").status_code == 303
    refused = farid.post(f"{preview}/accept")
    assert refused.status_code == 409
    assert "Other figures were taken over since this preview" in refused.text
    farid.post(f"{upload(as_csv('posts', women=1))}/accept")
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(ForesightData.rows).where(ForesightData.number == 3)).one()
    assert (rows["capacity"][0]["seats"], rows["posts"][0]["women"]) == (777, 1)


def test_a_later_preview_of_the_same_person_takes_the_place_of_the_former(database: Engine, upload: Callable) -> None:
    upload()
    upload()
    assert len(stored(database)) == 1


def test_a_cell_that_is_shown_in_percent_is_read_as_it_is_shown(
    farid: FlaskClient, database: Engine, upload: Callable
) -> None:
    book = load_workbook(io.BytesIO(example_workbook()))
    sheet = book["role_profile"]
    place = [cell.value for cell in sheet[1]].index("share_now_percent") + 1
    sheet.cell(row=2, column=place).value, sheet.cell(row=2, column=place).number_format = 0.25, "0%"
    assert farid.post(f"{upload(('figures.xlsx', saved(book)))}/accept").status_code == 303
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(ForesightData)).one().rows
    assert rows["role_profile"][0]["share_now_percent"] == 25


def test_the_template_names_every_column_in_both_languages_and_can_be_sent_back(
    farid: FlaskClient, upload: Callable
) -> None:
    content = farid.get(f"{HOME}/data/template").data
    book = load_workbook(io.BytesIO(content))
    explained = {(row[0], row[1]) for row in book["read me"].iter_rows(values_only=True)}
    for name, columns in SHEETS.items():
        assert [cell.value for cell in book[name][1]] == [column.name for column in columns]
        assert {(name, column.name) for column in columns} <= explained
    assert "محکمہ" in str(list(book["read me"].iter_rows(values_only=True)))
    page = farid.get(upload(("template.xlsx", content)))
    assert "has headings but no row" in page.text
    assert "read me" in page.text


@pytest.mark.parametrize(
    ("sheet", "cells", "words"),
    [
        ("posts", {"filled": "many"}, "filled “many”: write a whole number"),
        ("posts", {"filled": -3}, "write a whole number"),
        ("posts", {"filled": 2.5}, "write a whole number"),
        ("posts", {"women": 5_000}, "more women (5000) than filled"),
        ("posts", {"department": None}, "department is empty"),
        ("posts", {"department": "=A1"}, "holds a formula"),
        ("posts", {"department": "@SUM"}, "holds a formula"),
        ("posts", {"department": "x" * 300}, "is too long"),
        ("posts", {"department": "He\u200e\ue000alth"}, "cannot be read"),
        ("posts", {"year": 1815}, "write a year"),
        ("posts", {"date": "yesterday"}, "write the day like"),
        ("posts", {"quality": "D"}, "choose one of the words"),
        ("posts", {"source": None}, "source is empty"),
        ("retirements", {"department": "Navy"}, "no department “Navy”"),
        ("retirements", {"people": 100_000}, "More people retire and move"),
        ("transfers", {"to_department": "health"}, "leads to another department"),
        ("role_profile", {"competency": "D9.9"}, "no competency “D9.9”"),
        ("role_profile", {"cadre": "Admiral"}, "no cadre “Admiral”"),
        ("role_profile", {"min_level": 5}, "write a level from 1 to 4"),
        ("role_profile", {"critical": 2}, "write 1 or 0"),
        ("role_profile", {"share_now_percent": 120}, "write a number from 0 to 100"),
        ("role_profile", {"share_now_percent": "0,5"}, "write a number from 0 to 100"),
        ("adoption", {"scenario": "soon"}, "choose one of the words"),
        ("adoption", {"speed": 9}, "write a number from 0.1 to 3"),
        ("capacity", {"mode": "sauna"}, "choose one of the words"),
        ("capacity", {"mode": "workshop"}, "the same as row"),
        ("capacity", {"cost_pkr_per_seat": -1}, "write whole rupees"),
        ("capacity", {"hours_per_seat": 0}, "write whole hours"),
        ("capacity", {"group_size": 0}, "write a whole number from 1 to 1,000"),
        ("outcomes", {"reached": 900}, "More people reached the level"),
    ],
)
def test_what_is_wrong_is_said_with_its_sheet_and_row_and_nothing_is_taken_over(
    farid: FlaskClient, database: Engine, upload: Callable, sheet: str, cells: dict[str, object], words: str
) -> None:
    address = upload(("figures.xlsx", changed(sheet, 2, **cells)))
    text = Page(farid.get(address).text).text
    assert words in text
    assert f"{sheet}, row" in text
    refused = farid.post(f"{address}/accept")
    assert refused.status_code == 422
    assert "nothing was taken over" in refused.text
    assert [data.number for data in stored(database)] == [None]


def test_a_missing_sheet_and_a_missing_column_are_named(farid: FlaskClient, upload: Callable) -> None:
    assert "This sheet is needed" in farid.get(upload(("figures.xlsx", without("posts")))).text
    page = farid.get(upload(("posts.csv", b"department,district,colour\nHealth,Swat,red\n"))).text
    assert "these are missing: cadre, grade_band, year, sanctioned, filled" in page
    assert "posts: colour" in page


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("Filled", "posts, row 1 These headings are there twice: filled. Leave one column of each."),
        (None, "posts, row 2 A cell has no heading above it."),
    ],
)
def test_a_heading_that_is_there_twice_and_a_cell_without_one_are_wrong(
    farid: FlaskClient, upload: Callable, heading: str | None, words: str
) -> None:
    book = load_workbook(io.BytesIO(example_workbook()))
    spare = book["posts"].max_column + 1
    book["posts"].cell(row=1, column=spare).value = heading
    book["posts"].cell(row=2, column=spare).value = 1
    address = upload(("figures.xlsx", saved(book)))
    assert words in Page(farid.get(address).text).text
    assert farid.post(f"{address}/accept").status_code == 422


def test_more_departments_than_a_study_can_hold_are_refused(farid: FlaskClient, upload: Callable) -> None:
    rows = "".join(f"D{n},Swat,C{n},17,2026,9,9,{MADE_UP}\n" for n in range(61))
    heading = f"department,district,cadre,grade_band,year,sanctioned,filled,{COMMON}\n"
    text = farid.get(upload(("posts.csv", (heading + rows).encode()))).text
    assert "more than 40 departments" in text
    assert "more than 60 cadres" in text


def damaged() -> bytes:
    """The example, with twelve bytes of a packed sheet that say something else."""
    content = example_workbook()
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        begin = archive.getinfo(part).header_offset + 30 + len(part)
    return content[:begin] + bytes(byte ^ 255 for byte in content[begin : begin + 12]) + content[begin + 12 :]


@pytest.mark.parametrize(
    ("files", "status", "words"),
    [
        ([], 422, "Choose a file"),
        ([("notes.txt", b"hello")], 422, "no CSV file named after a sheet"),
        ([("posts.csv", b"")], 422, "The file is empty"),
        ([("posts.csv", b"\xff\xfe\x00")], 422, "letters of this file cannot be read"),
        ([("figures.xlsx", b"PK\x03\x04 broken")], 422, "no CSV file named after a sheet"),
        ([("figures.xlsx", damaged())], 422, "The workbook cannot be read"),
        ([("a.xlsx", example_workbook()), ("posts.csv", b"department\nHealth\n")], 422, "is there twice"),
        ([("a.xlsx", saved(Workbook()))], 422, "No sheet is known"),
    ],
    ids=["none", "text", "empty", "letters", "broken", "damaged", "twice", "unknown sheets"],
)
def test_files_that_cannot_be_read_are_refused_in_words(
    farid: FlaskClient, database: Engine, files: list[tuple[str, bytes]], status: int, words: str
) -> None:
    sent = {"files": [(io.BytesIO(content), name) for name, content in files]}
    answer = farid.post(f"{HOME}/data", data=sent, content_type="multipart/form-data")
    assert answer.status_code == status
    assert words in Page(answer.text).text
    assert stored(database) == []


def test_figures_are_taken_over_or_dropped_only_once(farid: FlaskClient, database: Engine, upload: Callable) -> None:
    address = upload()
    assert farid.post(f"{address}/drop").status_code == 303
    assert farid.get(address).status_code == 404
    address = upload()
    farid.post(f"{address}/accept")
    assert farid.post(f"{address}/accept").status_code == 409
    assert farid.post(f"{address}/drop").status_code == 409
    assert len(stored(database)) == 1


def test_the_pages_are_for_administrators(people: SimpleNamespace, sign_in: Callable) -> None:
    for person in (people.amina, people.bilal):
        assert sign_in(person).get(HOME).status_code == 403
