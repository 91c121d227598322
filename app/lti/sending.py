"""Sending scores to platforms: LTI Assignment and Grade Services 2.0, from the queue.

A score is sent until the platform takes it. What counts when it is taken is sent, not what counted when it was asked
for; the moment of the score tells the platform which of two is the later one, so that sending twice does no harm.
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from urllib.parse import urlsplit

from sqlalchemy import Engine

from app.core import clock, jobs
from app.core.db import begin
from app.core.jobs import JobKind
from app.core.outgoing import Answer, NotAllowed, OutOfReach
from app.lti import queries
from app.lti.models import Platform
from app.lti.queries import Delivery
from app.lti.tool import SCORE_SCOPE, Tool
from config import Settings

SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 300
# A token is not used in its last seconds.
SPARE_SECONDS = 30.0
# A minute, two, four, and so on to four hours: a week in all, and then a person looks.
FIRST_PAUSE, LONGEST_PAUSE, MOST_TRIES = timedelta(minutes=1), timedelta(hours=4), 48
LONGEST_PROBLEM = 300


class PlatformAway(Exception):
    """The platform does not answer, or says that it cannot take anything now."""


class ScoreRefused(Exception):
    """The platform will not take it later either."""


@dataclass(frozen=True)
class _Access:
    token: str
    until: float


class Postman:
    """Brings scores to platforms. One for a process: it keeps what platforms let it in with."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool
        self._accesses: dict[tuple[int, str], _Access] = {}
        self._lock = threading.Lock()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(Tool.of(settings))

    def deliver(self, delivery: Delivery) -> None:
        """Raises PlatformAway and ScoreRefused."""
        try:
            answer = self._post(delivery)
            if answer.status == 401:
                # What lets one in may end before its time.
                self._forget(delivery.platform)
                answer = self._post(delivery)
        except OutOfReach as error:
            raise PlatformAway(str(error)) from error
        except NotAllowed as error:
            raise ScoreRefused(f"Hunar does not speak with this address: {error}") from error
        # 409: it has a later one already.
        if answer.status != 409:
            _judge(answer, "the gradebook")

    def _post(self, delivery: Delivery) -> Answer:
        score = delivery.score
        assert score.scored_at is not None
        body = {
            "userId": delivery.subject,
            "scoreGiven": score.points,
            "scoreMaximum": score.max_points,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": _moment(score.scored_at),
        }
        token = self._token(delivery)
        return self._tool.web.post_json(scores_address(score.line_item), body, kind=SCORE_TYPE, token=token)

    def _token(self, delivery: Delivery) -> str:
        platform, now = delivery.platform, time.monotonic()
        with self._lock:
            known = self._accesses.get((platform.id, platform.token_address))
        if known is not None and known.until > now:
            return known.token
        answer = self._tool.web.post_form(
            platform.token_address,
            {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": self._assertion(delivery),
                "scope": SCORE_SCOPE,
            },
        )
        _judge(answer, "the token endpoint")
        access = _access(answer, now)
        with self._lock:
            self._accesses[platform.id, platform.token_address] = access
        return access.token

    def _assertion(self, delivery: Delivery) -> str:
        """Who asks, signed by the academy's key. Raises ScoreRefused where no key opens."""
        key = next((each for each in delivery.keys if self._tool.opens(each)), None)
        if key is None:
            raise ScoreRefused("No key of the academy opens under the present SECRET_KEY; make a new one.")
        now, client = int(clock.now().timestamp()), delivery.platform.client_id
        said = {"iss": client, "sub": client, "aud": delivery.platform.token_address}
        times = {"iat": now, "exp": now + ASSERTION_SECONDS, "jti": secrets.token_urlsafe(16)}
        return self._tool.sign(key, said | times)

    def _forget(self, platform: Platform) -> None:
        with self._lock:
            self._accesses.pop((platform.id, platform.token_address), None)


def send_score(engine: Engine, postman: Postman, score_id: int) -> None:
    """Deliver the score that counts now, with no transaction open; later when the platform is away.

    Raises ScoreRefused, and PlatformAway when it was away for a week.
    """
    with begin(engine, read_only=True) as session:
        delivery = queries.delivery(session, score_id)
    if delivery is None:
        with begin(engine) as session:
            jobs.finish(session, JobKind.SEND_SCORE, score_id)
        return
    try:
        postman.deliver(delivery)
    except PlatformAway as error:
        if not _put_off(engine, score_id, str(error)):
            raise
        return
    _note_delivery(engine, delivery)


def _put_off(engine: Engine, score_id: int, problem: str) -> bool:
    """Try again later; False when that was done often enough."""
    with begin(engine) as session:
        for score in queries.locked_scores(session, [score_id]):
            score.problem = problem[:LONGEST_PROBLEM]
            if score.tries >= MOST_TRIES:
                return False
            pause = jobs.pause_after(score.tries, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
            score.tries += 1
            jobs.postpone(session, JobKind.SEND_SCORE, score_id, until=clock.now() + pause)
    return True


def _note_delivery(engine: Engine, delivery: Delivery) -> None:
    with begin(engine) as session:
        for score in queries.locked_scores(session, [delivery.score.id]):
            score.tries, score.problem = 0, ""
            if score.scored_at != delivery.score.scored_at:
                # It changed on the way: the job is done again.
                jobs.postpone(session, JobKind.SEND_SCORE, score.id, until=clock.now())
                return
            score.delivered_at = clock.now()
        jobs.finish(session, JobKind.SEND_SCORE, delivery.score.id)


def scores_address(line_item: str) -> str:
    """Where scores of a line item are sent: its address with /scores after the path."""
    parts = urlsplit(line_item)
    return parts._replace(path=f"{parts.path.rstrip('/')}/scores").geturl()


def _judge(answer: Answer, what: str) -> None:
    """Raises PlatformAway for what may pass, and ScoreRefused for what will not."""
    if 200 <= answer.status < 300:
        return
    if answer.status >= 500 or answer.status in (408, 425, 429):
        raise PlatformAway(f"{what} answered {answer.status}")
    raise ScoreRefused(f"{what} answered {answer.status}: {answer.body[:200].decode(errors='replace')}")


def _access(answer: Answer, now: float) -> _Access:
    """Raises PlatformAway for an answer that holds none."""
    try:
        said = answer.json()
        token, seconds = str(said["access_token"]), float(said.get("expires_in", 0))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PlatformAway("the token endpoint answered something else than a token") from error
    if not token.isascii() or not token.isprintable():
        raise PlatformAway("the token endpoint answered something else than a token")
    return _Access(token, now + max(0.0, seconds - SPARE_SECONDS))


def _moment(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as a platform compares it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
