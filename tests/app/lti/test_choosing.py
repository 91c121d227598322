"""A teacher on the platform chooses a part of Hunar, and the platform gets a signed answer."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from app.core.db import begin
from app.factory import create_app
from app.lti.models import Course
from config import Settings
from tests.app.lti.conftest import ORIGIN, QUIZ, Person, signed
from tests.app.lti.learning_platform import CLAIM, CLIENT, LearningPlatform, choosing

CHOOSE = "/lti/kp/choose"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"


def asking(person: Person, **settings: Any) -> TestResponse:
    """The page on which a part is chosen."""
    return person.come(CHOOSE, **choosing(person.lms, **settings))


def choose(person: Person, page: TestResponse, **form: str) -> TestResponse:
    found = re.search(r'action="(/lti/choices/[^"]+)"', page.text)
    assert found is not None, page.text
    return person.client.post(found[1], data=form)


def sent(person: Person, answer: TestResponse) -> dict[str, Any]:
    """What the platform is sent, by the keys that Hunar publishes."""
    found = re.search(r'name="JWT" value="([^"]+)"', answer.text)
    assert found is not None, answer.text
    keys = KeySet.import_key_set(person.client.get("/lti/kp/keys.json").json)
    return dict(jwt.decode(found[1], keys, algorithms=["RS256"]).claims)


@pytest.mark.both_databases
def test_a_quiz_is_chosen_and_gets_a_column_in_the_gradebook(
    register: Callable, person: Person, lms: LearningPlatform, database: Engine
) -> None:
    register()
    page = asking(person)
    assert page.status_code == 200
    assert f"frame-ancestors {lms.origin};" in page.headers["Content-Security-Policy"]
    answer = choose(person, page, part=QUIZ)
    assert f"form-action {lms.origin};" in answer.headers["Content-Security-Policy"]
    assert f'action="{lms.origin}/return?course=9"' in html.unescape(answer.text)
    said = sent(person, answer)
    assert (said["iss"], said["aud"], said[CLAIM + "deployment_id"]) == (CLIENT, lms.origin, "1")
    assert said[CLAIM + "message_type"] == "LtiDeepLinkingResponse"
    assert said[DEEP_LINKING + "data"] == "what the platform wants back"
    [item] = said[DEEP_LINKING + "content_items"]
    assert item["url"] == f"http://127.0.0.1:8000{QUIZ}"
    assert (
        item["lineItem"]["scoreMaximum"]
        == person.client.application.extensions["catalogue"].module("measure-to-manage").activity("quiz").max_points
    )
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Course.title)).all() == ["AI for officers"]


@pytest.mark.parametrize(
    ("part", "points"), [("/learn/measure-to-manage", None), ("/learn/measure-to-manage/grievance", 100)]
)
def test_a_module_has_no_column_and_a_simulation_a_hundred_points(
    register: Callable, person: Person, part: str, points: float | None
) -> None:
    register()
    [item] = sent(person, choose(person, asking(person), part=part))[DEEP_LINKING + "content_items"]
    assert item.get("lineItem", {}).get("scoreMaximum") == points


def test_a_platform_that_takes_no_columns_is_sent_none(register: Callable, person: Person) -> None:
    register()
    answer = choose(person, asking(person, accept_lineitem=False, data=None), part=QUIZ)
    said = sent(person, answer)
    assert "lineItem" not in said[DEEP_LINKING + "content_items"][0]
    assert DEEP_LINKING + "data" not in said


def test_nothing_may_be_chosen_and_no_choice_is_asked_for_again(register: Callable, person: Person) -> None:
    register()
    page = asking(person)
    for form in ({}, {"part": "/learn/no-such-module"}, {"part": "https://elsewhere.example"}):
        again = choose(person, page, **form)
        assert again.status_code == 422
        assert "Choose a module or one of its parts." in again.text
    said = sent(person, choose(person, page, nothing="yes"))
    assert said[DEEP_LINKING + "content_items"] == []


def test_a_choice_is_made_once(register: Callable, person: Person) -> None:
    register()
    page = asking(person)
    choose(person, page, part=QUIZ)
    assert choose(person, page, part=QUIZ).status_code == 422


def test_choosing_goes_on_in_the_frame_without_a_cookie_and_begins_no_session(
    register: Callable, person: Person, settings: Settings, people: SimpleNamespace
) -> None:
    register()
    careful = Person(create_app(settings).test_client(use_cookies=False), person.lms)
    assert careful.asked(CHOOSE, **{"Sec-Fetch-Dest": "iframe"})["nonce"]
    answer = choose(careful, asking(careful), part=QUIZ)
    assert answer.status_code == 200
    assert "hunar_session" not in str(answer.headers)


def test_a_request_to_choose_opens_nothing_else(register: Callable, person: Person) -> None:
    register(makes_accounts="y")
    page = asking(person)
    handle = re.findall(r"/lti/choices/([^\"]+)", page.text)[0]
    assert person.client.get(f"/lti/launches/{handle}").status_code == 404
    assert person.client.post(f"/lti/launches/{handle}", data={"how": "new"}).status_code == 404
    person.arrive()
    assert person.client.post(person.here.replace("launches", "choices"), data={"part": QUIZ}).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"accept_types": ["file"]},
        {"deep_link_return_url": "javascript:alert(1)"},
        {"deep_link_return_url": "http://elsewhere.example/return"},
        {"deep_link_return_url": "https://a.example; script-src *"},
        {"deep_link_return_url": None},
    ],
)
def test_an_answer_that_cannot_be_sent_is_not_begun(
    register: Callable, person: Person, changes: dict[str, Any]
) -> None:
    register()
    answer = asking(person, **changes)
    assert answer.status_code == 400
    assert "takes no links" in answer.text


def test_a_refusal_is_readable_in_the_frame(register: Callable, person: Person, lms: LearningPlatform) -> None:
    register()
    in_frame = {"Sec-Fetch-Dest": "iframe"}
    for changes, words in (
        (choosing(lms, accept_types=[]), "takes no links"),
        (choosing(lms) | {"aud": "another"}, "meant for another tool"),
        ({}, "in a new window"),
    ):
        asked = person.asked(CHOOSE, **in_frame)
        token = signed(lms.claims(asked["nonce"], ORIGIN + CHOOSE, **changes))
        data = {"state": asked["state"], "id_token": token}
        answer = person.client.post("/lti/kp/launch", data=data, headers=in_frame)
        assert answer.status_code == 400
        assert words in answer.text
        assert f"frame-ancestors {lms.origin};" in answer.headers["Content-Security-Policy"]
