"""The kept sums of evidence follow it at once, whoever writes, and can be made anew."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select, update

from app.accounts.models import Account
from app.cli import estimate_commands
from app.competencies import tallies
from app.competencies.estimation import METHOD_VERSION
from app.competencies.models import Evidence, EvidenceKind, SkillTally
from app.competencies.service import note_seconded, record_evidence, retire_evidence
from app.core.db import begin, close_session, open_session

pytestmark = pytest.mark.both_databases
AT_ONCE = 6


def record(
    database: Engine, trainee: Account, *, part: str = "median-days", competency: str = "D2.1", outcome: float = 1.0
) -> None:
    with begin(database) as session:
        record_evidence(
            session,
            trainee,
            competency=competency,
            level=2,
            kind=EvidenceKind.NOTEBOOK_CELL,
            outcome=outcome,
            source="submission:3",
            part=part,
        )


def kept(database: Engine) -> dict[tuple[int, str], SkillTally]:
    with begin(database, read_only=True) as session:
        return {(row.trainee_id, row.competency): row for row in session.scalars(select(SkillTally))}


def compared(database: Engine) -> tallies.Recomputed:
    return tallies.recompute(database, keep=False)


def test_new_evidence_is_in_the_sums_of_its_own_transaction(database, people):
    record(database, people.amina)
    [row] = kept(database).values()
    assert (row.successes, row.failures) == (1.5, 0.0)
    assert (row.pieces, row.kinds, row.method) == (1, "notebook_cell", METHOD_VERSION)


def test_a_later_marking_and_a_withdrawal_are_in_the_sums(database, people):
    record(database, people.amina)
    record(database, people.amina, outcome=0.0)
    row = kept(database)[people.amina.id, "D2.1"]
    assert (row.successes, row.failures) == (0.0, 1.5)
    with begin(database) as session:
        retire_evidence(session, source="submission:3", kept=())
    assert kept(database)[people.amina.id, "D2.1"].pieces == 0
    assert compared(database).differing == ()


def test_a_written_product_that_a_second_person_marked_is_in_the_sums_and_stays_so(database, people):
    found = []
    for outcome in (0.5, 0.75):
        with begin(database) as session:
            record_evidence(
                session,
                session.get_one(Account, people.amina.id),
                competency="D4.2",
                level=3,
                kind=EvidenceKind.WRITTEN_PRODUCT,
                outcome=outcome,
                source="run:1",
                part="memo",
            )
        found.append(kept(database)[people.amina.id, "D4.2"].has_seconded_product)
        if len(found) == 1:
            with begin(database) as session:
                note_seconded(session, source="run:1", part="memo")
    assert found == [False, True]
    assert compared(database).differing == ()
    with begin(database) as session:
        session.execute(update(SkillTally).values(has_seconded_product=False))
    assert compared(database).differing == ((people.amina.id, "D4.2"),)


def test_what_is_rolled_back_is_in_no_sum(database, people):
    session = open_session(database, read_only=False)
    record_evidence(
        session,
        session.get_one(Account, people.amina.id),
        competency="D2.1",
        level=2,
        kind=EvidenceKind.QUIZ_ITEM,
        outcome=1.0,
        source="quiz_attempt:1",
        part="a",
    )
    close_session(session)
    assert kept(database) == {}


steps = st.lists(
    st.tuples(st.sampled_from(["D2.1", "D2.2"]), st.sampled_from(["a", "b", "c"]), st.floats(0, 1)), max_size=12
)


@given(steps, st.sets(st.sampled_from(["a", "b", "c"])))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_written_the_sums_are_those_of_a_recomputation(database, people, written, kept_parts):
    for competency, part, outcome in written:
        record(database, people.amina, competency=competency, part=part, outcome=outcome)
    with begin(database) as session:
        retire_evidence(session, source="submission:3", kept=kept_parts)
    assert compared(database).differing == ()


def test_evidence_that_arrives_at_the_same_moment_is_added_up_whole(database, people):
    ready = threading.Barrier(AT_ONCE)

    def give(number: int) -> None:
        ready.wait()
        # In opposite orders, so that whoever locked as they came would wait in a circle.
        codes = ["D2.1", "D2.2"] if number % 2 else ["D2.2", "D2.1"]
        with begin(database) as session:
            for code in codes:
                record_evidence(
                    session,
                    session.get_one(Account, people.amina.id),
                    competency=code,
                    level=2,
                    kind=EvidenceKind.NOTEBOOK_CELL,
                    outcome=1.0,
                    source=f"submission:{number}",
                    part="cell",
                )

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(give, range(AT_ONCE)))
    assert {row.pieces for row in kept(database).values()} == {AT_ONCE}
    assert compared(database).differing == ()


@pytest.mark.parametrize("begin_anew", [tallies.recompute, tallies.bring_up_to_date])
def test_evidence_that_arrives_while_sums_are_made_anew_is_in_them(database, people, monkeypatch, begin_anew):
    record(database, people.amina)
    spoil(database, update(SkillTally).values(method="beta-decay 1"))
    arriving: list[threading.Thread] = []
    real, here = tallies._added_up, threading.get_ident()

    def meanwhile(rows):
        found = list(real(rows))
        if threading.get_ident() == here and not arriving:
            more = threading.Thread(target=record, args=(database, people.amina), kwargs={"part": "later"})
            arriving.append(more)
            more.start()
            more.join(1)
        return iter(found)

    monkeypatch.setattr(tallies, "_added_up", meanwhile)
    begin_anew(database)
    arriving[0].join()
    assert compared(database) == tallies.Recomputed(pieces=2, tallies=1, differing=())


def spoil(database: Engine, statement: Any) -> None:
    with begin(database) as session:
        session.execute(statement)


@pytest.fixture
def spoilt(database, people):
    """One sum that is too high, one that is missing, one of evidence that is gone."""
    record(database, people.amina)
    record(database, people.amina, competency="D2.2")
    record(database, people.amina, competency="D2.3")
    spoil(database, update(SkillTally).where(SkillTally.competency == "D2.1").values(successes=9.0))
    spoil(database, delete(SkillTally).where(SkillTally.competency == "D2.2"))
    spoil(database, delete(Evidence).where(Evidence.competency == "D2.3"))
    return tuple((people.amina.id, code) for code in ("D2.1", "D2.2", "D2.3"))


def test_the_command_names_and_mends_sums_that_do_not_follow_from_the_evidence(app, database, spoilt):
    app.cli.add_command(estimate_commands)
    run = app.test_cli_runner().invoke
    trial = run(args=["estimates", "recompute", "--dry-run"])
    assert trial.exit_code == 1
    assert "2 pieces of evidence in 2 estimates; 3 were kept wrongly." in trial.output
    assert compared(database).differing == spoilt
    mended = run(args=["estimates", "recompute"])
    assert mended.exit_code == 1
    assert "They are mended." in mended.output
    assert f"Trainee {spoilt[0][0]}, D2.1: what was kept did not follow from the evidence." in mended.output
    again = run(args=["estimates", "recompute"])
    assert (again.exit_code, again.output) == (
        0,
        "2 pieces of evidence in 2 estimates; 0 were kept wrongly.\n",
    )
    assert sorted(code for _trainee, code in kept(database)) == ["D2.1", "D2.2"]


@pytest.mark.parametrize(
    "statement", [delete(SkillTally), update(SkillTally).values(method="beta-decay 1", successes=9.0)]
)
def test_sums_of_another_method_or_none_are_made_anew_at_the_start(database, people, statement):
    record(database, people.amina)
    before = kept(database)[people.amina.id, "D2.1"].successes
    spoil(database, statement)
    tallies.bring_up_to_date(database)
    row = kept(database)[people.amina.id, "D2.1"]
    assert (row.successes, row.method) == (before, METHOD_VERSION)


def test_a_start_leaves_sums_of_the_present_method_alone(database, people):
    record(database, people.amina)
    spoil(database, update(SkillTally).values(successes=9.0))
    tallies.bring_up_to_date(database)
    assert kept(database)[people.amina.id, "D2.1"].successes == 9.0
