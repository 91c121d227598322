"""What moved a group: pulls that add up to the growth, and kinds of work of few people not told apart."""

from __future__ import annotations

import math

import pytest

from app.cohorts.queries import cohort_growth, enrolments
from app.competencies.models import EvidenceKind
from app.competencies.queries import evidence_of, skills
from app.core import clock
from app.core.access import Action
from app.core.db import begin
from app.reports.moving import moved, pulls_of

QUIZ, CELL, RUN = EvidenceKind.QUIZ_ITEM, EvidenceKind.NOTEBOOK_CELL, EvidenceKind.SIMULATION_DECISION


def test_the_pulls_add_up_to_the_mean_growth(people, cohort, mixed, grow, database):
    grow(mixed(15, 9, into=cohort, name="s"))
    with begin(database, read_only=True) as session:
        joined = enrolments(session, cohort.id)
        known = skills(evidence_of(session, people.farid, sorted(joined), Action.SEE_GROUP_FIGURES))
    of_code = {person: skill for (person, _code), skill in known.items()}
    grown = cohort_growth(of_code, joined, for_administrator=False).growth
    each = {person: pulls_of(skill, joined[person], now=clock.now()) for person, skill in of_code.items()}
    assert None not in each.values()
    assert grown is not None
    found = moved(each)
    assert math.fsum(one.pull for one in found) == pytest.approx(grown.difference, abs=1e-9)
    assert found[0].kinds == (RUN,)


def test_who_has_no_later_evidence_was_moved_by_nothing(people, cohort, enrol_many, database):
    enrol_many(1)
    with begin(database, read_only=True) as session:
        joined = enrolments(session, cohort.id)
        [skill] = skills(evidence_of(session, people.farid, sorted(joined), Action.SEE_GROUP_FIGURES)).values()
    assert pulls_of(skill, max(joined.values()), now=clock.now()) is None


def test_of_nineteen_nothing_is_told():
    assert moved({person: {RUN: 0.1} for person in range(19)}) == ()


def test_a_kind_of_nine_people_is_not_told_apart_nor_left_alone_as_the_rest():
    people = {person: {RUN: 0.2, CELL: 0.1} for person in range(24)} | {24: {RUN: 0.2}}
    for person in range(9):
        people[person] = people[person] | {QUIZ: -0.3}
    found = moved(people)
    # The quiz alone would be left over for nine, so the cells of twenty-four go with it.
    assert [each.kinds for each in found] == [(RUN,), ()]
    assert found[0].pull == pytest.approx(0.2)
    assert found[1].pull == pytest.approx((24 * 0.1 - 9 * 0.3) / 25)


def test_a_rest_of_ten_people_stands_by_itself():
    people = {person: {RUN: 0.2} for person in range(25)}
    for person in range(5):
        people[person] = {RUN: 0.2, QUIZ: 0.1}
        people[person + 5] = {RUN: 0.2, CELL: 0.1}
    assert [each.kinds for each in moved(people)] == [(RUN,), ()]


def test_age_is_told_with_the_rest():
    found = moved({person: {RUN: 0.2, None: -0.01} for person in range(20)})
    assert [(each.kinds, round(each.pull, 9)) for each in found] == [((RUN,), 0.2), ((), -0.01)]
