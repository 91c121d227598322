"""Work that was handed in on a page without a link: the moment of the click counts, as far as it can be believed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.core import clock
from app.core.db import begin
from app.notebooks.models import Submission
from tests.app.notebooks.test_notebooks_submissions import LAB, notebook

SignIn = Callable[..., FlaskClient]
At = Callable[[timedelta], None]
NINE = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Sets the academy's clock to so long after nine."""

    def set_clock(since: timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: NINE + since)

    set_clock(timedelta())
    return set_clock


@pytest.fixture
def due_at_ten(give_terms: Callable[..., None]) -> None:
    """The lab closes at ten; what was handed in without a link may be on its way for a day."""
    give_terms(due_at=NINE + HOUR, offline_hours=24)


def word_on(client: FlaskClient) -> str:
    """The signed time that the lab's page holds."""
    [word] = re.findall(r'id="lab" [^>]*data-contact="([^"]+)"', client.get(LAB).text)
    return str(word)


def arrive(client: FlaskClient, word: str, elapsed: object, *, key: str = "k1") -> Any:
    form = {"key": key, "contact": word, "elapsed": elapsed, "notebook": (BytesIO(notebook()), "work.ipynb")}
    return client.post(f"{LAB}/submit", data=form)


def only_submission(database: Engine) -> Submission:
    with begin(database, read_only=True) as session:
        return session.scalars(select(Submission)).one()


@pytest.mark.both_databases
def test_a_click_before_the_deadline_counts_although_it_arrives_after_it(
    people: SimpleNamespace, sign_in: SignIn, database: Engine, at: At, due_at_ten: None
) -> None:
    client = sign_in(people.amina)
    word = word_on(client)
    at(5 * HOUR)
    answer = arrive(client, word, 1800)
    assert answer.status_code == 303
    stored = only_submission(database)
    assert (stored.submitted_at, stored.arrived_at) == (NINE + HOUR / 2, NINE + 5 * HOUR)
    assert "Handed in without a link" in client.get(answer.location).text
    assert arrive(client, word, 1800).location == answer.location


@pytest.mark.parametrize(
    ("elapsed", "hours"),
    [
        pytest.param(4000, 5, id="clicked after the deadline"),
        pytest.param(1800, 26, id="on its way for longer than the terms allow"),
        pytest.param(-60, 5, id="before the academy's own word"),
        pytest.param("nan", 5, id="no number"),
        pytest.param("soon", 5, id="words"),
        pytest.param("", 5, id="nothing"),
        pytest.param("1e308", 5, id="longer ago than time"),
    ],
)
def test_otherwise_the_arrival_counts_and_the_lab_is_closed(
    people: SimpleNamespace, sign_in: SignIn, at: At, due_at_ten: None, elapsed: object, hours: int
) -> None:
    client = sign_in(people.amina)
    word = word_on(client)
    at(hours * HOUR)
    late = arrive(client, word, elapsed)
    assert late.status_code == 409
    assert "Nothing has been taken in this lab since" in late.text


def test_the_word_of_another_trainee_or_a_forged_one_counts_for_nothing(
    people: SimpleNamespace, sign_in: SignIn, at: At, due_at_ten: None
) -> None:
    word = word_on(sign_in(people.bushra))
    client = sign_in(people.amina)
    at(5 * HOUR)
    for told in (word, word[:-2], "", "[1, 0]"):
        assert arrive(client, told, 60).status_code == 409


def test_what_comes_at_once_says_nothing_of_a_link(
    people: SimpleNamespace, sign_in: SignIn, database: Engine, at: At
) -> None:
    client = sign_in(people.amina)
    word = word_on(client)
    at(HOUR)
    answer = arrive(client, word, 3590)
    stored = only_submission(database)
    assert (stored.submitted_at, stored.arrived_at) == (NINE + timedelta(seconds=3590), None)
    assert "without a link" not in re.sub(r'id="outbox".*', "", client.get(answer.location).text)


def test_a_click_never_lies_in_the_future(people: SimpleNamespace, sign_in: SignIn, database: Engine, at: At) -> None:
    client = sign_in(people.amina)
    word = word_on(client)
    at(HOUR)
    arrive(client, word, 9000)
    assert only_submission(database).submitted_at == NINE + HOUR


def test_each_saving_brings_a_newer_word(people: SimpleNamespace, sign_in: SignIn, at: At) -> None:
    client = sign_in(people.amina)
    first = word_on(client)
    at(HOUR)
    saved = client.post(f"{LAB}/draft", data=notebook("more"), headers={"If-Match": '"0"'}).json
    assert saved["contact"] != first


def test_the_page_of_a_lab_says_how_long_work_may_be_on_its_way(
    people: SimpleNamespace, sign_in: SignIn, at: At, due_at_ten: None
) -> None:
    assert "when the work arrives within 24 hours" in sign_in(people.amina).get(LAB).text
