"""Markers at the same moment, and work that is gone when its turn comes: no mark is lost by either."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core.db import begin
from app.core.jobs import Job
from app.gradebook.models import CellMark, Grade
from app.marking import queries, service
from app.marking.models import KeptComment
from app.marking.work import Task, Work
from app.rights import erasure
from tests.app.conftest import CELL, LAB, MODULE, Meanwhile, by_rubric
from tests.app.rights.test_erasure import ask, decide

SignIn = Callable[[Account], FlaskClient]

WORDS = "Name the denominator."


@pytest.fixture
def nadia(add_instructor: Callable[..., Account]) -> Account:
    """A second instructor of bilal's cohort."""
    return add_instructor("nadia", "Nadia Gul")


def marked(database: Engine) -> list[int]:
    """Numbers of the submissions that have a mark."""
    with begin(database, read_only=True) as session:
        return sorted(session.scalars(select(CellMark.submission_id)))


@pytest.mark.on_postgresql
def test_two_who_mark_neighbouring_answers_at_once_both_save_their_mark(
    people: SimpleNamespace,
    sign_in: SignIn,
    nadia: Account,
    answered: Callable[..., str],
    database: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    works = [answered(people.amina), answered(people.bushra)]
    both_have_locked, real = threading.Barrier(2), service.can_be_marked
    locked: set[object] = set()

    def wait_for_the_other(catalogue: Any, found: Work) -> bool:
        if found.key not in locked:
            locked.add(found.key)
            both_have_locked.wait(timeout=30)
        return real(catalogue, found)

    clients = [sign_in(people.bilal), sign_in(nadia)]
    monkeypatch.setattr(service, "can_be_marked", wait_for_the_other)
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(
            lambda client, work: client.post(f"/marking/{work}", data=by_rubric(2, comment=WORDS, keep="y")),
            clients,
            works,
        )
        assert [answer.status_code for answer in answers] == [303, 303]
    assert marked(database) == [1, 2]
    with begin(database, read_only=True) as session:
        assert [each.text for each in session.scalars(select(KeptComment))] == [WORDS]


@pytest.mark.on_postgresql
def test_a_comment_that_another_marker_keeps_at_this_moment_is_kept_once_and_the_mark_is_saved(
    people: SimpleNamespace, sign_in: SignIn, nadia: Account, answered: Callable[..., str], database: Engine
) -> None:
    work, bilal = answered(people.amina), sign_in(people.bilal)
    with ThreadPoolExecutor(1) as pool:
        with begin(database) as session:
            service.keep_comment(session, nadia, Task(MODULE, LAB, CELL), WORDS)
            answer = pool.submit(bilal.post, f"/marking/{work}", data=by_rubric(2, comment=WORDS, keep="y"))
            wait_until_it_waits(database)
        assert answer.result().status_code == 303
    assert marked(database) == [1]
    with begin(database, read_only=True) as session:
        assert [each.kept_by for each in session.scalars(select(KeptComment))] == [nadia.id]


def wait_until_it_waits(database: Engine) -> None:
    """Until a transaction waits for another one."""
    for _ in range(300):
        with begin(database, read_only=True) as session:
            if session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
        time.sleep(0.1)
    raise AssertionError("Nothing waited.")


def take_away(session: Session) -> None:
    """As an applied re-grade by which the answer is not graded any more."""
    session.execute(update(Grade).where(Grade.submission_id == 2).values(is_current=False))


@pytest.fixture(params=["before it is read", "before it is locked"])
def next_one_vanishes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer of submission 2 is taken away once it was found to be the next one."""
    find, read = queries.waiting_for, queries._found

    def found_then_gone(session: Session, actor: Account, after: Work | None = None) -> Iterator[Work]:
        for found in find(session, actor, after):
            take_away(session)
            yield found

    def gone_then_read(session: Session, actor: Account, keys: Any, *action: Any) -> dict[Any, Work]:
        if any(key.number == 2 for key in keys):
            take_away(session)
        return read(session, actor, keys, *action)

    if request.param == "before it is read":
        monkeypatch.setattr(queries, "_found", gone_then_read)
    else:
        monkeypatch.setattr(queries, "waiting_for", found_then_gone)


@pytest.mark.usefixtures("next_one_vanishes")
def test_a_mark_is_saved_also_where_the_next_answer_is_gone(
    people: SimpleNamespace, bilal: FlaskClient, answered: Callable[..., str], database: Engine
) -> None:
    first, _next = answered(people.amina), answered(people.bushra)
    saved = bilal.post(f"/marking/{first}", data=by_rubric(2))
    assert (saved.status_code, saved.location) == (303, "/marking")
    assert marked(database) == [1]


@pytest.mark.on_postgresql
def test_a_mark_that_comes_while_the_trainee_is_erased_stops_nothing(
    people: SimpleNamespace,
    sign_in: SignIn,
    answered: Callable[..., str],
    database: Engine,
    meanwhile: Meanwhile,
) -> None:
    work, bilal, farid = answered(people.amina), sign_in(people.bilal), sign_in(people.farid)
    with begin(database) as session:
        session.execute(delete(Job))
    ask(sign_in(people.amina))
    marking = meanwhile(erasure, "_deal_with_rows", lambda: bilal.post(f"/marking/{work}", data=by_rubric(2)))
    assert decide(farid, database).status_code == 303
    assert marking.result().status_code == 404
    with begin(database, read_only=True) as session:
        assert list(erasure.faults(session)) == []
