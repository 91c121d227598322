"""A supervisor's word: asked for, given by a link without an account, confirmed, evidence, withdrawn."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

from app.attestations.models import Attestation, AttestationLetter, State
from app.attestations.queries import hash_of
from app.attestations.service import MOST_OPEN
from app.competencies.estimation import Piece, estimate
from app.competencies.models import Evidence, EvidenceKind
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import begin
from app.core.locale import today
from app.retention import service as retention
from app.worker import Workshop, run_waiting_jobs
from config import Settings
from tests.app.conftest import TASK
from tests.conftest import PASSWORD
from tests.letterbox import Letterbox

LINK = re.compile(r"<code>(\S+?)(/attest/[\w-]+)</code>")
ANSWER = {
    "seen": "alone",
    "comment": "I stood beside the counter.",
    "name": "Naveed Akhtar",
    "designation": "Town Municipal Officer",
    "may_be_asked": "y",
}
SURE = {"decision": "confirm", "reason": "I called the office."}


def ask(client: FlaskClient, **changes: Any) -> int:
    """Describe a task; the number of the attestation."""
    answer = client.post("/attestations/new", data=TASK | changes)
    assert answer.status_code == 303
    return int(answer.location.rpartition("/")[2])


def link_of(client: FlaskClient, number: int) -> str:
    """Make a link; its path."""
    answer = client.post(f"/attestations/{number}/link")
    assert answer.status_code == 200
    found = LINK.search(answer.text)
    assert found is not None
    return found.group(2)


@pytest.fixture
def supervisor(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def answered(amina: FlaskClient, supervisor: FlaskClient) -> int:
    """An attestation that a supervisor has answered."""
    number = ask(amina)
    assert supervisor.post(link_of(amina, number), data=ANSWER).status_code == 303
    return number


def evidence(database: Engine) -> list[Evidence]:
    """Evidence that counts."""
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(Evidence).where(Evidence.superseded_at.is_(None)).order_by(Evidence.id)))


def row(database: Engine, number: int) -> Attestation:
    with begin(database, read_only=True) as session:
        return session.get_one(Attestation, number)


def verbs(database: Engine) -> list[str]:
    with begin(database, read_only=True) as session:
        statement = select(AuditEntry.verb).where(AuditEntry.thing.startswith("attestation:")).order_by(AuditEntry.id)
        return list(session.scalars(statement))


@pytest.mark.both_databases
def test_a_supervisors_word_counts_from_its_confirmation_until_it_is_withdrawn(
    database: Engine, people: SimpleNamespace, sign_in: Callable, app: Flask
) -> None:
    amina, bilal, supervisor = sign_in(people.amina), sign_in(people.bilal), app.test_client()
    number = ask(amina)
    path = link_of(amina, number)
    page = supervisor.get(path)
    assert page.status_code == 200
    assert "I timed each step" in page.text
    assert supervisor.post(path, data=ANSWER).status_code == 303
    assert "Thank you" in supervisor.get(path).text
    assert evidence(database) == []
    assert "I timed each step" in bilal.get("/attestations/waiting").text
    assert bilal.post(f"/attestations/{number}/decide", data=SURE).status_code == 303
    [piece] = evidence(database)
    assert (piece.kind, piece.weight, piece.level, piece.competency) == (EvidenceKind.ATTESTATION, 1.0, 3, "D3.3")
    assert piece.outcome == pytest.approx(2 / 3)
    assert piece.at.date().isoformat() == TASK["done_on"]
    record = amina.get(f"/record/{people.amina.id}/D3.3").text
    assert re.search(rf'/attestations/{number}#task">[^<:]+</a>', record)
    assert f'href="/attestations/{number}"' in amina.get("/passport").text
    own = html.unescape(amina.get(f"/attestations/{number}").text)
    assert "I stood beside the counter." in own
    assert "I called the office." in own
    assert bilal.post(f"/attestations/{number}/withdraw", data={"reason": " "}).status_code == 422
    assert bilal.post(f"/attestations/{number}/withdraw", data={"reason": "It was his brother."}).status_code == 303
    assert evidence(database) == []
    assert "/attestations/" not in amina.get("/passport").text.replace('"/attestations"', "")
    assert "It was his brother." in amina.get(f"/attestations/{number}").text
    assert bilal.post(f"/attestations/{number}/withdraw", data={"reason": "Again."}).status_code == 409
    steps = ("asked", "link_made", "answered", "confirmed", "withdrawn")
    assert verbs(database) == [f"attestation_{step}" for step in steps]
    assert "withdrew an attestation" in sign_in(people.farid).get("/audit").text


def test_a_task_of_the_day_that_has_just_begun_lies_in_no_future(
    database: Engine, amina: FlaskClient, bilal: FlaskClient, supervisor: FlaskClient, night: datetime
) -> None:
    number = ask(amina, done_on=today().isoformat())
    supervisor.post(link_of(amina, number), data=ANSWER)
    assert bilal.post(f"/attestations/{number}/decide", data=SURE).status_code == 303
    assert [piece.at for piece in evidence(database)] == [night]


@pytest.mark.parametrize(
    ("seen", "outcome"), [("not_done", 0.0), ("with_help", 1 / 3), ("alone", 2 / 3), ("taught", 1.0)]
)
def test_the_scale_of_behaviour_becomes_the_outcome(
    database: Engine, amina: FlaskClient, bilal: FlaskClient, supervisor: FlaskClient, seen: str, outcome: float
) -> None:
    number = ask(amina)
    supervisor.post(link_of(amina, number), data=ANSWER | {"seen": seen})
    bilal.post(f"/attestations/{number}/decide", data=SURE)
    assert [piece.outcome for piece in evidence(database)] == pytest.approx([outcome])


def test_who_saw_nothing_says_nothing_of_the_trainee(
    database: Engine, amina: FlaskClient, bilal: FlaskClient, supervisor: FlaskClient
) -> None:
    number = ask(amina)
    supervisor.post(link_of(amina, number), data=ANSWER | {"seen": "not_seen"})
    assert row(database, number).state is State.UNSEEN
    assert bilal.post(f"/attestations/{number}/decide", data=SURE).status_code == 409
    assert evidence(database) == []
    assert "did not see it" in amina.get("/attestations").text


def test_the_supervisor_sees_what_the_trainee_shares_and_nothing_else(
    amina: FlaskClient, supervisor: FlaskClient
) -> None:
    page = supervisor.get(link_of(amina, ask(amina))).text
    assert "Amina" in page
    assert "Town Municipal Office, Mardan" in page
    assert "The longest wait fell" not in page
    assert "D3.3" not in page
    assert "/record" not in page
    everything = supervisor.get(link_of(amina, ask(amina, shared=["place", "result", "level"]))).text
    assert "The longest wait fell" in everything
    assert "D3.3" in everything


def test_the_page_of_a_link_is_told_to_nobody_and_is_there_in_urdu(amina: FlaskClient, supervisor: FlaskClient) -> None:
    path = link_of(amina, ask(amina))
    page = supervisor.get(path, headers={"Accept-Language": "ur"})
    assert (page.headers["Referrer-Policy"], page.headers["X-Robots-Tag"]) == ("no-referrer", "noindex")
    assert "no-store" in page.headers["Cache-Control"]
    assert 'dir="rtl"' in page.text
    assert "آپ نے کیا دیکھا؟" in page.text


def test_only_the_hash_of_a_link_is_kept_and_a_new_link_ends_the_former(
    database: Engine, amina: FlaskClient, supervisor: FlaskClient
) -> None:
    number = ask(amina)
    assert "/attest/" not in amina.get(f"/attestations/{number}").text
    first = link_of(amina, number)
    token = first.rpartition("/")[2]
    kept = row(database, number)
    assert kept.token_hash == hash_of(token)
    assert all(token not in str(value) for value in vars(kept).values())
    second = link_of(amina, number)
    assert supervisor.get(first).status_code == 404
    assert supervisor.post(first, data=ANSWER).status_code == 404
    assert supervisor.get(second).status_code == 200


@pytest.mark.parametrize("token", ["x", "a" * 43, "%20", "..%2Fsign-in"])
def test_a_guessed_link_opens_nothing(amina: FlaskClient, supervisor: FlaskClient, token: str) -> None:
    link_of(amina, ask(amina))
    assert supervisor.get(f"/attest/{token}").status_code == 404
    assert supervisor.post(f"/attest/{token}", data=ANSWER).status_code == 404


def test_guessing_is_limited(app: Flask, supervisor: FlaskClient) -> None:
    app.config["SIGN_IN_LIMIT"] = "3 per minute"
    assert [supervisor.get(f"/attest/{number}").status_code for number in range(4)] == [404, 404, 404, 429]
    assert [supervisor.post(f"/attest/{number}").status_code for number in range(4)] == [404, 404, 404, 429]


def test_a_link_answers_once(database: Engine, answered: int, amina: FlaskClient, supervisor: FlaskClient) -> None:
    assert amina.post(f"/attestations/{answered}/link").status_code == 409
    with begin(database) as session:
        session.execute(update(Attestation).values(token_hash=hash_of("again")))
    second = supervisor.post("/attest/again", data=ANSWER | {"seen": "taught"})
    assert second.status_code == 410
    assert row(database, answered).seen == "alone"
    assert "Thank you" in second.text


def test_a_link_that_is_too_old_takes_nothing_and_says_so(
    database: Engine, amina: FlaskClient, supervisor: FlaskClient
) -> None:
    number = ask(amina)
    path = link_of(amina, number)
    with begin(database) as session:
        session.execute(update(Attestation).values(expires_at=clock.now() - timedelta(seconds=1)))
    page = supervisor.get(path)
    assert page.status_code == 410
    assert "no longer works" in page.text
    assert "I timed each step" not in page.text
    assert supervisor.post(path, data=ANSWER).status_code == 410
    assert row(database, number).answered_at is None
    assert "too old" in amina.get("/attestations").text
    assert supervisor.get(link_of(amina, number)).status_code == 200


def test_a_trainee_revokes_until_somebody_answers(
    database: Engine, amina: FlaskClient, supervisor: FlaskClient
) -> None:
    number = ask(amina)
    path = link_of(amina, number)
    assert amina.post(f"/attestations/{number}/revoke").status_code == 303
    assert supervisor.get(path).status_code == 410
    assert supervisor.post(path, data=ANSWER).status_code == 410
    assert row(database, number).state is State.REVOKED
    assert amina.post(f"/attestations/{number}/revoke").status_code == 409
    assert amina.post(f"/attestations/{number}/link").status_code == 409


def test_what_is_answered_is_not_revoked(database: Engine, answered: int, amina: FlaskClient) -> None:
    assert amina.post(f"/attestations/{answered}/revoke").status_code == 409
    assert row(database, answered).state is State.ANSWERED


def test_nobody_attests_their_own_work(database: Engine, amina: FlaskClient) -> None:
    number = ask(amina)
    path = link_of(amina, number)
    page = amina.get(path).text
    assert "Nobody can attest their own work." in page
    assert "Send my answer" not in page
    assert amina.post(path, data=ANSWER).status_code == 403
    assert row(database, number).answered_at is None


def test_names_that_do_not_fit_are_pointed_out(
    people: SimpleNamespace, amina: FlaskClient, bilal: FlaskClient, supervisor: FlaskClient
) -> None:
    number = ask(amina)
    supervisor.post(link_of(amina, number), data=ANSWER | {"name": people.amina.full_name.upper()})
    page = html.unescape(bilal.get(f"/attestations/{number}").text)
    assert "is not the one that the trainee gave" in page
    assert "is the trainee's own" in page


def test_a_rejection_needs_a_reason_and_is_final(
    database: Engine, answered: int, amina: FlaskClient, bilal: FlaskClient
) -> None:
    path = f"/attestations/{answered}/decide"
    for data, words in (
        ({"decision": "reject", "reason": " "}, "Say how you know"),
        ({"decision": "confirm", "reason": ""}, "Say how you know"),
        ({"reason": "Why not"}, "Choose one of the two"),
        ({"decision": "reject", "reason": "x" * 301}, "Shorten this to 300"),
    ):
        answer = bilal.post(path, data=data)
        assert answer.status_code == 422
        assert words in answer.text
    assert bilal.post(path, data={"decision": "reject", "reason": "No such officer."}).status_code == 303
    assert bilal.post(path, data=SURE).status_code == 409
    assert evidence(database) == []
    assert "No such officer." in amina.get(f"/attestations/{answered}").text


def test_nobody_reaches_or_decides_what_is_not_theirs(
    database: Engine, answered: int, people: SimpleNamespace, sign_in: Callable, amina: FlaskClient
) -> None:
    for name in ("bushra", "zara", "zahid"):
        assert sign_in(getattr(people, name)).get(f"/attestations/{answered}").status_code == 404
    assert amina.post(f"/attestations/{answered}/decide", data=SURE).status_code == 403
    assert sign_in(people.bushra).post(f"/attestations/{answered}/revoke").status_code == 404
    assert sign_in(people.bushra).post(f"/attestations/{answered}/link").status_code == 404
    zahid = sign_in(people.zahid)
    assert zahid.post(f"/attestations/{answered}/decide", data=SURE).status_code == 404
    assert zahid.post(f"/attestations/{answered}/withdraw", data={"reason": "Mine."}).status_code == 404
    assert "I timed each step" not in zahid.get("/attestations/waiting").text
    assert row(database, answered).state is State.ANSWERED


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"task": " "}, "Say what you did"),
        ({"task": "x" * 1501}, "Shorten this to 1500"),
        ({"place": ""}, "Name the office"),
        ({"result": ""}, "Say what came of it"),
        ({"done_on": "soon"}, "Choose a day"),
        ({"done_on": (date.today() + timedelta(days=3)).isoformat()}, "within the last year"),
        ({"done_on": (date.today() - timedelta(days=370)).isoformat()}, "within the last year"),
        ({"competency": "D9.9"}, "Not a valid choice"),
        ({"level": "2"}, "Not a valid choice"),
        ({"shared": ["record"]}, "not a valid choice"),
        ({"supervisor_name": " amina "}, "nobody can attest their own work"),
        ({"supervisor_office": ""}, "Type designation and office"),
        ({"supervisor_address": "naveed"}, "Type an e-mail address"),
    ],
)
def test_a_wrong_description_is_refused_in_words_and_what_was_typed_stays(
    database: Engine, amina: FlaskClient, changes: dict[str, Any], words: str
) -> None:
    answer = amina.post("/attestations/new", data=TASK | changes)
    assert answer.status_code == 422
    assert words in html.unescape(answer.text)
    assert str(changes.get("supervisor_name", "Naveed Akhtar")).strip() in answer.text
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Attestation)).all() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seen": ""}, "Choose what you saw"),
        ({"seen": "everything"}, "Not a valid choice"),
        ({"name": " "}, "Type your name"),
        ({"designation": ""}, "Type your designation"),
        ({"comment": "x" * 1001}, "Shorten this to 1000"),
    ],
)
def test_a_wrong_answer_is_refused_in_words_and_the_link_stays_open(
    database: Engine, amina: FlaskClient, supervisor: FlaskClient, changes: dict[str, str], words: str
) -> None:
    number = ask(amina)
    path = link_of(amina, number)
    answer = supervisor.post(path, data=ANSWER | changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert changes.get("comment", "I stood beside the counter.") in answer.text
    assert row(database, number).answered_at is None
    assert supervisor.post(path, data=ANSWER).status_code == 303


def test_only_so_many_wait_at_a_time(amina: FlaskClient) -> None:
    numbers = [ask(amina, task=f"Task {number}.") for number in range(MOST_OPEN)]
    refused = amina.post("/attestations/new", data=TASK)
    assert refused.status_code == 422
    assert "wait for a supervisor" in refused.text
    amina.post(f"/attestations/{numbers[0]}/revoke")
    ask(amina)


def test_only_so_many_wait_though_links_that_ran_out_are_made_anew(amina: FlaskClient, database: Engine) -> None:
    former = ask(amina)
    with begin(database) as session:
        session.execute(update(Attestation).values(expires_at=clock.now() - timedelta(days=1)))
    waiting = [ask(amina, task=f"Task {number}.") for number in range(MOST_OPEN)]
    refused = amina.post(f"/attestations/{former}/link")
    assert refused.status_code == 422
    assert "wait for a supervisor" in refused.text
    link_of(amina, waiting[0])
    amina.post(f"/attestations/{waiting[0]}/revoke")
    link_of(amina, former)


def arrive(portal: Flask, account: Any) -> FlaskClient:
    client = portal.test_client()
    assert client.post("/sign-in", data={"username": account.username, "password": PASSWORD}).status_code == 303
    return client


def test_with_a_mail_server_the_link_is_sent_sealed_until_then_and_once(
    portal: Flask, mailing: Settings, letterbox: Letterbox, database: Engine, people: SimpleNamespace
) -> None:
    amina = arrive(portal, people.amina)
    number = ask(amina, supervisor_address="naveed@example.org")
    path = link_of(amina, number)
    with begin(database, read_only=True) as session:
        [letter] = session.scalars(select(AttestationLetter))
    assert path not in letter.sealed_text
    assert run_waiting_jobs(Workshop.of(mailing)) == 1
    (message,) = letterbox.taken
    assert message["To"] == "Naveed Akhtar <naveed@example.org>"
    text = message.get_content()
    assert text.count(mailing.portal_origin + path) == 2
    assert "اکیڈمی" in text
    assert "I timed each step" not in text
    assert row(database, number).mailed_at is not None
    with begin(database, read_only=True) as session:
        assert session.scalars(select(AttestationLetter)).all() == []
    Workshop.of(mailing).handle("send_attestation_letter", letter.id)
    assert len(letterbox.taken) == 1
    assert portal.test_client().post(path, data=ANSWER).status_code == 303
    assert row(database, number).supervisor_address == ""


def test_a_letter_whose_link_was_revoked_or_replaced_is_not_sent(
    portal: Flask, mailing: Settings, letterbox: Letterbox, database: Engine, people: SimpleNamespace
) -> None:
    amina = arrive(portal, people.amina)
    revoked, replaced = (ask(amina, supervisor_address=f"{name}@example.org") for name in ("one", "two"))
    link_of(amina, revoked)
    amina.post(f"/attestations/{revoked}/revoke")
    link_of(amina, replaced)
    newest = link_of(amina, replaced)
    assert run_waiting_jobs(Workshop.of(mailing)) == 3
    (message,) = letterbox.taken
    assert newest in message.get_content()


def test_without_a_mail_server_nothing_is_sealed_or_queued(database: Engine, amina: FlaskClient) -> None:
    link_of(amina, ask(amina, supervisor_address="naveed@example.org"))
    with begin(database, read_only=True) as session:
        assert session.scalars(select(AttestationLetter)).all() == []


def test_what_nobody_answered_goes_after_half_a_year_and_the_rest_after_ten(
    database: Engine, answered: int, amina: FlaskClient
) -> None:
    waiting = ask(amina)
    with begin(database) as session:
        old = clock.now() - timedelta(days=184)
        session.execute(update(Attestation).values(asked_at=old - timedelta(days=21)))
        session.execute(update(Attestation).where(Attestation.id == waiting).values(expires_at=old))
    with begin(database) as session:
        retention.apply(session)
        assert session.scalars(select(Attestation.id)).all() == [answered]
        session.execute(update(Attestation).values(asked_at=clock.now() - timedelta(days=3654)))
    with begin(database) as session:
        retention.apply(session)
        assert session.scalars(select(Attestation.id)).all() == []


def piece(number: int, kind: EvidenceKind, weight: float, days: int = 0) -> Piece:
    return Piece(number, kind, 1.0, 0.0, weight, f"source:{number}", clock.now() - timedelta(days=days))


def test_attestations_alone_make_no_level_but_confirm_one() -> None:
    # Two in each of three quarters: with weight enough for level 1 and 2.
    words = [
        piece(10 * quarter + each, EvidenceKind.ATTESTATION, 1.0, 91 * quarter)
        for quarter in range(4)
        for each in (1, 2)
    ]
    alone = estimate("D3.3", words, now=clock.now())
    assert alone.effective_weight > 5
    assert alone.level is None
    runs = [piece(100 + number, EvidenceKind.SIMULATION_DECISION, 2.0) for number in range(4)]
    assert estimate("D3.3", runs, now=clock.now()).level == 2
    assert estimate("D3.3", [*runs, words[0]], now=clock.now()).level == 3
