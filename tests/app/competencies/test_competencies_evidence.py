"""Recording evidence: once for each outcome, and nothing is ever lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select

from app.competencies.models import Evidence, EvidenceKind
from app.competencies.queries import evidence_of, skills
from app.competencies.service import record_evidence
from app.core.access import Action
from app.core.db import begin

DONE_AT = datetime(2026, 2, 3, 9, 30, tzinfo=UTC)
CELL: dict[str, Any] = {
    "competency": "D2.1",
    "level": 2,
    "kind": EvidenceKind.NOTEBOOK_CELL,
    "source": "submission:3",
    "part": "median-days",
}


def all_evidence(database: Engine) -> list[Evidence]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(Evidence).order_by(Evidence.id)))


def test_the_same_result_delivered_twice_is_one_piece(database, people):
    with begin(database) as session:
        first = record_evidence(session, people.amina, outcome=0.5, **CELL)
        again = record_evidence(session, people.amina, outcome=0.5, **CELL)
        assert again.id == first.id
    assert len(all_evidence(database)) == 1


def test_another_marking_replaces_the_former_and_keeps_it(database, people):
    with begin(database) as session:
        record_evidence(session, people.amina, outcome=0.5, at=DONE_AT, **CELL)
    with begin(database) as session:
        record_evidence(session, people.amina, outcome=1.0, **CELL)
    former, later = all_evidence(database)
    assert (former.outcome, later.outcome) == (0.5, 1.0)
    assert later.superseded_at is None
    assert former.superseded_at is not None
    assert former.superseded_at > DONE_AT


def test_a_later_marking_stays_dated_to_when_the_work_was_done(database, people):
    with begin(database) as session:
        record_evidence(session, people.amina, outcome=0.5, at=DONE_AT, **CELL)
        record_evidence(session, people.amina, outcome=1.0, **CELL)
    assert [row.at for row in all_evidence(database)] == [DONE_AT, DONE_AT]


def test_a_replaced_piece_counts_no_more_but_is_still_shown(database, people):
    with begin(database) as session:
        record_evidence(session, people.amina, outcome=0.0, **CELL)
        record_evidence(session, people.amina, outcome=1.0, **CELL)
    with begin(database, read_only=True) as session:
        rows = evidence_of(session, people.amina, [people.amina.id], Action.SEE_SKILL_RECORD)
    skill = skills(rows)[people.amina.id, "D2.1"]
    # alpha 1 + 1.5, beta 1
    assert skill.estimate.mean == pytest.approx(2.5 / 3.5)
    assert [row.outcome for row in skill.evidence] == [1.0]
    assert [row.outcome for row in skill.superseded] == [0.0]


def test_one_cell_may_speak_for_two_competencies(database, people):
    with begin(database) as session:
        for competency in ("D2.1", "D2.3"):
            record_evidence(session, people.amina, outcome=1.0, **(CELL | {"competency": competency}))
    assert [row.competency for row in all_evidence(database)] == ["D2.1", "D2.3"]


@pytest.mark.parametrize(
    ("kind", "weight"),
    [
        (EvidenceKind.QUIZ_ITEM, 0.5),
        (EvidenceKind.SIMULATION_DECISION, 2.0),
        (EvidenceKind.INQUIRY, 1.0),
        (EvidenceKind.NOTEBOOK_CELL, 1.5),
    ],
)
def test_each_kind_has_its_weight_unless_another_is_given(database, people, kind, weight):
    with begin(database) as session:
        usual = record_evidence(session, people.amina, outcome=1.0, **(CELL | {"kind": kind}))
        given = record_evidence(session, people.amina, outcome=1.0, weight=0.25, **(CELL | {"part": "other"}))
    assert (usual.weight, given.weight) == (weight, 0.25)


@pytest.mark.parametrize("outcome", [-0.01, 1.01, float("nan")])
def test_an_outcome_outside_0_to_1_is_refused(database, people, outcome):
    with begin(database) as session, pytest.raises(ValueError, match="outside 0 to 1"):
        record_evidence(session, people.amina, outcome=outcome, **CELL)


def test_evidence_belongs_to_the_trainee_and_their_academy(database, people):
    with begin(database) as session:
        record_evidence(session, people.zara, outcome=1.0, **CELL)
    row = all_evidence(database)[0]
    assert (row.trainee_id, row.academy_id) == (people.zara.id, people.zara.academy_id)


def test_evidence_of_another_academy_or_trainee_is_never_read(database, people):
    with begin(database) as session:
        record_evidence(session, people.zara, outcome=1.0, **CELL)
        record_evidence(session, people.bushra, outcome=1.0, **(CELL | {"source": "submission:4"}))
    everyone = [people.zara.id, people.bushra.id]
    with begin(database, read_only=True) as session:
        seen = {
            name: [row.trainee_id for row in evidence_of(session, actor, everyone, Action.SEE_SKILL_RECORD)]
            for name, actor in vars(people).items()
        }
    assert seen == {
        "amina": [],
        "bushra": [people.bushra.id],
        "bilal": [people.bushra.id],
        "farid": [],
        "zara": [people.zara.id],
        "zahid": [],
    }
