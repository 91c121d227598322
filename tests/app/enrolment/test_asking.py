"""What others taught a trainee is seen once the trainee has said yes, or an administrator brought them in."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts import service as accounts
from app.accounts.models import Account, Cohort, Posting
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.db import begin
from app.enrolment import service
from tests.conftest import PASSWORD

MODULE = "vehicles-or-people"


@pytest.fixture
def dania(add_instructor: Callable[..., Account], sign_in: Callable) -> FlaskClient:
    """Another instructor of the academy."""
    return sign_in(add_instructor("dania", teaches=False))


@pytest.fixture
def fresh(dania: FlaskClient) -> str:
    """Address of a cohort of dania's with nobody in it."""
    return make_cohort(dania, "Autumn 2027")


def make_cohort(client: FlaskClient, name: str) -> str:
    answer = client.post("/cohorts/new", data={"name": name, "module": MODULE})
    assert answer.status_code == 303, answer.text
    return str(answer.location).removesuffix("/members")


def bring_in(client: FlaskClient, cohort: str, names: str) -> str:
    """Show a list and confirm it; the page that follows."""
    shown = client.post(f"{cohort}/members/list", data={"usernames": names}).text
    digest = re.search(r'name="digest" value="(\w+)"', shown)
    assert digest is not None
    sent = {"usernames": names, "digest": digest[1]}
    return client.post(f"{cohort}/members/list/confirm", data=sent, follow_redirects=True).text


def test_whom_others_teach_is_asked_and_seen_only_after_their_yes(
    people: SimpleNamespace, dania: FlaskClient, fresh: str, sign_in: Callable, database: Engine
) -> None:
    record, number = f"/record/{people.amina.id}", fresh.rpartition("/")[2]
    shown = dania.post(f"{fresh}/members/list", data={"usernames": "amina"}).text
    assert ("1 trainee would be asked first." in shown, "is asked first" in shown) == (True, True)
    page = bring_in(dania, fresh, "amina")
    assert ("1 trainee is asked." in page, "no answer yet" in page) == (True, True)
    assert dania.get(record).status_code == 404
    assert "Asked already:" in dania.post(f"{fresh}/members/list", data={"usernames": "amina"}).text
    amina = sign_in(people.amina)
    notices = amina.get("/notices").text
    assert ("An instructor asks you into a cohort" in notices, "Dania" in notices) == (True, True)
    assert f'href="/invitations/{number}"' in notices
    assert f"/invitations/{number}" in amina.get("/join").text
    asked = amina.get(f"/invitations/{number}").text
    assert ("Dania asks you into the cohort “Autumn 2027”." in asked, "90 days" in asked) == (True, True)
    answer = amina.post(f"/invitations/{number}", data={"answer": "comes"}, follow_redirects=True)
    assert "You are in the cohort Autumn 2027." in answer.text
    assert dania.get(record).status_code == 200
    assert "no answer yet" not in dania.get(f"{fresh}/members").text
    assert amina.get(f"/invitations/{number}").status_code == 404
    with begin(database, read_only=True) as session:
        of_cohort = select(AuditEntry.verb, AuditEntry.actor_id).where(AuditEntry.thing == f"cohort:{number}")
        said = [tuple(row) for row in session.execute(of_cohort.order_by(AuditEntry.id))]
    assert said[-2][0] == "trainees_asked"
    assert said[-1] == ("invitation_accepted", people.amina.id)


def test_who_refuses_is_not_seen_and_not_asked_again(
    people: SimpleNamespace, dania: FlaskClient, fresh: str, sign_in: Callable, database: Engine
) -> None:
    number, rule = fresh.rpartition("/")[2], f"{fresh}/members/rule?lowest_grade=17"
    with begin(database) as session:
        session.add(Posting(account_id=people.amina.id, department="Health", grade=17))
    assert ("Amina" in dania.get(rule).text, "is asked first" in dania.get(rule).text) == (True, True)
    bring_in(dania, fresh, "amina")
    amina = sign_in(people.amina)
    answer = amina.post(f"/invitations/{number}", data={"answer": "refuses"}, follow_redirects=True)
    assert "Its instructors see nothing of you." in answer.text
    assert dania.get(f"/record/{people.amina.id}").status_code == 404
    assert "refused on" in dania.get(f"{fresh}/members").text
    again = dania.post(f"{fresh}/members/list", data={"usernames": "amina"}).text
    assert ("Asked already:" in again, 'type="submit">Ask them' in again) == (True, False)
    assert "Amina" not in dania.get(rule).text
    assert amina.post(f"/invitations/{number}", data={"answer": "comes"}).status_code == 404


def test_an_administrator_brings_anybody_in_at_once(
    people: SimpleNamespace, dania: FlaskClient, fresh: str, sign_in: Callable
) -> None:
    bring_in(dania, fresh, "amina")
    assert "1 trainee came in." in bring_in(sign_in(people.farid), fresh, "amina")
    assert dania.get(f"/record/{people.amina.id}").status_code == 200
    assert sign_in(people.amina).get(f"/invitations/{fresh.rpartition('/')[2]}").status_code == 404


def test_who_was_in_no_cohort_comes_in_at_once_and_is_told(
    people: SimpleNamespace, dania: FlaskClient, fresh: str, sign_in: Callable, database: Engine
) -> None:
    with begin(database) as session:
        academy = session.get_one(Account, people.amina.id).academy
        added = {"full_name": "Nazia", "role": Role.TRAINEE, "password": PASSWORD}
        nazia = accounts.add_account(session, academy, username="nazia", **added)
    assert "1 trainee came in." in bring_in(dania, fresh, "nazia")
    notices = sign_in(nazia).get("/notices").text
    assert ("An instructor enrolled you in a cohort" in notices, "Dania" in notices) == (True, True)
    assert dania.get(f"/record/{nazia.id}").status_code == 200


def test_who_was_withdrawn_from_a_class_of_others_is_asked_too(
    people: SimpleNamespace, cohort: Cohort, dania: FlaskClient, fresh: str, database: Engine
) -> None:
    with begin(database) as session:
        service.withdraw(session, people.bilal, cohort.id, people.amina.id)
    assert "1 trainee is asked." in bring_in(dania, fresh, "amina")


def test_a_second_course_of_the_same_instructors_asks_nobody(
    people: SimpleNamespace, cohort: Cohort, dania: FlaskClient, sign_in: Callable
) -> None:
    bilal, farid = sign_in(people.bilal), sign_in(people.farid)
    assert "1 trainee came in." in bring_in(bilal, make_cohort(bilal, "Second course"), "amina")
    shared = make_cohort(bilal, "Shared course")
    farid.post(f"{shared}/instructors", data={"usernames": "dania"})
    assert "1 trainee is asked." in bring_in(bilal, shared, "amina")


def test_nobody_answers_what_somebody_else_is_asked(
    people: SimpleNamespace, dania: FlaskClient, fresh: str, sign_in: Callable
) -> None:
    bring_in(dania, fresh, "amina")
    bushra, address = sign_in(people.bushra), f"/invitations/{fresh.rpartition('/')[2]}"
    assert bushra.get(address).status_code == 404
    assert bushra.post(address, data={"answer": "comes"}).status_code == 404


def test_members_are_told_of_an_instructor_who_is_named_later(
    people: SimpleNamespace, cohort: Cohort, dania: FlaskClient, sign_in: Callable
) -> None:
    sign_in(people.farid).post(f"/cohorts/{cohort.id}/instructors", data={"usernames": "dania"})
    amina = sign_in(people.amina)
    assert "Somebody more teaches a cohort of yours" in amina.get("/notices").text
    assert "Bilal, Dania" in " ".join(amina.get("/account/data").text.split())
