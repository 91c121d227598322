"""Files of people as they come: what is written is read back, and what a file may do to the reader is bounded."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from app.core.errors import Refused
from app.core.spreadsheets import MOST_COLUMNS, MOST_ROWS, plain, read_csv
from app.people.columns import COLUMNS, GivenRow
from app.people.oneroster import MOST_ROWS_ABOUT_PEOPLE
from app.people.reading import read_file

TODAY = date(2027, 3, 1)
HEADINGS = ["username", "full_name", "department", "grade", "posting_date"]
CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.fixture(autouse=True)
def request_context(app: Flask):
    with app.test_request_context():
        yield


def as_csv(rows: list[list[str]], separator: str = ",") -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue()


def read(text: str, encoding: str = "utf-8") -> list[GivenRow]:
    return read_file(text.encode(encoding), today=TODAY).rows


def codes(rows: list[GivenRow]) -> list[tuple[int, str, str]]:
    return [(row.number, problem.column, problem.code) for row in rows for problem in row.problems]


@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=8),
    separator=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_whatever_the_csv_writer_wrote_is_read_back(rows: list[list[str]], separator: str, encoding: str) -> None:
    text = as_csv([["username", "full_name", "name 3", "name 4", "name 5", "name 6"], *rows], separator)
    sheet = read_csv(text.encode(encoding), lambda cell: plain(cell) in COLUMNS)
    written = [(number, row) for number, row in enumerate(rows, 2) if any(cell.strip() for cell in row)]
    assert [number for number, _cells in sheet.rows] == [number for number, _row in written]
    for (_number, cells), (_same, row) in zip(sheet.rows, written, strict=True):
        assert list(cells[: len(row)]) == row
        assert not any(cells[len(row) :])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_usual_encoding_and_separator_says_the_same(encoding: str, separator: str) -> None:
    rows = [
        ["username", "نام", "محکمہ", "گریڈ", "تعیناتی کی تاریخ"],
        ["n.khan", "نازیہ خان", "صحت", "۱۷", "31/01/2026"],
    ]
    [row] = read(as_csv(rows, separator), encoding)
    assert row.username == "n.khan"
    assert row.values == {
        "full_name": "نازیہ خان",
        "department": "صحت",
        "grade": 17,
        "posting_date": date(2026, 1, 31),
    }
    assert row.problems == []


def test_letters_of_an_unknown_encoding_are_refused_with_advice() -> None:
    with pytest.raises(Refused, match="CSV UTF-8"):
        read("username,name\nn.khan,Zoë Naïve\n", "latin-1")


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (["n khan", "Nazia", "", "", ""], ("username", "username")),
        (["", "Nazia", "", "", ""], ("username", "missing")),
        (["nazia", "x" * 121, "", "", ""], ("full_name", "too_long")),
        (["nazia", "=HYPERLINK(1)", "", "", ""], ("full_name", "formula")),
        (["nazia", "Nazia", "@SUM(1)", "", ""], ("department", "formula")),
        (["nazia", "Naz\x07ia", "", "", ""], ("full_name", "unreadable")),
        (["nazia", "Nazia", "", "23", ""], ("grade", "grade")),
        (["nazia", "Nazia", "", "0", ""], ("grade", "grade")),
        (["nazia", "Nazia", "", "seventeen", ""], ("grade", "grade")),
        (["nazia", "Nazia", "", "", "31/02/2026"], ("posting_date", "posting_date")),
        (["nazia", "Nazia", "", "", "2026-01-31 or later"], ("posting_date", "posting_date")),
        (["nazia", "Nazia", "", "", "2027-03-02"], ("posting_date", "posting_date_range")),
        (["nazia", "Nazia", "", "", "1947-08-14"], ("posting_date", "posting_date_range")),
        (["nazia", "Nazia", "", "", "", "beyond"], ("", "cell_without_heading")),
    ],
)
def test_a_wrong_cell_is_named_with_its_row_and_column(cells: list[str], problem: tuple[str, str]) -> None:
    assert codes(read(as_csv([HEADINGS, cells]))) == [(2, *problem)]


@pytest.mark.parametrize("grade", ["17", "BPS-17", "bps 17", "BS-17", "۱۷"])
def test_a_grade_is_read_as_people_write_it(grade: str) -> None:
    [row] = read(as_csv([HEADINGS, ["nazia", "Nazia", "", grade, ""]]))
    assert row.values["grade"] == 17


def test_the_second_row_of_a_person_is_wrong_and_names_the_first() -> None:
    rows = read(as_csv([HEADINGS, ["nazia", "Nazia", "", "", ""], [], ["NAZIA", "Nazia K.", "", "", ""]]))
    assert codes(rows) == [(4, "username", "repeated")]
    assert rows[1].problems[0].value == "2"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("username,full name\n", "no person"),
        ("username,department\nnazia,Health\n", "full name"),
        ("username,full name,name\nnazia,Nazia,Nazia\n", "Two columns"),
        ("username,full name\n" + "\n".join(f"u{n},U" for n in range(MOST_ROWS + 1)), "10,000 rows"),
        ("username,full name\nnazia,Nazia" + ",x" * MOST_COLUMNS, "cells"),
        (f"username,full name\nnazia,{'x' * 1001}\n", "longer"),
        ('username,full name\nnazia,"' + "x" * 140_000, "CSV"),
    ],
    ids=["empty", "no row", "no name", "twice", "too many", "too wide", "too long", "no end of a quotation"],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        read(text)
    assert words in refused.value.message


def workbook(fill: Callable[[Workbook], None]) -> bytes:
    book = Workbook()
    fill(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_workbook_is_read_with_its_dates_and_numbers() -> None:
    def fill(book: Workbook) -> None:
        book.active.append(["صارف نام", "نام", "grade", "posting date"])
        book.active.append(["nazia", "نازیہ", 17, date(2026, 1, 31)])
        book.active.append([12345.0, "Number", 18.0, "2026-02-01"])

    rows = read_file(workbook(fill), today=TODAY).rows
    assert [row.username for row in rows] == ["nazia", "12345"]
    assert rows[0].values == {"full_name": "نازیہ", "grade": 17, "posting_date": date(2026, 1, 31)}
    assert rows[1].values["grade"] == 18


@pytest.mark.parametrize("column", [MOST_COLUMNS + 1, MOST_COLUMNS + 40])
def test_a_workbook_too_wide_is_refused_as_a_csv_is(column: int) -> None:
    def fill(book: Workbook) -> None:
        book.active.append(["username", "full name"])
        book.active.append(["nazia", "Nazia Khan"])
        book.active.cell(1, column, "grade")
        book.active.cell(2, column, 17)

    with pytest.raises(Refused) as refused:
        read_file(workbook(fill), today=TODAY)
    assert f"more than {MOST_COLUMNS} cells" in refused.value.message


def test_cells_that_are_formatted_and_empty_make_no_table_too_wide() -> None:
    def fill(book: Workbook) -> None:
        book.active.append(["username", "full name"])
        book.active.append(["nazia", "Nazia Khan"])
        for row in (1, 2):
            book.active.cell(row, MOST_COLUMNS + 40).number_format = "0.00"

    assert [row.values for row in read_file(workbook(fill), today=TODAY).rows] == [{"full_name": "Nazia Khan"}]
    commas = "," * MOST_COLUMNS
    assert [row.values for row in read(f"username,full name{commas}\nnazia,Nazia Khan{commas}\n")] == [
        {"full_name": "Nazia Khan"}
    ]


def test_a_formula_in_a_workbook_is_not_taken_for_its_value() -> None:
    def fill(book: Workbook) -> None:
        book.active.append(["username", "name", "grade"])
        book.active.append(["nazia", '="Naz"&"ia"', "=16+1"])

    rows = read_file(workbook(fill), today=TODAY).rows
    assert codes(rows) == [(2, "full_name", "formula"), (2, "grade", "formula")]


def packed(parts: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "parts",
    [
        {"users.csv": b"0" * (65 * 1024 * 1024)},
        {"[Content_Types].xml": "", "xl/worksheets/sheet1.xml": b" " * (65 * 1024 * 1024)},
        {f"part{number}": "" for number in range(501)},
    ],
    ids=["archive", "workbook", "many parts"],
)
def test_what_would_grow_when_unpacked_is_refused_before_it_is(parts: dict[str, str | bytes]) -> None:
    content = packed(parts)
    assert len(content) < 1024 * 1024
    with pytest.raises(Refused, match="Unpacked"):
        read_file(content, today=TODAY)


def test_entities_that_multiply_in_a_workbook_are_refused() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    book = workbook(lambda book: book.active.append(["username", "name"]))
    parts = {
        name: zipfile.ZipFile(io.BytesIO(book)).read(name) for name in zipfile.ZipFile(io.BytesIO(book)).namelist()
    }
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    parts["xl/worksheets/sheet1.xml"] = laughs.encode() + sheet.replace("<sheetData>", "<sheetData>&b;").encode()
    with pytest.raises(Refused, match="cannot be read"):
        read_file(packed(parts), today=TODAY)


@pytest.mark.parametrize("content", [b"PK\x03\x04 and nothing that belongs there", b"PK"])
def test_a_damaged_archive_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="damaged"):
        read_file(content, today=TODAY)


def list_of_people(book: Workbook) -> None:
    book.active.append(["username", "name"])
    for number in range(60):
        book.active.append([f"officer{number}", f"Officer {number}"])


@pytest.mark.parametrize("kind", ["workbook", "archive", "archive packed by LZMA"])
@given(place=st.floats(0, 1, exclude_max=True), damage=st.binary(min_size=1, max_size=12))
def test_whatever_bytes_of_a_packed_file_are_damaged_it_is_read_or_refused(
    kind: str, place: float, damage: bytes
) -> None:
    if kind == "workbook":
        content = workbook(list_of_people)
    else:
        people = "".join(f"u{number},officer{number},Officer,Number {number}\n" for number in range(60))
        method = zipfile.ZIP_LZMA if kind.endswith("LZMA") else zipfile.ZIP_DEFLATED
        content = packed({"users.csv": f"sourcedId,username,givenName,familyName\n{people}"}, method)
    begin = int(place * len(content))
    other = bytes(byte ^ (change or 255) for byte, change in zip(content[begin:], damage, strict=False))
    damaged = content[:begin] + other + content[begin + len(other) :]
    with contextlib.suppress(Refused):
        assert read_file(damaged, today=TODAY).rows


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "users.csv"])
def test_a_part_that_cannot_be_unpacked_is_refused(part: str) -> None:
    content = one_roster() if part == "users.csv" else workbook(list_of_people)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        begin = archive.getinfo(part).header_offset + 30 + len(part)
    damaged = content[:begin] + bytes(byte ^ 255 for byte in content[begin : begin + 12]) + content[begin + 12 :]
    with pytest.raises(Refused, match=r"cannot be read|cannot be unpacked"):
        read_file(damaged, today=TODAY)


def one_roster(**parts: str) -> bytes:
    users = (
        "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,"
        "email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,resourceSourcedIds,preferredGivenName,"
        "preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns\n"
        "u1,,,true,nazia,,Nazia,Khan,Gul,,,,,,,secret,,,,,,o1,\n"
        "u2,,,true,omar,,Omar,Malik,,,,,,,,,,,,,,o2,\n"
        "u3,,,false,gone,,Gone,Away,,,,,,,,,,,,,,o2,\n"
    )
    standard = {
        "manifest": "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\n",
        "users": users,
        "roles": (
            "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
            "userProfileSourcedId\nr1,,,u1,primary,student,,,o1,\nr2,,,u2,secondary,student,,,o2,\n"
            "r3,,,u2,primary,teacher,,,o2,\n"
        ),
        "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\no1,,,Health,department,,\n",
        "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId\nc1,,,Spring 2027,,\n",
        "enrollments": (
            "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,"
            "endDate\ne1,,,c1,o1,u1,student,,,\ne2,,,c1,o1,u2,teacher,,,\n"
        ),
    }
    return packed({f"{name}.csv": text for name, text in (standard | parts).items()})


def test_a_one_roster_archive_gives_names_departments_roles_and_cohorts() -> None:
    rows = read_file(one_roster(), today=TODAY).rows
    assert [(row.username, row.cohorts) for row in rows] == [("nazia", ["Spring 2027"]), ("omar", []), ("gone", [])]
    assert rows[0].values == {"full_name": "Nazia Gul Khan", "department": "Health", "role": "trainee"}
    assert rows[1].values == {"full_name": "Omar Malik", "role": "instructor"}
    assert codes(rows) == [(4, "", "to_be_removed")]


def test_classes_and_organisations_that_are_to_be_deleted_give_nobody_a_cohort_or_a_department() -> None:
    rows = read_file(
        one_roster(
            orgs="sourcedId,status,name\no1,tobedeleted,Health\no2,active,Education\n",
            classes="sourcedId,status,title\nc1,tobedeleted,Spring 2027\n",
        ),
        today=TODAY,
    ).rows
    assert [(row.values.get("department"), row.cohorts, row.teaches) for row in rows[:2]] == [
        (None, [], []),
        ("Education", [], []),
    ]


USERS = "sourcedId,username,givenName,familyName"


@pytest.mark.parametrize(
    "users",
    [
        f"{USERS},primaryOrgSourcedId\nu1,nazia,Nazia,Khan,\n",
        f"{USERS},primaryOrgSourcedId\nu1,nazia,Nazia,Khan,o9\n",
        f"{USERS}\nu1,nazia,Nazia,Khan\n",
    ],
    ids=["empty", "unknown", "no such heading"],
)
def test_where_a_user_names_no_known_organisation_that_of_the_primary_role_is_the_department(users: str) -> None:
    [row] = read_file(one_roster(users=users), today=TODAY).rows
    assert row.values["department"] == "Health"


def test_of_several_organisations_the_first_that_is_known_is_the_department() -> None:
    users = f'{USERS},role,orgSourcedIds\nu1,nazia,Nazia,Khan,student,"o9, o1"\n'
    roles = "sourcedId,userSourcedId,role\n"
    [row] = read_file(one_roster(users=users, roles=roles), today=TODAY).rows
    assert row.values["department"] == "Health"


def test_people_may_be_in_more_classes_than_a_file_may_have_people() -> None:
    number = MOST_ROWS // 2 + 1
    users = "".join(f"u{each},officer{each},Officer,Number\n" for each in range(number))
    enrolments = "".join(f"c{of},u{each},student\n" for each in range(number) for of in (1, 2))
    rows = read_file(
        one_roster(
            users=f"{USERS}\n{users}",
            roles="userSourcedId,role\n",
            classes="sourcedId,title\nc1,Spring 2027\nc2,Autumn 2027\n",
            enrollments=f"classSourcedId,userSourcedId,role\n{enrolments}",
        ),
        today=TODAY,
    ).rows
    assert len(rows) == number
    assert all(row.cohorts == ["Autumn 2027", "Spring 2027"] for row in rows)


def test_more_enrolments_than_a_process_has_memory_for_are_refused() -> None:
    enrolments = "classSourcedId,userSourcedId,role\n" + "c1,u1,student\n" * (MOST_ROWS_ABOUT_PEOPLE + 1)
    with pytest.raises(Refused, match="more than 100,000 rows"):
        read_file(one_roster(enrollments=enrolments), today=TODAY)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"users": "sourcedId,username\nu1,nazia\n"}, "givenName"),
        ({"enrollments": "sourcedId,role\ne1,student\n"}, "classSourcedId"),
    ],
)
def test_a_one_roster_archive_without_a_needed_heading_is_refused(parts: dict[str, str], words: str) -> None:
    with pytest.raises(Refused, match=words):
        read_file(one_roster(**parts), today=TODAY)


def test_an_archive_of_something_else_is_refused() -> None:
    with pytest.raises(Refused, match=r"users\.csv"):
        read_file(packed({"letter.txt": "dear"}), today=TODAY)
