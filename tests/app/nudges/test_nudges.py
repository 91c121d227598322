"""Who is behind is told: in the portal at once, by e-mail through the queue, and not again within three days."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

from app.accounts import progress
from app.accounts.models import Account, Cohort
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import begin
from app.core.jobs import Job
from app.core.locale import today
from app.notices.models import MailAddress, Notice
from app.nudges.wording import Wording
from app.progress.models import PlannedActivity
from app.worker import Workshop, run_waiting_jobs
from config import Settings
from tests.conftest import PASSWORD
from tests.letterbox import Letterbox

MODULE, QUIZ = "measure-to-manage", "quiz"
TEXTS = {
    "subject_en": "Still open",
    "text_en": "Dear {name}, open in {cohort}:\n{work}\nYours, {sender}",
    "subject_ur": "باقی کام",
    "text_ur": "محترم {name}، باقی:\n{work}\n{sender}",
}
MAIL = "amina@example.org"


@pytest.fixture
def behind(app: Flask, database: Engine, cohort: Cohort) -> None:
    """The quiz was due a week ago."""
    with app.test_request_context(), begin(database) as session:
        session.add(
            PlannedActivity(
                academy_id=cohort.academy_id,
                cohort_id=cohort.id,
                activity_id=QUIZ,
                due_on=today() - timedelta(days=7),
            )
        )


@pytest.fixture
def bilal(bilal: FlaskClient, behind: None) -> FlaskClient:
    """While somebody is behind."""
    return bilal


def arrive(portal: Flask, account: Account) -> FlaskClient:
    client = portal.test_client()
    assert client.post("/sign-in", data={"username": account.username, "password": PASSWORD}).status_code == 303
    return client


def notices(database: Engine) -> list[Notice]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(Notice).order_by(Notice.trainee_id)))


def to(*trainees: Account, **texts: str) -> dict[str, Any]:
    return TEXTS | texts | {"trainee": [str(each.id) for each in trainees]}


def test_everybody_behind_is_told_in_their_language(
    bilal: FlaskClient, database: Engine, people: SimpleNamespace, cohort: Cohort, sign_in: Callable
) -> None:
    page = bilal.get(f"/cohorts/{cohort.id}/nudge").text
    assert page.count(" checked>") == 2
    assert "{work}" in page
    assert "محترم {name}" in page
    answer = bilal.post(f"/cohorts/{cohort.id}/nudge", data=to(people.amina, people.bushra))
    assert answer.status_code == 303
    first, second = notices(database)
    assert (first.subject, second.subject) == ("Still open", "باقی کام")
    # The name of who sent it is not kept in it, so that it goes with them.
    assert first.text == "Dear Amina, open in Spring 2027:\n– Check your understanding\nYours, {sender}"
    assert "Yours, Bilal" in sign_in(people.amina).get("/notices").text
    assert "اپنی سمجھ پرکھیں" in second.text
    amina = sign_in(people.amina)
    assert "Notices (1)" in amina.get("/learn").text
    assert "Dear Amina" in amina.get("/notices").text
    assert amina.post(f"/notices/{first.id}/read").status_code == 303
    page = amina.get("/notices").text
    assert "Notices (1)" not in page
    assert "Dear Amina" in page
    with begin(database, read_only=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "trainees_nudged")).one()
        assert entry.detail == {"notices": [first.id, second.id]}
        assert session.scalars(select(Job)).all() == []


def test_an_instructor_who_was_erased_is_named_in_no_notice(
    bilal: FlaskClient, database: Engine, people: SimpleNamespace, cohort: Cohort, sign_in: Callable
) -> None:
    bilal.post(f"/cohorts/{cohort.id}/nudge", data=to(people.amina))
    assert bilal.post("/account/erasure", data={"text": "I have left.", "understood": "y"}).status_code == 303
    grant = {"decision": "erase", "ground": "not_needed", "username": "bilal", "reason": "Left the service."}
    assert sign_in(people.farid).post("/administration/erasures/1", data=grant).status_code == 303
    page = sign_in(people.amina).get("/notices").text
    assert "Dear Amina" in page
    assert "Bilal" not in page
    assert "Bilal" not in "".join(each.subject + each.text for each in notices(database))


def test_while_a_survey_is_open_the_proposal_says_so_to_everybody_alike(bilal: FlaskClient, cohort: Cohort) -> None:
    page = bilal.get(f"/cohorts/{cohort.id}/nudge").text
    word = "A survey of your cohort is open as well; to answer is up to you."
    assert word not in page
    bilal.post(f"/cohorts/{cohort.id}/survey", data={"step": "open", "wave": "before"})
    page = bilal.get(f"/cohorts/{cohort.id}/nudge").text
    assert f"{word}\n\n{{sender}}" in page
    assert "آپ کے گروپ کی ایک رائے شماری بھی جاری ہے" in page


def test_all_are_marked_as_read_at_once(
    bilal: FlaskClient, database: Engine, people: SimpleNamespace, cohort: Cohort, sign_in: Callable
) -> None:
    bilal.post(f"/cohorts/{cohort.id}/nudge", data=to(people.amina, people.bushra))
    amina = sign_in(people.amina)
    assert amina.post("/notices/read").status_code == 303
    assert [each.read_at is not None for each in notices(database)] == [True, False]


def test_a_preview_shows_each_language_and_sends_nothing(
    bilal: FlaskClient, database: Engine, people: SimpleNamespace, cohort: Cohort
) -> None:
    answer = bilal.post(f"/cohorts/{cohort.id}/nudge/preview", data=to(people.amina, people.bushra))
    assert answer.status_code == 200
    shown = html.unescape(answer.text)
    assert "What Amina will read" in shown
    assert "What Bushra will read" in shown
    assert "Dear Amina, open in Spring 2027:\n– Check your understanding" in shown
    assert TEXTS["text_ur"] in shown
    assert notices(database) == []


def test_nobody_is_told_twice_within_three_days(
    bilal: FlaskClient, database: Engine, people: SimpleNamespace, cohort: Cohort
) -> None:
    path = f"/cohorts/{cohort.id}/nudge"
    bilal.post(path, data=to(people.amina))
    page = bilal.get(path).text
    assert page.count(" checked>") == 1
    assert page.count(" disabled>") == 1
    assert "again from" in page
    told = bilal.post(path, data=to(people.amina, people.bushra), follow_redirects=True).text
    assert "1 trainee has a notice now. 1 was not told again" in told
    answer = bilal.post(path, data=to(people.amina, people.bushra))
    assert answer.status_code == 409
    assert "Nobody was told. 2 were not told again: this cohort nudged them less than 3 days ago." in answer.text
    assert len(notices(database)) == 2
    with begin(database) as session:
        session.execute(update(Notice).values(sent_at=clock.now() - timedelta(days=3, minutes=1)))
    assert bilal.post(path, data=to(people.amina)).status_code == 303
    assert len(notices(database)) == 3


def test_who_has_caught_up_and_who_is_no_member_is_not_told(
    bilal: FlaskClient, database: Engine, people: SimpleNamespace, cohort: Cohort
) -> None:
    with begin(database) as session:
        progress.mark(session, people.amina, MODULE, QUIZ, done=True)
    answer = bilal.post(f"/cohorts/{cohort.id}/nudge", data=to(people.amina, people.zara, people.farid))
    assert answer.status_code == 409
    assert "Nobody was told. 3 were not told: no longer behind, or no longer in the cohort." in answer.text
    assert notices(database) == []


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"trainee": []}, "Choose at least one trainee."),
        ({"trainee": ["nobody", "²"]}, "Choose at least one trainee."),
        ({"subject_en": " "}, "Write a subject."),
        ({"text_ur": ""}, "Write what the trainees should read."),
        ({"text_en": "x" * 3001}, "Shorten this to 3000 characters."),
    ],
)
@pytest.mark.parametrize("path", ["nudge", "nudge/preview"])
def test_what_is_missing_is_told_and_what_was_typed_is_kept(
    bilal: FlaskClient, database: Engine, people: SimpleNamespace, cohort: Cohort, path: str, texts: dict, said: str
) -> None:
    answer = bilal.post(f"/cohorts/{cohort.id}/{path}", data=to(people.amina, subject_ur="خاص عنوان") | texts)
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)
    assert "خاص عنوان" in answer.text
    assert notices(database) == []


def test_what_is_put_in_is_never_filled_itself() -> None:
    wording = Wording("{cohort}", "{name} {name} {unknown} {work}")
    filled = wording.filled(name="{work}", work=["{name}", "b"], cohort="{sender}", sender="S")
    assert filled == Wording("{sender}", "{work} {work} {unknown} – {name}\n– b")


def test_an_administrator_sees_progress_but_nudges_nobody(
    people: SimpleNamespace, cohort: Cohort, sign_in: Callable, behind: None
) -> None:
    farid = sign_in(people.farid)
    assert "/nudge" not in farid.get(f"/cohorts/{cohort.id}/progress").text
    assert farid.get(f"/cohorts/{cohort.id}/nudge").status_code == 403


def nudged_by_mail(portal: Flask, people: SimpleNamespace, cohort: Cohort) -> None:
    amina = arrive(portal, people.amina)
    assert amina.post("/notices/mail", data={"address": MAIL}).status_code == 303
    answer = arrive(portal, people.bilal).post(f"/cohorts/{cohort.id}/nudge", data=to(people.amina, people.bushra))
    assert answer.status_code == 303


def test_who_asked_for_it_gets_an_e_mail_once(
    portal: Flask,
    mailing: Settings,
    letterbox: Letterbox,
    database: Engine,
    people: SimpleNamespace,
    cohort: Cohort,
    behind: None,
) -> None:
    nudged_by_mail(portal, people, cohort)
    assert run_waiting_jobs(Workshop.of(mailing)) == 1
    assert run_waiting_jobs(Workshop.of(mailing)) == 0
    (message,) = letterbox.taken
    assert (message["To"], message["From"], message["Subject"]) == (
        "Amina <amina@example.org>",
        "hunar@example.org",
        "Still open",
    )
    assert "– Check your understanding" in message.get_content()
    assert f"{mailing.portal_origin}/notices" in message.get_content()
    assert [each.mailed_at is not None for each in notices(database)] == [True, False]
    Workshop.of(mailing).handle("send_notice", notices(database)[0].id)
    assert len(letterbox.taken) == 1


def test_a_mail_server_that_is_away_for_a_while_gets_it_later(
    portal: Flask, mailing: Settings, port: int, people: SimpleNamespace, cohort: Cohort, behind: None
) -> None:
    nudged_by_mail(portal, people, cohort)
    box = Letterbox(port)
    box.answers = ["451 Try again later", "250 OK"]
    worker = threading.Thread(target=run_waiting_jobs, args=(Workshop.of(mailing),))
    worker.start()
    try:
        worker.join(1.5)
        assert worker.is_alive()
        box.open()
        worker.join(60)
        assert len(box.taken) == 1
    finally:
        box.close()


def test_what_a_mail_server_refuses_for_good_waits_for_a_person(
    portal: Flask,
    mailing: Settings,
    letterbox: Letterbox,
    database: Engine,
    people: SimpleNamespace,
    cohort: Cohort,
    behind: None,
) -> None:
    letterbox.answers = ["554 No"] * 3
    nudged_by_mail(portal, people, cohort)
    run_waiting_jobs(Workshop.of(mailing))
    farid = arrive(portal, people.farid)
    page = farid.get("/administration/queue").text
    assert "Send a notice by e-mail" in page
    assert "554" in page
    with begin(database, read_only=True) as session:
        job = session.scalars(select(Job)).one()
    assert farid.post(f"/administration/queue/{job.id}/retry").status_code == 303
    run_waiting_jobs(Workshop.of(mailing))
    assert len(letterbox.taken) == 1


def test_who_switches_it_off_gets_nothing_even_of_what_was_waiting(
    portal: Flask,
    mailing: Settings,
    letterbox: Letterbox,
    database: Engine,
    people: SimpleNamespace,
    cohort: Cohort,
    behind: None,
) -> None:
    nudged_by_mail(portal, people, cohort)
    amina = arrive(portal, people.amina)
    assert MAIL in amina.get("/notices").text
    amina.post("/notices/mail", data={"address": " "})
    assert MAIL not in amina.get("/notices").text
    run_waiting_jobs(Workshop.of(mailing))
    assert letterbox.taken == []
    with begin(database, read_only=True) as session:
        assert session.scalars(select(MailAddress)).all() == []
        assert session.scalars(select(Job.finished_at)).one() is not None
        verbs = session.scalars(select(AuditEntry.verb)).all()
    assert {"mail_address_set", "mail_switched_off"} <= set(verbs)


@pytest.mark.parametrize(
    "typed",
    [
        "amina",
        "amina@",
        "@example.org",
        "amina@example",
        "a@b.org,c@d.org",
        "a b@c.org",
        "a@b.org\nBcc: c@d.org",
        "آ@b.org",
    ],
)
def test_what_is_no_address_is_told_and_kept(
    portal: Flask, database: Engine, people: SimpleNamespace, typed: str
) -> None:
    answer = arrive(portal, people.amina).post("/notices/mail", data={"address": typed})
    assert answer.status_code == 422
    assert "Type an e-mail address" in answer.text
    assert re.search(r'<input[^>]*id="address"[^>]*>', answer.text)
    with begin(database, read_only=True) as session:
        assert session.scalars(select(MailAddress)).all() == []


def test_a_mail_server_needs_a_sender(settings: Settings) -> None:
    with pytest.raises(ValueError, match="MAIL_SENDER"):
        Settings.from_environment({"SECRET_KEY": "k" * 32, "MAIL_HOST": "mail.example.org"})
