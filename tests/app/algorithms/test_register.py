"""Anybody reads what the portal computes about people, with the numbers that the running code goes by."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask

from app.algorithms.measured import RESULTS
from app.competencies import estimation
from app.core import privacy
from foresight.method import METHOD_VERSION as FORESIGHT_VERSION
from grading import similarity
from tests.pages import Page

PAGE = "/algorithms"


def shown(app: Flask, language: str = "en") -> str:
    client = app.test_client()
    client.post("/language", data={"language": language})
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.text


def test_anybody_finds_it_in_the_footer_of_any_page(app: Flask) -> None:
    assert f'href="{PAGE}"' in app.test_client().get("/sign-in").text.partition("<footer")[2]
    assert "Register of algorithms" in shown(app)


@pytest.mark.parametrize("language", ["en", "ur"])
def test_each_entry_says_all_that_it_has_to(app: Flask, language: str) -> None:
    page = shown(app, language)
    entries = re.findall(r"<section class=.prose.*?</section>", page, re.DOTALL)
    assert len(entries) >= 13
    for entry in entries:
        answers = [text.strip() for text in re.findall(r"<dd>(.*?)</dd>", entry, re.DOTALL)]
        assert len(answers) >= 7
        assert all(answers)
        assert "None" not in entry
    anchors = re.findall(r'<li><a href="#([a-z-]+)"', page)
    assert [f'<h2 id="{each}"' in page for each in anchors] == [True] * len(entries)


def test_versions_and_numbers_are_those_of_the_running_code(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(shown(app)).text
    assert f"Version {estimation.METHOD_VERSION} " in page
    assert page.count(f"Version {FORESIGHT_VERSION} ") == 2
    assert f"questions, version {app.extensions['catalogue'].instrument.version}" in page
    for module, name, changed, said in (
        (estimation, "METHOD_VERSION", "another method 7", "Version another method 7"),
        (privacy, "SMALLEST_GROUP", 83, "Fewest people of a figure 83"),
        (privacy, "SMALLEST_SURVEYED_GROUP", 84, "Fewest people of a figure of a survey 84"),
        (similarity, "LEAST_SHARE", 0.77, "77%"),
        (similarity, "MOST_CHARACTERS", 98_765, "Most characters of a notebook that are compared 98765"),
    ):
        assert said not in page
        monkeypatch.setattr(module, name, changed)
        assert said in re.sub("[\u2066-\u2069]", "", Page(shown(app)).text), name


def test_days_of_silence_are_those_of_the_settings(app: Flask) -> None:
    changed = app.extensions["settings"].model_copy(update={"silent_days": 23})
    app.extensions["settings"] = changed
    assert "until somebody is called silent 23" in Page(shown(app)).text


def test_the_error_of_estimates_is_the_measured_one_with_its_day(app: Flask) -> None:
    part = json.loads(RESULTS.read_text())["calibration"]
    page = shown(app)
    assert part["measured_at"][:10] in page
    own = next(each for each in part["figures"] if each["name"] == "error, root of the mean square")
    assert f"{own['value']:.1f}" in page
    assert "learning at one stroke" in page
    rows = re.findall(r'<th scope="row">(.*?)</th>', page)
    assert len(rows) == len(set(rows)) == 7
    assert "Rasch" in page
    urdu = shown(app, "ur")
    assert not any(f'<th scope="row">{row}</th>' in urdu for row in rows), "each world has its name in Urdu"


def test_the_way_to_contest_is_linked_for_those_who_may(app: Flask, people: SimpleNamespace, sign_in: Callable) -> None:
    link = 'href="/appeals"'
    assert link in shown(app).partition("How to contest")[2]
    assert link in sign_in(people.amina).get(PAGE).text.partition("How to contest")[2]
    assert link not in sign_in(people.bilal).get(PAGE).text.partition("How to contest")[2]
