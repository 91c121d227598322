"""Several markers: rubric levels, kept comments, nobody is given what another has open, second marks and kappa."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.accounts import service as accounts
from app.accounts.models import Academy, Account, Cohort
from app.competencies.models import Evidence, SchemeReliability
from app.core import clock
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.db import begin
from app.exercises import service as exercises
from app.gradebook.models import CellMark
from app.marking import queries
from app.marking.models import KeptComment, MarkClaim, SecondMark, SecondMarking
from app.marking.queries import CLAIM
from app.sims import service as sims
from app.sims.models import MemoMark, SimulationRun
from app.worker import Workshop
from config import Settings
from tests.app.conftest import by_memo_rubric, by_rubric
from tests.conftest import PASSWORD
from tests.pages import Page

SignIn = Callable[[Account], FlaskClient]


# What the form says of shares that were not set when it was opened.
SEEN_NONE = {"share_grievance_seen": "0", "share_grievances_seen": "0"}


@pytest.fixture
def nadia(add_instructor: Callable[..., Account]) -> Account:
    """A second instructor of bilal's cohort."""
    return add_instructor("nadia", "Nadia Gul")


@pytest.fixture
def away(database: Engine, people: SimpleNamespace) -> Account:
    """An instructor of another academy."""
    with begin(database) as session:
        academy = session.get_one(Academy, people.zara.academy_id)
        return accounts.add_account(
            session, academy, username="zubair", full_name="Zubair", role=Role.INSTRUCTOR, password=PASSWORD
        )


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
    people: SimpleNamespace, sign_in: SignIn, answered: Callable[..., str], away: Account
) -> None:
    answer = answered(people.amina)
    sign_in(people.bilal).post(f"/marking/{answer}", data=by_rubric(1, comment="Ours.", keep="y"))
    client = sign_in(away)
    assert "Ours." not in client.get("/marking/comments").text
    assert client.post("/marking/comments/1/drop").status_code == 404


@dataclass(frozen=True)
class Kind:
    """Work of one kind. made_by: its address, made anew; given: what a marker sends who gives it more or less."""

    made_by: Callable[[Account], str]
    given: Callable[..., dict[str, object]]
    lock: str
    acts: tuple[str, str]


@pytest.fixture(params=["answers", "memos"])
def kind(request: pytest.FixtureRequest, answered: Callable[..., str], written: Callable[..., str]) -> Kind:
    """What holds for several markers holds for the answers of notebooks and for memos."""
    if request.param == "answers":
        return Kind(answered, by_rubric, "lock_submission", ("marked", "marked_second"))

    def by_memo(points: float, **others: object) -> dict[str, object]:
        return by_memo_rubric(int(points), 0, 0, **others)

    return Kind(written, by_memo, "lock_run", ("memo_marked", "memo_marked_second"))


@pytest.mark.both_databases
def test_two_markers_are_given_different_work(
    people: SimpleNamespace, sign_in: SignIn, kind: Kind, nadia: Account
) -> None:
    first, second = kind.made_by(people.amina), kind.made_by(people.bushra)
    bilal, other = sign_in(people.bilal), sign_in(nadia)
    assert bilal.post("/marking/next").location == f"/marking/{first}"
    assert bilal.post("/marking/next").location == f"/marking/{first}"
    assert other.post("/marking/next").location == f"/marking/{second}"
    assert "open with Bilal" in other.get("/marking").text
    assert "Bilal has this answer open." in other.get(f"/marking/{first}").text
    assert "has this answer open" not in bilal.get(f"/marking/{first}").text
    assert other.post(f"/marking/{second}", data=kind.given(2)).location == "/marking"
    assert bilal.post(f"/marking/{first}", data=kind.given(2)).location == "/marking"
    assert bilal.post("/marking/next").location == "/marking"


def test_a_marker_is_given_the_other_work_of_the_task_before_other_work(
    people: SimpleNamespace, sign_in: SignIn, answered: Callable[..., str], written: Callable[..., str]
) -> None:
    answer, memos = answered(people.amina), [written(people.amina), written(people.bushra)]
    bilal = sign_in(people.bilal)
    listed = bilal.get("/marking").text
    assert "3 answers wait" in listed
    assert all(f'href="/marking/{each}"' in listed for each in (answer, *memos))
    saved = bilal.post(f"/marking/{memos[0]}", data=by_memo_rubric(1, 2, 3))
    assert saved.location == f"/marking/{memos[1]}"
    assert bilal.post(saved.location, data=by_memo_rubric(1, 2, 3)).location == f"/marking/{answer}"


@pytest.mark.on_postgresql
def test_two_markers_who_ask_at_the_same_moment_are_given_different_work(
    people: SimpleNamespace, sign_in: SignIn, kind: Kind, nadia: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {f"/marking/{kind.made_by(people.amina)}", f"/marking/{kind.made_by(people.bushra)}"}
    clients = [sign_in(people.bilal), sign_in(nadia)]
    both_have_found, asked, real = threading.Barrier(2), itertools.count(), getattr(queries, kind.lock)

    def lock_once_both_have_found(session: Session, number: int, **options: bool) -> bool:
        if next(asked) < 2:
            both_have_found.wait(timeout=30)
        return bool(real(session, number, **options))

    monkeypatch.setattr(queries, kind.lock, lock_once_both_have_found)
    with ThreadPoolExecutor(2) as pool:
        given = set(pool.map(lambda client: client.post("/marking/next").location, clients))
    assert given == expected


def test_work_that_was_left_open_comes_back_after_half_an_hour(
    people: SimpleNamespace, sign_in: SignIn, kind: Kind, nadia: Account, database: Engine
) -> None:
    work = kind.made_by(people.amina)
    bilal, other = sign_in(people.bilal), sign_in(nadia)
    bilal.post("/marking/next")
    assert other.post("/marking/next").location == "/marking"
    with begin(database) as session:
        claim = session.scalars(select(MarkClaim)).one()
        assert claim.until - clock.now() > CLAIM - timedelta(minutes=1)
        claim.until = clock.now() - timedelta(seconds=1)
    assert other.post("/marking/next").location == f"/marking/{work}"


@pytest.mark.both_databases
def test_a_second_person_marks_blindly_and_nothing_changes_by_it(
    people: SimpleNamespace,
    sign_in: SignIn,
    kind: Kind,
    nadia: Account,
    database: Engine,
    mark_twice: Callable[[int], None],
) -> None:
    mark_twice(100)
    work, bilal, other = kind.made_by(people.amina), sign_in(people.bilal), sign_in(nadia)
    assert other.get(f"/marking/{work}/second").status_code == 404
    bilal.post(f"/marking/{work}", data=kind.given(4, comment="All is there."))
    counted = evidence(database)
    assert bilal.get(f"/marking/{work}/second").status_code == 404
    listed = other.get("/marking").text
    assert "1 answer waits for your second mark" in listed
    assert "answer is marked" not in listed
    assert "1 answer is marked" in bilal.get("/marking").text
    assert other.get(f"/marking/{work}").location == f"/marking/{work}/second"
    page = other.get(f"/marking/{work}/second").text
    assert "Second marking" in page
    assert "All is there." not in page
    assert "checked" not in page
    assert people.amina.full_name not in page
    assert people.bilal.full_name not in page
    lacking = dict(list(kind.given(4).items())[1:])
    assert other.post(f"/marking/{work}/second", data=lacking).status_code == 422
    assert other.post(f"/marking/{work}/second", data=kind.given(3)).location == "/marking"
    assert other.post(f"/marking/{work}/second", data=kind.given(3)).location == "/marking"
    late = other.post(f"/marking/{work}/second", data=kind.given(0, comment="Nothing of it is right."))
    assert late.status_code == 409
    assert "has its second mark already" in late.text
    assert "Nothing of it is right." in late.text
    assert bilal.post(f"/marking/{work}/second", data=kind.given(0)).status_code == 404
    assert "waits for your second mark" not in other.get("/marking").text
    assert "All is there." in other.get(f"/marking/{work}").text
    assert evidence(database) == counted
    with begin(database, read_only=True) as session:
        assert [row.points for row in session.scalars(select(SecondMark))] == [3.0]
        acts = session.execute(
            select(AuditEntry.verb, AuditEntry.actor_id, AuditEntry.thing).where(AuditEntry.verb.in_(kind.acts))
        ).all()
        details = session.scalars(select(AuditEntry.detail).where(AuditEntry.verb.in_(kind.acts))).all()
    thing = work.rpartition("/")[0].replace("/", ":")
    assert [tuple(act) for act in acts] == [
        (kind.acts[0], people.bilal.id, thing),
        (kind.acts[1], nadia.id, thing),
    ]
    # What was given is told by no entry, which others read than those who may see the points.
    assert [{*detail} - {"cell"} for detail in details] == [{"mark"}, set()]
    agreed = bilal.get("/marking/agreement").text
    assert re.search("4 and 3 of (4|12) points", agreed)
    assert "cannot be told" in agreed


def evidence(database: Engine) -> list[tuple[str, float, bool]]:
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(Evidence).order_by(Evidence.id))
        return [(row.competency, row.outcome, row.superseded_at is None) for row in rows]


def test_who_does_not_teach_the_class_gives_the_second_mark_and_sees_nothing_else(
    people: SimpleNamespace,
    sign_in: SignIn,
    kind: Kind,
    add_instructor: Callable[..., Account],
    database: Engine,
    mark_twice: Callable[[int], None],
) -> None:
    mark_twice(100)
    work, bilal = kind.made_by(people.amina), sign_in(people.bilal)
    other = sign_in(add_instructor("salma", teaches=False))
    for address in (f"/marking/{work}", f"/marking/{work}/second"):
        assert other.get(address).status_code == other.post(address, data=kind.given(4)).status_code == 404
    assert other.post("/marking/next").location == "/marking"
    bilal.post(f"/marking/{work}", data=kind.given(4, comment="All is there."))
    assert "1 answer waits for your second mark" in other.get("/marking").text
    assert other.get(f"/marking/{work}").status_code == 404
    page = other.get(f"/marking/{work}/second").text
    assert not [word for word in ("All is there.", people.amina.full_name, "/record/", "/cohorts/") if word in page]
    # The first mark is for those who teach the class.
    assert other.post(f"/marking/{work}", data=kind.given(0, seen="1")).status_code == 404
    assert other.post(f"/marking/{work}/second", data=kind.given(3)).location == "/marking"
    for address in (f"/marking/{work}", f"/marking/{work}/second"):
        assert other.get(address).status_code == 404
    agreed = [client.get("/marking/agreement").text for client in (bilal, other)]
    assert [bool(re.search("4 and 3 of (4|12) points", page)) for page in agreed] == [True, False]
    assert all("Weighted kappa" in page for page in agreed)


def test_who_was_overtaken_by_the_first_mark_gives_the_second_one_without_seeing_it(
    people: SimpleNamespace,
    sign_in: SignIn,
    kind: Kind,
    nadia: Account,
    database: Engine,
    mark_twice: Callable[[int], None],
) -> None:
    mark_twice(100)
    work, bilal, other = kind.made_by(people.amina), sign_in(people.bilal), sign_in(nadia)
    bilal.post(f"/marking/{work}", data=kind.given(4, comment="All is there."))
    overtaken = other.post(f"/marking/{work}", data=kind.given(1, comment="Little is there.", seen="0"))
    assert overtaken.status_code == 409
    assert "Save again, and yours is its second mark." in overtaken.text
    assert "Little is there." in overtaken.text
    assert "All is there." not in overtaken.text
    form = Page(overtaken.text).form(f"/marking/{work}/second")
    again = other.post(form["action"], data=kind.given(1, comment="Little is there."))
    assert again.location == "/marking"
    with begin(database, read_only=True) as session:
        assert [row.points for row in session.scalars(select(SecondMark))] == [1.0]


def test_whoever_gave_a_former_mark_is_offered_no_second_one(
    people: SimpleNamespace, sign_in: SignIn, kind: Kind, nadia: Account, mark_twice: Callable[[int], None]
) -> None:
    work, bilal, other = kind.made_by(people.amina), sign_in(people.bilal), sign_in(nadia)
    bilal.post(f"/marking/{work}", data=kind.given(4))
    other.post(f"/marking/{work}", data=kind.given(3, comment="Not all of it.", seen="1"))
    mark_twice(100)
    for client in (bilal, other):
        assert "waits for your second mark" not in client.get("/marking").text
        assert "Not all of it." in client.get(f"/marking/{work}").text
        assert client.get(f"/marking/{work}/second").status_code == 404
        assert client.post(f"/marking/{work}/second", data=kind.given(4)).status_code == 404


def test_a_second_mark_that_was_given_after_a_request_opened_the_first_makes_no_pair(
    people: SimpleNamespace,
    sign_in: SignIn,
    answered: Callable[..., str],
    nadia: Account,
    database: Engine,
    settings: Settings,
    mark_twice: Callable[[int], None],
) -> None:
    """The trainees ask about the first of three answers before it has its second mark, about the last one after."""
    mark_twice(100)
    bilal, other = sign_in(people.bilal), sign_in(nadia)
    answers = [answered(people.amina), answered(people.bushra), answered(people.bushra, key="again")]
    for work, points in zip(answers, (4, 1, 4), strict=True):
        bilal.post(f"/marking/{work}", data=by_rubric(points))
    ask_about(answers[0], sign_in(people.amina))
    for work in answers:
        assert other.post(f"/marking/{work}/second", data=by_rubric(3, comment="No.")).status_code == 303
    ask_about(answers[2], sign_in(people.bushra))
    # Of attempts that count no more the page says nothing.
    assert "Points 1 0%" in Page(bilal.get("/marking/agreement").text).text
    Workshop.of(settings).settle_reliability()
    with begin(database, read_only=True) as session:
        assert [row.pairs for row in session.scalars(select(SchemeReliability))] == [2]


def ask_about(work: str, client: FlaskClient) -> None:
    asked = client.post(f"/results/submissions/{work.split('/')[1]}/answer/regrade", data={"reason": "See line two."})
    assert asked.status_code == 303


def test_a_second_mark_by_somebody_who_had_given_a_first_one_makes_no_pair(
    people: SimpleNamespace,
    sign_in: SignIn,
    kind: Kind,
    nadia: Account,
    database: Engine,
    mark_twice: Callable[[int], None],
) -> None:
    """As they stand in databases from before nobody was offered that."""
    mark_twice(100)
    work, bilal, other = kind.made_by(people.amina), sign_in(people.bilal), sign_in(nadia)
    bilal.post(f"/marking/{work}", data=kind.given(4))
    bilal.post(f"/marking/{work}", data=kind.given(3, comment="Not all of it.", seen="1"))
    assert other.post(f"/marking/{work}/second", data=kind.given(4)).status_code == 303
    assert "No answer has two marks yet." not in bilal.get("/marking/agreement").text
    with begin(database) as session:
        of_answers, of_memos = (
            session.scalars(select(marks).where(marks.number == 1)).all() for marks in (CellMark, MemoMark)
        )
        [first] = [*of_answers, *of_memos]
        first.marker_id = nadia.id
    assert "No answer has two marks yet." in bilal.get("/marking/agreement").text


def test_without_a_sample_nothing_is_marked_twice(
    people: SimpleNamespace, sign_in: SignIn, kind: Kind, nadia: Account
) -> None:
    work = kind.made_by(people.amina)
    sign_in(people.bilal).post(f"/marking/{work}", data=kind.given(4))
    other = sign_in(nadia)
    assert "second mark" not in other.get("/marking").text
    assert other.get(f"/marking/{work}/second").status_code == 404
    assert other.post(f"/marking/{work}/second", data=kind.given(4)).status_code == 404
    assert "No answer has two marks yet." in other.get("/marking/agreement").text


def test_a_share_draws_the_same_part_of_the_memos_for_every_marker(
    people: SimpleNamespace,
    sign_in: SignIn,
    written: Callable[..., str],
    nadia: Account,
    mark_twice: Callable[[int], None],
) -> None:
    """Of runs 1 to 6 sha256 draws 57, 10, 25, 83, 5 and 13 (of 100)."""
    mark_twice(50)
    memos = [written(people.amina) for _ in range(6)]
    bilal = sign_in(people.bilal)
    for memo in memos:
        bilal.post(f"/marking/{memo}", data=by_memo_rubric(1, 1, 1))
    listed = sign_in(nadia).get("/marking").text
    assert [f"/marking/{memo}/second" in listed for memo in memos] == [False, True, True, False, True, True]


def test_agreement_on_memos_by_points_and_by_each_row_of_the_rubric(
    people: SimpleNamespace,
    sign_in: SignIn,
    written: Callable[..., str],
    nadia: Account,
    mark_twice: Callable[[int], None],
) -> None:
    """Sums are 2, 4, 10, 10 and 2, 8, 6, 9.

    Sums: 1 of 4 agree, by chance 1/16, so kappa is (1/4 - 1/16) / (15/16) = 0.20; squares of differences are
    (0 + 16 + 16 + 1) / 4 = 8.25, by chance 320/16 = 20, so weighted kappa is 1 - 8.25/20 = 0.59.
    First row: 3 of 4, by chance 4/16: 0.67; squares 1/4, by chance 80/16 = 5: 0.95.
    Second row: everywhere the same. Third row: 2 of 4, by chance 1/2: 0; squares 8, by chance 8: 0.
    """
    mark_twice(100)
    firsts = [(0, 2, 0), (2, 2, 0), (4, 2, 4), (4, 2, 4)]
    seconds = [(0, 2, 0), (2, 2, 4), (4, 2, 0), (3, 2, 4)]
    bilal, other = sign_in(people.bilal), sign_in(nadia)
    for first, second in zip(firsts, seconds, strict=True):
        memo = written(people.amina)
        bilal.post(f"/marking/{memo}", data=by_memo_rubric(*first))
        other.post(f"/marking/{memo}/second", data=by_memo_rubric(*second, comment="Who pays?"))
    page = Page(bilal.get("/marking/agreement").text).text
    for words in (
        "Points 4 25% 0.20 0.59",
        "how sure that is? 4 75% 0.67 0.95",
        "what was gained? 4 100% cannot be told cannot be told",
        "act on it tomorrow? 4 50% 0.00 0.00",
        "4 and 8 of 12 points",
    ):
        assert words in page
    assert page.count("Who pays?") == 3


def test_two_marks_of_equal_points_by_other_levels_are_worth_talking_about(
    people: SimpleNamespace,
    sign_in: SignIn,
    written: Callable[..., str],
    nadia: Account,
    mark_twice: Callable[[int], None],
) -> None:
    mark_twice(100)
    memo, bilal = written(people.amina), sign_in(people.bilal)
    bilal.post(f"/marking/{memo}", data=by_memo_rubric(4, 0, 3))
    sign_in(nadia).post(f"/marking/{memo}/second", data=by_memo_rubric(4, 1, 2))
    assert "7 and 7 of 12 points" in bilal.get("/marking/agreement").text


@pytest.mark.both_databases
def test_shares_are_set_for_labs_and_simulations_of_a_cohort_and_noted(
    people: SimpleNamespace, sign_in: SignIn, cohort: Cohort, database: Engine
) -> None:
    bilal, address = sign_in(people.bilal), f"/cohorts/{cohort.id}/second-marking"
    assert f'href="{address}"' in bilal.get(f"/cohorts/{cohort.id}").text
    page = bilal.get(address).text
    assert "percent of the written answers" in page
    assert "percent of the memos" in page
    refused = bilal.post(address, data={"share_grievance": "101", "share_grievances": "۲۰"})
    assert refused.status_code == 422
    assert "Type a number from 0 to 100." in refused.text
    assert 'value="101"' in refused.text
    for _ in range(2):
        saved = bilal.post(address, data={"share_grievance": "20", "share_grievances": "۳۰"})
        assert saved.location == f"/cohorts/{cohort.id}"
    assert 'value="30"' in bilal.get(address).text
    seen = {"share_grievance_seen": "20", "share_grievances_seen": "30"}
    for name, value in seen.items():
        assert re.search(rf'name="{name}" type="hidden" value="{value}"', bilal.get(address).text)
    bilal.post(address, data={"share_grievance": "", "share_grievances": "30"} | seen)
    with begin(database, read_only=True) as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.verb == "second_marking_set")).all()
        kept = {row.activity_id: row.percent for row in session.scalars(select(SecondMarking))}
    assert [entry.detail["changes"] for entry in entries] == [
        {"grievance": [0, 20], "grievances": [0, 30]},
        {"grievance": [20, 0]},
    ]
    assert {entry.actor_id for entry in entries} == {people.bilal.id}
    assert kept == {"grievance": 0, "grievances": 30}


@pytest.mark.both_databases
def test_a_share_that_another_set_meanwhile_is_not_overwritten_unseen(
    people: SimpleNamespace, sign_in: SignIn, cohort: Cohort, nadia: Account, database: Engine
) -> None:
    bilal, address = sign_in(people.bilal), f"/cohorts/{cohort.id}/second-marking"
    sign_in(nadia).post(address, data={"share_grievance": "0", "share_grievances": "30"})
    late = {"share_grievance": "100", "share_grievances": "50"} | SEEN_NONE
    refused = bilal.post(address, data=late)
    assert refused.status_code == 409
    assert "Another person has set other shares since you opened this page" in refused.text
    # Neither of the two was set, the one that nobody else had touched included.
    shown = dict(re.findall(r'name="(share_\w+_seen)" type="hidden" value="(\d+)"', refused.text))
    assert shown == {"share_grievance_seen": "0", "share_grievances_seen": "30"}
    for kept in ("0 percent", "30 percent", 'value="100"', 'value="50"'):
        assert kept in refused.text
    assert bilal.post(address, data=late | shown).status_code == 303
    with begin(database, read_only=True) as session:
        assert {row.activity_id: row.percent for row in session.scalars(select(SecondMarking))} == {
            "grievance": 100,
            "grievances": 50,
        }


def test_what_is_sent_as_it_was_shown_leaves_what_another_set(
    people: SimpleNamespace, sign_in: SignIn, cohort: Cohort, nadia: Account, database: Engine
) -> None:
    address = f"/cohorts/{cohort.id}/second-marking"
    sign_in(nadia).post(address, data={"share_grievance": "20", "share_grievances": "0"})
    late = {"share_grievance": "0", "share_grievances": "50"} | SEEN_NONE
    saved = sign_in(people.bilal).post(address, data=late)
    assert saved.status_code == 303
    with begin(database, read_only=True) as session:
        assert {row.activity_id: row.percent for row in session.scalars(select(SecondMarking))} == {
            "grievance": 20,
            "grievances": 50,
        }


@pytest.mark.parametrize(("who", "status"), [("amina", 403), ("farid", 403), ("away", 404)])
def test_only_an_instructor_of_the_academy_sets_shares_and_marks(
    people: SimpleNamespace,
    sign_in: SignIn,
    cohort: Cohort,
    database: Engine,
    kind: Kind,
    mark_twice: Callable[[int], None],
    away: Account,
    who: str,
    status: int,
) -> None:
    mark_twice(100)
    work = kind.made_by(people.amina)
    sign_in(people.bilal).post(f"/marking/{work}", data=kind.given(4))
    client = sign_in(away if who == "away" else getattr(people, who))
    for address, data in (
        (f"/cohorts/{cohort.id}/second-marking", {"share_grievance": "0"}),
        (f"/marking/{work}", kind.given(0, seen="1")),
        (f"/marking/{work}/second", kind.given(0)),
    ):
        assert client.get(address).status_code == status
        assert client.post(address, data=data).status_code == status
    with begin(database, read_only=True) as session:
        assert {row.percent for row in session.scalars(select(SecondMarking))} == {100}
        assert session.scalars(select(SecondMark)).all() == []


def test_a_memo_of_an_exercise_is_marked_twice_by_the_share_of_the_exercise_s_cohort(
    people: SimpleNamespace,
    sign_in: SignIn,
    cohort: Cohort,
    nadia: Account,
    database: Engine,
    mark_twice: Callable[[int], None],
    finish_a_run: Callable[..., int],
) -> None:
    """The trainee has joined another cohort since, whose share is none."""
    mark_twice(100)
    with begin(database) as session:
        exercise = exercises.create(session, people.bilal, cohort, "grievance", title="Week 4", attempts=1, paced=False)
        later = Cohort(academy_id=cohort.academy_id, name="Later", module_id=cohort.module_id)
        session.add(later)
        session.flush()
        accounts.enrol(session, later, people.amina)
    in_exercise, for_practice = finish_a_run(people.amina, exercise_id=exercise.id), finish_a_run(people.amina)
    bilal = sign_in(people.bilal)
    with begin(database) as session:
        for number in (in_exercise, for_practice):
            sims.write_memo(session, session.get_one(SimulationRun, number), "Half of it came back.")
    for number in (in_exercise, for_practice):
        bilal.post(f"/marking/run/{number}/memo", data=by_memo_rubric(1, 1, 1))
    listed = sign_in(nadia).get("/marking").text
    assert f"/marking/run/{in_exercise}/memo/second" in listed
    assert f"/marking/run/{for_practice}/memo/second" not in listed


def test_the_pages_of_several_markers_speak_urdu(
    people: SimpleNamespace, sign_in: SignIn, answered: Callable[..., str], written: Callable[..., str], cohort: Cohort
) -> None:
    answer, memo, bilal = answered(people.amina), written(people.amina), sign_in(people.bilal)
    bilal.post("/language", data={"language": "ur", "next": "/"})
    page = bilal.get(f"/marking/{memo}").text
    assert "کیا وزیر کل اس پر عمل کر سکتا ہے؟" in page
    assert "Could the minister" not in page
    page = bilal.get(f"/marking/{answer}").text
    assert "نسب نما سمیت درست عدد" in page
    assert "A right figure" not in page
    for address in ("/marking/comments", "/marking/agreement", f"/cohorts/{cohort.id}/second-marking"):
        assert 'dir="rtl"' in bilal.get(address).text
