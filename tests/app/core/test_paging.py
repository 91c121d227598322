"""Long lists come a page at a time, and a page asks the database as often for many rows as for few."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort, Enrolment
from app.competencies.models import Evidence, EvidenceKind
from app.core import audit, clock, jobs
from app.core.access import Role
from app.core.db import begin
from app.core.paging import PAGE_SIZE
from app.gradebook.models import CellGrade, CellMark, Grade, RegradeRequest
from app.marking.models import KeptComment, SecondMark
from app.notebooks.models import NotebookDraft, Submission
from app.sims.models import SimulationExercise
from tests.app.conftest import CELL, LAB, MODULE

SignIn = Callable[[Account], FlaskClient]
Grow = Callable[[int], None]
ACCOUNTS = "/administration/accounts"
FEW, MANY, FURTHER = 4, 2 * PAGE_SIZE + 6, PAGE_SIZE


@pytest.fixture
def grow(app: Flask, database: Engine, people: SimpleNamespace, cohort: Cohort, source: bytes) -> Grow:
    """Bring so many newcomers into the cohort, each with something in every list of the portal."""
    blob = app.extensions["blobs"].put(source)

    def bring(count: int) -> None:
        with begin(database) as session:
            for number in range(count):
                _newcomer(session, people, cohort, blob, f"newcomer{len(people.__dict__)}x{count}x{number}")

    return bring


def _newcomer(session: Session, people: SimpleNamespace, cohort: Cohort, blob: str, name: str) -> None:
    academy_id, now = cohort.academy_id, clock.now()
    trainee = Account(
        academy_id=academy_id,
        username=name,
        full_name=name,
        role=Role.TRAINEE,
        password_hash="",
        created_at=now,
    )
    session.add(trainee)
    session.flush()
    session.add(Enrolment(cohort_id=cohort.id, trainee_id=trainee.id, enrolled_at=now))
    for person in (trainee, people.amina):
        _submission(session, person, cohort, blob, name, marker_id=people.bilal.id)
    session.add_all(
        [
            KeptComment(
                academy_id=academy_id,
                module_id=MODULE,
                activity_id=LAB,
                part=CELL,
                text=name,
                kept_by=people.bilal.id,
                kept_at=now,
            ),
            SimulationExercise(
                academy_id=academy_id,
                cohort_id=cohort.id,
                module_id=MODULE,
                activity_id="grievance",
                title=name,
                seed=1,
                attempts=1,
                created_by=people.bilal.id,
                created_at=now,
            ),
        ]
    )
    audit.record(session, verb="signed_in", thing=f"account:{trainee.id}", actor_id=trainee.id, academy_id=academy_id)


def _submission(session: Session, trainee: Account, cohort: Cohort, blob: str, name: str, *, marker_id: int) -> None:
    """One that is graded; of two its answer waits, of two it is marked by two persons and asked about."""
    academy_id, now = cohort.academy_id, clock.now()
    before = session.scalars(select(Submission.attempt).where(Submission.trainee_id == trainee.id)).all()
    handed_in = Submission(
        trainee_id=trainee.id,
        academy_id=academy_id,
        cohort_id=cohort.id,
        module_id=MODULE,
        activity_id=LAB,
        attempt=len(before) + 1,
        sha256=blob,
        idempotency_key=name,
        submitted_at=now,
    )
    session.add(handed_in)
    session.flush()
    source = f"submission:{handed_in.id}"
    grade = Grade(
        submission_id=handed_in.id,
        lab_digest="",
        status="graded",
        points=2,
        max_points=6,
        autograded_sha256=blob,
        graded_at=now,
        seconds=1,
    )
    job = jobs.request_job(session, jobs.JobKind.GRADE_SUBMISSION, handed_in.id, academy_id=academy_id)
    job.failure = "OSError: no space left" if handed_in.id % 2 else None
    session.add(grade)
    session.flush()
    session.add_all(
        [
            CellGrade(grade_id=grade.id, cell="look-check", score=2, max_score=2, needs_manual_grade=False, message=""),
            CellGrade(grade_id=grade.id, cell=CELL, score=None, max_score=4, needs_manual_grade=True, message=""),
            Evidence(
                trainee_id=trainee.id,
                academy_id=academy_id,
                competency="D2.1",
                level=2,
                kind=EvidenceKind.NOTEBOOK_CELL,
                outcome=0.5,
                difficulty=0.0,
                weight=1.0,
                source=source,
                part=CELL,
                at=now,
                superseded_at=now if handed_in.id % 2 else None,
            ),
            NotebookDraft(
                trainee_id=trainee.id,
                academy_id=academy_id,
                module_id=MODULE,
                activity_id=LAB,
                sha256=blob,
                saved_at=now,
                release_sha256=blob,
                aside=True,
            ),
        ]
    )
    if handed_in.id % 4 < 2:
        return
    # A second mark that came after the request would make no pair.
    asked_at = now + timedelta(seconds=1)
    mark = {"levels": {}, "comment": "", "marked_at": now}
    session.add_all(
        [
            CellMark(submission_id=handed_in.id, cell=CELL, number=1, points=3, marker_id=marker_id, **mark),
            SecondMark(source=source, part=CELL, points=2, marker_id=trainee.id, **mark),
            RegradeRequest(submission_id=handed_in.id, cell=CELL, number=1, reason="?", mark_seen=1, asked_at=asked_at),
        ]
    )


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that are run until the block ends."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


# Of every page that an academy works with.
MOST_STATEMENTS = 14
PAGES = [
    ("bilal", "/marking"),
    ("bilal", "/marking/comments"),
    ("bilal", "/marking/agreement"),
    ("bilal", f"/marking/submission/1/{CELL}"),
    ("bilal", "/teaching"),
    ("bilal", "/cohorts/1"),
    ("bilal", "/cohorts/1/members"),
    ("bilal", "/cohorts/1/progress"),
    ("bilal", f"/cohorts/1/labs/{LAB}"),
    ("bilal", "/exercises"),
    ("farid", "/administration"),
    ("farid", "/audit"),
    ("farid", ACCOUNTS),
    ("farid", "/administration/queue"),
    ("amina", "/results"),
    ("amina", "/record/1/D2.1"),
    ("amina", f"/notebooks/{MODULE}/{LAB}/history"),
]


def test_the_number_of_statements_of_a_page_does_not_grow_with_the_rows(
    database: Engine, people: SimpleNamespace, sign_in: SignIn, grow: Grow
) -> None:
    clients = {name: sign_in(getattr(people, name)) for name in ("bilal", "farid", "amina")}

    def statements() -> dict[str, int]:
        found = {}
        for reader, path in PAGES:
            with counted(database) as run:
                answer = clients[reader].get(path)
            assert answer.status_code == 200, path
            found[path] = len(run)
        return found

    grow(FEW)
    few = statements()
    grow(MANY)
    many = statements()
    assert max(many.values()) <= MOST_STATEMENTS
    # A list that its first page holds needs no statement for its length.
    assert all(few[path] <= many[path] for path in few)
    grow(FURTHER)
    assert statements() == many
    # One cohort is all there is; every other page has more to show than it holds.
    longer = {path for reader, path in PAGES if 'rel="next"' in clients[reader].get(path).text}
    assert longer == {path for _reader, path in PAGES} - {"/teaching", "/administration"}


def test_every_row_stands_on_one_page_and_the_links_lead_to_all_of_them(
    people: SimpleNamespace, sign_in: SignIn, grow: Grow
) -> None:
    grow(2 * PAGE_SIZE)
    client, address, names = sign_in(people.farid), ACCOUNTS, []
    while address:
        page = client.get(address).text
        names += re.findall(r'<th scope="row"><a [^>]*><bdi>(.*?)</bdi></a></th>', page)
        found = re.search(r'href="([^"#]*)#page-list" rel="next"', page)
        address = found[1] if found else ""
    assert len(names) == len(set(names)) == 2 * PAGE_SIZE + 4
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("", 1), ("0", 1), ("-1", 1), ("two", 1), ("1.5", 1), ("2", 2), ("3", 2), ("9" * 40, 2), ("9" * 5000, 1)],
)
def test_a_page_that_is_not_there_is_answered_with_the_nearest(
    people: SimpleNamespace, sign_in: SignIn, grow: Grow, asked: str, shown: int
) -> None:
    grow(PAGE_SIZE)
    answer = sign_in(people.farid).get(f"{ACCOUNTS}?page={asked}")
    assert answer.status_code == 200
    assert re.findall(r'aria-current="page"><span class="visually-hidden">Page </span>(\d+)<', answer.text) == [
        str(shown)
    ]


def test_a_list_keeps_what_else_the_address_says_and_the_page_of_the_others(
    people: SimpleNamespace, sign_in: SignIn, grow: Grow
) -> None:
    grow(2 * PAGE_SIZE)
    page = sign_in(people.farid).get("/administration/queue?waiting=2&lens=a%26b&aside=9").text
    assert 'href="/administration/queue?lens=a%26b&amp;aside=9#waiting-list" rel="prev"' in page
    assert 'href="/administration/queue?waiting=2&amp;lens=a%26b#aside-list"' in page


def test_a_short_list_has_no_links_to_pages(people: SimpleNamespace, sign_in: SignIn) -> None:
    assert "Next page" not in sign_in(people.farid).get(ACCOUNTS).text


def test_the_administrator_stays_on_the_page_after_a_change_of_role(
    people: SimpleNamespace, sign_in: SignIn, grow: Grow
) -> None:
    grow(PAGE_SIZE)
    client = sign_in(people.farid)
    form = re.findall(r'action="([^"]*/role[^"]*)"', client.get(f"{ACCOUNTS}?page=2").text)[0]
    number = re.findall(r"accounts/(\d+)/role", form)[0]
    saved = client.post(form, data={f"account{number}-role": "instructor"})
    assert (saved.status_code, saved.location) == (303, f"{ACCOUNTS}?page=2")


def test_the_links_speak_the_readers_language(people: SimpleNamespace, sign_in: SignIn, grow: Grow) -> None:
    grow(PAGE_SIZE)
    client = sign_in(people.farid)
    client.post("/language", data={"language": "ur"})
    page = client.get(ACCOUNTS).text
    assert "اگلا صفحہ" in page
    assert "Next page" not in page
