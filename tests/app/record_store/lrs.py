"""A small record store over HTTP that is no part of the product: it checks what it is sent by its own reading of xAPI.

Structure, numbers, versions, basic authentication, all-or-nothing batches and the rule on conflicts (xAPI 1.0.3, part
two, 2.2 to 2.4; part three, 1.3 and 2.1).
"""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.serving import served

KEY, SECRET = "academy", "s3cret of the store"
TOP_LEVEL = {"id", "actor", "verb", "object", "result", "context", "timestamp", "version"}
IRI = re.compile(r"^[a-z][a-z0-9+.-]*:\S+$")
LANGUAGE_TAG = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")
CONTEXT_KINDS = {"parent", "grouping", "category", "other"}


class Malformed(ValueError):
    """What is no statement of xAPI; the message says where."""


def need(condition: object, where: str) -> None:
    if not condition:
        raise Malformed(where)


def check_language_map(given: Any, where: str) -> None:
    need(isinstance(given, dict) and given, where)
    need(all(LANGUAGE_TAG.match(tag) and isinstance(text, str) and text for tag, text in given.items()), where)


def check_activity(given: Any, where: str) -> None:
    need(isinstance(given, dict) and given.keys() <= {"objectType", "id", "definition"}, where)
    need(given.get("objectType", "Activity") == "Activity" and IRI.match(given.get("id", "")), f"{where}.id")
    definition = given.get("definition", {})
    need(definition.keys() <= {"name", "description", "type", "moreInfo", "extensions"}, f"{where}.definition")
    need(IRI.match(definition.get("type", "a:b")), f"{where}.definition.type")
    if "name" in definition:
        check_language_map(definition["name"], f"{where}.definition.name")


def check_actor(given: Any) -> None:
    need(isinstance(given, dict) and given.keys() <= {"objectType", "name", "account"}, "actor")
    account = given.get("account")
    need(isinstance(account, dict) and account.keys() == {"homePage", "name"}, "actor.account")
    need(IRI.match(account["homePage"]) and isinstance(account["name"], str) and account["name"], "actor.account")


def check_result(given: Any) -> None:
    need(given.keys() <= {"score", "success", "completion", "response", "duration", "extensions"}, "result")
    score = given.get("score", {})
    need(score.keys() <= {"scaled", "raw", "min", "max"}, "result.score")
    need(-1 <= score.get("scaled", 0) <= 1, "result.score.scaled")
    if score:
        need(score["min"] < score["max"] and score["min"] <= score["raw"] <= score["max"], "result.score")


def check(given: Any) -> None:
    """Raises Malformed."""
    need(isinstance(given, dict), "statement")
    need({"id", "actor", "verb", "object"} <= given.keys() <= TOP_LEVEL, "statement")
    need(str(uuid.UUID(given["id"])) == given["id"], "id")
    check_actor(given["actor"])
    need(IRI.match(given["verb"]["id"]), "verb.id")
    check_language_map(given["verb"]["display"], "verb.display")
    check_activity(given["object"], "object")
    check_result(given.get("result", {}))
    need(datetime.fromisoformat(given["timestamp"]).tzinfo is not None, "timestamp")
    context = given.get("context", {})
    need(context.keys() <= {"platform", "language", "contextActivities", "registration", "extensions"}, "context")
    around = context.get("contextActivities", {})
    need(around.keys() <= CONTEXT_KINDS, "context.contextActivities")
    for kind, activities in around.items():
        need(isinstance(activities, list), f"contextActivities.{kind}")
        for each in activities:
            check_activity(each, f"contextActivities.{kind}")


@dataclass
class Store:
    """kept: statements by number, in the order in which they came. seen: headers of each request."""

    endpoint: str = ""
    versions: tuple[str, ...] = ("1.0.3", "2.0.0")
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: list[Mapping[str, str]] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    # What a test wants: a status to answer everything with, a number of a process to kill once something is kept, what
    # to refuse beyond the rules, and what to say.
    is_away: int | None = None
    extra_headers: dict[str, str] = field(default_factory=dict)
    kill_after_keeping: Callable[[], int | None] = lambda: None
    is_unwanted: Callable[[dict[str, Any]], bool] = lambda _statement: False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def post(self, body: Any) -> tuple[int, Any]:
        with self.lock:
            self.batches.append(len(body))
            try:
                for each in body:
                    check(each)
                    need(not self.is_unwanted(each), "this store does not want it")
            except (Malformed, KeyError, TypeError, ValueError) as error:
                return 400, {"error": str(error)}
            for each in body:
                if each["id"] in self.kept and not same(self.kept[each["id"]], each):
                    return 409, {"error": "there is another one of this number"}
            for each in body:
                self.kept.setdefault(each["id"], each)
            return 200, [each["id"] for each in body]

    def get(self, number: str) -> tuple[int, Any]:
        if number not in self.kept:
            return 404, {"error": "none of this number"}
        # As stores do: what was sent, with what they add, and moments in their own way of writing.
        found = json.loads(json.dumps(self.kept[number]))
        moment = datetime.fromisoformat(found["timestamp"])
        found |= {"stored": "2027-01-01T00:00:00Z", "version": "2.0.0", "authority": {"mbox": "mailto:a@example.org"}}
        found["timestamp"] = moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"
        found["actor"].setdefault("objectType", "Agent")
        return 200, found

    def verbs(self) -> list[str]:
        return [each["verb"]["display"]["en"] for each in self.kept.values()]


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@contextmanager
def running() -> Iterator[Store]:
    store = Store()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if (refused := self._refused(parts.path)) is not None:
                self._answer(*refused)
            elif parts.path == "/xapi/about":
                self._answer(200, {"version": list(store.versions)})
            elif number := parse_qs(parts.query).get("statementId"):
                self._answer(*store.get(number[0]))
            else:
                self._answer(200, {"statements": list(store.kept.values())[:1], "more": ""})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if (refused := self._refused(self.path)) is not None:
                self._answer(*refused)
                return
            status, answer = store.post(body)
            if (process := store.kill_after_keeping()) is not None:
                os.kill(process, signal.SIGKILL)
            self._answer(status, answer)

        def _refused(self, path: str) -> tuple[int, Any] | None:
            store.seen.append({name.lower(): value for name, value in self.headers.items()})
            if store.is_away is not None:
                return store.is_away, {"error": "away"}
            if path not in ("/xapi/about", "/xapi/statements"):
                return 404, {"error": "nothing here"}
            proof = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
            if self.headers.get("Authorization") != f"Basic {proof}":
                return 401, {"error": "who are you?"}
            if path != "/xapi/about" and self.headers.get("X-Experience-API-Version") not in store.versions:
                return 400, {"error": "this version is not spoken"}
            return None

        def _answer(self, status: int, answer: Any) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in store.extra_headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    store.endpoint = f"http://127.0.0.1:{server.server_address[1]}/xapi"
    with served(server):
        yield store
