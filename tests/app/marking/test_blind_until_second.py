"""Who may still give the second mark reads the first one nowhere: on no page, in no file, and in no figure of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import Engine, select

from app.accounts.models import Account, Cohort
from app.cli import estimate_commands
from app.competencies.models import Evidence
from app.core.db import begin
from tests.app.conftest import LAB, by_memo_rubric, by_rubric
from tests.pages import Page

SignIn = Callable[[Account], FlaskClient]

AFTERWARDS = "after the second marking"
WORDS = "All is there."


@dataclass(frozen=True)
class Marked:
    """Work of amina that bilal has marked. page: where its mark stands; code: the competency that it is evidence of."""

    work: str
    page: str
    given: Callable[..., dict[str, object]]
    code: str


@pytest.fixture(params=["answers", "memos"])
def marked(
    request: pytest.FixtureRequest,
    people: SimpleNamespace,
    sign_in: SignIn,
    answered: Callable[..., str],
    written: Callable[..., str],
    mark_twice: Callable[[int], None],
    database: Engine,
) -> Marked:
    mark_twice(100)

    def by_memo(points: int, **others: object) -> dict[str, object]:
        return by_memo_rubric(points, 0, 0, **others)

    if request.param == "answers":
        work, page, given = answered(people.amina), "/results/submissions/1", by_rubric
    else:
        work, page, given = written(people.amina), "/runs/1", by_memo
    sign_in(people.bilal).post(f"/marking/{work}", data=given(3, comment=WORDS))
    with begin(database, read_only=True) as session:
        code = session.scalars(select(Evidence.competency).where(Evidence.scheme_id.is_not(None))).one()
    return Marked(work, page, given, code)


@pytest.fixture
def nadia(add_instructor: Callable[..., Account]) -> Account:
    """Another instructor of the class, who may give the second mark."""
    return add_instructor("nadia")


@pytest.mark.both_databases
def test_the_page_of_the_work_hides_the_mark_until_the_second_one_is_given(
    people: SimpleNamespace, sign_in: SignIn, marked: Marked, nadia: Account
) -> None:
    second = sign_in(nadia)
    hidden = second.get(marked.page).text
    assert "Marked; the mark is shown after the second marking." in hidden
    assert WORDS not in hidden
    assert people.bilal.full_name not in hidden
    for reader in (people.bilal, people.amina):
        shown = sign_in(reader).get(marked.page).text
        assert WORDS in shown
        assert AFTERWARDS not in shown
    assert second.post(f"/marking/{marked.work}/second", data=marked.given(1)).status_code == 303
    shown = second.get(marked.page).text
    assert WORDS in shown
    assert AFTERWARDS not in shown


def test_who_gave_the_second_mark_opens_the_first_to_all(
    sign_in: SignIn, marked: Marked, nadia: Account, add_instructor: Callable[..., Account]
) -> None:
    third = sign_in(add_instructor("salma"))
    assert WORDS not in third.get(marked.page).text
    sign_in(nadia).post(f"/marking/{marked.work}/second", data=marked.given(1))
    assert WORDS in third.get(marked.page).text


def test_an_administrator_who_has_opened_the_record_reads_the_mark(
    people: SimpleNamespace, sign_in: SignIn, marked: Marked, open_record: Callable[..., int]
) -> None:
    open_record(people.farid, people.amina)
    shown = sign_in(people.farid).get(f"/record/{people.amina.id}/{marked.code}").text
    assert "Estimate" in shown
    assert AFTERWARDS not in shown


def test_sums_lack_the_hidden_mark_and_say_so(
    people: SimpleNamespace,
    sign_in: SignIn,
    answered: Callable[..., str],
    mark_twice: Callable[[int], None],
    cohort: Cohort,
    nadia: Account,
) -> None:
    mark_twice(100)
    first, other = answered(people.amina), answered(people.bushra)
    bilal, second = sign_in(people.bilal), sign_in(nadia)
    bilal.post(f"/marking/{first}", data=by_rubric(3, comment=WORDS))
    bilal.post(f"/marking/{first}", data=by_rubric(4, comment="No, all of it.", seen="1"))
    lab = f"/cohorts/{cohort.id}/labs/{LAB}"
    for address in ("/results/submissions/1", "/results/submissions/1/status", lab):
        assert "6 of 6 points" in bilal.get(address).text
        hidden = Page(second.get(address).text).text
        assert "2 of 6 points so far; a mark is shown after the second marking" in hidden
        assert not [words for words in ("6 of 6", "5 of 6", "4 / 4", WORDS, "No, all of it.") if words in hidden]
    told = Page(second.get("/results/submissions/1").text).text
    assert told.count("was marked; the mark is shown after the second marking.") == 2
    # Of what nobody has marked nothing is hidden, and it waits as ever.
    assert "2 of 6 points so far" in second.get("/results/submissions/2").text
    assert AFTERWARDS not in second.get(f"/results/submissions/{other.split('/')[1]}").text


def test_which_attempt_counts_is_told_by_marks_that_are_hidden_too(
    people: SimpleNamespace,
    sign_in: SignIn,
    answered: Callable[..., str],
    mark_twice: Callable[[int], None],
    give_terms: Callable[..., None],
    cohort: Cohort,
    nadia: Account,
) -> None:
    mark_twice(100)
    give_terms(counts="best")
    better, _later = answered(people.amina, key="one"), answered(people.amina, key="two")
    sign_in(people.bilal).post(f"/marking/{better}", data=by_rubric(4))
    page = Page(sign_in(nadia).get(f"/cohorts/{cohort.id}/labs/{LAB}").text).text
    assert "attempt 1" in page
    assert "2 of 6 points so far; a mark is shown" in page


def test_a_request_for_a_regrade_opens_the_mark(
    people: SimpleNamespace,
    sign_in: SignIn,
    answered: Callable[..., str],
    mark_twice: Callable[[int], None],
    nadia: Account,
) -> None:
    mark_twice(100)
    sign_in(people.bilal).post(f"/marking/{answered(people.amina)}", data=by_rubric(3, comment=WORDS))
    second = sign_in(nadia)
    assert WORDS not in second.get("/results/submissions/1").text
    asked = sign_in(people.amina).post("/results/submissions/1/answer/regrade", data={"reason": "Line two says it."})
    assert asked.status_code == 303
    assert WORDS in second.get("/results/submissions/1").text


def test_no_estimate_of_the_person_rests_on_the_hidden_mark(
    people: SimpleNamespace, sign_in: SignIn, marked: Marked, cohort: Cohort, nadia: Account
) -> None:
    first, second = sign_in(people.bilal), sign_in(nadia)
    record, code = f"/record/{people.amina.id}", marked.code
    pages = (record, f"{record}/{code}", f"/passport/{people.amina.id}", f"/cohorts/{cohort.id}")
    addresses = (*pages, f"/cohorts/{cohort.id}/competencies/{code}")
    for address in addresses:
        assert AFTERWARDS not in first.get(address).text
        assert AFTERWARDS in second.get(address).text
    # What follows from it stands there for the first marker alone.
    assert "Pulls the estimate" in first.get(f"{record}/{code}").text
    assert "Pulls the estimate" not in second.get(f"{record}/{code}").text
    changes = f"{record}?since=2020-01-01"
    assert f'<h3><a href="{record}/{code}"' in first.get(changes).text
    assert f'<h3><a href="{record}/{code}"' not in second.get(changes).text
    second.post(f"/marking/{marked.work}/second", data=marked.given(1))
    for address in addresses:
        assert AFTERWARDS not in second.get(address).text


def test_files_hold_no_figure_that_rests_on_the_hidden_mark_and_are_proved_all_the_same(
    app: Flask,
    people: SimpleNamespace,
    sign_in: SignIn,
    marked: Marked,
    cohort: Cohort,
    nadia: Account,
    tmp_path: Path,
) -> None:
    app.cli.add_command(estimate_commands)
    first, second = sign_in(people.bilal), sign_in(nadia)
    tables = [reader.get(f"/record/{people.amina.id}/estimates.csv").text for reader in (first, second)]
    figures = [
        [row[name] for name in ("estimate", "low", "high", "level", "pieces")]
        for table in tables
        for row in csv.DictReader(io.StringIO(table))
        if row["competency"] == marked.code
    ]
    assert figures[0][0]
    assert figures[1] == [""] * 5
    for number, table in enumerate(tables):
        kept = tmp_path / f"{number}.csv"
        kept.write_text(table)
        assert app.test_cli_runner().invoke(args=["estimates", "verify", str(kept)]).exit_code == 0
    for reader, is_hidden in ((first, False), (second, True)):
        asked = [
            reader.post(f"/cohorts/{cohort.id}/records", data={"content": "records", "format": name}).data
            for name in ("csv", "xlsx")
        ]
        rows = csv.DictReader(io.StringIO(asked[0].decode("utf-8-sig")))
        [row] = [each for each in rows if (each["trainee"], each["competency"]) == ("Amina", marked.code)]
        heads, *others = load_workbook(io.BytesIO(asked[1]))["records"].iter_rows(values_only=True)
        [cells] = [
            sheet
            for each in others
            if ((sheet := dict(zip(heads, each, strict=True)))["trainee"], sheet["competency"])
            == ("Amina", marked.code)
        ]
        for name in ("estimate", "low", "high", "pieces"):
            assert (row[name] == "") is is_hidden
            assert (cells[name] is None) is is_hidden
