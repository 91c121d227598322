"""Work that people marked counts in estimates by how far they agree: assumed, known, shown in words, recomputed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from sqlalchemy import Engine, select

from app import cli
from app.accounts import service as accounts
from app.accounts.models import Academy, Account
from app.competencies.estimation import Tally, reliability, standings
from app.competencies.models import Evidence, EvidenceKind, SchemeReliability, SkillTally
from app.competencies.service import record_evidence
from app.competencies.tallies import kinds_of
from app.core import clock
from app.core.access import Role
from app.core.db import begin
from app.marking.agreement import agreement, pooled
from app.marking.models import SecondMark
from app.worker import Workshop
from config import Settings
from tests.app.conftest import by_memo_rubric, by_rubric
from tests.conftest import PASSWORD

MARKS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40)


@pytest.fixture
def nadia(database: Engine, people: SimpleNamespace) -> Account:
    """A second instructor of bilal's academy."""
    with begin(database) as session:
        academy = session.get_one(Academy, people.bilal.academy_id)
        return accounts.add_account(
            session, academy, username="nadia", full_name="Nadia Gul", role=Role.INSTRUCTOR, password=PASSWORD
        )


@pytest.fixture
def workshop(settings: Settings) -> Workshop:
    return Workshop.of(settings)


@pytest.fixture
def memos(
    people: SimpleNamespace, sign_in: Callable, written: Callable[..., str], nadia: Account, mark_twice: Callable
) -> Callable[..., None]:
    """Have amina write memos, and two people mark each, by points of its first row; None: no second mark."""
    mark_twice(100)
    first, second = sign_in(people.bilal), sign_in(nadia)

    def mark(*points: tuple[int, int | None]) -> None:
        for one, other in points:
            memo = written(people.amina)
            assert first.post(f"/marking/{memo}", data=by_memo_rubric(one, one, one)).status_code == 303
            if other is not None:
                data = by_memo_rubric(other, other, other)
                assert second.post(f"/marking/{memo}/second", data=data).status_code == 303

    return mark


def page(client: FlaskClient, people: SimpleNamespace, code: str = "D4.2") -> str:
    return client.get(f"/record/{people.amina.id}/{code}").text


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    cli.init_app(app)
    result = app.test_cli_runner().invoke(args=["estimates", *arguments])
    return result.exit_code, result.output


def settled(database: Engine) -> list[tuple[int, float | None, float]]:
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(SchemeReliability).order_by(SchemeReliability.id))
        return [(row.pairs, row.agreement, row.reliability) for row in rows]


@pytest.mark.both_databases
def test_what_a_person_marked_counts_by_an_assumption_until_two_have_marked_such_work(
    app: Flask, people: SimpleNamespace, memos: Callable, amina: FlaskClient, workshop: Workshop, database: Engine
) -> None:
    memos((4, None))
    workshop.settle_reliability()
    assert settled(database) == []
    told = page(amina, people)
    assert "marked by a person, counts for 70%" in told
    assert "counts for 70% of its weight in memos to the minister. That is an assumption" in told
    # alpha 1 + 2 x 0.7 of 2 + 2 x 0.7
    assert "Estimate 71%" in told
    assert run(app, "recompute", "--dry-run")[0] == 0


def test_a_cell_that_a_machine_marked_counts_in_full(
    people: SimpleNamespace, sign_in: Callable, answered: Callable[..., str], amina: FlaskClient, database: Engine
) -> None:
    answer = answered(people.amina)
    sign_in(people.bilal).post(f"/marking/{answer}", data=by_rubric(4))
    with begin(database, read_only=True) as session:
        by_person = {row.part: row.scheme and row.scheme.name for row in session.scalars(select(Evidence))}
    assert by_person == {"look-check": None, "answer": "measure-to-manage/grievances"}
    with begin(database, read_only=True) as session:
        codes = {row.part: row.competency for row in session.scalars(select(Evidence))}
    assert "marked by a person, counts for 70%" in page(amina, people, codes["answer"])
    assert "of the lab “" in page(amina, people, codes["answer"])


@pytest.mark.both_databases
def test_agreement_raises_what_marked_work_counts_for_and_former_figures_can_be_proved(
    app: Flask,
    people: SimpleNamespace,
    sign_in: Callable,
    memos: Callable,
    amina: FlaskClient,
    workshop: Workshop,
    database: Engine,
    tmp_path: Path,
) -> None:
    memos(*[(points, points) for points in (0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 4, 4)])
    kept = tmp_path / "kept.csv"
    kept.write_text(amina.get(f"/record/{people.amina.id}/estimates.csv").text, encoding="utf-8")
    assert "counts for 70%" in page(amina, people)
    for _again in range(2):
        workshop.settle_reliability()
    # (25 x 0.7 + 12 x 1) / 37 is 0.797.
    assert settled(database) == [(12, 1.0, 0.8)]
    told = page(amina, people)
    assert "marked by a person, counts for 80%" in told
    assert "because of how far two markers agreed on 12 pieces of such work" in told
    assert "Weighted kappa was 1.00" in told
    assert "Nadia" not in told
    changed = amina.get("/record").text
    assert "D4.2" in changed
    assert run(app, "recompute", "--dry-run")[0] == 0
    code, said = run(app, "verify", str(kept))
    assert code == 0, said
    now = tmp_path / "now.csv"
    now.write_text(amina.get(f"/record/{people.amina.id}/estimates.csv").text, encoding="utf-8")
    assert now.read_text() != kept.read_text()
    assert run(app, "verify", str(now))[0] == 0
    assert "weighed anew what people marked" in sign_in(people.farid).get("/audit").text


def test_few_pairs_are_told_without_their_agreement(
    people: SimpleNamespace, memos: Callable, amina: FlaskClient, workshop: Workshop, database: Engine
) -> None:
    memos((0, 4), (4, 0))
    workshop.settle_reliability()
    # Kappa is -1: (25 x 0.7 - 2) / 27 is 0.574.
    assert settled(database) == [(2, -1.0, 0.55)]
    told = page(amina, people)
    assert "counts for 55% of its weight in memos to the minister, because of how far two markers agreed on 2" in told
    assert "kappa" not in told


def test_a_later_mark_makes_no_other_pair(
    people: SimpleNamespace, sign_in: Callable, memos: Callable, workshop: Workshop, database: Engine
) -> None:
    """It may be given in knowledge of the second one."""
    memos((0, 4), (4, 4), (2, 2))
    workshop.settle_reliability()
    before = settled(database)
    data = by_memo_rubric(4, 4, 4, seen="1", comment="I had overlooked the second page.")
    assert sign_in(people.bilal).post("/marking/run/1/memo", data=data).status_code == 303
    workshop.settle_reliability()
    assert settled(database) == before


@pytest.mark.both_databases
def test_who_decided_on_the_dispute_of_a_memo_gives_no_second_mark_of_it(
    people: SimpleNamespace,
    sign_in: Callable,
    memos: Callable[..., None],
    add_instructor: Callable[..., Account],
    database: Engine,
) -> None:
    memos((0, None))
    with begin(database, read_only=True) as session:
        number = session.scalars(select(Evidence.id).where(Evidence.kind == EvidenceKind.WRITTEN_PRODUCT)).one()
    judge, reader = sign_in(add_instructor("salma")), sign_in(add_instructor("dania"))
    appeal = sign_in(people.amina).post(f"/appeals/evidence/{number}", data={"text": "It is all there."}).location
    second = "/marking/run/1/memo/second"
    for each in (judge, reader):
        assert f'href="{second}"' in each.get("/marking").text
    decision = {"decision": "refused:nothing", "reason": "It is not there."}
    assert judge.post(f"{appeal}/decide", data=decision).status_code == 303
    assert f'href="{second}"' not in judge.get("/marking").text
    assert judge.get(second).status_code == 404
    assert judge.post(second, data=by_memo_rubric(4, 4, 4)).status_code == 404
    assert "is shown after the second marking" in reader.get(appeal).text
    assert reader.post(second, data=by_memo_rubric(4, 4, 4)).status_code == 303
    assert "is shown after the second marking" not in reader.get(appeal).text


def test_a_second_mark_by_whoever_had_decided_on_a_dispute_makes_no_pair(
    people: SimpleNamespace,
    sign_in: Callable,
    memos: Callable[..., None],
    add_instructor: Callable[..., Account],
    database: Engine,
    workshop: Workshop,
) -> None:
    """As it could be given before."""
    memos(*[(points, points) for points in (0, 1, 2, 3, 4)])
    judge = add_instructor("salma")
    with begin(database, read_only=True) as session:
        evidence = select(Evidence.id).where(Evidence.kind == EvidenceKind.WRITTEN_PRODUCT)
        number = session.scalars(evidence.order_by(Evidence.id)).first()
    appeal = sign_in(people.amina).post(f"/appeals/evidence/{number}", data={"text": "It is all there."}).location
    decision = {"decision": "refused:nothing", "reason": "It is not there."}
    assert sign_in(judge).post(f"{appeal}/decide", data=decision).status_code == 303
    with begin(database) as session:
        given = session.scalars(select(SecondMark).order_by(SecondMark.id)).first()
        assert given is not None
        given.marker_id, given.marked_at = judge.id, clock.now()
    workshop.settle_reliability()
    assert settled(database)[0][0] == 4
    assert '<td class="number">4</td>' in sign_in(people.bilal).get("/marking/agreement").text


def test_why_the_estimate_moved_is_told_with_what_moved_it(
    people: SimpleNamespace, memos: Callable, amina: FlaskClient, workshop: Workshop, database: Engine
) -> None:
    memos(*[(points, points) for points in (0, 1, 2, 3, 4, 4, 4, 4, 4, 4, 4, 4)])
    with begin(database) as session:
        for row in session.scalars(select(Evidence)):
            row.recorded_at -= timedelta(days=2)
            row.at -= timedelta(days=2)
    workshop.settle_reliability()
    told = amina.get("/record", query_string={"since": clock.now().date().isoformat()}).text
    assert "What people marked" in told


def test_in_urdu_it_is_told_as_well(
    people: SimpleNamespace, sign_in: Callable, memos: Callable, workshop: Workshop, amina: FlaskClient
) -> None:
    memos((1, 1), (3, 3))
    workshop.settle_reliability()
    amina.post("/language", data={"language": "ur"})
    told = page(amina, people)
    assert "کسی شخص نے جانچا" in told
    assert "وزیر کے نام یادداشتوں" in told


@pytest.mark.both_databases
def test_a_memo_that_two_people_marked_opens_level_4_from_that_moment_on(
    app: Flask, people: SimpleNamespace, memos: Callable, amina: FlaskClient, sign_in: Callable, database: Engine
) -> None:
    memos((4, None))
    with begin(database) as session:
        trainee = session.get_one(Account, people.amina.id)
        for number in range(14):
            kind = EvidenceKind.QUIZ_ITEM if number % 2 else EvidenceKind.NOTEBOOK_CELL
            where = {"source": f"quiz_attempt:{number}", "part": "question"}
            record_evidence(session, trainee, competency="D4.2", level=2, kind=kind, outcome=1.0, **where)
    told = page(amina, people)
    assert "a written product that two people marked" in told
    assert "A memo to the minister is one." in told
    assert standing(database, people) == 3
    before = amina.get(f"/record/{people.amina.id}/estimates.csv").text
    assert ",3,15," in before
    data = by_memo_rubric(4, 4, 3)
    nadia = sign_in(SimpleNamespace(username="nadia"))
    assert nadia.post("/marking/run/1/memo/second", data=data).status_code == 303
    assert standing(database, people) == 4
    assert ",4,15," in amina.get(f"/record/{people.amina.id}/estimates.csv").text
    assert run(app, "recompute", "--dry-run")[0] == 0


def standing(database: Engine, people: SimpleNamespace) -> int | None:
    """Amina's level by the kept sums."""
    with begin(database, read_only=True) as session:
        kept = session.get_one(SkillTally, (people.amina.id, "D4.2"))
        whole, first = (kept.successes, kept.failures), (kept.first_level_successes, kept.first_level_failures)
        sums = Tally("D4.2", kept.day, *whole, *first, kept.pieces, kinds_of(kept.kinds), kept.has_seconded_product)
        return standings([sums], now=clock.now())[0].level


@pytest.mark.parametrize(
    ("pairs", "agreed", "share"),
    [
        (0, None, 0.7),
        (7, None, 0.7),
        (25, 1.0, 0.85),
        (10_000, 1.0, 1.0),
        (10_000, 0.0, 0.5),
        (10_000, -1.0, 0.5),
        (100, 0.6, 0.6),
    ],
)
def test_reliability_moves_from_the_assumption_to_what_pairs_say_within_its_bounds(
    pairs: int, agreed: float | None, share: float
) -> None:
    assert reliability(pairs, agreed) == pytest.approx(share)


@given(MARKS)
def test_pooled_over_one_task_it_is_weighted_kappa_as_scikit_learn_has_it(pairs: list[tuple[int, int]]) -> None:
    ours = pooled([[(float(one), float(other)) for one, other in pairs]])
    first, second = zip(*pairs, strict=True)
    assert ours.pairs == len(pairs)
    if ours.weighted is None:
        assert len({*first, *second}) == 1
    else:
        theirs = cohen_kappa_score(first, second, labels=range(5), weights="quadratic")
        assert ours.weighted == pytest.approx(theirs)


def test_an_easy_and_a_hard_task_are_no_agreement_by_themselves() -> None:
    """Within each task the marks have nothing to do with one another; taken as one task they would seem to agree."""
    easy = [(0.9, 1.0), (1.0, 0.9), (0.9, 0.9), (1.0, 1.0)]
    hard = [(0.0, 0.1), (0.1, 0.0), (0.0, 0.0), (0.1, 0.1)]
    assert pooled([easy, hard]).weighted == pytest.approx(0.0)
    as_one = agreement(*zip(*easy, *hard, strict=True))
    assert as_one.weighted is not None
    assert as_one.weighted > 0.95


def test_a_task_with_one_pair_says_nothing() -> None:
    assert pooled([[(0.0, 1.0)], [(0.5, 0.5)]]).pairs == 0
    assert pooled([]).weighted is None
