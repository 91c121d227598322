"""An administrator makes a release: of whom, what is in it, what it costs, and what is kept of it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from random import Random
from types import SimpleNamespace

import pyarrow
import pytest
from flask.testing import FlaskClient
from pyarrow import parquet
from sqlalchemy import Engine, delete, event, select, update

from app.accounts import consent
from app.accounts.models import Account, Posting
from app.competencies.models import MEMOS, EvidenceKind
from app.competencies.service import WEIGHTS, record_evidence, scheme_of
from app.core import clock
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.db import begin
from app.research import queries
from app.research.material import tables
from app.research.models import ResearchRelease
from app.research.parquet import TypedColumn, TypedTable, as_parquet
from tests.pages import without_tokens

PAGE, RELEASE = "/administration/research", "/administration/research/release.zip"
SAID = {"purpose": "How offices learn to ask.", "recipient": "University of Peshawar"}
LONELY = "Office of the Single Clerk"


@pytest.fixture
def add(database: Engine) -> Callable[..., list[int]]:
    """Trainees of an academy with a posting and evidence, who agree to research or say nothing; their numbers."""

    def make(academy_id: int, count: int, *, agrees: bool, department: str = "Health", grade: int = 17) -> list[int]:
        made = []
        with begin(database) as session:
            for number in range(count):
                person = Account(
                    academy_id=academy_id,
                    username=f"user.{department.lower().replace(' ', '.')}.{agrees}.{number}",
                    full_name=f"Gulalai Marwat {number}",
                    role=Role.TRAINEE,
                    password_hash="",
                    created_at=clock.now(),
                )
                session.add(person)
                session.flush()
                session.add(Posting(account_id=person.id, department=department, grade=grade, district="Mardan"))
                record_evidence(
                    session,
                    person,
                    competency="D2.1",
                    level=2,
                    kind=EvidenceKind.QUIZ_ITEM,
                    outcome=(number % 5) / 4,
                    source=f"quiz_attempt:{person.id}",
                    part="item",
                )
                if agrees:
                    consent.answer(session, person.id, consent.Purpose.RESEARCH, is_given=True)
                made.append(person.id)
        return made

    return make


PARQUET = {"persons.parquet", "evidence.parquet", "counts.parquet"}


def files_of(content: bytes) -> dict[str, str]:
    """The texts of a release."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist() if name not in PARQUET}


def parquet_of(content: bytes) -> dict[str, pyarrow.Table]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert set(archive.namelist()) >= PARQUET
        return {name.removesuffix(".parquet"): parquet.read_table(io.BytesIO(archive.read(name))) for name in PARQUET}


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def kept(database: Engine) -> list[ResearchRelease]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(ResearchRelease).order_by(ResearchRelease.id)))


@pytest.mark.both_databases
def test_a_release_holds_who_agreed_and_whoever_is_too_rare_is_left_out(
    database: Engine, people: SimpleNamespace, farid: FlaskClient, add: Callable
) -> None:
    home = people.farid.academy_id
    agreed = add(home, 24, agrees=True)
    rare = add(home, 2, agrees=True, department=LONELY, grade=21)
    silent = add(home, 5, agrees=False, department="Revenue")
    add(people.zahid.academy_id, 12, agrees=True, department="Police")
    page = farid.get(PAGE).text
    assert ">26<" in page
    assert "40 of 40" in page
    answer = farid.post(RELEASE, data=SAID)
    assert answer.status_code == 200
    files = files_of(answer.data)
    assert set(files) == {"persons.csv", "evidence.csv", "counts.csv", "dictionary.csv", "dictionary.html"}
    persons, evidence = rows_of(files["persons.csv"]), rows_of(files["evidence.csv"])
    assert len(persons) == len(evidence) == 24
    assert {(row["department"], row["grade_band"], row["district"]) for row in persons} == {
        ("Health", "BS 17-18", "Mardan")
    }
    assert {row["person"] for row in evidence} == {row["person"] for row in persons}
    [release] = kept(database)
    assert (release.people, release.suppressed, release.smallest_class, release.diversity) == (24, 2, 24, 5)
    assert release.sha256 == hashlib.sha256(answer.data).hexdigest()
    everything = " ".join(files.values())
    with begin(database, read_only=True) as session:
        for person in session.scalars(select(Account)):
            assert person.username not in everything
            assert not re.search(rf"\b{re.escape(person.full_name)}\b", everything)
    for foreign in (LONELY, "Revenue", "Police", "quiz_attempt", "Peshawar", "How offices learn"):
        assert foreign not in everything
    assert not re.search(r"20\d\d-\d\d|\d\d:\d\d", everything)
    assert not {row["person"] for row in persons} & {str(number) for number in (*agreed, *rare, *silent)}


def test_each_column_is_in_the_dictionary_in_both_languages(
    people: SimpleNamespace, farid: FlaskClient, add: Callable
) -> None:
    add(people.farid.academy_id, 12, agrees=True)
    files = files_of(farid.post(RELEASE, data=SAID).data)
    known = {(row["file"], row["column"]): row for row in rows_of(files["dictionary.csv"])}
    for name in ("persons.csv", "evidence.csv", "counts.csv"):
        columns = next(csv.reader(io.StringIO(files[name])))
        assert [column for file, column in known if file == name] == columns
        for column in columns:
            assert f"{name}: {column}" in files["dictionary.html"]
    for row in known.values():
        assert all(row.values())
        assert re.search("[\N{ARABIC LETTER ALEF}-\N{ARABIC LETTER YEH}]", row["meaning_ur"])
        assert row["meaning_en"].isascii()


def test_the_dictionary_says_that_the_weight_is_that_of_the_kind_alone(
    people: SimpleNamespace, farid: FlaskClient, add: Callable, database: Engine
) -> None:
    home = people.farid.academy_id
    add(home, 12, agrees=True)
    with begin(database) as session:
        scheme = scheme_of(session, home, MEMOS)
        agreeing = Account.id.in_(consent.agreeing(home, consent.Purpose.RESEARCH))
        for person in session.scalars(select(Account).where(agreeing)):
            record_evidence(
                session,
                person,
                competency="D4.2",
                level=2,
                kind=EvidenceKind.WRITTEN_PRODUCT,
                outcome=0.5,
                difficulty=2.0,
                source=f"run:{person.id}",
                part="memo",
                at=clock.now() - timedelta(days=400),
                scheme=scheme,
            )
    files = files_of(farid.post(RELEASE, data=SAID).data)
    weights = {row["weight"] for row in rows_of(files["evidence.csv"]) if row["kind"] == EvidenceKind.WRITTEN_PRODUCT}
    assert weights == {f"{WEIGHTS[EvidenceKind.WRITTEN_PRODUCT]:g}"}
    [said] = [row for row in rows_of(files["dictionary.csv"]) if row["column"] == "weight"]
    assert said["meaning_en"] == (
        "Weight of its kind, less in a quiz that was taken again; what it counts in the estimate follows from it by "
        "how reliable marks of people are, by difficulty, by age and by how many pieces count"
    )


def test_parquet_holds_the_same_with_types_and_the_dictionary_in_its_metadata(
    people: SimpleNamespace, farid: FlaskClient, add: Callable
) -> None:
    add(people.farid.academy_id, 24, agrees=True)
    content = farid.post(RELEASE, data=SAID).data
    texts, tables = files_of(content), parquet_of(content)
    dictionary = rows_of(texts["dictionary.csv"])
    for name, table in tables.items():
        rows = rows_of(texts[f"{name}.csv"])
        assert [
            {column: "" if value is None else value for column, value in row.items()} for row in table.to_pylist()
        ] == [{column: typed(table.schema.field(column).type, cell) for column, cell in row.items()} for row in rows]
        said = [row for row in dictionary if row["file"] == f"{name}.csv"]
        kept = json.loads(table.schema.metadata[b"hunar.dictionary"])
        assert [{"file": f"{name}.csv", **each} for each in kept] == said
        for each in said:
            of_field = table.schema.field(each["column"]).metadata
            assert of_field[b"meaning_en"].decode() == each["meaning_en"]
            assert of_field[b"meaning_ur"].decode() == each["meaning_ur"]
        assert table.schema.metadata[b"hunar.k"] == b"10"
        assert table.schema.metadata[b"hunar.people"] == b"24"
    types = {field.name: str(field.type) for table in tables.values() for field in table.schema}
    assert (types["person"], types["week"], types["outcome"], types["people"]) == ("string", "int64", "double", "int64")


def typed(kind: pyarrow.DataType, cell: str) -> str | int | float:
    if pyarrow.types.is_string(kind) or not cell:
        return cell
    return int(cell) if pyarrow.types.is_integer(kind) else float(cell)


def test_a_release_with_a_column_that_nobody_has_a_number_in_is_a_release() -> None:
    column = TypedColumn("mean_outcome", "decimal", {"meaning_en": "x"})
    for lines in ((("",),), ()):
        found = parquet.read_table(io.BytesIO(as_parquet(TypedTable("persons.parquet", (column,), lines, {}))))
        assert found.to_pylist() == [{"mean_outcome": None}] * len(lines)
        assert str(found.schema.field("mean_outcome").type) == "double"


def test_a_department_that_a_spreadsheet_would_compute_is_marked_as_a_text_and_counts_stay_numbers(
    people: SimpleNamespace, farid: FlaskClient, add: Callable
) -> None:
    add(people.farid.academy_id, 12, agrees=True, department="=2+3")
    files = files_of(farid.post(RELEASE, data=SAID).data)
    assert {row["department"] for row in rows_of(files["persons.csv"])} == {"'=2+3"}
    for row in csv.reader(io.StringIO(files["counts.csv"].partition("\r\n")[2])):
        int(row[-1])


def test_pseudonyms_are_others_in_every_release(people: SimpleNamespace, farid: FlaskClient, add: Callable) -> None:
    add(people.farid.academy_id, 12, agrees=True)
    names = [
        {row["person"] for row in rows_of(files_of(farid.post(RELEASE, data=SAID).data)["persons.csv"])}
        for _time in range(2)
    ]
    assert [len(each) for each in names] == [12, 12]
    assert names[0] & names[1] == set()


def test_whoever_withdraws_is_in_no_later_release(
    database: Engine, people: SimpleNamespace, farid: FlaskClient, sign_in: Callable, add: Callable
) -> None:
    add(people.farid.academy_id, 11, agrees=True)
    amina = sign_in(people.amina)
    with begin(database) as session:
        session.add(Posting(account_id=people.amina.id, department="Health", grade=17, district="Mardan"))
    amina.post("/account/choices", data={"purpose": "research", "answer": "yes"})
    farid.post(RELEASE, data=SAID)
    assert "You have agreed" in amina.get("/account/choices").text
    amina.post("/account/choices", data={"purpose": "research", "answer": "no"})
    farid.post(RELEASE, data=SAID)
    assert [each.people for each in kept(database)] == [12, 11]


def test_trainees_read_what_was_released_and_for_whom(
    people: SimpleNamespace, farid: FlaskClient, sign_in: Callable, add: Callable
) -> None:
    add(people.farid.academy_id, 10, agrees=True)
    farid.post(RELEASE, data=SAID)
    told = sign_in(people.amina).get("/account/choices").text
    assert SAID["purpose"] in told
    assert SAID["recipient"] in told
    assert SAID["purpose"] not in sign_in(people.zara).get("/account/choices").text


def test_below_ten_nothing_is_made(
    database: Engine, people: SimpleNamespace, farid: FlaskClient, add: Callable
) -> None:
    add(people.farid.academy_id, 9, agrees=True)
    add(people.farid.academy_id, 9, agrees=False, department="Revenue")
    page = farid.get(PAGE).text
    assert "Fewer than ten trainees have agreed" in page
    assert RELEASE not in page
    answer = farid.post(RELEASE, data=SAID)
    assert answer.status_code == 422
    assert "Fewer than ten" in answer.text
    assert kept(database) == []


def test_a_wording_that_changed_is_no_consent_until_it_is_given_again(
    monkeypatch: pytest.MonkeyPatch, people: SimpleNamespace, farid: FlaskClient, add: Callable
) -> None:
    add(people.farid.academy_id, 10, agrees=True)
    monkeypatch.setitem(consent.WORDINGS, consent.Purpose.RESEARCH, 2)
    assert farid.post(RELEASE, data=SAID).status_code == 422


def test_the_budget_is_counted_and_is_not_overspent(
    database: Engine, people: SimpleNamespace, farid: FlaskClient, add: Callable
) -> None:
    add(people.farid.academy_id, 10, agrees=True)
    farid.post(RELEASE, data=SAID)
    assert "36 of 40" in farid.get(PAGE).text
    with begin(database) as session:
        session.execute(update(ResearchRelease).values(epsilon=37.0))
    assert farid.post(RELEASE, data=SAID).status_code == 422
    assert "budget of this year is spent" in farid.get(PAGE).text
    with begin(database) as session:
        session.execute(update(ResearchRelease).values(made_at=clock.now() - timedelta(days=366)))
    assert farid.post(RELEASE, data=SAID).status_code == 200
    assert sum(each.epsilon for each in kept(database)) == 41


def test_the_page_of_releases_reads_no_evidence(
    database: Engine, people: SimpleNamespace, farid: FlaskClient, add: Callable
) -> None:
    """Of four thousand who agree that is two hundred thousand rows, and the page tells how many agree."""
    add(people.farid.academy_id, 12, agrees=True)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(database, "before_cursor_execute", note)
    try:
        assert "<dd>12</dd>" in farid.get(PAGE).text
    finally:
        event.remove(database, "before_cursor_execute", note)
    assert asked
    assert not [statement for statement in asked if "FROM evidence" in statement]


def test_a_release_is_in_the_audit_log(
    database: Engine, people: SimpleNamespace, farid: FlaskClient, add: Callable
) -> None:
    add(people.farid.academy_id, 10, agrees=True)
    farid.post(RELEASE, data=SAID)
    with begin(database, read_only=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "research_released")).one()
    assert entry.actor_id == people.farid.id
    assert entry.detail["sha256"] == kept(database)[0].sha256
    assert entry.detail["purpose"] == SAID["purpose"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("purpose", "", "Write what the research is about"),
        ("purpose", "Research", "Write a sentence"),
        ("purpose", "x y " * 200, "Shorten this"),
        ("recipient", "", "Write who gets it"),
    ],
)
def test_who_does_not_say_why_and_for_whom_gets_nothing_and_keeps_what_was_typed(
    database: Engine,
    people: SimpleNamespace,
    farid: FlaskClient,
    add: Callable,
    field: str,
    value: str,
    message: str,
) -> None:
    add(people.farid.academy_id, 10, agrees=True)
    answer = farid.post(RELEASE, data=SAID | {field: value})
    assert answer.status_code == 422
    assert message in answer.text
    assert (SAID["recipient"] if field == "purpose" else SAID["purpose"]) in answer.text
    assert kept(database) == []


def test_who_did_not_agree_changes_nothing_by_being_there(
    database: Engine, people: SimpleNamespace, add: Callable
) -> None:
    home = people.farid.academy_id
    add(home, 14, agrees=True)
    others = add(home, 6, agrees=False, department="Revenue", grade=20)

    def made() -> object:
        with begin(database, read_only=True) as session:
            return tables(queries.participants(session, home), key=b"k" * 32, dice=Random(3))

    before = made()
    with begin(database) as session:
        session.execute(update(Account).where(Account.id.in_(others)).values(role=Role.INSTRUCTOR))
        session.execute(delete(Posting).where(Posting.account_id.in_(others)))
    assert made() == before


def test_research_changes_nothing_in_marks(people: SimpleNamespace, sign_in: Callable) -> None:
    amina = sign_in(people.amina)

    def record() -> str:
        return without_tokens(amina.get("/record").text)

    before = record()
    amina.post("/account/choices", data={"purpose": "research", "answer": "yes"}, follow_redirects=True)
    assert record() == before
