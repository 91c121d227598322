"""Memos to the minister: written once, marked by rubric without a name, versions kept, evidence made."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

import simulations
from app.competencies.models import Evidence, EvidenceKind
from app.core.audit import AuditEntry
from app.core.db import begin
from app.desk import memos
from app.sims.models import Memo, MemoMark, SimulationRun
from tests.app.conftest import by_memo_rubric
from tests.pages import Page, send

SCENARIO = simulations.load("grievance")
DESK = "/simulations/measure-to-manage/grievance"
TEXT = "Half of what we closed came back.\nPeople in the north wait longest.\nLet Ali call twenty a week by June."
MARKS = by_memo_rubric(2, 3, 4)


@pytest.fixture
def finished(amina: FlaskClient) -> str:
    """The address of a debrief."""
    send(amina, Page(amina.get(DESK).text).form("/start"))
    for _ in range(SCENARIO.rounds):
        answer = send(amina, Page(amina.get(DESK).text).form("/decision"))
    return answer.location


@pytest.fixture
def memo(amina: FlaskClient, finished: str, database: Engine) -> Memo:
    assert send(amina, Page(amina.get(finished).text).form("/memo"), memo=TEXT).status_code == 303
    with begin(database, read_only=True) as session:
        return session.scalars(select(Memo)).one()


def evidence(database: Engine) -> list[tuple[str, float, bool]]:
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(Evidence).where(Evidence.kind == EvidenceKind.WRITTEN_PRODUCT)).all()
        return [(row.competency, row.outcome, row.superseded_at is None) for row in rows]


def test_a_memo_is_written_once_and_read_again_in_the_debrief(amina, finished, memo, database):
    page = Page(amina.get(finished).text)
    assert "The memo waits for an instructor" in page.text
    assert memo.text == TEXT
    again = amina.post(f"{finished}/memo", data={"memo": "Another text."})
    assert again.status_code == 303
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Memo.text)).all() == [TEXT]


@pytest.mark.parametrize(
    ("typed", "message"),
    [("  ", "Write your memo first"), ("x" * (memos.LONGEST + 7), "Your memo is 7 characters too long")],
)
def test_a_memo_that_is_empty_or_too_long_is_refused_and_kept(amina, finished, database, typed, message):
    answer = amina.post(f"{finished}/memo", data={"memo": typed})
    assert answer.status_code == 422
    assert message in answer.text
    assert Page(answer.text).form("/memo")["memo"].strip() == typed.strip()
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Memo)).all() == []


def test_there_is_no_memo_before_the_last_round(amina, database):
    send(amina, Page(amina.get(DESK).text).form("/start"))
    with begin(database, read_only=True) as session:
        run = session.scalars(select(SimulationRun)).one()
    assert amina.post(f"/runs/{run.id}/memo", data={"memo": TEXT}).status_code == 404


def test_a_memo_is_marked_without_a_name_and_becomes_evidence(amina, bilal, finished, memo, database, people):
    assert "no. 1" in bilal.get("/marking").text
    page = bilal.get(f"/marking/run/{memo.run_id}/memo").text
    assert "Half of what we closed came back." in page
    assert people.amina.full_name not in page
    answer = bilal.post(
        f"/marking/run/{memo.run_id}/memo", data=MARKS | {"comment": "Say how sure you are.", "seen": "0"}
    )
    assert answer.status_code == 303
    assert evidence(database) == [("D4.2", 9 / 12, True)]
    shown = Page(amina.get(finished).text).text
    assert "Say how sure you are." in shown
    with begin(database, read_only=True) as session:
        audited = session.scalars(select(AuditEntry).where(AuditEntry.verb == "memo_marked")).one()
    assert (audited.actor_id, audited.detail) == (people.bilal.id, {"mark": 1})
    assert "Written product" in amina.get(f"/record/{people.amina.id}/D4.2").text


def test_the_same_mark_again_changes_nothing_and_another_keeps_the_former(bilal, memo, database):
    address = f"/marking/run/{memo.run_id}/memo"
    for _ in range(2):
        assert bilal.post(address, data=MARKS | {"seen": "0"}).status_code == 303
    assert (
        bilal.post(address, data=MARKS | {"row_evidence": "full", "comment": "I misread it.", "seen": "1"}).status_code
        == 303
    )
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(MemoMark).order_by(MemoMark.number)).all()
    assert [(row.number, row.levels["evidence"], row.points) for row in rows] == [(1, "middle", 9), (2, "full", 11)]
    assert evidence(database) == [("D4.2", 9 / 12, False), ("D4.2", 11 / 12, True)]


def test_a_mark_made_meanwhile_is_not_overwritten_unseen(bilal, memo):
    address = f"/marking/run/{memo.run_id}/memo"
    bilal.post(address, data=MARKS | {"seen": "0"})
    answer = bilal.post(address, data=MARKS | {"row_recommendation": "none", "comment": "mine", "seen": "0"})
    assert answer.status_code == 409
    assert "Another person marked this answer in the meantime" in answer.text
    form = Page(answer.text).form(f"/marking/run/{memo.run_id}/memo")
    assert (form["seen"], form["comment"].strip()) == ("1", "mine")
    assert re.search(r'<input checked[^>]*name="row_recommendation"[^>]*value="none"', answer.text)


@pytest.mark.parametrize("level", ["", "best"])
def test_levels_outside_the_rubric_are_refused_and_the_rest_is_kept(bilal, memo, database, level):
    answer = bilal.post(
        f"/marking/run/{memo.run_id}/memo", data=MARKS | {"row_recommendation": level, "comment": "kept", "seen": "0"}
    )
    assert answer.status_code == 422
    form = Page(answer.text).form(f"/marking/run/{memo.run_id}/memo")
    assert form["comment"].strip() == "kept"
    assert answer.text.count("checked") == 2
    assert "Choose a level for “Could the minister act on it tomorrow?”." in answer.text
    with begin(database, read_only=True) as session:
        assert session.scalars(select(MemoMark)).all() == []


def test_nobody_reads_memos_of_another_academy_or_without_the_role(memo, people, sign_in):
    assert sign_in(people.amina).get(f"/marking/run/{memo.run_id}/memo").status_code == 403
    assert sign_in(people.farid).get(f"/marking/run/{memo.run_id}/memo").status_code == 403


def test_a_comment_on_a_memo_is_kept_and_offered_for_the_next(amina, bilal, memo):
    address = f"/marking/run/{memo.run_id}/memo"
    given = {**MARKS, "seen": "0", "comment": "Say who pays.", "keep": "y"}
    assert bilal.post(address, data=given).location == "/marking"
    listed = bilal.get("/marking/comments").text
    assert "Say who pays." in listed
    assert "Memo to the minister" in listed
    assert 'name="kept"' in bilal.get(address).text
    bilal.post(address, data={**MARKS, "seen": "1", "comment": "By June?", "kept": "1"})
    assert "Say who pays.\nBy June?" in bilal.get(address).text
    refused = bilal.post(address, data={**MARKS, "seen": "2", "comment": "x" * 2_001})
    assert refused.status_code == 422
    assert "The comment is too long." in refused.text
