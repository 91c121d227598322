"""A learning platform that the academy of amina has registered, and somebody who comes from it in a browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from app.core.db import begin
from app.lti.models import Platform
from config import Settings
from tests.app.lti import learning_platform
from tests.app.lti.learning_platform import CLIENT, DEPLOYMENT, KEYS, LearningPlatform

ORIGIN = "http://127.0.0.1:8000"
QUIZ = "/learn/measure-to-manage/quiz"


@pytest.fixture
def lms() -> Iterator[LearningPlatform]:
    with learning_platform.running() as running:
        yield running


def typed(lms: LearningPlatform, **changes: str) -> dict[str, str]:
    """What an administrator types about the platform."""
    return {
        "name": "Moodle of Peshawar",
        "site": f"{lms.origin}/my/",
        "issuer": lms.origin,
        "client_id": CLIENT,
        "deployment_ids": DEPLOYMENT,
        "login_address": f"{lms.origin}/auth?from=hunar",
        "token_address": f"{lms.origin}/token",
        "keys_address": f"{lms.origin}/keys",
    } | changes


@pytest.fixture
def register(
    lms: LearningPlatform, people: SimpleNamespace, sign_in: Callable, app: Flask, database: Engine
) -> Callable[..., Platform]:
    """Register the platform as an administrator types it; the row."""

    def register_it(administrator: str = "farid", **changes: str) -> Platform:
        client = sign_in(getattr(people, administrator))
        answer = client.post("/administration/platforms/new", data=typed(lms, **changes))
        assert answer.status_code == 303, answer.text
        lms.tool_keys = app.test_client().get("/lti/kp/keys.json").json
        with begin(database, read_only=True) as session:
            found = session.scalars(select(Platform).order_by(Platform.id.desc())).first()
            assert found is not None
            return found

    return register_it


@dataclass
class Person:
    """Somebody at a browser who opens links of a course."""

    client: FlaskClient
    lms: LearningPlatform
    slug: str = "kp"

    def ask(self, target: str = QUIZ, **headers: str) -> TestResponse:
        """The platform sends the browser to Hunar, which is to ask it who this is."""
        asked = {
            "iss": self.lms.origin,
            "login_hint": "7",
            "lti_message_hint": "9",
            "target_link_uri": ORIGIN + target,
            "client_id": CLIENT,
        }
        return self.client.post(f"/lti/{self.slug}/login", data=asked, headers=headers)

    def asked(self, target: str = QUIZ, **headers: str) -> dict[str, str]:
        """What Hunar then asks the platform."""
        answer = self.ask(target, **headers)
        assert answer.status_code == 302, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(str(answer.location)).query).items()}

    def come(
        self, target: str = QUIZ, *, key: str = "one", header: dict[str, Any] | None = None, **changes: Any
    ) -> TestResponse:
        """Hunar is sent what the platform says; the answer to that."""
        asked = self.asked(target)
        claims = self.lms.claims(asked["nonce"], ORIGIN + target, **changes)
        return self.bring(asked["state"], signed(claims, key=key, header=header))

    def bring(self, state: str, token: str) -> TestResponse:
        return self.client.post(f"/lti/{self.slug}/launch", data={"state": state, "id_token": token})

    def arrive(self, target: str = QUIZ, **changes: Any) -> TestResponse:
        """The page on which somebody lands."""
        answer = self.come(target, **changes)
        assert answer.status_code == 303, answer.text
        self.here = str(answer.location)
        return self.client.get(self.here)

    def go_on(self, how: str = "enter") -> TestResponse:
        return self.client.post(self.here, data={"how": how})


def signed(claims: dict[str, Any], *, key: str = "one", header: dict[str, Any] | None = None) -> str:
    head = {"alg": "RS256", "typ": "JWT", "kid": key} | (header or {})
    return jws.serialize_compact(head, json.dumps(claims).encode(), KEYS[key], algorithms=["RS256"])


@pytest.fixture
def person(app: Flask, lms: LearningPlatform) -> Person:
    return Person(app.test_client(), lms)


@pytest.fixture
def known(register: Callable[..., Platform], person: Person, settings: Settings) -> Person:
    """Somebody who got an account by coming from the platform, and is in."""
    register(makes_accounts="y")
    person.arrive()
    assert person.go_on("new").status_code == 303
    return person
