"""Statements reach an academy's record store: all, each once, in order, and only of whom and where they may."""

from __future__ import annotations

import io
import json
import re
import signal
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, select, update

from app.accounts import consent, progress
from app.accounts.models import Account, Cohort
from app.authoring.models import LabCheck
from app.content.own_labs import OwnLab
from app.content.publications import LabPublication
from app.content.schemas import Numeric
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import begin
from app.core.jobs import Job, JobKind
from app.credentials import service as credentials
from app.credentials.office import Office
from app.learning import service as learning
from app.record_store.models import RecordStore, Statement, StatementKind
from app.record_store.outbox import tell
from app.record_store.sending import BATCH, FIRST_PAUSE, LONGEST_PAUSE
from app.retention import service as retention
from app.sims.models import SimulationExercise
from app.worker import Workshop, run_waiting_jobs
from config import Settings
from tests.app.authoring.test_beginning_a_lab import ID, TYPED
from tests.app.conftest import by_rubric
from tests.app.record_store import lrs
from tests.app.record_store.lrs import Store
from tests.app.worker import process

PAGE = "/administration/record-store"
MODULE, LESSON = "measure-to-manage", "/learn/measure-to-manage/{}/read"


@pytest.fixture
def store() -> Iterator[Store]:
    with lrs.running() as running:
        yield running


def typed(store: Store, **others: Any) -> dict[str, Any]:
    """What an administrator types."""
    return {
        "endpoint": store.endpoint,
        "key": lrs.KEY,
        "secret": lrs.SECRET,
        "kinds": list(StatementKind),
        "basis": "official",
    } | others


@pytest.fixture
def connected(farid: FlaskClient, store: Store, settings: Settings) -> Store:
    """The store of the academy, which was tried."""
    assert farid.post(PAGE, data=typed(store)).status_code == 303
    work(settings)
    return store


def work(settings: Settings) -> None:
    """What the worker does now."""
    run_waiting_jobs(Workshop.of(settings))


def lessons(app: Flask) -> list[str]:
    return [each.id for each in app.extensions["catalogue"].module(MODULE).activities if each.kind == "lesson"]


def read(client: FlaskClient, *names: str) -> None:
    for name in names:
        assert client.post(LESSON.format(name)).status_code == 303


def outbox(database: Engine) -> list[Statement]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(Statement).order_by(Statement.id)))


def kept_store(database: Engine) -> RecordStore:
    with begin(database, read_only=True) as session:
        return session.scalars(select(RecordStore)).one()


def verbs(database: Engine) -> list[str]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)))


def test_each_kind_of_fact_arrives_as_a_sound_statement(
    app: Flask,
    database: Engine,
    settings: Settings,
    people: SimpleNamespace,
    sign_in: Callable,
    connected: Store,
    answered: Callable,
    finish_a_run: Callable,
) -> None:
    amina, catalogue = sign_in(people.amina), app.extensions["catalogue"]
    read(amina, lessons(app)[0])
    quiz = next(each for each in catalogue.module(MODULE).activities if each.kind == "quiz")
    with begin(database) as session:
        given = {
            item.id: item.answer if isinstance(item, Numeric) else sorted(item.correct_option_ids)
            for item in quiz.items
        }
        learning.submit_quiz(session, people.amina, catalogue.module(MODULE), quiz, given, key="only")
    cell = answered(people.amina)
    assert sign_in(people.bilal).post(f"/marking/{cell}", data=by_rubric(3)).status_code == 303
    finish_a_run(people.amina)
    with begin(database) as session:
        for each in catalogue.module(MODULE).activities:
            progress.mark(session, people.amina, MODULE, each.id, done=True)
        person = session.get_one(Account, people.amina.id)
        issued = credentials.claim(session, Office.of(settings), person, catalogue, f"module-{MODULE}")
    work(settings)
    work(settings)
    told = {(each.kind, each.sent_at is not None) for each in outbox(database)}
    assert told == {(kind, True) for kind in StatementKind}
    by_verb = {each["verb"]["display"]["en"]: each for each in connected.kept.values()}
    assert by_verb["answered"]["result"]["score"] == {
        "scaled": 1,
        "raw": quiz.max_points,
        "min": 0,
        "max": quiz.max_points,
    }
    assert by_verb["scored"]["result"]["score"]["raw"] == 5
    assert 0 <= by_verb["completed"]["result"]["score"]["scaled"] <= 1
    [module] = by_verb["submitted"]["context"]["contextActivities"]["parent"]
    assert module["definition"]["name"].keys() == {"en", "ur"}
    groups = [each["definition"]["name"] for each in by_verb["submitted"]["context"]["contextActivities"]["grouping"]]
    assert groups == [{"en": "Khyber Pakhtunkhwa Academy", "ur": "خیبر پختونخوا اکیڈمی"}, {"und": "Spring 2027"}]
    assert all(uuid.UUID(number).version == 5 for number in connected.kept)
    assert len({json.dumps(each["actor"]) for each in connected.kept.values()}) == 1
    everything = json.dumps(list(connected.kept.values()), ensure_ascii=False)
    for secret in ("Amina", "amina", "@", issued.code):
        assert secret not in everything
    assert {each["x-experience-api-version"] for each in connected.seen[1:]} == {"2.0.0"}


@pytest.mark.both_databases
def test_what_one_person_did_arrives_in_its_order_and_in_batches(
    app: Flask, database: Engine, settings: Settings, people: SimpleNamespace, connected: Store
) -> None:
    with begin(database) as session:
        for number in range(BATCH + 7):
            learning.finish_lesson(session, people.amina, MODULE, f"lesson-{number:03}")
    work(settings)
    assert connected.batches == [BATCH, 7]
    arrived = [each["object"]["id"].rpartition("-")[2] for each in connected.kept.values()]
    assert arrived == sorted(arrived)
    assert len(arrived) == BATCH + 7


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_a_lab_of_the_academy_itself_is_told_with_its_title(
    database: Engine,
    settings: Settings,
    people: SimpleNamespace,
    bilal: FlaskClient,
    connected: Store,
    is_withdrawn: bool,
) -> None:
    assert bilal.post("/authoring/new", data=TYPED).status_code == 303
    lab = {"academy_id": people.bilal.academy_id, "module_id": MODULE, "activity_id": ID}
    facts = {"module_id": MODULE, "activity_id": ID}
    with begin(database) as session:
        own = session.scalars(select(OwnLab)).one()
        own.withdrawn_at = clock.now() if is_withdrawn else None
        check = LabCheck(**lab, sha256=own.sha256, lab_digest="d", asked_by=people.bilal.id, asked_at=clock.now())
        session.add(check)
        session.flush()
        given_out = {"published_by": people.bilal.id, "published_at": clock.now(), "reason": "Asked for."}
        session.add(LabPublication(**lab, number=1, sha256=own.sha256, check_id=check.id, **given_out))
        tell(session, people.amina, StatementKind.NOTEBOOK_SUBMITTED, 7, at=clock.now(), facts=facts)
    work(settings)
    [told] = connected.kept.values()
    assert told["object"]["definition"]["name"] == {"en": TYPED["heading-en"], "ur": TYPED["heading-ur"]}


def test_a_fact_that_is_not_recorded_is_not_told(
    app: Flask, database: Engine, people: SimpleNamespace, connected: Store
) -> None:
    def fail() -> None:
        with begin(database) as session:
            learning.finish_lesson(session, people.amina, MODULE, lessons(app)[0])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert outbox(database) == []


def test_the_same_fact_again_is_told_once(
    app: Flask, database: Engine, settings: Settings, people: SimpleNamespace, sign_in: Callable, connected: Store
) -> None:
    amina = sign_in(people.amina)
    read(amina, lessons(app)[0], lessons(app)[0])
    work(settings)
    read(amina, lessons(app)[0])
    work(settings)
    assert len(outbox(database)) == len(connected.kept) == sum(connected.batches) == 1


def test_a_lesson_read_again_long_after_it_was_told_is_not_told_anew(
    app: Flask, database: Engine, settings: Settings, people: SimpleNamespace, sign_in: Callable, connected: Store
) -> None:
    """What was sent is no longer kept here, and the store would refuse the number with other content."""
    amina = sign_in(people.amina)
    read(amina, lessons(app)[0])
    work(settings)
    with begin(database) as session:
        session.execute(update(Statement).values(sent_at=clock.now() - timedelta(days=91)))
        retention.apply(session)
        session.execute(update(Account).where(Account.id == people.amina.id).values(language="ur"))
    read(amina, lessons(app)[0])
    work(settings)
    assert outbox(database) == []
    assert len(connected.kept) == sum(connected.batches) == 1
    assert "statement_set_aside" not in verbs(database)


def test_no_statement_has_the_number_of_another_persons(
    database: Engine, people: SimpleNamespace, connected: Store
) -> None:
    """As where somebody was erased and the database gave the number of an attempt again."""
    facts = {"module_id": MODULE, "activity_id": "quiz", "points": 1, "max_points": 2}
    for person in (people.amina, people.bushra):
        with begin(database) as session:
            tell(session, person, StatementKind.QUIZ_ANSWERED, 7, at=clock.now(), facts=facts)
    first, second = outbox(database)
    assert (first.trainee_id, second.trainee_id) == (people.amina.id, people.bushra.id)
    assert first.name != second.name


def test_another_academy_and_a_kind_that_is_not_wanted_are_not_told(
    app: Flask, database: Engine, people: SimpleNamespace, sign_in: Callable, farid: FlaskClient, store: Store
) -> None:
    farid.post(PAGE, data=typed(store, kinds=["quiz_answered"]))
    read(sign_in(people.amina), lessons(app)[0])
    farid.post(PAGE, data=typed(store))
    read(sign_in(people.zara), lessons(app)[0])
    assert outbox(database) == []


@pytest.mark.both_databases
def test_a_worker_that_is_killed_after_the_store_took_it_tells_it_once(
    app: Flask,
    database: Engine,
    settings: Settings,
    people: SimpleNamespace,
    sign_in: Callable,
    connected: Store,
    tmp_path: Path,
) -> None:
    """The real worker dies between the store's yes and its own note of it, and another takes over."""
    read(sign_in(people.amina), *lessons(app)[:3])
    log = tmp_path / "worker.log"
    started: list[int] = []
    connected.kill_after_keeping = lambda: started.pop() if started else None
    killed = process.start_worker(settings, log, code=process.IMPATIENT)
    started.append(killed.pid)
    assert killed.wait(process.PATIENCE_SECONDS) == -signal.SIGKILL, log.read_text()
    assert len(connected.kept) == 3
    assert [each.sent_at for each in outbox(database)] == [None] * 3
    before = dict(connected.kept)
    with process.worker(settings, log, code=process.IMPATIENT):
        process.wait_for(lambda: all(each.sent_at for each in outbox(database)), log)
    assert connected.kept == before
    assert connected.batches == [3, 3]


def test_a_store_that_is_away_is_tried_again_later_and_nothing_is_lost(
    app: Flask,
    database: Engine,
    settings: Settings,
    people: SimpleNamespace,
    sign_in: Callable,
    farid: FlaskClient,
    connected: Store,
) -> None:
    connected.is_away = 503
    read(sign_in(people.amina), *lessons(app)[:2])
    pauses = []
    for _try in range(12):
        began_at = clock.now()
        work(settings)
        pauses.append(kept_store(database).next_try_at - began_at)
        work(settings)
        with begin(database) as session:
            session.execute(update(RecordStore).values(next_try_at=None))
    asked = len(connected.seen)
    assert kept_store(database).failures == 12
    assert pauses[0] < FIRST_PAUSE * 2 < pauses[2]
    assert pauses[-1] < LONGEST_PAUSE + timedelta(minutes=2)
    page = farid.get(PAGE).text
    assert "503" in page
    assert "12 times" in page
    connected.is_away = None
    work(settings)
    assert len(connected.kept) == 2
    assert len(connected.seen) == asked + 1
    assert kept_store(database).failures == 0


def test_the_page_says_when_something_was_sent_last_and_counts_by_indexes_of_what_was_not(
    app: Flask,
    database: Engine,
    settings: Settings,
    people: SimpleNamespace,
    sign_in: Callable,
    farid: FlaskClient,
    connected: Store,
) -> None:
    """Sent statements stay for ninety days, hundreds of thousands, and the page must not read them."""
    assert "<dt>Last sent</dt><dd>–</dd>" in farid.get(PAGE).text
    read(sign_in(people.amina), lessons(app)[0])
    work(settings)
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if "FROM statement" in statement:
            asked.append((statement, parameters))

    event.listen(database, "before_cursor_execute", note)
    page = farid.get(PAGE).text
    event.remove(database, "before_cursor_execute", note)
    assert re.search(r"<dt>Last sent</dt><dd>\d", page)
    with database.connect() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}", given).all() for each, given in asked]
    reads = [row.detail for plan in plans for row in plan if " statement " in row.detail]
    assert reads
    assert all(re.search("ix_statement_(waiting|sent|set_aside) ", each) for each in reads), reads


def test_a_store_that_says_when_is_taken_at_its_word(
    app: Flask, database: Engine, settings: Settings, people: SimpleNamespace, sign_in: Callable, connected: Store
) -> None:
    connected.is_away, connected.extra_headers = 429, {"Retry-After": "1800"}
    read(sign_in(people.amina), lessons(app)[0])
    began_at = clock.now()
    work(settings)
    assert kept_store(database).next_try_at >= began_at + timedelta(seconds=1800)


def test_what_the_store_refuses_is_set_aside_alone_with_its_answer_and_sent_again_by_hand(
    app: Flask,
    database: Engine,
    settings: Settings,
    people: SimpleNamespace,
    sign_in: Callable,
    farid: FlaskClient,
    connected: Store,
) -> None:
    names = lessons(app)[:4]
    connected.is_unwanted = lambda each: each["object"]["id"].endswith(names[1])
    read(sign_in(people.amina), *names)
    work(settings)
    assert [each["object"]["id"].rpartition("/")[2] for each in connected.kept.values()] == [names[0], *names[2:]]
    [aside] = [each for each in outbox(database) if each.set_aside_at]
    page = farid.get(PAGE).text
    assert "this store does not want it" in page
    assert aside.name in page
    connected.is_unwanted = lambda _each: False
    assert sign_in(people.zahid).post(f"{PAGE}/set-aside/{aside.id}").status_code == 404
    assert farid.post(f"{PAGE}/set-aside/{aside.id}").status_code == 303
    work(settings)
    assert len(connected.kept) == 4
    assert farid.post(f"{PAGE}/set-aside/{aside.id}").status_code == 404
    assert {"statement_set_aside", "statements_sent_again"} <= set(verbs(database))


def test_another_statement_of_the_same_number_is_a_conflict_for_a_person(
    app: Flask,
    database: Engine,
    settings: Settings,
    people: SimpleNamespace,
    sign_in: Callable,
    farid: FlaskClient,
    connected: Store,
) -> None:
    read(sign_in(people.amina), *lessons(app)[:2])
    [first, _second] = outbox(database)
    connected.kept[first.name] = {"id": first.name, "actor": "somebody else", "timestamp": "2027-01-01T00:00:00Z"}
    connected.get = lambda number: (200, connected.kept[number])  # type: ignore[method-assign]
    work(settings)
    assert [each.set_aside_at is not None for each in outbox(database)] == [True, False]
    assert outbox(database)[1].sent_at is not None
    assert "409" in outbox(database)[0].answer
    assert "1 statement waits" in farid.post(f"{PAGE}/set-aside", follow_redirects=True).text


def test_what_the_store_has_already_is_done(
    app: Flask, database: Engine, settings: Settings, people: SimpleNamespace, sign_in: Callable, connected: Store
) -> None:
    """Some stores answer 409 to the same statement too, and write moments in their own way."""
    read(sign_in(people.amina), *lessons(app)[:2])
    work(settings)
    with begin(database) as session:
        session.execute(update(Statement).values(sent_at=None))
    connected.post = lambda _body: (409, {"error": "known"})  # type: ignore[method-assign]
    work(settings)
    assert all(each.sent_at and not each.set_aside_at for each in outbox(database))


def choose(client: FlaskClient, word: str) -> None:
    """Agree to the record store ("yes"), or no longer ("no")."""
    assert client.post("/account/choices", data={"purpose": "record_store", "answer": word}).status_code == 303


def test_nothing_is_sent_while_paused_and_all_of_it_afterwards(
    app: Flask,
    database: Engine,
    settings: Settings,
    people: SimpleNamespace,
    sign_in: Callable,
    farid: FlaskClient,
    connected: Store,
) -> None:
    farid.post(f"{PAGE}/pause")
    read(sign_in(people.amina), lessons(app)[0])
    work(settings)
    assert connected.kept == {}
    assert "Paused since" in farid.get(PAGE).text
    farid.post(f"{PAGE}/resume")
    work(settings)
    assert len(connected.kept) == 1
    assert verbs(database).count("record_store_paused") == verbs(database).count("record_store_resumed") == 1


def test_only_who_agreed_is_told_of_where_the_academy_asks_and_nothing_after_they_withdraw(
    app: Flask,
    database: Engine,
    settings: Settings,
    people: SimpleNamespace,
    sign_in: Callable,
    farid: FlaskClient,
    store: Store,
) -> None:
    farid.post(PAGE, data=typed(store, basis="consent"))
    amina, bushra = sign_in(people.amina), sign_in(people.bushra)
    read(bushra, lessons(app)[0])
    choose(amina, "yes")
    read(amina, lessons(app)[0])
    work(settings)
    assert len(store.kept) == 1
    read(amina, lessons(app)[1])
    choose(amina, "no")
    read(amina, lessons(app)[2])
    work(settings)
    assert len(store.kept) == 1
    assert len(outbox(database)) == 1


@pytest.mark.parametrize("is_paused", [True, False])
def test_what_waited_when_consent_was_withdrawn_is_not_told_after_a_later_consent(
    app: Flask,
    database: Engine,
    settings: Settings,
    people: SimpleNamespace,
    sign_in: Callable,
    farid: FlaskClient,
    store: Store,
    is_paused: bool,
) -> None:
    farid.post(PAGE, data=typed(store, basis="consent"))
    work(settings)
    amina, bushra = sign_in(people.amina), sign_in(people.bushra)
    choose(amina, "yes")
    choose(bushra, "yes")
    take = store.post
    store.post = lambda _body: (503, {})  # type: ignore[method-assign]
    if is_paused:
        farid.post(f"{PAGE}/pause")
    read(amina, lessons(app)[0])
    read(bushra, lessons(app)[0])
    work(settings)
    choose(amina, "no")
    assert [each.trainee_id for each in outbox(database)] == [people.bushra.id]
    choose(amina, "yes")
    read(amina, lessons(app)[1])
    store.post = take  # type: ignore[method-assign]
    farid.post(f"{PAGE}/resume")
    farid.post(f"{PAGE}/try")
    work(settings)
    assert [(each.trainee_id, each.sent_at is not None) for each in outbox(database)] == [
        (people.bushra.id, True),
        (people.amina.id, True),
    ]
    assert [each["object"]["id"].rpartition("/")[2] for each in store.kept.values()] == lessons(app)[:2]


@pytest.mark.on_postgresql
def test_what_was_under_way_when_consent_was_withdrawn_is_not_told_after_a_later_consent(
    database: Engine, settings: Settings, people: SimpleNamespace, sign_in: Callable, farid: FlaskClient, store: Store
) -> None:
    farid.post(PAGE, data=typed(store, basis="consent"))
    amina = sign_in(people.amina)
    choose(amina, "yes")
    with begin(database) as session:
        facts = {"module_id": MODULE, "activity_id": "grievances", "cohort_id": None}
        trainee = session.get_one(Account, people.amina.id)
        tell(session, trainee, StatementKind.LESSON_COMPLETED, 1, at=clock.now(), facts=facts)
        choose(amina, "no")
    choose(amina, "yes")
    work(settings)
    assert store.kept == {}


def test_what_waits_stays_where_no_consent_is_asked_for(
    app: Flask, database: Engine, people: SimpleNamespace, sign_in: Callable, connected: Store
) -> None:
    amina = sign_in(people.amina)
    read(amina, lessons(app)[0])
    for word in ("yes", "no"):
        amina.post("/account/choices", data={"purpose": "record_store", "answer": word})
    assert len(outbox(database)) == 1


def test_the_name_is_told_only_where_the_academy_says_so_and_trainees_read_it(
    app: Flask,
    settings: Settings,
    people: SimpleNamespace,
    sign_in: Callable,
    farid: FlaskClient,
    connected: Store,
) -> None:
    amina = sign_in(people.amina)
    read(amina, lessons(app)[0])
    assert "bear a pseudonym" in amina.get("/account/choices").text
    work(settings)
    farid.post(PAGE, data=typed(connected, secret="", is_named="y"))
    read(amina, lessons(app)[1])
    work(settings)
    actors = [each["actor"] for each in connected.kept.values()]
    assert [each.get("name") for each in actors] == [None, "Amina"]
    assert actors[0]["account"] == actors[1]["account"]
    told = amina.get("/account/choices").text
    assert "bear your name" in told
    assert "127.0.0.1" in told


@pytest.mark.parametrize(("is_named", "present"), [("", None), ("y", "Amina Gul")])
def test_what_waits_follows_the_name_and_whether_it_is_told(
    app: Flask,
    database: Engine,
    settings: Settings,
    people: SimpleNamespace,
    sign_in: Callable,
    farid: FlaskClient,
    connected: Store,
    is_named: str,
    present: str | None,
) -> None:
    """The store has taken the first without our knowing, and that one stays as it was told then."""
    farid.post(PAGE, data=typed(connected, secret="", is_named="y"))
    work(settings)
    take = connected.post
    connected.post = lambda body: [take(body[:1]), (503, {})][1]  # type: ignore[method-assign]
    read(sign_in(people.amina), *lessons(app)[:2])
    work(settings)
    assert [each.sent_at for each in outbox(database)] == [None, None]
    correction = {"full_name": "Amina Gul", "reason": "It was typed wrongly."}
    assert farid.post(f"/people/{people.amina.id}/name", data=correction).status_code == 303
    farid.post(PAGE, data=typed(connected, secret="", is_named=is_named))
    connected.post = take  # type: ignore[method-assign]
    work(settings)
    assert all(each.sent_at and not each.set_aside_at for each in outbox(database))
    assert [each["actor"].get("name") for each in connected.kept.values()] == ["Amina", present]


def test_points_are_told_once_results_are_released(
    app: Flask,
    database: Engine,
    people: SimpleNamespace,
    cohort: SimpleNamespace,
    sign_in: Callable,
    connected: Store,
    answered: Callable,
    give_terms: Callable,
) -> None:
    cell = answered(people.amina)
    give_terms(holds_results=True)
    bilal = sign_in(people.bilal)
    bilal.post(f"/marking/{cell}", data=by_rubric(3))
    kinds = [each.kind for each in outbox(database)]
    assert kinds == [StatementKind.NOTEBOOK_SUBMITTED]
    assert bilal.post(f"/cohorts/{cohort.id}/labs/grievances/release").status_code == 303
    assert [each.kind for each in outbox(database)][1:] == [StatementKind.NOTEBOOK_GRADED]
    bilal.post(f"/marking/{cell}", data=by_rubric(4, comment="I misread it.", seen="1"))
    assert [each.facts["points"] for each in outbox(database)[1:]] == [5, 6]


def test_points_are_told_anew_whenever_the_terms_make_them_others(
    database: Engine,
    people: SimpleNamespace,
    cohort: SimpleNamespace,
    bilal: FlaskClient,
    connected: Store,
    answered: Callable,
) -> None:
    cell, page = answered(people.amina), f"/cohorts/{cohort.id}/labs/grievances/terms"
    bilal.post(f"/marking/{cell}", data=by_rubric(4))
    none = {"counts": "last", "late_days": "0", "late_percent": "0", "offline_hours": "48", "reason": "Agreed."}
    late = none | {"due_at": "2020-01-01T10:00", "late_percent": "100"}
    for number, terms in enumerate([late, none | {"attempts": "3"}, none | {"attempts": "4"}]):
        assert bilal.post(page, data=terms | {"seen": str(number)}).status_code == 303
    told = outbox(database)[1:]
    assert [each.facts["points"] for each in told] == [6, 0, 6]
    assert [each.at for each in told] == sorted(each.at for each in told)


def test_trying_the_store_says_what_is_wrong(
    settings: Settings, farid: FlaskClient, store: Store, database: Engine
) -> None:
    def said(**others: Any) -> str:
        assert farid.post(PAGE, data=typed(store, **others)).status_code == 303
        assert "under way" in farid.get(PAGE).text
        work(settings)
        return str(farid.get(PAGE).text)

    assert "answers and takes the key" in said()
    assert kept_store(database).version == "2.0.0"
    assert "refuses the key" in said(secret="another")
    assert "no xAPI record store" in said(endpoint=store.endpoint.replace("/xapi", ""))
    assert "Nobody answers" in said(endpoint="http://127.0.0.1:1/xapi")
    store.versions = ("0.95",)
    assert "neither xAPI 1.0 nor 2.0" in said()
    store.versions = ("1.0.0", "1.0.3")
    assert "answers and takes the key" in said()
    assert kept_store(database).version == "1.0.3"
    farid.post(f"{PAGE}/try")
    work(settings)
    assert store.seen[-1]["x-experience-api-version"] == "1.0.3"
    assert {"record_store_set", "record_store_tried"} <= set(verbs(database))


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://example.org/xapi",
        "ftp://example.org/xapi",
        "https://name:word@example.org/xapi",
        "https://example.org/xapi?a=b",
        "https://[::1/xapi",
        "store",
        "",
    ],
)
def test_an_address_that_is_none_is_refused_and_what_was_typed_is_kept(
    farid: FlaskClient, store: Store, database: Engine, endpoint: str
) -> None:
    answer = farid.post(PAGE, data=typed(store, endpoint=endpoint, key="my key"))
    assert answer.status_code == 422
    assert "my key" in answer.text
    assert lrs.SECRET not in answer.text
    with begin(database, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(RecordStore)) == 0


def test_a_private_machine_is_not_asked_unless_it_is_allowed(
    farid: FlaskClient, store: Store, settings: Settings
) -> None:
    farid.post(PAGE, data=typed(store))
    work(settings.model_copy(update={"public_scheme": "https"}))
    assert store.seen == []
    assert "leads into a private network" in farid.get(PAGE).text


def test_the_secret_is_sealed_and_goes_to_no_other_address(
    farid: FlaskClient, connected: Store, database: Engine
) -> None:
    assert lrs.SECRET not in kept_store(database).sealed_secret
    elsewhere = farid.post(PAGE, data=typed(connected, endpoint="https://example.org/xapi", secret=""))
    assert elsewhere.status_code == 422
    assert "Type the secret too" in elsewhere.text
    assert farid.post(PAGE, data=typed(connected, secret="", kinds=["quiz_answered"])).status_code == 303
    assert kept_store(database).kinds == ["quiz_answered"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("key", "", "Type the key"),
        ("key", "a:b", "holds no colon"),
        ("kinds", [], "Choose at least one"),
        ("secret", "", "Type the secret too"),
    ],
)
def test_what_is_missing_is_named(farid: FlaskClient, store: Store, field: str, value: Any, message: str) -> None:
    answer = farid.post(PAGE, data=typed(store, **{field: value}))
    assert answer.status_code == 422
    assert message in answer.text


def test_a_portal_with_another_secret_says_so_and_loses_nothing(
    app: Flask,
    database: Engine,
    settings: Settings,
    people: SimpleNamespace,
    sign_in: Callable,
    farid: FlaskClient,
    connected: Store,
) -> None:
    read(sign_in(people.amina), lessons(app)[0])
    work(settings.model_copy(update={"secret_key": "n" * 32}))
    assert "another SECRET_KEY" in farid.get(PAGE).text
    assert [each.sent_at for each in outbox(database)] == [None]


def test_without_a_store_there_is_nothing_to_try_pause_or_send(farid: FlaskClient) -> None:
    assert farid.get(PAGE).status_code == 200
    for what in ("try", "pause", "resume", "set-aside"):
        assert farid.post(f"{PAGE}/{what}").status_code == 404


def test_an_answer_that_is_none_on_the_page_of_choices_is_refused(people: SimpleNamespace, sign_in: Callable) -> None:
    amina = sign_in(people.amina)
    for data in ({"purpose": "curiosity_log", "answer": "yes"}, {"purpose": "research", "answer": "maybe"}, {}):
        assert amina.post("/account/choices", data=data).status_code == 422


def test_a_consent_is_in_the_log_once_each_time_it_changes(
    database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    amina = sign_in(people.amina)
    for said in ("no", "yes", "yes", "no"):
        amina.post("/account/choices", data={"purpose": "research", "answer": said})
    found = [verb for verb in verbs(database) if verb.startswith("consent_")]
    assert found == ["consent_given", "consent_withdrawn"]
    with begin(database, read_only=True) as session:
        assert list(session.scalars(consent.agreeing(people.amina.academy_id, consent.Purpose.RESEARCH))) == []


def test_one_job_serves_a_store_however_often_it_is_needed(
    app: Flask, database: Engine, settings: Settings, people: SimpleNamespace, sign_in: Callable, connected: Store
) -> None:
    amina = sign_in(people.amina)
    for name in lessons(app)[:3]:
        read(amina, name)
        work(settings)
    with begin(database, read_only=True) as session:
        [job] = session.scalars(select(Job).where(Job.kind == JobKind.SERVE_RECORD_STORE))
    assert job.attempt == 4
    assert job.finished_at is not None


def test_what_was_sent_goes_after_ninety_days_and_what_waits_stays(
    app: Flask, database: Engine, settings: Settings, people: SimpleNamespace, sign_in: Callable, connected: Store
) -> None:
    amina, old = sign_in(people.amina), clock.now() - timedelta(days=91)
    read(amina, *lessons(app)[:2])
    work(settings)
    read(amina, lessons(app)[2])
    [first, second, third] = outbox(database)
    with begin(database) as session:
        session.execute(update(Statement).values(at=old))
        session.execute(update(Statement).where(Statement.id == first.id).values(sent_at=old))
        retention.apply(session)
    assert [each.id for each in outbox(database)] == [second.id, third.id]


def test_a_person_takes_away_what_the_store_is_told_but_no_score_of_an_exercise_that_is_open(
    database: Engine,
    people: SimpleNamespace,
    cohort: Cohort,
    sign_in: Callable,
    connected: Store,
    finish_a_run: Callable,
) -> None:
    with begin(database) as session:
        exercise = SimulationExercise(
            academy_id=cohort.academy_id,
            cohort_id=cohort.id,
            module_id=MODULE,
            activity_id="grievance",
            title="Grievances",
            seed=7,
            attempts=2,
            created_by=people.bilal.id,
            created_at=clock.now(),
        )
        session.add(exercise)
        session.flush()
    run_id = finish_a_run(people.amina, exercise_id=exercise.id)
    with begin(database) as session:
        scored = {"module_id": MODULE, "activity_id": "grievance", "points": 55, "max_points": 100}
        tell(session, people.amina, StatementKind.SIMULATION_FINISHED, run_id, at=clock.now(), facts=scored)
    assert len(outbox(database)) == 1

    def told() -> int:
        answer = sign_in(people.amina).post("/account/data.zip")
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            return len(json.loads(archive.read("statement.json")))

    assert told() == 0
    with begin(database) as session:
        session.execute(update(SimulationExercise).values(closed_at=clock.now()))
    assert told() == 1
