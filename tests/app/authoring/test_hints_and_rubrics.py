"""Hints and rubrics are written in both languages beside the source, checked and published together with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account
from app.authoring.models import LabWords
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.db import begin
from tests.app.authoring.conftest import DESK, SOLUTION, TESTS, cell, notebook, saved
from tests.app.conftest import LAB, MODULE
from tests.pages import Page, send

TRAINEE_LAB = f"/notebooks/{MODULE}/{LAB}"
HINT, ANSWER = f"{DESK}/words/two-check", f"{DESK}/words/memo"
TRY = {"en": "Count both hands.", "ur": "دونوں ہاتھ گنیں۔"}
REASON = {"reason": "A clearer hint."}
SignIn = Callable[[Account], FlaskClient]


def with_answer(*, points: float = 2) -> bytes:
    """A lab of a tested question and a written one."""
    return notebook(
        cell("# A small lab", kind="markdown"),
        cell(SOLUTION, "two", solution=True),
        cell(TESTS, "two-check", grade=True, locked=True, points=3),
        cell("# Why two?", kind="markdown"),
        cell("Because.", "memo", kind="markdown", grade=True, solution=True, points=points),
    )


def rubric(most: str = "2", *, row: str = "Is a reason given?") -> dict[str, str]:
    """What is typed for one question of two levels."""
    return {
        "rows-0-en": row,
        "rows-0-ur": "کیا وجہ بتائی گئی ہے؟",
        "rows-0-levels-0-points": "0",
        "rows-0-levels-0-en": "No reason",
        "rows-0-levels-0-ur": "کوئی وجہ نہیں",
        "rows-0-levels-1-points": most,
        "rows-0-levels-1-en": "A reason that holds",
        "rows-0-levels-1-ur": "درست وجہ",
    }


def form_of(client: FlaskClient, address: str) -> dict[str, str]:
    """The form of a cell as its page sends it."""
    return typed_in(client.get(address).text, address)


def typed_in(html: str, address: str) -> dict[str, str]:
    form = Page(html).form(address)
    # A browser leaves out the line break after the beginning of a text area.
    return {name: value.removeprefix("\r\n") for name, value in form.items()}


def write(client: FlaskClient, address: str, **fields: str) -> int:
    return int(send(client, form_of(client, address), **fields).status_code)


@pytest.fixture
def desk(author: FlaskClient) -> FlaskClient:
    """An author whose source has a tested and a written cell."""
    assert saved(author, with_answer()).status_code == 200
    return author


@pytest.fixture
def checked(desk: FlaskClient, work_off: Callable[[], None]) -> Callable[[], str]:
    """Have what is being written checked; the address of the check."""

    def run() -> str:
        version = desk.get(f"{DESK}/source.ipynb").headers["ETag"].strip('"')
        answer = desk.post(f"{DESK}/check", data={"version": version})
        assert answer.status_code == 303, Page(answer.text).text
        work_off()
        return str(answer.location)

    return run


def test_the_cells_with_points_are_listed_with_what_is_written(desk: FlaskClient) -> None:
    page = Page(desk.get(f"{DESK}/words").text).text
    assert "No hint." in page
    assert "No rubric: markers type points." in page
    assert "look-check" in page.split("no cell of that kind bears them now")[1]
    assert write(desk, HINT, **TRY) == 303
    assert write(desk, ANSWER, **rubric()) == 303
    page = Page(desk.get(f"{DESK}/words").text).text
    assert TRY["en"] in page
    assert "Rubric of 1 question" in page
    assert form_of(desk, HINT)["ur"] == TRY["ur"]


@pytest.mark.sandbox
def test_a_hint_reaches_trainees_when_the_lab_is_published(
    desk: FlaskClient, checked: Callable[[], str], people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    write(desk, HINT, **TRY)
    address = checked()
    amina, bushra = sign_in(people.amina), sign_in(people.bushra)
    assert TRY["en"] in desk.get(f"{DESK}/preview").text
    assert TRY["en"] not in amina.get(TRAINEE_LAB).text
    assert desk.post(f"{address}/publish", data=REASON).status_code == 303
    assert TRY["en"] in amina.get(TRAINEE_LAB).text
    assert TRY["ur"] in bushra.get(TRAINEE_LAB).text
    assert TRY["en"] not in sign_in(people.zara).get(TRAINEE_LAB).text
    with begin(database, read_only=True) as session:
        [words] = session.scalars(select(LabWords))
        [written] = session.scalars(select(AuditEntry).where(AuditEntry.verb == "lab_words_written"))
        [published] = session.scalars(select(AuditEntry).where(AuditEntry.verb == "lab_published"))
    assert (written.actor_id, written.detail["cell"]) == (people.bilal.id, "two-check")
    assert published.detail["words"] == words.sha256


@pytest.mark.sandbox
def test_an_answer_is_marked_by_the_rubric_that_was_published(
    desk: FlaskClient,
    checked: Callable[[], str],
    work_off: Callable[[], None],
    people: SimpleNamespace,
    sign_in: SignIn,
) -> None:
    write(desk, ANSWER, **rubric())
    assert desk.post(f"{checked()}/publish", data=REASON).status_code == 303
    amina = sign_in(people.amina)
    work = amina.get(f"{TRAINEE_LAB}/notebook.ipynb").json
    work["cells"][-1]["source"] = "Two hands."
    amina.post(f"{TRAINEE_LAB}/draft", data=json.dumps(work).encode())
    assert amina.post(f"{TRAINEE_LAB}/submit", data={"key": "one", "saved": "yes"}).status_code == 303
    work_off()
    page = desk.get("/marking/submission/1/memo").text
    assert "Is a reason given?" in page
    assert "A reason that holds" in page


@pytest.mark.sandbox
def test_a_check_with_another_hint_does_not_count(desk: FlaskClient, checked: Callable[[], str]) -> None:
    write(desk, HINT, **TRY)
    address = checked()
    write(desk, HINT, en="Count again.")
    refused = desk.post(f"{address}/publish", data=REASON)
    assert refused.status_code == 409
    assert "The lab was changed since this check" in refused.text
    assert desk.post(f"{checked()}/publish", data=REASON).status_code == 303


@pytest.mark.sandbox
def test_a_version_comes_back_with_its_hints_and_rubrics(
    desk: FlaskClient,
    checked: Callable[[], str],
    people: SimpleNamespace,
    sign_in: SignIn,
    work_off: Callable[[], None],
) -> None:
    write(desk, HINT, **TRY)
    desk.post(f"{checked()}/publish", data=REASON)
    write(desk, HINT, en="Count again.")
    desk.post(f"{checked()}/publish", data=REASON)
    beside = Page(desk.get(f"{DESK}/versions/1").text).text
    assert TRY["en"] in beside
    assert "Count again." in beside
    address = desk.post(f"{DESK}/versions/1/check").location
    work_off()
    assert desk.post(f"{address}/publish", data=REASON).status_code == 303
    assert TRY["en"] in sign_in(people.amina).get(TRAINEE_LAB).text
    assert form_of(desk, HINT)["en"] == "Count again."
    assert desk.post(f"{DESK}/versions/1/restore").status_code == 303
    assert form_of(desk, HINT)["en"] == TRY["en"]


def test_saved_hints_and_rubrics_are_compared_and_gone_on_from(desk: FlaskClient) -> None:
    write(desk, HINT, **TRY)
    write(desk, HINT, en="Count again.")
    assert "Saved hints and rubrics" in desk.get(f"{DESK}/versions").text
    page = Page(desk.get(f"{DESK}/words/states/1").text)
    assert TRY["en"] in page.text
    assert send(desk, page.form("/words/states/1/restore")).status_code == 303
    assert form_of(desk, HINT)["en"] == TRY["en"]
    assert desk.get(f"{DESK}/words/states/999").status_code == 404


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"en": ""}, "Write it in English too."),
        ({"ur": ""}, "Write it in Urdu too."),
        ({"ur": "Count."}, "This is the Urdu text; write it in Urdu."),
        ({"en": "گنیں"}, "This is the English text"),
        ({"en": "x" * 1_001}, "Shorten this to 1000 characters."),
    ],
    ids=["no English", "no Urdu", "English in Urdu", "Urdu in English", "long"],
)
def test_a_hint_that_is_not_whole_is_refused_and_kept_in_its_fields(
    desk: FlaskClient, fields: dict[str, str], sentence: str
) -> None:
    typed = TRY | fields
    answer = send(desk, form_of(desk, HINT), **typed)
    assert answer.status_code == 422
    assert sentence in Page(answer.text).text
    assert typed.items() <= typed_in(answer.text, HINT).items()
    assert form_of(desk, HINT)["en"] == ""


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"rows-0-ur": ""}, "Write it in Urdu too."),
        ({"rows-0-levels-1-ur": "A reason"}, "This is the Urdu text; write it in Urdu."),
        ({"rows-0-levels-1-points": "many"}, "Type a number from 0 to 1000."),
        ({"rows-0-levels-1-points": "-1"}, "Type a number from 0 to 1000."),
        (
            {"rows-0-levels-1-points": "", "rows-0-levels-1-en": "", "rows-0-levels-1-ur": ""},
            "Give this question at least two levels.",
        ),
        ({"rows-0-en": "x" * 301}, "Shorten this to 300 characters."),
    ],
    ids=["one language", "script", "no number", "below zero", "one level", "long"],
)
def test_a_rubric_that_is_not_whole_is_refused_and_kept_in_its_fields(
    desk: FlaskClient, fields: dict[str, str], sentence: str
) -> None:
    typed = rubric() | fields
    answer = send(desk, form_of(desk, ANSWER), **typed)
    assert answer.status_code == 422
    assert sentence in Page(answer.text).text
    assert typed.items() <= typed_in(answer.text, ANSWER).items()
    assert "No rubric" in desk.get(f"{DESK}/words").text


def test_more_room_keeps_what_was_typed_and_saves_nothing(desk: FlaskClient) -> None:
    answer = send(desk, form_of(desk, ANSWER), **rubric(), more="yes")
    kept = typed_in(answer.text, ANSWER)
    assert rubric().items() <= kept.items()
    assert {"rows-0-levels-2-en", "rows-1-en"} <= kept.keys()
    assert "No rubric" in desk.get(f"{DESK}/words").text


def test_a_rubric_that_does_not_add_up_to_its_cell_is_named_before_the_check(desk: FlaskClient) -> None:
    assert write(desk, ANSWER, **rubric("۳٫۵")) == 303
    assert "The best levels add up to 3.5 points, but the cell has 2." in desk.get(ANSWER).text
    assert "whose best levels add up to 3.5 points" in desk.get(DESK).text
    version = desk.get(f"{DESK}/source.ipynb").headers["ETag"].strip('"')
    assert desk.post(f"{DESK}/check", data={"version": version}).status_code == 422
    assert saved(desk, with_answer(points=3.5)).json["problems"] == []


def test_what_stays_in_a_rubric_keeps_its_id_and_what_is_emptied_falls_away(desk: FlaskClient) -> None:
    second = {name.replace("rows-0", "rows-1"): text for name, text in rubric("1", row="Is it short?").items()}
    write(desk, ANSWER, **rubric("1"), **second)
    before = form_of(desk, ANSWER)
    assert before["rows-0-key"] != before["rows-1-key"]
    emptied = dict.fromkeys(rubric(), "")
    assert send(desk, before, **emptied, **{"rows-1-en": "Is it short enough?"}).status_code == 303
    after = form_of(desk, ANSWER)
    assert after["rows-0-key"] == before["rows-1-key"]
    assert after["rows-0-levels-1-key"] == before["rows-1-levels-1-key"]
    assert after["rows-0-en"] == "Is it short enough?"
    assert after["rows-1-en"] == ""
    forged = {"rows-1-key": after["rows-0-key"]} | second
    assert send(desk, after, **forged).status_code == 303
    assert len({form_of(desk, ANSWER)[f"rows-{number}-key"] for number in (0, 1)}) == 2


@pytest.mark.both_databases
def test_two_who_write_one_hint_see_both_and_nothing_is_overwritten_unseen(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    with begin(database) as session:
        session.get_one(Account, people.farid.id).role = Role.INSTRUCTOR
    bilal, farid = sign_in(people.bilal), sign_in(people.farid)
    saved(bilal, with_answer())
    mine, theirs = form_of(bilal, HINT), form_of(farid, HINT)
    assert send(farid, theirs, **TRY).status_code == 303
    assert write(farid, ANSWER, **rubric()) == 303
    refused = send(bilal, mine, en="Count again.", ur="پھر گنیں۔")
    assert refused.status_code == 409
    assert TRY["en"] in Page(refused.text).text
    kept = typed_in(refused.text, HINT)
    assert kept["en"] == "Count again."
    assert form_of(bilal, HINT)["en"] == TRY["en"]
    assert send(bilal, kept).status_code == 303
    assert form_of(farid, HINT)["en"] == "Count again."
    assert form_of(farid, ANSWER)["rows-0-en"] == "Is a reason given?"


def test_the_same_again_is_not_kept_twice_and_an_emptied_hint_is_gone(desk: FlaskClient, database: Engine) -> None:
    write(desk, HINT, **TRY)
    write(desk, HINT, **TRY)
    with begin(database, read_only=True) as session:
        assert len(session.scalars(select(LabWords)).all()) == 1
    assert write(desk, HINT, en="", ur=" ") == 303
    assert "No hint." in desk.get(f"{DESK}/words").text


def test_only_authors_and_only_cells_that_are_there(
    desk: FlaskClient, people: SimpleNamespace, sign_in: SignIn
) -> None:
    amina = sign_in(people.amina)
    assert [amina.get(page).status_code for page in (f"{DESK}/words", HINT)] == [403, 403]
    assert amina.post(HINT, data=TRY).status_code == 403
    assert desk.get(f"{DESK}/words/look-check").status_code == 404
    assert desk.post(f"{DESK}/words/look-check", data=TRY).status_code == 404


def test_the_pages_of_hints_and_rubrics_speak_urdu(desk: FlaskClient) -> None:
    desk.post("/language", data={"language": "ur", "next": DESK})
    assert "اشارے اور معیارِ جانچ" in desk.get(f"{DESK}/words").text
    answer = send(desk, form_of(desk, HINT), en="Count.", ur="")
    assert "اردو میں بھی لکھیں۔" in Page(answer.text).text
    assert "معیارِ جانچ" in desk.get(ANSWER).text
