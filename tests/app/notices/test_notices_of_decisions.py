"""Whoever disputed, complained, asked or reported is told of the decision, in their language, and led to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from app.accounts.models import Account
from app.appeals import service as appeals
from app.appeals.models import Outcome, Remedy
from app.attestations import service as attestations
from app.attestations.models import Seen
from app.completions import service as completions
from app.completions.models import Provider
from app.core import clock
from app.core.db import begin
from app.core.jobs import Job
from app.notices.models import MailAddress, Notice
from app.notices.wording import LANGUAGES, Occasion, told
from app.rights import erasure
from tests.conftest import PASSWORD

COURSE = {
    "provider": Provider.AWS,
    "title": "Clouds",
    "completed_on": date(2026, 1, 2),
    "link": "https://example.org/proof",
    "competency": "D2.1",
}
TASK = {
    "competency": "D2.1",
    "level": 3,
    "task": "Counted.",
    "place": "Mardan",
    "result": "A count.",
    "supervisor_name": "Shazia Gul",
    "supervisor_office": "DHO",
    "supervisor_address": "",
    "done_on": date(2026, 10, 2),
    "shared": "place",
}


def notices(database: Engine) -> list[tuple[int, str, str]]:
    """To whom, on what, and what it leads to."""
    with begin(database, read_only=True) as session:
        found = session.scalars(select(Notice).order_by(Notice.id))
        return [(each.trainee_id, each.subject, each.about) for each in found]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_occasion_has_words_of_its_own(app: Flask, language: str) -> None:
    with app.test_request_context():
        subjects = {told(occasion, language)[0] for occasion in Occasion}
        english = {told(occasion, "en")[0] for occasion in Occasion}
    assert len(subjects) == len(Occasion)
    assert language == "en" or not subjects & english


def test_a_decided_complaint_and_its_review_are_told_and_lead_to_it(
    database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    with begin(database) as session:
        amina = session.get_one(Account, people.amina.id)
        made = appeals.complain(session, amina, "Nobody told me.")
        verdict = appeals.Verdict(Outcome.REFUSED, Remedy.NOTHING, "It was on the board.")
        appeals.decide(session, people.bilal, made.id, verdict)
        appeals.ask_review(session, amina, made.id, "I was not there.")
        appeals.decide(session, people.farid, made.id, verdict)
    assert notices(database) == [
        (people.amina.id, "Your dispute or complaint is decided", f"appeal:{made.id}"),
        (people.amina.id, "The review you asked for is done", f"appeal:{made.id}"),
    ]
    page = sign_in(people.amina).get("/notices").text
    assert page.count(f'href="/appeals/{made.id}"') == 2
    assert "It was on the board" not in page


@pytest.mark.parametrize(
    ("approve", "subject"),
    [
        (True, "A course that you finished elsewhere is approved"),
        (False, "A course that you finished elsewhere is not approved"),
    ],
)
def test_a_decided_course_is_told(
    database: Engine, people: SimpleNamespace, sign_in: Callable, approve: bool, subject: str
) -> None:
    with begin(database) as session:
        made = completions.report(session, session.get_one(Account, people.amina.id), COURSE)
        completions.decide(session, people.bilal, [made.id], approve=approve, reason="So it is.")
    assert notices(database) == [(people.amina.id, subject, f"completion:{made.id}")]
    assert f'href="/completions/{made.id}"' in sign_in(people.amina).get("/notices").text


@pytest.mark.parametrize("confirm", [True, False])
def test_a_decided_attestation_is_told(
    database: Engine, people: SimpleNamespace, sign_in: Callable, confirm: bool
) -> None:
    with begin(database) as session:
        amina = session.get_one(Account, people.amina.id)
        made = attestations.ask(session, amina, TASK)
        token, _found = attestations.make_link(session, amina, made.id)
        said = attestations.Answer(Seen.ALONE, "", "Shazia Gul", "DHO", may_be_asked=True)
        attestations.answer(session, token, said, by=None)
        attestations.decide(session, people.bilal, made.id, confirm=confirm, reason="I called.")
        if confirm:
            attestations.withdraw(session, people.bilal, made.id, "It was another.")
    subjects = [subject for _person, subject, _about in notices(database)]
    assert subjects == (
        ["What your supervisor attested is confirmed", "An attestation of your supervisor no longer counts"]
        if confirm
        else ["What your supervisor attested is not confirmed"]
    )
    assert f'href="/attestations/{made.id}"' in sign_in(people.amina).get("/notices").text


def test_an_instructor_whose_erasure_is_refused_is_told_too(
    database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    bilal = sign_in(people.bilal)
    assert "Notices" not in bilal.get("/teaching").text
    with begin(database) as session:
        asked = erasure.ask(session, session.get_one(Account, people.bilal.id), "I leave.")
        erasure.refuse(session, people.farid, asked.id, "A case is open.")
    assert "Notices (1)" in bilal.get("/teaching").text
    page = bilal.get("/notices").text
    assert "Your request for erasure is refused" in page
    assert 'href="/account/data"' in page
    bilal.post("/notices/read")
    assert "Notices (" not in bilal.get("/teaching").text


def test_who_asked_for_e_mails_gets_these_too(portal: Flask, database: Engine, people: SimpleNamespace) -> None:
    with begin(database) as session:
        session.add(MailAddress(account_id=people.bushra.id, address="b@example.org", set_at=clock.now()))
        made = appeals.complain(session, session.get_one(Account, people.bushra.id), "کسی نے نہیں بتایا۔")
    client = portal.test_client()
    client.post("/sign-in", data={"username": "bilal", "password": PASSWORD})
    data = {"decision": "refused:nothing", "reason": "It was on the board."}
    assert client.post(f"/appeals/{made.id}/decide", data=data).status_code == 303
    with begin(database, read_only=True) as session:
        notice = session.scalars(select(Notice)).one()
        assert (notice.language, notice.subject) == ("ur", "آپ کے اعتراض یا شکایت پر فیصلہ ہو گیا")
        assert session.scalars(select(Job.kind)).all() == ["send_notice"]
