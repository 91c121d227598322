"""Several markers: rubric levels, kept comments, nobody is given what another has open, second marks and kappa."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.accounts import service as accounts
from app.accounts.models import Academy, Account
from app.core import clock
from app.core.access import Role
from app.core.db import begin
from app.gradebook.models import CellMark
from app.marking import queries
from app.marking.models import KeptComment, MarkClaim, SecondMark
from app.marking.queries import CLAIM
from tests.app.conftest import by_rubric
from tests.conftest import PASSWORD

SignIn = Callable[[Account], FlaskClient]


@pytest.fixture
def nadia(database: Engine, people: SimpleNamespace) -> Account:
    """A second instructor of bilal's academy."""
    with begin(database) as session:
        academy = session.get_one(Academy, people.bilal.academy_id)
        return accounts.add_account(
            session, academy, username="nadia", full_name="Nadia Gul", role=Role.INSTRUCTOR, password=PASSWORD
        )


@pytest.fixture
def all_marked_twice(give_terms: Callable[..., None]) -> None:
    """Terms by which every answer gets a second mark."""
    give_terms(second_percent=100)


def test_levels_of_the_rubric_make_the_points_and_the_trainee_reads_them(
    people: SimpleNamespace, sign_in: SignIn, answered: Callable[..., str], database: Engine
) -> None:
    answer, bilal = answered(people.amina), sign_in(people.bilal)
    assert bilal.post(f"/marking/{answer}", data=by_rubric(3.5)).status_code == 303
    with begin(database, read_only=True) as session:
        mark = session.scalars(select(CellMark)).one()
    assert (mark.points, mark.levels["mind"]) == (3.5, "vague")
    page = sign_in(people.amina).get("/results/submissions/1").text
    assert "Something could, but it could not be told when it happens" in page
    assert "0.5 of 1" in page
    assert "checked" in bilal.get(f"/marking/{answer}").text


@pytest.mark.parametrize("level", ["", "best"])
def test_a_row_without_a_level_of_the_rubric_is_refused_and_the_others_stay(
    people: SimpleNamespace, sign_in: SignIn, answered: Callable[..., str], database: Engine, level: str
) -> None:
    answer = answered(people.amina)
    refused = sign_in(people.bilal).post(f"/marking/{answer}", data=by_rubric(4, row_next=level, comment="kept words"))
    assert refused.status_code == 422
    assert "Choose a level for “Is there a next question that a measure can answer?”." in refused.text
    assert "kept words" in refused.text
    assert refused.text.count("checked") == 3
    with begin(database, read_only=True) as session:
        assert session.scalars(select(CellMark)).all() == []


@pytest.mark.both_databases
def test_a_comment_is_kept_offered_used_and_dropped(
    people: SimpleNamespace, sign_in: SignIn, answered: Callable[..., str], database: Engine, nadia: Account
) -> None:
    first, second = answered(people.amina), answered(people.bushra)
    bilal, other = sign_in(people.bilal), sign_in(nadia)
    bilal.post(f"/marking/{first}", data=by_rubric(1, comment="Name the denominator.", keep="y"))
    assert "Name the denominator." in other.get(f"/marking/{second}").text
    other.post(f"/marking/{second}", data=by_rubric(2, comment="And who is silent?", kept="1"))
    page = sign_in(people.bushra).get("/results/submissions/2").text
    assert "Name the denominator.\nAnd who is silent?" in page
    assert "Name the denominator." in bilal.get("/marking/comments").text
    assert bilal.post("/marking/comments/1/drop").status_code == 303
    assert "Name the denominator." not in bilal.get("/marking/comments").text
    assert 'name="kept"' not in bilal.get(f"/marking/{first}").text
    bilal.post(f"/marking/{first}", data=by_rubric(1, comment="Name the denominator.", keep="y", seen="1"))
    with begin(database, read_only=True) as session:
        assert [row.dropped_at is None for row in session.scalars(select(KeptComment))] == [True]


@pytest.mark.parametrize("comment", ["", "x" * 501])
def test_a_comment_that_cannot_be_kept_is_refused(
    people: SimpleNamespace, sign_in: SignIn, answered: Callable[..., str], comment: str
) -> None:
    answer = answered(people.amina)
    refused = sign_in(people.bilal).post(f"/marking/{answer}", data=by_rubric(1, comment=comment, keep="y"))
    assert refused.status_code == 422
    assert "A comment that is kept has 1 to 500 characters." in refused.text


def test_another_academy_neither_sees_nor_drops_a_kept_comment(
    people: SimpleNamespace, sign_in: SignIn, answered: Callable[..., str], database: Engine
) -> None:
    answer = answered(people.amina)
    sign_in(people.bilal).post(f"/marking/{answer}", data=by_rubric(1, comment="Ours.", keep="y"))
    with begin(database) as session:
        academy = session.get_one(Academy, people.zara.academy_id)
        away = accounts.add_account(
            session, academy, username="zubair", full_name="Zubair", role=Role.INSTRUCTOR, password=PASSWORD
        )
    client = sign_in(away)
    assert "Ours." not in client.get("/marking/comments").text
    assert client.post("/marking/comments/1/drop").status_code == 404


@pytest.mark.both_databases
def test_two_markers_are_given_different_answers(
    people: SimpleNamespace, sign_in: SignIn, answered: Callable[..., str], nadia: Account
) -> None:
    first, second = answered(people.amina), answered(people.bushra)
    bilal, other = sign_in(people.bilal), sign_in(nadia)
    assert bilal.post("/marking/next").location == f"/marking/{first}"
    assert bilal.post("/marking/next").location == f"/marking/{first}"
    assert other.post("/marking/next").location == f"/marking/{second}"
    assert "open with Bilal" in other.get("/marking").text
    assert "Bilal has this answer open." in other.get(f"/marking/{first}").text
    assert "has this answer open" not in bilal.get(f"/marking/{first}").text
    assert other.post(f"/marking/{second}", data=by_rubric(2)).location == "/marking"
    assert bilal.post(f"/marking/{first}", data=by_rubric(2)).location == "/marking"
    assert bilal.post("/marking/next").location == "/marking"


@pytest.mark.on_postgresql
def test_two_markers_who_ask_at_the_same_moment_are_given_different_answers(
    people: SimpleNamespace,
    sign_in: SignIn,
    answered: Callable[..., str],
    nadia: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = {f"/marking/{answered(people.amina)}", f"/marking/{answered(people.bushra)}"}
    clients = [sign_in(people.bilal), sign_in(nadia)]
    both_have_found, asked, real = threading.Barrier(2), itertools.count(), queries.lock_submission

    def lock_once_both_have_found(session: Session, submission_id: int) -> None:
        if next(asked) < 2:
            both_have_found.wait(timeout=30)
        real(session, submission_id)

    monkeypatch.setattr(queries, "lock_submission", lock_once_both_have_found)
    with ThreadPoolExecutor(2) as pool:
        given = set(pool.map(lambda client: client.post("/marking/next").location, clients))
    assert given == expected


def test_an_answer_that_was_left_open_comes_back_after_half_an_hour(
    people: SimpleNamespace, sign_in: SignIn, answered: Callable[..., str], nadia: Account, database: Engine
) -> None:
    answer = answered(people.amina)
    bilal, other = sign_in(people.bilal), sign_in(nadia)
    bilal.post("/marking/next")
    assert other.post("/marking/next").location == "/marking"
    with begin(database) as session:
        claim = session.scalars(select(MarkClaim)).one()
        assert claim.until - clock.now() > CLAIM - timedelta(minutes=1)
        claim.until = clock.now() - timedelta(seconds=1)
    assert other.post("/marking/next").location == f"/marking/{answer}"


@pytest.mark.both_databases
def test_a_second_person_marks_blindly_and_no_points_change(
    people: SimpleNamespace,
    sign_in: SignIn,
    answered: Callable[..., str],
    nadia: Account,
    database: Engine,
    all_marked_twice: None,
) -> None:
    answer, bilal, other = answered(people.amina), sign_in(people.bilal), sign_in(nadia)
    assert other.get(f"/marking/{answer}/second").status_code == 404
    bilal.post(f"/marking/{answer}", data=by_rubric(4, comment="All is there."))
    assert bilal.get(f"/marking/{answer}/second").status_code == 404
    assert "1 answer waits for your second mark" in other.get("/marking").text
    page = other.get(f"/marking/{answer}/second").text
    assert "Second marking" in page
    assert "All is there." not in page
    assert "checked" not in page
    assert other.post(f"/marking/{answer}/second", data=by_rubric(4, row_mind="")).status_code == 422
    assert other.post(f"/marking/{answer}/second", data=by_rubric(3)).location == "/marking"
    assert other.post(f"/marking/{answer}/second", data=by_rubric(3)).location == "/marking"
    late = other.post(f"/marking/{answer}/second", data=by_rubric(0, comment="Nothing of it is right."))
    assert late.status_code == 409
    assert "has its second mark already" in late.text
    assert "Nothing of it is right." in late.text
    assert bilal.post(f"/marking/{answer}/second", data=by_rubric(0)).status_code == 404
    assert "waits for your second mark" not in other.get("/marking").text
    assert "6 of 6 points" in sign_in(people.amina).get("/results/submissions/1").text
    with begin(database, read_only=True) as session:
        assert [row.points for row in session.scalars(select(SecondMark))] == [3.0]
    agreed = bilal.get("/marking/agreement").text
    assert "4 and 3 of 4 points" in agreed
    assert "cannot be told" in agreed


def test_without_a_sample_nothing_is_marked_twice(
    people: SimpleNamespace, sign_in: SignIn, answered: Callable[..., str], nadia: Account
) -> None:
    answer = answered(people.amina)
    sign_in(people.bilal).post(f"/marking/{answer}", data=by_rubric(4))
    other = sign_in(nadia)
    assert "second mark" not in other.get("/marking").text
    assert other.get(f"/marking/{answer}/second").status_code == 404
    assert "No answer has two marks yet." in other.get("/marking/agreement").text


def test_the_pages_of_several_markers_speak_urdu(
    people: SimpleNamespace, sign_in: SignIn, answered: Callable[..., str], all_marked_twice: None, nadia: Account
) -> None:
    answer, bilal = answered(people.amina), sign_in(people.bilal)
    bilal.post("/language", data={"language": "ur", "next": "/"})
    page = bilal.get(f"/marking/{answer}").text
    assert "نسب نما سمیت درست عدد" in page
    assert "A right figure" not in page
    for address in ("/marking/comments", "/marking/agreement"):
        assert 'dir="rtl"' in bilal.get(address).text
