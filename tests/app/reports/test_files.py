"""Records as files: one table in three formats, for whom it is, and what a spreadsheet must not compute."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook
from pyarrow import parquet
from sqlalchemy import select

from app.accounts.models import Account
from app.competencies.estimation import METHOD_VERSION
from app.core.audit import AuditEntry
from app.core.db import begin
from app.core.spreadsheets import harmless
from app.reports.tables import GROUPS, RECORDS
from tests.app.cohorts.conftest import give_evidence


def take(client, cohort, content, format_name):
    return client.post(f"/cohorts/{cohort.id}/records", data={"content": content, "format": format_name})


def rows_of_csv(answer) -> list[dict[str, str]]:
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.fixture
def known(enrol_many, cohort, people, database) -> list[Account]:
    trainees = enrol_many(3)
    with begin(database) as session:
        give_evidence(session, people.amina, outcome=0.0)
    return trainees


def test_the_three_formats_hold_the_same_records(people, sign_in, cohort, known):
    bilal = sign_in(people.bilal)
    text = rows_of_csv(take(bilal, cohort, "records", "csv"))
    book = load_workbook(io.BytesIO(take(bilal, cohort, "records", "xlsx").data))
    table = parquet.read_table(io.BytesIO(take(bilal, cohort, "records", "parquet").data))
    names = [column.name for column in RECORDS]
    assert list(text[0]) == names
    assert table.column_names == names
    assert [cell.value for cell in book["records"][1]] == names
    sheet = [dict(zip(names, row, strict=True)) for row in book["records"].iter_rows(min_row=2, values_only=True)]
    for one, other, typed in zip(text, sheet, table.to_pylist(), strict=True):
        for name in names:
            if name in ("enrolled_at", "computed_at"):
                continue
            assert one[name] == ("" if typed[name] is None else str(typed[name]))
            assert (other[name] or None) == (typed[name] or None)
    # Everybody is there, and no evidence is nothing and not zero.
    assert [row["trainee"] for row in text] == ["Amina", "Bushra", "Newcomer00", "Newcomer01", "Newcomer02"]
    assert (text[0]["estimate"], text[0]["pieces"]) == ("0.25", "1")
    assert (text[1]["estimate"], text[1]["level"], text[1]["pieces"]) == ("", "", "0")


def test_parquet_has_types_and_says_method_moment_and_meanings(people, sign_in, cohort, known):
    before = datetime.now(UTC)
    schema = parquet.read_schema(io.BytesIO(take(sign_in(people.bilal), cohort, "records", "parquet").data))
    types = {name: str(schema.field(name).type) for name in schema.names}
    assert (types["trainee_id"], types["estimate"], types["trainee"]) == ("int64", "double", "string")
    assert types["computed_at"] == "timestamp[us, tz=UTC]"
    said = {key.decode(): value.decode() for key, value in schema.metadata.items()}
    assert said["hunar.method"] == METHOD_VERSION
    assert datetime.fromisoformat(said["hunar.computed_at"]) >= before
    assert said["hunar.cohort"] == "Spring 2027"
    meanings = {name: schema.field(name).metadata[b"meaning"].decode() for name in schema.names}
    assert all(meanings.values())
    assert [entry[1] for entry in json.loads(said["hunar.dictionary"])][: len(RECORDS)] == schema.names


def test_the_workbook_has_a_dictionary_of_every_column_in_both_languages(people, sign_in, cohort, known):
    book = load_workbook(io.BytesIO(take(sign_in(people.bilal), cohort, "records", "xlsx").data))
    assert book.sheetnames == ["about", "records", "groups", "dictionary"]
    entries = list(book["dictionary"].iter_rows(min_row=2, values_only=True))
    assert [(entry[0], entry[1]) for entry in entries] == [
        *(("records", column.name) for column in RECORDS),
        *(("groups", column.name) for column in GROUPS),
    ]
    assert all(entry[4] and entry[5] for entry in entries)
    about = dict(book["about"].iter_rows(min_row=2, values_only=True))
    assert about["method"] == METHOD_VERSION
    assert "posting, promotion or discipline" in about["use"]


def test_figures_without_names_name_nobody_and_keep_the_rule(people, sign_in, cohort, enrol_many, make_cohort):
    enrol_many(24)
    small, middle = make_cohort("Small"), make_cohort("Middle")
    enrol_many(9, into=small, name="s")
    enrol_many(12, into=middle, name="m")
    farid = sign_in(people.farid)
    [exact], [withheld], [band] = (rows_of_csv(take(farid, each, "groups", "csv")) for each in (cohort, small, middle))
    assert (exact["state"], exact["mean_low"], exact["mean_high"]) == ("exact", "0.75", "0.75")
    assert (withheld["state"], withheld["trainees"], withheld["mean_low"], withheld["pieces"]) == (
        "withheld",
        "9",
        "",
        "",
    )
    assert (band["state"], band["mean_low"], band["mean_high"], band["interval_low"]) == ("band", "0.7", "0.8", "")
    book = load_workbook(io.BytesIO(take(farid, cohort, "groups", "xlsx").data))
    assert book.sheetnames == ["about", "groups", "dictionary"]
    assert "Newcomer" not in str([list(sheet.values) for sheet in book])


def test_records_are_for_those_who_may_see_them_on_the_pages(people, sign_in, cohort, known, open_record):
    farid, bilal = sign_in(people.farid), sign_in(people.bilal)
    assert "Records of each trainee, with names" in bilal.get(f"/cohorts/{cohort.id}/report").text
    # Who opens records one by one takes none of a whole cohort away.
    open_record(people.farid, people.amina)
    assert "Records of each trainee, with names" not in farid.get(f"/cohorts/{cohort.id}/report").text
    assert take(farid, cohort, "records", "csv").status_code == 422
    assert take(farid, cohort, "groups", "csv").status_code == 200
    assert take(sign_in(people.zahid), cohort, "records", "csv").status_code == 404
    assert take(sign_in(people.zahid), cohort, "groups", "csv").status_code == 404
    assert take(sign_in(people.amina), cohort, "groups", "csv").status_code == 403


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "＝1+1"])
def test_a_name_is_never_computed(people, sign_in, cohort, known, database, name):
    with begin(database) as session:
        session.get_one(Account, people.amina.id).full_name = name
    bilal = sign_in(people.bilal)
    found = {row["trainee"] for row in rows_of_csv(take(bilal, cohort, "records", "csv"))}
    assert f"'{name}" in found
    assert name not in found
    sheet = load_workbook(io.BytesIO(take(bilal, cohort, "records", "xlsx").data))["records"]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert f"'{name}" in {cell.value for cell in cells}
    assert "f" not in {cell.data_type for cell in cells}
    # Nothing computes what is in a Parquet file, so it says the name as it is.
    table = parquet.read_table(io.BytesIO(take(bilal, cohort, "records", "parquet").data))
    assert name in table.column("trainee").to_pylist()


def test_signs_that_a_workbook_cannot_hold_are_left_out():
    assert harmless("Am\x07ina") == "Amina"
    assert harmless("\x07=1+1") == "'=1+1"
    assert harmless(-1.5) == -1.5


def test_each_file_that_is_taken_is_in_the_audit_log(people, sign_in, cohort, known, database):
    bilal = sign_in(people.bilal)
    for content, format_name in (("records", "xlsx"), ("groups", "parquet")):
        answer = take(bilal, cohort, content, format_name)
        assert (
            answer.headers["Content-Disposition"] == f"attachment; filename=cohort-{cohort.id}-{content}.{format_name}"
        )
    with begin(database, read_only=True) as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.verb == "records_taken")).all()
    assert [each.detail for each in noted] == [
        {"content": "records", "format": "xlsx"},
        {"content": "groups", "format": "parquet"},
    ]
    assert {each.actor_id for each in noted} == {people.bilal.id}
    assert "took away the skill records of a cohort" in sign_in(people.farid).get("/audit").text


@pytest.mark.parametrize("typed", [{"content": "all", "format": "csv"}, {"content": "groups", "format": "ods"}])
def test_a_wrong_choice_is_told_and_nothing_is_noted(people, sign_in, cohort, known, database, typed):
    answer = sign_in(people.farid).post(f"/cohorts/{cohort.id}/records", data=typed)
    assert answer.status_code == 422
    assert "Choose one of the list." in answer.text
    with begin(database, read_only=True) as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.verb == "records_taken")).all() == []


def test_a_cohort_without_evidence_gives_files_without_rows(people, sign_in, cohort):
    farid = sign_in(people.farid)
    assert rows_of_csv(take(sign_in(people.bilal), cohort, "records", "csv")) == []
    assert parquet.read_table(io.BytesIO(take(farid, cohort, "groups", "parquet").data)).num_rows == 0
    assert load_workbook(io.BytesIO(take(farid, cohort, "groups", "xlsx").data))["groups"].max_row == 1
