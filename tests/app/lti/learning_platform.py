"""A learning platform on a port of its own, with keys of its own: messages, tokens, a gradebook that takes scores."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, jsonify, make_response, redirect, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from markupsafe import escape
from werkzeug.serving import make_server

from tests.serving import served

CLIENT, DEPLOYMENT = "hunar-client", "1"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
# Keys take a while to make; which of them signs is what matters.
KEYS = {name: RSAKey.generate_key(2048, {"kid": name}) for name in ("one", "two")}


@dataclass
class LearningPlatform:
    """published: names of its keys. is_down: answers 503. answers: statuses of the next scores, 200 when there is none.

    tool_keys: the public keys of the tool, as the test has fetched them. scores: what was taken, in order. returned:
    what was chosen, as it was signed.
    """

    origin: str = ""
    published: list[str] = field(default_factory=lambda: ["one"])
    is_down: bool = False
    answers: list[int] = field(default_factory=list)
    tool_keys: dict[str, Any] = field(default_factory=lambda: {"keys": []})
    scores: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    assertions: set[str] = field(default_factory=set)
    returned: list[str] = field(default_factory=list)

    @property
    def line_item(self) -> str:
        return f"{self.origin}/lineitems/7?type_id=3"

    def claims(self, nonce: str, target: str, /, **changes: Any) -> dict[str, Any]:
        """What a launch by a learner says; None takes something out."""
        now = int(time.time())
        said = {
            "iss": self.origin,
            "aud": CLIENT,
            "sub": "person-1",
            "name": "Naila  Khan",
            "email": "amina",
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            CLAIM + "deployment_id": DEPLOYMENT,
            CLAIM + "message_type": "LtiResourceLinkRequest",
            CLAIM + "version": "1.3.0",
            CLAIM + "target_link_uri": target,
            CLAIM + "resource_link": {"id": "link-1"},
            CLAIM + "context": {"id": "course-9", "title": "AI for officers"},
            CLAIM + "roles": [LEARNER],
            "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
                "scope": [SCORE_SCOPE],
                "lineitem": self.line_item,
            },
        } | changes
        return {name: value for name, value in said.items() if value is not None}


def choosing(platform: LearningPlatform, **changes: Any) -> dict[str, Any]:
    """What a request to choose says beside, or instead of, what a launch says."""
    settings = {
        "deep_link_return_url": f"{platform.origin}/return?course=9",
        "accept_types": ["link", "ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "data": "what the platform wants back",
    }
    return {
        CLAIM + "message_type": "LtiDeepLinkingRequest",
        CLAIM + "resource_link": None,
        CLAIM + "roles": [INSTRUCTOR],
        "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings": settings | changes,
    }


def make_app(platform: LearningPlatform) -> Flask:
    app = Flask("platform")

    @app.before_request
    def fail() -> Response | None:
        platform.asked.append(request.path)
        return make_response("down", 503) if platform.is_down else None

    @app.get("/keys")
    def keys() -> Response:
        return jsonify(keys=[{**KEYS[name].as_dict(private=False), "kid": name} for name in platform.published])

    @app.get("/course")
    def course() -> str:
        return f'<!doctype html><title>Course</title><iframe src="{escape(request.args["src"])}"></iframe>'

    @app.get("/auth")
    def authenticate() -> str:
        """Somebody is signed in here; what the tool wants opened is in the hint."""
        asked, target = request.args, request.args["lti_message_hint"]
        claims = platform.claims(asked["nonce"], target, **choosing(platform) if target.endswith("/choose") else {})
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEYS["one"], algorithms=["RS256"])
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in (("state", asked["state"]), ("id_token", token))
        )
        form = f'<form method="post" action="{escape(asked["redirect_uri"])}">{fields}</form>'
        return f"<!doctype html><title>On the way</title>{form}<script>document.forms[0].submit()</script>"

    @app.post("/return")
    def take_choice() -> str:
        platform.returned.append(request.form["JWT"])
        return "<!doctype html><title>Chosen</title><p>Chosen</p>"

    @app.post("/token")
    def token() -> Response | tuple[str, int]:
        said = jwt.decode(
            request.form["client_assertion"], KeySet.import_key_set(platform.tool_keys), algorithms=["RS256"]
        ).claims
        is_right = (
            (said["iss"], said["sub"], said["aud"]) == (CLIENT, CLIENT, f"{platform.origin}/token")
            and said["iat"] < said["exp"] > time.time()
            and said["jti"] not in platform.assertions
            and request.form["grant_type"] == "client_credentials"
            and request.form["scope"] == SCORE_SCOPE
        )
        if not is_right:
            return "invalid_client", 400
        platform.assertions.add(said["jti"])
        return jsonify(access_token=f"token-{len(platform.assertions)}", token_type="Bearer", expires_in=3600)

    @app.post("/lineitems/<int:number>/scores")
    def take(number: int) -> Response | tuple[str, int]:
        status = platform.answers.pop(0) if platform.answers else 200
        if status != 200:
            return "no", status
        if request.headers["Authorization"] != f"Bearer token-{len(platform.assertions)}":
            return "unauthorized", 401
        assert request.content_type == "application/vnd.ims.lis.v1.score+json"
        platform.scores.append({"line_item": number, "type": request.args["type_id"]} | request.get_json(force=True))
        return jsonify()

    @app.post("/elsewhere/scores")
    def elsewhere() -> Any:
        return redirect("/lineitems/7/scores?type_id=3", code=307)

    @app.post("/endless/scores")
    def endless() -> Response:
        return Response(("x" * 65536 for _piece in range(64)), mimetype="text/plain")

    return app


@contextmanager
def running(host: str = "127.0.0.1") -> Iterator[LearningPlatform]:
    """host: as browsers and the tool name this machine."""
    platform = LearningPlatform()
    server = make_server("127.0.0.1", 0, make_app(platform), threaded=True)
    platform.origin = f"http://{host}:{server.server_port}"
    with served(server):
        yield platform
