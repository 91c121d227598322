"""Worker, portal and database connections are killed at random while people hand in: nothing is lost or doubled.

The moments are drawn from a seed, but what they meet depends on the machine, so every run tries other ones.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
import requests
from flask import Flask
from sqlalchemy import Engine, select

from app.accounts.models import Account
from app.competencies.models import Evidence
from app.core import audit, jobs
from app.core.db import begin
from app.gradebook.models import Grade
from app.notebooks.models import Submission
from config import Settings
from tests.app.worker import process
from tests.conftest import PASSWORD
from tools.product import free_port

pytestmark = [pytest.mark.both_databases, pytest.mark.sandbox, pytest.mark.timeout(900)]
SEED = 20261128
MODULE, LAB = "measure-to-manage", "grievances"
MOST_KILLING_SECONDS, START_SECONDS, FINISHING_SECONDS = 400.0, 180.0, 300.0
LEAST_RECEIPTS = 12
TRAINEES = ("amina", "bushra")
# Of each trainee's notebooks, those that are really run; the others are refused in a moment.
HONEST = (1, 5)


@dataclass
class Story:
    """What the outside saw: receipts by trainee and key, and what was killed how often."""

    receipts: dict[tuple[str, str], str] = field(default_factory=dict)
    honest: set[tuple[str, str]] = field(default_factory=set)
    repeated: int = 0
    killed: Counter[str] = field(default_factory=Counter)


class Portal:
    """The portal, started again whenever it is killed."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.origin, self._settings, self._log = settings.portal_origin, settings, log
        self._process = process.start_portal(settings, log)

    def kill(self) -> None:
        process.kill_portal(self._process)
        self._process = process.start_portal(self._settings, self._log)

    def end(self) -> None:
        process.kill_portal(self._process)

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.origin}/sign-in", timeout=5).status_code == 200
        except requests.RequestException:
            return False


class Worker:
    """A worker, started again whenever it is killed."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self._settings, self.log = settings, log
        self._start()

    def _start(self) -> None:
        self._process: subprocess.Popen[bytes] = process.start_worker(self._settings, self.log, code=process.IMPATIENT)
        self._starts = self.log.read_text().count("worker is ready") + 1

    def is_ready(self) -> bool:
        return self.log.read_text().count("worker is ready") >= self._starts

    def is_running(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def kill(self) -> None:
        self.end()
        self._start()


class Trainee:
    """Hands in again and again until there is a receipt, as the page does."""

    def __init__(self, name: str, origin: str) -> None:
        self.name, self._origin = name, origin
        self._session, self._token = requests.Session(), ""

    def hand_in(self, key: str, notebook: bytes) -> tuple[str, int]:
        """The address of the receipt, and how often it had to be asked for."""
        for tries in range(1, 10_000):
            try:
                return self._send(key, notebook), tries
            except (requests.RequestException, NotAnswered):
                time.sleep(0.1)
        raise AssertionError("never answered")

    def _send(self, key: str, notebook: bytes) -> str:
        if not self._token:
            self._sign_in()
        address = f"{self._origin}/notebooks/{MODULE}/{LAB}/submit"
        form = {"key": key, "csrf_token": self._token}
        answer = self._session.post(
            address, data=form, files={"notebook": ("lab.ipynb", notebook)}, allow_redirects=False, timeout=20
        )
        return received(answer).headers["Location"]

    def _sign_in(self) -> None:
        page = f"{self._origin}/sign-in"
        form = {"username": self.name, "password": PASSWORD, "csrf_token": self._token_of(page)}
        received(self._session.post(page, data=form, allow_redirects=False, timeout=20))
        self._token = self._token_of(f"{self._origin}/notebooks/{MODULE}/{LAB}")

    def _token_of(self, address: str) -> str:
        page = self._session.get(address, timeout=20)
        if page.status_code >= 500:
            raise NotAnswered
        [token] = set(re.findall(r'name="csrf-token" content="([^"]+)"', page.text))
        return str(token)


class NotAnswered(Exception):
    """The portal was killed, or lost its database, in the middle of the request."""


def received(answer: requests.Response) -> requests.Response:
    """Raises NotAnswered for an error of the server; any other refusal fails the test."""
    if answer.status_code >= 500:
        raise NotAnswered
    assert answer.status_code == 303, answer.text
    return answer


@pytest.fixture
def notebooks(app: Flask) -> tuple[bytes, bytes]:
    """The author's own, and one that is refused without being run."""
    source = app.extensions["catalogue"].module(MODULE).activity(LAB).source
    broken = nbformat.reads(source.decode(), as_version=4)
    graded = next(cell for cell in broken.cells if cell.metadata.get("nbgrader", {}).get("grade"))
    broken.cells = [graded, {**graded, "id": "again"}]
    return bytes(source), json.dumps(broken).encode()


@contextmanager
def killers(*acts: Callable[[threading.Event], None]) -> Iterator[None]:
    """Each act over and over in a thread of its own, until the block ends."""
    stop = threading.Event()

    def go_on(act: Callable[[threading.Event], None]) -> None:
        while not stop.is_set():
            act(stop)

    with ThreadPoolExecutor(len(acts)) as pool:
        running = [pool.submit(go_on, act) for act in acts]
        try:
            yield
        finally:
            stop.set()
    for thread in running:
        thread.result()


def until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return holds


class Moments:
    """Draws when the next kill comes: a random while after some more receipts, so that a slow machine gets on too."""

    def __init__(self, story: Story, dice: random.Random) -> None:
        self._story, self._dice = story, dice

    def wait(self, stop: threading.Event, *, receipts: int, seconds: float) -> bool:
        """Wait for up to so many receipts more, then for up to so many seconds; False when it is over meanwhile."""
        until_then = len(self._story.receipts) + self._dice.randint(0, receipts)
        until(lambda: stop.is_set() or len(self._story.receipts) >= until_then, MOST_KILLING_SECONDS)
        return not stop.wait(self._dice.uniform(0, seconds))

    def happens(self, share: float) -> bool:
        return self._dice.random() < share


def kill_worker(story: Story, worker: Worker, moments: Moments) -> Callable[[threading.Event], None]:
    def act(stop: threading.Event) -> None:
        # Mostly at work, now and then while it still starts.
        if moments.happens(0.8):
            until(lambda: stop.is_set() or worker.is_ready(), START_SECONDS)
        if moments.wait(stop, receipts=3, seconds=8):
            worker.kill()
            story.killed["worker"] += 1

    return act


def kill_portal(story: Story, portal: Portal, moments: Moments) -> Callable[[threading.Event], None]:
    def act(stop: threading.Event) -> None:
        until(lambda: stop.is_set() or portal.answers(), START_SECONDS)
        if moments.wait(stop, receipts=4, seconds=1):
            portal.kill()
            story.killed["portal"] += 1

    return act


def cut_connections(story: Story, cut: Callable[[], int], moments: Moments) -> Callable[[threading.Event], None]:
    def act(stop: threading.Event) -> None:
        if moments.wait(stop, receipts=2, seconds=3):
            story.killed["connection"] += cut()

    return act


def hand_in_meanwhile(
    story: Story,
    name: str,
    origin: str,
    notebooks: tuple[bytes, bytes],
    dice: random.Random,
    is_enough: Callable[[], bool],
) -> None:
    """Notebook after notebook while things are killed; some are sent again although there is a receipt."""
    trainee, number = Trainee(name, origin), 0
    while not is_enough():
        number += 1
        key, honest = f"key-{number}", number in HONEST
        if honest:
            story.honest.add((name, key))
        receipt, tries = trainee.hand_in(key, notebooks[0 if honest else 1])
        story.receipts[name, key] = receipt
        story.repeated += tries - 1
        if dice.random() < 0.1:
            assert trainee.hand_in(key, notebooks[1])[0] == receipt
        time.sleep(dice.uniform(0, 0.2))


def enough(story: Story, expected: dict[str, int]) -> Callable[[], bool]:
    """Whether so many were killed while so many handed in, or the time for it is over."""
    began = time.monotonic()

    def is_enough() -> bool:
        is_reached = all(story.killed[what] >= number for what, number in expected.items())
        is_reached = is_reached and len(story.receipts) >= LEAST_RECEIPTS
        return is_reached or time.monotonic() - began > MOST_KILLING_SECONDS

    return is_enough


def finish(database: Engine, workers: list[Worker]) -> int:
    """Wait until nothing waits; a person tries again what was interrupted too often. How many those were."""
    retried = 0

    def is_done() -> bool:
        nonlocal retried
        for worker in workers:
            assert worker.is_running(), worker.log.read_text()[-4000:]
        with begin(database, read_only=True) as session:
            set_aside = session.scalars(select(jobs.Job.id).where(jobs.Job.failure.is_not(None))).all()
            if not set_aside:
                return jobs.waiting(session) == []
        with begin(database) as session:
            for job in session.scalars(select(jobs.Job).where(jobs.Job.failure.is_not(None))):
                assert "MAX_RECOVERY_ATTEMPTS" in (job.failure or "")
                jobs.try_again(session, job)
                retried += 1
        return False

    assert until(is_done, FINISHING_SECONDS), "\n".join(worker.log.read_text()[-4000:] for worker in workers)
    return retried


def check(database: Engine, story: Story) -> None:
    with begin(database, read_only=True) as session:
        names = {account.id: account.username for account in session.scalars(select(Account))}
        submissions = list(session.scalars(select(Submission).order_by(Submission.id)))
        grades = list(session.scalars(select(Grade)))
        entries = Counter((entry.verb, entry.thing) for entry in session.scalars(select(audit.AuditEntry)))
        evidence = Counter((row.source, row.part, row.competency) for row in session.scalars(select(Evidence)))
        states = list(session.scalars(select(jobs.Job)))
        proved = audit.verify(session)
    stored = {(names[each.trainee_id], each.idempotency_key): each for each in submissions}
    assert len(stored) == len(submissions)
    assert {key: f"/results/submissions/{each.id}" for key, each in stored.items()} == story.receipts
    for name in TRAINEES:
        attempts = [each.attempt for key, each in stored.items() if key[0] == name]
        assert sorted(attempts) == list(range(1, len(attempts) + 1))
    found = {grade.submission_id: (grade.status, grade.points) for grade in grades}
    assert len(found) == len(grades)
    expected = {each.id: ("graded", 18.0) if key in story.honest else ("refused", 0.0) for key, each in stored.items()}
    assert found == expected
    for each in submissions:
        assert entries["submitted", f"submission:{each.id}"] == entries["graded", f"submission:{each.id}"] == 1
    assert {job.thing_id for job in states} == set(found)
    assert all(job.finished_at is not None for job in states)
    assert {source for source, _part, _competency in evidence} == {
        f"submission:{stored[key].id}" for key in story.honest
    }
    assert set(evidence.values()) == {1}
    assert proved.broken_id is None


def test_kills_at_random_moments_lose_nothing_and_double_nothing(
    request: pytest.FixtureRequest,
    settings: Settings,
    database: Engine,
    database_kind: str,
    notebooks: tuple[bytes, bytes],
    tmp_path: Path,
) -> None:
    settings = settings.model_copy(update={"portal_port": free_port()})
    is_shared = database_kind == "postgresql"
    dice, story = random.Random(SEED), Story()
    portal = Portal(settings, tmp_path / "portal.log")
    workers = []
    for number in range(2 if is_shared else 1):
        (log := tmp_path / f"worker{number}.log").touch()
        workers.append(Worker(settings, log))
    expected = {"portal": 4, "worker": 3}

    def moments() -> Moments:
        return Moments(story, random.Random(dice.random()))

    acts = [kill_portal(story, portal, moments())]
    acts += [kill_worker(story, worker, moments()) for worker in workers]
    if is_shared:
        expected["connection"] = 30
        server = request.getfixturevalue("server")
        acts.append(cut_connections(story, server.cut_connections, moments()))
    is_enough = enough(story, expected)
    try:
        with killers(*acts), ThreadPoolExecutor(len(TRAINEES)) as pool:
            all_sent = [
                pool.submit(
                    hand_in_meanwhile,
                    story,
                    name,
                    portal.origin,
                    notebooks,
                    random.Random(dice.random()),
                    is_enough,
                )
                for name in TRAINEES
            ]
            for sent in all_sent:
                sent.result()
        retried = finish(database, workers)
    finally:
        portal.end()
        for worker in workers:
            worker.end()
    print(len(story.receipts), "receipts,", story.repeated, "repeated,", retried, "retried,", dict(story.killed))  # noqa: T201
    check(database, story)
    assert len(story.receipts) >= LEAST_RECEIPTS
    assert story.repeated
    assert {what: min(number, story.killed[what]) for what, number in expected.items()} == expected
