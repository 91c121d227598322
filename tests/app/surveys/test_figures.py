"""What a group answered is shown once it is closed, of enough people, and never so that one of them is found."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account, Cohort
from app.content.schemas import Instrument
from app.core import clock
from app.core.db import begin
from app.retention import service as retention
from app.surveys.models import SurveyKey
from app.surveys.service import fresh_code
from tests.pages import Page


def opinion(instrument: Instrument, dice: random.Random, leaning: int = 3) -> dict[str, int]:
    """Answers of somebody who leans so towards every scale."""
    return {
        item.id: min(5, max(1, (6 - leaning if item.reversed else leaning) + dice.choice((-1, 0, 0, 1))))
        for item in instrument.items
    }


@pytest.fixture
def wave(instrument: Instrument, steer: Callable, answer: Callable) -> Callable[..., None]:
    """Open a wave, let these people answer, some with a code, and close it."""

    def hold(name: str, people: list[Account], *, codes: list[str] | None = None, leaning: int = 3) -> None:
        dice = random.Random(name)
        assert steer("open", name) == 303
        for person, code in zip(people, codes or [""] * len(people), strict=True):
            answer(person, opinion(instrument, dice, leaning), code)
        assert steer("close", name) == 303

    return hold


@pytest.fixture
def last_wave(instrument: Instrument, open_later: Callable, steer: Callable, answer: Callable) -> Callable[..., None]:
    """Have these people answer in the wave half a year later, which is then closed."""

    def hold(people: list[Account], codes: list[str], leaning: int) -> None:
        dice = random.Random("later")
        open_later()
        for person, code in zip(people, codes, strict=True):
            answer(person, opinion(instrument, dice, leaning), code)
        assert steer("close", "later") == 303

    return hold


def page(client: FlaskClient, cohort: Cohort) -> str:
    return Page(client.get(f"/cohorts/{cohort.id}/survey").text).text


def test_of_fourteen_nothing_is_shown_and_of_fifteen_bands(
    bilal: FlaskClient, cohort: Cohort, enrolled: Callable, wave: Callable
) -> None:
    people = enrolled(15)
    wave("before", people[:14])
    assert "Fewer than 15 people answered, so nothing is shown." in page(bilal, cohort)
    wave("after", people)
    shown = page(bilal, cohort)
    assert "15 of 17 trainees answered." in shown
    assert re.search(r"Opportunity \d\.\d to \d\.\d – – –", shown)
    assert "Change of those whose answers are linked" not in shown
    assert "Means of the scales" not in shown


def test_of_twenty_means_are_exact_and_nothing_is_shown_while_a_wave_is_open(
    bilal: FlaskClient, cohort: Cohort, enrolled: Callable, instrument: Instrument, steer: Callable, answer: Callable
) -> None:
    dice = random.Random(5)
    people = enrolled(20)
    steer("open", "before")
    for person in people:
        answer(person, opinion(instrument, dice))
    assert "trainees answered." not in page(bilal, cohort)
    steer("close", "before")
    shown = page(bilal, cohort)
    assert "20 of 22 trainees answered." in shown
    assert re.search(r"Opportunity \d\.\d\d \d\.\d\d to \d\.\d\d -?\d\.\d\d \(-?\d\.\d\d to \d\.\d\d\)", shown)
    assert "Means of the scales, from 1 to 5" in shown


def test_an_item_that_all_answered_alike_is_withheld(
    bilal: FlaskClient, cohort: Cohort, enrolled: Callable, instrument: Instrument, steer: Callable, answer: Callable
) -> None:
    first, second = instrument.items_of("opportunity")[:2]
    steer("open", "before")
    for number, person in enumerate(enrolled(40)):
        answer(person, {first.id: 4, second.id: 2 if number < 12 else 5})
    steer("close", "before")
    shown = page(bilal, cohort)
    assert f"{first.text.en} withheld withheld withheld withheld" in shown
    assert f"{second.text.en} (reversed) 12 0 28 40" in shown
    assert re.search("Opportunity withheld – – – 0", shown)


@pytest.mark.parametrize(
    ("linked", "others", "is_shown"), [(20, 0, True), (20, 10, True), (20, 9, False), (19, 0, False)]
)
def test_change_is_shown_of_twenty_whose_answers_are_linked_unless_it_tells_of_the_others(
    bilal: FlaskClient,
    cohort: Cohort,
    enrolled: Callable,
    wave: Callable,
    linked: int,
    others: int,
    is_shown: bool,
) -> None:
    people = enrolled(linked + others)
    codes = [fresh_code() for _each in range(linked)] + [""] * others
    wave("before", people, codes=codes, leaning=2)
    wave("after", people, codes=codes, leaning=4)
    shown = page(bilal, cohort)
    assert ("Opportunity: withheld." in shown) != is_shown
    found = re.search(rf"Opportunity: {linked} people Figure Value Mean difference \+(\d\.\d\d)", shown)
    assert (found is not None) == is_shown
    if found:
        assert 1.5 < float(found.group(1)) < 2.5


@pytest.mark.parametrize(("left_out", "is_shown"), [(0, True), (9, False), (10, True)])
def test_a_further_change_is_shown_unless_it_tells_of_those_whose_answers_are_not_linked_again(
    bilal: FlaskClient,
    cohort: Cohort,
    enrolled: Callable,
    wave: Callable,
    last_wave: Callable,
    left_out: int,
    is_shown: bool,
) -> None:
    people = enrolled(30)
    codes = [fresh_code() for _each in people]
    wave("before", people, codes=codes, leaning=2)
    wave("after", people, codes=codes, leaning=3)
    shown = page(bilal, cohort)
    assert "From “Before the course” to “After the course”" in shown
    assert "to “Six months after the course”" not in shown
    last_wave(people, [*codes[left_out:], *[""] * left_out], 4)
    after = page(bilal, cohort)
    step = r"From “{}” to “{}” .*?Opportunity: (\d+ people Figure Value Mean difference \+\d|withheld)"
    first = re.search(step.format("Before the course", "After the course"), after)
    assert first is not None
    assert first.group(1).startswith("30 people"), "what was shown once is not withheld later"
    for earlier in ("Before the course", "After the course"):
        found = re.search(step.format(earlier, "Six months after the course"), after)
        assert found is not None
        assert found.group(1).startswith(f"{30 - left_out} people") == is_shown


def test_figures_stay_the_same_when_the_answers_are_numbered_anew(
    bilal: FlaskClient, cohort: Cohort, enrolled: Callable, wave: Callable
) -> None:
    people = enrolled(24)
    wave("before", people)
    table = re.compile(r"Before the course 24 of 26 trainees answered\..*?Answers to each question")
    first = table.search(page(bilal, cohort))
    wave("after", people)
    second = table.search(page(bilal, cohort))
    assert first is not None
    assert second is not None
    assert first.group() == second.group()


def test_the_key_of_a_survey_that_nobody_ended_goes_after_eighteen_months(
    database: Engine, steer: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    steer("open", "before")
    with begin(database) as session:
        assert retention.apply(session) == []
        session.scalars(select(SurveyKey)).one().made_at = clock.now() - timedelta(days=549)
    with begin(database) as session:
        [gone] = retention.apply(session)
        assert (gone.rule.name, session.scalars(select(SurveyKey)).all()) == ("survey_keys", [])
