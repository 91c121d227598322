"""An administrator opens the record of one person with a reason, for an hour, and the person reads who and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

from app.accounts.models import Account, Cohort
from app.appeals import service as appeals
from app.break_glass import service
from app.competencies.models import EvidenceKind
from app.competencies.service import record_evidence
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import begin
from app.core.openings import RecordOpening
from app.notices.models import Notice
from tests.app.conftest import STAYS_IN_LOG

REASON = "Her page of results shows nothing since Monday."
SAID = {"purpose": "fault", "reason": REASON}


@pytest.fixture
def known(database: Engine, people: SimpleNamespace) -> None:
    with begin(database) as session:
        record_evidence(
            session,
            session.get_one(Account, people.amina.id),
            competency="D2.1",
            level=2,
            kind=EvidenceKind.QUIZ_ITEM,
            outcome=1.0,
            source="quiz_attempt:1",
            part="half-of-calls",
        )


@pytest.fixture
def farid(farid: FlaskClient, known: None) -> FlaskClient:
    """Where something is known of the people."""
    return farid


def open_it(client: FlaskClient, person: Account, **changes: str) -> Any:
    return client.post(f"/people/{person.id}/opening", data=SAID | changes)


def openings(database: Engine) -> list[RecordOpening]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(RecordOpening).order_by(RecordOpening.id)))


def log(database: Engine) -> list[tuple[str, str, int | None, dict[str, Any]]]:
    with begin(database, read_only=True) as session:
        verbs = AuditEntry.verb.in_(("record_opened", "record_closed"))
        found = session.scalars(select(AuditEntry).where(verbs).order_by(AuditEntry.id))
        return [(each.verb, each.thing, each.actor_id, each.detail) for each in found]


def test_a_record_opens_with_a_reason_and_leads_to_what_was_asked_for(
    farid: FlaskClient, database: Engine, people: SimpleNamespace
) -> None:
    address = f"/record/{people.amina.id}/D2.1"
    answer = farid.get(address)
    assert answer.status_code == 303
    page = farid.get(answer.location).text
    assert "Amina" in page
    assert "Inquiry ordered by the competent authority" in page
    assert STAYS_IN_LOG in page
    assert "75%" not in page
    answer = open_it(farid, people.amina, next=address)
    assert (answer.status_code, answer.location) == (303, address)
    page = farid.get(address).text
    assert "The record of Amina is open to you until" in page
    assert f"/people/{people.amina.id}/opening/close" in farid.get("/administration").text
    assert farid.get(f"/record/{people.bushra.id}").status_code == 303
    [opening] = openings(database)
    assert opening.ends_at - opening.opened_at < timedelta(minutes=60, seconds=1)
    [(verb, thing, actor, detail)] = log(database)
    assert (verb, thing, actor) == ("record_opened", f"account:{people.amina.id}", people.farid.id)
    assert (detail["purpose"], detail["reason"], detail["with_work"]) == ("fault", REASON, False)


@pytest.mark.both_databases
def test_it_is_closed_by_hand_and_by_the_time(farid: FlaskClient, database: Engine, people: SimpleNamespace) -> None:
    address = f"/record/{people.amina.id}"
    open_it(farid, people.amina)
    assert farid.get(address).status_code == 200
    assert farid.post(f"/people/{people.amina.id}/opening/close").status_code == 303
    assert farid.get(address).status_code == 303
    assert farid.post(f"/people/{people.amina.id}/opening/close").status_code == 303
    open_it(farid, people.amina)
    with begin(database) as session:
        session.execute(update(RecordOpening).values(ends_at=clock.now() - timedelta(seconds=1)))
    assert farid.get(address).status_code == 303
    with begin(database) as session:
        assert service.close_those_over(session) == 1
        assert service.close_those_over(session) == 0
    assert [(verb, actor) for verb, _thing, actor, _detail in log(database)] == [
        ("record_opened", people.farid.id),
        ("record_closed", people.farid.id),
        ("record_opened", people.farid.id),
        ("record_closed", None),
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"purpose": ""}, "Choose a purpose."),
        ({"reason": " "}, "Say why, so that the person knows."),
        ({"reason": "Because I must."}, "of 20 characters at least"),
        ({"reason": "x" * 501}, "Shorten this to 500 characters."),
        ({"purpose": "curiosity"}, "Not a valid choice"),
    ],
)
def test_without_a_reason_it_stays_closed_and_what_was_typed_is_kept(
    farid: FlaskClient, database: Engine, people: SimpleNamespace, changes: dict[str, str], said: str
) -> None:
    answer = open_it(farid, people.amina, next="/skills", **changes)
    assert answer.status_code == 422
    assert said in answer.text
    assert changes.get("reason", REASON).strip() in answer.text
    assert 'value="/skills"' in answer.text
    assert openings(database) == []


def test_pressed_twice_is_opened_once_and_another_reason_opens_anew(
    farid: FlaskClient, database: Engine, people: SimpleNamespace
) -> None:
    open_it(farid, people.amina)
    open_it(farid, people.amina)
    assert len(openings(database)) == 1
    open_it(farid, people.amina, reason="She asked me to look at it together.", purpose="request")
    assert [each.closed_at is None for each in openings(database)] == [False, True]


def test_the_person_reads_who_opened_it_and_why(
    farid: FlaskClient, database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    assert "No administrator has opened your record." in sign_in(people.amina).get("/account/data").text
    open_it(farid, people.amina)
    amina = sign_in(people.amina)
    assert "Notices (1)" in amina.get("/learn").text
    page = amina.get("/notices").text
    assert "Your record was opened" in page
    assert 'href="/account/data"' in page
    page = amina.get("/account/data").text
    for said in ("Farid", "Fault of the system", REASON):
        assert said in page
    assert REASON not in sign_in(people.bushra).get("/account/data").text


def test_it_is_told_in_the_language_of_the_person(
    farid: FlaskClient, database: Engine, people: SimpleNamespace
) -> None:
    open_it(farid, people.bushra)
    with begin(database, read_only=True) as session:
        notice = session.scalars(select(Notice)).one()
    assert (notice.language, notice.subject) == ("ur", "آپ کا ریکارڈ کھولا گیا")


def test_what_was_submitted_opens_only_while_a_complaint_waits(
    farid: FlaskClient, database: Engine, people: SimpleNamespace, answered: Callable
) -> None:
    address = f"/results/submissions/{answered(people.amina).split('/')[1]}"
    open_it(farid, people.amina)
    answer = farid.get(address)
    assert answer.status_code == 403
    assert "only while a complaint of this person waits" in answer.text
    with begin(database) as session:
        complaint = appeals.complain(session, session.get_one(Account, people.amina.id), "My points are wrong.")
    answer = farid.get(address)
    assert answer.status_code == 303
    page = farid.get(answer.location).text
    assert "To decide on the dispute or complaint of" in page
    open_it(farid, people.amina, next=address)
    assert farid.get(address).status_code == 303
    open_it(farid, people.amina, next=address, purpose="complaint")
    assert farid.get(address).status_code == 200
    assert farid.get(f"/appeals/{complaint.id}").status_code == 200


def test_nobodys_curiosity_velocity_is_an_administrators(
    people: SimpleNamespace, sign_in: Callable, open_record: Callable, finish_a_run: Callable
) -> None:
    run = finish_a_run(people.amina)
    open_record(people.farid, people.amina)
    farid = sign_in(people.farid)
    assert farid.get(f"/runs/{run}").status_code == 200
    assert farid.get(f"/runs/{run}/questions").status_code == 403
    assert sign_in(people.bilal).get(f"/runs/{run}/questions").status_code == 200


def test_pages_of_cohorts_give_no_figures_of_one_person(
    farid: FlaskClient, people: SimpleNamespace, cohort: Cohort, sign_in: Callable
) -> None:
    pages = (f"/cohorts/{cohort.id}", f"/cohorts/{cohort.id}/competencies/D2.1")
    for page in pages:
        text = farid.get(page).text
        assert f'href="/record/{people.amina.id}' in text
        assert text.count("not open") == 2
        assert "% to " not in text
        assert "% to " in sign_in(people.bilal).get(page).text
    open_it(farid, people.amina)
    for page in pages:
        text = farid.get(page).text
        assert text.count("not open") == 1
        assert "% to " in text


def test_a_part_of_a_page_says_that_the_record_is_closed(
    farid: FlaskClient, people: SimpleNamespace, finish_a_run: Callable
) -> None:
    answer = farid.get(f"/runs/{finish_a_run(people.amina)}/outcome", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert "This record is closed" in answer.text


def test_only_administrators_open_and_only_in_their_academy(
    people: SimpleNamespace, sign_in: Callable, known: None, database: Engine
) -> None:
    for name, status in (("amina", 403), ("bilal", 403), ("zahid", 404)):
        client = sign_in(getattr(people, name))
        assert client.get(f"/people/{people.amina.id}/opening").status_code == status
        assert open_it(client, people.amina).status_code == status
        assert client.post(f"/people/{people.amina.id}/opening/close").status_code == status
    assert openings(database) == []


def test_nobody_is_led_out_of_the_portal(farid: FlaskClient, people: SimpleNamespace) -> None:
    assert open_it(farid, people.amina, next="https://evil.example/").location == "/"


def test_it_goes_with_the_person_and_is_theirs_to_take_away(
    farid: FlaskClient, database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    open_it(farid, people.amina)
    amina = sign_in(people.amina)
    assert amina.post("/account/erasure", data={"text": "I have left.", "understood": "y"}).status_code == 303
    grant = {"decision": "erase", "ground": "not_needed", "reason": "She has left.", "username": "amina"}
    answer = farid.post("/administration/erasures/1", data=grant)
    assert answer.status_code == 303, answer.text
    assert openings(database) == []
