"""The lists of a marker: the database says of each piece of work what the rules say, and leads on to the next."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, literal, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core import clock
from app.core.db import begin
from app.core.drawing import drawn, drawn_in_database
from app.gradebook.counting import attempts_to_mark
from app.gradebook.models import CellGrade, CellMark, RegradeRequest
from app.gradebook.points import counting
from app.gradebook.queries import attempts_of
from app.marking import queries
from app.marking.models import MarkClaim, SecondMark
from app.marking.stand import Stand
from app.marking.work import Key, Work
from app.notebooks.models import Submission
from app.notebooks.terms import Counts
from tests.app.conftest import CELL, by_rubric

pytestmark = pytest.mark.both_databases

Answered = Callable[..., str]
SignIn = Callable[[Account], FlaskClient]


TESTED = "look-check"


def mark(session: Session, number: int, marker: Account, points: float | None, *, cell: str = CELL) -> None:
    of_cell = CellMark.submission_id == number, CellMark.cell == cell
    standing = session.scalar(select(func.max(CellMark.number)).where(*of_cell)) or 0
    session.add(
        CellMark(
            submission_id=number,
            cell=cell,
            number=standing + 1,
            points=points,
            levels={},
            comment="",
            marker_id=marker.id,
            marked_at=clock.now(),
        )
    )
    session.flush()


def test_the_same_things_are_drawn_by_the_database_and_by_us(database: Engine) -> None:
    names = [f"{number}:{part}" for number in range(50) for part in ("answer", "jawab-جواب")]
    with begin(database, read_only=True) as session:
        found = [session.scalar(select(drawn_in_database(literal(name)))) for name in names]
    assert found == [drawn(name) for name in names]
    assert len(set(found)) > 40


def test_the_database_says_of_every_work_what_the_rules_say(
    people: SimpleNamespace,
    database: Engine,
    answered: Answered,
    written: Callable[[Account], str],
    mark_twice: Callable[[int], None],
) -> None:
    mark_twice(60)
    trainees = (people.amina, people.bushra)
    answers = [answered(trainees[number % 2], key=str(number)) for number in range(2)]
    written(people.amina)
    markers = (), (people.bilal,), (people.farid,), (people.bilal, people.farid)
    states = itertools.product(markers, (None, people.zahid), (None, people.bilal, people.farid), (False, True))
    seen: set[tuple[bool, ...]] = set()
    for firsts, second, claimant, is_asked_about in states:
        with begin(database) as session:
            for name in (CellMark, SecondMark, MarkClaim, RegradeRequest):
                session.query(name).delete()
            for address in answers:
                number = int(address.split("/")[1])
                for first in firsts:
                    mark(session, number, first, 3.0)
                # Of the two tested cells that a person marked, the mark of one fell.
                mark(session, number, people.farid, None if address == answers[0] else 1.0, cell=TESTED)
                if second is not None:
                    mark_of_second(session, number, second)
                if claimant is not None:
                    until = clock.now() + timedelta(minutes=5)
                    session.add(MarkClaim(source=f"submission:{number}", part=CELL, marker_id=claimant.id, until=until))
                if is_asked_about:
                    asked = RegradeRequest(
                        submission_id=number, cell=CELL, number=1, reason="?", mark_seen=1, asked_at=clock.now()
                    )
                    session.add(asked)
        seen |= agreeing(database, people.bilal)
    assert len(seen) == 8


def mark_of_second(session: Session, number: int, marker: Account) -> None:
    session.add(
        SecondMark(
            source=f"submission:{number}",
            part=CELL,
            points=1,
            levels={},
            comment="",
            marker_id=marker.id,
            marked_at=clock.now(),
        )
    )


def agreeing(database: Engine, marker: Account) -> set[tuple[bool, ...]]:
    """What is true of each work, by the rules; the database must say the same."""
    now = clock.now()
    with begin(database, read_only=True) as session:
        stand = Stand(marker)
        keys = [Key(*row) for row in session.execute(stand.keys)]
        works: list[Work] = [queries.work(session, marker, key) for key in keys]
        conditions = stand.waits, stand.is_free(now), stand.waits_for_second, stand.is_shown, stand.is_seconded
        said = [{Key(*row) for row in session.execute(stand.keys.where(each))} for each in conditions]
    assert sorted(key.part for key in keys) == [CELL, CELL, TESTED, "memo"]
    found = set()
    for each in works:
        rules = (
            each.waits,
            each.is_free(marker, now),
            each.waits_for_second(marker),
            each.is_shown_to(marker),
            each.second is not None,
        )
        assert tuple(each.key in keys for keys in said) == rules
        found.add(rules)
    return found


# Points of a test, then of the mark (None: waits), of each attempt; which is listed for marking, counted from 1.
BEST = [
    ([(1, None), (2, None)], {1, 2}),
    ([(2, 3), (1, None)], {1}),
    ([(2, 2), (1, None)], {1, 2}),
    ([(2, 0), (1, 4)], {2}),
    ([(2, 3), (2, 3)], {2}),
    ([(2, 4), (0, None), (2, 1)], {1}),
]


@pytest.mark.parametrize(("attempts", "listed"), BEST)
def test_under_best_the_marks_by_hand_decide_which_attempt_counts_and_is_marked(
    people: SimpleNamespace,
    database: Engine,
    answered: Answered,
    give_terms: Callable[..., None],
    attempts: list[tuple[float, float | None]],
    listed: set[int],
) -> None:
    give_terms(counts=Counts.BEST)
    for number, (tested, given) in enumerate(attempts, start=1):
        answered(people.amina, key=str(number))
        with begin(database) as session:
            cell = session.scalars(select(CellGrade).where(CellGrade.grade_id == number, CellGrade.cell != CELL)).one()
            cell.score = tested
            if given is not None:
                mark(session, number, people.bilal, given)
    assert to_mark(database) == listed
    assert counting_by_the_rules(database) in listed


@pytest.mark.parametrize("late", [0.5, 1, 1.5, 2])
def test_under_best_lateness_is_taken_off_before_attempts_are_compared(
    people: SimpleNamespace,
    database: Engine,
    answered: Answered,
    give_terms: Callable[..., None],
    late: float,
) -> None:
    due = clock.now() - timedelta(days=late)
    answered(people.amina, key="1")
    answered(people.amina, key="2")
    give_terms(counts=Counts.BEST, due_at=due, late_days=9, late_percent=30.0)
    with begin(database) as session:
        session.get_one(Submission, 1).submitted_at = due
        session.get_one(Submission, 2).submitted_at = due + timedelta(days=late)
        mark(session, 1, people.bilal, 1.0)
        mark(session, 2, people.bilal, 3.0)
    # 3 points in time; 5 points with 30 % off for each day that was begun.
    best = 2 if late <= 1 else 1
    assert counting_by_the_rules(database) == best
    assert to_mark(database) == {best}


def to_mark(database: Engine) -> set[int]:
    with begin(database, read_only=True) as session:
        return set(session.scalars(select(attempts_to_mark().c.id)))


def counting_by_the_rules(database: Engine) -> int:
    with begin(database, read_only=True) as session:
        found = counting(attempts_of(session, session.scalars(select(Submission)).all()))
    assert found is not None
    return found.submission.id


def test_the_list_goes_on_beyond_one_page_and_its_neighbours_are_found(
    people: SimpleNamespace, sign_in: SignIn, answered: Answered, monkeypatch: pytest.MonkeyPatch, database: Engine
) -> None:
    first, second = answered(people.amina), answered(people.bushra)
    client = sign_in(people.bilal)
    client.post(f"/marking/{first}", data=by_rubric(2))
    page = client.get(f"/marking/{first}").text
    assert re.findall(r'href="/marking/([^"]*)" rel="(\w+)"', page) == [(second, "next")]
    page = client.get(f"/marking/{second}").text
    assert re.findall(r'href="/marking/([^"]*)" rel="(\w+)"', page) == [(first, "prev")]
