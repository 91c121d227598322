"""Nobody judges what is their own: who was a trainee and is staff now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, select

from app.accounts.models import Cohort
from app.appeals.models import Appeal
from app.appeals.models import State as AppealState
from app.competencies.models import Evidence, EvidenceKind
from app.competencies.service import record_evidence
from app.completions import service as completions
from app.completions.models import Completion, Provider, State
from app.core.access import Role
from app.core.db import begin
from app.gradebook.models import CellMark
from app.marking.models import SecondMark
from tests.app.conftest import by_memo_rubric, by_rubric


@pytest.fixture
def become(people: SimpleNamespace, sign_in: Callable) -> Callable[[Role], None]:
    """Have amina given another role."""

    def change(role: Role) -> None:
        number = people.amina.id
        data = {f"account{number}-role": role.value}
        assert sign_in(people.farid).post(f"/administration/accounts/{number}/role", data=data).status_code == 303

    return change


def test_an_instructor_is_handed_no_work_of_their_own_and_cannot_mark_it(
    people: SimpleNamespace,
    sign_in: Callable,
    cohort: Cohort,
    answered: Callable[..., str],
    written: Callable[..., str],
    mark_twice: Callable[[int], None],
    become: Callable[[Role], None],
    database: Engine,
) -> None:
    answer, memo = answered(people.amina), written(people.amina)
    mark_twice(100)
    sign_in(people.bilal).post(f"/marking/{memo}", data=by_memo_rubric(2, 2, 2))
    become(Role.INSTRUCTOR)
    amina = sign_in(people.amina)
    assert "No answer waits for a mark" in amina.get("/marking").text
    assert amina.post("/marking/next").location == "/marking"
    for address, data in (
        (f"/marking/{answer}", by_rubric(4)),
        (f"/marking/{memo}", by_memo_rubric(4, 4, 4, seen="1")),
        (f"/marking/{memo}/second", by_memo_rubric(4, 4, 4)),
    ):
        assert amina.get(address).status_code == 404
        assert amina.post(address, data=data).status_code == 404
    with begin(database, read_only=True) as session:
        assert session.scalars(select(CellMark)).all() == []
        assert session.scalars(select(SecondMark)).all() == []


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.ADMINISTRATOR])
def test_nobody_decides_their_own_dispute_or_completion(
    people: SimpleNamespace,
    sign_in: Callable,
    cohort: Cohort,
    become: Callable[[Role], None],
    database: Engine,
    role: Role,
) -> None:
    amina = sign_in(people.amina)
    with begin(database) as session:
        where = {"source": "quiz_attempt:1", "part": "item-1"}
        quiz = EvidenceKind.QUIZ_ITEM
        piece = record_evidence(session, people.amina, competency="D2.1", level=1, kind=quiz, outcome=0.0, **where).id
        course = {"provider": Provider.COURSERA, "title": "AI for Everyone", "completed_on": date(2026, 10, 1)}
        course |= {"link": "https://coursera.org/v/1", "competency": "D1.1"}
        reported = completions.report(session, people.amina, course).id
    dispute = amina.post(f"/appeals/evidence/{piece}", data={"text": "Both are right."}).location
    become(role)
    amina = sign_in(people.amina)
    upheld = {"decision": "upheld:replaced", "percent": "100", "reason": "I am right."}
    assert amina.post(f"{dispute}/decide", data=upheld).status_code == 404
    assert "Both are right." not in amina.get("/appeals/waiting").text
    assert "AI for Everyone" not in amina.get("/completions/waiting").text
    amina.post("/completions/decide", data={"completions": [str(reported)], "decision": "approve"})
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Appeal.state)).all() == [AppealState.WAITING]
        assert session.get_one(Completion, reported).state is State.REPORTED
        assert session.scalars(select(Evidence.outcome)).all() == [0.0]
