"""Lessons and quizzes through the pages."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from app.competencies.models import Evidence
from app.content.loader import load_catalogue
from app.content.schemas import Numeric, Quiz, QuizItem
from app.core.db import begin
from app.learning.marking import UnreadableAnswer, mark, read_answer
from app.learning.models import QuizAttempt
from config import ROOT

pytestmark = pytest.mark.both_databases

MODULE = load_catalogue(ROOT / "modules").module("measure-to-manage")
QUIZ = next(activity for activity in MODULE.activities if isinstance(activity, Quiz))
PAGE = f"/learn/{MODULE.id}/{QUIZ.id}"


def right(item: QuizItem) -> list[str]:
    return [repr(item.answer)] if isinstance(item, Numeric) else sorted(item.correct_option_ids)


def answer_all(client: FlaskClient, **changes: list[str]):
    data = {item.id: right(item) for item in QUIZ.items} | changes
    return client.post(f"{PAGE}/answers", data={**data, "key": changes.get("key", [uuid.uuid4().hex])[0]})


def test_right_answers_earn_every_point_and_become_evidence(
    people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    answer = answer_all(sign_in(people.amina))
    assert answer.status_code == 303
    with begin(database, read_only=True) as session:
        attempt = session.scalars(select(QuizAttempt)).one()
        assert attempt.points == attempt.max_points == QUIZ.max_points
        rows = session.scalars(select(Evidence)).all()
    assert {row.part for row in rows} == {item.id for item in QUIZ.items}
    assert {row.source for row in rows} == {f"quiz_attempt:{attempt.id}"}


def test_the_same_form_sent_twice_is_one_attempt(people: SimpleNamespace, sign_in: Callable, database: Engine) -> None:
    client = sign_in(people.amina)
    assert answer_all(client, key=["once"]).location == answer_all(client, key=["once"]).location
    with begin(database, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(QuizAttempt)) == 1


def test_whoever_reads_the_audit_log_reads_that_a_quiz_was_answered_and_not_how(
    people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    answer_all(sign_in(people.amina))
    farid = sign_in(people.farid)
    [row] = re.findall(r"<tr>.*?quiz_attempt:.*?</tr>", farid.get("/audit").text)
    assert "points" not in row
    [line] = [line for line in farid.post("/audit/log.jsonl").text.splitlines() if '"quiz_submitted"' in line]
    assert json.loads(line)["detail"] == {}


def test_a_later_attempt_weighs_less(people: SimpleNamespace, sign_in: Callable, database: Engine) -> None:
    client = sign_in(people.amina)
    answer_all(client)
    answer_all(client)
    with begin(database, read_only=True) as session:
        assert set(session.scalars(select(Evidence.weight))) == {0.5, 0.25}


def test_a_missing_answer_is_asked_for_and_the_others_are_kept(people: SimpleNamespace, sign_in: Callable) -> None:
    first, *others = QUIZ.items
    answer = answer_all(sign_in(people.amina), **{first.id: []})
    assert answer.status_code == 422
    assert f'href="#item-{first.id}"' in answer.text
    choice = next(item for item in others if not isinstance(item, Numeric))
    option = right(choice)[0]
    assert f'value="{option}" checked' in answer.text


def test_feedback_stands_beside_each_answer(people: SimpleNamespace, sign_in: Callable) -> None:
    client = sign_in(people.bushra)
    page = client.get(answer_all(client).location).text
    assert '<html lang="ur" dir="rtl">' in page
    for item in QUIZ.items:
        text = item.feedback_correct.ur if isinstance(item, Numeric) else item.options[0].text.ur
        assert text[:25] in page


def test_reading_a_lesson_is_progress_and_leads_on(people: SimpleNamespace, sign_in: Callable) -> None:
    client = sign_in(people.amina)
    first, second = MODULE.activities[:2]
    answer = client.post(f"/learn/{MODULE.id}/{first.id}/read")
    assert answer.location == f"/learn/{MODULE.id}/{second.id}"
    assert 'value="1"' in client.get(f"/learn/{MODULE.id}").text


def test_every_activity_opens_in_both_languages(people: SimpleNamespace, sign_in: Callable) -> None:
    for account in (people.amina, people.bushra):
        client = sign_in(account)
        for activity in MODULE.activities:
            page = client.get(f"/learn/{MODULE.id}/{activity.id}", follow_redirects=True)
            assert page.status_code == 200
            assert activity.title.in_language(account.language) in page.text


def test_someone_elses_attempt_is_not_found_and_an_administrator_opens_the_record_first(
    people: SimpleNamespace, sign_in: Callable, open_record: Callable
) -> None:
    location = answer_all(sign_in(people.amina)).location
    assert sign_in(people.bushra).get(location).status_code == 404
    assert sign_in(people.zahid).get(location).status_code == 404
    assert sign_in(people.bilal).get(location).status_code == 200
    farid = sign_in(people.farid)
    assert farid.get(location).location.startswith(f"/people/{people.amina.id}/opening?")
    open_record(people.farid, people.amina)
    assert farid.get(location).status_code == 200


NUMERIC = next(item for item in QUIZ.items if isinstance(item, Numeric))
MULTIPLE = next(item for item in QUIZ.items if item.kind == "multiple_choice")


@given(st.text(max_size=12))
def test_any_typed_text_is_either_a_number_in_range_or_refused(typed: str) -> None:
    try:
        number = read_answer(NUMERIC, [typed])
    except UnreadableAnswer:
        return
    assert NUMERIC.minimum <= number <= NUMERIC.maximum


@pytest.mark.parametrize("zero", ["0", "٠", "۰"])
def test_western_arabic_and_urdu_digits_are_read_alike(zero: str) -> None:
    shift = ord(zero) - ord("0")
    typed = "".join(chr(ord(sign) + shift) if sign.isdigit() else sign for sign in f"{NUMERIC.answer:g}")
    assert mark(NUMERIC, read_answer(NUMERIC, [typed])).share == 1.0


@given(st.sets(st.sampled_from([option.id for option in MULTIPLE.options])))
def test_a_wrong_tick_never_helps(chosen: set[str]) -> None:
    wrong = {option.id for option in MULTIPLE.options} - MULTIPLE.correct_option_ids
    assert mark(MULTIPLE, sorted(chosen)).share >= mark(MULTIPLE, sorted(chosen | wrong)).share
